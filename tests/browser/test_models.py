"""Several models in one table: each has its own metrics, its own best, its own lead metric; a training is one run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import expect

import tb_versions as tbv
from tests.browser.tab import OpenTab, Tab
from tests.browser.test_run_links import listed_runs
from tests.support.servers import TensorBoard
from tests.support.written import Experiment, write_run

LOSSES = {"digits": (0.5, 0.2, 0.4), "churn": (0.9, 0.8)}
SCORES = {"val_accuracy": "digits", "val_auc": "churn"}


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory, quick_server: Callable[..., TensorBoard]) -> TensorBoard:
    """Two models with a `val_loss` each; digits has `val_accuracy` besides, churn `val_auc`."""
    experiment = Experiment(tmp_path_factory.mktemp("models"))
    for model, losses in LOSSES.items():
        score = next(name for name, owner in SCORES.items() if owner == model)
        for at, loss in enumerate(losses):
            facts = {"val_loss": loss, score: 0.9 - loss / 10}
            _publish(experiment, model, run=f"{model}-{at}", metrics=facts)
    return quick_server(*experiment.arguments)


def _publish(experiment: Experiment, model: str, *, run: str, metrics: dict[str, float]) -> None:
    """One version, exported from `<run>/validation` at step 1, whose curves are better at step 2."""
    folder = experiment.logs / run
    write_run(folder / "train", tag="epoch_loss")
    for name, value in metrics.items():
        better = value / 2 if name == "val_loss" else value * 1.05
        tag = f"epoch_{name.removeprefix('val_')}"
        write_run(folder / "validation", tag=tag, values=(value, value, better))
    hyperparameters = {f"{model}_width": len(run), f"{model}_run": run}

    runs: Sequence[str] = (f"{run}/validation", f"{run}/train")
    experiment.publish(model, metrics=metrics, hyperparameters=hyperparameters, step=1, runs=runs)


def titles(tab: Tab) -> list[str]:
    """Titles of the columns with values at export."""
    return [title for title, caption in tab.titles() if caption == "at export"]


def tick(tab: Tab, model: str) -> None:
    """Ticks a model in the sidebar, or unticks it."""
    tab.inside.get_by_role("region", name="Models").get_by_role("button", name=re.compile(f"^{model}")).click()


def test_a_ticked_model_chooses_columns_and_the_metric_of_the_chart(two_models: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(two_models)
    metric = tab.inside.get_by_role("combobox", name="Metric of the chart")
    expect(metric).to_have_value("val_accuracy")
    assert titles(tab)[:3] == ["val_accuracy", "val_auc", "val_loss"]
    tick(tab, "churn")
    tab.expect_count(len(LOSSES["churn"]))
    expect(metric).to_have_value("val_auc")
    assert titles(tab) == ["val_auc", "val_loss", "loss"]
    assert metric.locator("option").all_inner_texts() == ["val_auc", "val_loss", "loss"]
    expect(tab.header("churn_run")).to_be_visible()
    expect(tab.header("digits_run")).to_have_count(0)
    expect(tab.inside.get_by_role("img", name=re.compile("^val_auc of 2 versions of churn"))).to_be_visible()
    tick(tab, "churn")
    expect(metric).to_have_value("val_accuracy")


def test_stars_are_given_within_each_model(two_models: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(two_models)
    column = [title for title, _ in tab.titles()].index("val_loss")
    starred = {
        reference: tab.row(reference).locator("td:not(.check)").nth(column).locator(".star").count()
        for reference in tab.references()
    }
    assert [reference for reference, stars in starred.items() if stars] == ["churn:2", "digits:2"]
    expect(tab.inside.locator("footer.status")).to_contain_text("best shown of its model")


def test_only_the_lead_metric_of_a_model_says_that_a_better_step_existed(
    two_models: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(two_models)
    marks = tab.rows.evaluate_all(
        "rows => rows.flatMap(row => [...row.querySelectorAll('.regret')].map(mark => mark.title.split(' ')[1]))"
    )
    assert set(marks) == {"val_accuracy", "val_auc"}
    tab.open_version("digits:1")
    assert tab.panel.locator(".dv-regret li").count() == 1


def test_a_goal_that_was_inferred_is_called_guessed(
    experiment: Experiment, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> None:
    stated = tbv.Metric(value=0.9, goal="max")
    experiment.publish(metrics={"val_accuracy": stated, "val_loss": 0.3, "spikes": 7.0})
    tab = open_tab(quick_server(*experiment.arguments))
    headers = {title: tab.header(title, "at export").inner_text() for title in ("val_accuracy", "val_loss", "spikes")}
    assert {title for title, text in headers.items() if "guessed" in text} == {"val_loss"}
    assert "guessed" in (tab.header("val_loss", "at export").get_attribute("title") or "")


def test_train_and_validation_are_one_run_and_open_together(two_models: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(two_models)
    runs = tab.inside.get_by_role("region", name="Runs")
    names = runs.locator("bdi.name").all_inner_texts()
    assert sorted(names) == sorted([*(f"digits-{at}" for at in range(3)), "churn-0", "churn-1"])
    runs.get_by_role("button", name=re.compile("^digits-1")).click()
    tab.expect_count(1)
    expect(tab.run_links()).to_have_text("digits-1")
    tab.inside.get_by_label("Group:").select_option("run")
    expect(tab.grid.locator("tr.group")).to_have_text(re.compile("digits-1"))
    tab.run_links().click()
    tab.page.wait_for_url("**#timeseries")
    assert sorted(listed_runs(tab.page)) == ["digits-1/train", "digits-1/validation"]
