"""The rules of a gate, as a file says them. Pure.

name = "release"
against = "production"

[[rules]]
metric = "val_accuracy"
at_least = 0.95
worse_by_at_most = "0.5 %"
beyond_noise = true

docs/gates.schema.json says the same to editors, with a sentence for each key.
"""

from __future__ import annotations

import difflib
import math
import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from tb_versions.core import arguments
from tb_versions.core.manifest import check_alias, check_key, check_text, shown, visible
from tb_versions.core.references import is_path, parse_reference
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidQueryError, InvalidReferenceError
from tb_versions.registry.gate_facts import DESCRIPTION, LABEL, MAX_GATE_TEXT, PROMOTION

MOST_RULES = 200
"""Most rules of a file."""

MAX_KEY = 256
"""Most characters of a metric's name."""

EVERY_SLICE = "*"
"""As a slice: each slice that the version or its baseline has of the metric and dataset."""


Number = float | int | str
_Fact = Literal["", "size", "parameters", "files"]
_Unchanged = Literal["", "signature", "preprocessing", "dataset"]

SUBJECTS = ("metric", "fact", "unchanged", "required", "verified", "replayed")
"""What a rule may be about; each rule is about one."""

LIMITS = ("at_least", "at_most", "above", "below")
"""Limits of a value."""

CHANGES = ("better_by", "worse_by_at_most", "grows_by_at_most")
"""Limits of a change against a baseline."""

_OF: dict[str, frozenset[str]] = {
    "metric": frozenset(
        (
            *(*LIMITS, "better_by", "worse_by_at_most", "dataset", "slice", "source", "max_age", "goal"),
            *("interval", "min_examples", "beyond_noise"),
        )
    ),
    "fact": frozenset(("at_least", "at_most", "above", "below", "grows_by_at_most")),
    "unchanged": frozenset(),
    "required": frozenset(),
    "verified": frozenset(),
    "replayed": frozenset(),
}
_FACTS_REQUIRED = ("dataset_digest", "clean_commit", DESCRIPTION)
_AGE = re.compile(r"([0-9]{1,5})\s*([mhdw])", re.ASCII)
_AGE_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PERCENT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*%", re.ASCII)


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule: what it is about, and what is wanted of it.

    Attributes:
        name: How results call it; by default what it is about.
        metric: Name of a metric, as the manifest has it.
        dataset: Data that it was measured on; "" for a metric that names none.
        slice: Part of the dataset; "*" for each slice that the version or its baseline has.
        source: Reads the metric as it was measured later, from this source, and not that of the manifest.
        max_age: How old a metric measured later may be: "90m", "24h", "7d", "2w".
        goal: "max" or "min", where the manifest does not say.
        at_least: The value must be this or more.
        at_most: The value must be this or less.
        above: The value must be more than this.
        below: The value must be less than this.
        better_by: It must be better than that of the baseline by this, or by a share of it: "1 %".
        worse_by_at_most: It may be worse than that of the baseline by this, or by a share of it; 0: not at all.
        interval: The limit must hold for the whole interval of the value that the manifest has.
        min_examples: The value must be measured on so many examples, as the manifest says; on fewer it is not known.
        beyond_noise: "better" counts only if it is more than noise, and so does "worse".
        against: The baseline: an alias, "parent", "promotion", or a version like "digits:3"; by default that of the
            file.
        fact: "size" in bytes, "parameters" or "files".
        grows_by_at_most: The fact may be larger than that of the baseline by this, or by a share of it.
        unchanged: "signature" (clients go on working), "preprocessing" (the files in `assets/`) or "dataset" (the
            digest of the training data).
        required: "dataset_digest", "clean_commit", "description", or "label:KEY".
        verified: True: every file is read and compared with the manifest.
        replayed: True: its golden outputs were replayed, and came out the same.
    """

    name: str = ""
    metric: str = ""
    dataset: str = ""
    slice: str = ""
    source: str | None = None
    max_age: str = ""
    goal: Literal["max", "min", ""] = ""
    at_least: Number | None = None
    at_most: Number | None = None
    above: Number | None = None
    below: Number | None = None
    better_by: Number | None = None
    worse_by_at_most: Number | None = None
    interval: bool = False
    min_examples: Annotated[int, Meta(ge=1)] | None = None
    beyond_noise: bool = False
    against: str = ""
    fact: _Fact = ""
    grows_by_at_most: Number | None = None
    unchanged: _Unchanged = ""
    required: str = ""
    verified: bool = False
    replayed: bool = False

    @property
    def subject(self) -> str:
        """Which of `SUBJECTS` it is about."""
        return next(name for name in SUBJECTS if getattr(self, name))

    @property
    def age_ms(self) -> int | None:
        """`max_age` in milliseconds; None where it says none."""
        match = _AGE.fullmatch(self.max_age)
        return int(match[1]) * _AGE_MS[match[2]] if match else None

    @property
    def needs_baseline(self) -> bool:
        """Whether it compares with another version."""
        return bool(self.unchanged) or any(getattr(self, name) is not None for name in CHANGES)

    @property
    def needs_slices_of_baseline(self) -> bool:
        """Whether the slices that are judged are also those of another version, whatever is wanted of them."""
        return bool(self.metric) and self.slice == EVERY_SLICE and self.source is None


class Rules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a file of rules says.

    Attributes:
        name: Of the gate, as a policy names it.
        description: For people.
        against: The baseline of rules that name none.
        without_baseline: "fail", or "pass": whether a change is allowed where the alias never named a version.
        rules: At least one.
    """

    name: str
    description: str = ""
    against: str = ""
    without_baseline: Literal["fail", "pass"] = "fail"
    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=MOST_RULES)]


class Amount(Struct, frozen=True):
    """A tolerance: a number, or a share of what it is compared with."""

    value: float
    is_share: bool = False

    def of(self, base: float) -> float:
        """Returns the amount for a value of the baseline."""
        return abs(base) * self.value if self.is_share else self.value


def rules_of(value: Any) -> Rules:
    """Returns the rules that a parsed file holds.

    Raises:
        InvalidQueryError: It breaks a rule of this format; the message says where and how.
    """
    _check_shape(value)
    try:
        found = msgspec.convert(value, Rules)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        raise InvalidQueryError(visible(f"{_place(str(error))}.")) from error
    try:
        _check_gate(found)
        for number, rule in enumerate(found.rules, 1):
            _check_numbered(rule, number, found)
    except (InvalidManifestError, InvalidNameError) as error:
        raise InvalidQueryError(str(error)) from error
    return found


def _check_numbered(rule: Rule, number: int, found: Rules) -> None:
    try:
        _check(rule, found)
    except (InvalidManifestError, InvalidNameError, InvalidQueryError, InvalidReferenceError) as error:
        raise InvalidQueryError(f"Rule {number}: {error}") from error


def amount_of(given: Number) -> Amount:
    """Returns a tolerance: 0.01, or "1 %" for a share.

    Raises:
        InvalidQueryError: It is neither, or less than 0.
    """
    if isinstance(given, str):
        match = _PERCENT.fullmatch(given.strip())
        if match is None:
            raise InvalidQueryError(f'{shown(given)} must be a number, or a share like "1 %".')
        return Amount(float(match[1]) / 100, is_share=True)
    amount = _double(given)
    if not math.isfinite(amount) or amount < 0:
        raise InvalidQueryError(f"{shown(amount)} must be a number from 0 up.")
    return Amount(amount)


def limit_of(rule: Rule, name: str) -> float:
    """Returns a limit of a value as a number; of a size also "50 MB".

    Raises:
        InvalidQueryError: It is none.
    """
    given = getattr(rule, name)
    if rule.fact == "size" and isinstance(given, str):
        return float(arguments.size(name, given))
    limit = given if isinstance(given, str) else _double(given)
    if isinstance(limit, str) or not math.isfinite(limit):
        raise InvalidQueryError(f"{name} must be a number, not {shown(limit)}.")
    return limit


def _double(given: float) -> float:
    """A number as a double; infinity for one that is too large: a file may say an integer of 5,000 digits."""
    try:
        return float(given)
    except OverflowError:
        return math.inf if given > 0 else -math.inf


def _check_shape(value: Any) -> None:
    """Says in words what is missing, where msgspec would speak of types."""
    if not isinstance(value, dict):
        raise InvalidQueryError('It holds no table of keys; begin with a name, like name = "release".')
    if "name" not in value:
        raise InvalidQueryError('It has no name for the gate; add one, like name = "release".')
    if not value.get("rules"):
        raise InvalidQueryError("It has no rules; add one, beginning with [[rules]] (TOML) or rules: (YAML).")
    if isinstance(value["rules"], list) and len(value["rules"]) > MOST_RULES:
        raise InvalidQueryError(f"It has {len(value['rules']):,} rules; at most {MOST_RULES} are allowed.")


def _place(message: str) -> str:
    """Msgspec's message, with the place in our words: "$.rules[0]" is rule 1."""
    what, _, where = message.partition(" - at ")
    unknown = re.fullmatch(r"Object contains unknown field `(.{1,200})`", what)
    if unknown:
        keys = Rule.__struct_fields__ if "rules" in where else Rules.__struct_fields__
        near = difflib.get_close_matches(unknown[1], keys, n=1)
        hint = f"did you mean {near[0]}" if near else f"keys are {', '.join(keys)}"
        what = f"there is no key {shown(unknown[1])}; {hint}"
        message = what
    match = re.fullmatch(r"`\$\.rules\[(\d+)\](?:\.(\w+))?`", where)
    if match is None:
        return message
    key = f", {match[2]}" if match[2] else ""
    return f"Rule {int(match[1]) + 1}{key}: {what}"


def _check_gate(found: Rules) -> None:
    try:
        check_alias(found.name)
    except InvalidNameError as error:
        raise InvalidQueryError(f"The gate's name: {error}") from error
    check_text(found.description, "The description", newlines=True)
    if found.against:
        check_baseline(found.against)


def _check(rule: Rule, found: Rules) -> None:
    about = [name for name in SUBJECTS if getattr(rule, name)]
    if len(about) != 1:
        both = f"it has {' and '.join(about)}" if about else "it has none"
        raise InvalidQueryError(f"it must be about one of {', '.join(SUBJECTS)}; {both}.")
    _check_texts(rule)
    _check_fits(rule, about[0])
    _check_numbers(rule)
    if rule.against:
        check_baseline(rule.against)
    if (rule.against or found.against) == PROMOTION and rule.needs_baseline and rule.source is None:
        raise InvalidQueryError('against = "promotion" is for metrics measured later: add source, like "monitoring".')


def _check_texts(rule: Rule) -> None:
    check_text(rule.name, "The name", limit=MAX_GATE_TEXT)
    if rule.metric:
        check_key(rule.metric, "The metric's name")
    for text, what in ((rule.dataset, "dataset"), (rule.slice, "slice"), (rule.source or "", "source")):
        check_text(text, f"The {what}", limit=256)
    if rule.required.startswith(LABEL):
        check_key(rule.required.removeprefix(LABEL), "The label's key")
    elif rule.required and rule.required not in _FACTS_REQUIRED:
        raise InvalidQueryError(
            f"required can't be {shown(rule.required)}; write {', '.join(_FACTS_REQUIRED)} or label:KEY."
        )


def _check_fits(rule: Rule, about: str) -> None:
    nothing = ("", None, False)  # 0 is something
    given = {n for n in rule.__struct_fields__ if not any(getattr(rule, n) is each for each in nothing)}
    stray = sorted(given - {about, "name", "against"} - _OF[about])
    if stray:
        raise InvalidQueryError(f"{stray[0]} has no meaning for a rule about {about}.")
    wanted = {*LIMITS, *CHANGES} & given
    if about in ("metric", "fact") and not wanted:
        allowed = [name for name in (*LIMITS, *CHANGES) if name in _OF[about]]
        raise InvalidQueryError(f"it says nothing that is wanted; add one of {', '.join(allowed)}.")
    if rule.against and not (rule.needs_baseline or rule.needs_slices_of_baseline):
        raise InvalidQueryError("against needs something to compare: better_by, worse_by_at_most or grows_by_at_most.")
    if rule.beyond_noise and not {"better_by", "worse_by_at_most"} & given:
        raise InvalidQueryError("beyond_noise needs better_by or worse_by_at_most.")
    if rule.interval and not {*LIMITS} & given:
        raise InvalidQueryError("interval needs a limit, like at_least.")
    if (rule.interval or rule.min_examples) and rule.source is not None:
        raise InvalidQueryError("interval and min_examples are for metrics of the manifest, not for later ones.")
    if rule.beyond_noise and rule.source is not None:
        raise InvalidQueryError("beyond_noise needs the metric of the manifest: the noise of later ones is not known.")
    if rule.max_age and rule.source is None:
        raise InvalidQueryError('max_age is for metrics measured later: add source, like "monitoring".')
    if rule.max_age and rule.age_ms is None:
        raise InvalidQueryError(f"max_age is written like 90m, 24h, 7d or 2w, not {shown(rule.max_age)}.")


def _check_numbers(rule: Rule) -> None:
    for name in LIMITS:
        if getattr(rule, name) is not None:
            limit_of(rule, name)
    for name in CHANGES:
        given = getattr(rule, name)
        if given is not None:
            try:
                amount_of(given)
            except InvalidQueryError as error:
                raise InvalidQueryError(f"{name}: {error}") from error


def check_baseline(name: str) -> None:
    """Raises InvalidQueryError where a text names no baseline: an alias, "parent", "promotion" or a version."""
    try:
        if is_path(name):
            raise InvalidReferenceError("a path")
        if ":" in name or "@" in name:
            parse_reference(name)
        else:
            check_alias(name.partition("~")[0])
            parse_reference(f"m@{name}")
    except (InvalidNameError, InvalidReferenceError) as error:
        raise InvalidQueryError(
            f"{shown(name)} names no baseline; write an alias like production, parent, promotion, or a version like "
            "digits:3."
        ) from error
