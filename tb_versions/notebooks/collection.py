"""`tb_versions.versions`: the versions in some folders as a collection that shows itself and gives data frames."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, overload

from tb_versions import payload
from tb_versions.comparison import Comparison
from tb_versions.comparison.loading import Source, compare_in, open_source
from tb_versions.core.arguments import paths
from tb_versions.core.elsewhere import binding, checked_sources
from tb_versions.core.manifest import shown
from tb_versions.core.showing import ShowsItself, counted, html_table, html_text, short, text_table
from tb_versions.errors import InvalidQueryError, TbVersionsError, TbVersionsWarning, VersionNotFoundError
from tb_versions.exports.tables.columns import table_of
from tb_versions.notebooks import frames
from tb_versions.notebooks.frame import Frame
from tb_versions.notebooks.one import CatalogVersion, known, minute, number
from tb_versions.payload.wire import without_surrogates
from tb_versions.query import compile_filter
from tb_versions.query.hidden import without_hidden
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.values import is_sampled, metric_values

Path = str | os.PathLike[str]

_MOST_ROWS = 100
_MOST_LINES = 20
_MOST_METRICS = 5
_MOST_PROBLEMS = 5


def versions(
    models_dir: Path | Sequence[Path] = (),
    logdir: Path | None = None,
    *,
    everything: bool = False,
    sources: Mapping[str, Path] | None = None,
) -> Versions:
    """Returns the versions in folders of models and in a log directory, read once, without a server.

    Args:
        models_dir: Folder of models, `<models>/<model>/<number>/`, or its URL, or several.
        logdir: What `tensorboard --logdir` gets; without it there are no curves.
        everything: Whether deprecated and removed versions are shown, too.
        sources: As in `path`.

    Raises:
        InvalidQueryError: Neither folder was given.
        UnreadableFolderError: A folder does not exist.
    """
    models_dirs = paths(models_dir or ())
    if not models_dirs and not logdir:
        raise InvalidQueryError("Say where to look: models_dir, logdir, or both.")
    with binding(checked_sources(sources)):
        source = open_source(models_dirs, os.fspath(logdir) if logdir else "")
    return Versions(source, source.catalog.versions, everything=everything)


class Versions(ShowsItself):
    """Versions of a catalog, sorted by model and number; what `versions` returns.

    A notebook shows a table of the first 100. Deprecated and removed versions are hidden unless they were asked for.

    Attributes:
        source: Everything that was read, whichever of it is here.
        catalog: The catalog in it.
        hidden: What is hidden: "2 deprecated, 1 removed"; or "".
    """

    def __init__(
        self, source: Source, found: tuple[Version, ...], *, passed: str = "", everything: bool = False
    ) -> None:
        """Wraps versions that were read.

        Args:
            source: What was read.
            found: Some of its versions.
            passed: The filters that they passed: one that asks for hidden versions shows them.
            everything: Whether none is hidden.
        """
        self.source, self._found, self._passed, self._everything = source, found, passed, everything
        self.catalog: Catalog = source.catalog
        self._shown, self.hidden = (found, "") if everything else without_hidden(self.catalog, found, passed)

    def __len__(self) -> int:
        return len(self._shown)

    def __iter__(self) -> Iterator[CatalogVersion]:
        return (known(self.source, version) for version in self._shown)

    def __contains__(self, reference: object) -> bool:
        """Whether one of them has this reference."""
        if isinstance(reference, CatalogVersion):
            return any(version.id == reference.id for version in self._shown)
        try:
            return isinstance(reference, str) and bool(self._named(reference))
        except TbVersionsError:
            return False

    @overload
    def __getitem__(self, reference: str | int) -> CatalogVersion: ...
    @overload
    def __getitem__(self, reference: slice) -> Versions: ...
    def __getitem__(self, reference: str | int | slice) -> CatalogVersion | Versions:
        """Returns the version that a reference names, like "digits@production", or the one at a place, or a slice.

        Raises:
            VersionNotFoundError: None of these versions has this reference.
            IndexError: There are fewer versions.
            TbVersionsError: As `Catalog.find`.
        """
        if isinstance(reference, slice):
            return Versions(self.source, self._shown[reference], passed=self._passed, everything=True)
        if isinstance(reference, int) and not -len(self) <= reference < len(self):
            raise IndexError(f"There are {len(self):,} versions, and none at place {reference:,}.")
        version = self._named(reference) if isinstance(reference, str) else self._shown[reference]
        return known(self.source, version)

    def _ipython_key_completions_(self) -> list[str]:
        return [version.id for version in self._shown]

    def _named(self, reference: str) -> Version:
        version = self.catalog.find(reference)
        if all(version.id != one.id for one in self._found):
            raise VersionNotFoundError(f"{shown(reference)} is {version.id}, which is none of these {len(self):,}.")
        return version

    def filter(self, expression: str) -> Versions:
        """Returns those that pass a filter of the tab: "val_accuracy > 0.9 and model = digits".

        Args:
            expression: The filter; docs/guides/filter.md explains it. One that names `deprecated`, `removed` or
                `state` finds hidden versions, too.

        Raises:
            InvalidFilterError: It breaks the grammar, or names a column that does not exist.
        """
        passes = compile_filter(expression, self.catalog)
        found = tuple(version for version in self._found if passes(version))
        passed = " ".join(f"({part})" for part in (self._passed, expression) if part.strip())
        return Versions(self.source, found, passed=passed, everything=self._everything)

    def compare(
        self,
        refs: Sequence[str | CatalogVersion] | None = None,
        *,
        baseline: str | None = None,
        goals: Mapping[str, KnownGoal] | None = None,
    ) -> Comparison:
        """Compares versions as `tb_versions.compare`, without reading their folders again.

        Args:
            refs: 2 to 60 references or versions; by default all of these.
            baseline: As in `tb_versions.compare`.
            goals: As in `tb_versions.compare`.

        Raises:
            InvalidQueryError: Too few or too many members.
            VersionNotFoundError: There is no such version.
        """
        members = list(self) if refs is None else refs
        named = [one.id if isinstance(one, CatalogVersion) else one for one in members]
        return compare_in(self.source, named, baseline=baseline, goals=goals)

    def frame(self, *, best_and_last: bool = False) -> Frame:
        """Returns a row for each version, with the columns of `tb-versions export --format parquet`.

        Args:
            best_and_last: Whether each metric has columns with the best and the last value of its curve, too.
        """
        table = table_of(
            self.catalog, self._shown, best_and_last=best_and_last, redact=lambda value, _: without_surrogates(value)
        )
        return Frame(table, "version")

    def to_pandas(self) -> Any:
        """Returns `frame()` as a `pandas.DataFrame`; raises MissingDependencyError without pandas."""
        return self.frame().to_pandas()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """`frame()` as an Arrow stream, for `pl.DataFrame(versions)` and `duckdb.sql("FROM versions")`."""
        return self.frame().__arrow_c_stream__(requested_schema)

    def metrics(self) -> Frame:
        """Returns a row for each metric of each version and of each of its slices, and for each measured later.

        Reads every manifest. What can't be read is said in `left_out` and by a TbVersionsWarning.
        """
        return _warned(frames.metrics(self.source, self._shown))

    def curves(self) -> Frame:
        """Returns a row for each point of the curves of linked runs; `exported` names whose value at export it is.

        Reads every point of the runs' event files. What can't be read is said as in `metrics`.

        Raises:
            InvalidQueryError: There are more than 5 million points.
        """
        return _warned(frames.curves(self.source, self._shown))

    def events(self) -> Frame:
        """Returns a row for each event of the models of these versions: who said what, when and why.

        What can't be read is said as in `metrics`.
        """
        return _warned(frames.events(self.source, self._shown))

    def is_whole(self) -> bool:
        """Whether these are all versions of the catalog, those that are hidden counted."""
        return len(self._found) == len(self.catalog.versions)

    def __repr__(self) -> str:
        if not self._shown:
            return "\n".join(self._sentences(0))
        head, rows, right = self._table(_MOST_LINES)
        return "\n".join([text_table(head, rows, right=right), *self._sentences(len(rows))])

    def _repr_html_(self) -> str:
        table, count = "", 0
        if self._shown:
            head, rows, right = self._table(_MOST_ROWS)
            table, count = html_table(head, rows, right=right)
        return "".join([table, *(html_text(sentence, most=400, weak=True) for sentence in self._sentences(count))])

    def _table(self, most: int) -> tuple[list[str], list[list[str]], list[int]]:
        """Head, rows and the places of numbers, for the first versions."""
        versions = self._shown[:most]
        rows, sampled = payload.rows(self.catalog, versions), self._sampled(most)
        metrics = self._metrics(rows)[:_MOST_METRICS]
        columns: list[tuple[str, list[str]]] = [
            ("version", [_called(row) for row in rows]),
            ("aliases", [", ".join(row["aliases"]) for row in rows]),
            ("approved by", [", ".join(row["approved_by"]) for row in rows]),
            ("deprecated by", [(row["deprecated"] or {}).get("actor", "") for row in rows]),
            ("removed by", [(row["removed"] or {}).get("by", "") for row in rows]),
            ("gates", [", ".join(now.words for now in self.catalog.gates(version)) for version in versions]),
            ("verified", [row["verified"] or "" for row in rows]),
            ("created", [minute(row["created"]) for row in rows]),
            ("files", [row["state"] for row in rows]),
            ("run", [row["run"] or "" for row in rows]),
            ("step", ["" if row["step"] is None else f"{row['step']:,}" for row in rows]),
            *((key, [_value(row, key, sampled) for row in rows]) for key in metrics),
        ]
        kept = [(name, texts) for name, texts in columns if any(texts)]
        right = [at for at, (name, _) in enumerate(kept) if name == "step" or name in metrics]
        return [name for name, _ in kept], [list(row) for row in zip(*(c for _, c in kept), strict=True)], right

    def _metrics(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """The metrics of some rows, lead metrics first."""
        leads = {self.catalog.lead_metrics.get(row["model"], "") for row in rows}
        keys = dict.fromkeys(key for row in rows for key in (*row["metrics"], *row["not_known"]))
        return sorted(keys, key=lambda key: key not in leads)

    def _sentences(self, count: int) -> list[str]:
        """What there is to say below the table, of which so many rows are shown."""
        places = ", ".join(root.shown for root, _ in self.catalog.roots)
        models = len({version.model for version in self._shown})
        if self._shown:
            first = f"The first {count:,} of " if count < len(self) else ""
            said = [f"{first}{counted(len(self), 'version')} of {counted(models, 'model')} in {places}."]
        else:
            said = ["No version passes the filter." if self._passed else f"No versions in {places}."]
        more = len(self._metrics(payload.rows(self.catalog, self._shown[:count]))) - _MOST_METRICS
        if more > 0:
            said.append(f"They have {counted(more, 'more metric')}: frame() and metrics() have all.")
        if self.hidden:
            said.append(
                f'Hidden: {self.hidden}; everything=True, or a filter like "deprecated or removed", shows them.'
            )
        states = Counter(version.state for version in self._shown)
        if states["damaged"]:
            said.append(f"{counted(states['damaged'], 'version')} damaged: {self._first_damaged()}")
        sampled = sorted({key for _, key in self._sampled(count)})
        if sampled:
            said.append(f"From samples of the runs' curves, so they may be wrong: {short(', '.join(sampled))}.")
        problems = self.catalog.problems
        said += [f"{where}: {why}" for where, why in problems[:_MOST_PROBLEMS]]
        if len(problems) > _MOST_PROBLEMS:
            said.append(f"And {counted(len(problems) - _MOST_PROBLEMS, 'more problem')}: catalog.problems has all.")
        return [short(sentence, 400) for sentence in said]

    def _sampled(self, count: int) -> set[tuple[str, str]]:
        """The first versions and their metrics of which the value at export may be another point's."""
        found = ((version, metric_values(version, self.catalog.curves)) for version in self._shown[:count])
        return {(version.id, value.kind.key) for version, values in found for value in values if is_sampled(value)}

    def _first_damaged(self) -> str:
        return next(f"{v.id}: {v.notice}" for v in self._shown if v.state == "damaged")


def _warned(frame: Frame) -> Frame:
    """A frame, after warnings about what it does not hold."""
    more = len(frame.left_out) - _MOST_PROBLEMS
    rest = [f"And {counted(more, 'more problem')}: left_out of the frame has all."] if more > 0 else []
    for sentence in (*frame.left_out[:_MOST_PROBLEMS], *rest):
        warnings.warn(sentence, TbVersionsWarning, stacklevel=3)
    return frame


def _called(row: Mapping[str, Any]) -> str:
    return f"{row['id']} ({row['semantic_version']})" if row["semantic_version"] else str(row["id"])


def _value(row: Mapping[str, Any], key: str, sampled: Collection[tuple[str, str]]) -> str:
    """A metric at export, as text; what may be wrong or is not known says so."""
    value = row["metrics"].get(key)
    if value is None:
        return "not known" if key in row["not_known"] else ""
    return number(float(value)) + (" (sample)" if (row["id"], key) in sampled else "")
