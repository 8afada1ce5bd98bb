"""What is known of the code, in real repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.manifest import Code
from tb_versions.write.provenance import _entry, code
from tests.support.effort import HANGS
from tests.unit.write.provenance.conftest import Git

pytestmark = pytest.mark.slow

RunAs = Callable[..., None]


def capture(start: Path, **options: int) -> Code:
    """Captures and insists on an answer."""
    captured = code.capture_code(start, **options)
    assert captured is not None
    return captured


@pytest.fixture
def program_that_leaves_a_mark(tmp_path: Path) -> tuple[Path, Path]:
    """A program, and the file that exists once somebody has run it."""
    program, mark = tmp_path / "evil.sh", tmp_path / "mark"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return program, mark


@pytest.fixture
def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script in git's place."""

    def install(body: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "git").write_text(f"#!/bin/sh\n{body}\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def test_a_clean_tree_has_commit_and_branch(repository: Path, git: Git) -> None:
    captured = capture(repository)
    assert captured.commit == git(repository, "rev-parse", "HEAD")
    assert captured.branch == "main"
    assert captured.dirty is False
    assert captured.dirty_files == ()
    assert captured.diff == ""


def test_a_subfolder_gives_the_same_facts(repository: Path) -> None:
    assert capture(repository / "package") == capture(repository)


def test_changed_tracked_files_are_listed_from_the_root(repository: Path, git: Git) -> None:
    (repository / "package" / "model.py").write_text("layers = 4\n")
    (repository / "new.py").write_text("")
    (repository / "naïve name.py").write_text("")
    git(repository, "add", "naïve name.py")
    captured = capture(repository / "package")
    assert captured.dirty is True
    assert set(captured.dirty_files) == {"package/model.py", "naïve name.py"}


def test_untracked_files_leave_the_tree_clean(repository: Path) -> None:
    (repository / "new.py").write_text("")
    assert capture(repository).dirty is False


def test_at_most_200_changed_files_are_listed(repository: Path, git: Git) -> None:
    for number in range(201):
        (repository / f"{number}.txt").write_text("")
    git(repository, "add", ".")
    assert len(capture(repository).dirty_files) == 200


def test_the_diff_is_recorded_only_on_request(repository: Path) -> None:
    (repository / "train.py").write_text("print('more training')\n")
    assert capture(repository).diff == ""
    captured = capture(repository, diff_limit=10_000)
    assert "-print('training')\n+print('more training')\n" in captured.diff
    assert not captured.diff_truncated


def test_a_long_diff_is_cut_at_the_limit_and_says_so(repository: Path) -> None:
    (repository / "train.py").write_text("é\n" * 200_000)
    captured = capture(repository, diff_limit=1_001)
    assert 995 <= len(captured.diff.encode()) <= 1_001
    assert captured.diff_truncated
    assert captured.diff.endswith(("é", "+", "\n"))


def test_the_diff_replaces_what_is_no_utf8_and_masks_secrets(repository: Path) -> None:
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    (repository / "train.py").write_bytes(b"\xe9\n" + f'token = "{secret}"\nurl = "https://u:{secret}@h/"\n'.encode())
    diff = capture(repository, diff_limit=10_000).diff
    assert "+\ufffd\n" in diff
    assert secret not in diff
    assert '+url = "https://h/"\n' in diff


def test_a_diff_leaves_no_half_of_a_secret_at_its_end(repository: Path) -> None:
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    (repository / "train.py").write_text(f"{secret}\n")
    for limit in range(100, 260, 3):
        assert "ghp_" not in capture(repository, diff_limit=limit).diff


def test_a_detached_head_has_no_branch(repository: Path, git: Git) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    captured = capture(repository)
    assert captured.branch == ""
    assert captured.commit


def test_a_repository_without_commits_has_a_branch_only(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "train.py").write_text("")
    git(tmp_path, "add", ".")
    captured = capture(tmp_path, diff_limit=1_000)
    assert (captured.commit, captured.branch, captured.dirty, captured.diff) == ("", "main", True, "")


def test_without_a_repository_the_script_is_what_is_known(tmp_path: Path, run_as: RunAs) -> None:
    run_as(tmp_path / "train.py", "--epochs", "3")
    assert code.capture_code() == Code(entry_point="train.py", arguments=("--epochs", "3"))


def test_nothing_known_is_none(tmp_path: Path, run_as: RunAs, monkeypatch: pytest.MonkeyPatch) -> None:
    run_as("")
    monkeypatch.chdir(tmp_path)
    assert code.capture_code() is None


def test_the_folder_in_which_it_ran_is_kept_if_it_is_in_the_repository(
    repository: Path, run_as: RunAs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_as(repository / "train.py")
    for folder, expected in ((repository, "."), (repository / "package", "package"), (tmp_path, "")):
        monkeypatch.chdir(folder)
        captured = code.capture_code()
        assert captured is not None
        assert captured.folder == expected


def test_without_git_the_script_is_what_is_known(
    repository: Path, run_as: RunAs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_as(repository / "train.py")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code.capture_code() == Code(entry_point="train.py")


def test_a_git_in_the_current_folder_is_not_taken(
    repository: Path, monkeypatch: pytest.MonkeyPatch, program_that_leaves_a_mark: tuple[Path, Path]
) -> None:
    program, mark = program_that_leaves_a_mark
    (repository / "git").symlink_to(program)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", os.pathsep.join([".", os.environ["PATH"]]))
    code.capture_code(repository)
    assert not mark.exists()


def test_a_folder_that_does_not_exist_is_no_repository(tmp_path: Path, run_as: RunAs) -> None:
    run_as("train.py")
    assert code.capture_code(tmp_path / "absent") == Code(entry_point="train.py")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:s3cr3t@host/o/r.git?x=1", "https://host/o/r.git"),
        ("ssh://git@host:22/o/r.git", "ssh://host:22/o/r.git"),
        ("git@host:o/r.git", "host:o/r.git"),
        ("/srv/git/r.git", ""),
        ("../r.git", ""),
        ("file:///srv/git/r.git", ""),
    ],
)
def test_the_remote_has_no_user_and_no_local_path(repository: Path, git: Git, url: str, expected: str) -> None:
    git(repository, "remote", "add", "origin", url)
    assert capture(repository).remote == expected


def test_the_remote_is_the_branch_s_own_then_origin_then_the_first(repository: Path, git: Git) -> None:
    git(repository, "remote", "add", "first", "https://host/first")
    git(repository, "remote", "add", "second", "https://host/second")
    assert capture(repository).remote == "https://host/first"
    git(repository, "remote", "add", "origin", "https://host/origin")
    assert capture(repository).remote == "https://host/origin"
    git(repository, "config", "branch.main.remote", "second")
    assert capture(repository).remote == "https://host/second"


def test_a_worktree_is_a_repository_of_its_own(repository: Path, git: Git, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    captured = capture(tmp_path / "side")
    assert captured.branch == "side"
    assert captured.commit == git(repository, "rev-parse", "HEAD")


def test_a_submodule_is_dirty_only_at_another_commit(repository: Path, git: Git, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "add", "--quiet", str(repository), "inner")
    git(outer, "commit", "--quiet", "--message=first")
    (outer / "inner" / "train.py").write_text("changed\n")
    assert capture(outer).dirty is False
    assert capture(outer / "inner").dirty_files == ("train.py",)
    git(outer / "inner", "commit", "--quiet", "--all", "--message=second")
    assert capture(outer).dirty_files == ("inner",)


def test_git_variables_of_the_environment_do_not_lead_elsewhere(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert capture(repository).branch == "main"
    assert not (tmp_path / "trace").exists()


def test_capturing_writes_nothing(repository: Path) -> None:
    """`git diff` updates the index where only the time of a file changed, if it is not told to leave that."""

    def state() -> dict[str, int]:
        return {str(path): path.lstat().st_ctime_ns for path in repository.rglob("*")}

    (repository / "train.py").write_text("print('changed')\n")
    os.utime(repository / "package" / "model.py", (1, 1))
    before = state()
    assert capture(repository, diff_limit=10_000).diff.count("diff --git") == 1
    assert state() == before


@pytest.mark.parametrize(
    "settings",
    [
        {"core.fsmonitor": "{program}"},
        {"diff.external": "{program}"},
        {"diff.evil.command": "{program}"},
        {"diff.evil.textconv": "{program}"},
        {"filter.evil.clean": "{program}", "filter.evil.smudge": "{program}", "filter.evil.required": "true"},
        {"filter.evil.process": "{program}", "filter.evil.required": "true"},
        {"filter.a.b=c.clean": "{program}"},
        {"core.hooksPath": "{folder}"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_hostile_configuration_runs_no_program(
    repository: Path, git: Git, program_that_leaves_a_mark: tuple[Path, Path], settings: dict[str, str]
) -> None:
    program, mark = program_that_leaves_a_mark
    hooks = program.parent / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(program)
    for key, value in settings.items():
        name, _, variable = key.rpartition(".")
        with (repository / ".git" / "config").open("a") as config:
            section, _, subsection = name.partition(".")
            heading = f'[{section} "{subsection}"]' if subsection else f"[{section}]"
            config.write(f"{heading}\n{variable} = {value.format(program=program, folder=hooks)}\n")
    (repository / ".gitattributes").write_text("* diff=evil filter=evil\nmodel.py filter=a.b=c\n")
    (repository / "train.py").write_text("print('changed')\n")
    # The index does not hold this time: git looks at the file, writes the time into the index and calls the hook.
    os.utime(repository / "package" / "model.py", (1, 1))
    captured = capture(repository, diff_limit=10_000)
    assert captured.commit
    assert captured.dirty is not False
    assert not mark.exists()
    for careless in ("status", "diff"):
        subprocess.run(["git", "-C", repository, careless], capture_output=True, check=False, timeout=HANGS)
    assert mark.exists(), "the trap is no trap"


def test_a_user_s_own_filter_still_runs(
    repository: Path, git: Git, home: Path, program_that_leaves_a_mark: tuple[Path, Path]
) -> None:
    program, mark = program_that_leaves_a_mark
    git(repository, "config", "--global", "filter.mine.clean", str(program))
    (repository / ".gitattributes").write_text("* filter=mine\n")
    (repository / "train.py").write_text("print('changed')\n")
    capture(repository)
    assert mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_somebody_else_is_not_read(repository: Path, run_as: RunAs) -> None:
    run_as(repository / "train.py")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    assert code.capture_code() == Code(entry_point="train.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_somebody_else_is_read_where_the_user_trusts_it(repository: Path, git: Git) -> None:
    git(repository, "config", "--global", "safe.directory", str(repository))
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    assert capture(repository).commit


def test_a_hanging_git_does_not_stall(fake_git: Callable[[str], None], repository: Path, run_as: RunAs) -> None:
    run_as(repository / "train.py")
    fake_git("while :; do sleep 60; done")
    assert code.capture_code(timeout=0.3) == Code(entry_point="train.py")


def test_a_git_that_hangs_at_status_leaves_the_other_facts(
    fake_git: Callable[[str], None], repository: Path, git: Git, run_as: RunAs
) -> None:
    run_as(repository / "train.py")
    commit = git(repository, "rev-parse", "HEAD")
    real = code.find_git()
    fake_git(f'case "$*" in *status*) while :; do sleep 60; done;; *) exec {real} "$@";; esac')
    for limit in (1.5, 15, 150):  # that git's other answers fit into; the hanging one takes all of it
        captured = code.capture_code(timeout=limit)
        if captured and captured.branch:
            break
    assert captured == Code(commit=commit, branch="main", dirty=None, entry_point="train.py")


def test_a_git_that_fails_or_prints_nonsense_is_survived(fake_git: Callable[[str], None], repository: Path) -> None:
    fake_git("head -c 100000 /dev/urandom")
    code.capture_code(repository, diff_limit=100)


def test_the_script_is_named_relative_to_the_repository(repository: Path, run_as: RunAs) -> None:
    run_as(repository / "package" / "model.py")
    captured = code.capture_code()
    assert captured is not None
    assert captured.entry_point == "package/model.py"


def test_a_script_outside_of_the_repository_has_its_bare_name(repository: Path, tmp_path: Path, run_as: RunAs) -> None:
    run_as(tmp_path / "elsewhere.py")
    assert capture(repository).entry_point == "elsewhere.py"


def test_the_script_s_folder_counts_not_the_current_one(
    repository: Path, tmp_path: Path, run_as: RunAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(repository / "train.py")
    monkeypatch.chdir(tmp_path)
    captured = code.capture_code()
    assert captured is not None
    assert captured.branch == "main"


def test_for_an_installed_program_the_current_folder_counts(
    repository: Path, run_as: RunAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(Path(sys.prefix) / "bin" / "pytest")
    monkeypatch.chdir(repository)
    captured = code.capture_code()
    assert captured is not None
    assert (captured.entry_point, captured.branch) == ("pytest", "main")


def test_a_notebook_is_called_notebook_and_has_no_arguments(run_as: RunAs, repository: Path) -> None:
    run_as("/opt/python/ipykernel_launcher.py", "-f", "/home/me/kernel-1.json")
    captured = capture(repository)
    assert (captured.entry_point, captured.arguments) == ("notebook", ())


def test_a_module_is_called_by_its_module_name(
    run_as: RunAs, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_as(repository / "package" / "__main__.py", "--x")
    spec = type("Spec", (), {"name": "package.__main__"})
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", spec)
    assert _entry.find_entry().label == "-m package"
    assert capture(repository).entry_point == "-m package"


def test_arguments_are_masked_cut_and_counted(run_as: RunAs, repository: Path) -> None:
    run_as(repository / "train.py", "--token=s3cr3t", "x" * 2_000, "a\nb", "\udc80", *(["y"] * 300))
    arguments = capture(repository).arguments
    assert arguments[:4] == ("--token=***", "x" * 1_023 + "…", "a\\u000ab", "\\udc80")
    assert len(arguments) == 201
    assert arguments[-1] == "…"
