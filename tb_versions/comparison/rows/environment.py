"""Software and machines side by side: packages added, removed, changed, major changes first. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, bytes_text, cell, first, row, short_text
from tb_versions.core.manifest import Environment, Hardware
from tb_versions.core.showing import counted

_FIELDS = {
    "python": "Python",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "numpy": "NumPy",
    "cuda": "CUDA",
    "cudnn": "cuDNN",
    "os": "operating system",
}
_ORDER = ("major", "removed", "added", "minor", "patch", "other", "")
_NUMBERS = re.compile(r"\d{1,9}", re.ASCII)


def environment_rows(members: Sequence[Member], baseline: int, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Yields the main versions, a count of all package changes, then the packages, major changes first."""
    yield from software_rows(members, baseline)
    found = [m.manifest.environment if m.manifest else None for m in members]
    tables = [dict(e.packages) if e and e.packages else None for e in found]
    base = tables[baseline]
    shown = {name for name in _FIELDS if any(e and getattr(e, name) for e in found)}
    names = {name for table in tables if table for name in table if name.lower() not in shown}
    ordered = sorted(names, key=lambda name: (name not in (base or {}), name.lower(), name))
    rows = [_package_row(name, tables, base) for name in first(ordered, "environment", left_out)]
    yield from sorted(rows, key=lambda r: (min(_ORDER.index(c.verdict) for c in r.cells), r.key.lower()))


def software_rows(members: Sequence[Member], baseline: int) -> Iterator[Row]:
    """Yields the main versions and a count of all package changes."""
    found = [m.manifest.environment if m.manifest else None for m in members]
    base = found[baseline]
    for name, label in _FIELDS.items():
        values = [None if e is None else getattr(e, name) for e in found]
        yield row("environment", name, label, cells=[_version_cell(v, values[baseline]) for v in values])
    cells = [_packages_cell(e, None if e is base else base) for e in found]
    yield row("environment", "packages", "packages", cells=cells)


def change_of(old: str | None, new: str | None) -> str:
    """Returns how a version number changed: "major", "minor", "patch", "other", "added", "removed" or ""."""
    if old == new:
        return ""
    if not old:
        return "added"
    if not new:
        return "removed"
    before, after = _numbers(old), _numbers(new)
    for position, word in enumerate(("major", "minor", "patch")):
        if before[position : position + 1] != after[position : position + 1]:
            # Below 1.0 the second number is the one that breaks things.
            return "major" if word == "minor" and before[:1] == [0] else word
    return "other"


def package_changes(old: Environment, new: Environment) -> Mapping[str, str]:
    """Returns each package that differs, with how."""
    names = {*old.packages, *new.packages}
    changes = {name: change_of(old.packages.get(name), new.packages.get(name)) for name in sorted(names)}
    return {name: change for name, change in changes.items() if change}


def hardware_rows(members: Sequence[Member]) -> Iterator[Row]:
    """Yields processors, memory and graphics processors, and how long the training took."""
    found = [m.manifest.hardware if m.manifest else None for m in members]
    for name, label in (("cpu", "processor"), ("cores", "cores"), ("logical_cores", "logical cores")):
        values = [None if h is None else getattr(h, name) or None for h in found]
        yield row("hardware", name, label, cells=[UNKNOWN if v is None else cell(v) for v in values])
    yield row("hardware", "memory", "memory", cells=[_memory_cell(h) for h in found])
    yield row("hardware", "gpus", "graphics processors", cells=[_gpu_cell(h) for h in found])
    seconds = [m.manifest.training_seconds if m.manifest else 0.0 for m in members]
    cells = [cell(s, _duration(s)) if s > 0 and s != float("inf") else UNKNOWN for s in seconds]
    yield row("hardware", "training_seconds", "training time", cells=cells)


def _version_cell(version: str | None, base: str | None) -> Cell:
    if version is None:
        return UNKNOWN
    return cell(version, verdict=change_of(base, version) if base else "")


def _packages_cell(environment: Environment | None, base: Environment | None) -> Cell:
    if environment is None or not environment.packages:
        return UNKNOWN
    packages = environment.packages
    value = short_text(f"{name}=={packages[name]}" for name in sorted(packages))
    if base is None or not base.packages:
        return cell(value, counted(len(packages), "package"))
    changes = list(package_changes(base, environment).values())
    words = [(changes.count(kind), kind) for kind in ("added", "removed")]
    changed = len(changes) - sum(number for number, _ in words)
    words.append((changed, f"changed ({changes.count('major')} major)" if "major" in changes else "changed"))
    text = ", ".join(f"{number} {word}" for number, word in words if number)
    return cell(value, text or "the same", reasons=(counted(len(packages), "package") + " in all",))


def _package_row(name: str, tables: Sequence[Mapping[str, str] | None], base: Mapping[str, str] | None) -> Row:
    old = base.get(name) if base else None
    cells = []
    for table in tables:
        if table is None:
            cells.append(UNKNOWN)
            continue
        verdict = change_of(old, table.get(name)) if base else ""
        found = cell(table.get(name), verdict=verdict)
        cells.append(Cell(ABSENT.text, absent=True, verdict=verdict) if found.absent else found)
    return row("environment", f"package:{name}", name, cells=cells)


def _memory_cell(hardware: Hardware | None) -> Cell:
    size = hardware.memory_bytes if hardware else 0
    return cell(size, bytes_text(size)) if size > 0 else UNKNOWN


def _gpu_cell(hardware: Hardware | None) -> Cell:
    if hardware is None:
        return UNKNOWN
    names = [gpu.name + (f" ({bytes_text(gpu.memory_bytes)})" if gpu.memory_bytes > 0 else "") for gpu in hardware.gpus]
    return cell(", ".join(names) or "none")


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60:,} h {minutes % 60} min"


def _numbers(version: str) -> list[int]:
    """The first three numbers of a version: "2.21.0rc1" gives 2, 21, 0."""
    release = re.split(r"(?:a|b|rc|\.dev|\.post|\+)", version, maxsplit=1)[0]
    return [int(number) for number in _NUMBERS.findall(release[:100])[:3]]
