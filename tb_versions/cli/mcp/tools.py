"""The tools: which commands and which of their parameters an assistant may use. All else is read from the commands.

A tool's parameters, their types and their descriptions are those of the command, as click has them; a call becomes a
line for the command. What a tool may not do is decided here: no other command runs, no other option is given, folders
are those that the server was started with, and a value never becomes an option.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from tb_versions.cli.options import MODELS_DIR
from tb_versions.comparison.loading import RUN
from tb_versions.core.manifest import shown
from tb_versions.core.references import is_path
from tb_versions.errors import InvalidQueryError, InvalidReferenceError

TEXT_FORMATS = ("markdown", "csv", "jsonl", "json", "latex")
"""Formats of a table that are texts."""

LONGEST_VALUE = 16_384
"""Most characters of one value."""

_ROOTS = ("--logdir", MODELS_DIR[0], "--source")


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A command that an assistant may use.

    Attributes:
        name: What clients call it.
        command: Words of the command line.
        takes: Parameters that a call may give, as the command line spells them: `--filter`, or an argument's name.
        always: What each call is given besides.
        choices: Of an option's choices those that are offered; the first where a call gives none.
        has_runs: Whether its references may be runs, `run:NAME`.
        is_newest_last: Whether the end of its answer matters more than the beginning.
        expendable: Keys of its answer that are left out first where that is too long: the same is in others.
        equal: Key of a list in its answer, of which what does not differ is left out before the rest.
    """

    name: str
    command: tuple[str, ...]
    takes: tuple[str, ...]
    always: tuple[str, ...] = ("--json",)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    has_runs: bool = False
    is_newest_last: bool = False
    expendable: tuple[str, ...] = ()
    equal: str = ""


TOOLS = (
    Tool(name="find", command=("list",), takes=("refs", "--filter", "--sort", "--limit", "--all")),
    Tool(name="show", command=("show",), takes=("ref",), expendable=("manifest_text",)),
    Tool(name="compare", command=("compare",), takes=("refs", "--baseline", "--goal"), has_runs=True, equal="rows"),
    Tool(name="history", command=("history",), takes=("model", "--alias", "--at"), is_newest_last=True),
    Tool(name="which", command=("which",), takes=("ref", "--at")),
    Tool(name="gate_status", command=("gate", "status"), takes=("ref",)),
    Tool(name="curves", command=("curves",), takes=("refs", "--metric", "--max-points"), has_runs=True),
    Tool(
        name="export_text",
        command=("export",),
        takes=("refs", "--model", "--run", "--alias", "--filter", "--format"),
        always=("--out=-",),
        choices={"--format": TEXT_FORMATS},
        has_runs=True,
    ),
)
"""All of them read; nothing else runs."""


def command_of(tool: Tool) -> click.Command:
    """Returns a tool's command."""
    from tb_versions.cli.program import main

    command: click.Command | None = main
    for word in tool.command:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    return command


def description(tool: Tool) -> str:
    """Returns what a tool does, in the words of its command."""
    paragraphs = inspect.cleandoc(command_of(tool).help or "").split("\n\n")
    return "\n\n".join(
        [*(" ".join(each.split()) for each in paragraphs), f"Command: tb-versions {' '.join(tool.command)}"]
    )


def schema(tool: Tool) -> dict[str, Any]:
    """Returns the JSON schema of a tool's parameters, without those that all tools share."""
    parameters = dict(_parameters(tool))
    return {
        "type": "object",
        "properties": {name: _described(tool, parameter) for name, parameter in parameters.items()},
        "required": [name for name, parameter in parameters.items() if parameter.required],
        "additionalProperties": False,
    }


def line_of(tool: Tool, given: Mapping[str, Any], roots: Sequence[str]) -> list[str]:
    """Returns the command line of a call.

    Args:
        tool: The tool.
        given: Name to value, as a client sent them.
        roots: Options with the folders that the server was started with: `--models-dir=models`.

    Raises:
        InvalidQueryError: A parameter is unknown, missing or of the wrong type.
        InvalidReferenceError: A value is a path.
    """
    parameters = dict(_parameters(tool))
    for name in given:
        if name not in parameters:
            raise InvalidQueryError(f"{tool.name} takes {', '.join(parameters)}, and no {shown(name)}.")
    options, positional = [], []
    for name, parameter in parameters.items():
        values = _values(name, parameter, given.get(name), tool)
        if not values and parameter.required:
            raise InvalidQueryError(f"{tool.name} needs {name}: {_metavar(parameter)}.")
        if isinstance(parameter, click.Option):
            spelled = _spelling(parameter)
            options += [spelled] * bool(values) if parameter.is_flag else [f"{spelled}={value}" for value in values]
        else:
            positional += values
    known = {name for parameter in command_of(tool).params for name in parameter.opts}
    own = [root for root in roots if root.partition("=")[0] in known]
    return [*tool.command, *tool.always, *own, *options, "--", *positional]


def roots_of(logdir: str, models_dirs: Sequence[str], sources: Mapping[str, str]) -> list[str]:
    """Returns the options that each call is given; an empty log directory, too, so that no variable counts."""
    logdir_option, models_option, source_option = _ROOTS
    return [
        f"{logdir_option}={logdir}",
        *(f"{models_option}={folder}" for folder in models_dirs),
        *(f"{source_option}={label}={folder}" for label, folder in sources.items()),
    ]


def _parameters(tool: Tool) -> Iterator[tuple[str, click.Parameter]]:
    """The parameters that a call may give, by their names in it: `max_points` for `--max-points`."""
    of_command = command_of(tool).params
    for spelled in tool.takes:
        (parameter,) = [each for each in of_command if spelled in each.opts]
        yield spelled.removeprefix("--").replace("-", "_"), parameter


def _spelling(parameter: click.Parameter) -> str:
    return max(parameter.opts, key=len)


def _metavar(parameter: click.Parameter) -> str:
    return parameter.metavar or (parameter.name or "").upper()


def _is_list(parameter: click.Parameter) -> bool:
    return parameter.nargs == -1 or bool(getattr(parameter, "multiple", False))


def _described(tool: Tool, parameter: click.Parameter) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "string"}
    if getattr(parameter, "is_flag", False):
        kind = {"type": "boolean"}
    elif isinstance(parameter.type, click.IntRange):
        bounds = {"minimum": parameter.type.min, "maximum": parameter.type.max}
        kind = {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
    elif isinstance(parameter.type, click.Choice):
        choices = list(tool.choices.get(_spelling(parameter), parameter.type.choices))
        kind = {"type": "string", "enum": choices, "default": choices[0]}
    if _is_list(parameter):
        kind = {"type": "array", "items": kind}
    if _spelling(parameter) in tool.choices:
        return kind
    return {**kind, "description": getattr(parameter, "help", None) or _metavar(parameter)}


def _values(name: str, parameter: click.Parameter, given: Any, tool: Tool) -> list[str]:
    """A parameter's values as texts for the command line."""
    spelled = _spelling(parameter)
    if given is None or given == []:
        return list(tool.choices.get(spelled, ()))[:1]
    if getattr(parameter, "is_flag", False):
        if not isinstance(given, bool):
            raise InvalidQueryError(f"{name} is true or false.")
        return ["true"] if given else []
    several = given if isinstance(given, list) and _is_list(parameter) else [given]
    is_number = isinstance(parameter.type, click.IntRange)
    for value in several:
        if isinstance(value, bool) or not isinstance(value, int if is_number else str):
            raise InvalidQueryError(f"{name} is {'an integer' if is_number else 'a text'}, not {shown(str(value))}.")
    values = [str(value) for value in several]
    for value in values:
        _check(name, value, parameter, tool)
    return values


def _check(name: str, value: str, parameter: click.Parameter, tool: Tool) -> None:
    if "\0" in value or len(value) > LONGEST_VALUE:
        raise InvalidQueryError(f"{name} must have at most {LONGEST_VALUE:,} characters, and no NUL.")
    offered = tool.choices.get(_spelling(parameter))
    if offered and value not in offered:
        raise InvalidQueryError(f"{name} is one of {', '.join(offered)}, not {shown(value)}.")
    names_version = isinstance(parameter, click.Argument) or parameter.metavar == "REF"
    if names_version and is_path(value) and not (tool.has_runs and value.startswith(RUN)):
        raise InvalidReferenceError(
            f"{shown(value)} is a path. Tools read only what is below the folders that the server was started with; "
            "name a version like digits:3 or digits@production."
        )
