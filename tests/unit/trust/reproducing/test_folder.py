"""The folder that says how to do it by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.manifest import Metric, VersionManifest
from tb_versions.errors import ExportExistsError, StorageError
from tb_versions.payload.wire import dump
from tb_versions.trust.reproducing.again import Again
from tb_versions.trust.reproducing.against import Files, compare_with
from tb_versions.trust.reproducing.folder import payload_of, write_folder
from tb_versions.trust.reproducing.plan import plan_of
from tb_versions.trust.reproducing.running import Ran
from tests.unit.trust.reproducing.test_grading import DIFF, with_code


def written(manifest: VersionManifest, out: Path) -> set[str]:
    plan = plan_of(manifest)
    write_folder(plan, payload_of(plan, ()), str(out))
    return {path.name for path in out.iterdir()}


def test_it_has_everything_and_is_never_overwritten(tmp_path: Path) -> None:
    names = {"README.md", "requirements.txt", "pyproject.toml", "commands.sh", "report.json"}
    assert written(with_code(), tmp_path / "a") == names
    assert written(with_code(dirty=True, diff=DIFF), tmp_path / "b") == {*names, "code.diff"}
    assert (tmp_path / "b/code.diff").read_text() == DIFF
    assert json.loads((tmp_path / "a/report.json").read_text())["grade"] == "complete"
    with pytest.raises(ExportExistsError, match="is there already"):
        written(with_code(), tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ExportExistsError):
        written(with_code(), tmp_path / "link")
    with pytest.raises(StorageError, match="can't be written"):
        written(with_code(), tmp_path / "no/folder")


def test_a_record_of_nothing_is_written_too_and_says_so(tmp_path: Path) -> None:
    written(VersionManifest(model="digits", number=1), tmp_path / "a")
    text = (tmp_path / "a/README.md").read_text()
    assert "What to run is not known well enough" in text
    assert "The record has gaps:" in text


def test_the_report_has_no_secret_of_a_manifest_that_somebody_else_wrote(tmp_path: Path) -> None:
    named = {"api_key": "hunter2hunter2", "lr": 0.1, "note": "fine"}
    written(replace(with_code(), hyperparameters=named), tmp_path / "a")
    found = json.loads((tmp_path / "a/report.json").read_text())["hyperparameters"]
    assert (found["lr"], found["note"]) == (0.1, "fine")
    assert "hunter2" not in found["api_key"]


def test_what_a_manifest_says_is_no_markdown(tmp_path: Path) -> None:
    manifest = with_code(arguments=("<script>***", "[x](http://evil)", "![x](y)"))
    written(replace(manifest, model="digits"), tmp_path / "a")
    text = (tmp_path / "a/README.md").read_text()
    assert "<script>" not in text.replace("\\<script\\>", "")


def test_a_metric_that_is_no_number_is_no_metric_that_is_not_known() -> None:
    first = replace(with_code(), metrics=(Metric(name="loss", value=math.nan), Metric(name="gain", value=math.inf)))
    again = Again(Ran(1.0), (), against=compare_with(Files(first), Files(replace(first, metrics=first.metrics[:1]))))
    told = json.loads(dump(payload_of(plan_of(first), (), again)))["result"]["metrics"]
    assert [(each["before"], each["now"]) for each in told] == [("NaN", "NaN"), ("Infinity", None)]
