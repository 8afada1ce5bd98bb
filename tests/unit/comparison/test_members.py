"""Members are frozen values."""

from __future__ import annotations

import dataclasses

import pytest

from tb_versions.comparison import MAX_MEMBERS, MIN_MEMBERS, compare_members
from tests.unit.comparison.making import member


def test_members_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        member("m:1").id = "m:2"


def test_some_dozens_can_be_compared():
    assert (MIN_MEMBERS, MAX_MEMBERS) == (2, 60)
    found = compare_members([member(f"m:{i}", hyperparameters={"x": i}) for i in range(60)])
    assert len(found.row("hyperparameters", "x").cells) == 60


def test_a_row_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError, match="metrics/nope"):
        compare_members([member("m:1"), member("m:2")]).row("metrics", "nope")
