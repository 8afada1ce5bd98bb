"""Labels, notes and descriptions that versions get after they were published. The manifest stays as it is."""

from __future__ import annotations

from tb_versions.actions.target import Change, Decision, Path, Target, checked_reason, checked_text, find_target, who
from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_TEXT, check_key, shown
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidQueryError
from tb_versions.read.holders import check_not_removed
from tb_versions.registry.events import LabelRemoved, LabelSet, Text
from tb_versions.registry.state import State


def label(
    reference: Path,
    models_dir: Path | None = None,
    *,
    key: str,
    value: str | None,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Gives a label of a version another value, or removes it; that hides the label in the manifest.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        key: Of the label, 1 to 256 characters.
        value: At most 1,024 characters; None removes the label.
        reason: Why, at most 4,096 characters.
        actor: Who says so; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed; nothing if the label has that value already.

    Raises:
        InvalidQueryError: The key or the value breaks a rule.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    try:
        check_key(key, "A label's key")
    except (InvalidManifestError, InvalidNameError) as error:
        raise InvalidQueryError(str(error)) from error
    if value is not None:
        checked_text(value, f"The label {shown(key)}", limit=MAX_TEXT)
    target = find_target(reference, models_dir)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        before = _label(target, state, key)
        name = f"{target.found.id}, label {key}"
        if before == value:
            what = f"{target.found.id} has no label {key}" if value is None else f"{name}: is {shown(value)} already"
            return Decision(None, f"{what}.", before, before)
        kind = "label_removed" if value is None else "label_set"
        said = LabelRemoved(key) if value is None else LabelSet(key, value)
        draft = target.draft(kind, said, actor=actor, reason=reason)
        return Decision(draft, f"{name}: {_quoted(before)} → {_quoted(value)}.", before, value)

    return target.apply(decide, dry_run=dry_run)


def note(
    reference: Path,
    models_dir: Path | None = None,
    *,
    text: str,
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Adds a note to a version, beside those that it has.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        text: Markdown, at most 65,536 characters, not empty.
        actor: Who writes; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed.

    Raises:
        InvalidQueryError: The text is empty, too long, or has hidden characters.
        TbVersionsError: As in `promote`.
    """
    if not text.strip():
        raise InvalidQueryError("The note is empty.")
    said, actor = _text(text, "The note"), who(actor)
    target = find_target(reference, models_dir)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        count = state.version(target.number).notes
        draft = target.draft("noted", said, actor=actor)
        return Decision(draft, f"{target.found.id}: noted.", count, count + 1)

    return target.apply(decide, dry_run=dry_run)


def describe(
    reference: Path,
    models_dir: Path | None = None,
    *,
    text: str,
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Gives a version another description; that hides the one in the manifest.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        text: Markdown, at most 65,536 characters; "" for no description.
        actor: Who writes; as in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed; nothing if it was described so before.

    Raises:
        InvalidQueryError: The text is too long, or has hidden characters.
        TbVersionsError: As in `promote`.
    """
    said, actor = _text(text, "The description"), who(actor)
    target = find_target(reference, models_dir)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        before = state.version(target.number).description
        if before == text:
            return Decision(None, f"{target.found.id} has this description already.", before, before)
        draft = target.draft("described", said, actor=actor)
        return Decision(draft, f"{target.found.id}: described.", before, text)

    return target.apply(decide, dry_run=dry_run)


def _text(text: str, what: str) -> Text:
    return Text(checked_text(text, what, limit=MAX_DESCRIPTION, newlines=True))


def _label(target: Target, state: State, key: str) -> str | None:
    """The value of a label now: what was said later, else what the manifest says."""
    later = state.version(target.number).labels
    if key in later:
        return later[key]
    listing = target.found.listing
    return listing.labels.get(key) if listing else None


def _quoted(value: str | None) -> str:
    return "none" if value is None else shown(value)
