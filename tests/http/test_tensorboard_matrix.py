"""Real TensorBoards in the ways people start them: each lists the plugin, and the plugin answers."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.effort import HANGS
from tests.support.quick import without_tensorflow
from tests.support.servers import TensorBoard, tensorboard
from tests.support.written import Experiment


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """Two versions from two runs."""
    made = Experiment(tmp_path_factory.mktemp("matrix"))
    made.publish(run="one", metrics={"accuracy": 0.5})
    made.publish(run="two", metrics={"accuracy": 0.75})
    return made


@pytest.fixture
def no_tensorflow(tmp_path: Path) -> Iterator[None]:
    """Processes started by the test find no TensorFlow."""
    with without_tensorflow(tmp_path):
        yield


def ready(server: TensorBoard) -> dict[str, Any]:
    """The table once the folders were read and TensorBoard knows both runs."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        table: dict[str, Any] = server.get_json("data/plugin/versions/versions")
        if table["status"] == "ready" and all(table["columns"]["run_known"]) and table["columns"]["id"]:
            return table
        time.sleep(0.1)
    raise AssertionError(f"not ready: {table}\n{server.log}")


def check(server: TensorBoard, *, runs: tuple[str, ...] = ("one", "two")) -> None:
    """Everything that the page needs is there."""
    table = ready(server)
    assert sorted(table["columns"]["id"]) == ["digits:1", "digits:2"]
    assert sorted(table["runs"]) == sorted(runs)
    assert set(runs) <= set(server.get_json("data/runs"))
    assert table["problems"] == []
    listing = server.get_json("data/plugins_listing")
    assert listing["versions"]["enabled"] is True
    assert listing["versions"]["tab_name"] == "Versions"
    entry = server.get("data/plugin_entry.html?name=versions").decode()
    assert "/static/index.js" in entry
    assert b"render" in server.get("data/plugin/versions/static/index.js")
    detail = server.get_json("data/plugin/versions/version?ref=digits:2")
    assert detail["state"] == "present"
    assert [each["name"] for each in server.get_json("data/plugin/versions/models")["models"]] == ["digits"]
    points = server.get_json(f"data/plugin/versions/scalars?run={runs[1]}&tag=loss")
    assert points["series"]
    assert "tb_versions" not in server.log, server.log  # other plugins complain where TensorFlow is absent


def has_data_server(server: TensorBoard) -> bool:
    """Whether RustBoard reads the event files."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    return any("tensorboard_data_server" in " ".join(child.cmdline()) for child in children)


Start = Callable[..., TensorBoard]


def test_with_rustboard_beside_the_profile_plugin(experiment: Experiment, tensorboard_server: Start) -> None:
    server = tensorboard_server(*experiment.arguments)
    check(server)
    assert has_data_server(server)
    if importlib.util.find_spec("tensorboard_plugin_profile") is None:
        pytest.skip("tensorboard-plugin-profile is not installed: pip install tensorboard-plugin-profile")
    assert {"versions", "profile"} <= set(server.get_json("data/plugins_listing"))


def test_with_the_multiplexer(experiment: Experiment, tensorboard_server: Start) -> None:
    server = tensorboard_server(*experiment.arguments, "--load_fast=false")
    check(server)
    assert not has_data_server(server)


@pytest.mark.usefixtures("no_tensorflow")
@pytest.mark.parametrize("fast", ["true", "false"])
def test_without_tensorflow(fast: str, experiment: Experiment, tmp_path: Path) -> None:
    with tensorboard(*experiment.arguments, f"--load_fast={fast}", log_file=tmp_path / "log") as server:
        check(server)
        assert has_data_server(server) is (fast == "true")
        if sys.platform == "linux":
            mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
            assert "libtensorflow" not in mapped


@pytest.mark.usefixtures("no_tensorflow")
def test_below_a_path_prefix(experiment: Experiment, tmp_path: Path) -> None:
    with tensorboard(*experiment.arguments, "--path_prefix", "/foo", log_file=tmp_path / "log") as server:
        assert server.url.endswith("/foo/")
        check(server)


@pytest.mark.usefixtures("no_tensorflow")
def test_with_named_log_directories(experiment: Experiment, tmp_path: Path) -> None:
    spec = f"a:{experiment.logs / 'one'},b:{experiment.logs / 'two'}"
    models = ("--versions_models_dir", str(experiment.models))
    with tensorboard(None, "--logdir_spec", spec, *models, log_file=tmp_path / "log") as server:
        check(server, runs=("a/.", "b/."))  # TensorBoard's own names
