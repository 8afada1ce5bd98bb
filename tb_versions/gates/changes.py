"""Whether a number changed as a rule allows: direction, tolerance, noise. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tb_versions.gates.findings import finding, not_known, number_text
from tb_versions.gates.rules import Rule, amount_of
from tb_versions.registry.gate_facts import Finding, Verdict

_ROUNDING = 1e-12
"""Share of the numbers by which their difference may be off: 0.95 - 0.94 is a little more than 0.01."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A number and that of the baseline.

    Attributes:
        value: Of the judged version.
        base: Of the baseline.
        goal: "max", "min" or "unknown".
        base_name: The baseline, as sentences call it.
        why_not: Why they can't be compared, a sentence, or "".
        noise: The comparison's own verdict: "better", "worse", "within noise" or "unknown".
        noise_words: Its sentence.
        note: Another sentence for who reads the result, or "".
    """

    value: float
    base: float
    goal: str
    base_name: str
    why_not: str = ""
    noise: str = "unknown"
    noise_words: str = ""
    note: str = ""

    @property
    def gain(self) -> float:
        """By how much the number is better; less than 0 where it is worse."""
        return self.base - self.value if self.goal == "min" else self.value - self.base

    @property
    def rounding(self) -> float:
        """By how much `gain` may be off."""
        return _ROUNDING * max(abs(self.value), abs(self.base))


def wanted_change(rule: Rule, change: str) -> str:
    """Returns in words what a rule wants of a change."""
    given = getattr(rule, change)
    amount = str(given).replace("%", " %").replace("  ", " ") if isinstance(given, str) else number_text(given)
    noise = ", beyond noise" if rule.beyond_noise else ""
    if change == "better_by":
        return f"better by {amount}{noise}" if amount_of(given).value else f"better{noise}"
    if change == "grows_by_at_most":
        return f"at most {amount} larger"
    return f"worse by at most {amount}{noise}" if amount_of(given).value else f"not worse{noise}"


def judge_change(rule: Rule, change: str, of: Change, **more: Any) -> Finding:
    """Returns the result of "better_by" or "worse_by_at_most"."""
    wanted = wanted_change(rule, change)
    if of.why_not:
        return not_known(rule, wanted, of.why_not, **more)
    if not (math.isfinite(of.value) and math.isfinite(of.base)):
        numbers = f"{number_text(of.value)} against {number_text(of.base)} of {of.base_name}"
        verdict: Verdict = "failed" if math.isfinite(of.base) else "not known"
        return finding(
            rule, wanted, number_text(of.value), verdict=verdict, why=f"{numbers} can't be compared.", **more
        )
    amount = amount_of(getattr(rule, change)).of(of.base)
    judged = _better if change == "better_by" else _not_worse
    verdict, why, margin = judged(of, amount, beyond_noise=rule.beyond_noise)
    numbers = (
        f"{number_text(of.value, of.base)} against {number_text(of.base, of.value)} of {of.base_name}: {_moved(of)}"
    )
    text = " ".join(part for part in (f"{numbers}.", why, of.note) if part)
    limit = amount if change == "better_by" else -amount
    return finding(
        rule, wanted, _moved(of), verdict=verdict, why=text, value=of.gain, limit=limit, margin=margin, **more
    )


def _better(of: Change, amount: float, *, beyond_noise: bool) -> tuple[Verdict, str, float]:
    margin = of.gain - amount
    if of.gain <= 0 or margin < -of.rounding:
        return "failed", "", margin
    return (*_beyond(of, "better"), margin) if beyond_noise else ("passed", "", margin)


def _not_worse(of: Change, amount: float, *, beyond_noise: bool) -> tuple[Verdict, str, float]:
    margin = of.gain + amount
    if margin >= -of.rounding:
        return "passed", "", margin
    if not beyond_noise:
        return "failed", "", margin
    if of.noise == "within noise":
        return "passed", of.noise_words, margin
    verdict, why = _beyond(of, "worse")
    return ("failed" if verdict == "passed" else "not known"), why, margin


def _beyond(of: Change, wanted: str) -> tuple[Verdict, str]:
    """Whether a difference is beyond noise in the wanted direction, by the comparison's own verdict."""
    if of.noise == wanted:
        return "passed", of.noise_words
    if of.noise == "within noise":
        return "failed", of.noise_words
    return "not known", of.noise_words or "The noise is not known."


def _moved(of: Change) -> str:
    if of.gain == 0:
        return "the same"
    how = "better" if of.gain > 0 else "worse"
    return f"{number_text(abs(of.gain))} {how}"
