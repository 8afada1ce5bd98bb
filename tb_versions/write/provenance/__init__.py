"""What made a version: code, data, environment, hardware, seeds.

Nothing here raises into a training script because a tool is absent: absent facts are absent. Nothing is
recorded of environment variables, host names, user names and home folders, and credentials are taken out
of URLs and arguments. docs/guides/provenance.md tells what each fact is and how to switch it off.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tb_versions.core.manifest import Code, Environment, Hardware
from tb_versions.write.provenance._entry import Entry, find_entry
from tb_versions.write.provenance.code import capture_code
from tb_versions.write.provenance.data import (
    dataset,
    digest_array,
    digest_dataframe,
    digest_dataset,
    digest_file,
    digest_folder,
)
from tb_versions.write.provenance.environment import capture_environment
from tb_versions.write.provenance.hardware import capture_hardware
from tb_versions.write.provenance.seeds import capture_seeds

__all__ = [
    "Capture",
    "Captured",
    "capture",
    "capture_code",
    "capture_environment",
    "capture_hardware",
    "capture_seeds",
    "dataset",
    "digest_array",
    "digest_dataframe",
    "digest_dataset",
    "digest_file",
    "digest_folder",
]

_logger = logging.getLogger(__name__)
_Fact = TypeVar("_Fact")


@dataclass(frozen=True)
class Capture:
    """What to capture.

    Attributes:
        code: Git commit, branch, remote and changed files; the script and its arguments.
        environment: Python, operating system and installed packages.
        hardware: Processor, memory and GPUs.
        diff_limit: Most bytes of `git diff HEAD`; 0 keeps no diff.
    """

    code: bool = True
    environment: bool = True
    hardware: bool = True
    diff_limit: int = 0


@dataclass(frozen=True)
class Captured:
    """What was captured; None for what was switched off or is unknown."""

    code: Code | None = None
    environment: Environment | None = None
    hardware: Hardware | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)


def capture(options: Capture | None = None) -> Captured:
    """Captures what made a version. Never raises.

    The code of a script is captured at the first call and remembered: the program that runs is the one that
    was read when it started, whatever is checked out or edited meanwhile. In a notebook or interactive
    session it is captured each time.

    Args:
        options: What to capture; None is everything but the diff.

    Returns:
        The facts; what failed unexpectedly is None, with the reason in the debug log.
    """
    wanted = options or Capture()
    return Captured(
        code=_guarded(lambda: _code(wanted.diff_limit)) if wanted.code else None,
        environment=_guarded(capture_environment) if wanted.environment else None,
        hardware=_guarded(capture_hardware) if wanted.hardware else None,
        seeds=_guarded(capture_seeds) or {},
    )


def _code(diff_limit: int) -> Code | None:
    entry = find_entry()
    return _script_code(entry, diff_limit) if entry.folder else capture_code(diff_limit=diff_limit)


@functools.cache
def _script_code(entry: Entry, diff_limit: int) -> Code | None:
    return capture_code(Path(entry.folder), diff_limit=diff_limit)


def _guarded(ask: Callable[[], _Fact | None]) -> _Fact | None:
    """Provenance is an extra: no surprise in it may end a training."""
    try:
        return ask()
    except Exception:
        _logger.debug("Provenance could not be captured.", exc_info=True)
        return None
