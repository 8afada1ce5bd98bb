"""What is known of a version that a gate judges: read by `reading`, judged by the modules of rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tb_versions.comparison import Comparison, Member, Row
from tb_versions.read.catalog import Version
from tb_versions.registry.measured import Measured, Value


@dataclass(frozen=True)
class Checked:
    """The answer to a question that is asked of files or of the log.

    Attributes:
        ok: Whether it is well; None where that is not known.
        words: What was found, or why it is not known.
    """

    ok: bool | None
    words: str


NOT_ASKED = Checked(None, "It was not asked.")


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A version that changes are compared with.

    Attributes:
        name: As the rules name it: "production", "parent", "digits:3".
        member: The version; None where nothing can be compared with it.
        version: The version that the name leads to, also where it can't be compared; None where it leads to none.
        why_not: Why it is not known, a sentence; "" where it is.
        is_empty: Whether the name is an alias that never named a version, or names none any more.
        comparison: Of the judged version with it, which is the comparison's baseline; None where there is none.
        position: Of the judged version in the comparison.
        files: Path to digest of each of its files; None where they are not known.
    """

    name: str
    member: Member | None = None
    version: Version | None = None
    why_not: str = ""
    is_empty: bool = False
    comparison: Comparison | None = None
    position: int = 0
    files: Mapping[str, str] | None = None

    @property
    def id(self) -> str:
        """Its reference: "digits:3"; "" where there is none."""
        return self.member.id if self.member else ""

    def row(self, group: str, key: str) -> Row | None:
        """Returns a row of the comparison; None where it has none."""
        try:
            return self.comparison.row(group, key) if self.comparison else None
        except KeyError:
            return None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The version that is judged.

    Attributes:
        member: As comparisons have it.
        number: Of the version.
        files: As in `Baseline`.
        description: The one given last.
        labels: Those of the manifest, changed by what was set later.
        measured: What was measured later of the model's versions, by time.
        unread_ms: Of when the newest of these is that can't be read, milliseconds since the epoch; None: all were read.
        now_ms: Milliseconds since the epoch.
        promoted_ms: When it got the alias that is looked at; None where it holds none.
        alias: That alias, or "".
        head: Number of the log's last event that was seen.
        verified: Whether its files are as published.
        replayed: Whether its golden outputs came out the same.
        baselines: By the names in the rules.
        passes_without_baseline: Whether a change is allowed where an alias names no version.
        problems: Sentences about what could not be read.
    """

    member: Member
    number: int
    files: Mapping[str, str] | None = None
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    measured: Sequence[Measured] = ()
    unread_ms: int | None = None
    now_ms: int = 0
    promoted_ms: int | None = None
    alias: str = ""
    head: int = 0
    verified: Checked = NOT_ASKED
    replayed: Checked = NOT_ASKED
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    passes_without_baseline: bool = False
    problems: tuple[str, ...] = ()

    @property
    def manifest_digest(self) -> str:
        """Of its manifest's bytes; "" where they can't be read."""
        return self.member.version.manifest_digest if self.member.version else ""


@dataclass(frozen=True)
class Later:
    """A metric that was measured later: all of one measurement, and the value."""

    measured: Measured
    value: Value
