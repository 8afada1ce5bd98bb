"""What a manifest says of slices, also where it says what can't be right."""

from __future__ import annotations

import math

from tb_versions.core.manifest import Metric, VersionManifest
from tb_versions.read.sliced import interval_text, sliced_metrics, whole_values


def manifest(*metrics: Metric) -> VersionManifest:
    return VersionManifest(model="m", number=1, metrics=metrics)


def test_metrics_are_grouped_by_name_and_dataset_with_the_value_over_all_data() -> None:
    found = sliced_metrics(
        manifest(
            Metric(name="auc", value=0.1, dataset="t", slice="sex:f"),
            Metric(name="auc", value=0.2, dataset="t"),
            Metric(name="auc", value=0.3, dataset="u", slice="sex:f"),
            Metric(name="auc", value=0.4, dataset="t", slice="sex:m"),
            Metric(name="loss", value=0.5),
        )
    )
    assert [(group.key, group.whole and group.whole.value, list(group.slices)) for group in found] == [
        ("auc [t]", 0.2, ["sex:f", "sex:m"]),
        ("auc [u]", None, ["sex:f"]),
    ]
    assert {value.kind.key for value in found[0].slices.values()} == {"auc [t/sex:f]", "auc [t/sex:m]"}


def test_a_goal_that_is_said_once_holds_for_all_slices() -> None:
    (group,) = sliced_metrics(manifest(Metric(name="spikes", goal="min"), Metric(name="spikes", slice="a")))
    kind = group.slices["a"].kind
    assert (kind.goal, kind.goal_source) == ("min", "manifest")
    (group,) = sliced_metrics(manifest(Metric(name="loss", slice="a")))
    assert (group.slices["a"].kind.goal, group.slices["a"].kind.goal_source) == ("min", "inferred")


def test_a_manifest_that_says_both_goals_of_a_metric_says_none() -> None:
    (group,) = sliced_metrics(manifest(Metric(name="acc", goal="min"), Metric(name="acc", slice="a", goal="max")))
    assert (group.slices["a"].kind.goal, group.slices["a"].kind.goal_source) == ("unknown", "unknown")


def test_of_a_slice_that_is_given_twice_the_first_counts_and_hidden_characters_are_spelled_out() -> None:
    (group,) = sliced_metrics(manifest(*(Metric(name="a", value=v, slice="x\u202e") for v in (1, 2))))
    assert [(name, value.value) for name, value in group.slices.items()] == [("x\\u{202e}", 1)]


def test_an_interval_that_can_not_be_right_is_left_out_and_the_examples_stay() -> None:
    odd = [
        Metric(name="a", value=0.5, slice="low", lower=0.6, upper=0.7, confidence=0.95, examples=7),
        Metric(name="a", value=math.nan, slice="nan", lower=0.6, examples=7),
        Metric(name="a", value=0.5, slice="endless", upper=math.inf, examples=7),
        Metric(name="a", value=0.5, slice="sure", lower=0.4, confidence=95, examples=7),
    ]
    (group,) = sliced_metrics(manifest(*odd))
    for value in group.slices.values():
        assert (value.lower, value.upper, value.confidence, value.examples) == (None, None, None, 7)
    (group,) = sliced_metrics(manifest(Metric(name="a", value=0.5, slice="b", lower=0.4, examples=-1)))
    assert (group.slices["b"].lower, group.slices["b"].examples) == (0.4, None)


def test_fewer_than_30_examples_are_few() -> None:
    (group,) = sliced_metrics(manifest(*(Metric(name="a", slice=str(n), examples=n) for n in (0, 29, 30))))
    assert [value.is_few for value in group.slices.values()] == [True, True, False]


def test_an_interval_in_words_says_what_is_not_said() -> None:
    whole = whole_values(
        manifest(
            Metric(name="a", value=0.5, lower=0.4, upper=0.6, confidence=0.95),
            Metric(name="b", value=0.5, upper=0.6),
            Metric(name="c", value=0.5),
            Metric(name="c", value=0.6, slice="x"),
        )
    )
    assert [interval_text(value) for value in whole.values()] == [
        "0.4 to 0.6 (95 %)",
        "? to 0.6 (confidence not said)",
        "",
    ]
