"""A fact that no manifest can hold costs that fact, not the version."""

from __future__ import annotations

import decimal
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MAX_DESCRIPTION, MAX_TEXT, Dataset, Metric, Run
from tb_versions.write.facts import draft
from tb_versions.write.leaving_out import recordable_facts


class Failing:
    def __repr__(self) -> str:
        raise KeyError("x")

    def __getattr__(self, name: str) -> object:
        raise AttributeError(name) if name.startswith("__") else ZeroDivisionError(name)  # pytest asks for __name__


def drafted(**facts: Any) -> tuple[tbv.VersionManifest, list[str]]:
    """The manifest of facts, which is valid, and the warnings."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        manifest = draft("m", 1, recordable_facts(facts))  # type: ignore[arg-type]
    return manifest, [str(each.message) for each in said]


@pytest.mark.parametrize(
    "value",
    [
        None, "0.9", [0.5], np.zeros(2), 1j, {"b": 1}, 10**400, Failing(), object(), np.ma.masked, np.void(b"12345678"),
        np.ma.array(5.0, mask=True), np.array("0.9"), Metric(value=np.ma.masked),
    ],
)  # fmt: skip
def test_a_metric_that_is_no_number_is_left_out_with_its_goal(value: object) -> None:
    manifest, said = drafted(metrics={"a": value, "loss": 0.5}, goals={"a": "max", "loss": "min"})
    assert [(metric.name, metric.value, metric.goal) for metric in manifest.metrics] == [("loss", 0.5, "min")]
    (message,) = said
    assert message.startswith('Of the metrics, "a" is not recorded: it ')


@pytest.mark.parametrize("name", ["", "a\nb", "a" * 300, "__proto__", Failing()])
def test_a_metric_whose_name_can_not_be_recorded_is_left_out(name: object) -> None:
    manifest, said = drafted(metrics={name: 1.0, 5: 2.0})
    assert [metric.name for metric in manifest.metrics] == ["5"]
    assert "its name" in said[0]


def test_numbers_and_metrics_of_all_kinds_stay() -> None:
    sliced = [Metric(value=1.0), Metric(value=2.0, slice="a")]
    given = {"a": decimal.Decimal("0.5"), "b": np.float32(0.1), "c": sliced, "d": Metric(value=3.0)}
    manifest, said = drafted(metrics=given)
    assert [metric.value for metric in manifest.metrics] == [0.5, 0.1, 1.0, 2.0, 3.0]
    assert said == []


def test_labels_and_the_description_become_texts() -> None:
    labels = {"a": 1, "b": True, "c": None, "d": "x" * 2_000, "e\n": "x", "f": "y\x1b[31m"}
    manifest, said = drafted(labels=labels, description="a\udc80" + "x" * MAX_DESCRIPTION)
    assert manifest.labels.keys() == {"a", "b", "c", "d", "f"}
    assert (manifest.labels["a"], manifest.labels["b"], manifest.labels["c"]) == ("1", "True", "None")
    assert len(manifest.description) == MAX_DESCRIPTION
    assert "Of the labels" in said[0]
    assert "The description is cut" in said[1]


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        ("main\r", "main"), ("main\r\n", "main"), ("\nmain", "main"), ("a\r\nb", "a\\u{d}\\u{a}b"),
        ("a\tb", "a\\u{9}b"),
        (Path("a\nb"), "a\\u{a}b"), ("a\u2028b", "a\\u{2028}b"), (" main ", " main "), ("\n", ""),
    ],
)  # fmt: skip
def test_a_label_is_one_line(value: object, recorded: str) -> None:
    manifest, said = drafted(labels={"branch": value})
    assert (manifest.labels, said) == ({"branch": recorded}, [])


def test_a_label_that_is_long_when_it_is_one_line_is_cut() -> None:
    manifest, said = drafted(labels={"a": "x\n" * 400})
    assert len(manifest.labels["a"]) == MAX_TEXT
    assert "is cut to 1,024 characters" in said[0]


def test_with_strict_a_label_of_two_lines_is_refused() -> None:
    with pytest.raises(tbv.InvalidManifestError, match="U\\+000D"):
        draft("m", 1, {"labels": {"branch": "main\r"}})


HIDDEN = ("\ufeffmain", "a\u200bb", "main\r", "a\nb", "a\u202eb", "\x1b[32mok\x1b[0m", "a\0b", "\ud800", "x" * 2_000)


@pytest.mark.parametrize("name", HIDDEN)
def test_a_dataset_whose_name_can_not_be_recorded_is_left_out(name: str) -> None:
    for given in (name, Dataset(name=name), Dataset(name="a", split=name)):
        manifest, said = drafted(datasets=["train", given])
        assert [dataset.name for dataset in manifest.datasets] == ["train"]
        (message,) = said
        assert message.startswith("Of the datasets, ")
        assert "is not recorded: its " in message
        assert drafted(datasets=given)[0].datasets == ()


@pytest.mark.parametrize("name", HIDDEN)
def test_a_run_whose_name_can_not_be_recorded_is_left_out(name: str) -> None:
    for given in (name, Run(name=name)):
        manifest, said = drafted(runs=["train", given], step=4)
        assert [(run.name, run.step) for run in manifest.runs] == [("train", 4)]
        (message,) = said
        assert message.startswith("Of the runs, ")
        assert "is not recorded: its name has " in message


def test_without_a_run_that_can_be_recorded_the_version_has_that_of_the_writer(tmp_path: Path) -> None:
    with pytest.warns(tbv.TbVersionsWarning, match="Of the runs"):
        facts = recordable_facts({"runs": "a\u200bb", "step": 4, "logdir": tmp_path})
    (run,) = draft("m", 1, facts, run_dir=str(tmp_path / "mine")).runs
    assert (run.name, run.step) == ("mine", 4)
    (nameless,) = draft("m", 1, facts).runs
    assert (nameless.name, nameless.step) == ("", 4)


def test_the_path_of_a_run_may_have_any_name_above_the_run(tmp_path: Path) -> None:
    logdir = tmp_path / "a\u200bb"
    manifest, said = drafted(runs=[str(logdir / "mine")], logdir=logdir)
    assert ([run.name for run in manifest.runs], said) == (["mine"], [])


def test_a_lead_metric_goes_with_its_metric() -> None:
    manifest, said = drafted(metrics={"a\u200bb": 1.0}, lead_metric="a\u200bb")
    assert (manifest.metrics, manifest.lead_metric) == ((), "")
    assert said[1].startswith('The lead metric "a\\u{200b}b" is not recorded: its name has ')


@pytest.mark.parametrize("fact", ["datasets", "runs", "lead_metric"])
def test_with_strict_names_with_hidden_characters_are_refused(fact: str) -> None:
    with pytest.raises(tbv.InvalidManifestError, match="U\\+200B"):
        draft("m", 1, {fact: "a\u200bb"})  # type: ignore[misc]


def test_none_is_nothing() -> None:
    manifest, said = drafted(metrics=None, labels=None, description=None, hyperparameters=None)
    assert (manifest.metrics, manifest.labels, manifest.description, said) == ((), {}, "", [])


def test_what_is_of_a_wrong_type_as_a_whole_is_refused() -> None:
    for facts in (
        {"metrics": [1.0]},
        {"labels": ["a"]},
        {"description": 5},
        {"datasets": [5]},
        {"datasets": None},
        {"runs": [5]},
    ):
        with pytest.raises(TypeError):
            drafted(**facts)


def test_publish_leaves_out_and_with_strict_refuses(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "w").write_text("1")
    facts: dict[str, Any] = {"metrics": {"f1": None, "loss": 0.5}, "labels": {"seed": 3}}
    with pytest.warns(tbv.TbVersionsWarning, match='"f1" is not recorded'):
        version = tbv.publish(source, tmp_path / "models", name="m", **facts)
    assert version
    assert [metric.name for metric in version.manifest.metrics] == ["loss"]
    with pytest.raises(TypeError, match='metric "f1" must be a number'):
        tbv.publish(source, tmp_path / "models", name="m", strict=True, **facts)
