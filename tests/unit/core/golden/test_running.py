"""Asking in a process of its own: what goes wrong there becomes a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.golden import running
from tb_versions.core.golden.running import ask
from tb_versions.core.limited import Limits

WORKER = """
import os, sys
def main(arguments):
    import json
    job = json.loads(arguments[0])
    {what}
"""


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("pass", "no answer that can be read"),
        ("open(job['outcome'], 'w').write('{')", "no answer that can be read"),
        ("open(job['outcome'], 'w').write('{}' + ' ' * (2 << 20))", "no answer that can be read"),
        ("os.symlink('/etc/hostname', job['outcome'])", "no answer that can be read"),
        ("open(job['outcome'], 'w').write('{}')", "no answer that can be read"),
        ("os.abort()", "It ended by SIGABRT"),
        ("sys.exit(3)", "It ended with 3"),
        ("import threading; threading.Event().wait()", r"It was stopped after 0\.7 s"),
    ],
)
def test_a_process_that_does_not_do_its_job_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, why: str
) -> None:
    (tmp_path / "worker_of_test.py").write_text(WORKER.format(what=what))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(running, "WORKER", "worker_of_test")
    limits = Limits(seconds=0.7 if "wait" in what else 60)
    found = ask("digits:1", str(tmp_path), b"", keeps_answers=True, limits=limits)
    assert found.outcome.kind == "model"
    assert found.outcome.problem.startswith("digits:1 gave no answer")
    assert why.replace("\\", "") in found.outcome.problem
    assert found.answers == b""


def test_another_python_that_does_not_work_is_no_result_of_the_model(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    outcome = ask("digits:1", str(tmp_path), b"", python=str(program)).outcome
    assert outcome.kind == "dependency"
    assert outcome.problem.startswith(f"digits:1 was not asked: {program} can't do that. It ended with 1")
