"""What is read for an export: part of it while the data server still reads the event files."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Run
from tb_versions.errors import InvalidManifestError
from tb_versions.exports.contents import loading
from tb_versions.exports.contents.loading import load
from tb_versions.read import data_server
from tb_versions.read.reader import open_reader
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in (1, 2, 3):
        folder = world.version("digits", number, runs=(Run(name="cnn", step=number),))
        world.announce("cnn", folder, step=number)
    world.scalars("cnn", "loss", [(step, 1 / step) for step in (1, 2, 3)])
    world.version("gone", 1)
    (world.models / "digits" / "3" / MANIFEST_NAME).write_bytes(b"{")
    world.close()
    return world


@pytest.mark.parametrize("most", [0, 1, 1_000])
def test_what_is_read_early_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(loading, "MOST_EARLY", most)
    usual = open_reader(str(world.logs), [str(world.models)])
    usual.check()
    with load(str(world.logs), [str(world.models)], lambda *_: None) as loaded:
        assert loaded.catalog.versions == usual.catalog.versions
        assert loaded.catalog.problems == usual.catalog.problems
        assert loaded.catalog.known_runs == usual.catalog.known_runs
        assert set(loaded.catalog.curves) == {"cnn"}
        for version in loaded.catalog.versions:
            data = loaded.manifest_bytes(version)
            if version.listing is None:
                with pytest.raises(InvalidManifestError):
                    loaded.decode(data)
            else:  # and once more, when it is no longer kept
                assert loaded.decode(data) == loaded.decode(data) == codec.decode(data)


def test_other_work_that_fails_stops_the_server(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []
    start = data_server._start

    def noted(*arguments: str) -> subprocess.Popen[str]:
        started.append(start(*arguments))
        return started[-1]

    def failing() -> Iterator[None]:
        raise RuntimeError("in between")
        yield

    monkeypatch.setattr(data_server, "_start", noted)
    monkeypatch.setattr(data_server, "_listen", lambda process, lines: None)  # it has not said anything yet
    with pytest.raises(RuntimeError, match="in between"), data_server.data_server(str(world.logs), [], failing()):
        pass
    assert [process.poll() is not None for process in started] == [True]
