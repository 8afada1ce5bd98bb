"""Tensors of a checkpoint have digests of their own, whatever lies around them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel.weights import weight_digests, weights_digest
from tests.support.checkpoints import checkpoint
from tests.support.savedmodel_bytes import field, table

TENSORS = {"a": b"12345678", "b": b"", "c": b"x" * 3_000_000}


def test_order_and_object_graph_make_no_difference(tmp_path: Path) -> None:
    first = weight_digests(checkpoint(tmp_path / "1", TENSORS))
    second = weight_digests(checkpoint(tmp_path / "2", TENSORS, order=False, object_graph=b"graph"))
    assert first == second
    assert list(first) == ["a", "b", "c"]
    assert weights_digest(first) == weights_digest(second) != ""


def test_any_byte_type_shape_or_name_makes_a_difference(tmp_path: Path) -> None:
    digest = weights_digest(weight_digests(checkpoint(tmp_path / "1", TENSORS)))
    for number, other in enumerate(({**TENSORS, "a": b"12345679"}, {**TENSORS, "d": b""}, {"a": b"12345678"})):
        assert weights_digest(weight_digests(checkpoint(tmp_path / f"other-{number}", other))) != digest
    folder = checkpoint(tmp_path / "kind", {"a": b"12345678"})
    place = field(1, 9) + field(2, field(2, field(1, 1))) + field(5, 8)
    (folder / "variables/variables.index").write_bytes(table((b"", field(1, 1)), (b"a", place)))
    assert weight_digests(folder) != weight_digests(checkpoint(tmp_path / "plain", {"a": b"12345678"}))


def _listed(*contents: bytes, named: Iterable[bytes] = ()) -> dict[str, bytes]:
    """Tensors in Keras' list of all variables, and tensors with names of their own."""
    tensors = {f"_all_variables/{at}/.ATTRIBUTES/VARIABLE_VALUE": each for at, each in enumerate(contents)}
    return tensors | {f"variables/{at}/.ATTRIBUTES/VARIABLE_VALUE": each for at, each in enumerate(named)}


def test_the_order_of_keras_own_list_makes_no_difference_and_its_content_does(tmp_path: Path) -> None:
    def digests(name: str, *contents: bytes) -> dict[str, str]:
        return weight_digests(checkpoint(tmp_path / name, _listed(*contents, named=(b"a", b"b", b"b", b"c", b"a"))))

    assert digests("1", b"a", b"b", b"c") == digests("2", b"c", b"a", b"b")
    assert digests("3", b"a", b"b", b"b") != digests("4", b"a", b"a", b"b")


def test_the_order_of_a_list_of_that_name_counts_where_its_tensors_have_no_other_name(tmp_path: Path) -> None:
    """Else two models that have their weights the other way round would have equal ones."""
    first = weight_digests(checkpoint(tmp_path / "1", _listed(b"a", b"b", named=(b"a",))))
    second = weight_digests(checkpoint(tmp_path / "2", _listed(b"b", b"a", named=(b"a",))))
    assert weights_digest(first) != weights_digest(second)


def test_without_variables_there_is_no_digest(tmp_path: Path) -> None:
    assert weight_digests(tmp_path) == {}
    assert weights_digest({}) == ""


@pytest.mark.parametrize(
    "places",
    [
        {"a": field(1, 4) + field(4, 4) + field(5, 8)},
        {"a": field(1, 4) + field(4, 1 << 40) + field(5, 8)},
        {f"{number}": field(1, 4) + field(5, 8) for number in range(3)},
        {"a": field(1, 4) + field(3, 7) + field(5, 8)},
    ],
)
def test_places_that_can_not_be_are_refused(places: dict[str, bytes], tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "1", {"a": b"12345678"})
    entries = [(name.encode(), place) for name, place in sorted(places.items())]
    (folder / "variables/variables.index").write_bytes(table((b"", field(1, 1)), *entries))
    with pytest.raises(NotASavedModelError):
        weight_digests(folder)


@pytest.mark.parametrize("header", [field(1, 0), field(1, 1 << 40), field(1, 1) + field(2, 1)])
def test_a_header_that_is_not_known_is_refused(header: bytes, tmp_path: Path) -> None:
    folder = checkpoint(tmp_path / "1", {"a": b"12345678"})
    (folder / "variables/variables.index").write_bytes(table((b"", header)))
    with pytest.raises(NotASavedModelError, match="form that is not known"):
        weight_digests(folder)


@pytest.mark.tensorflow
def test_tensorflow_wrote_these_tensors(tmp_path: Path) -> None:
    import tensorflow as tf

    class Model(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = tf.Variable(np.arange(6, dtype="float32").reshape(2, 3))
            self.b = tf.Variable(["text", "other"])

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def serve(self, x: tf.Tensor) -> tf.Tensor:
            return x * self.a

    for name in ("1", "2"):
        tf.saved_model.save(Model(), str(tmp_path / name))
    first, second = weight_digests(tmp_path / "1"), weight_digests(tmp_path / "2")
    assert first == second
    assert sorted(first) == ["a/.ATTRIBUTES/VARIABLE_VALUE", "b/.ATTRIBUTES/VARIABLE_VALUE"]
