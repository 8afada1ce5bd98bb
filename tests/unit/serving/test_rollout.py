"""Rollouts against a stand-in that refuses what TensorFlow Serving refuses, while a client calls the label."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tb_versions.errors import ConflictError
from tb_versions.serving import rollout
from tb_versions.serving.config import parse
from tb_versions.serving.status import Server
from tb_versions.serving.wanted import Question, wanted
from tests.support.calling import Caller
from tests.support.effort import HANGS
from tests.support.servables import servable
from tests.support.tensorflow_serving import Running, StandIn, running
from tests.support.world import World
from tests.unit.serving.conftest import Run

pytestmark = pytest.mark.slow

Promote = Callable[..., None]


@pytest.fixture
def served(verb: Run, promote: Promote, config: Path) -> Iterator[Running]:
    """A server that serves digits:1 as production, without the label flag."""
    promote("digits:1")
    verb("serving-config", "--out", str(config))
    with running(StandIn(config)) as server:
        verb("rollout", "--config", str(config), "--status", server.url)
        yield server


def test_a_label_moves_and_moves_back_without_a_failing_call(
    verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    where = ("--config", str(config), "--status", served.url)
    caller = Caller(served.url)
    with caller.calling():
        promote("digits:2")
        assert "label production" in verb("drift", *where, code=1).stdout
        told = verb("rollout", *where).stdout
        verb("drift", *where)
        verb("rollback", "digits", "--alias", "production", "--reason", "complaints")
        verb("rollout", *where)
        verb("drift", *where)
    assert caller.failures == []
    order = [answer for at, answer in enumerate(caller.answers) if at == 0 or caller.answers[at - 1] != answer]
    assert order == [1, 2, 1]
    assert served.server.refusals == []
    assert served.server.peak == 2
    assert [line.split(":")[0] for line in told.splitlines()] == [
        "load", "load", "move", "digits", "move", "unload", "unload",
    ]  # fmt: skip
    assert deployed(verb) == [1, 2, 1]


def deployed(verb: Run) -> list[int]:
    """Versions that the log says were deployed, oldest first."""
    events = sorted(json.loads(verb("history", "digits", "--json").stdout), key=lambda event: event["number"])
    return [event["version"] for event in events if event["kind"] == "deployed"]


@pytest.mark.parametrize("allowed", [False, True])
def test_the_one_phase_configuration_is_refused_and_the_label_stays(
    verb: Run, promote: Promote, config: Path, served: Running, *, allowed: bool
) -> None:
    served.server.allow_unavailable = allowed
    promote("digits:2")
    verb("serving-config", "--aliases-as-labels", "--out", str(config))
    served.server.step()
    assert "which is not currently available" in served.server.refusals[-1]
    assert Server(served.url).labelled("digits", "production") == 1
    verb("drift", "--config", str(config))
    assert "label production" in verb("drift", "--status", served.url, code=1).stdout
    caller = Caller(served.url)
    with caller.calling():  # a rollout mends it
        verb("rollout", "--config", str(config), "--status", served.url)
    assert caller.failures == []
    verb("drift", "--config", str(config), "--status", served.url)


def test_forcing_the_label_drops_calls(verb: Run, promote: Promote, config: Path) -> None:
    promote("digits:1")
    verb("serving-config", "--aliases-as-labels", "--out", str(config))
    with running(StandIn(config, force_unavailable=True, holds={2})) as server:
        verb("rollout", "--config", str(config), "--status", server.url)
        promote("digits:2")
        verb("serving-config", "--aliases-as-labels", "--out", str(config))
        server.server.step()
        caller = Caller(server.url)
        caller.call()
        assert "Servable not found for request: Specific(digits, 2)" in caller.failures[0]


def test_a_version_that_does_not_load_puts_the_file_back(
    world: World, verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    servable(world, "digits", 5, files={"saved_model.pb": b"broken"})
    promote("digits:5")
    before = config.read_bytes()
    caller = Caller(served.url)
    with caller.calling():
        result = verb("rollout", "--config", str(config), "--status", served.url, code=1)
    assert "can't load digits:5: Could not find SavedModel" in result.stderr
    assert "says again what it said before" in result.stderr
    assert config.read_bytes() == before
    assert caller.failures == []
    assert set(caller.answers) == {1}
    assert deployed(verb) == [1]


def test_a_version_that_takes_too_long_puts_the_file_back_and_a_later_rollout_works(
    verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    promote("digits:3")
    before = config.read_bytes()
    served.server.holds.add(3)
    result = verb("rollout", "--config", str(config), "--status", served.url, "--timeout", "0.3", code=1)
    assert "After 0.3 seconds, digits:3 is " in result.stderr
    assert config.read_bytes() == before
    served.server.holds.clear()
    verb("rollout", "--config", str(config), "--status", served.url)
    verb("drift", "--config", str(config), "--status", served.url)


def test_nothing_is_written_where_a_server_does_not_answer(verb: Run, promote: Promote, config: Path) -> None:
    promote("digits:1")
    result = verb("rollout", "--config", str(config), "--status", "http://127.0.0.1:1", code=5)
    assert "does not answer" in result.stderr
    assert not config.exists()


def test_several_servers_are_all_waited_for(verb: Run, promote: Promote, config: Path, served: Running) -> None:
    with running(StandIn(config, allow_unavailable=True, holds={2})) as slow:
        promote("digits:2")
        where = ("--config", str(config), "--status", served.url, "--status", slow.url)
        assert slow.url in verb("rollout", *where, "--timeout", "0.5", code=1).stderr
        assert Server(served.url).labelled("digits", "production") == 1
        slow.server.holds.clear()
        verb("rollout", *where)
        assert [Server(url).labelled("digits", "production") for url in (served.url, slow.url)] == [2, 2]


def test_somebody_who_changes_the_file_meanwhile_is_not_overwritten(
    world: World, promote: Promote, config: Path, served: Running
) -> None:
    promote("digits:2")
    made = rollout.plan(wanted(world.models, Question(labels=True)), str(config), [Server(served.url)])

    def meddle(said: str) -> None:
        if said.startswith("load: done"):
            config.write_text("model_config_list {}\n")

    with pytest.raises(ConflictError, match="Somebody else changed"):
        rollout.run(made, [Server(served.url)], patience=HANGS, tell=meddle)
    assert config.read_text() == "model_config_list {}\n"


def test_a_rollout_that_is_killed_goes_on(
    world: World, verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    promote("digits:2")
    served.server.holds.add(2)
    command = [sys.executable, "-m", "tb_versions.cli", "rollout", "--config", str(config), "--status", served.url]
    environment = {**os.environ, "TB_VERSIONS_MODELS_DIR": str(world.models)}
    caller = Caller(served.url)
    with caller.calling(), subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("load:")
        process.send_signal(signal.SIGKILL)
        process.wait(HANGS)
        assert parse(config.read_text(), "")["digits"].versions == (1, 2)
        served.server.holds.clear()
        verb("rollout", "--config", str(config), "--status", served.url)
    assert caller.failures == []
    assert caller.answers[-1] == 2


def test_without_a_server_numbered_files_are_written_and_the_file_stays(
    verb: Run, promote: Promote, config: Path
) -> None:
    promote("digits:1")
    verb("serving-config", "--aliases-as-labels", "--out", str(config))
    before = config.read_bytes()
    promote("digits:2")
    told = verb("rollout", "--config", str(config)).stdout
    assert "Nothing was deployed." in told
    assert config.read_bytes() == before
    names = ["1-load", "2-move", "3-unload"]
    found = [parse((config.parent / f"models.config.{name}").read_text(), "")["digits"] for name in names]
    assert [model.versions for model in found] == [(1, 2), (1, 2), (2,)]
    assert [model.labels["production"] for model in found] == [1, 2, 2]
    assert "deployed" not in verb("history", "digits", "--json").stdout


def test_a_model_without_an_alias_any_more_is_unloaded(
    verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    promote("faces:7")
    verb("rollout", "--config", str(config), "--status", served.url)
    assert set(parse(config.read_text(), "")) == {"digits", "faces"}
    verb("unalias", "faces", "--alias", "production", "--reason", "retired")
    result = verb("rollout", "--config", str(config), "--status", served.url)
    assert "faces has no alias any more, so it is unloaded." in result.stderr
    assert set(parse(config.read_text(), "")) == {"digits"}
    verb("drift", "--config", str(config), "--status", served.url)


def test_models_that_the_registry_does_not_know_stay(verb: Run, promote: Promote, config: Path, tmp_path: Path) -> None:
    promote("digits:1")
    config.write_text(
        'model_config_list { config { name: "other" base_path: "/srv/other" model_platform: "tensorflow" '
        "logging_config { sampling_config { sampling_rate: 0.5 } } } }"
    )
    result = verb("rollout", "--config", str(config))
    assert "other is no model of" in result.stderr
    text = (tmp_path / "models.config.2-move").read_text()
    assert set(parse(text, "")) == {"digits", "other"}
    assert "sampling_rate: 0.5" in text


def test_a_dry_run_says_each_phase_and_writes_nothing(
    verb: Run, promote: Promote, config: Path, served: Running
) -> None:
    promote("digits:2")
    before, events = config.read_bytes(), deployed(verb)
    told = verb("rollout", "--config", str(config), "--status", served.url, "--dry-run").stdout
    lines = [line.strip() for line in told.splitlines()]
    assert lines[1::2] == [
        "digits: versions 1, 2; production 1",
        "digits: versions 1, 2; production 2",
        "digits: versions 2; production 2",
    ]
    assert lines[-1] == "Nothing was written."
    assert (config.read_bytes(), deployed(verb)) == (before, events)
    assert sorted(path.name for path in config.parent.iterdir()) == ["logs", "models", "models.config"]
