"""The command `tb-versions`: parsing and printing only, one module per verb. Imports little: Ctrl-C is quiet soon."""

from __future__ import annotations

import atexit
import gc
import io
import os
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
        from tb_versions.read.no_tensorflow import without_tensorflow

        without_tensorflow()
        gc.set_threshold(50_000, 20, 100)  # a list makes thousands of rows at once, and hardly a circle
        _replace_what_the_output_lacks()
        main(prog_name="tb-versions")
    except KeyboardInterrupt:
        sys.stderr.write("\nAborted!\n")
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        _leave(end.code)
        raise


def _leave(code: object) -> None:
    """Ends the process without Python's own end, where that may abort it after its work is done."""
    reading = sys.modules.get("tb_versions.fleet.reading")
    if reading is not None and reading.ends_badly() and (code is None or isinstance(code, int)):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def _replace_what_the_output_lacks() -> None:
    """Prints `?` for a letter that the terminal's or log file's encoding has not: a run may be called "ünï"."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def __getattr__(name: str) -> Any:
    if name != "main":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tb_versions.cli import program

    return program.main
