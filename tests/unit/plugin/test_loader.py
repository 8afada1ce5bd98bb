from __future__ import annotations

import argparse
import logging
import re
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import Any

import pytest
from tensorboard.plugins import base_plugin

from tb_versions.plugin.loader import VersionsLoader


def test_tensorboard_finds_the_loader() -> None:
    (point,) = [p for p in entry_points(group="tensorboard_plugins") if p.name == "versions"]
    assert point.load() is VersionsLoader


def test_the_flag_can_be_given_several_times() -> None:
    parser = argparse.ArgumentParser()
    VersionsLoader().define_flags(parser)
    assert parser.parse_args([]).versions_models_dir == []
    arguments = ["--versions_models_dir", "a", "--versions_models_dir=b"]
    assert parser.parse_args(arguments).versions_models_dir == ["a", "b"]


def flags_of(**given: Any) -> argparse.Namespace:
    """What TensorBoard makes of a command line without flags, but for those that are given."""
    parser = argparse.ArgumentParser()
    VersionsLoader().define_flags(parser)
    flags = parser.parse_args([])
    vars(flags).update(given)
    return flags


@pytest.mark.parametrize("bound", [["nas"], ["nas="], ["../x=/mnt"], ["a=/x,b"], ["a=/x", "a=/y"]])
def test_what_binds_no_source_stops_tensorboard_with_a_sentence(bound: list[str]) -> None:
    flags = flags_of(versions_sources=bound)
    with pytest.raises(base_plugin.FlagsError, match="--versions_sources"):
        VersionsLoader().fix_flags(flags)


def test_sources_are_bound_with_commas_between() -> None:
    VersionsLoader().fix_flags(flags_of(versions_sources=["a=/x, b=/y,", "c=/z", "a=/x"]))


@pytest.mark.parametrize(
    ("index", "models", "above", "word"),
    [
        ("http://host/index", ["m"], 5, "http://host/index"),
        ("s3://bucket/a?b", ["m"], 5, "s3://bucket"),
        ("s3://", ["m"], 5, "its URL"),
        ("memory://a/index", ["m"], 5, "its URL"),
        ("s3://bucket/index", [], 5, "give that folder"),
        ("index", ["m", "n"], 5, "no other"),
        ("", ["m"], -1, "0 or more"),
    ],
)
def test_tables_that_belong_to_no_folder_stop_tensorboard_with_a_sentence(
    index: str, models: list[str], above: int, word: str
) -> None:
    flags = flags_of(versions_index=index, versions_models_dir=models, versions_index_above=above)
    with pytest.raises(base_plugin.FlagsError, match=re.escape(word)):
        VersionsLoader().fix_flags(flags)


@pytest.mark.parametrize("index", ["", "s3://bucket/index", "gs://b/i", "/srv/index", "C:index", "a b"])
def test_tables_of_one_folder_may_be_anywhere(index: str) -> None:
    VersionsLoader().fix_flags(flags_of(versions_index=index, versions_models_dir=["m"]))


def test_a_table_stands_for_a_folder_above_200000_versions() -> None:
    assert flags_of().versions_index_above == 200_000


def test_a_plugin_that_cannot_load_is_left_out_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    """TensorBoard must start without the tab rather than not at all."""
    with caplog.at_level(logging.ERROR, "tensorboard"):
        assert VersionsLoader().load(SimpleNamespace()) is None
    assert "The Versions tab can't be loaded." in caplog.text
