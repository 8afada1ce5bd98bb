"""A comparison as JSON."""

from __future__ import annotations

import json
import math

from tb_versions.comparison import compare_members
from tb_versions.payload import dump
from tb_versions.payload.comparison import compare_payload
from tests.unit.comparison.making import member, metric, run_member


def told(*members):
    return json.loads(dump(compare_payload(compare_members(members))), parse_constant=lambda word: 1 / 0)


def test_numbers_that_json_has_not_travel_as_texts():
    payload = told(member("m:1", metric("acc", math.nan)), member("m:2", metric("acc", math.inf)))
    (row,) = [row for row in payload["rows"] if row["group"] == "metrics"]
    assert [cell["value"] for cell in row["cells"]] == ["NaN", "Infinity"]


def test_large_integers_travel_as_texts():
    payload = told(member("m:1", hyperparameters={"seed": 2**60}), member("m:2", hyperparameters={"seed": 1}))
    (row,) = [row for row in payload["rows"] if row["key"] == "seed"]
    assert [cell["value"] for cell in row["cells"]] == [str(2**60), 1]


def test_every_row_has_a_cell_for_each_member_and_counts_agree():
    payload = told(member("m:1", metric("acc", 0.5)), member("m:2", metric("acc", 0.6)), run_member("r"))
    assert {len(row["cells"]) for row in payload["rows"]} == {3}
    assert payload["differing"] + payload["equal"] == len(payload["rows"])
    assert sum(group["rows"] for group in payload["groups"]) == len(payload["rows"])
    assert sum(group["differing"] for group in payload["groups"]) == payload["differing"]
    assert [m["kind"] for m in payload["members"]] == ["version", "version", "run"]


def test_rows_that_say_nothing_are_left_out():
    assert "hardware" not in {row["group"] for row in told(member("m:1"), member("m:2"))["rows"]}


def test_names_that_are_no_utf_8_survive():
    assert told(member("m:1", metric("a\udcff", 0.5)), member("m:2"))["rows"]


def test_what_could_not_be_read_is_told():
    assert told(member("m:1", notice="Gone."), member("m:2"))["problems"] == ["m 1: Gone."]
