"""The tools are the commands' own definitions, and can do no more than read what the server was given."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tb_versions.cli import program
from tb_versions.cli.mcp.tools import TOOLS, Tool, command_of, description, line_of, roots_of, schema
from tb_versions.errors import TbVersionsError

BY_NAME = {tool.name: tool for tool in TOOLS}
WRITING = (
    "--out",
    "--record",
    "--junit",
    "--comment",
    "--statement",
    "--openmetrics",
    "--force",
    "--actor",
    "--reason",
)
PLACES = ("--logdir", "--models-dir", "--source", "--rules", "--introduction", "--attach")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_its_command(tool: Tool) -> None:
    parameters = {name.lstrip("-").replace("_", "-"): p for p in command_of(tool).params for name in p.opts}
    described = schema(tool)["properties"]
    assert len(described) == len(tool.takes)
    for name, kind in described.items():
        parameter = parameters[name.replace("_", "-")]
        if isinstance(parameter, click.Option) and "enum" not in kind:
            assert kind["description"] == parameter.help
        assert (kind["type"] == "array") == (parameter.nargs == -1 or getattr(parameter, "multiple", False))
    assert " ".join((command_of(tool).help or "").split())[:60] in " ".join(description(tool).split())


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_offers_no_option_that_writes_or_leads_elsewhere(tool: Tool) -> None:
    assert not set(tool.takes) & {*WRITING, *PLACES}
    assert tool.command[0] in program.commands(changing=False)


def test_a_call_becomes_a_line() -> None:
    roots = roots_of("logs", ["a", "b"], {"nas": "/mnt/nas"})
    line = line_of(BY_NAME["find"], {"refs": ["digits:1", "x"], "filter": "a > 1", "limit": 3, "all": True}, roots)
    assert line == [
        *("list", "--json", "--logdir=logs", "--models-dir=a", "--models-dir=b", "--source=nas=/mnt/nas"),
        *("--filter=a > 1", "--limit=3", "--all", "--", "digits:1", "x"),
    ]
    assert line_of(BY_NAME["history"], {}, roots) == ["history", "--json", "--models-dir=a", "--models-dir=b", "--"]
    assert line_of(BY_NAME["export_text"], {"format": "csv"}, [])[:4] == ["export", "--out=-", "--format=csv", "--"]
    assert "--format=markdown" in line_of(BY_NAME["export_text"], {}, [])
    assert line_of(BY_NAME["find"], {"all": False, "sort": "-created"}, []) == [
        "list",
        "--json",
        "--sort=-created",
        "--",
    ]


@pytest.mark.parametrize("value", ["--out", "--models-dir=/", "-h", "--", "-x"])
def test_a_value_never_becomes_an_option(value: str) -> None:
    for tool, given in (("show", {"ref": value}), ("find", {"refs": [value]}), ("which", {"ref": "a@b", "at": value})):
        line = line_of(BY_NAME[tool], given, []) if "/" not in value else ["--", value]
        before, behind = line[: line.index("--")], line[line.index("--") + 1 :]
        assert value not in before
        assert value in behind or f"--at={value}" in before


@pytest.mark.parametrize(
    ("tool", "given", "words"),
    [
        ("show", {"ref": "models/digits/1"}, "is a path"),
        ("show", {"ref": "run:a/b"}, "is a path"),
        ("show", {"ref": "~"}, "is a path"),
        ("compare", {"refs": ["a", "b"], "baseline": "/x"}, "is a path"),
        ("show", {"ref": 3}, "is a text"),
        ("show", {"ref": ["a", "b"]}, "is a text"),
        ("find", {"limit": "3"}, "is an integer"),
        ("find", {"limit": True}, "is an integer"),
        ("find", {"all": "yes"}, "true or false"),
        ("find", {"models_dir": "/"}, "takes refs, filter"),
        ("compare", {}, "needs refs"),
        ("compare", {"refs": []}, "needs refs"),
        ("export_text", {"format": "html"}, "one of markdown"),
        ("export_text", {"format": "oci"}, "one of markdown"),
        ("find", {"filter": "x" * 20_000}, "characters"),
    ],
)
def test_what_a_call_can_not_have_is_one_sentence(tool: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(TbVersionsError, match=words):
        line_of(BY_NAME[tool], given, [])


def test_runs_are_no_paths_where_runs_are_compared() -> None:
    assert line_of(BY_NAME["compare"], {"refs": ["digits:1", "run:a/b"]}, [])[-1] == "run:a/b"
    assert line_of(BY_NAME["curves"], {"refs": "run:a/b"}, [])[-1] == "run:a/b"
