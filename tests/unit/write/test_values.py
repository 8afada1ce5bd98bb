"""Values of any library become plain Python values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import plain_number, to_step, type_name


def test_steps_are_whole_numbers_of_64_bits() -> None:
    assert to_step(np.array(5), "The step") == 5
    assert to_step(5.0, "The step") == 5
    for value in (5.5, "5", True, math.nan, math.inf):
        with pytest.raises(TypeError):
            to_step(value, "The step")
    with pytest.raises(InvalidManifestError):
        to_step(2**70, "The step")


def test_the_limit_of_a_step_is_that_of_64_bits() -> None:
    assert to_step(2**63 - 1, "The step") == 2**63 - 1
    for value in (2**63, -(2**63)):
        with pytest.raises(InvalidManifestError, match="must fit into 64 bits"):
            to_step(value, "The step")


def test_a_type_is_named_with_its_module_but_for_pythons_own() -> None:
    assert [type_name(value) for value in (3, np.float32(1))] == ["int", "numpy.float32"]


def test_plain_numbers_keep_their_kind() -> None:
    assert plain_number(True) is True
    assert plain_number(np.int8(3)) == 3
    assert isinstance(plain_number(np.int8(3)), int)
    assert plain_number(np.array([3])) is None
