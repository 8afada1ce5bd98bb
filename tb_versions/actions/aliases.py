"""Moves an alias: to a version, back to an earlier holder, or away."""

from __future__ import annotations

from collections.abc import Sequence

from tb_versions.actions.files import DIGESTS, SIZES, Files
from tb_versions.actions.target import (
    Change,
    Decision,
    Path,
    Target,
    checked_alias,
    checked_reason,
    find_target,
    open_target,
    who,
)
from tb_versions.core.digest import Progress
from tb_versions.core.manifest import MAX_NUMBER, shown, visible
from tb_versions.core.references import is_path, parse_reference
from tb_versions.errors import ConflictError, InvalidQueryError, RefusedError, VersionDamagedError
from tb_versions.read.holders import check_not_removed, no_alias, utc
from tb_versions.read.reuse.finding import find
from tb_versions.registry import policy
from tb_versions.registry.events import AliasRemoved, AliasRolledBack, AliasSet
from tb_versions.registry.policy import PolicyFile, Rule
from tb_versions.registry.state import AliasState, State

ANYTHING = "anything"
"""For `expect`: whatever the alias names now."""

NONE = "none"
"""For `expect`: that the alias names nothing yet."""


def promote(
    reference: Path,
    models_dir: Path | None = None,
    *,
    alias: str,
    reason: str = "",
    expect: str | int | None = ANYTHING,
    actor: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Change:
    """Lets an alias name a version: from then on `digits@production` is that version.

    The version's files are compared with its manifest by names and sizes, or read and compared by digest where the
    model's policy asks for that. What the alias named before stays on a stack, for `rollback`.

    Args:
        reference: `digits:3`, `digits:1.4.0`, `digits` for the newest that is there, `digits@staging`; or the path of a
            version's folder.
        models_dir: Folder of models, `<models>/<model>/<number>/`. Not needed for a path.
        alias: Name, such as "production".
        reason: Why, at most 4,096 characters.
        expect: The version that the alias must name now, as a reference or number; None or "none": that it names
            nothing. By default it may name anything.
        actor: Who promotes; by default `TB_VERSIONS_ACTOR`, else the login. A claim: nobody checks it.
        dry_run: Whether to check everything and write nothing.
        progress: Called with the bytes read so far and the bytes in all.

    Returns:
        What changed; nothing if the alias names the version already.

    Raises:
        InvalidQueryError: The alias, reason or actor breaks a rule.
        ConflictError: The alias does not name what was expected; it says who was faster, when, and to what.
        RefusedError: The model's policy is not satisfied; the message says everything that is missing.
        VersionRemovedError: The version was removed.
        VersionDamagedError: Its files are not what was published.
        RewrittenLogError: The log was cut or rewritten since it was seen here.
        TbVersionsError: As in `path`.
    """
    alias, reason, actor = checked_alias(alias), checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)
    expected, files = _expected(expect, target), Files(target.found, progress)

    def decide(state: State, now: PolicyFile) -> Decision:
        known = state.aliases.get(alias)
        _check_expected(f"{target.model}@{alias}", known, expected)
        check_not_removed(target.model, target.number, state)
        before = known.version if known else None
        name = f"{target.model}@{alias}"
        if known is not None and before == target.number:
            return Decision(None, f"{name} is {target.found.id} already{_since(known)}.", before, before)
        rule = now.policy.rule(alias)
        verified = _allowed(target, state, rule, alias=alias, actor=actor, files=files)
        approvals = policy.counted_approvals(rule, state.version(target.number), promoter=actor)
        allowed_by = tuple(sorted(by.event for by in approvals.values())) if rule.approvals else ()
        said = AliasSet(alias, before, now.digest, verified, allowed_by)
        return Decision(
            target.draft("alias_set", said, actor=actor, reason=reason),
            f"{name}: {_move(before, target.number)}.{_deprecated(target, state)}",
            before,
            target.number,
        )

    return target.apply_under_policy(decide, actor=actor, dry_run=dry_run)


def rollback(
    model: str,
    models_dir: Path,
    *,
    alias: str,
    to: Path | None = None,
    reason: str = "",
    expect: str | int | None = ANYTHING,
    actor: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Change:
    """Lets an alias name the version again that it named before; a second rollback goes one further.

    Every file of that version is read and compared with its manifest first. No approval is asked for: the version was
    allowed once.

    Args:
        model: Name of the model.
        models_dir: Folder of models.
        alias: Name, such as "production".
        to: An earlier holder of the alias; by default the one before.
        reason: Why, at most 4,096 characters.
        expect: As in `promote`: the version that the alias must name now.
        actor: As in `promote`.
        dry_run: Whether to check everything and write nothing.
        progress: Called with the bytes read so far and the bytes in all.

    Returns:
        What changed.

    Raises:
        RefusedError: The alias named no other version before, or not the one that was asked for.
        VersionNotFoundError: There is no such model or alias, or the earlier version is not there.
        VersionRemovedError: The earlier version was removed.
        TbVersionsError: As in `promote`.
    """
    alias, reason, actor = checked_alias(alias), checked_reason(reason), who(actor)
    target = open_target(model, models_dir)
    state = target.opened.state()
    name = f"{target.model}@{alias}"
    expected = _expected(expect, target)
    _check_expected(name, _known(target.model, alias, state), expected)
    number = _earlier(name, _known(target.model, alias, state), None if to is None else _number(to, target))
    check_not_removed(target.model, number, state)
    target = target.at(number)
    files = Files(target.found, progress)

    def decide(state: State, now: PolicyFile) -> Decision:
        known = _known(target.model, alias, state)
        _check_expected(name, known, expected)
        if _earlier(name, known, None if to is None else number) != number:
            by = known.by
            raise ConflictError(
                f"{name} is {target.model}:{known.version} since {utc(by.ms)}, by {visible(by.actor)}, while this "
                "rollback was prepared. Nothing was changed; look again.",
                number=known.version,
                actor=by.actor,
                ms=by.ms,
            )
        check_not_removed(target.model, number, state)
        rule = now.policy.rule(alias)
        if rule.rollback_gates and rule.gates:
            raise RefusedError(f"{name} is not rolled back: {_no_gates(rule.gates)} Nothing was changed.")
        said = AliasRolledBack(alias, known.version, now.digest, files.check(DIGESTS))
        draft = target.draft("alias_rolled_back", said, actor=actor, reason=reason)
        return Decision(draft, f"{name}: {_move(known.version, number)}, rolled back.", known.version, number)

    return target.apply_under_policy(decide, actor=actor, dry_run=dry_run)


def unalias(
    model: str,
    models_dir: Path,
    *,
    alias: str,
    reason: str = "",
    expect: str | int | None = ANYTHING,
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Removes an alias: it names nothing any more, and there is nothing to roll back to.

    Args:
        model: Name of the model.
        models_dir: Folder of models.
        alias: Name, such as "staging".
        reason: Why, at most 4,096 characters.
        expect: As in `promote`.
        actor: As in `promote`.
        dry_run: Whether to check everything and write nothing.

    Returns:
        What changed.

    Raises:
        VersionNotFoundError: There is no such model or alias.
        TbVersionsError: As in `promote`.
    """
    alias, reason, actor = checked_alias(alias), checked_reason(reason), who(actor)
    target = open_target(model, models_dir)
    expected, name = _expected(expect, target), f"{target.model}@{alias}"

    def decide(state: State, now: PolicyFile) -> Decision:  # noqa: ARG001 - a changed policy is recorded all the same
        known = _known(target.model, alias, state)
        _check_expected(name, known, expected)
        draft = target.draft_about(known.version, "alias_removed", AliasRemoved(alias), actor=actor, reason=reason)
        return Decision(draft, f"{name} names nothing any more; it was {target.model}:{known.version}.", known.version)

    return target.apply_under_policy(decide, actor=actor, dry_run=dry_run)


def _known(model: str, alias: str, state: State) -> AliasState:
    known = state.aliases.get(alias)
    if known is None:
        raise no_alias(model, alias, state.aliases)
    return known


def _earlier(name: str, known: AliasState, to: int | None) -> int:
    """The version that a rollback leads to."""
    model = name.partition("@")[0]
    if to is None:
        back = known.back(1)
        if back is None:
            raise RefusedError(
                f"{name} is {model}:{known.version} and named no other version before: there is nothing to roll back "
                f"to. To remove the alias: tb-versions unalias {model} --alias {name.partition('@')[2]}"
            )
        return back
    earlier = [holder.version for holder in known.stack[:-1]]
    if to == known.version:
        raise RefusedError(f"{name} is {model}:{to} already.")
    if to not in earlier:
        had = ", ".join(f"{model}:{number}" for number in dict.fromkeys(reversed(earlier))) or "no other version"
        raise RefusedError(
            f"{name} was never {model}:{to}, so it can't be rolled back to it; before, it was {had}. To name another "
            "version, promote it."
        )
    return to


def _allowed(target: Target, state: State, rule: Rule, *, alias: str, actor: str, files: Files) -> str:
    """Returns how the files were compared; raises RefusedError naming everything that a rule lacks."""
    lacking = list(policy.missing(rule, state.version(target.number), promoter=actor))
    if rule.gates:
        lacking.append(_no_gates(rule.gates).rstrip("."))
    try:
        verified = files.check(DIGESTS if rule.verified else SIZES)
    except VersionDamagedError as error:
        if not lacking:
            raise
        lacking.append(f"sound files ({str(error).removesuffix(' Nothing was changed.').rstrip('.')})")
    if lacking:
        rules = f"{target.store.shown}/{policy.POLICY_NAME}"
        raise RefusedError(
            f"{target.found.id} may not be {visible(alias)} yet; by {rules} it lacks: {'; '.join(lacking)}. "
            "Nothing was changed."
        )
    return verified


def _no_gates(gates: Sequence[str]) -> str:
    names = ", ".join(visible(gate) for gate in gates)
    return f"passed gate{'s' if len(gates) > 1 else ''} {names} (no gate results can be recorded yet)."


def _expected(expect: str | int | None, target: Target) -> int | str | None:
    """The number that an alias is expected to name; None for no version, `ANYTHING` if nothing is expected."""
    if expect is None or expect == NONE:
        return None
    if expect == ANYTHING:
        return ANYTHING
    if isinstance(expect, int):
        if isinstance(expect, bool) or not 0 <= expect <= MAX_NUMBER:
            raise InvalidQueryError(f"{shown(expect)} is no version number.")
        return expect
    return _number(expect, target)


def _number(reference: Path, target: Target) -> int:
    """The number of a version of the model; one that was removed or deleted may be named by its number."""
    if isinstance(reference, str) and not is_path(reference):
        parsed = parse_reference(reference)
        if parsed.model != target.model:
            raise InvalidQueryError(f"{shown(reference)} is no version of {target.model}.")
        if parsed.number is not None:
            return parsed.number
    version = find(reference, _models(target))
    if version.model != target.model:
        raise InvalidQueryError(f"{shown(str(reference))} is no version of {target.model}.")
    return version.number


def _models(target: Target) -> str:
    return target.opened.folder.rpartition("/")[0] or "/"


def _check_expected(name: str, known: AliasState | None, expected: int | str | None) -> None:
    now = known.version if known else None
    if expected in (ANYTHING, now):
        return
    model = name.partition("@")[0]
    wanted = "nothing" if expected is None else f"{model}:{expected}"
    if known is None:
        raise ConflictError(f"{name} names nothing, and {wanted} was expected. Nothing was changed.")
    raise ConflictError(
        f"{name} is {model}:{known.version}{_since(known)}, and {wanted} was expected. Nothing was changed.",
        number=known.version,
        actor=known.by.actor,
        ms=known.by.ms,
    )


def _since(known: AliasState) -> str:
    reason = f" ({shown(known.by.reason)})" if known.by.reason else ""
    return f" since {utc(known.by.ms)}, by {visible(known.by.actor)}{reason}"


def _move(before: int | None, after: int) -> str:
    return f"version {after}" if before is None else f"version {before} → {after}"


def _deprecated(target: Target, state: State) -> str:
    by = state.version(target.number).deprecated
    if by is None:
        return ""
    reason = f": {visible(by.reason)}" if by.reason else ""
    return f" {target.found.id} is deprecated by {visible(by.actor)}{reason}."
