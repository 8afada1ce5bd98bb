"""The policy file of a model, `.versions/policy.toml`: what a version needs before it may hold a protected alias. Pure.

[aliases.production]
approvals = 1                   # by others than who promotes
approvers = ["anna", "ben"]     # whose approval counts; without it, anybody's
verified = true                 # every file is read and compared before
gates = ["release"]             # that passed, and are not stale
rollback_gates = false          # whether rollback needs fresh gates too
signed = true                   # by one of the keys below; checked whenever the alias moves

[gates]
release = "sha256:…"            # only a result of these very rules counts

[trust.keys]
release = '''-----BEGIN PUBLIC KEY----- …'''
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_TEXT, check_alias, check_text, is_digest, shown, visible
from tb_versions.core.signing.keys import PublicKey, public_key
from tb_versions.core.store import Store
from tb_versions.errors import InvalidManifestError, InvalidNameError, RefusedError, UnsafeFileError
from tb_versions.registry.state import VersionState

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

POLICY_NAME = "policy.toml"


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """What a version needs before it may hold an alias.

    Attributes:
        approvals: Approvals by others than who promotes.
        approvers: Whose approval counts; empty: anybody's.
        verified: Whether every file must be as published.
        gates: Names of gates that it must have passed.
        rollback_gates: Whether an earlier holder needs them too.
        signed: Whether its files must be signed with a key that the policy trusts, an earlier holder's too.
    """

    approvals: Annotated[int, Meta(ge=0, le=100)] = 0
    approvers: tuple[str, ...] = ()
    verified: bool = False
    gates: tuple[str, ...] = ()
    rollback_gates: bool = False
    signed: bool = False


class Trust(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose signatures count.

    Attributes:
        keys: Public keys as PEM, by name. They stand in the policy itself, so that the log keeps them.
    """

    keys: Mapping[str, str] = field(default_factory=dict)


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """What a policy says.

    Attributes:
        aliases: The rule of each protected alias.
        gates: Digest of the only rules that count for a gate, by its name; of another gate those that were used last.
        trust: Whose signatures count.
    """

    aliases: Mapping[str, Rule] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)
    trust: Trust = Trust()

    def rule(self, alias: str) -> Rule:
        """Returns the rule of an alias; of one that is not protected, one that asks for nothing."""
        return self.aliases.get(alias, _FREE)

    def trusted_keys(self) -> tuple[PublicKey, ...]:
        """Returns the keys that are trusted."""
        return tuple(public_key(name, text) for name, text in sorted(self.trust.keys.items()))


_FREE = Rule()


class PolicyFile(Struct, frozen=True):
    """A policy as a file has it.

    Attributes:
        policy: What it says.
        digest: "sha256:<hex>" of its bytes; "" where there is no file.
        text: What it is written as.
    """

    policy: Policy = Policy()
    digest: str = ""
    text: str = ""


def read(store: Store) -> PolicyFile:
    """Returns the policy of a model; where there is no file, one that asks for nothing.

    Args:
        store: The folder `.versions` of the model.

    Raises:
        RefusedError: The file can't be understood: what it asks for is not known, so nothing is allowed.
        StorageError: It can't be read.
    """
    where = f"{store.shown}/{POLICY_NAME}"
    try:
        data = store.read(POLICY_NAME, MAX_DESCRIPTION)
    except FileNotFoundError:
        return PolicyFile()
    except (InvalidManifestError, UnsafeFileError) as error:
        raise RefusedError(f"The policy can't be read, so nothing it may protect is changed: {error}") from error
    try:
        text = data.decode("utf-8")
        return PolicyFile(parse(text), f"sha256:{hashlib.sha256(data).hexdigest()}", text)
    except (UnicodeDecodeError, InvalidManifestError) as error:
        raise RefusedError(f"{where} can't be understood, so nothing it may protect is changed: {error}") from error


def parse(text: str) -> Policy:
    """Returns the policy that a text says.

    Raises:
        InvalidManifestError: It is no TOML, or has a key or value that is no rule.
    """
    try:
        check_text(text, "The file", limit=MAX_DESCRIPTION, newlines=True)  # as the event that records it
        found = msgspec.convert(tomllib.loads(text), Policy)
        for name in (*found.aliases, *found.gates, *found.trust.keys):
            check_alias(name)
        found.trusted_keys()
        for gate, digest in found.gates.items():
            if not is_digest(digest):
                raise InvalidManifestError(
                    f"The rules of the gate {shown(gate)} must be sha256:<64 hex digits>, not {shown(digest)}; "
                    "tb-versions gate check prints it."
                )
    except (
        tomllib.TOMLDecodeError,
        msgspec.ValidationError,
        RecursionError,
        InvalidNameError,
        InvalidManifestError,
    ) as error:
        raise InvalidManifestError(visible(str(error))) from error
    return found


def loosened(before: Policy, after: Policy) -> tuple[str, ...]:
    """Returns a sentence for each rule that asks for less than before."""
    of_aliases = (
        sentence
        for alias in sorted(before.aliases)
        for sentence in _loosened(alias, before.rule(alias), after.rule(alias))
    )
    of_gates = (
        _cut(f"The gate {gate} may be of {'other' if gate in after.gates else 'any'} rules.")
        for gate, digest in sorted(before.gates.items())
        if after.gates.get(gate) != digest
    )
    return (*of_aliases, *of_gates, *_more_trusted(before, after))


def _more_trusted(before: Policy, after: Policy) -> Iterator[str]:
    """A sentence for each key that was not trusted when an alias needed a signature already."""
    if any(rule.signed for rule in before.aliases.values()):
        known = {key.fingerprint for key in before.trusted_keys()}
        yield from (
            _cut(f"Signatures by the key {key} count.") for key in after.trusted_keys() if key.fingerprint not in known
        )


def missing(rule: Rule, version: VersionState, *, promoter: str) -> tuple[str, ...]:
    """Returns what a version lacks in approvals, in words; nothing if the rule is satisfied.

    Args:
        rule: Of the alias.
        version: What the log says of the version.
        promoter: Who wants to promote it; their own approval does not count.
    """
    counted = counted_approvals(rule, version, promoter=promoter)
    lacking = rule.approvals - len(counted)
    if lacking <= 0:
        return ()
    of = f" of {', '.join(rule.approvers)}" if rule.approvers else ""
    own = " (one's own does not count)" if promoter in version.approvals else ""
    return (f"{lacking} more approval{'s' if lacking > 1 else ''}{of}{own}",)


def counted_approvals(rule: Rule, version: VersionState, *, promoter: str) -> Mapping[str, Any]:
    """Returns the approvals that count, by actor."""
    return {
        actor: by
        for actor, by in version.approvals.items()
        if actor != promoter and (not rule.approvers or actor in rule.approvers)
    }


def _loosened(alias: str, before: Rule, after: Rule) -> Iterator[str]:
    if after.approvals < before.approvals:
        yield f"{alias} needs {after.approvals} approvals; before it were {before.approvals}."
    added = sorted(set(after.approvers) - set(before.approvers))
    if before.approvers and (added or not after.approvers):
        yield _cut(f"Approvals of {', '.join(added) or 'anybody'} count for {alias}.")
    if before.verified and not after.verified:
        yield f"{alias} needs no verified files."
    for gate in sorted(set(before.gates) - set(after.gates)):
        yield _cut(f"{alias} needs no gate {gate}.")
    if before.rollback_gates and not after.rollback_gates:
        yield f"Rollback of {alias} needs no gates."
    if before.signed and not after.signed:
        yield f"{alias} needs no signature."


def _cut(sentence: str) -> str:
    """The sentence as an event may hold it: it must not keep the policy from being recorded."""
    text = visible(sentence)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
