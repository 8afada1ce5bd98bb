"""Answers as arrays that can be kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tb_versions.core.golden.arrays import plain_array
from tb_versions.errors import InvalidManifestError


def test_texts_become_bytes_and_numbers_stay() -> None:
    assert plain_array("y", np.array(["ü", b"a"], object)).tolist() == ["ü".encode(), b"a"]
    assert plain_array("y", np.array([["b"]])).tolist() == [[b"b"]]
    assert plain_array("y", 3.5).dtype == np.float64


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (SimpleNamespace(row_splits=[0], numpy=lambda: 0), "ragged or sparse"),
        (SimpleNamespace(values=[0]), "no plain tensor"),
        (np.array(["2020-01-01"], "datetime64[s]"), "of datetime64"),
    ],
)
def test_what_can_not_be_kept_is_refused(value: object, why: str) -> None:
    with pytest.raises(InvalidManifestError, match=f'The output "y" is .*{why}'):
        plain_array("y", value)
