"""Beam is only needed where it is asked for; tests/faults/test_beam.py runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.errors import MissingDependencyError
from tb_versions.fleet.work.beam import Beam


def test_without_beam_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    with pytest.raises(MissingDependencyError, match=r"\[beam\]"):
        Beam()


@pytest.mark.parametrize("verb", [["index"], ["verify"], ["gate", "check"]])
def test_options_of_the_pipeline_need_a_pipeline(tmp_path: Path, verb: list[str]) -> None:
    command = [*verb, "--models-dir", str(tmp_path), "--", "--runner=DataflowRunner"]
    done = CliRunner().invoke(main, command, prog_name="tb-versions")
    assert done.exit_code == 2, done.output
    assert "--runner=DataflowRunner is an option of --runner beam" in done.output
