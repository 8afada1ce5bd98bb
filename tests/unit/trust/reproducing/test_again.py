"""Trained again, the same comes out; what a manifest can't say is decided by the user."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.golden.file import key_of
from tb_versions.core.manifest import Golden, Run, VersionManifest
from tb_versions.errors import RefusedError
from tb_versions.read.reuse.finding import find
from tb_versions.trust.reproducing.again import Again, How, files_of, train_again, why_not_run
from tb_versions.trust.reproducing.against import Files
from tb_versions.trust.reproducing.at_hand import check_data
from tb_versions.trust.reproducing.plan import plan_of
from tests.support.trained import ROOT, Project
from tests.unit.trust.reproducing.test_grading import COMPLETE, with_code

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


@pytest.fixture(autouse=True)
def this_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that is current finds it by PYTHONPATH."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def again(project: Project, out: Path, manifest: VersionManifest | None = None, **how: object) -> Again:
    out.mkdir()
    known = manifest or project.manifest(1)
    first = files_of(find("digits:1", project.models), known)
    decided = How(**{"repository": str(project.folder), "environment": "current", **how})  # type: ignore[arg-type]
    return train_again(plan_of(known), first, str(out), how=decided)


def test_the_same_bytes_come_out(project: Project, tmp_path: Path) -> None:
    found = again(project, tmp_path / "out")
    assert found.against is not None, (tmp_path / "out/log.txt").read_text()
    assert (found.made, found.against.verdict, found.against.ok) == (("digits:1",), "the same bytes", True)
    assert [each.group for each in found.against.differing if each.is_known] == []
    assert (tmp_path / "out/work/models/digits/1/weights.bin").exists()


def test_other_arguments_in_place_of_the_recorded_ones_publish_below_the_folder_all_the_same(
    project: Project, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    found = again(project, tmp_path / "out", arguments=("--models", str(elsewhere)))
    assert not elsewhere.exists()
    assert found.against is not None
    assert found.against.verdict == "the same bytes"
    assert any(each.text.startswith("The arguments are") for each in found.against.differing)


def test_another_commit_is_what_differs_first(project: Project, tmp_path: Path) -> None:
    other = Project(
        tmp_path / "other", script=(project.folder / "train.py").read_text().replace("UNITS = 4", "UNITS = 5")
    )
    manifest = project.manifest(1)
    assert manifest.code is not None
    changed = replace(manifest, code=replace(manifest.code, commit=other.commit))
    found = again(project, tmp_path / "out", changed, repository=str(other.folder))
    assert found.against is not None
    assert (found.against.verdict, found.against.ok) == ("different", False)
    assert found.against.first == "What differs first is the hyperparameters: units 4 → 5."


def test_a_command_that_publishes_nothing_is_no_answer(project: Project, tmp_path: Path) -> None:
    found = again(project, tmp_path / "out", arguments=("--unknown",))
    assert (found.against, found.made) == (None, ())
    assert found.why == "The command published no version below the folder. It ended with 2."


def test_data_are_put_where_the_record_says_that_they_lay(project: Project, tmp_path: Path) -> None:
    manifest = project.manifest(1)
    assert manifest.code is not None
    without = Project(tmp_path / "without")
    without.repository.git("rm", "-q", "--cached", "data/x.csv")
    commit = without.repository.git("commit", "-qm", "no data") or without.repository.git("rev-parse", "HEAD")
    known = replace(manifest, code=replace(manifest.code, commit=commit))
    data = check_data(known, {"x": str(without.folder / "data/x.csv")})
    (tmp_path / "out").mkdir()
    how = How(repository=str(without.folder), environment="current")
    found = train_again(plan_of(known), Files(manifest), str(tmp_path / "out"), how=how, data=data)
    assert found.against is not None, (tmp_path / "out/log.txt").read_text()
    assert any("lies in the work tree as" in note for note in found.notes)


@pytest.mark.parametrize("uri", ["../x.csv", "/etc/x.csv", ".git/hooks/x", "s3://a/b", "~/x", "a//b", "train.py/x", ""])
def test_no_link_leads_out_of_the_work_tree_or_into_git(uri: str, project: Project, tmp_path: Path) -> None:
    manifest = project.manifest(1)
    (dataset,) = manifest.datasets
    known = replace(manifest, datasets=(replace(dataset, uri=uri),))
    (tmp_path / "out").mkdir()
    data = check_data(known, {"x": str(project.folder / "data/x.csv")})
    how = How(repository=str(project.folder), environment="current", arguments=("--unknown",))
    found = train_again(plan_of(known), Files(known), str(tmp_path / "out"), how=how, data=data)
    assert not any("a link" in note for note in found.notes)
    links = [path for path in (tmp_path / "out").rglob("*") if path.is_symlink()]
    assert links == []


def test_what_stops_is_refused_and_own_arguments_stand_in_for_masked_ones(tmp_path: Path) -> None:
    masked = plan_of(with_code(arguments=("--key=***",)))
    assert len(why_not_run(masked, How(environment="current"))) == 1
    assert why_not_run(masked, How(environment="current", arguments=("--key=x",))) == ()
    assert (
        len(why_not_run(plan_of(with_code(entry_point="notebook")), How(environment="current", arguments=("x",)))) == 1
    )
    with pytest.raises(RefusedError, match="Nothing was run"):
        train_again(masked, Files(COMPLETE), str(tmp_path), how=How(environment="current"))
    assert os.listdir(tmp_path) == []


def test_the_version_with_the_run_and_step_is_compared(tmp_path: Path) -> None:
    script = """
import argparse, pathlib
import tb_versions as tbv
folder = pathlib.Path("export")
folder.mkdir()
(folder / "x").write_text("x")
for step in (1, 2, 3):
    tbv.publish(folder, "../models", name="digits", strict=True, step=step, runs="first", metrics={"a": step})
"""
    project = Project(tmp_path / "project", script)
    project.train()
    shutil.rmtree(project.folder / "export")
    known = replace(project.manifest(2), number=7, runs=(Run(name="first", step=2),))
    (tmp_path / "out").mkdir()
    how = How(repository=str(project.folder), environment="current")
    found = train_again(plan_of(known), Files(known), str(tmp_path / "out"), how=how)
    assert found.against is not None
    assert (found.made, found.against.made, found.against.ok) == (
        ("digits:1", "digits:2", "digits:3"),
        "digits:2",
        True,
    )


def test_files_that_were_changed_are_not_compared(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.models, tmp_path / "models")
    (tmp_path / "models/digits/1/weights.bin").write_bytes(b"other")
    found = files_of(find("digits:1", tmp_path / "models"), project.manifest(1))
    assert found.folder == ""
    assert "not as published" in found.why_not


def test_golden_outputs_that_are_not_here_or_others_are_said_to_be(project: Project, tmp_path: Path) -> None:
    shutil.copytree(project.models, tmp_path / "models")
    version, golden = find("digits:1", tmp_path / "models"), Golden(digest=f"sha256:{'0' * 64}")
    manifest = replace(project.manifest(1), golden=golden)
    found = files_of(version, manifest)
    assert (found.folder != "", found.golden) == (True, b"")
    assert found.why_not.startswith("Answers were not compared. The golden outputs of digits:1 are not here")
    kept = tmp_path / "models/digits/.versions" / key_of(1)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"others")
    assert files_of(version, manifest).why_not.endswith("are not those that were kept when it was published.")
