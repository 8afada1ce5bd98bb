"""Values of any library become plain Python values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import plain_number, to_step


def test_steps_are_whole_numbers_of_64_bits() -> None:
    assert to_step(np.array(5), "The step") == 5
    assert to_step(5.0, "The step") == 5
    for value in (5.5, "5", True, math.nan, math.inf):
        with pytest.raises(TypeError):
            to_step(value, "The step")
    with pytest.raises(InvalidManifestError):
        to_step(2**70, "The step")


def test_plain_numbers_keep_their_kind() -> None:
    assert plain_number(True) is True
    assert plain_number(np.int8(3)) == 3
    assert isinstance(plain_number(np.int8(3)), int)
    assert plain_number(np.array([3])) is None
