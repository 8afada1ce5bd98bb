"""Reads what is known of a version and of the baselines that rules name: catalog, curves, log, files."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tb_versions.actions.files import DIGESTS, Files
from tb_versions.actions.target import Path, Target, find_target
from tb_versions.comparison import Member
from tb_versions.comparison.loading import Source, compare_in, load_members
from tb_versions.core.digest import Progress, read_list
from tb_versions.core.manifest import MAX_NUMBER, metric_key, visible
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidQueryError, TbVersionsError, VersionDamagedError, VersionNotFoundError
from tb_versions.gates.judging import baseline_name
from tb_versions.gates.rules import Rule, Rules
from tb_versions.gates.subject import NOT_ASKED, Baseline, Checked, Subject
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.folders.part import part_of
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.reader import open_reader
from tb_versions.read.said import PRODUCTION
from tb_versions.registry import events, policy
from tb_versions.registry.gate_facts import PARENT, PROMOTION
from tb_versions.registry.measured import Measured, MeasuredReader
from tb_versions.registry.state import State, replay_verdict


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a check is to find out.

    Attributes:
        rules: The file.
        chosen: The rules of it that are judged.
        against: The baseline of rules that name none.
        logdir: What `tensorboard --logdir` gets; without it noise is known from other seeds only.
        progress: Called with the bytes read so far and the bytes in all.
    """

    rules: Rules
    chosen: Sequence[Rule]
    against: str = ""
    logdir: str = ""
    progress: Progress | None = None


def read_subject(reference: Path, models_dir: Path | None, asked: Asked) -> tuple[Subject, Target]:
    """Reads everything that some rules need of a version.

    Args:
        reference: As in `tb_versions.promote`.
        models_dir: Folder of models; not needed for a path.
        asked: The rules, and where the curves are.

    Returns:
        What is known, and the registry of the model.

    Raises:
        TbVersionsError: As in `tb_versions.path`: there is no such version, or its log is damaged.
    """
    target = find_target(reference, models_dir)
    state = target.opened.state()
    source = source_of(target, asked)
    names = dict.fromkeys(baseline_name(rule, asked.rules, asked.against) for rule in asked.chosen)
    problems: list[str] = []
    reads_later = any(rule.source is not None for rule in asked.chosen)
    measured, unread_ms = _measured(target, problems) if reads_later else ((), None)
    member = _member(source, target, problems)
    needs_files = any(rule.unchanged == "preprocessing" for rule in asked.chosen)
    reader = _Baselines(source, target, state, member=member, goals=_goals(asked.chosen), needs_files=needs_files)
    alias = _alias(reference, target, state)
    said = source.catalog.said.get(member.id)
    later = said.state.description if said else None
    subject = Subject(
        member=member,
        number=target.number,
        files=_files(member) if needs_files else None,
        description=later if later is not None else (member.manifest.description if member.manifest else ""),
        labels=source.catalog.labels(member.version) if member.version else {},
        measured=measured,
        unread_ms=unread_ms,
        now_ms=time.time_ns() // 1_000_000,
        promoted_ms=_promoted_ms(target, alias, state),
        alias=alias,
        head=state.head.number,
        verified=_verified(target, asked) if any(rule.verified for rule in asked.chosen) else NOT_ASKED,
        replayed=_replayed(target, state) if any(rule.replayed for rule in asked.chosen) else NOT_ASKED,
        baselines={name: reader.read(name) for name in names if name},
        passes_without_baseline=asked.rules.without_baseline == "pass",
        problems=tuple(problems),
    )
    return subject, target


def source_of(target: Target, asked: Asked) -> Source:
    """Returns the catalog of the model; of all models where a baseline may be of another one."""
    models = target.found.places[0].root.given if target.found.places[0].root.is_remote else None
    models = models or os.path.dirname(target.opened.folder)
    names = [baseline_name(rule, asked.rules, asked.against) for rule in asked.chosen]
    is_elsewhere = any(":" in name or "@" in name or name == PARENT for name in names)
    part = None if is_elsewhere else part_of(target.model)
    reader = open_reader(asked.logdir, [models], part=part, check=False, curves=bool(asked.logdir))
    curves = CurveReader(reader.provider)
    return Source(reader.catalog, reader.manifest_bytes, curves)


def _member(source: Source, target: Target, problems: list[str]) -> Member:
    version = in_catalog(source.catalog, target.found)
    (member,) = load_members(source, [version.id], problems)
    return member


def in_catalog(catalog: Catalog, found: Version) -> Version:
    """Returns the same version as the catalog has it, in the same folder.

    Raises:
        VersionNotFoundError: It is not there any more.
    """
    folder = os.path.realpath(found.places[0].folder)
    for version in catalog.by_model.get(found.model, ()):
        if version.number == found.number and any(os.path.realpath(p.folder) == folder for p in version.places):
            return version
    raise VersionNotFoundError(f"{found.id} is not there any more: its folder was changed while it was read.")


class _Baselines:
    """Reads the versions that changes are compared with."""

    def __init__(
        self,
        source: Source,
        target: Target,
        state: State,
        *,
        member: Member,
        goals: Mapping[str, KnownGoal],
        needs_files: bool,
    ) -> None:
        self._source, self._target, self._state = source, target, state
        self._member, self._goals, self._needs_files = member, goals, needs_files

    def read(self, name: str) -> Baseline:
        """Returns the baseline of a name; why it is not known is part of it."""
        if name == PROMOTION:
            return Baseline(name=name, member=self._member)
        try:
            reference = self._reference(name)
            version = self._source.catalog.find(reference)
        except _NoBaselineError as error:
            return Baseline(name=name, why_not=str(error), is_empty=error.is_empty)
        except TbVersionsError as error:
            return Baseline(name=name, why_not=str(error))
        if version.kept_at is not None:
            return Baseline(name=name, why_not=f"{version.id} was removed, so it is no baseline; name another version.")
        if version.id == self._member.id:
            why = f"{_called(name, version.id)} itself; name another version, {_BACK}."
            return Baseline(name=name, version=version, why_not=why)
        return self._compared(name, version)

    def _reference(self, name: str) -> str:
        if name == PARENT:
            parents = self._member.manifest.parents if self._member.manifest else ()
            if len(parents) != 1:
                how = "no parent" if not parents else f"{len(parents)} parents"
                raise _NoBaselineError(f"{self._member.id} names {how}; name a version.")
            return f"{parents[0].model}:{parents[0].number}"
        if ":" in name or "@" in name:
            return name
        alias = name.partition("~")[0]
        if alias not in self._state.aliases:
            why_not = _why_not_known(alias, self._target, self._state)
            said = f"{visible(self._target.model)}@{visible(alias)} names no version."
            raise _NoBaselineError(f"{said} {why_not}".rstrip(), is_empty="~" not in name and not why_not)
        return f"{self._target.model}@{name}"

    def _compared(self, name: str, version: Version) -> Baseline:
        try:
            comparison = compare_in(
                self._source, [self._member.id, version.id], baseline=version.id, goals=dict(self._goals)
            )
        except TbVersionsError as error:
            return Baseline(name=name, version=version, why_not=str(error))
        base = comparison.members[comparison.baseline]
        if base.manifest is None:
            why = f"The manifest of {base.id} can't be read: {base.notice}"
            return Baseline(name=name, version=version, why_not=why)
        position = 1 - comparison.baseline
        files = _files(base) if self._needs_files else None
        return Baseline(name=name, member=base, version=version, comparison=comparison, position=position, files=files)


_BACK = "like production~1"


def _why_not_known(alias: str, target: Target, state: State) -> str:
    """Why an alias that names no version may be a misspelt one, a sentence; "" where something else names it.

    Known are `production`, those of the policy, and those that the log ever gave.
    """
    try:
        protected = policy.read(target.store).policy.aliases
        if alias == PRODUCTION or alias in protected or _was_given(alias, target):
            return ""
    except TbVersionsError as error:
        return f"Whether there is such an alias is not known: {error}"
    near = difflib.get_close_matches(alias, {PRODUCTION, *protected, *state.aliases}, n=1)
    hint = f"Did you mean {visible(near[0])}? " if near else ""
    return (
        f"Nothing says that there is such an alias. {hint}If it is right, name it in the policy, "
        f"{policy.POLICY_NAME}: [aliases.{visible(alias)}]."
    )


def _was_given(alias: str, target: Target) -> bool:
    """Whether the log ever gave an alias to a version; reads the whole log. Raises TbVersionsError."""
    for event, _ in target.opened.registry.history():
        if event.kind in ("alias_set", "alias_rolled_back") and getattr(events.said(event), "alias", "") == alias:
            return True
    return False


class _NoBaselineError(TbVersionsError):
    """A name leads to no version."""

    def __init__(self, message: str, *, is_empty: bool = False) -> None:
        super().__init__(message)
        self.is_empty = is_empty


def _called(name: str, version: str) -> str:
    return f"{visible(name)} is {version}" if name != version else version


def _goals(rules: Iterable[Rule]) -> Mapping[str, KnownGoal]:
    """The goals that rules say; two that disagree about one metric are a mistake."""
    found: dict[str, KnownGoal] = {}
    for rule in rules:
        if rule.metric and rule.goal and rule.source is None:
            key = (
                visible(rule.metric)
                if rule.slice == "*"
                else visible(metric_key(rule.metric, rule.dataset, rule.slice))
            )
            if found.setdefault(key, rule.goal) != rule.goal:
                raise InvalidQueryError(f"Two rules say different goals of {key}.")
    return found


def _files(member: Member) -> Mapping[str, str] | None:
    """Path to digest of each file of a version; None where its list can't be read."""
    manifest = member.manifest
    if manifest is None:
        return None
    files = manifest.files
    if manifest.file_list is not None and member.version is not None and member.version.places:
        place = member.version.places[0]
        try:
            files = read_list(place.folder, manifest.file_list, within=place.root.path)
        except (TbVersionsError, OSError):
            return None
    elif not files:
        return None
    return {file.path: file.digest for file in files}


def _measured(target: Target, problems: list[str]) -> tuple[Sequence[Measured], int | None]:
    """What was measured later, and of when the newest file is that can't be read, as its name says."""
    reader = MeasuredReader(target.store)
    found = reader.refresh()
    problems += [f"{where}: {why}" for where, why in reader.problems]
    return found, max((_time_in(where) for where, _ in reader.problems), default=None)


def _time_in(where: str) -> int:
    digits = where.rpartition("/")[2].partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else MAX_NUMBER


def _alias(reference: Path, target: Target, state: State) -> str:
    """The alias by which a version is asked for, or one that it holds: production first."""
    held = state.aliases_of(target.number)
    named = ""
    if isinstance(reference, str) and "@" in reference and "/" not in reference:
        named = parse_reference(reference).alias
    return named if named in held else PRODUCTION if PRODUCTION in held else min(held, default="")


def _promoted_ms(target: Target, alias: str, state: State) -> int | None:
    if not alias:
        return None
    known = state.aliases[alias]
    holder = known.stack[-1]
    return known.by.ms if known.by.event == holder.event else target.opened.registry.event(holder.event).time_ms


def _verified(target: Target, asked: Asked) -> Checked:
    try:
        Files(target.found, asked.progress).check(DIGESTS)
    except VersionDamagedError as error:
        return Checked(False, str(error).removesuffix(" Nothing was changed."))
    except TbVersionsError as error:
        return Checked(None, str(error))
    return Checked(True, "every file was read")


def _replayed(target: Target, state: State) -> Checked:
    """What the last replay of the version's golden outputs said, if it was of this manifest."""
    last = state.version(target.number).replayed
    if last is None:
        return Checked(None, "Its golden outputs were not replayed.")
    words = f"{visible(last.words)}, event {last.by.event}, by {visible(last.by.actor)}"
    verdict = replay_verdict(last, target.found.manifest_digest)
    if verdict == "not known" and last.is_usual:
        return Checked(None, f"Its golden outputs were replayed with another manifest (event {last.by.event}).")
    if verdict == "not known":
        return Checked(None, f"A tolerance was given to its last replay ({words}); replay it without --tolerance.")
    return Checked(last.ok, words if last.ok else f"The outputs were not the same ({words}).")
