from __future__ import annotations

import argparse
import logging
from importlib.metadata import entry_points
from types import SimpleNamespace

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


@pytest.mark.parametrize("bound", [["nas"], ["nas="], ["../x=/mnt"], ["a=/x,b"], ["a=/x", "a=/y"]])
def test_what_binds_no_source_stops_tensorboard_with_a_sentence(bound: list[str]) -> None:
    flags = SimpleNamespace(versions_allowed_origin=[], versions_serving_status=[], versions_sources=bound)
    with pytest.raises(base_plugin.FlagsError, match="--versions_sources"):
        VersionsLoader().fix_flags(flags)


def test_sources_are_bound_with_commas_between() -> None:
    flags = SimpleNamespace(
        versions_allowed_origin=[], versions_serving_status=[], versions_sources=["a=/x, b=/y,", "c=/z", "a=/x"]
    )
    VersionsLoader().fix_flags(flags)


def test_a_plugin_that_cannot_load_is_left_out_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    """TensorBoard must start without the tab rather than not at all."""
    with caplog.at_level(logging.ERROR, "tensorboard"):
        assert VersionsLoader().load(SimpleNamespace()) is None
    assert "The Versions tab can't be loaded." in caplog.text
