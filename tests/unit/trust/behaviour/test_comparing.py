"""Comparing answers: what is refused before a model is loaded, and real models, each in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core.golden.file import Asked
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.core.limited import Limits
from tb_versions.registry import events
from tb_versions.trust.behaviour.comparing import _outputs, compare_answers
from tb_versions.trust.behaviour.inputs import shared_inputs
from tests.support.golden import answering
from tests.support.savedmodel_bytes import shape, tensor
from tests.unit.trust.behaviour.test_asking import asked, model

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two versions that take the same, and one that takes something else; none can be loaded."""
    source = model(tmp_path, "a")
    answering(source, tmp_path / "models", asked(1, 2))
    answering(source, tmp_path / "models", asked(1, 2))
    other = model(tmp_path, "c", x=tensor("x:0", 9, shape(-1, 4)), y=tensor("y:0", 1, shape(-1, 4)))
    answering(other, tmp_path / "models")
    return tmp_path / "models"


def test_versions_that_take_something_else_are_not_compared(models: Path) -> None:
    with pytest.raises(
        tbv.NotComparableError, match=r"digits:1 and digits:3 do not take the same inputs.*in the second"
    ):
        compare_answers("digits:1", "digits:3", models)


def test_one_version_is_not_two(models: Path) -> None:
    tbv.promote("digits:2", models, alias="production")
    with pytest.raises(tbv.InvalidQueryError, match="are one version"):
        compare_answers("digits@production", "digits:2", models)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"threshold": float("nan")}, "finite"),
        ({"inputs": np.ones((2, 5))}, "shape"),
        ({"inputs": {"z": np.ones((2, 4))}}, '"z" was given'),
        ({"labels": [0, 1, 2]}, "There are 3 labels for 2 examples"),
        ({"labels": [0.5, 1]}, "no classes"),
        ({"inputs": "missing.npz"}, "missing.npz can't be read: No such file"),
        ({"actor": ""}, "no name"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_model_is_loaded(given: dict[str, Any], words: str, models: Path) -> None:
    with pytest.raises(tbv.InvalidQueryError, match=words):
        compare_answers("digits:1", "digits:2", models, limits=Limits(seconds=0.01), **given)


def test_a_file_that_holds_no_arrays_is_refused(models: Path, tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK not a zip")
    with pytest.raises(tbv.InvalidQueryError, match=r"x.npz holds no inputs"):
        compare_answers("digits:1", "digits:2", models, inputs=tmp_path / "x.npz")
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(tbv.InvalidQueryError, match=r"holds no labels.*pickle"):
        compare_answers("digits:1", "digits:2", models, labels=tmp_path / "objects.npy")


def test_an_output_whose_name_can_not_be_recorded_is_named_and_left_out() -> None:
    inputs, left_out = {"x": np.ones((2, 4))}, list[str]()
    shared = shared_inputs(Asked(inputs), {"x": "x"})
    pair = Asked(inputs, {"y\u202e": np.ones((2, 3)), "z": np.ones((2, 3))})
    found = _outputs("serve", shared, (pair, pair), threshold=None, left_out=left_out)
    assert [each.name for each in found] == ["z"]
    assert left_out == ['The output "y\\u{202e}" of "serve" has a name that can\'t be recorded.']


def test_a_model_that_is_stopped_is_no_result_and_nothing_is_recorded(models: Path) -> None:
    with pytest.raises(tbv.ModelLoadError, match=r"digits:1 gave no answer. It was stopped after 0.1 s. Nothing was"):
        compare_answers("digits:1", "digits:2", models, limits=Limits(seconds=0.1))
    assert list(tbv.history("digits", models)) == []


@pytest.mark.tensorflow
@pytest.mark.slow
def test_real_versions_are_asked_the_same_and_the_result_is_recorded_without_inputs(tmp_path: Path) -> None:
    import tensorflow as tf

    class Scores(tf.Module):  # type: ignore[misc]
        def __init__(self, kernel: Any) -> None:
            super().__init__()
            self.kernel = tf.Variable(kernel, dtype=tf.float32)

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
        def __call__(self, x: Any) -> Any:
            noise = tf.random.uniform([1])
            return {"scores": x @ self.kernel, "noise": noise, "name": tf.where(x[:, 0] > 0, "secret yes", "secret no")}

    for name, kernel in (("one", [[1.0, 0.0], [0.0, 1.0]]), ("two", [[1.0, 0.0], [0.5, 1.0]])):
        tf.saved_model.save(Scores(kernel), str(tmp_path / name))
    x = np.array([[0.125, 1.0], [3.0, 0.0], [0.75, 1.0], [0.75, 1.0]], "float32")
    golden = {"serving_default": Asked({"x": x}, {"y": x}, labels_by_output({"scores": [1, 0, 1, 1]}))}
    models = tmp_path / "models"
    answering(tmp_path / "one", models, golden)
    answering(tmp_path / "two", models)

    found = compare_answers("digits:1", "digits:2", models, actor="anna", reason="before the release")
    said = found.said
    assert (said.other, said.inputs, said.repeated, said.labels) == ("digits:1", ("before",), 1, "golden")
    assert said.tensorflow == tf.__version__
    assert {each.name: each.flipped for each in said.outputs} == {"name": 0, "scores": 1}
    (scores,) = (each for each in said.outputs if each.name == "scores")
    assert (scores.examples, scores.max) == (3, 0.5)
    assert scores.right is not None
    assert (scores.right.lost, scores.right.won, scores.right.both) == (1, 0, 2)
    assert [(each.example, each.before, each.after) for each in scores.listed if each.flipped] == [(2, 1, 0)]
    assert found.paired[said.outputs.index(scores)].verdict == "not_known"  # type: ignore[union-attr]
    assert any("changes its answer from call to call" in each and "noise" in each for each in said.left_out)

    (told,) = tbv.history("digits", models)
    assert (told.event.kind, told.event.version, told.event.actor) == ("behaviour_compared", 2, "anna")
    assert events.said(told.event) == said
    kept = bytes(told.event.data)
    assert b"secret" not in kept
    assert b"0.125" not in kept

    given = compare_answers("digits:2", "digits:1", models, inputs=x[:2], labels={"scores": [1, 0]}, record=False)
    assert (given.said.inputs, given.said.labels, given.event) == (("given",), "given", None)
    assert len(list(tbv.history("digits", models))) == 1
