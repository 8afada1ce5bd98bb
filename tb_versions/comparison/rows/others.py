"""Hyperparameters, seeds, files and sizes, labels, and where versions come from, side by side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import (
    UNKNOWN,
    Cell,
    Row,
    Value,
    bytes_text,
    cell,
    first,
    row,
    short_digest,
    short_text,
)
from tb_versions.core.amounts import percent
from tb_versions.core.manifest import Parent, VersionManifest, visible
from tb_versions.core.showing import counted

_RELATIONS = {
    "fine_tuned_from": "fine-tuned from",
    "distilled_from": "distilled from",
    "derived_from": "derived from",
}
_MOST_LISTED = 200


def hyperparameter_rows(members: Sequence[Member], left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields hyperparameters by name."""
    names = sorted({name for member in members for name in member.hyperparameters or ()})
    for name in first(names, "hyperparameters", left_out):
        yield row("hyperparameters", name, name, cells=[_hyperparameter(member, name) for member in members])


def _hyperparameter(member: Member, name: str) -> Cell:
    if member.hyperparameters is None:
        return UNKNOWN
    value = member.hyperparameters.get(name)
    return cell(value, _exact(value), details={"origin": "run"} if member.from_run else {})


def seed_rows(members: Sequence[Member], left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields seeds by name."""
    seeds = [m.manifest.seeds if m.manifest and m.manifest.seeds else None for m in members]
    for name in first(sorted({name for table in seeds if table for name in table}), "hyperparameters", left_out):
        cells = [UNKNOWN if table is None else cell(_text_or_none(table.get(name))) for table in seeds]
        yield row("hyperparameters", f"seed:{name}", f"seed of {name}", cells=cells)


def file_rows(members: Sequence[Member], baseline: int) -> Iterator[Row]:
    """Yields the digest, sizes, and how many files differ."""
    manifests = [m.manifest for m in members]
    base = manifests[baseline]
    yield row("files", "digest", "content", cells=[_digest_cell(m, None if m is base else base) for m in manifests])
    yield row("files", "size", "size", cells=[_size_cell(m, None if m is base else base) for m in manifests])
    yield row("files", "files", "files", cells=[_files_cell(m, None if m is base else base) for m in manifests])
    yield row("files", "format", "format", cells=[UNKNOWN if m is None else cell(m.format) for m in manifests])


def label_rows(members: Sequence[Member], left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields labels by key, and the first line of the description."""
    tables = [None if m.manifest is None else m.manifest.labels for m in members]
    for key in first(sorted({key for table in tables if table for key in table}), "labels", left_out):
        cells = [UNKNOWN if table is None else cell(table.get(key)) for table in tables]
        yield row("labels", key, key, cells=cells)


def lineage_rows(members: Sequence[Member], baseline: int) -> Iterator[Row]:
    """Yields parents, runs, steps and times, and how each member relates to the baseline."""
    base = members[baseline]
    relations = ["baseline" if m is base else relation(base, m) for m in members]
    cells = [cell(words) if words else UNKNOWN for words in relations]
    yield row("lineage", "relation", f"to {base.label}", cells=cells)
    yield row("lineage", "parents", "made from", cells=[_of(m, _parents) for m in members])
    runs = [cell(m.runs[0].name) if m.runs else UNKNOWN for m in members]
    yield row("lineage", "run", "run", cells=runs)
    steps = [cell(m.runs[0].step) if m.runs and m.runs[0].step is not None else UNKNOWN for m in members]
    yield row("lineage", "step", "exported at step", cells=steps)
    yield row("lineage", "semantic_version", "semantic version", cells=[_of(m, _semantic_version) for m in members])
    yield row("lineage", "created", "created", cells=[_of(m, _created) for m in members])
    descriptions = [_of(m, lambda manifest: _first_line(manifest.description)) for m in members]
    yield row("lineage", "description", "description", cells=descriptions)


def relation(base: Member, other: Member) -> str:
    """Returns how a member came from the baseline: its parent, its child, or from one training; else ""."""
    for child, parent, words in ((other, base, "{how} {name}"), (base, other, "{name} was {how} it")):
        how = _made_from(child, parent)
        if how:
            return words.format(how=how, name=base.label)
    if base.runs and other.runs and base.runs[0].name == other.runs[0].name:
        return f"same training as {base.label}"
    if base.recipe and base.recipe == other.recipe:
        return f"{base.label} with another seed"
    return ""


def _made_from(child: Member, parent: Member) -> str:
    if child.manifest is None or parent.manifest is None:
        return ""
    name = (parent.manifest.model, parent.manifest.number)
    found = next((p for p in child.manifest.parents if (p.model, p.number) == name), None)
    return "" if found is None else relation_in_words(found)


def relation_in_words(parent: Parent) -> str:
    """Returns how a version was made from its parent: "fine-tuned from"."""
    return _RELATIONS.get(parent.relation, "made from")


def _of(member: Member, read: Callable[[VersionManifest], Value]) -> Cell:
    return UNKNOWN if member.manifest is None else cell(read(member.manifest))


def _parents(manifest: VersionManifest) -> str:
    return ", ".join(f"{relation_in_words(p)} {p.model}:{p.number}" for p in manifest.parents)


def _semantic_version(manifest: VersionManifest) -> str:
    return manifest.semantic_version


def _created(manifest: VersionManifest) -> str | None:
    return None if manifest.created is None else manifest.created.strftime("%Y-%m-%d %H:%M:%S UTC")


def _first_line(text: str) -> str:
    lines = (line.strip().lstrip("#").strip() for line in text[:4_096].splitlines())
    return next((line for line in lines if line), "")[:200]


def _exact(value: object) -> str | None:
    """Returns a hyperparameter as it was given: 0.0003, not 3e-04; 1200, not 1,200."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _digest_cell(manifest: VersionManifest | None, base: VersionManifest | None) -> Cell:
    if manifest is None or not manifest.digest:
        return UNKNOWN
    if base is None or not base.digest:
        return cell(manifest.digest, short_digest(manifest.digest))
    verdict = "identical content" if base.digest == manifest.digest else "other content"
    return cell(manifest.digest, short_digest(manifest.digest), verdict=verdict)


def _size_cell(manifest: VersionManifest | None, base: VersionManifest | None) -> Cell:
    if manifest is None or manifest.size_bytes <= 0:
        return UNKNOWN
    size = manifest.size_bytes
    if base is None or base.size_bytes <= 0 or base.size_bytes == size:
        return cell(size, bytes_text(size))
    more = size - base.size_bytes
    words = f"{percent(more / base.size_bytes)} {'larger' if more > 0 else 'smaller'}"
    return cell(size, bytes_text(size), reasons=(words,), details={"difference": more})


def _files_cell(manifest: VersionManifest | None, base: VersionManifest | None) -> Cell:
    if manifest is None or not (manifest.files or manifest.file_list):
        return UNKNOWN
    if manifest.file_list is not None:  # a list of its own, which is not read here; its digest tells what is the same
        same = base is not None and base.digest == manifest.digest
        return cell(manifest.digest, counted(manifest.file_list.count, "file") + (": the same" if same else ""))
    files = _by_path(manifest)
    value = short_text(f"{path} {digest}" for path, digest in sorted(files.items()))
    if base is None or not base.files:
        return cell(value, counted(len(files), "file"))
    before = _by_path(base)
    changes = {
        "added": sorted(files.keys() - before.keys()),
        "removed": sorted(before.keys() - files.keys()),
        "changed": sorted(path for path in files.keys() & before.keys() if files[path] != before[path]),
    }
    words = [f"{len(paths)} {how}" for how, paths in changes.items() if paths]
    details = {how: [visible(path) for path in paths[:_MOST_LISTED]] for how, paths in changes.items()}
    text = f"{counted(len(files), 'file')}: {', '.join(words) or 'the same'}"
    return cell(value, text, details=details)


def _by_path(manifest: VersionManifest) -> Mapping[str, str]:
    return {file.path: file.digest for file in manifest.files}
