from __future__ import annotations

from typing import Any

from tb_versions.read.manifests.decoding import Metric
from tb_versions.read.manifests.listed_metrics import ListedMetrics, listed_metrics


def listed(*metrics: dict[str, Any]) -> ListedMetrics:
    return listed_metrics([Metric(**metric) for metric in metrics])


def test_a_goal_in_the_manifest_wins_over_the_one_that_the_name_suggests() -> None:
    found = listed(
        {"name": "loss", "goal": "MAX"}, {"name": "val_loss"}, {"name": "spikes"}, {"name": "hits", "goal": 1}
    )
    assert [(m.kind.goal, m.kind.goal_source) for m in found] == [
        ("max", "manifest"), ("min", "inferred"), ("unknown", "unknown"), ("max", "manifest"),
    ]  # fmt: skip


def test_of_metrics_with_one_column_the_first_counts() -> None:
    found = listed(
        {"name": "loss", "value": 1.0, "step": 5}, {"name": "auc", "value": 2.0, "step": "6"}, {"name": "loss"}
    )
    assert [(m.kind.key, m.value, m.step) for m in found] == [("loss", 1.0, 5), ("auc", 2.0, 6)]


def test_one_step_stands_for_all_that_have_it() -> None:
    assert [
        m.step for m in listed({"name": "a", "step": 3}, {"name": "b", "step": "3"}, {"name": "c", "step": 3.0})
    ] == [3] * 3
    assert [m.step for m in listed({"name": "a", "step": 3}, {"name": "b"})] == [3, None]
    assert list(listed()) == []


def test_metrics_are_equal_if_kinds_values_and_steps_are() -> None:
    some = {"name": "a", "value": 1.0, "step": 3}, {"name": "b", "value": 2.0, "step": 3}
    assert listed(*some) == listed(*some)
    assert listed(*some) == list(listed(*some))
    assert hash(listed(*some)) == hash(listed(*some))
    assert listed(*some) != listed(*reversed(some))
    assert listed(*some) != listed(some[0])
    assert listed(*some) != listed(some[0], {**some[1], "value": 2.5})
    assert listed(*some) != listed(some[0], {**some[1], "step": 4})
    assert listed(*some) != 3


def test_metrics_are_a_sequence() -> None:
    found = listed({"name": "a", "value": 1.0}, {"name": "b", "value": 2.0}, {"name": "c", "value": 3.0})
    assert (len(found), found[1].value, [m.value for m in found[1:]]) == (3, 2.0, [2.0, 3.0])
    assert list(ListedMetrics((), b"", ())) == []
