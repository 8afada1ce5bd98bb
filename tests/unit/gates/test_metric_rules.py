"""Intervals and examples beside a metric's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tb_versions.core.manifest import Metric, VersionManifest
from tb_versions.gates.metric_rules import judge
from tb_versions.gates.rules import Rule
from tb_versions.gates.subject import Subject
from tests.unit.comparison.making import member, metric


@dataclass(frozen=True, kw_only=True)
class Measured(Metric):
    """A metric with what a manifest may say beside its value."""

    lower: float | None = None
    upper: float | None = None
    examples: int | None = None


def judged(rule: Rule, **said: Any) -> Any:
    own = Measured(name="accuracy", value=0.9, dataset="test", slice="night", **said)
    manifest = VersionManifest(model="digits", number=2, metrics=(own,))
    value = metric("accuracy", 0.9, dataset="test", part="night")
    subject = Subject(member=member("digits:2", value, manifest=manifest), number=2)
    (found,) = judge(rule, subject, None)
    return found


def rule(**more: Any) -> Rule:
    return Rule(metric="accuracy", dataset="test", slice="night", **more)


@pytest.mark.parametrize(
    ("wanted", "said", "verdict"),
    [
        ({"at_least": 0.85}, {"lower": 0.8, "upper": 0.95}, "failed"),
        ({"at_least": 0.8}, {"lower": 0.8, "upper": 0.95}, "passed"),
        ({"at_most": 0.92}, {"lower": 0.8, "upper": 0.95}, "failed"),
        ({"below": 0.96}, {"lower": 0.8, "upper": 0.95}, "passed"),
        ({"at_least": 0.8}, {}, "not known"),
    ],
)
def test_a_limit_holds_for_the_whole_interval(wanted: Any, said: Any, verdict: str) -> None:
    assert judged(rule(interval=True, **wanted), **said).verdict == verdict


@pytest.mark.parametrize(("examples", "verdict"), [(100, "passed"), (99, "not known"), (None, "not known")])
def test_a_value_of_too_few_examples_is_not_known(examples: int | None, verdict: str) -> None:
    found = judged(rule(at_least=0.5, min_examples=100), examples=examples)
    assert found.verdict == verdict
    assert verdict == "passed" or "100 are wanted" in found.why
