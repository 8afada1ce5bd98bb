"""What the author says: understood in all its forms, or refused in a sentence before anything is written."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import Dataset, Metric, Parent, Run, VersionManifest
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidReferenceError
from tb_versions.write.facts import Facts, check_names, draft, plain_number, run_name, to_step


def drafted(**facts: object) -> VersionManifest:
    return draft("digits", 1, Facts(**facts))  # type: ignore[typeddict-item]


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(0.5), np.array(0.5), np.float16(0.5)])
def test_numbers_of_any_library_become_floats(value: object) -> None:
    (metric,) = drafted(metrics={"a": value}).metrics
    assert (type(metric.value), metric.value, metric.source) == (float, 0.5, "typed")


@pytest.mark.parametrize("value", ["0.5", None, [0.5], np.zeros(2), 1j, {"a": 1}, b"1", SimpleNamespace(shape=())])
def test_what_is_no_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match='metric "a"'):
        drafted(metrics={"a": value})


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_double_is_kept(value: float) -> None:
    (metric,) = drafted(metrics=[Metric(name="a", value=value)]).metrics
    assert metric.value == value or (math.isnan(metric.value) and math.isnan(value))


def test_metrics_take_step_goal_and_source_where_they_have_none() -> None:
    given_metrics = {"a": 1, "b": Metric(value=2.0, goal="max", step=3, source="evaluated", dataset="test")}
    first, second = drafted(metrics=given_metrics, step=np.int64(7), goals={"a": "min", "b": "min"}).metrics
    assert (first.step, first.goal, first.source) == (7, "min", "typed")
    assert (second.name, second.step, second.goal, second.source) == ("b", 3, "max", "evaluated")


def test_a_goal_for_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(InvalidManifestError, match='Did you mean "accuracy"'):
        drafted(metrics={"accuracy": 1}, goals={"acuracy": "max"})
    with pytest.raises(InvalidManifestError, match='must be "max" or "min"'):
        drafted(metrics={"a": 1}, goals={"a": "up"})


def test_a_metric_under_another_name_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="calls itself"):
        drafted(metrics={"a": Metric(name="b", value=1.0)})


def test_hyperparameters_become_plain() -> None:
    plain = drafted(hyperparameters={"n": np.int32(3), "b": np.bool_(True), "s": "x", "f": np.float64(0.25)})
    assert plain.hyperparameters == {"n": 3, "b": True, "s": "x", "f": 0.25}
    assert [type(value) for value in plain.hyperparameters.values()] == [int, bool, str, float]
    with pytest.raises(TypeError, match=r"str\(\) makes it one"):
        drafted(hyperparameters={"layers": [1, 2]})


def test_steps_are_whole_numbers_of_64_bits() -> None:
    assert to_step(np.array(5), "The step") == 5
    assert to_step(5.0, "The step") == 5
    for value in (5.5, "5", True, math.nan, math.inf):
        with pytest.raises(TypeError):
            to_step(value, "The step")
    with pytest.raises(InvalidManifestError):
        to_step(2**70, "The step")


def test_unknown_facts_name_the_nearest() -> None:
    with pytest.raises(TypeError, match="Did you mean 'metrics'"):
        check_names({"metric": {}}, "publish")
    with pytest.raises(TypeError, match="Known are"):
        check_names({"zzz": {}}, "publish")


def test_run_names_are_relative_to_the_logdir_else_here_else_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_name(tmp_path / "logs/a/train", tmp_path / "logs") == "a/train"
    assert run_name("logs/a", "logs") == "a"
    assert run_name("logs", "logs") == "."
    assert run_name("logs/a") == "logs/a"
    assert run_name("/somewhere/else/logs/a", "logs") == "logs/a"
    assert run_name("/x") == "x"
    assert not run_name("/").startswith("/")


def test_run_names_do_not_tell_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/alice")
    assert run_name("/users/alice/run") == "run"
    assert run_name("~/logs/a/train") == "a/train"


@given(st.text(alphabet="ab./~", max_size=12))
def test_run_names_are_never_absolute(folder: str) -> None:
    assert not run_name("/" + folder).startswith("/")


def test_runs_may_be_names_paths_or_runs(tmp_path: Path) -> None:
    logdir = tmp_path / "logs"
    runs = drafted(runs=["a", str(logdir / "b"), Run(name="c", step=9)], logdir=logdir, step=2).runs
    assert [(run.name, run.step) for run in runs] == [("a", 2), ("b", 2), ("c", 9)]
    assert all(run.wall_time is not None for run in runs)
    with pytest.raises(TypeError, match="A run"):
        drafted(runs=[3])


def test_a_step_without_a_run_is_kept() -> None:
    (run,) = drafted(step=4).runs
    assert (run.name, run.step) == ("", 4)
    assert drafted().runs == ()


def test_parents_say_how_they_are_related() -> None:
    version = SimpleNamespace(manifest=VersionManifest(model="big", number=7, digest="sha256:" + "0" * 64))
    parents = drafted(fine_tuned_from="digits:3", distilled_from=version, parents=[Parent(model="x", number=1)]).parents
    assert [(p.model, p.number, p.relation) for p in parents] == [
        ("digits", 3, "fine_tuned_from"),
        ("big", 7, "distilled_from"),
        ("x", 1, "derived_from"),
    ]
    assert parents[1].digest
    with pytest.raises(InvalidReferenceError, match="must have a number"):
        drafted(parents="digits")
    with pytest.raises(TypeError, match="A parent"):
        drafted(parents=3)


def test_datasets_lose_credentials() -> None:
    sets = drafted(datasets=["mnist", Dataset(name="b", uri="s3://me:secret@bucket/x?token=abc")]).datasets
    assert sets[0].name == "mnist"
    assert "secret" not in sets[1].uri
    assert "abc" not in sets[1].uri
    with pytest.raises(TypeError, match="A dataset"):
        drafted(datasets=[3])


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"metrics": 3}, TypeError),
        ({"metrics": [1, 2]}, TypeError),
        ({"labels": "x"}, TypeError),
        ({"labels": {"a": 1}}, InvalidManifestError),
        ({"description": b"x"}, TypeError),
        ({"semantic_version": "1"}, InvalidManifestError),
        ({"training_seconds": -1}, InvalidManifestError),
        ({"training_seconds": math.nan}, InvalidManifestError),
        ({"seeds": {"a": 1.5}}, TypeError),
        ({"metrics": {"__proto__": 1}}, InvalidManifestError),
        ({"hyperparameters": {"a\u202e": 1}}, InvalidManifestError),
    ],
)
def test_wrong_facts_are_refused(facts: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        drafted(**facts)


def test_wrong_model_names_are_refused() -> None:
    with pytest.raises(InvalidNameError):
        draft("a/b", 1, Facts())


def test_plain_numbers_keep_their_kind() -> None:
    assert plain_number(True) is True
    assert plain_number(np.int8(3)) == 3
    assert isinstance(plain_number(np.int8(3)), int)
    assert plain_number(np.array([3])) is None
