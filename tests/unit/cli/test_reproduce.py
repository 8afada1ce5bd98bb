"""`tb-versions reproduce`: what it shows, that nothing runs unasked, and its exit codes."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import Environment, VersionManifest
from tests.support.trained import ROOT, Project
from tests.support.wheels import wheel

DIFF = """diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,2 +1,2 @@
 a
-b
+c
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("trained"))
    made.train()
    return made


@pytest.fixture(autouse=True)
def in_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(project.folder)


def run(models: Path, *arguments: str) -> Result:
    before, _, behind = " ".join(arguments).partition(" -- ")
    more = ["--", *behind.split()] if behind else []
    return CliRunner().invoke(main, ["reproduce", "digits:1", "--models-dir", str(models), *before.split(), *more])


def hostile(project: Project, models: Path, **changes: object) -> Path:
    """A models folder with the version, of which the manifest says something else."""
    manifest = replace(project.manifest(1), **changes)
    folder = models / "digits/1"
    folder.mkdir(parents=True)
    (folder / "version_manifest.json").write_bytes(codec.encode(manifest))
    return models


def of_code(manifest: VersionManifest, **changes: object) -> dict[str, object]:
    return {"code": replace(manifest.code, **changes)}  # type: ignore[type-var]


def test_it_says_what_it_takes_and_what_is_missing(project: Project) -> None:
    found = run(project.models)
    assert found.exit_code == 0, found.output
    assert project.commit in found.output
    assert "command          python train.py --models ../models" in found.output
    assert "x (train): not checked. No --data says where it is." in found.output
    told = json.loads(run(project.models, "--json", f"--data x={project.folder}/data/x.csv").stdout)
    assert (told["command"], told["data"][0]["verdict"]) == (["python", "train.py", "--models", "../models"], "same")
    assert {gap["about"] for gap in told["gaps"]} <= {"environment"}  # this package is installed from a folder
    assert told["result"] is None


def test_a_folder_is_written_once(project: Project, tmp_path: Path) -> None:
    assert run(project.models, "--out", f"{tmp_path}/again").exit_code == 0
    assert (tmp_path / "again/requirements.txt").exists()
    found = run(project.models, "--out", f"{tmp_path}/again")
    assert (found.exit_code, "is there already. Name another folder." in found.output) == (1, True)


@pytest.mark.parametrize("inside", ["again", "digits/2", "digits/.versions/again"])
def test_nothing_is_made_among_the_versions(project: Project, inside: str) -> None:
    """What is trained there would be one more digits:1 for everybody."""
    found = run(project.models, "--out", f"{project.models}/{inside}", "--run", "--yes", "--environment current")
    assert (found.exit_code, "which holds versions" in found.output) == (1, True)
    assert not (project.models / inside).exists()


def test_nothing_runs_without_yes_and_everything_that_would_is_shown(project: Project, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    manifest = project.manifest(1)
    evil = {
        **of_code(
            manifest, arguments=("--models", f"$(touch {marker})", f"; touch {marker}"), remote=f"ext::touch {marker}"
        ),
        "environment": Environment(python="3.11.7", packages={"numpy": "2.1.0", "evil-package": "6.6.6"}),
    }
    models = hostile(project, tmp_path / "models", **evil)
    for options in ("", "--environment current", "--json"):
        found = run(models, "--run", "--out", f"{tmp_path}/out", *options.split())
        assert (found.exit_code, "Nothing was run. Read what would run" in found.output) == (2, True), found.output
    found = run(models, "--run", "--out", f"{tmp_path}/out")
    assert "evil-package==6.6.6" in found.output
    assert f"'; touch {marker}'" in found.output
    assert not marker.exists()
    assert not (tmp_path / "out").exists()


def test_the_whole_diff_is_shown(project: Project, tmp_path: Path) -> None:
    models = hostile(project, tmp_path / "models", **of_code(project.manifest(1), dirty=True, diff=DIFF))
    found = run(models, "--run", "--out", f"{tmp_path}/out", "--environment", "current")
    assert found.exit_code == 2
    assert all(f"    {line}" in found.output for line in DIFF.splitlines())


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ({"numpy": "2.1.0", "-r": "x"}, {}, "can't be installed by name and version"),
        ({"numpy": "2.1.0", "x": "1 @ git+https://evil.example/x@1"}, {}, "can't be installed by name and version"),
        ({"numpy": "2.1.0", "--index-url=https://evil.example": "1"}, {}, "can't be installed by name and version"),
        ({"numpy": "2.1.0"}, {"arguments": ("--key=***",)}, "what it was is not guessed"),
        ({"numpy": "2.1.0"}, {"entry_point": "../evil.py"}, "no script of the repository"),
        ({"numpy": "2.1.0"}, {"commit": "--upload-pack=touch"}, "no whole commit id"),
        ({"numpy": "2.1.0"}, {"diff": DIFF.replace("train.py", ".git/config"), "dirty": True}, "git's own files"),
        ({"numpy": "2.1.0"}, {"diff": DIFF.replace("train.py", "../x.py"), "dirty": True}, "outside of the work tree"),
        ({"numpy": "2.1.0"}, {"diff": DIFF.replace("100644", "120000"), "dirty": True}, "a link or a submodule"),
    ],
)
def test_what_a_stranger_must_not_say_is_refused_with_yes_too(
    packages: dict[str, str], code: dict[str, object], said: str, project: Project, tmp_path: Path
) -> None:
    environment = Environment(python="3.11.7", packages=packages)
    models = hostile(project, tmp_path / "models", environment=environment, **of_code(project.manifest(1), **code))
    found = run(models, "--run", "--yes", "--out", f"{tmp_path}/out")
    assert found.exit_code == 1, found.output
    assert "Nothing was run." in found.output
    assert said in found.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--environment nowhere", "is no environment"),
        ("--environment current --repository nowhere", "neither a folder nor an address"),
        ("--environment current --repository /", "is in no git repository. Go into the one with the code"),
    ],
)
def test_a_wrong_place_is_told_before_anything_is_made(
    options: str, said: str, project: Project, tmp_path: Path
) -> None:
    found = run(project.models, "--run", "--yes", "--out", f"{tmp_path}/out", options)
    assert (found.exit_code, said in found.output) == (2, True), found.output
    assert not (tmp_path / "out").exists()


def test_trained_again_it_is_the_same(project: Project, tmp_path: Path) -> None:
    out = os.path.relpath(tmp_path / "out")
    found = run(
        project.models,
        "--run",
        "--yes",
        "--environment",
        os.path.relpath(sys.prefix),
        "--pass=PYTHONPATH",
        f"--out={out}",
    )
    assert found.exit_code == 0, found.output
    assert "digits:1, trained again as digits:1: the same bytes." in found.output
    told = json.loads((tmp_path / "out/report.json").read_text())["result"]
    assert (told["ok"], told["verdict"], told["bytes"], told["compared"]) == (
        True,
        "the same bytes",
        "same",
        "digits:1",
    )
    assert (tmp_path / "out/log.txt").read_text().endswith("trained\n")
    assert len(list((project.models / "digits").glob("[0-9]*"))) == 1


@pytest.mark.slow
def test_in_a_fresh_environment_it_is_the_same_too(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path / "index", "first", "1.0")
    wheel(tmp_path / "index", "first", "2.0")
    own = wheel(tmp_path / "own", "second", "3.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PATH", f"{os.path.dirname(shutil.which('git') or '')}:{os.path.dirname(sys.executable)}")
    script = "import first, second, shutil; print(first.version, second.version)\n"
    script += "shutil.copytree('made', '../models/digits/1')\n"
    copied = Project(tmp_path / "copied", script)
    shutil.copytree(project.models / "digits/1", copied.folder / "made")
    commit = copied.repository.commit()
    environment = Environment(
        python="{}.{}.{}".format(*sys.version_info), packages={"first": "1.0", "second": "2.0 (editable)"}
    )
    known = of_code(project.manifest(1), commit=commit, arguments=())
    models = hostile(project, tmp_path / "models", environment=environment, **known)
    monkeypatch.chdir(copied.folder)
    found = run(models, "--run", "--yes", "--out", "../again", f"--package=Second={own}")
    assert found.exit_code == 0, found.output
    assert "digits:1, trained again as digits:1: the same bytes." in found.output
    assert (tmp_path / "copied/again/log.txt").read_text() == "1.0 3.0\n"


def test_what_differs_is_no_and_what_does_not_come_is_no_answer(project: Project, tmp_path: Path) -> None:
    models = hostile(project, tmp_path / "models", digest="sha256:" + "a" * 64, metrics=project.manifest(1).metrics[:0])
    options = ("--run", "--yes", "--environment", "current", "--out")
    found = run(models, *options, f"{tmp_path}/1")
    assert (found.exit_code, "nothing was compared" in found.output) == (5, True), found.output
    found = run(models, *options, f"{tmp_path}/2", "--", "--unknown")
    assert (found.exit_code, "published no version below the folder. It ended with 2." in found.output) == (5, True)
    metric = replace(project.manifest(1).metrics[0], value=0.123)
    models = hostile(project, tmp_path / "others", metrics=(metric,))
    found = run(models, *options, f"{tmp_path}/3")
    assert (found.exit_code, "different" in found.output) == (1, True), found.output


def test_what_is_missing_on_the_command_line_is_said(project: Project) -> None:
    assert "Say where to train: --out DIR" in run(project.models, "--run", "--yes").output
    found = run(project.models, "--yes", "--environment", "current", "--out", "x", "--", "y")
    assert (found.exit_code, "only with --run" in found.output, Path("x").exists()) == (2, True, False)
    assert '"y" behind --, --yes, --environment' in found.output
    assert run(project.models, "--data", "x").exit_code == 2
    assert run(project.models, "--data", "y=z").exit_code == 2
    assert run(project.models, "--tolerance", "nan").exit_code == 2
