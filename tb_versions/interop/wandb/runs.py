"""A run of W&B, and the artifacts that it logged. Pure."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from tb_versions.core.manifest import Scalar
from tb_versions.interop.wandb.framing import Damage

Value = tuple[float, int | None]
"""A metric's value and its step; None where it has none."""


@dataclass(frozen=True)
class ArtifactFile:
    """A file of an artifact.

    Attributes:
        path: In the artifact.
        digest: MD5 in base 64.
        size: In bytes.
        local: Where its copy was put when it was logged.
        reference: Its address, where it was not copied.
    """

    path: str
    digest: str
    size: int
    local: str
    reference: str


@dataclass(frozen=True)
class Artifact:
    """An artifact as a run logged it.

    Attributes:
        name: Its name.
        kind: "model", "dataset", or any other.
        digest: Of its content.
        description: As people wrote it.
        metadata: JSON.
        aliases: That it got.
        tags: Likewise.
        files: Its files; empty where the record has them in another file.
        has_files: Whether the record has the list.
        time: About when it was logged: the last time that the run had told before.
        values: Metrics as they were.
    """

    name: str
    kind: str
    digest: str
    description: str
    metadata: str
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    files: tuple[ArtifactFile, ...]
    has_files: bool
    time: float
    values: dict[str, Value]


@dataclass
class Run:
    """A run.

    Attributes:
        run_id: Its id.
        entity: User or team; "" where the run did not say.
        project: Its project.
        group: As people wrote it; so are job_type, name, notes and tags.
        job_type: Likewise.
        name: Likewise.
        notes: Likewise.
        sweep: Id of its sweep.
        tags: Likewise.
        start: When it began, in seconds since 1970; 0 where unknown.
        config: By name.
        values: Metrics at its end: the history's last, else the summary's.
        left_out: Names of history and summary that are no numbers.
        artifacts: In the order in which they were logged.
        commit: Of git.
        remote: Likewise.
        entry_point: The script.
        python: Version.
        os: As the run told it.
        has_ended: Whether it ended by itself.
        damage: What its file has lost.
        unread: How many records could not be read.
    """

    run_id: str = ""
    entity: str = ""
    project: str = ""
    group: str = ""
    job_type: str = ""
    name: str = ""
    notes: str = ""
    sweep: str = ""
    tags: list[str] = field(default_factory=list)
    start: float = 0.0
    config: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    artifacts: list[Artifact] = field(default_factory=list)
    commit: str = ""
    remote: str = ""
    entry_point: str = ""
    python: str = ""
    os: str = ""
    has_ended: bool = False
    damage: Damage = field(default_factory=Damage)
    unread: int = 0


def time_of(seconds: float) -> datetime.datetime | None:
    """Returns a time; None where there is none."""
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
