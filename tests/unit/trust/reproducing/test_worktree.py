"""A work tree of the recorded commit and diff; nothing that a repository or a configuration names runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidQueryError, NoAnswerError, RefusedError
from tb_versions.trust.reproducing.plan import Plan, plan_of
from tb_versions.trust.reproducing.worktree import make_tree
from tests.support.git_repositories import Registry
from tests.unit.trust.reproducing.test_grading import COMPLETE, DIFF


@pytest.fixture
def repository(tmp_path: Path) -> Registry:
    made = Registry(tmp_path / "repository")
    made.commit(train__py="a\n", package___x__py="y\n")
    made.commit(train__py="later\n")
    return made


def plan(commit: str, **changes: object) -> Plan:
    code = replace(COMPLETE.code, commit=commit, **changes)  # type: ignore[type-var]
    return plan_of(replace(COMPLETE, code=code))


def test_the_commit_and_the_diff_are_there(repository: Registry, tmp_path: Path) -> None:
    first = repository.git("rev-parse", "HEAD~1")
    assert make_tree(plan(first, dirty=True, diff=DIFF), str(repository.folder), str(tmp_path / "tree")) == ()
    assert (tmp_path / "tree/train.py").read_text() == "b\n"
    assert (tmp_path / "tree/package/x.py").read_text() == "y\n"


def test_a_commit_that_no_branch_has_any_more_is_found(repository: Registry, tmp_path: Path) -> None:
    gone = repository.git("rev-parse", "HEAD")
    repository.git("reset", "--hard", "--quiet", "HEAD~1")
    make_tree(plan(gone), str(repository.folder / "package"), str(tmp_path / "tree"))
    assert (tmp_path / "tree/train.py").read_text() == "later\n"


def test_the_repository_of_the_current_folder_is_taken_and_a_second_work_tree_is_one(
    repository: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "second"))
    monkeypatch.chdir(tmp_path / "second")
    make_tree(plan(repository.git("rev-parse", "HEAD")), "", str(tmp_path / "tree"))
    assert (tmp_path / "tree/train.py").read_text() == "later\n"


def test_a_repository_without_the_commit_is_refused_and_the_recorded_one_only_named(
    repository: Registry, tmp_path: Path
) -> None:
    remote = f"file://{tmp_path / 'other'}"
    with pytest.raises(RefusedError, match="has no commit"):
        make_tree(plan("b" * 40, remote=remote), str(repository.folder), str(tmp_path / "tree"))


def test_what_is_no_repository_or_runs_programs_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    for wrong in (f"ext::touch {marker}", f"--upload-pack=touch {marker}", str(tmp_path), "nothing", "-x"):
        with pytest.raises((InvalidQueryError, NoAnswerError)):
            make_tree(plan("b" * 40), wrong, str(tmp_path / "tree"))
    assert not marker.exists()


def test_a_diff_that_does_not_fit_changes_nothing_and_is_refused(repository: Registry, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not fit the commit"):
        make_tree(
            plan(repository.git("rev-parse", "HEAD"), dirty=True, diff=DIFF),
            str(repository.folder),
            str(tmp_path / "tree"),
        )
    assert (tmp_path / "tree/train.py").read_text() == "later\n"


def test_git_itself_refuses_a_diff_through_a_link(repository: Registry, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "train.py").write_text("a\n")
    (repository.folder / "link").symlink_to(outside)
    repository.git("add", "link")
    commit = repository.commit()
    diff = DIFF.replace("train.py", "link/train.py")
    with pytest.raises(RefusedError, match="does not fit"):
        make_tree(plan(commit, dirty=True, diff=diff), str(repository.folder), str(tmp_path / "tree"))
    assert (outside / "train.py").read_text() == "a\n"


def test_no_hook_filter_or_monitor_of_any_configuration_runs(
    repository: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "marker"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").symlink_to(program)
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[filter "evil"]\n\tsmudge = {program}\n\tclean = {program}\n\trequired = true\n'
        f"[core]\n\tfsmonitor = {program}\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {hooks.parent}\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(hooks.parent))
    commit = repository.commit(__gitattributes="*.py filter=evil\n", __gitmodules="")
    notes = make_tree(plan(commit), str(repository.folder), str(tmp_path / "tree"))
    assert not marker.exists()
    assert [note.partition(",")[0] for note in notes] == ["2 files", "The repository has submodules"]


def test_a_script_that_git_did_not_track_is_named(repository: Registry, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r'has no "other\.py"'):
        make_tree(
            plan(repository.git("rev-parse", "HEAD"), entry_point="other.py"),
            str(repository.folder),
            str(tmp_path / "t"),
        )
    (repository.folder / "away.py").symlink_to("/etc/passwd")
    repository.git("add", "away.py")
    with pytest.raises(RefusedError, match=r'has no "away\.py"'):
        make_tree(plan(repository.commit(), entry_point="away.py"), str(repository.folder), str(tmp_path / "t2"))


def test_a_manifest_without_code_never_gets_here() -> None:
    assert plan_of(VersionManifest()).commit == ""
