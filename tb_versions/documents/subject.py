"""One version as a document tells it, and where each of its numbers came from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import File, Scalar, VersionManifest, metric_key
from tb_versions.core.times import utc_text
from tb_versions.read.curves.curve import Points
from tb_versions.read.sources import SOURCES

NOT_KNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Number:
    """A metric of the version.

    Attributes:
        name: Of the metric.
        dataset: That it was measured on; "" where unsaid.
        slice: Part of the dataset; "" for all of it.
        value: Any double.
        goal: "max", "min" or "unknown".
        is_guess: Whether the goal was guessed from the name.
        source: Key of `read.sources.SOURCES`.
        detail: More of where it came from: a run, a tag, who measured it.
        step: Training step at which it was taken.
        lower: Lower end of its interval, or None; `upper`, `confidence` and `examples` likewise.
        ms: When it was measured, of what was measured later; milliseconds since the epoch.
    """

    name: str
    value: float
    source: str
    dataset: str = ""
    slice: str = ""
    goal: str = "unknown"
    is_guess: bool = False
    detail: str = ""
    step: int | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None
    examples: int | None = None
    ms: int | None = None

    @property
    def key(self) -> str:
        """Its name with dataset and slice, as the table of the tab calls it."""
        return metric_key(self.name, self.dataset, self.slice)

    @property
    def origin(self) -> str:
        """Where it came from: "training log (run mlp/train, tag epoch_loss, step 300)"."""
        step = "" if self.step is None else f"step {self.step:,}"
        details = ", ".join(filter(None, (self.detail, step, "" if self.ms is None else utc_text(self.ms))))
        return SOURCES[self.source].words + (f" ({details})" if details else "")

    @property
    def interval(self) -> str:
        """Its interval: "0.72 to 0.95 (95 %)"; "" where none is known."""
        if self.lower is None and self.upper is None:
            return ""
        lower, upper = (NOT_KNOWN if end is None else significant(end) for end in (self.lower, self.upper))
        confidence = "confidence not said" if self.confidence is None else f"{100 * self.confidence:.5g} %"
        return f"{lower} to {upper} ({confidence})"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A curve that the version was exported from.

    Attributes:
        name: Of the metric.
        run: That logged it.
        points: By ascending step.
        step: Of the export; None where unknown.
        sampled: Whether points may be missing.
    """

    name: str
    run: str
    points: Points
    step: int | None
    sampled: bool


@dataclass(frozen=True, kw_only=True)
class Before:
    """How the version compares with the one before.

    Attributes:
        id: Of that one.
        why: Why it is that one: "production before this version".
        summary: One paragraph.
        metrics: Label, value before, value now with what that means, for each metric of either.
    """

    id: str
    why: str
    summary: str
    metrics: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a log says of the version: the event's number, when, by whom, what, and why."""

    number: int
    ms: int
    actor: str
    words: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One version; in all texts what must not leave this machine was taken out or masked.

    Attributes:
        id: Reference.
        manifest: What was published.
        state: Of its files, and `notice` a sentence about that, or "".
        files: None where it is not known which there are.
        numbers: Whole datasets first as the manifest has them, then curves' values, then what was measured later.
        slices: Likewise of parts of data, the worst first.
        semantic_version: The last that was given.
        description: The last that was given, Markdown.
        labels: As they are now.
        hyperparameters: Of the manifest or else of the run; `from_run` says which.
        aliases: That it holds, with a word behind each that was given to another manifest.
        events: What its log says of it, the oldest first.
        gates: A phrase for each.
        said: What the log says, as `/version` has it; empty where it says nothing.
        lineage: Parents and children in words.
        curve: Of the lead metric, or of the first that has one; None where there is none.
        before: None where there is nothing to compare with.
        why_nothing_before: Why not.
        left_out: Sentences: what was taken out of this document.
        problems: Sentences: what could not be read.
    """

    id: str
    manifest: VersionManifest
    state: str
    notice: str = ""
    files: tuple[File, ...] | None = None
    numbers: tuple[Number, ...] = ()
    slices: tuple[Number, ...] = ()
    semantic_version: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Mapping[str, Scalar] = field(default_factory=dict)
    from_run: bool = False
    aliases: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    gates: tuple[str, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    lineage: tuple[str, ...] = ()
    curve: Drawn | None = None
    before: Before | None = None
    why_nothing_before: str = ""
    left_out: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Model and version: "digits 1.4.0 (version 3)"."""
        model, number = self.manifest.model, self.manifest.number
        return f"{model} {self.semantic_version} (version {number})" if self.semantic_version else f"{model} {number}"
