"""Words and numbers of results that all kinds of rules share. Pure."""

from __future__ import annotations

import math
from typing import Any

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import metric_key, visible
from tb_versions.gates.rules import Rule
from tb_versions.registry.gate_facts import MAX_GATE_TEXT, Finding, Verdict

SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<"}
UNKNOWN = "not known"


def finding(rule: Rule, wanted: str, found: str, *, verdict: Verdict, why: str = "", **more: Any) -> Finding:
    """Returns a result; texts are cut to what an event holds, hidden characters spelled out."""
    name = more.pop("name", "") or name_of(rule)
    numbers = {key: more.pop(key, None) for key in ("value", "limit", "margin")}
    kept = {key: number for key, number in numbers.items() if number is not None and math.isfinite(number)}
    return Finding(
        rule=fitted(name), wanted=fitted(wanted), found=fitted(found), verdict=verdict, why=fitted(why), **kept, **more
    )


def not_known(rule: Rule, wanted: str, why: str, **more: Any) -> Finding:
    """Returns the result of a rule about something that is not known: it is no pass."""
    return finding(rule, wanted, UNKNOWN, verdict="not known", why=why, **more)


def name_of(rule: Rule, part: str | None = None) -> str:
    """Returns how results call a rule: its own name, or what it is about.

    Args:
        rule: The rule.
        part: The slice, where the rule is about each.
    """
    place = rule.slice if part is None else part
    key = metric_key(rule.metric, rule.dataset, place) if rule.metric else ""
    if key and rule.source is not None:
        key = f"{key} ({rule.source or 'measured later'})"
    about = key or rule.fact or rule.unchanged or rule.required or rule.subject
    if rule.name:
        return f"{rule.name}: {place}" if part is not None and part != rule.slice else rule.name
    return about


def fitted(text: str) -> str:
    """Returns a text as an event may hold it."""
    shown = visible(" ".join(text.split()) if "\n" in text else text)
    return shown if len(shown) <= MAX_GATE_TEXT else f"{shown[: MAX_GATE_TEXT - 1]}…"


def number_text(value: float, beside: float | None = None) -> str:
    """Returns a number with five significant digits, or with all where it would look like another one beside it."""
    text = _short(value)
    if beside is not None and value != beside and text == _short(beside):
        return f"{value!r}"
    return text


def holds(name: str, value: float, limit: float) -> bool:
    """Whether a value keeps a limit: "at_least", "at_most", "above" or "below"."""
    if name == "at_least":
        return value >= limit
    if name == "at_most":
        return value <= limit
    return value > limit if name == "above" else value < limit


def margin_of(name: str, value: float, limit: float) -> float:
    """Returns by how much a value is inside of a limit; less than 0 outside."""
    return value - limit if name in ("at_least", "above") else limit - value


def _short(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 10**15:
        return f"{int(value):,}"
    return significant(value)
