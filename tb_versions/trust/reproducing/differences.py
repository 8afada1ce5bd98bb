"""What the records of two versions say differs, in the order in which one thing leads to another. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tb_versions.comparison.rows.data import datasets_of
from tb_versions.comparison.rows.row import some
from tb_versions.core.manifest import Code, VersionManifest, visible
from tb_versions.core.showing import counted

ORDER = ("code", "data", "environment", "seeds", "hyperparameters")
"""The groups, in that order: code decides what is read, and so on."""


@dataclass(frozen=True)
class Difference:
    """Something that differs, or of which it is not known whether it does.

    Attributes:
        group: One of `ORDER`.
        text: A sentence.
        is_known: Whether it differs; else it is not known.
    """

    group: str
    text: str
    is_known: bool = True


def differences(old: VersionManifest, new: VersionManifest) -> tuple[Difference, ...]:
    """Returns what differs between how two versions were made, or is not known to be the same, in that order."""
    return (
        *_code(old.code, new.code),
        *_data(old, new),
        *_environment(old, new),
        *_mapping("seeds", old.seeds, new.seeds),
        *_mapping("hyperparameters", old.hyperparameters, new.hyperparameters),
    )


def _code(old: Code | None, new: Code | None) -> Iterator[Difference]:
    if old is None or new is None:
        yield Difference("code", "The code of one of them is not recorded.", is_known=False)
        return
    if old.commit != new.commit:
        yield Difference(
            "code", f"The commit is {new.commit[:12] or 'unknown'}, and was {old.commit[:12] or 'unknown'}."
        )
    if old.dirty and not old.diff:
        yield Difference(
            "code", "Files differed from the commit when it was made first, and how is not known.", is_known=False
        )
    elif old.diff and new.diff != old.diff:
        yield Difference(
            "code", "The diff to the commit is another one, or was not recorded again.", is_known=bool(new.diff)
        )
    if old.entry_point != new.entry_point:
        yield Difference("code", f"The script is {visible(new.entry_point)}, and was {visible(old.entry_point)}.")
    if old.folder and old.folder != new.folder:
        yield Difference("code", f"It ran in {visible(new.folder) or 'another place'}, and in {visible(old.folder)}.")
    if old.arguments != new.arguments:
        yield Difference("code", f"The arguments are {_listed(new.arguments)}, and were {_listed(old.arguments)}.")


def _data(old: VersionManifest, new: VersionManifest) -> Iterator[Difference]:
    before, after = datasets_of(old), datasets_of(new)
    if not before:
        yield Difference("data", "No data are recorded.", is_known=False)
    for name, dataset in before.items():
        other = after.get(name)
        if other is None:
            yield Difference("data", f"{name} was not recorded again.", is_known=False)
        elif not dataset.digest or not other.digest:
            yield Difference("data", f"{name} has no digest.", is_known=False)
        elif dataset.digest != other.digest:
            yield Difference("data", f"{name} has other content.")


def _environment(old: VersionManifest, new: VersionManifest) -> Iterator[Difference]:
    before, after = old.environment, new.environment
    if before is None or after is None:
        yield Difference("environment", "The environment of one of them is not recorded.", is_known=False)
    else:
        if before.python != after.python:
            yield Difference("environment", f"Python is {visible(after.python)}, and was {visible(before.python)}.")
        changed = [
            f"{visible(name)} {_value(before.packages, name)} → {_value(after.packages, name)}"
            for name in sorted({*before.packages, *after.packages})
            if before.packages.get(name) != after.packages.get(name)
        ]
        if changed:
            verb = "differs" if len(changed) == 1 else "differ"
            yield Difference("environment", f"{counted(len(changed), 'package')} {verb}: {some(changed)}.")
        if before.os != after.os:
            yield Difference("environment", f"The system is {visible(after.os)}, and was {visible(before.os)}.")
    if old.hardware is None or new.hardware is None:
        yield Difference("environment", "The hardware of one of them is not recorded.", is_known=False)
        return
    for what, first, second in (
        ("The processor", old.hardware.cpu, new.hardware.cpu),
        ("The number of cores", str(old.hardware.logical_cores), str(new.hardware.logical_cores)),
        ("The GPU", _gpus(old), _gpus(new)),
    ):
        if first != second:
            yield Difference(
                "environment", f"{what} is {visible(second) or 'none'}, and was {visible(first) or 'none'}."
            )


def _gpus(manifest: VersionManifest) -> str:
    return ", ".join(gpu.name for gpu in manifest.hardware.gpus) if manifest.hardware else ""


def _mapping(group: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    changed = [
        f"{visible(name)} {_value(old, name)} → {_value(new, name)}"
        for name in sorted({*old, *new})
        if (name in old) != (name in new) or not _is_equal(old[name], new[name])
    ]
    if changed:
        yield Difference(group, f"{some(changed)}.")
    elif not old:
        yield Difference(group, f"No {group} are recorded.", is_known=False)


def _is_equal(old: object, new: object) -> bool:
    return old == new or (old != old and new != new)  # NaN is NaN


def _value(of: Mapping[str, object], name: str) -> str:
    return visible(str(of[name]))[:40] if name in of else "missing"


def _listed(arguments: tuple[str, ...]) -> str:
    return visible(" ".join(arguments))[:200] or "none"
