"""Versions that another tracker recorded become versions here, and follow what is said of them there later.

    plan = plan_import(foreign, "models")          # reads both sides, writes nothing
    for outcome in import_versions(plan):          # each version completely or not at all
        print(outcome)

A second import of the same changes nothing. What came since is added: new versions; moved aliases, labels and
descriptions as events of the log; new values of metrics as measured files. Manifests never change.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tb_versions.actions.target import who
from tb_versions.core import storage
from tb_versions.core.manifest import Files, shown, visible
from tb_versions.errors import TbVersionsError
from tb_versions.interop.importing.brought import Line
from tb_versions.interop.importing.drafts import Around, draft_of
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.importing.known import Known, KnownVersion, look
from tb_versions.interop.importing.measuring import measure
from tb_versions.interop.importing.placing import files_of, place
from tb_versions.interop.importing.telling import Here, Teller
from tb_versions.interop.locking import alone
from tb_versions.interop.naming import marked_name, model_name
from tb_versions.write.restore import MAX_RESTORED

__all__ = ["Foreign", "Outcome", "Plan", "Planned", "Said", "import_versions", "plan_import"]


@dataclass(frozen=True)
class Planned:
    """A foreign version, and what becomes of it.

    Attributes:
        foreign: The version.
        model: Its model here; "" where none can be named.
        number: Its number here; -1 where it can have none.
        files: Where its files are: "copied", "linked" or "absent".
        known: The version that it became in an earlier import, or None.
        why_not: Why it can't be imported, a sentence; "" if it can.
    """

    foreign: Foreign
    model: str
    number: int
    files: Files
    known: KnownVersion | None = None
    why_not: str = ""

    @property
    def reference(self) -> str:
        """`model:number`; what the tracker calls it where it can't be imported."""
        if self.number < 0:
            return f"{visible(self.foreign.model)} {visible(self.foreign.version or str(self.foreign.number))}"
        return f"{self.model}:{self.number}"


@dataclass(frozen=True)
class Plan:
    """What an import would do.

    Attributes:
        models_dir: Real path of the models folder.
        versions: In the order given.
        places: (model, number, digest) here of each version of a store, by tracker, store and key.
        semantic: Semantic versions that are there, by model.
        warnings: Sentences on what may be wrong.
    """

    models_dir: str
    versions: tuple[Planned, ...]
    places: Mapping[tuple[str, str, str], tuple[str, int, str]]
    semantic: Mapping[str, set[str]]
    warnings: tuple[str, ...] = ()

    def around(self, planned: Planned) -> Around:
        """Returns what is known beside one version."""
        tracker, store, _ = planned.foreign.identity
        wanted = ((tracker, store, key) for key in planned.foreign.parent_keys)
        places = {each[2]: self.places[each] for each in wanted if each in self.places}
        return Around(places, self.semantic.get(planned.model, set()))


@dataclass(frozen=True)
class Outcome:
    """What became of a version, or of something that is said of it.

    Attributes:
        reference: `model:number`, or `model` for what is said of its versions.
        became: "new"; "same": imported before; "changed": the tracker says something new of it, which was taken over;
            "refused": it can't be imported, or taken over.
        text: Why, or what changed, a sentence; "" for a new or same version.
        planned: The version; None for what is said.
        notes: What of a new version could not be taken over, in words.
    """

    reference: str
    became: Literal["new", "same", "changed", "refused"]
    text: str = ""
    planned: Planned | None = None
    notes: tuple[str, ...] = ()


def plan_import(foreign: Iterable[Foreign], models_dir: str | os.PathLike[str], *, copy_files: bool = False) -> Plan:
    """Returns what importing versions would do; writes nothing.

    Args:
        foreign: All versions of the models that are imported: an alias that none of them has is gone in the tracker.
        models_dir: Folder of models to import into; it need not exist.
        copy_files: Whether files at hand are copied into the versions' folders; else they stay where they are.

    Raises:
        UnsupportedStorageError: The folder is a URL.
        OSError: It can't be listed.
    """
    folder = os.path.realpath(storage.local_path(models_dir))
    known, given = look(folder), list(foreign)
    names = _names(given, known)
    taken = {model: set(numbers) for model, numbers in known.numbers.items()}
    seen: set[tuple[str, str, str]] = set()
    numbered = sorted(given, key=lambda each: each.number is None)  # who has a number keeps it
    planned = [_planned(one, names, known, taken=taken, seen=seen, copies=copy_files) for one in numbered]
    order = {id(one): place for place, one in enumerate(given)}
    planned.sort(key=lambda each: order[id(each.foreign)])
    places = {each.foreign.identity: _place_of(each) for each in planned if each.number >= 0 and not each.why_not}
    old = {key: (v.model, v.number, v.manifest.digest) for key, v in known.versions.items() if key not in places}
    return Plan(folder, tuple(planned), {**old, **places}, known.semantic, tuple(_shared_sources(planned, known)))


def import_versions(plan: Plan, *, actor: str | None = None, dry_run: bool = False) -> Iterator[Outcome]:
    """Imports what is planned, and yields what became of it. What was done stays when this is interrupted.

    Args:
        plan: Of `plan_import`.
        actor: Who imports; by default `TB_VERSIONS_ACTOR`, else the login.
        dry_run: Whether to write nothing and yield what would become of it.

    Yields:
        An outcome for each version, and after those of a model one for each thing that is taken over later.

    Raises:
        InvalidQueryError: The actor has no valid name.
        OSError: The folder can't be made.
    """
    name = who(actor)
    groups: dict[tuple[Line, str], list[Planned]] = defaultdict(list)
    for planned in plan.versions:
        groups[planned.foreign.line, planned.model].append(planned)
    with alone(plan.models_dir, makes=not dry_run):
        for group in groups.values():
            here: list[Here] = []
            unplaced: set[str] = set()
            for planned in group:
                outcome, found = _import(planned, plan, dry_run=dry_run)
                if found is None:
                    unplaced |= {s.name for s in planned.foreign.said if s.kind == "alias_set" and s.time is None}
                else:
                    here.append(found)
                yield outcome
            yield from _tell(plan.models_dir, here, unplaced, actor=name, dry_run=dry_run)


def _shared_sources(planned: Iterable[Planned], known: Known) -> Iterator[str]:
    """Sources that versions of another store name too, and that a reader can bind to one folder only."""
    linked = [one.foreign for one in planned if one.files == "linked" and one.known is None and not one.why_not]
    used = {(one.elsewhere.source, one.tracker, one.store) for one in linked if one.elsewhere}
    for source, tracker, store in sorted(used):
        if known.sources.get(source, set()) - {(tracker, store)}:
            yield (
                f"Versions of another store have files of a source {source} too, and a reader binds it to one folder. "
                "If that is another folder, name this one otherwise: --source OTHER=DIR."
            )


def _import(planned: Planned, plan: Plan, *, dry_run: bool) -> tuple[Outcome, Here | None]:
    reference = planned.reference
    if planned.why_not:
        return Outcome(reference, "refused", planned.why_not, planned), None
    if planned.known is not None:
        return Outcome(reference, "same", "", planned), Here(planned.foreign, planned.known)
    where, around = (planned.model, planned.number), plan.around(planned)
    try:
        if dry_run:
            manifest, data = draft_of(planned.foreign, where, files=planned.files, around=around), b""
        else:
            placed = place(planned.foreign, where, plan.models_dir, files=planned.files, around=around)
            manifest, data = placed.manifest, placed.data
    except (TbVersionsError, OSError) as error:
        why = str(error.strerror or error) if isinstance(error, OSError) else str(error)
        return Outcome(reference, "refused", visible(why), planned), None
    version = KnownVersion(planned.model, planned.number, data)
    notes = manifest.imported.notes if manifest.imported else ()
    return Outcome(reference, "new", "", planned, notes), Here(planned.foreign, version, is_new=True)


def _tell(models_dir: str, here: Sequence[Here], unplaced: set[str], *, actor: str, dry_run: bool) -> Iterator[Outcome]:
    """What the tracker says of the versions of one model."""
    if not here:
        return
    model = here[0].version.model
    try:
        for told in Teller(models_dir, here, actor=actor, dry_run=dry_run, unplaced=unplaced).tell():
            yield Outcome(model, "refused" if told.is_refused else "changed", told.text)
        for told in measure(models_dir, here, actor=actor, dry_run=dry_run):
            yield Outcome(model, "refused" if told.is_refused else "changed", told.text)
    except (TbVersionsError, OSError) as error:
        why = str(error.strerror or error) if isinstance(error, OSError) else str(error)
        yield Outcome(model, "refused", f"what is said of its versions was not taken over: {visible(why)}")


def _names(given: Sequence[Foreign], known: Known) -> dict[Line, str]:
    """The name here of each line of versions: as in earlier imports, else its own, else one made of that."""
    names: dict[Line, str] = dict(known.names)
    used = set(known.models)
    lines = dict.fromkeys(one.line for one in given)
    for line in sorted(lines, key=lambda each: model_name(each[2]) != each[2]):  # whose name is valid keeps it
        if line not in names:
            name = model_name(line[2])
            names[line] = marked_name(name, line[2]) if name != line[2] and name in used else name
        used.add(names[line])
    return names


def _planned(
    one: Foreign,
    names: Mapping[Line, str],
    known: Known,
    *,
    taken: dict[str, set[int]],
    seen: set[tuple[str, str, str]],
    copies: bool,
) -> Planned:
    model, files = names[one.line], files_of(one, copies=copies)
    if one.identity in seen:
        return Planned(one, model, -1, files, why_not=f"{shown(one.key)} is there twice; the first is imported.")
    seen.add(one.identity)
    before = known.versions.get(one.identity)
    if before is not None:
        return Planned(one, before.model, before.number, files, before)
    numbers = taken.setdefault(model, set())
    number = max([0, *numbers]) + 1 if one.number is None else one.number
    if not 0 <= number <= MAX_RESTORED:
        return Planned(one, model, -1, files, why_not=f"{number} can be no version's number.")
    if number in numbers:
        return Planned(one, model, -1, files, why_not=_is_taken(one, model, number))
    numbers.add(number)
    return Planned(one, model, number, files)


def _is_taken(one: Foreign, model: str, number: int) -> str:
    return (
        f"it would be {model}:{number}, a number that is or was given here to a version that is not of this "
        f"{one.tracker} store. Import into another models folder (--models-dir)."
    )


def _place_of(planned: Planned) -> tuple[str, int, str]:
    digest = planned.known.manifest.digest if planned.known else ""
    return planned.model, planned.number, digest
