"""Which model becomes which version: names and numbers, never two of one number. Reads times, and writes nothing."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tb_versions.core.digest import list_files
from tb_versions.core.layout import NUMBERS
from tb_versions.core.manifest import MAX_NUMBER, FilesElsewhere
from tb_versions.errors import InvalidNameError, TbVersionsError
from tb_versions.formats.models import Model
from tb_versions.interop.finding import Found, natural
from tb_versions.interop.homes import Into
from tb_versions.interop.naming import Named, name_of
from tb_versions.write.numbers import list_numbers, parse_number
from tb_versions.write.origin import GRAPH_FILES

NumberFrom = Literal["", "folder", "order", "mtime"]


@dataclass(frozen=True)
class Times:
    """When the files of a model were written, by the file system; seconds since 1970.

    Attributes:
        first: The oldest file's time.
        last: The newest file's time.
        changed: When the system last changed a file, which nobody can set: until then it was written.
        of: Name of the file whose time is the version's.
        made: That file's time.
        were_set: Whether a file's time was set after it was written, as by copying and unpacking.
        is_named: Whether all this is from the folder's name, such as 1646034756, to the second.
    """

    first: float
    last: float
    changed: float
    of: str
    made: float
    were_set: bool
    is_named: bool = False


@dataclass(frozen=True)
class Planned:
    """A model and the version that it becomes.

    Attributes:
        model: What was found.
        named: Its name, and what its folder's name says.
        number: The version's number; -1 while it is not known.
        times: Of its files.
        size: Bytes.
        home: Folder of all versions of the model, where it is known which numbers were given; or "".
        elsewhere: What the manifest will say of its files; None where it will lie beside them.
    """

    model: Model
    named: Named
    number: int
    times: Times
    size: int
    home: str = ""
    elsewhere: FilesElsewhere | None = None

    @property
    def reference(self) -> str:
        """`model:number`."""
        return f"{self.named.model}:{self.number}"


@dataclass(frozen=True)
class Plan:
    """What adopting would do.

    Attributes:
        versions: In the order in which they become versions.
        existing: Paths of what is a version already.
        skipped: (where, why) for everything else.
    """

    versions: tuple[Planned, ...]
    existing: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def make_plan(
    found: Found,
    *,
    name: str = "",
    number_from: NumberFrom = "",
    into: Into | None = None,
    kept: Mapping[str, int] | None = None,
) -> Plan:
    """Returns what adopting what was found would do.

    Args:
        found: By `find_models`; with `into` joined with what is there by `Into.joined`.
        into: Where the manifests go; None puts each beside its model.
        name: Name of the model that all are versions of; by default their folders say it.
        number_from: "folder": a folder without a number in its name is skipped; "order" and "mtime" count in the order
            of names or times; by default a folder's number counts, and what has none follows in the order of names.
        kept: Number that each model was to get which failed before, by its path: what has no number of its own keeps it
            where it is free, so that the others get the numbers that they would have got.
    """
    skipped = list(found.skipped)
    models: list[Model] = []
    existing = list(found.existing)
    for each in found.models:
        if into is not None and into.is_known(each, found):
            existing.append(each.path)
        else:
            models.append(each)
    candidates = [made for one in models if (made := _candidate(one, name, skipped, into)) is not None]
    groups: dict[str, list[Planned]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.named.model].append(candidate)
    versions: list[Planned] = []
    for model, group in groups.items():
        members = _without_twins(group, dict(found.semantic), skipped)
        taken = {number: folder for (owner, number), folder in found.taken.items() if owner == model}
        versions += _numbered(members, taken, number_from, skipped=skipped, kept=kept or {})
    return Plan(tuple(versions), tuple(existing), tuple(skipped))


def _without_twins(
    members: Sequence[Planned], used: dict[tuple[str, str], str], skipped: list[tuple[str, str]]
) -> list[Planned]:
    """The members of one model whose semantic version no other has."""
    kept = []
    for member in members:
        key = member.named.model, member.named.semantic_version
        if key[1] and key in used:
            skipped.append((member.model.path, f"would be {key[0]}:{key[1]}, which {used[key]} is already."))
            continue
        used[key] = member.model.path
        kept.append(member)
    return kept


def _candidate(model: Model, name: str, skipped: list[tuple[str, str]], into: Into | None) -> Planned | None:
    try:
        named = name_of(os.path.splitext(model.path)[0] if model.is_loose else model.path, name)
        if model.file and not model.is_loose:
            named = replace(named, **_said_by_file(model, named))
        if model.format == "orbax" and named.step is None:
            named = replace(named, step=named.number)
        times, size = _times(model)
        times = _named_times(model.path) or times
        if into is not None:
            home, elsewhere = os.path.join(into.models_dir, named.model), into.elsewhere(model)
            return Planned(model, named, -1, times, size, home, elsewhere)
    except InvalidNameError as error:
        skipped.append((model.path, f"can't name a model: {error}"))
    except (TbVersionsError, OSError) as error:
        skipped.append((model.path, f"can't become a version: {error}"))
    else:
        if os.access(model.folder, os.W_OK):
            above = os.path.dirname(os.path.abspath(model.folder))
            home = above if os.path.basename(above) == named.model else ""
            return Planned(model, named, -1, times, size, home)
        skipped.append((model.path, f"can't be written to, and the manifest belongs into it. {_ELSEWHERE}"))
    return None


def _said_by_file(model: Model, named: Named) -> dict[str, Any]:
    """What the name of the one file in a folder says, where the folder's name does not: a step, an epoch."""
    try:
        own = name_of(os.path.splitext(os.path.join(model.folder, model.file))[0])
    except InvalidNameError:
        return {}
    return {"step": own.step if named.step is None else named.step, "printed": named.printed or own.printed}


_ELSEWHERE = "Say --models-dir DIR: then the manifest lies there, and the files stay."


def _times(model: Model) -> tuple[Times, int]:
    """Times and size of the files of a model; raises as `list_files`, and OSError."""
    entries = list_files(model.folder, only=model.only)
    statuses = {entry.path: os.stat(os.path.join(model.folder, entry.path), follow_symlinks=False) for entry in entries}
    graphs = [path for path in statuses if path in GRAPH_FILES]
    of = max(graphs or statuses, key=lambda path: statuses[path].st_mtime)
    written = [status.st_mtime for status in statuses.values()]
    were_set = any(not -_TICK <= status.st_ctime - status.st_mtime <= _SLACK for status in statuses.values())
    changed = max(status.st_ctime for status in statuses.values())
    size = sum(entry.size for entry in entries)
    return Times(min(written), max(written), changed, of, statuses[of].st_mtime, were_set), size


def _named_times(folder: str) -> Times | None:
    """The second that a folder is named by, if that is one since TensorFlow there is, and has passed."""
    name = os.path.basename(os.path.abspath(folder))
    if len(name) != 10 or not (name.isascii() and name.isdigit()) or not _FIRST_TIME <= int(name) <= time.time():
        return None
    return Times(float(name), float(name) + 0.999, 0.0, "", float(name), were_set=False, is_named=True)


_FIRST_TIME = 1_440_000_000

_SLACK = 2.0
"""Seconds from a file's last byte to its last change, as by a rename, where nobody set its time."""

_TICK = 0.02
"""Seconds by which a change may seem to be earlier."""


def _numbered(
    members: Sequence[Planned],
    taken: dict[int, str],
    number_from: NumberFrom,
    *,
    skipped: list[tuple[str, str]],
    kept: Mapping[str, int],
) -> Iterable[Planned]:
    """The members of one model with their numbers, in ascending order."""
    by_folder = [m for m in members if number_from in ("", "folder") and m.named.number is not None]
    rest = [m for m in members if m not in by_folder]
    used, made = dict(taken), []
    for member in sorted(by_folder, key=lambda m: (m.named.number or 0, natural(m.model.path))):
        number = member.named.number or 0
        why_not = _why_not(member, number, used)
        if why_not:
            skipped.append((member.model.path, why_not))
            continue
        used[number] = member.model.path
        made.append(replace(member, number=number))
    if number_from == "folder":
        skipped += [(m.model.path, "has no number in its name. Say --number-from order or mtime.") for m in rest]
        rest = []
    for member in [m for m in rest if 0 < kept.get(m.model.path, 0) <= MAX_NUMBER]:
        number = kept[member.model.path]
        if number not in used and number not in _reserved(member):
            used[number] = member.model.path
            made.append(replace(member, number=number))
            rest.remove(member)
    largest = max([0, *used, *(number for m in rest for number in _reserved(m))])
    ordered = sorted(rest, key=lambda m: (m.times.made if number_from == "mtime" else 0.0, natural(m.model.path)))
    return [*made, *(replace(member, number=largest + 1 + place) for place, member in enumerate(ordered))]


def _why_not(member: Planned, number: int, used: dict[int, str]) -> str:
    """Why a model can't have the number that its folder's name says, or ""."""
    name = member.named.model
    if number in used:
        return f"would be {name}:{number}, which {used[number]} is already. Say --name, or --number-from order."
    own_name = os.path.basename(os.path.abspath(member.model.path))
    is_own = member.elsewhere is None and parse_number(own_name) == number
    if not is_own and number in _reserved(member):
        return f"would be {name}:{number}, a number that was given before. Say --number-from order."
    return ""


def _reserved(member: Planned) -> Sequence[int]:
    """Numbers that were ever given to the model, where that is known."""
    return list_numbers(os.path.join(member.home, NUMBERS)) if member.home else ()
