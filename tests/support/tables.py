"""A table as most tests look at it: each column as one."""

from __future__ import annotations

from typing import Any

from tb_versions import payload


def whole(answer: Any) -> Any:
    """Returns a table with each column as one; anything else as it is."""
    return payload.whole(answer) if isinstance(answer, dict) and "blocks" in answer else answer
