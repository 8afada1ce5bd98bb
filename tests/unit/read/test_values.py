from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tb_versions.read.catalog import identify
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.curve import Curve, summarize
from tb_versions.read.runs.run_links import RunLinker
from tb_versions.read.values import metric_values
from tests.support.points import made_points
from tests.unit.read.test_catalog import damaged, record

EXPORT = Export(2, datetime(2030, 1, 1, tzinfo=timezone.utc).timestamp())


def version_of(*metrics: dict[str, Any], runs: Any = (("cnn", 2),)) -> Any:
    named = [{"name": name, "step": str(step), "wall_time": "2030-01-01T00:00:00Z"} for name, step in runs]
    (version,) = identify([record("m", 1, metrics=list(metrics), runs=named)])
    return RunLinker([name for name, _ in runs]).link(version)


def curves(**tags: list[float]) -> Any:
    return {
        "cnn": {
            tag: summarize("cnn", tag, made_points(range(1, len(values) + 1), values), [EXPORT])
            for tag, values in tags.items()
        }
    }


def test_without_curves_the_manifest_alone_speaks() -> None:
    (value,) = metric_values(version_of({"name": "loss", "value": 0.5, "step": "2"}), {})
    assert (value.kind.key, value.step, value.at_export, value.curve, value.best, value.last) == (
        "loss",
        2,
        0.5,
        None,
        None,
        None,
    )


def test_the_manifests_value_is_the_one_at_export_and_the_curve_adds_the_rest() -> None:
    (value,) = metric_values(version_of({"name": "loss", "value": 0.5}), curves(loss=[0.9, 0.6, 0.25, 0.75]))
    assert value.at_export == 0.5
    assert value.best is not None
    assert value.last is not None
    assert (value.best.step, value.best.value, value.last.value) == (3, 0.25, 0.75)
    assert value.regret == "best loss was at step 3, 50 % lower"


def test_no_other_step_was_better_where_the_best_step_is_that_of_the_export() -> None:
    """A number that was typed in may contradict the run."""
    made = curves(loss=[0.9, 0.6, 0.25, 0.75])
    for step, regret in (("3", None), ("2", "best loss was at step 3, 50 % lower")):
        (value,) = metric_values(version_of({"name": "loss", "value": 0.5, "step": step}), made)
        assert value.regret == regret


def test_what_only_the_curve_has_comes_after_by_name() -> None:
    values = metric_values(
        version_of({"name": "loss", "value": 0.5}), curves(zeta=[1.0], accuracy=[0.5, 0.75], loss=[0.5])
    )
    assert [(v.kind.key, v.kind.source, v.at_export) for v in values] == [
        ("loss", "typed", 0.5), ("accuracy", "run", 0.75), ("zeta", "run", 1.0),
    ]  # fmt: skip


def test_the_goal_of_what_only_the_curve_has_comes_from_its_name() -> None:
    values = metric_values(version_of(), curves(loss=[0.5], spikes=[1.0]))
    assert [(v.kind.goal, v.kind.goal_source) for v in values] == [("min", "inferred"), ("unknown", "unknown")]


def test_a_better_step_is_named_where_the_export_has_a_value() -> None:
    (found,) = metric_values(version_of(), curves(loss=[0.9, 0.6, 0.25, 0.75]))
    assert (found.at_export, found.regret) == (0.6, "best loss was at step 3, 58 % lower")
    (found,) = metric_values(version_of(runs=(("cnn", 1),)), curves(loss=[0.9, 0.2]))
    assert (found.at_export, found.regret) == (None, None)


def test_a_metric_copied_from_a_curve_is_joined_with_that_one() -> None:
    metric = {"name": "final", "value": 0.5, "source": "LOG", "run": "cnn", "tag": "loss", "goal": "MIN"}
    (value,) = metric_values(version_of(metric), curves(loss=[0.25, 0.5]))
    assert value.kind.key == "final"
    assert value.best is not None
    assert value.best.value == 0.25


def test_other_data_and_evaluations_are_no_curve() -> None:
    metrics = ({"name": "loss", "value": 1, "dataset": "test"}, {"name": "loss", "value": 2, "source": "EVALUATED"})
    values = metric_values(version_of(*metrics), curves(loss=[0.5]))
    assert [(v.kind.key, v.curve is None) for v in values] == [("loss [test]", True), ("loss", True)]


PARTS = [("r/train", "r/validation"), ("train", "eval"), ("r/train", "r/test"), ("r/Train", "r/VAL")]


def parts(*runs: str) -> dict[str, dict[str, Curve]]:
    """A `loss` of 1, 2 … in each run."""
    return {
        run: {"loss": summarize(run, "loss", made_points([1, 2], [9.0, number]), [EXPORT])}
        for number, run in enumerate(runs, 1)
    }


LABELS = {
    ("a", "a/loss_train", "a/loss_val"): ["", "loss_train", "loss_val"],
    ("a/loss_train", "a/loss_val"): ["loss_train", "loss_val"],
    ("f/fold0", "f/fold1"): ["fold0", "fold1"],
    ("fold0", "fold1"): ["fold0", "fold1"],
    ("f/fold0/train", "f/fold1/train"): ["fold0", "fold1"],
    ("one/train", "two/train"): ["one", "two"],
    ("one/train", "two/eval"): ["train", "eval"],
    ("one/train", "two/train", "one/eval", "two/eval"): ["one/train", "two/train", "one/eval", "two/eval"],
    (".", "eval"): ["", "eval"],
    ("a/x", "a/b/x"): ["", "b"],
    ("x", "x/x"): ["", "x"],
    ("a/b", "a/b/c/d"): ["", "d"],
    ("cnn", "other"): ["cnn", "other"],
    ("only",): [""],
    ("f/fold0/train",): [""],
}


@pytest.mark.parametrize(("runs", "labels"), LABELS.items())
def test_the_last_part_that_tells_runs_apart_is_the_label(runs: tuple[str, ...], labels: list[str]) -> None:
    values = metric_values(version_of(runs=[(run, 2) for run in runs]), parts(*runs))
    wanted = {f"loss [{label}]" if label else "loss": number for number, label in enumerate(labels, 1)}
    assert {v.kind.key: v.at_export for v in values} == wanted


def test_a_name_that_only_one_of_several_runs_has_is_plain() -> None:
    found = parts("a/loss_train", "a/loss_val")
    found["a"] = {"lr_scale": summarize("a", "lr_scale", made_points([1, 2], [9.0, 0.5]), [EXPORT])}
    runs = [(run, 2) for run in ("a", "a/loss_train", "a/loss_val")]
    keys = [value.kind.key for value in metric_values(version_of(runs=runs), found)]
    assert keys == ["loss [loss_train]", "loss [loss_val]", "lr_scale"]


@pytest.mark.parametrize("runs", PARTS)
def test_one_name_in_parts_of_a_training_is_two_metrics(runs: tuple[str, str]) -> None:
    values = metric_values(version_of(runs=[(run, 2) for run in runs]), parts(*runs))
    ends = [run.rpartition("/")[2] for run in runs]
    assert {(v.kind.key, v.at_export) for v in values} == {(f"loss [{ends[0]}]", 1.0), (f"loss [{ends[1]}]", 2.0)}
    assert {v.kind.goal for v in values} == {"min"}


def test_a_number_that_may_be_of_either_part_has_no_curve() -> None:
    typed = version_of({"name": "loss", "value": 2.5}, runs=(("r/train", 2), ("r/eval", 2)))
    first, *rest = metric_values(typed, parts("r/train", "r/eval"))
    assert (first.kind.key, first.at_export, first.curve, first.best) == ("loss", 2.5, None, None)
    assert [(v.kind.key, v.at_export) for v in rest] == [("loss [eval]", 2.0), ("loss [train]", 1.0)]


def test_a_number_that_says_which_part_it_is_of_has_its_curve() -> None:
    metric = {"name": "loss", "value": 2.0, "source": "LOG", "run": "r/eval", "tag": "loss", "goal": "MIN"}
    first, second = metric_values(version_of(metric, runs=(("r/train", 2), ("r/eval", 2))), parts("r/train", "r/eval"))
    assert (first.kind.key, first.curve and first.curve.run) == ("loss", "r/eval")
    assert (second.kind.key, second.curve and second.curve.run) == ("loss [train]", "r/train")


def test_the_run_itself_has_the_plain_name_beside_its_parts() -> None:
    values = metric_values(version_of(runs=(("r", 2), ("r/eval", 2))), parts("r", "r/eval"))
    assert {v.kind.key: v.at_export for v in values} == {"loss": 1.0, "loss [eval]": 2.0}


def test_a_damaged_version_has_no_values() -> None:
    (version,) = identify([damaged("m", 1, "m/1")])
    assert metric_values(version, curves(loss=[0.5])) == []


def test_a_metric_is_not_joined_with_the_curve_of_another_run_of_the_name_it_was_recorded_with() -> None:
    """The run was renamed from `cnn`, and another one has that name now."""
    metric = {"name": "loss", "value": 0.5, "source": "LOG", "run": "cnn", "tag": "loss", "goal": "MIN"}
    renamed = version_of(metric, runs=(("moved", 2),))
    both = {
        **curves(loss=[0.125]),
        "moved": {"loss": summarize("moved", "loss", made_points([1, 2], [0.75, 0.5]), [EXPORT])},
    }
    (value,) = metric_values(renamed, both)
    assert value.curve is not None
    assert (value.curve.run, value.best and value.best.value) == ("moved", 0.5)
    (value,) = metric_values(renamed, curves(loss=[0.125]))
    assert value.curve is None
