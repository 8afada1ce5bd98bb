"""The real server, asked by the official client over pipes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tb_versions.cli import text
from tb_versions.cli.mcp import answers
from tb_versions.cli.mcp.tools import TOOLS
from tests.support.asked import ACCURACY, COMMIT, DATA, ROOT, ask, made_world, parameters, told
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = pytest.mark.slow

GUIDE = ROOT / "docs" / "guides" / "ask-from-an-assistant.md"
PRODUCTION = "digits@production"

QUESTIONS = {
    "which version is in production?": ("which", {"ref": PRODUCTION}),
    "which is best by accuracy?": ("find", {"refs": ["digits"], "sort": "-accuracy", "limit": 1}),
    "did digits:4 get better than production beyond noise?": ("compare", {"refs": [PRODUCTION, "digits:4"]}),
    "what data and code made it?": ("show", {"ref": PRODUCTION, "part": ["manifest"]}),
    "who promoted it, when?": ("history", {"model": "digits", "alias": "production"}),
    "is the gate of digits:4 fresh?": ("gate_status", {"ref": "digits:4"}),
    "what was the loss at export?": ("curves", {"refs": [PRODUCTION], "metric": ["loss"]}),
    "how do I go back?": ("which", {"ref": f"{PRODUCTION}~1"}),
    "give me a table": ("export_text", {"refs": ["digits:1", "digits:4"]}),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made_world(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def asked(world: World) -> tuple[Any, dict[str, Any]]:
    """The tools, and an answer to each question; all were asked at once, of one server."""
    tools, results = ask(parameters(world), list(QUESTIONS.values()))
    return tools, dict(zip(QUESTIONS, map(told, results), strict=True))


@pytest.fixture(scope="module")
def answered(asked: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    return {question: answer["answer"] for question, answer in asked[1].items()}


def test_at_most_eight_tools_are_offered_and_all_say_that_they_only_read(asked: tuple[Any, dict[str, Any]]) -> None:
    tools, _ = asked
    assert [tool.name for tool in tools] == [tool.name for tool in TOOLS]
    assert len(tools) <= 8
    assert all(tool.annotations.read_only_hint and not tool.annotations.destructive_hint for tool in tools)
    assert all(tool.description and tool.input_schema["type"] == "object" for tool in tools)


def test_what_is_in_production(answered: dict[str, Any]) -> None:
    found = answered["which version is in production?"]
    assert (found["id"], found["actor"], found["event"], found["replaced"]) == ("digits:2", "ben", 2, 1)
    assert found["metrics"] == {"accuracy": ACCURACY[2]}


def test_what_is_best(answered: dict[str, Any]) -> None:
    (best,) = answered["which is best by accuracy?"]
    assert (best["id"], best["metrics"]["accuracy"]) == ("digits:5", max(ACCURACY.values()))


def test_a_comparison_says_first_whether_it_is_more_than_noise(asked: tuple[Any, dict[str, Any]]) -> None:
    answer = asked[1]["did digits:4 get better than production beyond noise?"]
    assert list(answer)[:2] == ["notice", "in_words"]
    assert answer["in_words"].startswith(
        "digits 4 has 4.9 points higher accuracy than digits 2 and 25 % lower loss, both better, beyond seed noise"
    )
    assert len(text.json_of(answer).encode()) <= answers.USUAL
    assert answer["left_out"]["parts"][0]["what"] == "entries, those that differ"
    (row,) = [row for row in answer["answer"]["rows"] if row["key"].startswith("accuracy")]
    assert [cell["value"] for cell in row["cells"]] == [ACCURACY[2], ACCURACY[4]]
    assert [cell["verdict"] for cell in row["cells"]] == [None, "better"]


def test_what_data_and_code_made_it(answered: dict[str, Any]) -> None:
    manifest = answered["what data and code made it?"]
    (data,) = manifest["datasets"]
    assert (data["name"], data["split"], data["digest"], int(data["rows"])) == ("mnist", "train", DATA, 60_000)
    assert (manifest["code"]["commit"], manifest["code"]["dirty"]) == (COMMIT, False)


def test_who_promoted_it_and_when(answered: dict[str, Any]) -> None:
    events = answered["who promoted it, when?"]
    assert [(event["number"], event["actor"], event["version"]) for event in events] == [(1, "anna", 1), (2, "ben", 2)]
    assert all(isinstance(event["time"], int) for event in events)


def test_whether_a_gate_is_fresh(world: World, answered: dict[str, Any]) -> None:
    (gate,) = answered["is the gate of digits:4 fresh?"]["gates"]
    assert (gate["words"], gate["verdict"], gate["actor"], gate["event"]) == ("release passed", "passed", "ci", 3)


def test_what_the_loss_was_at_the_export(answered: dict[str, Any]) -> None:
    (found,) = answered["what was the loss at export?"]
    (curve,) = found["curves"]
    assert (curve["step"], curve["at_export"]) == (4, pytest.approx(1 / 6))
    assert (curve["best_step"], curve["best"]) == (5, pytest.approx(1 / 7))
    assert (curve["steps"], curve["points"]) == ([1, 2, 3, 4, 5], 5)


def test_what_a_rollback_would_return_to(answered: dict[str, Any]) -> None:
    assert answered["how do I go back?"]["id"] == "digits:1"


def test_a_table_is_text(answered: dict[str, Any]) -> None:
    lines = answered["give me a table"].splitlines()
    assert lines[0].startswith("| ")
    assert len(lines) == 4
    assert any("0.95" in line for line in lines)


def test_the_guides_configuration_starts_it(world: World) -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    (server_,) = json.loads(block)["mcpServers"].values()
    assert server_["command"] == "tb-versions"
    started = {**parameters(world), "args": ["-m", "tb_versions.cli", *server_["args"]]}
    _, (found,) = ask(started, [("which", {"ref": PRODUCTION})])
    assert told(found)["answer"]["id"] == "digits:2"


def test_mistakes_are_errors_of_the_tool_in_the_command_lines_words(world: World) -> None:
    calls: Sequence[Any] = (
        ("which", {"ref": "digits@nope"}),
        ("show", {"ref": "digits:9"}),
        ("find", {"filter": "accuracy >"}),
        ("show", {"ref": "/etc"}),
        ("show", {"ref": "--out"}),
        ("show", {"ref": "digits:1", "out": "x.html"}),
        ("show", {}),
        ("find", {"limit": 0}),
        ("remove", {"ref": "digits:1"}),
        ("find", {"refs": ["a\0b"]}),
        ("compare", {"refs": ["digits:1", "s3://bucket/digits/1"]}),
    )
    _, results = ask(parameters(world), calls)
    words = (
        "digits has no alias",
        'digits has no version "9"',
        "A value is missing behind >",
        "is a path",
        '"--out"',
        "takes ref",
        "needs ref",
        "0 is not in the range",
        "There is no tool",
        "NUL",
        "is a path",
    )
    for result, said in zip(results, words, strict=True):
        (content,) = result.content
        assert result.is_error, content.text
        assert said in content.text
        assert "Traceback" not in content.text
        assert "\n" not in content.text


def server(world: World, sent: bytes) -> subprocess.CompletedProcess[bytes]:
    """The server's process, given some bytes and then the end."""
    started = parameters(world)
    command = [started["command"], *started["args"]]
    return subprocess.run(
        command, input=sent, capture_output=True, check=False, timeout=HANGS, env=started["env"], cwd=started["cwd"]
    )


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def test_a_client_that_leaves_ends_the_server_quietly(world: World) -> None:
    done = server(world, b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    done = server(world, json.dumps(HELLO).encode() + b"\n")
    assert (done.returncode, done.stderr) == (0, b"")
    (answer,) = done.stdout.splitlines()
    assert json.loads(answer)["result"]["serverInfo"]["name"] == "tb-versions"


def test_a_client_that_reads_no_more_ends_the_server_quietly(world: World) -> None:
    started = parameters(world)
    process = subprocess.Popen(
        [started["command"], *started["args"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=started["env"],
        cwd=started["cwd"],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(json.dumps(HELLO).encode() + b"\n")
    process.stdin.close()
    assert (process.wait(HANGS), process.stderr.read()) == (0, b"")
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_the_client_is_still_there(world: World, number: signal.Signals) -> None:
    started = parameters(world)
    process = subprocess.Popen(
        [started["command"], *started["args"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=started["env"],
        cwd=started["cwd"],
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps(HELLO).encode() + b"\n")
        process.stdin.flush()
        assert b"tb-versions" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(HANGS) == 128 + number
        assert process.stderr.read() == b""


def test_broken_json_stops_nothing(world: World) -> None:
    done = server(world, b"{broken\n" + json.dumps(HELLO).encode() + b"\n")
    assert done.returncode == 0
    answers_ = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(answer.get("id") == 1 and "result" in answer for answer in answers_)


def test_a_folder_that_is_not_there_is_said_at_the_start(world: World) -> None:
    started = parameters(world, "--models-dir", str(world.base / "nope"))
    done = subprocess.run([started["command"], *started["args"]], capture_output=True, text=True, check=False, input="")
    assert done.returncode == 2
    assert "nope" in done.stderr
    assert done.stdout == ""
