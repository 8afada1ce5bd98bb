"""Columns of the tables as a filter sees them: numbers, or the different values and for each version a code.

The different values of a column are few. A condition is asked of them, by the code that asks the versions of a catalog,
and the engine finds the versions that have those which pass: so both mean the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tb_versions.core.manifest import Scalar, visible
from tb_versions.core.metadata import training_of
from tb_versions.fleet.census import Counts, counted
from tb_versions.fleet.coded import (
    TITLES,
    Coded,
    Numbers,
    Prepared,
    Trainings,
    cells_of,
    changed,
    each_of,
    list_column,
    size_of,
    text_column,
)
from tb_versions.fleet.lists import Ragged, different_lists, ragged_of
from tb_versions.fleet.maps import items, looked_up
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.stored import text_of
from tb_versions.fleet.words import among, containing, few_values, ids_with, notices_of, with_word
from tb_versions.payload.columns import nine_digits
from tb_versions.query.columns import Cell, Column
from tb_versions.query.names import FIXED
from tb_versions.read.manifests.listing import MALFORMED_DIGEST
from tb_versions.read.said import Said, first_line
from tb_versions.read.sources import in_order
from tb_versions.registry.checked import files_word, signature_now, trusted_keys

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

UNKNOWN = {
    "state": "whether a version's files are there",
    "removed": "what the manifests of removed versions say",
    "gate": "what results of gates are worth now",
    "measured": "what was measured later",
    "best": "values of curves",
    "last": "values of curves",
}
"""Columns and prefixes that the tables do not know, and what that is."""

KEPT_BYTES = 32 << 20
"""Of prepared columns, about; the last one is kept whatever its size."""

_MOST_SOURCES = 62
_NUMBERS = {
    "step": ("step", "count"), "size": ("size_bytes", "size"),
    "parameters": ("parameters", "count"),
}  # fmt: skip
_WORDS_BUT_DIGESTS = ("alias", "description", "framework")
_OF_DIGESTS = frozenset("0123456789abcdef")


class Columns:
    """The columns of the tables' versions, each prepared when somebody asks for it; the last ones are kept.

    Attributes:
        standing: The tables.
        remedy: What to do where they do not know something, a sentence; or "".
    """

    def __init__(self, standing: Standing, *, remedy: str = "Leave out --from-table.") -> None:
        """Reads nothing yet."""
        self.standing = standing
        self.remedy = remedy
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._preparing = threading.RLock()

    @cached_property
    def names(self) -> dict[str, Column]:
        """Every column by its id, without values, in the order of the page's table."""
        counts, later = self._counts, (name for said in self.standing.said.values() for name in said.state.labels)
        ids = [*FIXED, "sources", *(f"m:{name}" for name in counts["metrics"])]
        ids += [f"hp:{name}" for name in counts["hyperparameters"]]
        ids += [f"label:{name}" for name in dict.fromkeys([*counts["labels"], *map(visible, later)])]
        ids += [f"source:{name}" for name in counts["metrics"]]
        return {each: named(each) for each in ids}

    @cached_property
    def _counts(self) -> Counts:
        return counted(self.standing)

    def has_typed(self, metric: str) -> bool:
        """Whether the table has a column of this metric alone, so that not all names have to be read."""
        return f"metric.{metric}" in self.standing.names and not self.get(f"m:{metric}").is_empty

    def has(self, identity: str) -> bool:
        """Whether some version may have a value in a column of metrics, hyperparameters, labels or sources."""
        own = identity.replace("m:", "metric.", 1) if identity.startswith("m:") else identity.replace(":", ".", 1)
        return own in self.standing.names or identity in self.names

    def texts(self, identity: str, cells: Sequence[Cell], codes: NDArray[np.int32]) -> Coded:
        """Returns a column of texts.

        Args:
            identity: Its id.
            cells: The different values.
            codes: The position of each version's value; -1 for the last.
        """
        return Coded(text_column(identity, cells), np.where(codes < 0, len(cells) - 1, codes).astype(np.int32))

    def get(self, identity: str) -> Prepared:
        """Returns a column by its id. Several threads may ask."""
        with self._preparing:
            found = self._prepared.get(identity)
            if found is None:
                found = self._prepared[identity] = self._made(identity)
                while len(self._prepared) > 1 and sum(map(size_of, self._prepared.values())) > KEPT_BYTES:
                    self._prepared.popitem(last=False)
            else:
                self._prepared.move_to_end(identity)
            return found

    @cached_property
    def trainings(self) -> Trainings:
        """The trainings that versions are linked to, by the runs that their manifests name."""
        runs = self._runs
        places: dict[str, int] = {}
        of_run = np.array(
            [places.setdefault(training_of(run), len(places)) for run in each_of(runs.different)], np.int32
        )
        codes = of_run[runs.codes] if len(of_run) else runs.codes
        rows, starts = runs.rows, runs.starts
        if (np.diff(starts) > 1).any():  # a training's runs count once
            _, first = np.unique(rows * len(places) + codes, return_index=True)
            first.sort()
            codes = codes[first]
            counts = np.bincount(rows[first], minlength=len(starts) - 1)
            starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Trainings(list(places), starts, codes)

    def prepare_words(self) -> None:
        """Reads what looking for any word needs, and what takes longest of that."""
        _ = self._odd_digests, self._runs, self._parents, self.semantic, self._labels
        for name in self._counts["hyperparameters"]:
            self._has_all(name)
        for name in _WORDS_BUT_DIGESTS:
            self.get(name)

    def containing(self, asked: str) -> NDArray[np.bool_]:
        """Returns whether a word, in small letters, is in the names and words of each version."""
        found = ids_with(self.standing, asked)
        found[[row for row, words in self._notices.items() if asked in words]] = True
        columns = [*_WORDS_BUT_DIGESTS]
        if set(asked) <= _OF_DIGESTS:  # a million different texts
            columns.append("digest")
        else:
            found[[row for row, digest in self._odd_digests.items() if asked in digest]] = True
        for prepared in (*map(self.get, columns), self.semantic):
            assert isinstance(prepared, Coded)
            found |= with_word(prepared, asked)[prepared.codes]
        for ragged in (self._runs, self._parents):  # a training's name is a part of its run's
            found[ragged.rows[containing(ragged.different, asked)[ragged.codes]]] = True
        found |= self._in_settings(asked)
        labels = np.zeros(len(self.standing), np.bool_)
        if self._labels is None or any(asked in text for text in self._labels):
            labels = among(self.standing, "labels", asked)
        for row, said in self.standing.said.items():
            if said.state.labels:
                labels[row] = any(asked in text.lower() for text in self._labels_of(row, said).values())
        return np.asarray(found | labels, np.bool_)

    def _in_settings(self, asked: str) -> NDArray[np.bool_]:
        """Whether a word is in a hyperparameter that is a text."""
        own = [name for name in self._counts["hyperparameters"] if self._has_all(name)]
        if len(own) < len(self._counts["hyperparameters"]):
            return among(self.standing, "hyperparameters", asked, kinds="hyperparameter_kinds")
        found = np.zeros(len(self.standing), np.bool_)
        for name in own:
            if self.standing.typed.hyperparameters[name] == "text":
                prepared = self.get(f"hp:{name}")
                assert isinstance(prepared, Coded)
                found |= with_word(prepared, asked)[prepared.codes]
        return found

    @cached_property
    def _notices(self) -> dict[int, str]:
        return notices_of(self.standing)

    @cached_property
    def _labels(self) -> frozenset[str] | None:
        return few_values(self.standing, "labels")

    @cached_property
    def _odd_digests(self) -> dict[int, str]:
        """Digests that are none, as the table shows them, in small letters."""
        rows = [row for row, words in self._notices.items() if MALFORMED_DIGEST.lower() in words]
        digests = _sliced(self.standing.few(["digest"], rows).column(0).combine_chunks()).to_pylist() if rows else ()
        return {row: digest.lower() for row, digest in zip(rows, digests, strict=True) if digest}

    @cached_property
    def _runs(self) -> Ragged:
        return ragged_of(self.standing, "runs")

    @cached_property
    def _parents(self) -> Ragged:
        return ragged_of(self.standing, "parents")

    def _made(self, identity: str) -> Prepared:
        prefix, colon, name = identity.partition(":")
        if not colon:
            return self._fixed(identity)
        if prefix == "m":
            return self._metric(name)
        if prefix == "hp":
            return self._hyperparameter(name)
        column = self._coded(identity, self._looked_up("sources" if prefix == "source" else "labels", name))
        if prefix == "source":
            return column
        later = {row: self._labels_of(row, said).get(name) for row, said in self._relabelled.items()}
        return changed(column, later)

    def _fixed(self, identity: str) -> Prepared:
        if identity in _OF_LOGS:
            of = _OF_LOGS[identity]
            return self._of_said(identity, {row: of(said) for row, said in self.standing.said.items()})
        if identity == "approved":
            return self._of_said(identity, self._approvals())
        if identity in ("verified", "signed"):
            return self._trusted(identity)
        if identity in ("run", "parent"):
            return self._of_lists(identity)
        if identity == "sources":
            return self._sources()
        if identity in ("version", "created") or identity in _NUMBERS:
            return self._of_numbers(identity)
        return self._of_texts(identity)

    def _of_numbers(self, identity: str) -> Numbers:
        rows = self.standing
        if identity == "version":
            column = Column(identity, "Version", "version", True, ())
            return Numbers(column, rows.numbers.astype(np.float64), np.ones(len(rows), np.bool_))
        if identity == "created":
            times = (_milliseconds(batch.column(0)) for _, batch in rows.pieces(["created"]))
            return self._numbers(Column(identity, "Created", "date", True, ()), times)
        name, role = _NUMBERS[identity]
        column = Column(identity, TITLES[identity], role, True, ())  # type: ignore[arg-type]
        return self._numbers(column, self._pieces(name))

    def _of_texts(self, identity: str) -> Coded:
        if identity == "model":
            return self.texts(identity, cells_of(self.standing.models), self.standing.model_codes)
        if identity == "digest":
            return self._coded(identity, map(_sliced, self._pieces("digest")))
        if identity == "framework":
            return self._coded(identity, self._pieces("framework"))
        later = {row: each.state.description for row, each in self.standing.said.items()}
        told = {row: first_line(text) or None for row, text in later.items() if text is not None}
        return changed(self._coded("description", self._pieces("summary")), told)

    def _of_lists(self, identity: str) -> Coded:
        if identity == "run":
            return list_column(identity, *different_lists(self._runs, _with_trainings))
        return list_column(identity, *different_lists(self._parents, tuple))

    def _pieces(self, name: str) -> Iterator[pa.Array]:
        return (batch.column(0) for _, batch in self.standing.pieces([name]))

    def _approvals(self) -> Mapping[int, tuple[str, ...]]:
        """Who approved the manifest that is there, by row."""
        said = self.standing.said
        approved = [row for row, each in said.items() if each.state.approvals]
        digests = self.standing.few(["manifest_digest"], approved).column(0).to_pylist()
        return {row: _approved(said[row], digest or "") for row, digest in zip(approved, digests, strict=True)}

    def _of_said(self, identity: str, found: Mapping[int, tuple[str, ...]]) -> Coded:
        """A column of lists that logs have, by row."""
        places: dict[tuple[str, ...], int] = {(): 0}
        codes = np.zeros(len(self.standing), np.int32)
        for row, texts in found.items():
            codes[row] = places.setdefault(texts, len(places))
        return list_column(identity, list(places), codes)

    def _trusted(self, identity: str) -> Coded:
        """What was checked of the manifest that is there: the state of its files, or its signature."""
        of_log = _verified if identity == "verified" else _signed
        said = self.standing.said
        known = [row for row in said if not said[row].registry.kind]
        digests = self.standing.few(["manifest_digest"], known).column(0).to_pylist()
        nothing = Coded(text_column(identity, [None]), np.zeros(len(self.standing), np.int32))
        return changed(nothing, {row: of_log(said[row], of or "") for row, of in zip(known, digests, strict=True)})

    def _sources(self) -> Coded:
        """Where the numbers of each version are from, but for those that were measured later."""
        texts: dict[str, int] = {}
        found = [np.zeros(0, np.int64)]
        for _, batch in self.standing.pieces(["sources"]):
            rows, values = items(batch.column(0))
            encoded = values.fill_null("").dictionary_encode()
            bits = [
                1 << min(texts.setdefault(each or "", len(texts)), _MOST_SOURCES)
                for each in each_of(encoded.dictionary)
            ]
            mask = np.zeros(batch.num_rows, np.int64)
            if bits:
                np.bitwise_or.at(mask, rows, np.array(bits, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)])
            found.append(mask)
        codes = np.concatenate(found)[self.standing.order]
        replayed = 1 << min(texts.setdefault("replayed", len(texts)), _MOST_SOURCES)
        for row, said in self.standing.said.items():
            if said.state.replayed is not None:
                codes[row] |= replayed
        used, places = np.unique(codes, return_inverse=True)
        names = list(texts)
        lists = [in_order(name for place, name in enumerate(names) if mask >> place & 1) for mask in used.tolist()]
        return list_column("sources", lists, places.reshape(-1).astype(np.int32))

    @cached_property
    def semantic(self) -> Coded:
        """Semantic versions: those of manifests, or that were given later."""
        column = self._coded("semantic", self._pieces("semantic_version"))
        later = {row: said.state.semantic_version for row, said in self.standing.said.items()}
        return changed(column, {row: text for row, text in later.items() if text})

    def _metric(self, name: str) -> Numbers:
        own = f"metric.{name}"
        pieces = self._pieces(own) if own in self.standing.names else self._looked_up("metrics", name)
        found = self._numbers(Column(f"m:{name}", name, "count", True, ()), pieces)
        return found._replace(values=nine_digits(found.values))

    def _has_all(self, name: str) -> bool:
        """Whether a hyperparameter's own column has the value of each version that has one."""
        return name in self.standing.typed.hyperparameters and self._valid(f"hp.{name}") == self._counts[
            "hyperparameters"
        ].get(name, 0)

    def _valid(self, column: str) -> int:
        """How many rows have a value in a column."""
        if column not in self._valid_counts:
            pieces = self.standing.pieces([column])
            self._valid_counts[column] = sum(len(batch) - batch.column(0).null_count for _, batch in pieces)
        return self._valid_counts[column]

    @cached_property
    def _valid_counts(self) -> dict[str, int]:
        return {}

    def _hyperparameter(self, name: str) -> Prepared:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._has_all(name):
            pieces = self._pieces(f"hp.{name}")
            kind = self.standing.typed.hyperparameters[name]
            if kind == "number":
                return self._numbers(Column(f"hp:{name}", name, "count", True, ()), pieces)
            if kind == "text":
                return self._coded(f"hp:{name}", pieces)
            truths = np.concatenate(
                [each.cast(pa.int8()).fill_null(2).to_numpy(zero_copy_only=False) for each in pieces]
            )
            return Coded(text_column(f"hp:{name}", [False, True, None]), truths[self.standing.order].astype(np.int32))

        def joined() -> Iterator[pa.Array]:
            for _, batch in self.standing.pieces(["hyperparameters", "hyperparameter_kinds"]):
                texts, kinds = (looked_up(batch.column(place), name) for place in range(2))
                yield pc.binary_join_element_wise(kinds, texts, ":")

        both = self._coded(f"hp:{name}", joined())
        cells = [None if cell is None else _scalar(str(cell)) for cell in both.column.cells]
        if not all(cell is None or _is_number(cell) for cell in cells):
            return Coded(Column(f"hp:{name}", name, "text", False, cells), both.codes)
        numbers = np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)
        known = np.array([cell is not None for cell in cells], np.bool_)
        column = Column(f"hp:{name}", name, "count", True, ())
        return Numbers(column, numbers[both.codes], known[both.codes])

    @cached_property
    def _relabelled(self) -> dict[int, Said]:
        return {row: said for row, said in self.standing.said.items() if said.state.labels}

    def _labels_of(self, row: int, said: Said) -> Mapping[str, str]:
        """The labels of a version: those of its manifest, changed by what was set and removed later."""
        both = {**self._own_labels[row], **{visible(key): value for key, value in said.state.labels.items()}}
        return {key: visible(value) for key, value in both.items() if value is not None}

    @cached_property
    def _own_labels(self) -> dict[int, dict[str, str]]:
        """Labels that manifests have of the versions whose labels were changed later."""
        rows = list(self._relabelled)
        labels = self.standing.few(["labels"], rows).column(0).to_pylist()
        return {row: dict(each or ()) for row, each in zip(rows, labels, strict=True)}

    def _looked_up(self, name: str, key: str) -> Iterator[pa.Array]:
        return (looked_up(batch.column(0), key) for _, batch in self.standing.pieces([name]))

    def _numbers(self, column: Column, pieces: Iterator[pa.Array]) -> Numbers:
        values, known = [np.zeros(0, np.float64)], [np.zeros(0, np.bool_)]
        for piece in pieces:  # whole numbers become doubles, whatever their size, as in Python
            known.append(piece.is_valid().to_numpy(zero_copy_only=False))
            values.append(piece.fill_null(0).to_numpy(zero_copy_only=False).astype(np.float64))
        order = self.standing.order
        return Numbers(column, np.concatenate(values)[order], np.concatenate(known)[order])

    def _coded(self, identity: str, pieces: Iterator[pa.Array]) -> Coded:
        found = text_of(pieces)
        coded = self.texts(identity, cells_of(found.different), found.codes[self.standing.order])
        return coded._replace(texts=found.different)


def named(identity: str) -> Column:
    """Returns a column without values."""
    _, colon, name = identity.partition(":")
    return Column(identity, name if colon else TITLES.get(identity, identity), "count", True, ())


def _milliseconds(times: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.divide(times.cast(pa.int64()), 1_000)


def _sliced(digests: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    short = pc.utf8_slice_codeunits(digests, 7, 19)
    return pc.if_else(pc.equal(short, ""), pa.scalar(None, pa.string()), short)


def _with_trainings(runs: Sequence[str] | None) -> tuple[str, ...]:
    names = list(runs or ())
    return tuple(dict.fromkeys([*names, *map(training_of, names)]))


def _scalar(text: str) -> Scalar:
    """A hyperparameter from its kind and its text."""
    kind, _, value = text.partition(":")
    if kind == "text":
        return value
    if kind == "truth":
        return value == "true"
    try:
        return int(value)
    except ValueError:
        return float(value)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _aliases(said: Said) -> tuple[str, ...]:
    return said.aliases


def _approved(said: Said, digest: str) -> tuple[str, ...]:
    return tuple(map(visible, said.state.approvals_of(digest)))


def _verified(said: Said, digest: str) -> str | None:
    return files_word(said.state, digest) or None


def _signed(said: Said, digest: str) -> str | None:
    return signature_now(said.state, digest, trusted_keys(said.registry.state))[0] or None


def _deprecated(said: Said) -> tuple[str, ...]:
    by = said.state.deprecated
    return () if by is None else (visible(by.actor),)


_OF_LOGS: Mapping[str, Callable[[Said], tuple[str, ...]]] = {
    "alias": _aliases,
    "deprecated": _deprecated,
}
