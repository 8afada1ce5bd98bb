"""Moves an alias: to a version, back to an earlier holder, or away."""

from __future__ import annotations

from msgspec.structs import replace

from tb_versions.actions.expecting import ANYTHING, check_expected, expected_number, number_of, since
from tb_versions.actions.files import DIGESTS, SIZES, Files
from tb_versions.actions.gating import passed_gates
from tb_versions.actions.signing import trusted_signature
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
from tb_versions.core.manifest import visible
from tb_versions.core.times import utc_text
from tb_versions.errors import ConflictError, RefusedError, VersionDamagedError, VersionRemovedError
from tb_versions.read.holders import check_manifest, check_not_removed, no_alias
from tb_versions.registry import policy
from tb_versions.registry.events import AliasRemoved, AliasRolledBack, AliasSet, SignedBy
from tb_versions.registry.policy import PolicyFile
from tb_versions.registry.state import AliasState, Holder, State, VersionState


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
    expected, files = expected_number(expect, target), Files(target.found, progress)

    def decide(state: State, now: PolicyFile) -> Decision:
        known = state.aliases.get(alias)
        check_expected(f"{target.model}@{alias}", known, expected)
        check_not_removed(target.model, target.number, state)
        before = known.version if known else None
        name = f"{target.model}@{alias}"
        if known is not None and before == target.number and _is_that(target, known.stack[-1]):
            return Decision(None, f"{name} is {target.found.id} already{since(known)}.", before, before)
        allowed_by, verified, signature = _allowed(target, state, now, alias=alias, actor=actor, files=files)
        said = AliasSet(alias, before, now.digest, verified, allowed_by, signature)
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
    allowed once. A signature is, where the policy asks for one.

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
        VersionDamagedError: Its files are not what was published, or its manifest is not the one that was promoted.
        TbVersionsError: As in `promote`.
    """
    alias, reason, actor = checked_alias(alias), checked_reason(reason), who(actor)
    target = open_target(model, models_dir)
    state = target.opened.state()
    name = f"{target.model}@{alias}"
    expected = expected_number(expect, target)
    check_expected(name, _known(target.model, alias, state), expected)
    number = _earlier(name, _known(target.model, alias, state), None if to is None else number_of(to, target)).version
    _check_can_return(target, number, state)
    target = target.at(number)
    files = Files(target.found, progress)

    def decide(state: State, now: PolicyFile) -> Decision:
        known = _known(target.model, alias, state)
        check_expected(name, known, expected)
        holder = _earlier(name, known, None if to is None else number)
        if holder.version != number:
            by = known.by
            raise ConflictError(
                f"{name} is {target.model}:{known.version} since {utc_text(by.ms)}, by {visible(by.actor)}, while this "
                "rollback was prepared. Nothing was changed; look again.",
                number=known.version,
                actor=by.actor,
                ms=by.ms,
            )
        _check_can_return(target, number, state)
        check_manifest(target.found.id, target.found.manifest_digest, holder)
        rule = now.policy.rule(alias)
        gates = passed_gates(target, state, rule.gates if rule.rollback_gates else (), policy=now.policy)
        verified = files.check(DIGESTS)
        signature, unsigned = trusted_signature(target, now.policy) if rule.signed else (None, "")
        lacking = [*gates.lacking, *filter(None, [unsigned])]
        if lacking:
            raise RefusedError(f"{name} is not rolled back: it lacks {'; '.join(lacking)}. Nothing was changed.")
        said = AliasRolledBack(alias, known.version, now.digest, verified, gates.events, signature)
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
    expected, name = expected_number(expect, target), f"{target.model}@{alias}"

    def decide(state: State, now: PolicyFile) -> Decision:  # noqa: ARG001 - a changed policy is recorded all the same
        known = _known(target.model, alias, state)
        check_expected(name, known, expected)
        draft = target.draft_about(known.version, "alias_removed", AliasRemoved(alias), actor=actor, reason=reason)
        return Decision(draft, f"{name} names nothing any more; it was {target.model}:{known.version}.", known.version)

    return target.apply_under_policy(decide, actor=actor, dry_run=dry_run)


def _check_can_return(target: Target, number: int, state: State) -> None:
    try:
        check_not_removed(target.model, number, state)
    except VersionRemovedError as error:
        raise VersionRemovedError(f"{error} To roll back further, name an earlier version with --to.") from error


def _known(model: str, alias: str, state: State) -> AliasState:
    known = state.aliases.get(alias)
    if known is None:
        raise no_alias(model, alias, state.aliases)
    return known


def _is_that(target: Target, holder: Holder) -> bool:
    """Whether the alias was given to the manifest that is there now, as far as its event says."""
    return holder.manifest in ("", target.found.manifest_digest)


def _earlier(name: str, known: AliasState, to: int | None) -> Holder:
    """The holder that a rollback leads to."""
    model = name.partition("@")[0]
    if to is None:
        if len(known.stack) == 1:
            raise RefusedError(
                f"{name} is {model}:{known.version} and named no other version before: there is nothing to roll back "
                f"to. To remove the alias: tb-versions unalias {model} --alias {name.partition('@')[2]}"
            )
        return known.stack[-2]
    earlier = [holder.version for holder in known.stack[:-1]]
    if to == known.version:
        raise RefusedError(f"{name} is {model}:{to} already.")
    if to not in earlier:
        had = ", ".join(f"{model}:{number}" for number in dict.fromkeys(reversed(earlier))) or "no other version"
        raise RefusedError(
            f"{name} was never {model}:{to}, so it can't be rolled back to it; before, it was {had}. To name another "
            "version, promote it."
        )
    return next(holder for holder in reversed(known.stack[:-1]) if holder.version == to)


def _allowed(
    target: Target, state: State, now: PolicyFile, *, alias: str, actor: str, files: Files
) -> tuple[tuple[int, ...], str, SignedBy | None]:
    """Returns the events that allow a promotion, how the files were compared, and the signature that was asked for.

    Raises:
        RefusedError: Something is missing by the rule; it names everything.
    """
    rule = now.policy.rule(alias)
    known = _with_current_approvals(target, state) if rule.approvals else VersionState()
    gates = passed_gates(target, state, rule.gates, policy=now.policy)
    lacking = [*policy.missing(rule, known, promoter=actor), *gates.lacking]
    signature = None
    try:
        verified = files.check(DIGESTS if rule.verified or rule.signed else SIZES)
        if rule.signed:
            signature, unsigned = trusted_signature(target, now.policy)
            lacking += filter(None, [unsigned])
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
    counted = policy.counted_approvals(rule, known, promoter=actor)
    return tuple(sorted({*(by.event for by in counted.values()), *gates.events})), verified, signature


def _with_current_approvals(target: Target, state: State) -> VersionState:
    """What the log says of the version, with approvals of the manifest that is there now and of no other."""
    known = state.version(target.number)
    current = {actor: by for actor, by in known.approvals.items() if target.is_about_this(by.event)}
    return replace(known, approvals=current)


def _move(before: int | None, after: int) -> str:
    return f"version {after}" if before is None else f"version {before} → {after}"


def _deprecated(target: Target, state: State) -> str:
    by = state.version(target.number).deprecated
    if by is None:
        return ""
    reason = f": {visible(by.reason)}" if by.reason else ""
    return f" {target.found.id} is deprecated by {visible(by.actor)}{reason}."
