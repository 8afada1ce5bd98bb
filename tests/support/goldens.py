"""Golden files: JSON that a person can read, and whether it is still what the program says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.support.world import strict

WIDTH = 140
SHORT = 70


def check_golden(path: Path, data: bytes, *, update: bool) -> Any:
    """Compares strict JSON with a golden file, or rewrites the file; returns what the file says.

    Args:
        path: The golden file.
        data: JSON that must mean the same.
        update: Whether `--update-goldens` was given.
    """
    told = strict(data)
    text = readable(told) + "\n"
    assert os.sep + "tmp" not in text, "a path of this machine is in it"
    if update:
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, (
        f"{path.name} says something else; if that is meant: pytest tests/contract --update-goldens"
    )
    return told


def readable(value: Any, indent: int = 0) -> str:
    """Returns JSON of short lines: what fits into a line stands in one, and short entries share one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent < WIDTH or not value or not isinstance(value, (dict, list)):
        return flat
    inner = indent + 2
    if isinstance(value, dict):
        entries = [f"{json.dumps(key, ensure_ascii=False)}: {readable(item, inner)}" for key, item in value.items()]
    else:
        entries = [readable(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(" " * inner + line for line in _lines(entries, WIDTH - inner))
    return f"{opening}\n{body}\n{' ' * indent}{closing}"


def _lines(entries: Iterable[str], width: int) -> Iterator[str]:
    """Entries, several of them in one line where they are short."""
    line = ""
    for entry in entries:
        joined = f"{line}, {entry}" if line else entry
        if line and (len(joined) > width or max(len(entry), len(line.rpartition(", ")[2])) > SHORT):
            yield line
            line = entry
        else:
            line = joined
    yield line
