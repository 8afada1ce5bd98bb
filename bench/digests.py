"""The speed of digests, compared with hashlib's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Peer, Report, interleave, median, timed
from bench.make_data import OUT
from tb_versions.core.digest import digest_files, list_files

LIMIT = 0.9
_FILES, _MEGABYTES = 4, 128


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(_FILES):
        path = folder / f"weights-{index}.bin"
        if not path.exists() or path.stat().st_size != _MEGABYTES << 20:
            path.write_bytes(os.urandom(1 << 20) * _MEGABYTES)


def _hash(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(paths: Sequence[Path], threads: int) -> Callable[[], object]:
    if threads == 1:
        return lambda: [_hash(path) for path in paths]

    def in_threads() -> list[str]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(_hash, paths))

    return in_threads


def measure(report: Report, *, runs: int = 7) -> None:
    """Adds the figures of hashing, in GB/s. Both read files that are in the page cache."""
    folder = OUT / "digests"
    _make(folder)
    entries = list_files(folder)
    paths = sorted(folder.iterdir())
    gigabytes = sum(entry.size for entry in entries) / 1e9
    for threads in (1, 2):

        def ours(threads: int = threads) -> object:
            return digest_files(folder, entries, threads=threads)

        samples, theirs = interleave(runs, timed(ours), timed(_plain(paths, threads)))
        ratio = median(theirs) / median(samples)
        in_threads = "1 thread" if threads == 1 else f"{threads} threads"
        by = Peer(f"hashlib.file_digest, {in_threads}", gigabytes / median(theirs), runs)
        note = f"{_FILES} files of {_MEGABYTES} MiB, {in_threads}"
        report.add(f"digest.speed_{threads}", [gigabytes / s.wall for s in samples], unit="GB/s", peer=by, note=note)
        limit_of = "share of hashlib's speed"
        report.add(
            f"digest.share_{threads}", [ratio], unit="×", limit=LIMIT, limit_of=limit_of, at_least=True, note=note
        )
