"""Several users publish into one models folder, or are told what that takes."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

import tb_versions as tbv
from tests.support.unprivileged import run_unprivileged

pytestmark = pytest.mark.slow

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)
OTHER_USER = 54_321
PUBLISH = (
    "import sys\nimport tb_versions as tbv\n"
    "tbv.publish(sys.argv[1], sys.argv[2], name='digits', capture=tbv.Capture(code=False), strict=True)\n"
)


@pytest.fixture
def models(source: Path, tmp_path: Path) -> Path:
    tbv.publish(source, tmp_path / "models", name="digits", capture=NOTHING, strict=True)
    return tmp_path / "models"


def given_away(folder: Path, *, modes: str | None = None) -> None:
    """Makes everything another user's; "g+w" lets the group write."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to another user")
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, OTHER_USER, os.getegid())
        if modes == "g+w":
            path.chmod(0o2775 if path.is_dir() else 0o664)


@pytest.mark.parametrize("inner", ["", "digits", "digits/.versions/numbers", "digits/.versions/tmp"])
def test_what_sharing_takes_is_said_where_a_folder_is_another_users(source: Path, models: Path, inner: str) -> None:
    given_away(models / inner)
    name = "digits" if inner else "new"
    done = run_unprivileged("-c", PUBLISH.replace("digits", name), str(source), str(models))
    last = done.stderr.strip().splitlines()[-1]
    assert "Permission denied" in last
    assert f"belongs to another user (uid {OTHER_USER}). Where several users publish, let a group own" in last
    assert "umask 002" in last


def test_a_group_that_may_write_publishes(source: Path, models: Path) -> None:
    given_away(models, modes="g+w")
    done = run_unprivileged("-c", PUBLISH, str(source), str(models))
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(models / "digits")) == [".versions", "1", "2"]


def test_an_own_folder_that_may_not_be_written_to_is_no_matter_of_sharing(source: Path, models: Path) -> None:
    (models / "digits").chmod(0o555)
    done = run_unprivileged("-c", PUBLISH, str(source), str(models))
    (models / "digits").chmod(0o755)
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith("Permission denied.")


def test_a_missing_memory_of_numbers_is_said(source: Path, models: Path) -> None:
    tbv.publish(source, models, name="digits", capture=NOTHING, strict=True)
    for folder in ("digits/.versions", "digits/2"):
        for path in sorted((models / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        (models / folder).rmdir()
    with pytest.warns(tbv.TbVersionsWarning, match=r"\.versions was missing, .* the next one is 2 now, even if"):
        version = tbv.publish(source, models, name="digits", capture=NOTHING, strict=True)
    assert version is not None
    assert version.number == 2


def test_exports_of_others_without_a_memory_of_numbers_are_nothing_to_speak_of(source: Path, tmp_path: Path) -> None:
    (tmp_path / "models" / "digits" / "7").mkdir(parents=True)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        tbv.publish(source, tmp_path / "models", name="digits", capture=NOTHING, strict=True)
    assert [warning for warning in told if "missing" in str(warning.message)] == []
