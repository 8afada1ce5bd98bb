"""Datasets side by side: same content, same name with new content, or different. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, cell, first, row, short_digest
from tb_versions.core.manifest import Dataset, VersionManifest, visible
from tb_versions.read.manifests.recipes import TRAINING_SPLITS

_SPLITS = {
    "train": TRAINING_SPLITS,
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "eval", "evaluation", "holdout"),
}

SAME = "same data"
RENEWED = "same name, new content"
RENAMED = "same content, other name"
DIFFERENT = "different data"


def data_rows(members: Sequence[Member], baseline: int, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields one row for all data together, and one for each dataset by name and split."""
    manifests = [m.manifest for m in members]
    base = manifests[baseline]
    yield row("data", "", "all data", cells=[_overall_cell(m, None if m is base else base) for m in manifests])
    tables = [None if m is None or not m.datasets else datasets_of(m) for m in manifests]
    base_table = tables[baseline]
    for key in first(dict.fromkeys(key for table in tables if table for key in table), "data", left_out):
        cells = [_cell(table, None if i == baseline else base_table, key) for i, table in enumerate(tables)]
        yield row("data", key, key, cells=cells)


def datasets_of(manifest: VersionManifest) -> Mapping[str, Dataset]:
    """Returns datasets by name and split: "digits (train)"; and "digits (train) 2", where another is called alike."""
    found: dict[str, Dataset] = {}
    counts: Counter[str] = Counter()
    for dataset in dict.fromkeys(manifest.datasets):
        name = visible(dataset.name or dataset.uri or "unnamed")
        called = key = f"{name} ({visible(dataset.split)})" if dataset.split else name
        while key in found:
            counts[called] += 1
            key = f"{called} {counts[called] + 1}"
        found[key] = dataset
    return found


def compare_data(old: VersionManifest, new: VersionManifest) -> str:
    """Returns in words how the data of two versions relate; "" if that is not known."""
    before, after = datasets_of(old), datasets_of(new)
    shared = before.keys() & after.keys()
    if not before or not after:
        return ""
    digests = [{d.digest for d in table.values() if d.digest} for table in (before, after)]
    if before.keys() == after.keys():
        verdicts = {_same(before[key], after[key]) for key in shared}
        if RENEWED in verdicts:
            return RENEWED
        return "" if "" in verdicts else SAME
    if digests[0] and digests[0] == digests[1]:
        return RENAMED
    if shared and all(_same(before[key], after[key]) == SAME for key in shared):
        return f"{SAME} where both name it"
    return DIFFERENT if all(digests) else ""


class Measured:
    """Finds what a manifest's metrics were measured on."""

    def __init__(self, manifest: VersionManifest) -> None:
        """Indexes the datasets.

        Args:
            manifest: Where the datasets are listed.
        """
        self._named: dict[str, list[str]] = {}
        self._split: dict[tuple[str | None, str], list[str]] = {}
        for dataset in manifest.datasets:
            split = next((name for name, words in _SPLITS.items() if dataset.split.lower() in words), "")
            self._named.setdefault(dataset.name, []).append(dataset.digest)
            self._split.setdefault((dataset.name, split), []).append(dataset.digest)
            self._split.setdefault((None, split), []).append(dataset.digest)

    def on(self, metric: str, dataset: str) -> str:
        """Returns the digest of what a metric was measured on, or "" if the manifest does not say."""
        found = self._named.get(dataset, []) if dataset else []
        if not dataset or len(found) > 1:
            found = self._split.get((dataset or None, _split_of(metric)), [])
        return found[0] if len(found) == 1 else ""


def _split_of(metric: str) -> str:
    """Returns the split in a metric's name; Keras' plain names ("loss") are of the training data."""
    first = metric.lower().replace("/", "_").partition("_")[0]
    return next((split for split, words in _SPLITS.items() if first in words), "train")


def _same(old: Dataset, new: Dataset) -> str:
    if not old.digest or not new.digest:
        return ""
    return SAME if old.digest == new.digest else RENEWED


def _overall_cell(manifest: VersionManifest | None, base: VersionManifest | None) -> Cell:
    if manifest is None or not manifest.datasets:
        return UNKNOWN
    table = datasets_of(manifest)
    value = "; ".join(f"{name} {d.digest or d.uri}" for name, d in sorted(table.items()))
    text = ", ".join(table)
    if base is None:
        return cell(value, text)
    verdict = compare_data(base, manifest) or "unknown"
    return cell(value, verdict if verdict != "unknown" else text, verdict=verdict)


def _cell(table: Mapping[str, Dataset] | None, base: Mapping[str, Dataset] | None, key: str) -> Cell:
    if table is None:
        return UNKNOWN
    found = table.get(key)
    if found is None:
        return ABSENT
    old = base.get(key) if base else None
    rows = "" if found.rows is None else f"{found.rows:,} rows"
    parts = (short_digest(found.digest), rows, found.uri if found.uri != found.name else "")
    text = ", ".join(part for part in parts if part) or "named only"
    verdict = _same(old, found) or "unknown" if old else DIFFERENT if base else ""
    details = {"digest": found.digest, "rows": found.rows, "uri": visible(found.uri), "split": visible(found.split)}
    value = found.digest or f"{found.uri} {found.rows}"
    return cell(value, text, verdict=verdict, details=details)
