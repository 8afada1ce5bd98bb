"""How two versions answered the same, as it travels: what the event says, and what follows from its counts. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from tb_versions.comparison.paired import Paired, paired
from tb_versions.registry.behaviour_facts import MovedOutput
from tb_versions.registry.events import BehaviourCompared


def tested_outputs(said: BehaviourCompared) -> list[dict[str, Any]]:
    """Returns each output as the event has it, with `test`: what follows of it, computed here; None without labels."""
    return [{**_fields(each), "test": _test(of)} for each, of in zip(said.outputs, paired(said.outputs), strict=True)]


def _fields(output: MovedOutput) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(output))
    fields["listed"] = [msgspec.structs.asdict(each) for each in output.listed]
    return fields


def _test(of: Paired | None) -> dict[str, Any] | None:
    if of is None:
        return None
    examples = of.examples or 1
    return {
        "verdict": of.verdict,
        "p": of.p,
        "level": of.level,
        "examples": of.examples,
        "before": (of.both + of.lost) / examples,
        "after": (of.both + of.won) / examples,
        "smallest": of.smallest,
        "likely": of.likely,
        "words": of.words,
        "power": of.power,
    }
