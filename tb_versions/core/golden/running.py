"""Asks the model of a folder in a process of its own, and reads what came of it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from tb_versions.core.golden.file import FILE_LIMIT
from tb_versions.core.golden.outcome import OUTCOME_LIMIT, Outcome, Tolerance, decode
from tb_versions.core.limited import ENDED, Limits, run_limited
from tb_versions.core.storage import read_capped
from tb_versions.errors import TbVersionsError

WORKER = "tb_versions.trust.worker"
"""What runs in that process. It is named and never imported here, for it loads TensorFlow and the model."""


class Job(Struct, frozen=True):
    """What the process is to do.

    Attributes:
        called: What messages call the model.
        folder: Of the SavedModel.
        golden: Path of the file with inputs, and with the outputs to compare with.
        outcome: Path to which the outcome is written.
        answers: Path to which inputs and answers are written; "" to write none.
        tolerance: How far numbers may lie apart.
    """

    called: str
    folder: str
    golden: str
    outcome: str
    answers: str = ""
    tolerance: Tolerance = Tolerance()


@dataclass(frozen=True)
class Ran:
    """What came of it, and the file with the answers where that was asked for."""

    outcome: Outcome
    answers: bytes = b""


def ask(
    called: str,
    folder: str,
    golden: bytes,
    *,
    tolerance: Tolerance = Tolerance(),  # noqa: B008 - it never changes
    limits: Limits = Limits(),  # noqa: B008
    keeps_answers: bool = False,
    python: str = "",
) -> Ran:
    """Loads the SavedModel of a folder in a new process on the CPU, asks it, and compares its answers.

    That runs the model, which can read and write files as this user can. Its files must have been checked.

    Args:
        called: What messages call the model.
        folder: The SavedModel.
        golden: The bytes of a file of golden outputs; they are read in that process only.
        tolerance: How far numbers may lie apart.
        limits: When the process is stopped.
        keeps_answers: Whether to return a file with the inputs and the answers.
        python: Another Python than this one, as `interpreter.checked_python` returns it.

    Returns:
        What came of it; where there is no answer, `problem` says why.
    """
    with tempfile.TemporaryDirectory(prefix="tb-versions-", ignore_cleanup_errors=True) as scratch:
        given, said, answers = (os.path.join(scratch, name) for name in ("golden.npz", "outcome.json", "answers.npz"))
        with open(given, "xb") as file:
            file.write(golden)
        kept = answers if keeps_answers else ""
        job = Job(called, os.path.abspath(folder), given, said, kept, tolerance)
        why = run_limited(WORKER, [msgspec.json.encode(job).decode()], limits, python=python)
        if why and python and why.startswith(ENDED):
            again = f"Does this work: {python} -c 'import tensorflow, msgspec'"
            return Ran(
                Outcome(problem=f"{called} was not asked: {python} can't do that. {why} {again}", kind="dependency")
            )
        if why:
            return Ran(Outcome(problem=f"{called} gave no answer. {why}", kind="model"))
        try:
            outcome = decode(read_capped(said, OUTCOME_LIMIT))
            made = read_capped(answers, FILE_LIMIT) if keeps_answers and not outcome.problem else b""
        except (FileNotFoundError, TbVersionsError) as error:
            told = str(error).replace(scratch, "")
            return Ran(Outcome(problem=f"{called} gave no answer that can be read: {told}", kind="model"))
        return Ran(outcome, made)
