from __future__ import annotations

import numpy as np

from tb_versions.core.golden.file import Asked
from tb_versions.registry.events import BehaviourCompared
from tb_versions.trust.behaviour.comparing import Behaviour
from tb_versions.trust.behaviour.views import answers_in_words, example_in_words
from tests.unit.trust.behaviour.test_outputs import texts


def test_an_example_is_a_few_words() -> None:
    image = np.linspace(0, 1, 784, dtype="float32").reshape(1, 28, 28)
    inputs = {"image": image, "age": np.array([41]), "text": texts("a\u202eb" * 60)}
    said = example_in_words(inputs, 0)
    assert said.startswith("image: 0, 0.001277, ")
    assert "… (784 numbers, 0 to 1); age: 41; text: " in said
    assert "\u202e" not in said
    assert len(said) < 400


def test_numbers_that_are_none_have_no_range() -> None:
    assert example_in_words({"x": np.full((1, 9), np.nan)}, 0).endswith("… (9 values)")


def test_answers_are_found_under_the_names_of_both_models() -> None:
    before, after = Asked({}, {"dense_1": np.array([[0.25, 0.75]])}), Asked({}, {"dense_2": np.array([[1.0, 0.0]])})
    found = Behaviour("a:1", "a:2", BehaviourCompared("a:1"), {}, {"serve": (before, after)})
    assert answers_in_words(found, "serve", "dense_2", 0) == ("0.25, 0.75", "1, 0")
    assert answers_in_words(found, "serve", "dense_2", 7) == ("", "")
