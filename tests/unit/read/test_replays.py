"""Whether TensorFlow changed since a version was asked last."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.actions import asking
from tb_versions.cli import main, show
from tb_versions.payload import details
from tb_versions.read.replays import installed_tensorflow, not_since
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import By, ReplayState
from tests.support.logs import append, store_of
from tests.support.world import World

BY = By(1, 0, "anna")
WORDS = "not replayed since TensorFlow changed ({} then, 2.21.0 here)"


def replayed(tensorflow: str, manifest: str = "sha256:1") -> ReplayState:
    return ReplayState(True, "replayed", manifest, BY, tensorflow)


@pytest.mark.parametrize(
    ("last", "recorded_on", "words"),
    [
        (replayed("2.20.0"), "2.19.0", WORDS.format("2.20.0")),
        (replayed("2.21.0"), "2.19.0", ""),
        (replayed("2.21.0", "sha256:2"), "2.19.0", WORDS.format("2.19.0")),
        (replayed("2.20.0", ""), "2.21.0", WORDS.format("2.20.0")),
        (replayed(""), "2.19.0", ""),
        (None, "2.19.0", WORDS.format("2.19.0")),
        (None, "2.21.0", ""),
        (None, "", ""),
        (None, "2\u202e.0", WORDS.format("2\\u{202e}.0")),
    ],
)
def test_the_last_time_that_it_was_asked_counts(last: ReplayState | None, recorded_on: str, words: str) -> None:
    assert not_since(last, manifest="sha256:1", recorded_on=recorded_on, installed="2.21.0") == words
    assert not_since(last, manifest="sha256:1", recorded_on=recorded_on, installed="") == ""


@pytest.mark.parametrize("installed", ["2.21.0rc1", "2.21.0-rc1", "2.21.0rc1+cpu"])
def test_a_version_written_in_another_way_is_the_same(installed: str) -> None:
    assert not_since(replayed("2.21.0-rc1"), manifest="sha256:1", recorded_on="", installed=installed) == ""


def test_the_installed_one_is_found_by_its_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "packages" / "tensorflow_cpu-2.20.0.dist-info" / "METADATA"
    told.parent.mkdir(parents=True)
    told.write_text("Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.20.0\n")
    monkeypatch.chdir(told.parents[1])
    monkeypatch.setattr(sys, "path", [""])
    assert installed_tensorflow() == "", "the current folder may be anybody's"
    monkeypatch.setattr(sys, "path", ["", str(told.parents[1])])
    assert installed_tensorflow() == "2.20.0"


def test_all_who_tell_the_last_replay_tell_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    tbv.promote("digits:1", world.models, alias="production")
    append(Registry(store_of(world.models)), "replayed", 1, ok=True, tensorflow="2.20.0", device="CPU")
    words = WORDS.format("2.20.0")
    catalog = tbv.open_catalog(models_dir=world.models)
    version = catalog.find("digits:1")
    data = (world.models / "digits/1/version_manifest.json").read_bytes()
    assert details(catalog, version, lambda _: data, tensorflow="2.21.0")["not_replayed"] == words
    assert "not_replayed" not in details(catalog, version, lambda _: data)  # as in an export
    for module in (asking, show):
        monkeypatch.setattr(module, "installed_tensorflow", lambda: "2.21.0")
    assert tbv.which("digits@production", world.models).replayed.endswith(f"; {words}")
    assert words not in tbv.which("digits@production", world.models, at="2100-01-01").replayed
    shown = CliRunner().invoke(main, ["show", "digits:1", "--models-dir", str(world.models)])
    assert words in shown.output.replace("\n", " ")
