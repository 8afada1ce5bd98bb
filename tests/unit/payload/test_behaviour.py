"""What travels of an event that says how two versions answered."""

from __future__ import annotations

import json
from typing import Any

from tb_versions import payload
from tb_versions.payload.history import event_payload
from tb_versions.registry import events
from tests.unit.registry.test_behaviour_facts import DIGEST, OUTPUT


def travelled(**changed: Any) -> dict[str, Any]:
    data = {"other": "digits:3", "other_manifest": DIGEST, "outputs": [{**OUTPUT, **changed}], "p": 1e-9}
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
        "manifest": DIGEST,
        "data": data,
    }
    read = events.decode(json.dumps(event).encode(), 1)
    told = event_payload(read, effective_ms=0, skewed=False)
    return json.loads(payload.dump(told))  # type: ignore[no-any-return]


def test_the_test_is_computed_from_the_counts_and_never_taken_from_the_event() -> None:
    told = travelled(test={"verdict": "better", "p": 1e-9, "words": "Better!"})
    (output,) = told["outputs"]
    assert output["test"]["verdict"] == "not_known"
    assert output["test"]["p"] == 1.0
    assert output["test"]["words"].startswith("Whether it is better is not known from 16 examples (2 became right")
    assert (told["words"], told["manifest"]) == ("answers compared with digits:3 on 16 examples, 3 flipped", DIGEST)
    assert output["listed"] == [{"example": 4, "moved": 0.5, "flipped": True, "before": 2, "after": 7, "right": "won"}]


def test_without_labels_there_is_no_test() -> None:
    assert travelled(right=None)["outputs"][0]["test"] is None


def test_an_event_that_can_not_be_says_so() -> None:
    assert "can't have flipped" in travelled(flipped=99)["problem"]
