"""What made a version: code, data, environment, hardware, seeds.

Nothing here raises into a training script because a tool is absent: absent facts are absent. Nothing is
recorded of environment variables, host names, user names and home folders, and credentials are taken out
of URLs and arguments. docs/guides/provenance.md tells what each fact is and how to switch it off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tb_versions.manifest import Code, Environment, Hardware
from tb_versions.provenance.code import capture_code
from tb_versions.provenance.data import (
    dataset,
    digest_array,
    digest_dataframe,
    digest_dataset,
    digest_file,
    digest_folder,
)
from tb_versions.provenance.environment import capture_environment
from tb_versions.provenance.hardware import capture_hardware
from tb_versions.provenance.seeds import capture_seeds

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

    Code is captured as it is now: a long training that captures when it starts knows the commit that it
    runs, one that captures at its end the commit that is checked out by then.

    Args:
        options: What to capture; None is everything but the diff.

    Returns:
        The facts; what failed unexpectedly is None, with the reason in the debug log.
    """
    wanted = options or Capture()
    return Captured(
        code=_guarded(lambda: capture_code(diff_limit=wanted.diff_limit)) if wanted.code else None,
        environment=_guarded(capture_environment) if wanted.environment else None,
        hardware=_guarded(capture_hardware) if wanted.hardware else None,
        seeds=_guarded(capture_seeds) or {},
    )


def _guarded(ask: Callable[[], _Fact | None]) -> _Fact | None:
    """Provenance is an extra: no surprise in it may end a training."""
    try:
        return ask()
    except Exception:
        _logger.debug("Provenance could not be captured.", exc_info=True)
        return None
