"""What differs is told in the order in which one thing leads to another; what is not known is told as that."""

from __future__ import annotations

from dataclasses import replace

from tb_versions.core.manifest import Environment, Hardware, VersionManifest
from tb_versions.trust.reproducing.differences import ORDER, differences
from tests.unit.trust.reproducing.test_grading import COMPLETE, DIFF, with_code


def told(new: VersionManifest, old: VersionManifest = COMPLETE) -> list[tuple[str, bool]]:
    return [(each.group, each.is_known) for each in differences(old, new)]


def test_two_trainings_of_one_record_differ_in_nothing() -> None:
    old = replace(COMPLETE, hyperparameters={"units": 3})
    assert told(old, old) == []


def test_everything_that_differs_is_told_in_order() -> None:
    new = replace(
        with_code(commit="b" * 40, entry_point="other.py", arguments=()),
        environment=Environment(python="3.12.1", os="Debian", packages={"numpy": "2.2.0", "x": "1"}),
        hardware=Hardware(cpu="Another", logical_cores=4),
        datasets=(replace(COMPLETE.datasets[0], digest="sha256:" + "b" * 64),),
        seeds={"set_seeds": 4},
        hyperparameters={"units": 4},
    )
    found = differences(replace(COMPLETE, hyperparameters={"units": 3}), new)
    groups = [each.group for each in found]
    assert groups == sorted(groups, key=ORDER.index)
    assert set(groups) == set(ORDER)
    said = " ".join(each.text for each in found)
    assert "2 packages differ: numpy 2.1.0 → 2.2.0, x missing → 1" in said
    assert "units 3 → 4" in said
    assert "set_seeds 3 → 4" in said


def test_one_package_that_differs_is_told_as_one() -> None:
    environment = COMPLETE.environment
    assert environment is not None
    new = replace(COMPLETE, environment=replace(environment, packages={"numpy": "2.2.0"}))
    assert [each.text for each in differences(COMPLETE, new) if each.is_known] == [
        "1 package differs: numpy 2.1.0 → 2.2.0."
    ]


def test_what_is_not_recorded_is_not_known_to_be_the_same() -> None:
    nothing = VersionManifest(model="digits", number=1)
    assert {known for _, known in told(nothing, nothing)} == {False}
    dirty = with_code(dirty=True)
    assert ("code", False) in told(dirty, dirty)
    assert ("code", False) in told(COMPLETE, with_code(dirty=True, diff=DIFF))
    assert ("data", False) in told(replace(COMPLETE, datasets=()))


def test_a_hyperparameter_that_is_nan_again_is_no_difference() -> None:
    old, new = (replace(COMPLETE, hyperparameters={"lr": float("nan")}) for _ in range(2))
    assert not any(group == "hyperparameters" for group, _ in told(old, new))
    assert ("hyperparameters", True) in told(old, replace(new, hyperparameters={"lr": 1.0}))
