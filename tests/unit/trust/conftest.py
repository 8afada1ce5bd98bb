"""Inspects files that a test writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.trust.inspecting import inspect_model

Told = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Writes a file and returns (kind, name) of what is found in it."""

    def inspect(name: str, data: bytes = b"") -> list[tuple[str, str]]:
        if data:
            (tmp_path / name).write_bytes(data)
        return [(finding.kind, finding.name) for finding in inspect_model(str(tmp_path / name)).findings]

    return inspect
