"""A model card: Markdown with the metadata that Hugging Face reads. Pure.

Texts of manifests are inert in it: no markup, no HTML, no link, and none of them can end the metadata.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tb_versions._version import __version__
from tb_versions.comparison.markdown import escape, paragraph
from tb_versions.comparison.rows.row import number_text
from tb_versions.core.manifest import shown
from tb_versions.documents import facts
from tb_versions.documents.facts import Fact
from tb_versions.documents.subject import NOT_KNOWN, Number, Subject
from tb_versions.documents.svg import curve_words
from tb_versions.documents.yaml_text import yaml_of
from tb_versions.errors import InvalidQueryError

UNKNOWN = "unknown"
"""What the metadata says where it must say something: of a task, of a data set."""

MOST_SLICES = 20
"""Most values of parts of data in a card."""

_COLUMNS = ("metric", "value", "interval", "examples", "better", "where the number came from")
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9-]{0,60}", re.ASCII)
_LIBRARIES = {"keras": "keras", "keras_h5": "keras", "onnx": "onnx", "tflite": "tflite"}
_FORMAT_TAGS: Mapping[str, tuple[str, ...]] = {"saved_model": ("tensorflow",), "safetensors": ("safetensors",)}


def metadata(subject: Subject) -> dict[str, Any]:
    """Returns what stands above the text: tags, licence, and the metrics as `model-index`."""
    labels = subject.labels
    task = _fitting(labels.get(facts.TASK, ""), _WORD)
    told = {
        "license": _fitting(labels.get(facts.LICENSE, ""), _LICENSE),
        "language": _fitting(labels.get(facts.LANGUAGE, ""), _WORD),
        "library_name": _LIBRARIES.get(subject.manifest.format, ""),
        "pipeline_tag": task,
        "tags": ["tensorboard", "tb-versions", *_FORMAT_TAGS.get(subject.manifest.format, ())],
        "metrics": sorted({number.name for number in _told(subject)}),
    }
    results = list(_results(subject, task))
    index = [{"name": subject.manifest.model, "results": results}] if results else []
    return {**{name: value for name, value in told.items() if value}, **({"model-index": index} if index else {})}


def _fitting(text: str, form: re.Pattern[str]) -> str:
    return text.lower() if form.fullmatch(text.lower()) else ""


def _told(subject: Subject) -> list[Number]:
    """The numbers that metadata can hold: JSON, as which the Hub keeps it, has no NaN and no infinity."""
    return [number for number in subject.numbers if math.isfinite(number.value)]


def _results(subject: Subject, task: str) -> Iterator[dict[str, Any]]:
    splits = {each.name: each.split for each in subject.manifest.datasets if each.name and each.split}
    where = sorted(_told(subject), key=lambda number: (number.dataset, number.slice))
    for (dataset, part), numbers in itertools.groupby(where, key=lambda number: (number.dataset, number.slice)):
        name = "/".join(filter(None, (dataset, part))) or UNKNOWN
        split = {"split": splits[dataset]} if splits.get(dataset) else {}
        yield {
            "task": {"type": task or UNKNOWN},
            "dataset": {"name": name, "type": name, **split},
            "metrics": [_metric(number) for number in numbers],
        }


def _metric(number: Number) -> dict[str, Any]:
    later = f" ({number.detail})" if number.source == "measured" and number.detail else ""
    step = {"step": number.step} if number.step is not None else {}
    return {
        "type": number.name,
        "name": number.name + later,
        "value": number.value,
        "args": {"source": number.origin, **step},
        "verified": False,  # says that Hugging Face measured it; it did not
    }


def eval_results(subject: Subject, benchmarks: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the files of `.eval_results/`: path to content, one for each benchmark.

    Args:
        subject: The version.
        benchmarks: "owner/dataset:task" on the Hub to the key of the metric that is its score, as in `Number.key`; of
            several numbers with that key the first counts, which is the manifest's.

    Raises:
        InvalidQueryError: There is no such metric, or its value is no finite number.
    """
    found: dict[str, bytes] = {}
    for benchmark, key in benchmarks.items():
        number = _score(subject, key)
        dataset, _, task = benchmark.rpartition(":")
        created = subject.manifest.created
        entry: dict[str, Any] = {"dataset": {"id": dataset, "task_id": task}, "value": number.value}
        if created and number.ms is None:
            entry["date"] = created.strftime("%Y-%m-%d")
        entry["notes"] = f"{number.name}: {number.origin}"
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{dataset}-{task}")
        found[f".eval_results/{name}.yaml"] = yaml_of([entry]).encode()
    return found


def _score(subject: Subject, key: str) -> Number:
    number = next((one for one in subject.numbers if one.key == key), None)
    if number is None:
        known = ", ".join(one.key for one in subject.numbers[:8])
        raise InvalidQueryError(f"{subject.id} has no metric {shown(key)}; it has {known or 'none'}.")
    if not math.isfinite(number.value):
        raise InvalidQueryError(f"The metric {shown(key)} of {subject.id} is {number.value}, which is no score.")
    return number


def card_of(subject: Subject, *, picture: str = "") -> str:
    """Returns the card.

    Args:
        subject: The version.
        picture: Path of the drawing of its curve beside the card; "" where there is none.
    """
    body = "\n\n".join(filter(None, _body(subject, picture)))
    return f"---\n{yaml_of(metadata(subject))}---\n\n{body}\n"


def _body(subject: Subject, picture: str) -> Iterator[str]:
    missing = facts.not_known(subject)
    yield f"# {escape(subject.title)}"
    if subject.state != "present":
        yield f"**The files of this version are {escape(subject.state)}.** {escape(subject.notice)}".strip()
    if subject.said.get("deprecated"):
        yield "**This version is deprecated**: somebody said that it should not be used any more."
    yield _quoted(subject.description) or f"A description is {NOT_KNOWN}."
    yield f"{facts.gaps_in_words(len(missing), len(facts.KNOWABLE))} They are listed at the end."
    yield _bullets(facts.identity(subject))
    yield from _metrics(subject)
    yield from _curve(subject, picture)
    yield from _compared(subject)
    yield from _section("Data", facts.data(subject))
    yield from _section("Training", itertools.chain(facts.training(subject), facts.code(subject)))
    yield from _section("Software and hardware that made it", facts.environment(subject))
    yield from _section("Inputs and outputs", facts.model(subject))
    yield from _section("Checks and lineage", itertools.chain(facts.checks(subject), facts.lineage(subject)))
    yield "## What is not known"
    yield "\n".join(f"- {words}" for words in missing) or "Nothing of what a card asks for."
    yield from _taken_out(subject)
    yield f"Written by tb_versions {__version__} from the version's manifest and log."


def _metrics(subject: Subject) -> Iterator[str]:
    yield "## Metrics"
    if subject.numbers:
        yield table(_COLUMNS, _lines(subject.numbers))
        yield "Nobody at Hugging Face measured these numbers; who says each of them stands beside it."
    else:
        yield f"No metric over whole data is known of this version: whether it is any good is {NOT_KNOWN}."
    unfit = len(subject.numbers) - len(_told(subject))
    if unfit:
        yield f"Not in the metadata on top, which has no place for NaN and infinities: {unfit:,} of them."
    if subject.slices:
        yield "### Parts of the data"
        yield "These are in the text only, the worst of each metric first."
        yield table(_COLUMNS, _lines(subject.slices[:MOST_SLICES]))
        more = len(subject.slices) - MOST_SLICES
        if more > 0:
            yield f"And {more:,} more, which are not in this card."


def _lines(numbers: Iterable[Number]) -> Iterator[tuple[str, ...]]:
    for number in numbers:
        better = {"max": "higher", "min": "lower"}.get(number.goal, NOT_KNOWN)
        guess = " (guessed)" if number.is_guess else ""
        examples = NOT_KNOWN if number.examples is None else f"{number.examples:,}"
        interval = number.interval or NOT_KNOWN
        yield number.key, number_text(number.value), interval, examples, better + guess, number.origin


def _curve(subject: Subject, picture: str) -> Iterator[str]:
    if subject.curve is None:
        return
    yield "## Training curve"
    if picture:
        yield f"![{escape(curve_words(subject.curve))}]({picture})"
    else:
        yield "The drawing is written beside the card where that is written to a file."
    yield escape(curve_words(subject.curve))


def _compared(subject: Subject) -> Iterator[str]:
    yield "## Compared with the release before"
    before = subject.before
    if before is None:
        yield f"{NOT_KNOWN.capitalize()}: {escape(subject.why_nothing_before)}"
        return
    yield f"With {escape(before.id)}: {escape(before.why)}."
    yield paragraph(before.summary)
    if before.metrics:
        yield table(("metric", before.id, subject.id), before.metrics)


def _section(title: str, found: Iterable[Fact]) -> Iterator[str]:
    yield f"## {title}"
    yield _bullets(found) or f"{NOT_KNOWN.capitalize()}."


def _taken_out(subject: Subject) -> Iterator[str]:
    told = (*subject.left_out, *subject.problems, *_unfit(subject))
    if told:
        yield "## What was left out of this card, and what may be wrong"
        yield "\n".join(f"- {escape(words)}" for words in told)


def _unfit(subject: Subject) -> Iterator[str]:
    """Labels that say something that the metadata can't hold."""
    for name, form in ((facts.LICENSE, _LICENSE), (facts.TASK, _WORD), (facts.LANGUAGE, _WORD)):
        text = subject.labels.get(name, "")
        if text and not _fitting(text, form):
            yield f"The label {name} is {shown(text)}, which is no word of the Hub; the metadata leaves it out."


def _bullets(found: Iterable[Fact]) -> str:
    return "\n".join(f"- {escape(fact.label)}: {escape(fact.text)} *({fact.source})*" for fact in found)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table in GitHub-flavoured Markdown."""
    lines = [[escape(cell) for cell in line] for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _quoted(text: str) -> str:
    """The author's description line by line, as a quotation; its own Markdown is shown and not obeyed."""
    return "\n".join(f"> {paragraph(line)}  " if line.strip() else ">" for line in text.strip().splitlines())
