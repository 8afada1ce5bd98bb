"""The points that Annex IV of the AI Act, Regulation (EU) 2024/1689, asks technical documentation for, in our words.

Each has what this package knows of it: from a version's manifest and log. That is never all that the point asks for,
and most points are not about anything that a version can know. A label `annex-iv.<key>` answers for the author. Pure.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tb_versions.comparison.rows.row import number_text
from tb_versions.core.manifest import shown
from tb_versions.core.times import utc_text
from tb_versions.documents import facts
from tb_versions.documents.facts import Fact
from tb_versions.documents.subject import Number, Subject

LABEL = "annex-iv."
"""What a label begins with that answers a point."""

_Answer = Callable[[Subject], Iterable[Fact]]


def _nothing(_: Subject) -> Iterable[Fact]:
    """Nothing that a version knows belongs here."""
    return ()


@dataclass(frozen=True)
class Asked:
    """A point.

    Attributes:
        key: Names it in labels: "1a-purpose".
        number: As the annex numbers it: "1(a)".
        title: What it asks for.
        answer: Returns what is known.
    """

    key: str
    number: str
    title: str
    answer: _Answer = _nothing


@dataclass(frozen=True)
class Point:
    """A point with what is known of it: `facts` is empty where that is nothing."""

    asked: Asked
    facts: tuple[Fact, ...]


def _description(subject: Subject) -> Iterator[Fact]:
    if subject.description.strip():
        yield Fact("the author's description", subject.description.strip(), "manifest or log, `description`")
    if subject.labels.get(facts.TASK):
        yield Fact("task", subject.labels[facts.TASK], "label `task`")


def _versions(subject: Subject) -> Iterator[Fact]:
    yield from facts.identity(subject)
    yield from facts.lineage(subject)
    if subject.before:
        yield Fact(f"compared with {subject.before.id}", subject.before.summary, f"comparison ({subject.before.why})")


def _software(subject: Subject) -> Iterator[Fact]:
    """The software that made it; what it needs when it is used may be another one."""
    hardware = ("processor", "memory", "GPU")
    for fact in facts.environment(subject):
        if fact.label not in hardware:
            yield fact._replace(label=f"{fact.label}, where it was made")
    yield from (fact for fact in facts.model(subject) if fact.label.startswith("written"))


def _resources(subject: Subject) -> Iterator[Fact]:
    yield from (fact for fact in facts.environment(subject) if fact.label in ("processor", "memory", "GPU"))
    yield from (fact for fact in facts.training(subject) if fact.label == "training time")
    yield from (fact for fact in facts.model(subject) if fact.label == "parameters")


def _forms(subject: Subject) -> Iterator[Fact]:
    yield Fact("format", subject.manifest.format, "manifest, `format`")
    if subject.files is not None:
        yield Fact("files", f"{len(subject.files):,}", "manifest, `files`")


def _steps(subject: Subject) -> Iterator[Fact]:
    settings = (fact for fact in facts.training(subject) if fact.label != "training time")
    yield from itertools.chain(facts.code(subject), settings)
    yield from facts.lineage(subject)


def _optimised(subject: Subject) -> Iterator[Fact]:
    if subject.manifest.lead_metric:
        yield Fact("lead metric, by which its author chooses", subject.manifest.lead_metric, "manifest, `lead_metric`")
    yield from _goals(subject)
    yield from (fact for fact in facts.model(subject) if fact.label == "signature")


def number_facts(numbers: Iterable[Number]) -> Iterator[Fact]:
    """Yields each number with its interval and its source."""
    for number in numbers:
        interval = f", interval {number.interval}" if number.interval else ", interval not known"
        examples = "" if number.examples is None else f", {number.examples:,} examples"
        yield Fact(number.key, number_text(number.value) + interval + examples, number.origin)


def _testing(subject: Subject) -> Iterator[Fact]:
    yield from number_facts(number for number in subject.numbers if number.source != "measured")
    yield from facts.checks(subject)


def _goals(subject: Subject) -> Iterator[Fact]:
    """Which metrics there are and which way each is better; that is no reason why they are the right ones."""
    for number in subject.numbers:
        if number.goal != "unknown":
            better = "higher is better" if number.goal == "max" else "lower is better"
            source = "guessed from its name" if number.is_guess else "manifest or log, `goal`"
            yield Fact(number.key, better, source)


def _changes(subject: Subject) -> Iterator[Fact]:
    for event in subject.events:
        reason = f" ({event.reason})" if event.reason else ""
        text = f"{utc_text(event.ms)}, {event.actor}: {event.words}{reason}"
        yield Fact(f"event {event.number}", text, f"log, event {event.number}")


def _later(subject: Subject) -> Iterator[Fact]:
    yield from number_facts(number for number in subject.numbers if number.source == "measured")


def _inputs(subject: Subject) -> Iterator[Fact]:
    yield from (fact for fact in facts.model(subject) if fact.label == "signature")


SECTIONS: tuple[tuple[str, tuple[Asked, ...]], ...] = (
    (
        "1. The system in general",
        (
            Asked("1a-purpose", "1(a)", "What it is meant for", _description),
            Asked("1a-provider", "1(a)", "Who provides it"),
            Asked("1a-version", "1(a)", "Its version, and how that relates to earlier ones", _versions),
            Asked("1b", "1(b)", "How it works together with hardware, software and other AI systems around it"),
            Asked("1c", "1(c)", "Versions of the software it needs, and what updates require", _software),
            Asked("1d", "1(d)", "The forms in which it is handed over", _forms),
            Asked("1e", "1(e)", "The hardware that it is meant to run on"),
            Asked("1f", "1(f)", "Pictures of a product that it is a part of"),
            Asked("1g", "1(g)", "The user interface that deployers get"),
            Asked("1h", "1(h)", "Instructions for its use"),
        ),
    ),
    (
        "2. What it consists of, and how it was developed",
        (
            Asked("2a", "2(a)", "Steps of development, and what was taken over from others", _steps),
            Asked("2b-design", "2(b)", "Its logic, the main choices in its design, and why they were made"),
            Asked("2b-goal", "2(b)", "What it optimises, and the output to expect", _optimised),
            Asked("2c-parts", "2(c)", "How its software parts build on each other"),
            Asked("2c-resources", "2(c)", "The computing power that developing and testing it took", _resources),
            Asked("2d", "2(d)", "The data: where from, what it holds, how it was chosen, labelled and cleaned",
                  facts.data),
            Asked("2e", "2(e)", "The oversight by people that it needs"),
            Asked("2f", "2(f)", "Changes that are planned beforehand, and how it stays in order through them"),
            Asked("2g-tests", "2(g)", "How it was validated and tested, with metrics, logs and reports", _testing),
            Asked("2g-parts", "2(g)", "How it does on parts of the data, such as groups of people",
                  lambda subject: number_facts(subject.slices)),
            Asked("2h", "2(h)", "Measures against attacks"),
        ),
    ),
    (
        "3. Monitoring, functioning and control",
        (
            Asked("3-accuracy", "3", "What it can and cannot do, and the accuracy to expect",
                  lambda subject: number_facts(subject.numbers)),
            Asked("3-risks", "3", "Unwanted outcomes that can be foreseen, and sources of risk"),
            Asked("3-oversight", "3", "Measures for oversight, and what helps deployers to read its output"),
            Asked("3-input", "3", "What its input must be", _inputs),
        ),
    ),
    ("4. The metrics", (Asked("4", "4", "Why its metrics are the right ones"),)),
    ("5. Risks", (Asked("5", "5", "The system of risk management"),)),
    ("6. Changes", (Asked("6", "6", "Changes by the provider through its lifecycle", _changes),)),
    ("7. Standards", (Asked("7", "7", "Standards that were applied, or what was done instead"),)),
    ("8. Declaration", (Asked("8", "8", "The EU declaration of conformity"),)),
    ("9. After it is on the market", (
        Asked("9-plan", "9", "The plan for watching it on the market"),
        Asked("9-measured", "9", "What was measured of it in use", _later),
    )),
)  # fmt: skip
"""Title of each section and its points."""


def points_of(subject: Subject) -> Iterator[tuple[str, tuple[Point, ...]]]:
    """Yields title and points of each section, with what is known of each."""
    for title, asked in SECTIONS:
        yield title, tuple(Point(each, tuple(_facts(subject, each))) for each in asked)


def stray_labels(subject: Subject) -> Iterator[str]:
    """Yields a sentence for each label that begins as an answer does and answers no point."""
    keys = {LABEL + asked.key for _, points in SECTIONS for asked in points}
    for key in sorted(subject.labels):
        if key.startswith(LABEL) and key not in keys:
            near = difflib.get_close_matches(key, sorted(keys), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            yield f"The label {shown(key)} answers no point of Annex IV.{hint}"


def _facts(subject: Subject, asked: Asked) -> Iterator[Fact]:
    said = subject.labels.get(LABEL + asked.key, "")
    if said:
        yield Fact("in the author's words", said, f"label `{LABEL}{asked.key}`")
    yield from asked.answer(subject)
