"""Makes what a tracker says fit to be recorded: texts cut, printable, without secrets; notes what is left out. Pure."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tb_versions.core.manifest import (
    MAX_DESCRIPTION,
    MAX_ITEMS,
    MAX_METRICS,
    MAX_TEXT,
    Code,
    Dataset,
    Metric,
    Scalar,
    check_key,
    is_digest,
    shown,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.privacy.scrub import printable, scrub_arguments, scrub_remote, scrub_text, scrub_uri
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK

_MOST_NOTES = 20
_EXACT_INTEGERS = 2**53
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})", re.ASCII)
# Digits that say nothing but the number: no zeros around them, and before an exponent one digit and its fraction.
_FRACTION = r"\.(?:0|[0-9]{0,40}[1-9])"
_DECIMAL = re.compile(
    rf"-?(?:(?:0|[1-9][0-9]{{0,40}})?{_FRACTION}|[1-9](?:{_FRACTION})?[eE][+-]?(?:0?[0-9]|[1-9][0-9]{{1,2}}))", re.ASCII
)
_WORDS: Mapping[str, Scalar] = {"True": True, "False": False, "nan": math.nan, "inf": math.inf, "-inf": -math.inf}

_Value = TypeVar("_Value")


class Notes:
    """Collects what could not be taken over, each kind of thing once."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        """Begins with notes that are known.

        Args:
            given: By the reader of the tracker.
        """
        self._notes = [line(note, MAX_TEXT) for note in given]

    def add(self, note: str) -> None:
        """Adds a sentence."""
        self._notes.append(note)

    def all(self) -> tuple[str, ...]:
        """Returns them; of very many the first."""
        if len(self._notes) <= _MOST_NOTES:
            return tuple(dict.fromkeys(self._notes))
        return (*self._notes[:_MOST_NOTES], f"And {len(self._notes) - _MOST_NOTES:,} more.")


def scalar_of(text: str) -> Scalar:
    """Returns a text as the number or bool that it spells, or itself if the number would not say all of the text.

    "128" → 128     "1e-3", "1e-05", "0.5", "1.0" → the number     "True" → True
    "1.10" of a version, "1234567e12" of a commit, "1e400", "007", "1_000", "0x10", "yes" → the same text
    """
    if _INTEGER.fullmatch(text) and abs(int(text)) <= _EXACT_INTEGERS and text != "-0":
        return int(text)
    if _DECIMAL.fullmatch(text) and decimal.Decimal(text) == decimal.Decimal(repr(float(text))):
        return float(text)
    return _WORDS.get(text, text)


def line(text: str, limit: int = MAX_TEXT) -> str:
    """Returns a text as one line without secrets and hidden characters, cut at a limit."""
    return _cut(printable(scrub_text(_cut(text, 4 * limit))), limit)


def prose(text: str, limit: int = MAX_DESCRIPTION) -> str:
    """Returns a text of several lines, likewise."""
    return _cut(scrub_text(_cut(text, 2 * limit)), limit)


def labels_of(given: Mapping[str, str], notes: Notes) -> dict[str, str]:
    """Returns labels; a secret's value is masked."""
    return _each(given, "label", notes, lambda key, value: _masked(key, value, notes))


def hyperparameters_of(given: Mapping[str, Scalar], notes: Notes) -> dict[str, Scalar]:
    """Returns hyperparameters; texts become fit, integers that JSON can't hold become texts."""
    return _each(given, "hyperparameter", notes, lambda key, value: _hyperparameter(key, value, notes))


def metrics_of(given: Sequence[Metric], notes: Notes) -> tuple[Metric, ...]:
    """Returns metrics with the source "imported", each name, dataset and slice once."""
    found: dict[tuple[str, str, str], Metric] = {}
    for metric in given:
        name = _key(metric.name, "metric", notes)
        dataset, part = line(metric.dataset, 256), line(metric.slice, 256)
        if name is None:
            continue
        if (name, dataset, part) in found:
            notes.add(f"The metric {shown(name)} is there twice; the first is taken.")
            continue
        source = metric.source if metric.source == "inferred" else "imported"
        found[name, dataset, part] = replace(
            metric, name=name, dataset=dataset, slice=part, source=source, run=line(metric.run), tag=line(metric.tag)
        )
    return tuple(_few(list(found.values()), "metrics", notes, most=MAX_METRICS))


def datasets_of(given: Sequence[Dataset], notes: Notes) -> tuple[Dataset, ...]:
    """Returns datasets; a digest that is no SHA-256 stands in words in `digest_of`."""
    return tuple(_few([_dataset(dataset) for dataset in given], "datasets", notes))


def code_of(given: Code | None) -> Code | None:
    """Returns facts about code without secrets; never a diff."""
    if given is None:
        return None
    return replace(
        given,
        commit=line(given.commit, 256),
        branch=line(given.branch, 256),
        remote=scrub_remote(given.remote)[:MAX_TEXT],
        dirty_files=(),
        diff="",
        entry_point=line(given.entry_point),
        arguments=tuple(line(one) for one in scrub_arguments(given.arguments[:MAX_ITEMS])),
    )


def _dataset(given: Dataset) -> Dataset:
    digest_of = given.digest_of
    digest = given.digest if is_digest(given.digest) else ""
    if given.digest and not digest:
        digest_of = f"{given.digest} ({digest_of or 'of the tracker'})"
    return replace(
        given,
        name=line(given.name),
        uri=_cut(printable(scrub_uri(_cut(given.uri, 4 * MAX_TEXT))), MAX_TEXT),
        digest=digest,
        split=line(given.split, 256),
        digest_of=line(digest_of, 256),
    )


def _hyperparameter(key: str, value: Scalar, notes: Notes) -> Scalar:
    if isinstance(value, str):
        return _masked(key, value, notes, newlines=True)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT_INTEGERS:
        return str(value)[:MAX_TEXT]
    return MASK if holds_secret(key, str(value)) else value


def _masked(key: str, value: str, notes: Notes, *, newlines: bool = False) -> str:
    if holds_secret(key, value):
        return MASK
    if len(value) > MAX_TEXT:
        notes.add(f"{shown(key)} was cut to {MAX_TEXT:,} characters.")
    return prose(value, MAX_TEXT) if newlines else line(value)


def _each(
    given: Mapping[str, _Value], what: str, notes: Notes, convert: Callable[[str, _Value], _Value]
) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for name, value in given.items():
        key = _key(name, what, notes)
        if key is None:
            continue
        if key in found:
            notes.add(f"The {what} {shown(key)} is there twice once it is printable; the first is taken.")
            continue
        found[key] = convert(key, value)
    return dict(_few(list(found.items()), f"{what}s", notes))


def _key(name: str, what: str, notes: Notes) -> str | None:
    key = printable(name)
    try:
        return check_key(key, f"A {what}'s name")
    except InvalidManifestError as error:
        notes.add(f"The {what} {shown(key)} was left out: {error}")
        return None


def _few(given: list[_Value], what: str, notes: Notes, *, most: int = MAX_ITEMS) -> list[_Value]:
    if len(given) > most:
        notes.add(f"Of {len(given):,} {what} the first {most:,} were taken.")
    return given[:most]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
