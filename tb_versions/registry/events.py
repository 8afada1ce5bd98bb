"""Events of a model's log: which kinds there are, what each says, and their bytes. Pure.

docs/registry-format.md has an example of every kind.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from tb_versions.core.manifest import check_text
from tb_versions.core.times import milliseconds
from tb_versions.errors import DamagedLogError, InvalidManifestError, InvalidNameError, NewerLogError
from tb_versions.registry.said.aliases import AliasRemoved, AliasRolledBack, AliasSet, SignedBy
from tb_versions.registry.said.base import MAX_ACTOR, MAX_REASON, Nothing, Said, check_digest, check_id, check_number
from tb_versions.registry.said.gates import GateChecked, gate_key
from tb_versions.registry.said.policies import PolicyChanged
from tb_versions.registry.said.trust import (
    BehaviourCompared,
    Inspected,
    Replayed,
    SignatureChecked,
    Signed,
    Verified,
    key_in_words,
)
from tb_versions.registry.said.versions import (
    Copied,
    Deployed,
    LabelRemoved,
    LabelSet,
    Removed,
    SemanticVersionGiven,
    Text,
)

__all__ = [
    "EVENT_LIMIT",
    "FORMAT",
    "KINDS",
    "MAX_ACTOR",
    "MAX_REASON",
    "AliasRemoved",
    "AliasRolledBack",
    "AliasSet",
    "BehaviourCompared",
    "Copied",
    "Deployed",
    "Event",
    "GateChecked",
    "Inspected",
    "Kind",
    "LabelRemoved",
    "LabelSet",
    "Nothing",
    "Origin",
    "PolicyChanged",
    "Removed",
    "Replayed",
    "Said",
    "SemanticVersionGiven",
    "SignatureChecked",
    "Signed",
    "SignedBy",
    "Text",
    "Verified",
    "adopted",
    "check_id",
    "decode",
    "digest_of",
    "encode",
    "gate_key",
    "key_in_words",
    "said",
]

FORMAT = 1
"""The newest format of events that this package reads, and the one that it writes."""

EVENT_LIMIT = 1 << 20
"""Most bytes of an event; checked before it is read."""


class Kind(Struct, frozen=True):
    """A kind of events.

    Attributes:
        said: What such an event says.
        is_critical: Whether the state is not known to a reader that does not know the kind.
        of_version: Whether such an event is of a version; else of the model.
    """

    said: type[Said]
    is_critical: bool = False
    of_version: bool = True


KINDS: dict[str, Kind] = {
    "alias_set": Kind(AliasSet, is_critical=True),
    "alias_rolled_back": Kind(AliasRolledBack, is_critical=True),
    "alias_removed": Kind(AliasRemoved, is_critical=True),
    "approved": Kind(Nothing, is_critical=True),
    "approval_withdrawn": Kind(Nothing, is_critical=True),
    "deprecated": Kind(Nothing),
    "restored": Kind(Nothing),
    "removed": Kind(Removed, is_critical=True),
    "label_set": Kind(LabelSet),
    "label_removed": Kind(LabelRemoved),
    "described": Kind(Text),
    "noted": Kind(Text),
    "semantic_version_given": Kind(SemanticVersionGiven, is_critical=True),
    "policy_changed": Kind(PolicyChanged, is_critical=True, of_version=False),
    "verified": Kind(Verified),
    "deployed": Kind(Deployed),
    "copied": Kind(Copied),
    "gate_checked": Kind(GateChecked),
    "replayed": Kind(Replayed),
    "behaviour_compared": Kind(BehaviourCompared),
    "signed": Kind(Signed),
    "signature_checked": Kind(SignatureChecked),
    "inspected": Kind(Inspected),
}
"""Every kind that this package knows, in the order of the documentation."""


class Origin(Struct, frozen=True, omit_defaults=True):
    """Where an event stood before two logs were merged.

    Attributes:
        number: Its number there.
        digest: Of its bytes there.
    """

    number: int
    digest: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a model's log.

    Attributes:
        format: Of the event.
        critical: Whether a reader that does not know the kind must say that the state is not known.
        number: From 1, without gaps.
        id: 32 hexadecimal digits, chosen by the writer; no other event has it.
        prev: Digest of the bytes of the event before; "" for the first.
        time: With a zone, by the writer's clock; RFC 3339 on disk.
        actor: Who says that it is their doing; a claim.
        tool: What wrote it, with its version.
        kind: See `KINDS`.
        version: Number of the version that it is about; None if it is about the model.
        manifest: Digest of that version's manifest; "" where unknown.
        reason: Why, in the actor's words.
        data: What the kind says, see `said`.
        origin: Where it stood before a merge.
    """

    format: int
    critical: bool
    number: int
    id: str
    prev: str
    time: Annotated[datetime.datetime, Meta(tz=True)]
    actor: str
    tool: str
    kind: str
    version: int | None = None
    manifest: str = ""
    reason: str = ""
    data: msgspec.Raw = field(default_factory=lambda: msgspec.Raw(b"{}"))
    origin: Origin | None = None

    @property
    def time_ms(self) -> int:
        """Milliseconds since the epoch, by the writer's clock."""
        return milliseconds(self.time)


_DECODER = msgspec.json.Decoder(Event)
_DECODERS: dict[str, Any] = {name: msgspec.json.Decoder(kind.said) for name, kind in KINDS.items()}


def said(event: Event) -> Any:
    """Returns what an event of a known kind says.

    Raises:
        DamagedLogError: It breaks the rules of its kind.
    """
    try:
        found = _DECODERS[event.kind].decode(event.data)
        found.check()
    except (msgspec.MsgspecError, RecursionError, InvalidManifestError, InvalidNameError) as error:
        raise DamagedLogError(f"Event {event.number} ({event.kind}) is damaged: {error}") from error
    return found


def encode(event: Event, what: Said) -> bytes:
    """Returns the bytes of an event, a key a line, for people to read.

    Args:
        event: Without `data`.
        what: What its kind says.

    Raises:
        InvalidManifestError: A rule is broken, or the event is too large.
        InvalidNameError: A name breaks the naming rule.
    """
    if not isinstance(what, KINDS[event.kind].said):
        raise InvalidManifestError(f"An event {event.kind} can't say {type(what).__name__}.")
    what.check()
    _check(event)
    whole = replace(event, data=msgspec.Raw(msgspec.json.encode(what)))
    written = _formatted(msgspec.json.encode(whole))
    try:  # What can't be read would damage the log for ever.
        said(decode(written, event.number))
    except DamagedLogError as error:
        raise InvalidManifestError(f"The event is not written: {error}") from error
    return written


def adopted(data: bytes, before: tuple[int, str], origin: Origin) -> bytes:
    """Returns the bytes of an event of another log for its place in this one; all that it says stays as it is.

    Args:
        data: Its bytes there.
        before: Number and digest of the event after which it comes.
        origin: Its number and digest there.

    Raises:
        InvalidManifestError: It is too large with its origin.
    """
    fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    fields |= {
        name: msgspec.Raw(msgspec.json.encode(value))
        for name, value in (("number", before[0] + 1), ("prev", before[1]), ("origin", origin))
    }
    return _formatted(msgspec.json.encode(fields))


def _formatted(data: bytes) -> bytes:
    written = msgspec.json.format(data, indent=1) + b"\n"
    if len(written) > EVENT_LIMIT:
        raise InvalidManifestError(f"The event has {len(written):,} bytes; at most {EVENT_LIMIT:,} are allowed.")
    return written


def decode(data: bytes, number: int) -> Event:
    """Returns the event that an entry of a log holds.

    Args:
        data: Its bytes.
        number: The entry's, as its name says.

    Raises:
        NewerLogError: A newer version of this package wrote it.
        DamagedLogError: It is no event, or breaks a rule.
    """
    try:
        event = _DECODER.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        if _format_of(data) > FORMAT:
            raise _newer(number) from error
        raise DamagedLogError(f"Event {number} is damaged: {error}") from error
    if event.format > FORMAT or (event.critical and event.kind not in KINDS):
        raise _newer(number)
    if event.number != number:
        raise DamagedLogError(f"Event {number} is damaged: it says that it is number {event.number}.")
    try:
        _check(event)
    except (InvalidManifestError, InvalidNameError) as error:
        raise DamagedLogError(f"Event {number} is damaged: {error}") from error
    return event


def digest_of(data: bytes) -> str:
    """Returns "sha256:<hex>" of an event's bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class _Format(Struct):
    format: int = 0


def _format_of(data: bytes) -> int:
    try:
        return msgspec.json.decode(data, type=_Format).format
    except (msgspec.MsgspecError, RecursionError):
        return 0


def _newer(number: int) -> NewerLogError:
    return NewerLogError(
        f"Event {number} was written by a newer version of tb_versions, so the state is not known: "
        "pip install --upgrade tensorboard-plugin-versions"
    )


def _check(event: Event) -> None:
    check_text(event.actor, "The actor", limit=MAX_ACTOR)
    check_text(event.reason, "The reason", limit=MAX_REASON, newlines=True)
    check_text(event.tool, "The tool", limit=MAX_ACTOR)
    check_text(event.kind, "The kind", limit=64)
    check_digest(event.manifest)
    check_digest(event.prev)
    kind = KINDS.get(event.kind)
    if event.version is None and kind is not None and kind.of_version:
        raise InvalidManifestError("it names no version.")
    check_number(event.version)
    check_id(event.id)
    if event.format < 1:
        raise InvalidManifestError(f"{event.format} is no format.")
    if event.origin is not None:
        check_number(event.origin.number)
        check_digest(event.origin.digest)
