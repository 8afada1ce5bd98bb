"""Helper programs are never waited for too long."""

from __future__ import annotations

import sys

from tb_versions.write.provenance import _programs
from tests.support.effort import HANGS


def python(source: str) -> tuple[str, ...]:
    """A command that runs a line of Python."""
    return (sys.executable, "-I", "-S", "-c", source)


def test_an_answer_is_what_was_printed() -> None:
    answer = _programs.ask(python("import os; os.write(1, b'\\xc3\\xa9\\xff')"), timeout=HANGS)
    assert answer is not None
    assert (answer.output, answer.text, answer.cut) == (b"\xc3\xa9\xff", "é\ufffd", False)


def test_a_failing_program_has_no_answer() -> None:
    assert _programs.ask(python("print(1); raise SystemExit(1)"), timeout=HANGS) is None


def test_an_absent_program_has_no_answer() -> None:
    assert _programs.ask(("/absent/program",), timeout=HANGS) is None


def test_no_time_is_no_answer() -> None:
    assert _programs.ask(python("print(1)"), timeout=0) is None


def test_output_is_cut_at_the_limit_and_the_program_stopped() -> None:
    endless = "import sys\nwhile True: sys.stdout.write('x' * 1000)"
    answer = _programs.ask(python(endless), timeout=HANGS, limit=5_000)
    assert answer == _programs.Answer(b"x" * 5_000, cut=True)


def test_a_grandchild_that_keeps_the_pipe_open_does_not_stall() -> None:
    stubborn = "while :; do sleep 60; done"
    assert _programs.ask(("/bin/sh", "-c", f"({stubborn}) & {stubborn}"), timeout=0.3) is None


def test_input_is_closed() -> None:
    answer = _programs.ask(("/bin/cat",), timeout=HANGS)
    assert answer == _programs.Answer(b"")
