"""The published schema and the parser agree on what is a file of rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tb_versions.errors import InvalidQueryError
from tb_versions.gates.rules import Rule, Rules, rules_of
from tb_versions.gates.schema import rules_schema

PAGE = Path(__file__).resolve().parents[3] / "docs" / "gates.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(rules_schema())

GOOD: list[dict[str, Any]] = [
    {"metric": "a", "at_least": 0.9},
    {"metric": "a", "dataset": "d", "slice": "*", "better_by": "1 %", "against": "production"},
    {"metric": "a", "worse_by_at_most": 0, "beyond_noise": True, "goal": "min"},
    {"metric": "a", "source": "monitoring", "max_age": "7d", "at_most": 1},
    {"metric": "a", "source": "", "above": 1, "below": 2},
    {"metric": "a", "slice": "*", "at_least": 1, "interval": True, "min_examples": 100},
    {"fact": "size", "at_most": "50 MB", "grows_by_at_most": "10%"},
    {"fact": "parameters", "at_least": 1},
    {"unchanged": "signature", "against": "digits:3"},
    {"required": "label:owner", "name": "Somebody owns it"},
    {"verified": True},
    {"replayed": True},
]
BAD: list[Any] = [
    {},
    3,
    "verified",
    {"metric": "a"},
    {"metric": "", "at_least": 1},
    {"metric": "a", "at_least": None},
    {"metric": "a", "at_least": [1]},
    {"metric": "a", "at_least": True},
    {"metric": "a", "at_leas": 1},
    {"metric": "a", "better_by": -1},
    {"metric": "a", "better_by": "1"},
    {"metric": "a", "goal": "up", "at_least": 1},
    {"metric": "a", "fact": "size", "at_least": 1},
    {"metric": "a", "at_least": 1, "against": "production"},
    {"metric": "a", "at_least": 1, "beyond_noise": True},
    {"metric": "a", "at_least": 1, "max_age": "7d"},
    {"metric": "a", "source": "s", "at_least": 1, "max_age": "a week"},
    {"fact": "weight", "at_most": 1},
    {"metric": "a", "better_by": 1, "interval": True},
    {"metric": "a", "at_least": 1, "min_examples": 0},
    {"fact": "size", "at_most": 1, "min_examples": 3},
    {"fact": "size"},
    {"fact": "size", "at_most": 1, "slice": "x"},
    {"unchanged": "weights"},
    {"required": "owner"},
    {"verified": False},
    {"verified": True, "dataset": "d"},
]


def whole(rule: Any, **more: Any) -> dict[str, Any]:
    return {"name": "release", "rules": [rule], **more}


def is_read(value: Any) -> bool:
    try:
        rules_of(value)
    except InvalidQueryError:
        return False
    return True


@pytest.mark.parametrize("rule", GOOD, ids=str)
def test_both_take_a_good_rule(rule: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(whole(rule))
    assert is_read(whole(rule))


@pytest.mark.parametrize("rule", BAD, ids=str)
def test_both_refuse_a_bad_rule(rule: Any) -> None:
    assert not VALIDATOR.is_valid(whole(rule))
    assert not is_read(whole(rule))


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"name": "release"},
        {"rules": [{"verified": True}]},
        {"name": "release", "rules": []},
        {"name": "a b", "rules": [{"verified": True}]},
        {"name": 3, "rules": [{"verified": True}]},
        whole({"verified": True}, without_baseline="maybe"),
        whole({"verified": True}, other=1),
        {"name": "release", "rules": [{"verified": True}] * 201},
    ],
    ids=lambda value: str(value)[:60],
)
def test_both_refuse_what_is_no_gate(value: Any) -> None:
    assert not VALIDATOR.is_valid(value)
    assert not is_read(value)


def test_the_schema_has_every_key_and_says_what_it_means() -> None:
    schema = rules_schema()
    rule = schema["properties"]["rules"]["items"]
    assert set(schema["properties"]) == set(Rules.__struct_fields__)
    assert set(rule["properties"]) == set(Rule.__struct_fields__)
    assert all(key["description"] for key in rule["properties"].values())


def test_the_published_schema_is_this_one() -> None:
    assert json.loads(PAGE.read_text()) == rules_schema()
