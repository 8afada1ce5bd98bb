"""Metrics side by side: what is compared, what is not, and what is said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_versions.comparison import compare_members
from tb_versions.core.manifest import Dataset, VersionManifest
from tests.unit.comparison.making import curves, is_nan, member, metric, run_member, seeds

SEEDS = (0.90, 0.91, 0.92)


def compared(*members, key="acc", **options):
    return compare_members(members, **options).row("metrics", key)


def versions(*values, goal="max", **options):
    return [member(f"m:{i}", metric("acc", value, goal=goal), **options) for i, value in enumerate(values, start=1)]


def with_data(name, split, digest, *, model="m"):
    dataset = Dataset(name=name, split=split, digest=digest and "sha256:" + digest * 64)
    return VersionManifest(model=model, number=1, datasets=(dataset,))


def test_the_value_at_export_counts_and_best_and_last_stand_beside_it():
    value = metric("acc", 0.8, curve=[0.5, 0.9, 0.8, 0.7], step=2)
    cell = compared(member("m:1", value), member("m:2", metric("acc", 0.9))).cells[0]
    assert (cell.value, cell.details["point"], cell.details["step"]) == (0.8, "at export", 2)
    assert (cell.details["best"], cell.details["best_step"], cell.details["last"]) == (0.9, 1, 0.7)


def test_two_exports_of_one_run_show_their_own_values():
    curve = [0.1, 0.5, 0.9, 0.7]
    first, second = (member(f"m:{i}", metric("acc", curve[i], curve=curve, step=i)) for i in (1, 2))
    assert [cell.value for cell in compared(first, second).cells] == [0.5, 0.9]


def test_a_run_shows_its_last_value_and_the_row_says_so():
    row = compared(
        member("m:1", metric("acc", 0.8)), run_member("r", metric("acc", None, source="run", curve=[0.1, 0.7]))
    )
    assert (row.cells[1].value, row.cells[1].text) == (0.7, "0.7 (last)")
    assert "run r" in row.caution
    assert row.cells[1].details["direction"] == "worse"


@pytest.mark.parametrize(("goal", "verdict"), [("max", "better"), ("min", "worse")])
def test_seeds_decide_by_the_goal(goal, verdict):
    first, second = versions(0.90, 0.99, goal=goal)
    one = member("m:1", *first.metrics, siblings=seeds("acc", 0.91, 0.92))
    two = member("m:2", *second.metrics, siblings=seeds("acc", 0.98, 0.97))
    cell = compared(one, two).cells[1]
    assert cell.verdict == verdict
    noise = cell.details["noise"]
    assert (noise["method"], noise["n"]) == ("seeds", [3, 3])
    assert noise["threshold"] < noise["difference"]
    assert noise["spread"] == pytest.approx(0.01)
    assert "3 and 3 trainings" in noise["words"]


def test_a_small_difference_is_within_seed_noise():
    one = member("m:1", metric("acc", 0.90), siblings=seeds("acc", 0.95, 0.85))
    two = member("m:2", metric("acc", 0.92), siblings=seeds("acc", 0.86, 0.97))
    cell = compared(one, two).cells[1]
    assert (cell.verdict, cell.details["direction"]) == ("within noise", "better")


def test_versions_that_differ_in_the_seed_only_are_within_noise_however_far_apart():
    one, two = (member(f"m:{i}", metric("acc", v), recipe="same") for i, v in ((1, 0.5), (2, 0.9)))
    cell = compared(one, two).cells[1]
    assert (cell.verdict, cell.details["noise"]["method"]) == ("within noise", "same recipe")


def test_the_noise_of_curves_decides_where_there_are_no_seeds():
    generator = np.random.default_rng(0)
    levels = (0.5, 0.9)
    members = []
    for i, level in enumerate(levels, start=1):
        curve = list(level + 0.01 * generator.normal(size=100))
        members.append(member(f"m:{i}", metric("acc", curve[-1], curve=curve), curves=curves(acc=curve)))
    cell = compared(*members).cells[1]
    assert (cell.verdict, cell.details["noise"]["method"]) == ("better", "curves")
    assert "other seeds" in cell.details["noise"]["words"]


def test_without_seeds_and_curves_nothing_is_claimed():
    cell = compared(*versions(0.5, 0.9)).cells[1]
    assert (cell.verdict, cell.details["direction"]) == ("unknown", "better")
    assert cell.details["judgement"] == "better, noise not known"
    assert cell.details["difference"] == pytest.approx(0.4)
    assert cell.details["relative"] == pytest.approx(0.8)


def test_an_unknown_goal_says_so_and_can_be_set():
    members = versions(0.5, 0.9, goal="unknown")
    row = compared(*members)
    assert row.details == {"goal": "unknown", "goal_source": "unknown"}
    assert row.cells[1].details["direction"] == "higher"
    asked = compared(*members, goals={"acc": "min"})
    assert asked.details == {"goal": "min", "goal_source": "caller"}
    assert asked.cells[1].details["direction"] == "worse"


def test_manifests_that_disagree_on_the_goal_are_told():
    row = compared(member("m:1", metric("acc", 0.5)), member("m:2", metric("acc", 0.6, goal="min")))
    assert row.details["goal"] == "unknown"
    assert "disagree" in row.caution


@pytest.mark.parametrize("source", ["typed", "evaluated"])
def test_numbers_of_other_origin_are_not_silently_compared(source):
    one = member("m:1", metric("acc", 0.9), siblings=seeds("acc", *SEEDS))
    two = member("m:2", metric("acc", 0.99, source=source), siblings=seeds("acc", 0.98, 0.985))
    row = compared(one, two)
    assert "different origins" in row.caution
    assert row.cells[1].verdict == "unknown"
    assert row.cells[1].details["judgement"] == "not measured alike"


def test_other_data_of_the_same_name_are_told():
    one = member("m:1", metric("val_acc", 0.9), manifest=with_data("d", "validation", "a"))
    two = member("m:2", metric("val_acc", 0.99), manifest=with_data("d", "validation", "b"))
    row = compared(one, two, key="val_acc")
    assert "Measured on different data" in row.caution
    assert row.cells[1].verdict == "unknown"


@pytest.mark.parametrize(("ours", "theirs", "judgement"), [("a", "a", "better"), ("a", "", ""), ("", "", "")])
def test_a_metric_of_another_model_is_compared_only_if_both_were_measured_on_the_same_data(ours, theirs, judgement):
    one = member("m:1", metric("val_acc", 0.9), manifest=with_data("d", "validation", ours))
    two = member("n:1", metric("val_acc", 0.99), manifest=with_data("d", "validation", theirs, model="n"))
    row = compared(one, two, key="val_acc")
    assert ("The models are different" in row.caution) is (not judgement)
    assert row.cells[1].details["judgement"].partition(",")[0] == (judgement or "not measured alike")


def test_a_run_is_of_no_other_model():
    run = run_member("mlp", metric("acc", None, source="run", curve=[0.5, 0.6]))
    assert compared(*versions(0.5), run).cells[1].details["is_comparable"]


def test_training_on_other_data_does_not_spoil_validation():
    one = member("m:1", metric("val_acc", 0.9), manifest=with_data("d", "train", "a"))
    two = member("m:2", metric("val_acc", 0.99), manifest=with_data("d", "train", "b"))
    assert compared(one, two, key="val_acc").caution == ""


def test_metrics_on_other_slices_have_rows_of_their_own_and_say_so():
    one = member("m:1", metric("acc", 0.9))
    two = member("m:2", metric("acc", 0.99, dataset="cats", part="tabby"))
    row = compared(one, two)
    assert row.cells[1].absent
    assert "m 2 has acc [cats/tabby]" in row.caution
    assert compared(one, two, key="acc [cats/tabby]").cells[0].absent


def test_a_third_member_measured_otherwise_takes_no_verdict_from_the_others():
    members = [member(f"m:{i}", metric("acc", v), siblings=seeds("acc", v, v + 0.01)) for i, v in ((1, 0.5), (2, 0.9))]
    row = compared(*members, member("m:3", metric("acc", 0.9, source="typed")))
    assert [cell.verdict for cell in row.cells] == ["", "better", "unknown"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_shown_and_not_judged(value):
    cell = compared(*versions(0.5, value)).cells[1]
    assert cell.verdict == "unknown"
    assert cell.details["difference"] is None
    assert is_nan(cell.value) or cell.value == value


def test_two_nans_do_not_differ():
    assert not compared(*versions(math.nan, math.nan)).differs


def test_a_baseline_of_zero_has_no_relative_difference():
    cell = compared(*versions(0.0, 0.5)).cells[1]
    assert (cell.details["difference"], cell.details["relative"]) == (0.5, None)


def test_equal_values_are_within_noise_and_do_not_differ():
    row = compared(*versions(0.5, 0.5))
    assert not row.differs
    assert row.cells[1].details["judgement"] == "equal"


def test_constant_and_single_point_curves_tell_no_noise():
    members = []
    for i, curve in ((1, [0.5] * 50), (2, [0.9])):
        members.append(member(f"m:{i}", metric("acc", curve[-1], curve=curve), curves=curves(acc=curve)))
    assert compared(*members).cells[1].verdict == "unknown"


def test_the_baseline_can_be_any_member():
    row = compared(*versions(0.5, 0.9), baseline=1)
    assert row.cells[0].details["direction"] == "worse"
    assert "direction" not in row.cells[1].details


def test_the_regret_of_an_export_is_told():
    value = metric("acc", 0.5)._replace(regret="best acc was at step 7, 40 % higher")
    cell = compared(member("m:1", metric("acc", 0.6)), member("m:2", value)).cells[1]
    assert cell.reasons[-1] == "The run was better: best acc was at step 7, 40 % higher."


def test_a_goal_for_no_metric_is_told():
    assert compare_members(versions(0.5, 0.9), goals={"ac": "max"}).problems == (
        'A goal is given for "ac", which is no metric of these members.',
    )
