"""Events that say how two versions answered: what can't be is damaged, and is not believed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tb_versions.errors import DamagedLogError
from tb_versions.registry import events
from tb_versions.registry.behaviour_facts import MovedOutput

DIGEST = "sha256:" + "0" * 64
OUTPUT: dict[str, Any] = {
    "signature": "serving_default",
    "name": "output_0",
    "examples": 16,
    "count": 160,
    "max": 0.5,
    "mean": 0.1,
    "quantiles": [0.1, 0.3, 0.5],
    "bins": [100, 60],
    "rule": "largest",
    "flipped": 3,
    "right": {"both": 10, "lost": 1, "won": 2, "neither": 3},
    "listed": [{"example": 4, "moved": 0.5, "flipped": True, "before": 2, "after": 7, "right": "won"}],
}


def said(**changed: Any) -> Any:
    """What an event says whose first output has these fields."""
    data = {"other": "digits:3", "other_manifest": DIGEST, "outputs": [{**OUTPUT, **changed}]}
    event = {
        "format": 1,
        "critical": False,
        "number": 1,
        "id": "0" * 32,
        "prev": "",
        "actor": "anna",
        "tool": "t",
        "time": "2026-11-23T12:00:00Z",
        "kind": "behaviour_compared",
        "version": 5,
        "data": data,
    }
    return events.said(events.decode(json.dumps(event).encode(), 1))


def test_what_was_compared_is_read_back_in_words() -> None:
    assert said().words == "answers compared with digits:3 on 16 examples, 3 flipped"
    assert said(examples=1, flipped=1, right=None, listed=[]).words.endswith("on 1 example, 1 flipped")
    assert said(rule="", flipped=None, right=None, listed=[]).words.endswith("on 16 examples")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"flipped": 17}, "can't have flipped"),
        ({"flipped": -1}, "can't have flipped"),
        ({"flipped": None}, "can't have flipped"),
        ({"rule": ""}, "can't have flipped"),
        ({"rule": "magic"}, "magic"),
        ({"examples": -1}, "at most 100,000"),
        ({"examples": 100_001}, "at most 100,000"),
        ({"right": {"both": 10, "lost": 4, "won": 2, "neither": 0}}, "than flipped"),
        ({"right": {"both": 17, "lost": 0, "won": 0, "neither": 0}}, "than there are examples"),
        ({"right": {"both": -1, "lost": 0, "won": 0, "neither": 0}}, "than there are examples"),
        ({"bins": [1, 2]}, "as many values"),
        ({"bins": [160] + [0] * 12}, "as many values"),
        ({"bins": [-1, 161]}, "less than 0"),
        ({"count": -1}, "less than 0"),
        ({"max": -0.5}, "no number from 0 on"),
        ({"mean": 0.6}, "not the largest"),
        ({"quantiles": [0.3, 0.1, 0.5]}, "not in order"),
        ({"quantiles": [0.1]}, "not in order"),
        ({"quantiles": [0.1, 0.3, 0.6]}, "not the largest"),
        ({"threshold": 1e400}, ""),
        ({"name": "a\u202eb"}, "U+202E"),
        ({"signature": "\x1b[31m"}, "U+001B"),
        ({"listed": [{"example": -1}]}, "each once"),
        ({"listed": [{"example": 1}, {"example": 1}]}, "each once"),
        ({"listed": [{"example": at} for at in range(51)]}, "each once"),
        ({"listed": [{"example": 1, "moved": -1.0}]}, "no number from 0 on"),
        ({"listed": [{"example": at, "flipped": True} for at in range(4)]}, "listed as flipped"),
    ],
)
def test_numbers_that_can_not_be_are_damage(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DamagedLogError, match="Event 1") as caught:
        said(**changed)
    assert words.lower() in str(caught.value).lower()


def test_lists_without_end_are_damage() -> None:
    plain = {"signature": "s", "name": "n", "listed": [{"example": at} for at in range(50)], "examples": 50}
    event = events.BehaviourCompared("digits:3", outputs=tuple(msgspec.convert(plain, MovedOutput) for _ in range(6)))
    with pytest.raises(ValueError, match="At most 250 examples"):
        event.check()
    for many in (
        {"outputs": tuple(msgspec.convert({"signature": "s", "name": "n"}, MovedOutput) for _ in range(51))},
        {"left_out": ("x",) * 21},
        {"inputs": ("before",) * 3},
    ):
        with pytest.raises(ValueError, match="where at most"):
            msgspec.structs.replace(events.BehaviourCompared("digits:3"), **many).check()
