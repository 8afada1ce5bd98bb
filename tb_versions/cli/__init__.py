"""The command `tb-versions`: parsing and printing only, one module per verb. Light, so that Ctrl-C is quiet early."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_versions.cli.program import main as main

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it: no answer."""


def run() -> None:
    """The console script: a process of its own, so it may tell TensorBoard to do without TensorFlow."""
    try:
        from tb_versions.cli.program import main
        from tb_versions.read.event_files import without_tensorflow

        without_tensorflow()
        main(prog_name="tb-versions")
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(INTERRUPTED)


def __getattr__(name: str) -> Any:
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tb_versions.cli import program

    return program.main
