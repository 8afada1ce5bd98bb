"""Drift: every way to be served differently is one line, and exit code 1."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.serving.conftest import Run

Promote = Callable[..., None]

SPECIFIC = "specific {\n        versions: 2\n        versions: 3\n      }"


@pytest.fixture
def in_step(verb: Run, promote: Promote, config: Path) -> str:
    """digits:2 is production and served as that, digits:3 is canary; returns the text."""
    promote("digits:2")
    promote("digits:3", "canary")
    verb("serving-config", "--aliases-as-labels", "--out", str(config))
    return config.read_text()


def found(verb: Run, config: Path, *more: str, code: int = 1) -> list[tuple[str, ...]]:
    told = json.loads(verb("drift", "--config", str(config), "--json", *more, code=code).stdout)
    assert told["looked_at"] == [str(config)]
    return [(d["model"], d["what"], d["wanted"], d["served"]) for d in told["differences"]]


def test_what_is_in_step_says_so(verb: Run, config: Path, in_step: str) -> None:
    assert in_step.startswith("# Written by tb-versions serving-config")
    told = verb("drift", "--config", str(config)).stdout
    assert told == f"No differences: 1 model against {config}.\n"


def test_a_promotion_that_was_not_rolled_out_is_a_label_and_a_version(
    verb: Run, promote: Promote, config: Path, in_step: str
) -> None:
    assert in_step
    promote("digits:1")
    assert found(verb, config) == [
        ("digits", "version 1", "served", "not served"),
        ("digits", "version 2", "not served", "served"),
        ("digits", "label production", "version 1", "version 2"),
    ]
    assert len(found(verb, config, "--versions-only")) == 2


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ('key: "canary"', 'key: "beta"', ("digits", "label beta", "no label", "version 3")),
        ("versions: 3", "versions: 3 versions: 4", ("digits", "version 4", "not served", "served")),
        ('name: "digits"', 'name: "other"', ("digits", "model", "served", "not served")),
        ('name: "digits"', 'name: "other"', ("other", "model", "no such model", "served")),
        ('/models/digits"', '/elsewhere/digits"', ("digits", "folder", "…/models/digits", "…/elsewhere/digits")),
        (SPECIFIC, "all {}", ("digits", "policy", "versions 2, 3", "all, whatever is there")),
    ],
)
def test_each_difference_is_named(
    verb: Run, config: Path, in_step: str, before: str, after: str, difference: tuple[str, ...]
) -> None:
    assert before in in_step
    config.write_text(in_step.replace(before, after))
    top = str(config.parent)
    assert difference in [tuple(part.replace(top, "…") for part in each) for each in found(verb, config)]


def test_a_deprecated_version_and_a_model_without_an_alias_are_named(
    verb: Run, promote: Promote, config: Path, in_step: str
) -> None:
    assert in_step
    promote("digits:4")
    verb("deprecate", "digits:2", "--reason", "leaks")
    assert ("digits", "version 2", "deprecated", "served") in found(verb, config)
    for alias in ("production", "canary"):
        verb("unalias", "digits", "--alias", alias, "--reason", "retired")
    assert found(verb, config) == [("digits", "model", "nothing: no alias", "served")]


def test_without_a_place_to_look_at_it_is_wrong_usage_and_a_missing_file_is_no_answer_of_no_drift(
    verb: Run, promote: Promote, config: Path
) -> None:
    promote("digits:1")
    verb("drift", code=2)
    assert "There is no file" in verb("drift", "--config", str(config), code=4).stderr
    verb("drift", "--status", "http://127.0.0.1:1", code=5)
    verb("drift", "--status", "nonsense", code=2)
