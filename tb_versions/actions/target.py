"""One model's registry, opened for a change: every verb writes through it, so that all follow the same rules.

Before an event is appended, the log must be the one that this user saw last. The event is decided upon the newest
state; where somebody else is faster, it is decided again.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tb_versions.core.manifest import check_alias, check_model_name, check_text, shown, visible
from tb_versions.core.references import is_path
from tb_versions.core.store import Store
from tb_versions.errors import (
    InvalidManifestError,
    InvalidNameError,
    InvalidQueryError,
    InvalidReferenceError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Version, is_in_place
from tb_versions.read.holders import check_not_removed
from tb_versions.read.reuse.finding import find, registry_in, root_of
from tb_versions.read.reuse.misplaced import what_to_do
from tb_versions.read.reuse.registered import OpenRegistry, open_registry, open_remote_registry
from tb_versions.registry import events, policy
from tb_versions.registry.events import MAX_ACTOR, MAX_REASON, Event
from tb_versions.registry.policy import Policy, PolicyFile
from tb_versions.registry.registry import Draft
from tb_versions.registry.state import State

ACTOR = "TB_VERSIONS_ACTOR"
"""Variable that names who acts."""

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Decision:
    """What is to be done, upon a state.

    Attributes:
        draft: The event; None if nothing changes.
        said: A sentence for people: what is done, or why nothing is.
        before: What was: an alias's version, a label's value …; None for nothing.
        after: What is then.
    """

    draft: Draft | None
    said: str = ""
    before: str | int | None = None
    after: str | int | None = None


@dataclass(frozen=True, repr=False)
class Change:
    """What a verb changed.

    Attributes:
        model: The model.
        number: Number of the version that it is about.
        event: As it is in the log; None if nothing was changed, or in a dry run.
        before: What was: number of an alias's version, a label's value …; None for nothing.
        after: What is now.
        said: A sentence for people.
        dry_run: Whether nothing was written because that was asked for.
        effective_ms: The event's effective time, milliseconds since the epoch; 0 without an event.
        skewed: Whether this computer's clock was more than five minutes behind the event before.
    """

    model: str
    number: int | None
    event: Event | None
    before: str | int | None
    after: str | int | None
    said: str
    dry_run: bool = False
    effective_ms: int = 0
    skewed: bool = False

    def __repr__(self) -> str:
        return f"Change({str(self)!r})"

    def __str__(self) -> str:
        return f"Dry run: {self.said} Nothing was written." if self.dry_run else self.said


@dataclass(frozen=True)
class Target:
    """One model's registry.

    Attributes:
        opened: The registry.
        version: The version that a verb is about; None where it is about the model.
    """

    opened: OpenRegistry
    version: Version | None = None

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.opened.model

    @property
    def store(self) -> Store:
        """The folder `.versions` of the model."""
        return self.opened.store

    @property
    def number(self) -> int:
        """Number of the version."""
        return self.found.number

    @property
    def found(self) -> Version:
        """The version; only where a verb is about one."""
        assert self.version is not None
        return self.version

    def at(self, number: int) -> Target:
        """Returns the same registry with another version of the model.

        Raises:
            TbVersionsError: As in `find`.
        """
        return replace(self, version=find(f"{self.model}:{number}", os.path.dirname(self.opened.folder)))

    def is_about_this(self, event: int) -> bool:
        """Returns whether an event was about the manifest that is there now, as far as it says. Raises as `history`."""
        return self.opened.registry.event(event).manifest in ("", self.found.manifest_digest)

    def draft(self, kind: str, said: Any, *, actor: str, reason: str = "") -> Draft:
        """Returns an event about the version."""
        digest = self.found.manifest_digest
        return Draft(kind=kind, said=said, version=self.number, manifest=digest, actor=actor, reason=reason)

    def draft_about(self, number: int, kind: str, said: Any, *, actor: str, reason: str = "") -> Draft:
        """Returns an event about a version of the model that need not be there any more."""
        return Draft(kind=kind, said=said, version=number, actor=actor, reason=reason)

    def apply(self, decide: Callable[[State], Decision], *, dry_run: bool = False) -> Change:
        """Appends the event that is decided upon the newest state, exactly once.

        Args:
            decide: Returns what is to be done; raises to refuse. Called again where somebody else was faster.
            dry_run: Whether to decide only.

        Raises:
            RewrittenLogError: The log was cut or rewritten since this user saw it.
            TbVersionsError: As in `Registry.append`.
        """
        opened = self.opened
        decided: list[Decision] = []

        def draft(state: State) -> Draft | None:
            opened.check_seen()
            decided[:] = [decide(state)]
            return decided[0].draft

        event = None
        if dry_run:
            draft(opened.registry.known())
        else:
            event = opened.registry.append(draft)
        opened.seen.remember({self.model: opened.registry.state.head})
        (what,) = decided
        number = self.version.number if self.version else None
        is_dry = dry_run and what.draft is not None
        ms, is_skewed = _clock(event, opened.registry.state)
        return Change(self.model, number, event, what.before, what.after, what.said, is_dry, ms, is_skewed)

    def apply_under_policy(
        self, decide: Callable[[State, PolicyFile], Decision], *, actor: str, dry_run: bool = False
    ) -> Change:
        """Does the same under the model's policy; if its file changed, that becomes an event of its own first.

        Raises:
            RefusedError: The policy can't be understood.
            TbVersionsError: As in `apply`.
        """

        def under(state: State) -> Decision:
            now = policy.read(self.store)
            noticed = None if dry_run else _policy_change(state, now, actor)
            return decide(state, now) if noticed is None else Decision(noticed)

        change = self.apply(under, dry_run=dry_run)
        while change.event is not None and change.event.kind == "policy_changed":
            change = self.apply(under, dry_run=dry_run)
        return change


def open_target(model: str, models_dir: Path) -> Target:
    """Returns the registry of a model.

    Args:
        model: Its name.
        models_dir: Folder of models, `<models>/<model>/<number>/`.

    Raises:
        InvalidQueryError: It is no name.
        VersionNotFoundError: There is no such model.
        UnreadableFolderError: The models folder does not exist.
    """
    try:
        check_model_name(model)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error
    root = root_of(models_dir)
    opened = registry_in(model, root)
    if opened is None:
        find(model, models_dir)  # raises, naming the models that there are
        raise VersionNotFoundError(f"There is no model {shown(model)} in {visible(root.shown)}.")
    return Target(opened)


def find_target(reference: Path, models_dir: Path | None) -> Target:
    """Returns the version that a reference names, and the registry of its model.

    Args:
        reference: As in `tb_versions.path`.
        models_dir: Folder of models; not needed for a path.

    Raises:
        InvalidReferenceError: The path of a folder that is not `<models>/<model>/<number>`, or no reference.
        VersionRemovedError: The version was removed.
        TbVersionsError: As in `find`.
    """
    version = find(reference, models_dir)
    place = version.places[0]
    folder = os.path.realpath(place.folder)
    if (isinstance(reference, os.PathLike) or is_path(reference)) and not is_in_place(version):
        raise InvalidReferenceError(
            f"{visible(place.shown)} is not the place of {version.id}, so there is no registry beside it: a version "
            f"lies in <models>/<model>/<number>. If it is the one, {what_to_do(folder, version.model, version.number)}"
        )
    if place.root.is_remote:
        target = Target(open_remote_registry(version.model, place.root.shown), version)
    else:
        target = Target(open_registry(version.model, os.path.dirname(folder)), version)
    check_not_removed(version.model, version.number, target.opened.registry.known())
    return target


def who(actor: str | None) -> str:
    """Returns the name of who acts: as given, else the variable `TB_VERSIONS_ACTOR`, else the user's login.

    It is a claim: nobody checks it.

    Raises:
        InvalidQueryError: It is empty, too long, or has hidden characters.
    """
    name = _user() if actor is None else actor
    if not name.strip():
        raise InvalidQueryError("The actor has no name; say who acts, as in --actor anna.")
    return checked_text(name.strip(), "The actor", limit=MAX_ACTOR)


def checked_reason(reason: str) -> str:
    """Returns a reason; raises InvalidQueryError where it is too long or has hidden characters."""
    return checked_text(reason, "The reason", limit=MAX_REASON, newlines=True)


def checked_text(text: str, what: str, *, limit: int, newlines: bool = False) -> str:
    """Returns a text that keeps the rules of manifests; raises InvalidQueryError if it does not."""
    try:
        return check_text(text, what, limit=limit, newlines=newlines)
    except InvalidManifestError as error:
        raise InvalidQueryError(str(error)) from error


def checked_alias(alias: str) -> str:
    """Returns the name of an alias; raises InvalidQueryError where it may name none."""
    try:
        return check_alias(alias)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error


def _clock(event: Event | None, state: State) -> tuple[int, bool]:
    """The effective time of an event that was just written, and whether the clock was far behind."""
    if event is None:
        return 0, False
    ms = state.ms if state.head.number == event.number else event.time_ms
    return ms, event.number in state.skewed


def _policy_change(state: State, now: PolicyFile, actor: str) -> Draft | None:
    """The event that records a policy file that is another one than the log saw last."""
    if now.digest == (state.policy.digest if state.policy else ""):
        return None
    try:
        before = policy.parse(state.policy.rules) if state.policy else Policy()
        loosened = policy.loosened(before, now.policy)
    except InvalidManifestError:  # of a newer version of this package
        loosened = ("Whether it asks for less is not known: what it said before can't be understood.",)
    said = events.PolicyChanged(now.digest, now.text, loosened)
    return Draft(kind="policy_changed", said=said, actor=actor, reason="The policy file was found changed.")


def _user() -> str:
    named = os.environ.get(ACTOR)
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user without a name
        return f"user {os.getuid()}"
