from __future__ import annotations

import numpy as np
import pytest

from tb_versions.core.golden.file import Asked
from tb_versions.core.manifest import Shape, Signature, Tensor
from tb_versions.trust.behaviour.pairing import common_outputs, common_signatures, same_answers, takes_any_number


def taking(key: str = "serve", **inputs: tuple[str, tuple[int, ...] | None]) -> Signature:
    tensors = [
        Tensor(name=name, dtype=dtype, shape=Shape(unknown_rank=True) if sizes is None else Shape(dimensions=sizes))
        for name, (dtype, sizes) in inputs.items()
    ]
    return Signature(key=key, inputs=tuple(tensors))


IMAGE = ("float32", (-1, 4))


def test_inputs_belong_together_by_name_and_a_single_one_whatever_its_name() -> None:
    found, why = common_signatures([taking(x=IMAGE, y=IMAGE)], [taking(y=IMAGE, x=IMAGE)])
    assert (found, why) == ({"serve": {"x": "x", "y": "y"}}, [])
    found, _ = common_signatures([taking(keras_tensor_3=IMAGE)], [taking(keras_tensor_9=IMAGE)])
    assert found == {"serve": {"keras_tensor_3": "keras_tensor_9"}}


@pytest.mark.parametrize(
    "other",
    [
        taking(x=("float64", (-1, 4))),
        taking(x=("float32", (-1, 5))),
        taking(x=("float32", (-1, 4, 1))),
        taking(x=IMAGE, mask=IMAGE),
        taking(),
    ],
)
def test_other_inputs_are_told_and_not_compared(other: Signature) -> None:
    found, (why,) = common_signatures([taking(x=IMAGE)], [other])
    assert found == {}
    assert why.startswith('The signature "serve" takes "x" (float32 [any, 4]) in the first and ')


def test_sizes_that_may_be_anything_fit() -> None:
    found, _ = common_signatures([taking(x=("float32", (16, -1)))], [taking(x=("float32", (-1, 4)))])
    assert found
    found, _ = common_signatures([taking(x=("float32", None))], [taking(x=IMAGE)])
    assert found


def test_signatures_of_one_only_are_named() -> None:
    _, why = common_signatures([taking("a", x=IMAGE)], [taking("b", x=IMAGE)])
    assert why == ['Only the second has the signature "b".', 'Only the first has the signature "a".']


def test_a_fixed_number_of_examples_is_known() -> None:
    assert takes_any_number(taking(x=IMAGE))
    assert not takes_any_number(taking(x=("float32", (16, 4))))


def test_outputs_belong_together_by_name_and_the_last_two_whatever_theirs() -> None:
    one, two = np.ones(2), np.zeros(2)
    before = Asked({}, {"a": one, "dense_1": one})
    assert common_outputs(before, Asked({}, {"a": two, "dense_7": two})) == ([("a", "a"), ("dense_1", "dense_7")], [])
    pairs, why = common_outputs(before, Asked({}, {"b": two, "c": two}))
    assert pairs == []
    assert len(why) == 4


def test_a_signature_that_answers_as_another_is_known() -> None:
    asked = Asked({"x": np.ones((2, 3))}, {"y": np.ones(2)})
    other = Asked({"input": np.ones((2, 3))}, {"out": np.ones(2)})
    third = Asked({"x": np.ones((2, 3))}, {"y": np.array([1.0, 2.0])})
    assert same_answers((asked, asked), (other, other))
    assert not same_answers((asked, asked), (asked, third))
