"""Value at export, best and last are joined from the runs' curves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tb_versions.core.manifest import Metric
from tests.support.world import Site, World


def test_two_exports_of_one_run_differ_at_export_and_share_best_and_last(
    world: World, site: Callable[..., Site]
) -> None:
    world.scalars("cnn", "loss", [(100, 0.9), (200, 0.5), (300, 0.7)])
    world.version("digits", 1, run="cnn", step=100)
    world.version("digits", 2, run="cnn", step=300)
    tab = site()
    tab.settle()
    first, second = (tab.row(f"digits:{n}")["metrics"]["loss"] for n in (1, 2))
    assert first["at_export"] == pytest.approx(0.9)
    assert second["at_export"] == pytest.approx(0.7)
    assert first["best"] == second["best"] == pytest.approx(0.5)
    assert first["best_step"] == second["best_step"] == 200
    assert first["last"] == second["last"] == pytest.approx(0.7)
    assert first["source"] == "run"
    assert first["regret"] == "best loss was at step 200, 44 % lower"


def test_a_run_that_goes_on_training_changes_best_and_last_but_not_the_value_at_export(
    world: World, site: Callable[..., Site]
) -> None:
    world.scalars("cnn", "loss", [(100, 0.9), (200, 0.5)])
    world.version("digits", 1, run="cnn", step=200, metrics=(Metric(name="loss", value=0.5, goal="min"),))
    tab = site()
    tab.settle()
    before = tab.row("digits:1")["metrics"]["loss"]
    assert (before["at_export"], before["best"], before["best_step"], before["last"]) == (0.5, 0.5, 200, 0.5)
    assert before["regret"] is None
    world.scalars("cnn", "loss", [(300, 0.25), (400, 0.375)])
    tab.reload()
    tab.settle(lambda catalog: catalog.curves["cnn"]["loss"].last.step == 400)  # type: ignore[union-attr]
    after = tab.row("digits:1")["metrics"]["loss"]
    assert (after["at_export"], after["best"], after["best_step"], after["last"]) == (0.5, 0.25, 300, 0.375)
    assert after["regret"] == "best loss was at step 300, 50 % lower"


def test_the_value_at_export_of_a_thinned_curve_is_the_last_point_before(
    world: World, site: Callable[..., Site]
) -> None:
    world.scalars("cnn", "loss", [(100, 0.9), (200, 0.5)])
    world.version("digits", 1, run="cnn", step=150)
    world.version("digits", 2, run="cnn", step=50)
    world.version("digits", 3, run="cnn")
    tab = site()
    tab.settle()
    got = [tab.row(f"digits:{n}")["metrics"]["loss"]["at_export"] for n in (1, 2, 3)]
    assert got == [pytest.approx(0.9), None, None]
    assert tab.json("/version?ref=digits:1")["metrics"][0]["step"] == 100


def test_keras_curves_meet_keras_names(world: World, site: Callable[..., Site]) -> None:
    world.scalars("cnn/validation", "epoch_accuracy", [(0, 0.5), (1, 0.75), (2, 0.625)])
    world.scalars("cnn/train", "epoch_loss", [(0, 0.5), (1, 0.25), (2, 0.125)])
    world.version(
        "digits",
        1,
        runs=(),
        metrics=(Metric(name="val_accuracy", value=0.625, goal="max", source="log", run="cnn/validation", step=2),),
    )
    folder = world.models / "digits" / "1"
    world.announce("cnn/train", folder, step=2)
    world.announce("cnn/validation", folder, step=2)
    tab = site()
    tab.settle()
    row = tab.row("digits:1")
    assert row["run"] == "cnn/train"
    assert row["metrics"]["val_accuracy"]["best"] == 0.75
    assert row["metrics"]["val_accuracy"]["source"] == "log"
    assert row["metrics"]["val_accuracy"]["regret"] == "best val_accuracy was at step 1, 12 points higher"
    assert row["metrics"]["loss"]["last"] == 0.125


def test_an_evaluated_metric_is_not_mixed_with_a_curve(world: World, site: Callable[..., Site]) -> None:
    world.scalars("cnn", "accuracy", [(1, 0.5)])
    evaluated = (Metric(name="accuracy", value=0.75, source="evaluated"), Metric(name="accuracy", value=1, dataset="t"))
    world.version("digits", 1, run="cnn", step=1, metrics=evaluated)
    tab = site()
    tab.settle()
    metrics = tab.row("digits:1")["metrics"]
    assert set(metrics) == {"accuracy", "accuracy [t]"}
    assert metrics["accuracy"]["at_export"] == 0.75
    assert metrics["accuracy"].get("best") is None


def test_nan_is_never_best_and_all_nan_has_none(world: World, site: Callable[..., Site]) -> None:
    nan = float("nan")
    world.scalars("a", "loss", [(1, nan), (2, 0.5), (3, nan)])
    world.scalars("b", "loss", [(1, nan)])
    world.version("m", 1, run="a", step=3)
    world.version("m", 2, run="b", step=1)
    tab = site()
    tab.settle()
    first, second = (tab.row(f"m:{n}")["metrics"]["loss"] for n in (1, 2))
    assert (first["at_export"], first["best"], first["last"], first["regret"]) == ("NaN", 0.5, "NaN", None)
    assert (second["at_export"], second["best"], second["last"]) == ("NaN", None, "NaN")


def test_a_goal_that_nobody_knows_has_no_best(world: World, site: Callable[..., Site]) -> None:
    world.scalars("a", "temperature", [(1, 20.0), (2, 30.0)])
    world.version("m", 1, run="a", step=1)
    tab = site()
    tab.settle()
    metric = tab.row("m:1")["metrics"]["temperature"]
    assert (metric["at_export"], metric["best"], metric["last"]) == (20.0, None, 30.0)
    (column,) = tab.json("/versions")["metrics"]
    assert (column["goal"], column["goal_source"]) == ("unknown", "unknown")


def test_a_metric_given_twice_shifts_no_other_row(world: World, site: Callable[..., Site]) -> None:
    twice = b'{"schemaVersion":1,"model":"m","number":"1","metrics":[{"name":"a","value":1},{"name":"a","value":2}]}'
    world.raw("m/1", twice)
    world.version("m", 2)
    tab = site()
    tab.settle()
    assert tab.row("m:1")["metrics"]["a"]["at_export"] == 1
    assert tab.row("m:2")["metrics"]["a"]["at_export"] is None
    assert "the first of them is shown" in tab.row("m:1")["notice"]
