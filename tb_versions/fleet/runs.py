"""The runs of a log directory that versions link to, and what their curves say of them, as the tab and `list` read it.

Nothing is kept for the next process but what the tables keep: a run whose event files did not change is not read again.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tensorboard.context import RequestContext

from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.errors import StorageError, UnreadableFolderError
from tb_versions.fleet.rows import Draft
from tb_versions.read.announced import Announced, Claim
from tb_versions.read.announcements import AnnouncementReader
from tb_versions.read.catalog import Link, Version
from tb_versions.read.curves.curve_cache import is_settled
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import EVENT_FILES, reading
from tb_versions.read.curves.linked_curves import LinkedCurves
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.few import few
from tb_versions.read.folders.roots import Roots, roots_of
from tb_versions.read.manifests.cache import users_cache
from tb_versions.read.runs.all_runs import exports_by_run
from tb_versions.read.runs.identities import RunIdentities
from tb_versions.read.runs.run_links import RunLinker
from tb_versions.read.values import MetricValue, metric_values

Links = tuple[Link, ...]


class Told(NamedTuple):
    """What runs say of a version.

    Attributes:
        values: Every metric of it; None where one of its runs could not be read, so that nothing is known anew.
        is_whole: Whether all of its runs were read to their ends, each point of them.
    """

    values: Sequence[MetricValue] | None
    is_whole: bool


class LinkedRuns:
    """The runs of a log directory as they are; `runs_of` makes it.

    Attributes:
        problems: (where, why) of what could not be read, each once.
        is_whole: Whether all folders were searched: else a run that is not found may be there.
    """

    def __init__(self, provider: Any, roots: Roots, problems: Iterable[tuple[str, str]]) -> None:
        """Reads which runs there are, and what they announce.

        Args:
            provider: A TensorBoard DataProvider over the log directory.
            roots: Log directory and models folder.
            problems: What the provider could not read.

        Raises:
            StorageError: The provider can't list runs.
        """
        self.problems = dict.fromkeys(problems)
        self.is_whole = all(where == EVENT_FILES for where, _ in self.problems)
        self._provider = provider
        self._files = RunFiles(roots)
        self._seen: dict[str, tuple[str | None, int]] = {}
        try:
            runs = tuple(sorted(run.run_name for run in provider.list_runs(RequestContext(), experiment_id="")))
            announced, odd = AnnouncementReader(provider).everything(RequestContext(), runs)
        except Exception as error:  # whatever the provider raises
            raise StorageError(f"The runs of the log directory can't be read: {_sentence(error)}") from error
        self.problems.update(dict.fromkeys(odd))
        self._announced: dict[Claim, list[Announced]] = {}
        for item in announced:
            self._announced.setdefault(item.claim, []).append(item)
        identities = RunIdentities(roots)
        identities.refresh(runs)
        self._linker = RunLinker(runs, identities)

    def link(self, draft: Draft) -> Version:
        """Returns a version with the runs that it links to."""
        listing, digest = draft.listing, draft.manifest_digest
        claimed = self._announced.get((digest, listing.model, listing.number), ())
        return self._linker.link(
            Version(
                model=listing.model,
                number=listing.number,
                listing=listing,
                manifest_digest=digest,
                announcements=few(tuple(claimed)),
                state="unchecked",
            )
        )

    def seen(self, links: Links, *, again: bool = False) -> str | None:
        """Returns what tells whether a run that a version links to has changed: 32 hexadecimal digits.

        Args:
            links: Of the version.
            again: Whether to look again at runs that were looked at before.

        Returns:
            The same as before where no name, size or time of an event file is another one; None where that can't tell,
            for a file was just written, or is read by TensorBoard alone.
        """
        found = [(link.name, link.place, self._look(link.name, again=again)[0]) for link in links if link.known]
        if not found or any(state is None for *_, state in found):
            return None
        return _digest(found)

    def values(self, versions: Sequence[Version]) -> Iterator[Told]:
        """Yields what their runs say of some versions; each run is read once.

        Args:
            versions: As `link` returned them. All their runs' curves are in memory, some 500 bytes each.
        """
        linked = LinkedCurves(CurveReader(self._provider), self._files)
        exports = exports_by_run(versions)
        try:
            curves, _ = linked.refresh(exports)
            while linked.is_waiting:
                curves, _ = linked.refresh(exports)
        except Exception as error:  # noqa: BLE001 - one log directory that fails must not end the others' rows
            self.problems[("curves", _sentence(error))] = None
            yield from [Told(None, is_whole=False)] * len(versions)
            return
        self.problems.update({(f"curves of run {run}", why): None for run, why in sorted(linked.failures.items())})
        for version in versions:
            named = [link.name for link in version.links if link.known]
            if any(run in linked.failures and run not in curves for run in named):
                yield Told(None, is_whole=False)
            else:
                yield Told(metric_values(version, curves), not any(run in linked.failures for run in named))

    def size(self, run: str) -> int:
        """Returns the size of a run's event files in bytes, as far as they may be read here."""
        return self._look(run)[1]

    def _look(self, run: str, *, again: bool = False) -> tuple[str | None, int]:
        if again or run not in self._seen:
            now = time.time_ns()
            files = self._files.of(run)
            told = [(file.name, file.size, file.modified, file.changed) for file in files]
            is_sure = bool(files) and is_settled(files, now)
            self._seen[run] = (_digest(told) if is_sure else None, sum(file.size for file in files))
        return self._seen[run]


@contextmanager
def runs_of(logdir: str, models_dir: str) -> Iterator[LinkedRuns]:
    """Reads which runs a log directory has; their curves can be asked for until the end of the context.

    Args:
        logdir: What `tensorboard --logdir` gets.
        models_dir: Folder of models, or its URL.

    Raises:
        UnreadableFolderError: There is no such log directory.
        StorageError: It can't be read.
        UnsupportedStorageError: TensorBoard can't read such a URL.
    """
    if not is_remote(logdir) and not os.path.isdir(os.path.expanduser(logdir)):
        raise UnreadableFolderError(f"The log directory {visible(logdir)} does not exist, or is no folder.")
    problems: list[tuple[str, str]] = []
    with reading(logdir, problems, every_point=False, cache=users_cache()) as finish:
        yield LinkedRuns(finish(), roots_of(logdir, (models_dir,)), problems)


def _digest(told: object) -> str:
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _sentence(error: Exception) -> str:
    return visible((str(error).strip() or type(error).__name__).splitlines()[0][:200])
