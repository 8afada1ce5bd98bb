"""Events of a model's log: which kinds there are, what each says, and their bytes. Pure.

docs/registry-format.md has an example of every kind.
"""

from __future__ import annotations

import datetime
import hashlib
import math
import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from tb_versions.core.manifest import (
    MAX_DESCRIPTION,
    MAX_NUMBER,
    check_alias,
    check_key,
    check_text,
    is_digest,
    is_semantic_version,
    shown,
)
from tb_versions.errors import DamagedLogError, InvalidManifestError, InvalidNameError, NewerLogError
from tb_versions.registry.gate_facts import MAX_BASELINES, MAX_FINDINGS, MAX_GATE_TEXT, Finding, SeenBaseline

FORMAT = 1
"""The newest format of events that this package reads, and the one that it writes."""

EVENT_LIMIT = 1 << 20
"""Most bytes of an event; checked before it is read."""

MAX_REASON = 4_096
"""Most characters of a reason."""

MAX_ACTOR = 256
"""Most characters of an actor's name."""


_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class _Said(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """What a kind of events says beside version and reason. A field that is not known is ignored."""

    def _check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""


class Nothing(_Said, frozen=True):
    """Says no more than its version and reason."""


class AliasSet(_Said, frozen=True):
    """The alias names the event's version now.

    Attributes:
        alias: Its name.
        from_: Number of the version that it named before; None if it named none.
        policy: Digest of the policy under which it was allowed; "" without one.
        verified: How the files were compared with the manifest before: "digests", "sizes" or "".
        allowed_by: Number of each event that the policy asked for: approvals, gates.
    """

    alias: str
    from_: int | None = None
    policy: str = ""
    verified: str = ""
    allowed_by: tuple[int, ...] = ()

    def _check(self) -> None:
        check_alias(self.alias)
        _check_number(self.from_)
        _check_digest(self.policy)
        check_text(self.verified, "The verification", limit=64)
        for number in self.allowed_by:
            _check_number(number)


class AliasRolledBack(_Said, frozen=True):
    """The alias names an earlier holder again, the event's version; those after it are no longer on the stack."""

    alias: str
    from_: int | None = None
    policy: str = ""
    verified: str = ""
    allowed_by: tuple[int, ...] = ()

    def _check(self) -> None:
        check_alias(self.alias)
        _check_number(self.from_)
        _check_digest(self.policy)
        check_text(self.verified, "The verification", limit=64)
        for number in self.allowed_by:
            _check_number(number)


class AliasRemoved(_Said, frozen=True):
    """The alias names nothing any more, and its stack is empty; the event's version was the last."""

    alias: str

    def _check(self) -> None:
        check_alias(self.alias)


class Removed(_Said, frozen=True):
    """The version's files go, or went.

    Attributes:
        digest: Of its files, as its manifest says.
        size: Bytes of its files, or None.
        by: What asked for it: "remove", "prune", "keep=3"; with its run where a training did.
    """

    digest: str = ""
    size: int | None = None
    by: str = ""

    def _check(self) -> None:
        _check_digest(self.digest)
        _check_number(self.size)
        check_text(self.by, "What asked for the removal")


class LabelSet(_Said, frozen=True):
    """A label of the version has a value now; it hides that of the manifest."""

    key: str
    value: str

    def _check(self) -> None:
        check_key(self.key, "A label's key")
        check_text(self.value, f"The label {shown(self.key)}")


class LabelRemoved(_Said, frozen=True):
    """A label of the version is gone, also if the manifest has it."""

    key: str

    def _check(self) -> None:
        check_key(self.key, "A label's key")


class Text(_Said, frozen=True):
    """A description, which replaces that of the manifest, or a note, which stands beside earlier ones; Markdown."""

    text: str

    def _check(self) -> None:
        check_text(self.text, "The text", limit=MAX_DESCRIPTION, newlines=True)


class SemanticVersionGiven(_Said, frozen=True):
    """The version has this semantic version now."""

    semantic_version: str

    def _check(self) -> None:
        if not is_semantic_version(self.semantic_version):
            raise InvalidManifestError(f"{shown(self.semantic_version)} is not a semantic version, like 1.4.0.")


class PolicyChanged(_Said, frozen=True):
    """The policy file was seen to have changed.

    Attributes:
        digest: Of the file; "" where it is gone.
        rules: What it says, as TOML.
        loosened: A sentence for each rule that asks for less than before.
    """

    digest: str = ""
    rules: str = ""
    loosened: tuple[str, ...] = ()

    def _check(self) -> None:
        _check_digest(self.digest)
        check_text(self.rules, "The policy", limit=MAX_DESCRIPTION, newlines=True)
        for sentence in self.loosened:
            check_text(sentence, "A loosened rule")


class Verified(_Said, frozen=True):
    """The version's files were compared with its manifest.

    Attributes:
        ok: Whether they are as published.
        digest: Of the files, as the manifest says.
        how: "digests", or "sizes" for a quick look.
        found: What differs, in words; "" if nothing.
    """

    ok: bool
    digest: str = ""
    how: str = "digests"
    found: str = ""

    def _check(self) -> None:
        _check_digest(self.digest)
        check_text(self.how, "The way of verifying", limit=64)
        check_text(self.found, "What differs", limit=MAX_REASON)


class Replayed(_Said, frozen=True):
    """The version was asked again, and its answers were compared with its golden outputs.

    Attributes:
        ok: Whether all are the same, within the tolerance.
        golden: Digest of the golden outputs.
        tensorflow: Version of the TensorFlow that loaded it; "" where it got not so far.
        device: Where it ran.
        outputs: Number of outputs that were compared.
        max_error: Largest difference of a number; None where none is known.
        agreement: Smallest share of examples whose largest score has the same position; None where there are no scores.
        absolute: Difference that was allowed, where it was given; else None: by the type of the numbers.
        relative: Likewise the share that was allowed on top.
        found: What differs, or why there was no answer, in words; "" if nothing.
    """

    ok: bool
    golden: str = ""
    tensorflow: str = ""
    device: str = ""
    outputs: int = 0
    max_error: float | None = None
    agreement: float | None = None
    absolute: float | None = None
    relative: float | None = None
    found: str = ""

    @property
    def words(self) -> str:
        """How it came out: "replayed on TF 2.21.0 / CPU, max error 3e-07"."""
        where = f" on TF {self.tensorflow} / {self.device}" if self.tensorflow else ""
        error = f", max error {self.max_error:.2g}" if self.max_error is not None else ""
        return f"{'replayed' if self.ok else 'answers differ or are missing, replayed'}{where}{error}"

    def _check(self) -> None:
        _check_digest(self.golden)
        check_text(self.tensorflow, "The version of TensorFlow", limit=64)
        check_text(self.device, "The device", limit=64)
        check_text(self.found, "What differs", limit=MAX_REASON)
        _check_number(self.outputs)
        for number in (self.max_error, self.agreement, self.absolute, self.relative):
            if number is not None and not (math.isfinite(number) and number >= 0):
                raise InvalidManifestError(f"{shown(number)} is no number from 0 on.")


class Deployed(_Said, frozen=True):
    """The version was handed to something that serves it.

    Attributes:
        target: Its name or address.
        alias: The alias or label by which it is served; "" for none.
    """

    target: str
    alias: str = ""

    def _check(self) -> None:
        check_text(self.target, "The target")
        if self.alias:
            check_alias(self.alias)


class Copied(_Said, frozen=True):
    """The version was copied from another folder.

    Attributes:
        source: The version there.
        events: What the log there says of the version, oldest first, as it is written; for reading only.
        source_manifest: Digest of its manifest there; with the same number that of the copy is equal.
        left_out: Number of the oldest of those events that are not here, because they would be too large.
    """

    source: str
    events: tuple[msgspec.Raw, ...] = ()
    source_manifest: str = ""
    left_out: int = 0

    def _check(self) -> None:
        check_text(self.source, "The source")
        _check_digest(self.source_manifest)


class GateChecked(_Said, frozen=True):
    """The version was judged by the rules of a gate. What it saw is bound by digests: see `staleness`.

    Attributes:
        gate: Name of the gate.
        passed: Whether every rule passed.
        on: Source of metrics measured later to which the check was restricted; "" for all rules.
        rules: Digest of the file of rules.
        files: Digest of the version's files, as its manifest says.
        metrics: Digest of the metrics that were seen.
        sources: Of metrics measured later that were read.
        baselines: Versions that it was compared with.
        until: Until when the values measured later are not too old, milliseconds since the epoch; None: for ever.
        required: What rules require and the version had, and may be taken away: "description", "label:owner".
        findings: What came of each rule.
    """

    gate: str
    passed: bool
    on: str = ""
    rules: str = ""
    files: str = ""
    metrics: str = ""
    sources: tuple[str, ...] = ()
    baselines: tuple[SeenBaseline, ...] = ()
    until: int | None = None
    required: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        """What it is a result of: the gate, with the source to which it was restricted."""
        return gate_key(self.gate, self.on)

    def _check(self) -> None:
        check_alias(self.gate)
        for text in (self.on, *self.sources):
            check_text(text, "A source", limit=256)
        for text in self.required:
            check_text(text, "What is required", limit=MAX_GATE_TEXT)
        for digest in (self.rules, self.files, self.metrics):
            _check_digest(digest)
        _check_number(self.until)
        for what, many, most in (
            ("sources of metrics measured later", self.sources, MAX_BASELINES),
            ("baselines", self.baselines, MAX_BASELINES),
            ("required labels", self.required, MAX_FINDINGS),
            ("results of rules", self.findings, MAX_FINDINGS),
        ):
            if len(many) > most:
                raise InvalidManifestError(
                    f"A result of a gate has at most {most} {what}, and this one has {len(many):,}: make several files "
                    "of rules."
                )
        for baseline in self.baselines:
            baseline.check()
        for finding in self.findings:
            finding.check()
        if self.passed != all(each.verdict == "passed" for each in self.findings) or not self.findings:
            raise InvalidManifestError("Whether the gate passed is not what its rules say.")


def gate_key(gate: str, on: str) -> str:
    """Returns what a result is of: "release", or "release on monitoring"; a part never stands for the whole."""
    return f"{gate} on {on}" if on else gate


class Kind(Struct, frozen=True):
    """A kind of events.

    Attributes:
        said: What such an event says.
        is_critical: Whether the state is not known to a reader that does not know the kind.
        of_version: Whether such an event is of a version; else of the model.
    """

    said: type[_Said]
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


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
"""The moment from which milliseconds are counted."""

_MILLISECOND = datetime.timedelta(milliseconds=1)
_DECODER = msgspec.json.Decoder(Event)
_DECODERS: dict[str, Any] = {name: msgspec.json.Decoder(kind.said) for name, kind in KINDS.items()}


def milliseconds(time: datetime.datetime) -> int:
    """Returns a time with a zone as milliseconds since the epoch; what is less than one is cut off."""
    return (time - EPOCH) // _MILLISECOND


def said(event: Event) -> Any:
    """Returns what an event of a known kind says.

    Raises:
        DamagedLogError: It breaks the rules of its kind.
    """
    try:
        found = _DECODERS[event.kind].decode(event.data)
        found._check()
    except (msgspec.MsgspecError, RecursionError, InvalidManifestError, InvalidNameError) as error:
        raise DamagedLogError(f"Event {event.number} ({event.kind}) is damaged: {error}") from error
    return found


def encode(event: Event, what: _Said) -> bytes:
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
    what._check()
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
    _check_digest(event.manifest)
    _check_digest(event.prev)
    kind = KINDS.get(event.kind)
    if event.version is None and kind is not None and kind.of_version:
        raise InvalidManifestError("it names no version.")
    _check_number(event.version)
    check_id(event.id)
    if event.format < 1:
        raise InvalidManifestError(f"{event.format} is no format.")
    if event.origin is not None:
        _check_number(event.origin.number)
        _check_digest(event.origin.digest)


def check_id(text: str) -> None:
    """Raises InvalidManifestError unless a text is an id: 32 hexadecimal digits, lower case."""
    if not _ID.fullmatch(text):
        raise InvalidManifestError(f"{shown(text)} is no id, 32 hexadecimal digits.")


def _check_number(number: object) -> None:
    if number is not None and not (isinstance(number, int) and 0 <= number <= MAX_NUMBER):
        raise InvalidManifestError(f"{shown(number)} is no number from 0 to 2**63 - 1.")


def _check_digest(text: str) -> None:
    if text and not is_digest(text):
        raise InvalidManifestError(f"{shown(text)} is no digest, sha256: and 64 hexadecimal digits.")
