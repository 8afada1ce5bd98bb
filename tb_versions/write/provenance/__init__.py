"""What made a version: code, data, environment, hardware, seeds.

A missing tool never raises an error in a training script; the facts that need it are left out. Environment
variables, host names, user names and home folders are not recorded, and credentials are removed from URLs and
arguments. docs/guides/provenance.md explains each fact and how to switch it off.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tb_versions.core.manifest import Code, Environment, Hardware, Seeding
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
from tb_versions.write.provenance.seeding import capture_seeding, set_seeds
from tb_versions.write.provenance.seeds import capture_seeds

__all__ = [
    "Capture",
    "Captured",
    "capture",
    "capture_code",
    "capture_environment",
    "capture_hardware",
    "capture_seeding",
    "capture_seeds",
    "dataset",
    "digest_array",
    "digest_dataframe",
    "digest_dataset",
    "digest_file",
    "digest_folder",
    "set_seeds",
]

_logger = logging.getLogger(__name__)
_Fact = TypeVar("_Fact")


@dataclass(frozen=True)
class Capture:
    """Which facts to record.

    Attributes:
        code: Git commit, branch, remote and changed files; the script and its arguments.
        environment: Python, operating system and installed packages.
        hardware: Processor, memory and GPUs.
        diff_limit: Maximum size of `git diff HEAD` in bytes; 0 records no diff.
    """

    code: bool = True
    environment: bool = True
    hardware: bool = True
    diff_limit: int = 0


@dataclass(frozen=True)
class Captured:
    """The captured facts; None for those that are switched off or unknown."""

    code: Code | None = None
    environment: Environment | None = None
    hardware: Hardware | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)
    seeding: Seeding | None = None


def capture(options: Capture | None = None) -> Captured:
    """Captures what made a version. Never raises.

    The code of a script is captured at the first call and cached, because the running program is the one that Python
    read when it started, even if files are edited or another commit is checked out later. In a notebook or interactive
    session it is captured at every call.

    Args:
        options: Which facts to capture; None captures everything except the diff.

    Returns:
        The facts. A fact that failed unexpectedly is None; the reason is in the debug log.
    """
    options = options or Capture()
    seeding = _guarded(capture_seeding)
    stated = {} if seeding is None else {"set_seeds": seeding.seed}
    return Captured(
        code=_guarded(lambda: _code(options.diff_limit)) if options.code else None,
        environment=_guarded(capture_environment) if options.environment else None,
        hardware=_guarded(capture_hardware) if options.hardware else None,
        seeds={**(_guarded(capture_seeds) or {}), **stated},
        seeding=seeding,
    )


def _code(diff_limit: int) -> Code | None:
    entry = find_entry()
    return _script_code(entry, diff_limit) if entry.folder else capture_code(diff_limit=diff_limit)


@functools.cache
def _script_code(entry: Entry, diff_limit: int) -> Code | None:
    return capture_code(Path(entry.folder), diff_limit=diff_limit)


def _guarded(ask: Callable[[], _Fact | None]) -> _Fact | None:
    """Returns None for any error: provenance is an extra and must not end a training."""
    try:
        return ask()
    except Exception:
        _logger.debug("Provenance could not be captured.", exc_info=True)
        return None
