from __future__ import annotations

import hashlib
import json

import pytest
from msgspec.structs import replace

from tb_versions.registry.gate_facts import SeenBaseline
from tb_versions.registry.measured import Measured, Value, new
from tb_versions.registry.staleness import CAUSES, Bound, Now, causes, in_words, metrics_digest

A, B = (f"sha256:{letter * 64}" for letter in "ab")
SEEN = SeenBaseline("production", "digits:1", A)
BOUND = Bound(files=A, manifest=A, metrics=A, rules=A, baselines=(SEEN,), until=10, replayed="passed")
NOW = Now(files=A, manifest=A, metrics=A, rules=A, baselines={"production": SEEN}, replayed="passed", ms=10)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, ()),
        ({"files": B}, ("files",)),
        ({"are_files_whole": False}, ("files",)),
        ({"manifest": B}, ("manifest",)),
        ({"manifest": ""}, ("manifest",)),
        ({"metrics": B}, ("metrics",)),
        ({"rules": B}, ("rules",)),
        ({"rules": ""}, ("rules",)),
        ({"baselines": {"production": SeenBaseline("production", "digits:1", B)}}, ("baseline",)),
        ({"baselines": {"production": SeenBaseline("production", "digits:2", A)}}, ("baseline",)),
        ({"baselines": {"production": SeenBaseline("production")}}, ("baseline",)),
        ({"baselines": {}}, ("baseline",)),
        ({"has_required": False}, ("required",)),
        ({"replayed": "failed"}, ("replay",)),
        ({"replayed": "not known"}, ("replay",)),
        ({"ms": 11}, ("age",)),
        ({"files": B, "metrics": B, "ms": 11}, ("files", "metrics", "age")),
    ],
)
def test_each_cause_is_found(change: dict[str, object], found: tuple[str, ...]) -> None:
    assert causes(BOUND, replace(NOW, **change)) == found


def test_an_unreadable_manifest_is_stale_though_the_result_saw_none() -> None:
    assert "manifest" in causes(replace(BOUND, manifest=""), replace(NOW, manifest=""))


def test_a_replay_that_no_rule_read_changes_nothing() -> None:
    assert causes(replace(BOUND, replayed=""), replace(NOW, replayed="failed")) == ()


def test_causes_in_words() -> None:
    assert in_words(()) == ""
    assert in_words(("rules",)) == "the rules changed"
    assert in_words(("files", "manifest", "metrics")) == "its files, its manifest and its metrics changed"
    assert in_words(("rules", "replay")) == "the rules and the outcome of its replay changed"
    assert in_words(("age",)) == "its later metrics are too old"
    assert in_words(("baseline", "age")) == "the baseline changed and its later metrics are too old"
    assert all(in_words((cause,)) for cause in CAUSES)


def measured(version: int, value: float, **more: str) -> Measured:
    return new((Value("accuracy", value, "max"),), version=version, actor="m", **more)


def test_the_digest_of_metrics_is_the_one_that_the_page_on_the_format_describes() -> None:
    own = [("accuracy", "test", "night", 0.5), ("accuracy", "", "", float("nan"))]
    later = [measured(4, 0.1, source="monitoring"), measured(4, 0.93, source="monitoring", dataset="d", part="s")]
    digest = metrics_digest(own, later, sources=["monitoring"], numbers=[4])
    whole = [
        [["accuracy", "", "", "nan"], ["accuracy", "test", "night", "0.5"]],
        [
            ["4", "accuracy", "", "", "monitoring", "0.1"],
            ["4", "accuracy", "None", "", "monitoring", "0.1"],
            ["4", "accuracy", "None", "s", "monitoring", "0.93"],
            ["4", "accuracy", "d", "s", "monitoring", "0.93"],
        ],
    ]
    assert digest == f"sha256:{hashlib.sha256(json.dumps(whole, separators=(',', ':')).encode()).hexdigest()}"


def test_only_the_newest_values_of_the_sources_and_versions_that_were_read_count() -> None:
    own = [("accuracy", "", "", 0.5)]
    first = [measured(4, 0.9, source="monitoring")]
    digest = metrics_digest(own, first, sources=["monitoring"], numbers=[4])
    others = [measured(4, 0.2, source="other"), measured(5, 0.2, source="monitoring")]
    assert metrics_digest(own, [*first, *others], sources=["monitoring"], numbers=[4]) == digest
    again = [measured(4, 0.1, source="monitoring"), *first]
    assert metrics_digest(own, again, sources=["monitoring"], numbers=[4]) == digest
    both = [measured(4, 0.1, source="monitoring", dataset="x"), measured(4, 0.9, source="monitoring", dataset="y")]
    digest_of_both = metrics_digest(own, both, sources=["monitoring"], numbers=[4])
    same_number = [*both, measured(4, 0.1, source="monitoring", dataset="x")]
    assert metrics_digest(own, same_number, sources=["monitoring"], numbers=[4]) != digest_of_both
    newer = [*first, measured(4, 0.8, source="monitoring")]
    assert metrics_digest(own, newer, sources=["monitoring"], numbers=[4]) != digest
