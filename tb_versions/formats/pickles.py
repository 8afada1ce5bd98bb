"""What a pickle would import, from its opcodes: nothing is unpickled.

A pickle is a program: it may name any function of any module and call it while it is read. `pickletools` lists its
opcodes; a stack of what they push says which names come together in those that import. Texts that are made while it
runs can't be known, and are told as such.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

MAX_OPCODES = 5_000_000
"""Most opcodes of one pickle that are looked at."""

MAX_GLOBALS = 10_000
"""Most different globals of one pickle that are kept."""

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""The number that PyTorch's files of old begin with; four more pickles follow it."""

_MARK = object()
_UNKNOWN = None
_TEXTS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
)
_PAIRS = frozenset({"GLOBAL", "INST"})
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_EXTENSIONS = frozenset({"EXT1", "EXT2", "EXT4"})


class Stream(Protocol):
    """What opcodes are read from: bytes in memory, or a file that is mapped, so that no claimed size is believed."""

    def read(self, size: int, /) -> bytes:
        """Reads at most `size` bytes."""

    def readline(self) -> bytes:
        """Reads a line."""


@dataclass(frozen=True)
class Pickle:
    """What a pickle would import.

    Attributes:
        names: (module, name) of each global, in order of their first use; ("", "") for one that is made while it runs.
        problem: Why not all of it could be looked at; "" if it could.
        is_torch_magic: Whether it is the number that PyTorch's files of old begin with.
    """

    names: tuple[tuple[str, str], ...]
    problem: str = ""
    is_torch_magic: bool = False


def read_pickle(stream: Stream) -> Pickle:
    """Returns what the next pickle in a stream would import; what is read before it breaks off counts."""
    names: dict[tuple[str, str], None] = {}
    first: list[object] = []
    problem = ""
    try:
        for name in _globals(stream, first):
            names.setdefault(name)
            if len(names) >= MAX_GLOBALS:
                problem = f"it names more than {MAX_GLOBALS:,} globals"
                break
    except _TooLongError:
        problem = f"it has more than {MAX_OPCODES:,} opcodes"
    except Exception as error:  # noqa: BLE001 - pickletools raises what it meets: ValueError, UnicodeDecodeError, …
        problem = f"it breaks off: {(str(error).splitlines() or [''])[0][:120] or type(error).__name__}"
    return Pickle(tuple(names), problem, is_torch_magic=not names and TORCH_MAGIC in first)


class _TooLongError(Exception):
    """The pickle has too many opcodes."""


def _globals(stream: Stream, first: list[object]) -> Iterator[tuple[str, str]]:
    """Yields (module, name) of each opcode that imports; keeps the first opcodes' arguments."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for count, (op, argument, _) in enumerate(pickletools.genops(stream)):  # type: ignore[arg-type]
        if count >= MAX_OPCODES:
            raise _TooLongError
        if count < 4:
            first.append(argument)
        if op.name in _PAIRS:
            module, _, name = str(argument).partition(" ")
            yield module, name
        elif op.name == "STACK_GLOBAL":
            yield _named(stack[-2:])
        elif op.name in _EXTENSIONS:
            yield "", ""
        _step(op, argument, stack, memo=memo)


def _named(top: list[Any]) -> tuple[str, str]:
    module, name = top if len(top) == 2 else (_UNKNOWN, _UNKNOWN)
    return (module, name) if isinstance(module, str) and isinstance(name, str) else ("", "")


def _step(op: pickletools.OpcodeInfo, argument: Any, stack: list[Any], *, memo: dict[int, Any]) -> None:
    """Does to the stack what an opcode does, as far as texts are concerned."""
    top = stack[-1] if stack else _UNKNOWN
    if op.name in _PUTS:
        memo[int(argument)] = top
    elif op.name == "MEMOIZE":
        memo[len(memo)] = top
    elif op.name in _GETS:
        stack.append(memo.get(int(argument), _UNKNOWN))
    elif op.name == "DUP":
        stack.append(top)
    else:
        _pop(op, stack)
        is_text = op.name in _TEXTS and isinstance(argument, str)
        pushed = argument if is_text else _UNKNOWN
        stack.extend(_MARK if each is pickletools.markobject else pushed for each in op.stack_after)


def _pop(op: pickletools.OpcodeInfo, stack: list[Any]) -> None:
    before = op.stack_before
    count = len(before)
    if pickletools.markobject in before:
        while stack and stack.pop() is not _MARK:
            pass
        count = before.index(pickletools.markobject)
    if count:
        del stack[-count:]
