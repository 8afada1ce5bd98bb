"""Members are frozen values."""

from __future__ import annotations

import dataclasses

import pytest

from tb_versions.comparison import MAX_MEMBERS, MIN_MEMBERS, compare_members
from tests.unit.comparison.making import member, metric


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


def test_what_has_too_many_rows_is_cut_and_counted():
    few, many = (member(f"m:{n}", *(metric(f"a{n}_{k}", 0.5) for k in range(1_500))) for n in (1, 2))
    comparison = compare_members([few, many])
    assert len([row for row in comparison.rows if row.group == "metrics"]) == 2_000
    assert comparison.problems == ("Metrics: and 1,000 more rows.",)
