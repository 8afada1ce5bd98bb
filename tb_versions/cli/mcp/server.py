"""The server: hands tools and answers to the official SDK. It alone imports that, inside functions."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tb_versions._version import __version__
from tb_versions.cli.mcp import answers, tools
from tb_versions.cli.mcp.running import finish, run
from tb_versions.cli.mcp.skill import instructions
from tb_versions.cli.program import unexpected
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError, TbVersionsError

if TYPE_CHECKING:
    from mcp import types

_REMEDY = "pip install 'tensorboard-plugin-versions[mcp]'"

_PATIENCE = 5.0
"""Most seconds that a command may still take when the server is stopped."""

_SHARED: dict[str, dict[str, Any]] = {
    "part": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Only this part of the answer: keys, and positions in lists, as left_out names them.",
    },
    "max_bytes": {
        "type": "integer",
        "minimum": answers.LEAST,
        "maximum": answers.MOST,
        "default": answers.USUAL,
        "description": "Most bytes of the answer.",
    },
}
"""Parameters that each tool has."""


class ToolError(Exception):
    """A call that has no answer; its text is the command line's sentence."""


def check_sdk() -> None:
    """Raises MissingDependencyError where the SDK can't be used."""
    try:
        from mcp.server.lowlevel import Server
    except ImportError as error:
        raise MissingDependencyError(f"tb-versions mcp needs the package mcp: {_REMEDY}. ({error})") from error
    if not hasattr(Server, "get_request_handler"):  # 1.x, in which handlers were registered in another way
        raise MissingDependencyError(f"tb-versions mcp needs the package mcp, 2 or newer: {_REMEDY}.")


def call(name: str, given: Mapping[str, Any], roots: Sequence[str]) -> str:
    """Returns a tool's answer, JSON.

    Args:
        name: Of the tool.
        given: Its parameters, as a client sent them.
        roots: Options that each call gets, see `tools.roots_of`.

    Raises:
        ToolError: There is no answer.
    """
    tool = next((tool for tool in tools.TOOLS if tool.name == name), None)
    if tool is None:
        names = ", ".join(tool.name for tool in tools.TOOLS)
        raise ToolError(f"There is no tool {shown(name)}; there are {names}.")
    try:
        part, most = _shared(given)
        own = {key: value for key, value in given.items() if key not in _SHARED}
        ran = run(tools.line_of(tool, own, roots))
        if ran.code:
            raise ToolError(visible(" ".join(ran.said))[:most] or f"There is no answer (exit code {ran.code}).")
        return answers.answer_of(tool, ran, part=part, most=most)
    except TbVersionsError as error:
        raise ToolError(visible(str(error))) from error
    except (LookupError, TypeError, ValueError, OSError) as error:
        raise ToolError(unexpected(error)) from error


def _shared(given: Mapping[str, Any]) -> tuple[list[str], int]:
    part, most = given.get("part") or [], given.get("max_bytes")
    most = answers.USUAL if most is None else most
    if not isinstance(part, list) or not all(isinstance(step, (str, int)) for step in part):
        raise InvalidQueryError('part is a list of keys and positions, like ["manifest", "datasets"].')
    if isinstance(most, bool) or not isinstance(most, int) or not answers.LEAST <= most <= answers.MOST:
        raise InvalidQueryError(f"max_bytes is an integer from {answers.LEAST:,} to {answers.MOST:,}.")
    return [str(step) for step in part], most


def described() -> list[types.Tool]:
    """Returns the tools as the protocol has them."""
    from mcp import types

    reads = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    found = []
    for tool in tools.TOOLS:
        schema = tools.schema(tool)
        schema["properties"].update(_SHARED)
        found.append(
            types.Tool(name=tool.name, description=tools.description(tool), input_schema=schema, annotations=reads)
        )
    return found


def serve(roots: Sequence[str]) -> None:
    """Answers calls on the standard input and output until the client closes them.

    Args:
        roots: As of `call`.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        asyncio.run(_serve(roots))
    except BaseException as error:  # a group of errors of several tasks has no class of its own before Python 3.11
        if not _is_closed(error):
            raise


def _stop(number: int, _frame: object) -> None:
    """Ends at once: a thread of the SDK waits for the client's next line, and nothing else would wake it."""
    finish(_PATIENCE)
    os._exit(128 + number)


async def _serve(roots: Sequence[str]) -> None:
    from mcp import types
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=described())

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            text, failed = await asyncio.to_thread(call, params.name, params.arguments or {}, roots), False
        except ToolError as error:
            text, failed = str(error), True
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)

    server: Any = Server(
        "tb-versions",
        version=__version__,
        instructions=instructions(),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _is_closed(error: BaseException) -> bool:
    """Whether an error says no more than that the client has gone."""
    several = getattr(error, "exceptions", None)
    return all(map(_is_closed, several)) if several else isinstance(error, BrokenPipeError)
