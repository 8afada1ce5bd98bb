"""Another Python: what is none, is too old or lacks packages is told in a sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tb_versions.core.interpreter import NEEDS, checked_python
from tb_versions.errors import InvalidQueryError, MissingDependencyError


@pytest.mark.tensorflow
def test_this_python_has_all_that_is_needed() -> None:
    assert checked_python(sys.executable) == sys.executable


def test_a_program_that_is_not_there_is_told() -> None:
    with pytest.raises(InvalidQueryError, match='There is no program "no-such-python"'):
        checked_python("no-such-python")


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        ("hello", InvalidQueryError, "does not answer as a Python does"),
        ("[[3, 9], []]", InvalidQueryError, "is Python 3.9; at least 3.10 is needed"),
        (
            '[[3, 12], ["tensorflow", "msgspec"]]',
            MissingDependencyError,
            "lacks tensorflow, msgspec: .*pip install ten",
        ),
    ],
)
def test_what_does_not_fit_is_refused(answer: str, error: type[Exception], why: str, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    with pytest.raises(error, match=why):
        checked_python(program)


def test_the_process_that_asks_a_model_imports_nothing_else() -> None:
    """Of packages that this one asks for; what they import is theirs."""
    import subprocess

    code = (
        "import sys; before = set(sys.modules); import tb_versions.trust.worker; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = set(done.stdout.split()) - sys.stdlib_module_names - {"tb_versions"}
    assert found - {"typing_extensions"} <= {*NEEDS}  # which msgspec takes where it is
