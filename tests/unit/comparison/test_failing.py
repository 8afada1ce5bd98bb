from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.failing import failures, undecided
from tb_versions.core.manifest import Dataset, Environment, Metric, VersionManifest
from tests.support.gating import saved_model
from tests.support.points import made_points
from tests.unit.comparison.making import member, metric

NAN = float("nan")


def of(number: int, *metrics: Any, **fields: Any) -> Any:
    return member(f"digits:{number}", *metrics, manifest=VersionManifest(model="digits", number=number, **fields))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            metric("accuracy", 0.9),
            metric("accuracy", 0.8),
            "accuracy is worse, 0.8 against 0.9; worse, noise not known",
        ),
        (metric("accuracy", 0.9), metric("accuracy", 0.95), ""),
        (metric("accuracy", 0.9), metric("accuracy", 0.9), ""),
        (metric("loss", 0.3, goal="min"), metric("loss", 0.4, goal="min"), "loss is worse"),
        (metric("accuracy", 0.9), metric("accuracy", NAN), "accuracy is worse, NaN"),
        (metric("accuracy", 0.9, source="log"), metric("accuracy", 0.8, source="typed"), "not measured alike"),
        (metric("wibble", 1.0, goal="unknown"), metric("wibble", 2.0, goal="unknown"), ""),
    ],
)
def test_a_metric_that_is_worse_is_a_failure_unless_within_noise(old: Any, new: Any, words: str) -> None:
    found = failures(compare_members([of(1, old), of(2, new)]), ["worse"])
    assert (words in found[0]) if words else found == ()


def test_within_noise_is_no_failure() -> None:
    wobble = [0.9 + (0.01 if step * step % 7 > 3 else -0.01) for step in range(200)]
    points = made_points(range(200), wobble)
    members = [
        replace(of(number, metric("accuracy", value, step=199)), curves={"accuracy": points})
        for number, value in ((1, 0.901), (2, 0.9))
    ]
    assert failures(compare_members(members), ["worse"]) == ()


def test_of_an_unknown_direction_somebody_must_say_the_goal() -> None:
    members = [of(1, metric("wibble", 1.0, goal="unknown")), of(2, metric("wibble", 2.0, goal="unknown"))]
    assert undecided(compare_members(members)) == ("wibble",)
    goals: Mapping[str, Any] = {"wibble": "min"}
    assert undecided(compare_members(members, goals=goals)) == ()
    assert failures(compare_members(members, goals=goals), ["worse"])


def sliced(value: float, part: str = "night") -> Metric:
    return Metric(name="accuracy", value=value, goal="max", dataset="test", slice=part)


def test_a_slice_counts_like_a_metric_of_all_data() -> None:
    old, worse, gone = ((sliced(0.9), sliced(0.9, "day")), (sliced(0.8), sliced(0.9, "day")), (sliced(0.9),))
    compared = compare_members([of(1, metrics=old), of(2, metrics=worse), of(3, metrics=gone), of(4)])
    assert [text.partition(",")[0] for text in failures(compared, ["worse"])] == [
        "digits 2: accuracy [test] night is worse"
    ]
    found = failures(compared, ["removed"])
    assert [text for text in found if " 3" in text] == ["digits 3: slices accuracy [test] day is gone."]
    assert len([text for text in found if " 4" in text]) == 2


def test_breaking_and_unknown_signatures_are_failures() -> None:
    one, two = saved_model("x"), saved_model("x", "y")
    assert failures(compare_members([of(1, saved_model=one), of(2, saved_model=one)]), ["breaking"]) == ()
    (found,) = failures(compare_members([of(1, saved_model=one), of(2, saved_model=two)]), ["breaking"])
    assert "breaks clients" in found
    (found,) = failures(compare_members([of(1, saved_model=one), of(2)]), ["breaking"])
    assert "not known" in found


def test_what_is_gone_is_a_failure() -> None:
    old = of(
        1,
        metric("accuracy", 0.9),
        datasets=(Dataset(name="d", split="train"), Dataset(name="e")),
        environment=Environment(packages={"numpy": "2", "scipy": "1"}),
    )
    new = of(2, datasets=(Dataset(name="d", split="train"),), environment=Environment(packages={"numpy": "2"}))
    found = failures(compare_members([old, new]), ["removed"])
    assert found == ("digits 2: data e is gone.", "digits 2: the package scipy is gone.")


def test_only_what_is_asked_for_counts() -> None:
    members = [of(1, metric("accuracy", 0.9)), of(2, metric("accuracy", 0.8))]
    assert failures(compare_members(members), ["removed"]) == ()
