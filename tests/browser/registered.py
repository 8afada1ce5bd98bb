"""A model with a history: eight versions, promoted, rolled back, deprecated, removed and measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tb_versions.registry.events import (
    AliasRolledBack,
    AliasSet,
    Deployed,
    LabelSet,
    Removed,
    SemanticVersionGiven,
    Text,
    Verified,
)
from tests.support.chronicle import BEGIN, Chronicle
from tests.support.written import Experiment, plain_manifest

DAY = 24 * 60
"""Minutes."""

VALUES = (0.91, 0.93, 0.955, 0.7433, 0.96, 0.9667, 0.97, 0.9767)


class Registered:
    """The model `digits`.

    Attributes:
        experiment: The folders.
        digits: What is said of the model; more may be said.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.experiment = Experiment(folder)
        for number, value in enumerate(VALUES, start=1):
            self.write("digits", number, value)
        self.digits = Chronicle(self.experiment.models / "digits")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the fixture `tensorboard_server`."""
        return self.experiment.arguments

    def write(self, model: str, number: int, value: float, **fields: Any) -> Path:
        """Writes a version that was made `number` days after the 10th of October."""
        created = f"2026-10-{10 + number:02}T12:00:00Z"
        metric = {"name": "val_accuracy", "value": value, "goal": "MAX", "source": "LOG"}
        labels = {"team": "vision"} if number == 6 else {}
        manifest = plain_manifest(model, number, created=created, metrics=[metric], labels=labels, **fields)
        return self.experiment.write_raw(model, number, manifest)

    def tell(self) -> Registered:
        """Writes the whole history."""
        say = self.digits.say
        day = -40 * DAY  # the 15th of October
        say("alias_set", 2, AliasSet(alias="production"), reason="the first", minutes=day)
        say("approved", 3, actor="ben", minutes=day + DAY)
        say("alias_set", 3, AliasSet(alias="production", from_=2), reason="beats 2 beyond noise", minutes=day + 2 * DAY)
        say("alias_set", 5, AliasSet(alias="canary"), minutes=day + 3 * DAY)
        say("alias_set", 6, AliasSet(alias="production", from_=3), reason="beats 3", minutes=day + 10 * DAY)
        say(
            "alias_rolled_back",
            3,
            AliasRolledBack(alias="production", from_=6),
            reason="6 refuses batch size 1",
            minutes=day + 12 * DAY,
        )
        say("deprecated", 6, actor="ben", reason="refuses batch size 1", minutes=day + 12 * DAY + 5)
        say("noted", 6, Text("Flatten lost its **None**: <img src=x onerror=alert(1)>"), minutes=day + 12 * DAY + 7)
        say("verified", 8, Verified(ok=True), minutes=day + 20 * DAY)
        say("approved", 8, actor="ben", reason="looks good", minutes=day + 20 * DAY + 3)
        say("semantic_version_given", 8, SemanticVersionGiven("1.1.0"), minutes=day + 21 * DAY)
        say(
            "alias_set",
            8,
            AliasSet(alias="production", from_=3),
            reason="beats 3 beyond noise on moved digits",
            minutes=day + 22 * DAY,
        )
        say("label_set", 8, LabelSet(key="team", value="ops"), minutes=day + 22 * DAY + 9)
        say("deployed", 8, Deployed("serving.example.org", alias="stable"), minutes=day + 22 * DAY - 30, actor="clock")
        say("gate_passed", 8, raw=b'{"gate":"release"}', actor="ci", minutes=day + 23 * DAY)
        say("removed", 4, Removed(by="keep=3 of run mlp", size=189_000), actor="keep", minutes=day + 24 * DAY)
        self.digits.remove(4)
        for at, accuracy in ((23, 0.944), (25, 0.941), (27, 0.9)):
            self.digits.measure(
                8, source="monitoring", dataset="clinic-2026-11", minutes=day + at * DAY, accuracy=accuracy
            )
        self.digits.measure(3, source="monitoring", dataset="clinic-2026-11", minutes=day + 20 * DAY, accuracy=0.928)
        return self

    def damage(self) -> None:
        """Cuts the newest event short."""
        state = self.digits.registry.refresh()
        self.digits.damage(state.head.number + 1, json.dumps({"format": 1}).encode())


def moment(day: float) -> str:
    """Milliseconds since 1970 so many days after the first event, as the address has it."""
    return str(round(BEGIN.timestamp() * 1_000 + (day - 40) * DAY * 60_000))
