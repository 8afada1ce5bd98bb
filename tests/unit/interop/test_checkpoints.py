"""Steps from epochs and values in names: only where the log leaves one answer."""

from __future__ import annotations

import pytest

from tb_versions.interop.checkpoints import steps_of
from tb_versions.interop.naming import Printed

LOSS = {0: 0.9123, 1: 0.5234, 2: 0.3345, 3: 0.2456}
NAMES = {"a": Printed(1, "0.91"), "b": Printed(3, "0.33")}

Logged = dict[str, dict[str, dict[int, float]]]


def steps(names: dict[str, Printed], curves: Logged) -> dict[str, tuple[str, int | None]]:
    return {key: (step.run, step.step) for key, step in steps_of(names, curves).items()}


def test_epochs_that_count_from_one_are_steps_that_count_from_zero() -> None:
    assert steps(NAMES, {"mlp": {"loss": LOSS}}) == {"a": ("mlp", 0), "b": ("mlp", 2)}


def test_other_loops_count_both_alike() -> None:
    curve = {step + 1: value for step, value in LOSS.items()}
    assert steps(NAMES, {"mlp": {"loss": curve}}) == {"a": ("mlp", 1), "b": ("mlp", 3)}


def test_the_evidence_names_the_curve() -> None:
    (step, _) = steps_of(NAMES, {"mlp": {"loss of run mlp/train": LOSS}}).values()
    assert step.words.startswith("epoch 1 and 0.91 in its name, which loss of run mlp/train has at step 0")


@pytest.mark.parametrize(
    "curves",
    [
        {"mlp": {"loss": LOSS}, "cnn": {"loss": LOSS}},
        {"mlp": {"loss": LOSS, "other": {step + 1: value for step, value in LOSS.items()}}},
        {"mlp": {"loss": {**LOSS, 2: 0.4}}},
        {"mlp": {"loss": {2: LOSS[2]}}},
        {},
    ],
    ids=["two runs", "both ways of counting", "one value differs", "a step is missing", "no log"],
)
def test_what_is_not_clear_is_no_step(curves: Logged) -> None:
    assert steps(NAMES, curves) == {}


def test_one_short_value_proves_nothing() -> None:
    curves = {"mlp": {"loss": LOSS}}
    assert steps({"a": Printed(1, "0.91")}, curves) == {}
    assert steps({"a": Printed(1, "0.9123")}, curves) == {"a": ("mlp", 0)}
    assert steps({"a": Printed(1, "0.91"), "b": Printed(1, "0.91")}, curves) == {}
