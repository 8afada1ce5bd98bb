"""A fresh work tree at a recorded commit, in which nothing runs that a repository or a user's configuration names.

The clone is made without a checkout; from then on git reads no configuration but the clone's own, which git has just
written. So there is no hook, no content filter, no file system monitor; submodules are not entered.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError, NoAnswerError, RefusedError
from tb_versions.trust.reproducing.plan import Plan
from tb_versions.write.provenance.git import find_git

SECONDS = 600.0
"""Time limit of one git command; a clone from far away takes long."""

_ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|(?:[\w.-]+@)?[\w.-]{2,}:[^/\\\s:]\S*", re.ASCII)
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false")
_NO_FILTER = (b"unspecified", b"unset")
_MOST = 300


def make_tree(plan: Plan, repository: str, into: str) -> tuple[str, ...]:
    """Makes a work tree of the recorded commit, with the recorded diff.

    Args:
        plan: What is recorded; `plan.commit` is known.
        repository: What the user named: an address or a folder; "" is the repository of the current folder. Never
            what the manifest says.
        into: The folder to make.

    Returns:
        Sentences about what is not as it was in the original.

    Raises:
        InvalidQueryError: The repository is none that may be cloned.
        RefusedError: It does not have the commit or the script, or the diff does not fit.
        MissingDependencyError: git is not installed.
        NoAnswerError: git failed otherwise, or took too long.
    """
    git = _git()
    _clone(git, repository, into)
    if _ask(git, into, "cat-file", "-e", f"{plan.commit}^{{commit}}").returncode != 0:
        where = visible(repository) or "the repository of the current folder"
        raise RefusedError(
            f"Nothing was run: {where} has no commit {plan.commit}. Name one that has it: --repository PATH_OR_URL"
            + (f". The record names {plan.remote}." if plan.remote else ".")
        )
    _must(git, into, "checkout", "--quiet", "--detach", plan.commit)
    if plan.diff:
        _apply(git, into, plan.diff)
    _check_script(plan, into)
    return tuple(_notes(git, into))


def check_repository(repository: str) -> None:
    """Raises as `make_tree` does where a folder is no repository; an address is not asked.

    Args:
        repository: What the user named: an address or a folder; "" is the repository of the current folder.

    Raises:
        InvalidQueryError: The folder is in no repository.
        MissingDependencyError: git is not installed.
    """
    git = _git()
    if not _is_address(repository):
        _local_repository(git, repository or os.curdir)


def _git() -> str:
    git = find_git()
    if git is None:
        raise MissingDependencyError("git is not installed, and the code is in a git repository. Install it.")
    return git


def _is_address(repository: str) -> bool:
    return bool(_ADDRESS.fullmatch(repository)) and not os.path.isdir(repository)


def _clone(git: str, repository: str, into: str) -> None:
    if _is_address(repository):
        kind: Sequence[str] = ("--no-single-branch",)
        source, protocols = repository, "https:http:ssh:git:file"
    else:
        kind, protocols = ("--local", "--no-hardlinks"), "file"
        source = _local_repository(git, repository or os.curdir)
    command = [git, *_QUIET, "clone", "--quiet", "--no-checkout", "--template=", *kind, "--", source, into]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = _run(command, {**kept, "GIT_ALLOW_PROTOCOL": protocols, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"})
    if done.returncode != 0:
        raise NoAnswerError(f"{visible(source)} can't be cloned: {_said(done)}")


def _local_repository(git: str, folder: str) -> str:
    """The folder of git's own files of a repository; the work tree that was named may be one of several."""
    if not os.path.isdir(folder):
        raise InvalidQueryError(f"--repository {shown(folder)} is neither a folder nor an address of git's.")
    done = _ask(git, folder, "rev-parse", "--path-format=absolute", "--git-common-dir", own=False)
    if done.returncode != 0:
        raise InvalidQueryError(
            f"{shown(folder)} is in no git repository. Go into the one with the code, or name it: --repository DIR. "
            f"{_said(done)}"
        )
    return os.fsdecode(done.stdout).rstrip("\n")


def _apply(git: str, into: str, diff: str) -> None:
    text = (diff if diff.endswith("\n") else diff + "\n").encode()
    for options in (("--check",), ()):
        done = _ask(git, into, "apply", "--whitespace=nowarn", *options, "-", given=text)
        if done.returncode != 0:
            raise RefusedError(f"Nothing was run: the recorded diff does not fit the commit: {_said(done)}")


def _check_script(plan: Plan, into: str) -> None:
    root = os.path.realpath(into)
    folder = os.path.realpath(os.path.join(into, *plan.folder.split("/")))
    script = os.path.realpath(os.path.join(folder, plan.command[0]))
    wanted = [(plan.folder, folder, os.path.isdir(folder))]
    if plan.command[0] != "-m":
        wanted.append((plan.command[0], script, os.path.isfile(script)))
    for name, path, is_there in wanted:
        if not is_there or os.path.commonpath([path, root]) != root:
            raise RefusedError(
                f"Nothing was run: the commit has no {shown(name)}. It was outside of the repository, or git did not "
                "track it."
            )


def _notes(git: str, into: str) -> list[str]:
    notes = []
    listed = _ask(git, into, "ls-files", "-z").stdout
    told = _ask(git, into, "check-attr", "-z", "--stdin", "filter", given=listed).stdout.split(b"\0")
    filtered = [path for path, value in zip(told[::3], told[2::3], strict=False) if value not in _NO_FILTER]
    if filtered:
        notes.append(
            f"{len(filtered):,} files, such as {shown(os.fsdecode(filtered[0]))}, go through a filter, as those "
            "of Git LFS do; none was run, and they are as git keeps them."
        )
    if os.path.lexists(os.path.join(into, ".gitmodules")):
        notes.append("The repository has submodules, which are not fetched: their folders are empty.")
    return notes


def _must(git: str, folder: str, *arguments: str) -> None:
    done = _ask(git, folder, *arguments)
    if done.returncode != 0:
        raise NoAnswerError(f"git {arguments[0]} failed: {_said(done)}")


def _ask(
    git: str, folder: str, *arguments: str, given: bytes | None = None, own: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Runs git in a folder; `own` is a clone of ours, where no configuration of others counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept |= {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if own:
        kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1"}
    return _run([git, *_QUIET, "-C", folder, *arguments], kept, given)


def _run(
    command: Sequence[str], environment: Mapping[str, str], given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, env=environment, input=given or b"", capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswerError(f"git took longer than {SECONDS:g} s.") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = " ".join(done.stderr.decode("utf-8", "replace").split())
    return visible(lines)[:_MOST] or f"it ended with {done.returncode}."
