"""What a user gives as golden inputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tb_versions.core.manifest import Shape, Signature, Tensor
from tb_versions.errors import InvalidManifestError
from tb_versions.write.golden import inputs
from tb_versions.write.golden.inputs import by_signature, check_golden, check_labels, signatures_in, taken
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model


def taking(key: str, **of: str) -> Signature:
    tensors = [Tensor(name=n, dtype=d, tensor=f"{n}:0", shape=Shape(dimensions=(-1, 2))) for n, d in of.items()]
    return Signature(key=key, inputs=tuple(tensors))


SERVE = taking("serving_default", x="float32")
UP = taking("up", text="string")
TWO = taking("two", a="float32", b="int32")


class Dataset:
    """Elements as `tf.data.Dataset` gives them."""

    element_spec = None

    def __init__(self, *elements: Any) -> None:
        self.elements, self.taken = elements, 0

    def __iter__(self) -> Iterator[Any]:
        for element in self.elements:
            self.taken += 1
            yield element


def test_an_array_is_for_every_signature_with_one_input_that_takes_it() -> None:
    found, notes = by_signature(np.ones((3, 2)), [SERVE, UP, TWO])
    assert found.keys() == {"serving_default"}
    assert found["serving_default"]["x"].dtype == np.float32
    assert [note.partition(" was not asked. ")[0] for note in notes] == ['The signature "up"', 'The signature "two"']


def test_a_mapping_gives_each_signature_what_it_takes() -> None:
    given = {"x": np.ones((1, 2)), "text": [["a", "ü"]], "a": np.ones((1, 2)), "b": [[1, 2]]}
    found, notes = by_signature(given, [SERVE, UP, TWO])
    assert {key: sorted(one) for key, one in found.items()} == {
        "serving_default": ["x"],
        "up": ["text"],
        "two": ["a", "b"],
    }
    assert found["up"]["text"].tolist() == [[b"a", "ü".encode()]]
    assert notes == []


def test_a_mapping_of_signatures_gives_each_its_own() -> None:
    found, notes = by_signature({"up": {"text": [["a", "b"]]}}, [SERVE, UP])
    assert found.keys() == {"up"}
    assert "No inputs were given for it" in notes[0]
    with pytest.raises(InvalidManifestError, match='no signature "down"'):
        by_signature({"down": {"text": [["a", "b"]]}}, [SERVE, UP])


@pytest.mark.parametrize(
    "elements",
    [
        [(np.full((4, 2), n), np.zeros(4)) for n in range(9)],
        [np.full((4, 2), n) for n in range(9)],
        [(np.full(2, n // 4), 0) for n in range(36)],
        [{"x": np.full((4, 2), n)} for n in range(9)],
    ],
)
def test_the_first_examples_of_a_dataset_are_taken_batched_or_not(elements: list[Any]) -> None:
    dataset = Dataset(*elements)
    found, _ = by_signature(dataset, [SERVE], examples=6)
    assert found["serving_default"]["x"].tolist() == [[0, 0]] * 4 + [[1, 1]] * 2
    assert dataset.taken <= 6


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Dataset(), "has no example"),
        (Dataset(np.ones((1, 2)), np.ones((1, 3))), "have not one shape"),
        ({"y": [1.0]}, 'takes "x", and "y" was given'),
        (np.ones((1, 3)), r"has the shape \[any, 2\], not \[1, 3\]"),
    ],
)
def test_what_no_signature_takes_is_refused(given: Any, why: str) -> None:
    with pytest.raises(InvalidManifestError, match=why):
        by_signature(given, [SERVE])


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "INPUTS_LIMIT", 100)
    with pytest.raises(InvalidManifestError, match="have 160 bytes for 1 signatures; at most 100"):
        by_signature(np.ones((20, 2)), [SERVE])


def test_mistakes_are_found_before_anything_is_exported() -> None:
    with pytest.raises(TypeError, match="golden= takes an array"):
        check_golden("text", 1)
    with pytest.raises(InvalidManifestError, match="asks for nothing"):
        check_golden({}, 1)
    with pytest.raises(InvalidManifestError, match="from 1 to 10,000, not 0"):
        check_golden([1.0], 0)


def test_targets_of_a_dataset_come_in_the_order_of_its_inputs() -> None:
    row, batch = np.ones(2), np.ones((3, 2))
    batched = Dataset((batch, np.array([1, 2, 3])), (batch, np.array([4, 5, 6])))
    _, targets = taken(batched, [SERVE], 4)
    assert np.asarray(targets).tolist() == [1, 2, 3, 4]
    single = Dataset((row, np.int64(7)), (row, np.int64(8)), (row, np.int64(9)))
    _, targets = taken(single, [SERVE], 2)
    assert np.asarray(targets).tolist() == [7, 8]
    one_hot = Dataset((row, np.eye(3)[2]), (row, np.eye(3)[0]))
    _, targets = taken(one_hot, [SERVE], 2)
    assert np.asarray(targets).tolist() == [[0, 0, 1], [1, 0, 0]]
    named = Dataset((batch, {"a": np.array([1, 2, 3])}))
    assert taken(named, [SERVE], 2)[1]["a"].tolist() == [1, 2]  # type: ignore[index]
    assert taken(Dataset(batch), [SERVE], 2)[1] == {}


def test_labels_that_can_not_be_are_refused_before_anything_is_exported() -> None:
    check_labels(None, None)
    check_labels([0, 1], np.ones((2, 2)))
    check_labels({"y": [0, 1]}, {"x": np.ones((2, 2))})
    check_labels(True, Dataset())
    for labels, golden, words in (
        ([0, 1], None, "which is not given"),
        ([0, 1], Dataset(), "takes its targets"),
        (True, np.ones((2, 2)), "takes its targets"),
        ([0, 1, 2], np.ones((2, 2)), "There are 3 golden_labels for 2 examples"),
        ([0.5, 1], np.ones((2, 2)), "no classes"),
    ):
        with pytest.raises(InvalidManifestError, match=words):
            check_labels(labels, golden)


def test_signatures_without_inputs_are_left_out_and_the_default_comes_first(tmp_path: Path) -> None:
    x = tensor("x:0", 1, shape(-1, 4))
    content = signature("a", x=x) + signature("none") + signature("serving_default", x=x)
    folder = write_model(tmp_path / "m", saved_model(info("serve") + graph("MatMul") + content))
    assert [one.key for one in signatures_in(str(folder))] == ["serving_default", "a"]


def ragged_input() -> Signature:
    """As TensorFlow exports a function of one ragged tensor."""
    values = Tensor(name="x", dtype="float32", tensor="x:0", shape=Shape(dimensions=(-1,)))
    splits = Tensor(name="x_1", dtype="int64", tensor="x_1:0", shape=Shape(dimensions=(-1,)))
    return Signature(key="serving_default", inputs=(values, splits))


RAGGED = SimpleNamespace(flat_values=np.array([1.0, 2.0, 3.0]), nested_row_splits=(np.array([0, 2, 3]),))


@pytest.mark.parametrize("given", [RAGGED, {"x": RAGGED}, {"x": [1, 2, 3], "x_1": [0, 2, 3]}])
def test_a_ragged_input_is_given_as_it_is_or_in_parts(given: Any) -> None:
    found, notes = by_signature(given, [ragged_input()])
    assert {name: value.tolist() for name, value in found["serving_default"].items()} == {
        "x": [1.0, 2.0, 3.0],
        "x_1": [0, 2, 3],
    }
    assert notes == []


def test_a_ragged_tensor_for_a_plain_input_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match='"x" was given as a ragged or sparse tensor, and it takes "x"'):
        by_signature({"x": RAGGED}, [SERVE])


def test_a_dataset_of_ragged_tensors_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="is ragged or sparse, and examples of such are not put together"):
        by_signature(Dataset(RAGGED), [ragged_input()])
