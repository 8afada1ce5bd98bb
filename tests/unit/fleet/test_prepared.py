"""Columns by their different values; tests of asking.py compare all of them with those of a catalog."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from tb_versions.core.manifest import MANIFEST_NAME, Code, Metric
from tb_versions.fleet import words
from tb_versions.fleet.coded import Coded, Numbers
from tb_versions.fleet.indexing import index
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.standing import Standing
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def columns(tmp_path: Path) -> Columns:
    world = World(tmp_path)
    world.version("m", 1, hyperparameters={"x": 32, "n": 2**53}, metrics=(Metric(name="loss", value=0.1234567891234),))
    world.version("m", 2, hyperparameters={"x": "32", "n": 0.5})
    world.version("m", 3, hyperparameters={"x": True}, description="Straße")
    world.version("m", 4, code=Code(arguments=("train.py", "--lr=0.5")))
    index(os.fspath(world.models))
    return Columns(Standing(os.fspath(world.models)))


def test_a_hyperparameter_of_several_kinds_keeps_them_apart(columns: Columns) -> None:
    found = columns.get("hp:x")
    assert isinstance(found, Coded)
    assert [found.column.cells[code] for code in found.codes] == [32, "32", True, None]
    assert [type(found.column.cells[code]) for code in found.codes[:3]] == [int, str, bool]


def test_a_hyperparameter_of_numbers_is_a_column_of_numbers(columns: Columns) -> None:
    found = columns.get("hp:n")
    assert isinstance(found, Numbers)
    assert found.values[:2].tolist() == [float(2**53), 0.5]
    assert found.known.tolist() == [True, True, False, False]


def test_options_of_a_command_stand_in_for_hyperparameters(columns: Columns) -> None:
    assert "hp:args.lr" in columns.names


def test_metrics_have_the_digits_that_the_page_shows(columns: Columns) -> None:
    found = columns.get("m:loss")
    assert isinstance(found, Numbers)
    assert found.values[0] == 0.123456789


def test_a_column_that_no_version_has_is_empty(columns: Columns) -> None:
    assert columns.get("m:nothing").is_empty
    assert columns.get("label:nothing").is_empty
    assert not columns.has_typed("nothing")


def test_numbers_by_their_different_values_are_the_same_numbers(columns: Columns) -> None:
    found = columns.get("step")
    assert isinstance(found, Numbers)
    coded = found.coded()
    assert [coded.column.cells[code] for code in coded.codes] == [None] * 4


def test_a_word_is_found_in_small_and_capital_letters(columns: Columns) -> None:
    assert np.flatnonzero(columns.containing("straße")).tolist() == [2]
    assert np.flatnonzero(columns.containing("m:")).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(columns.containing("32")).tolist() == [1]


@pytest.mark.parametrize("most", [0, 2, 10_000])
@pytest.mark.parametrize(("asked", "found"), [("vision", [True, False, False]), ("ision, spee", [False] * 3)])
def test_words_are_looked_for_in_labels_however_many_values_these_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, asked: str, found: list[bool]
) -> None:
    monkeypatch.setattr(words, "_MOST_VALUES", most)
    world = World(tmp_path)
    world.version("m", 1, labels={"team": "Computer Vision", "stage": "trial"})
    world.version("m", 2, labels={"team": "speech"})
    world.version("m", 3)
    index(os.fspath(world.models))
    assert Columns(Standing(os.fspath(world.models))).containing(asked).tolist() == found


def test_a_word_is_found_in_a_digest_that_is_none(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("m", number)
    manifest = world.models / "m" / "2" / MANIFEST_NAME
    manifest.write_text(re.sub(r"sha256:\w+", "sha256:LambdaIsNone", manifest.read_text()))
    index(os.fspath(world.models))
    columns = Columns(Standing(os.fspath(world.models)))
    assert columns.containing("lambdais").tolist() == [False, True]
    assert columns.containing("lambdaisnot").tolist() == [False, False]
