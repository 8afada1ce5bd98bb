"""The source code of a version: the git work tree, the script that ran and its arguments.

Runs the git program with fixed arguments, see `git`. Git's rule about other people's repositories (`safe.directory`)
is respected: such a repository is not read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tb_versions.core.manifest import Code
from tb_versions.privacy.diffs import scrub_diff
from tb_versions.privacy.scrub import printable, scrub_arguments, scrub_remote
from tb_versions.write.provenance._entry import Entry, find_entry
from tb_versions.write.provenance._programs import Answer
from tb_versions.write.provenance.git import ask_git, find_git

TIMEOUT = 5.0
"""Time limit in seconds for all git commands together."""

MAX_DIRTY_FILES = 200
"""Maximum number of changed files that are listed."""

MAX_ARGUMENTS = 200
"""Maximum number of arguments that are recorded."""

MAX_ARGUMENT = 1_024
"""Maximum length of one argument in characters."""

_CUT = "…"
_DIFF_SLACK = 64 * 1_024

_STATUS = ("status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=dirty", "--no-renames")
_DIFF = (
    *("diff", "--no-ext-diff", "--no-textconv", "--no-color"),
    *("--ignore-submodules=dirty", "--submodule=short", "--no-renames", "HEAD"),
)

# Every repository has the last setting, so an empty answer means that git is older than 2.26 and has no --show-scope.
_SETTINGS = r"^(remote\..*\.url|branch\..*\.remote|filter\..*|core\.repositoryformatversion)$"

# The filters that `git lfs install --local` writes; no other content filter of a repository may run.
_KNOWN_FILTERS = frozenset({"git-lfs clean -- %f", "git-lfs smudge -- %f", "git-lfs filter-process"})


def capture_code(start: Path | None = None, *, diff_limit: int = 0, timeout: float = TIMEOUT) -> Code | None:
    """Captures the state of the git work tree, the script that ran and its arguments.

    Never raises and never writes. Without git, without a repository, or if git refuses or is too slow, the facts that
    need git are missing and the others are there. Only tracked files count, and submodules are not entered. Secrets
    are masked as `scrub` describes.

    Args:
        start: A folder in the work tree. Default: the folder of the running script; for a notebook, an interactive
            session or an installed program such as pytest, the current folder.
        diff_limit: Maximum size of `git diff HEAD` in bytes of UTF-8; 0 records no diff.
        timeout: Time limit in seconds for all git commands together.

    Returns:
        The facts: commit is "" before the first commit, branch is "" if HEAD is detached, dirty is None if unknown, and
        at most 200 dirty files are listed, in git's order. None if neither a repository nor a script is known.
    """
    entry = find_entry()
    git = _open(Path(start) if start is not None else Path(entry.folder or os.curdir), timeout)
    arguments = _arguments(entry)
    name = printable(_entry_point(entry, git))
    if git is None:
        return Code(entry_point=name, arguments=arguments) if name or arguments else None
    commit = git.line("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
    branch = git.line("symbolic-ref", "--quiet", "--short", "HEAD")
    dirty_files = git.dirty_files()
    diff, truncated = git.diff(diff_limit) if commit and dirty_files and diff_limit > 0 else ("", False)
    return Code(
        commit=commit,
        branch=printable(branch),
        remote=git.remote(branch),
        dirty=None if dirty_files is None else bool(dirty_files),
        dirty_files=tuple(printable(path) for path in (dirty_files or [])[:MAX_DIRTY_FILES]),
        diff=diff,
        diff_truncated=truncated,
        entry_point=name,
        arguments=arguments,
        folder=_folder(git.root),
    )


@dataclass(frozen=True)
class _WorkTree:
    """A git work tree that may be read.

    Attributes:
        program: Absolute path of git.
        root: Absolute path of the work tree.
        deadline: Value of `time.monotonic()` after which no git command is started.
        settings: Keys and values of the relevant git configuration.
        overrides: `key=value` settings that switch the repository's own filters off; None if that is impossible, so
            that files must not be compared.
    """

    program: str
    root: str
    deadline: float
    settings: Sequence[tuple[str, str]]
    overrides: tuple[str, ...] | None

    def ask(self, *arguments: str, limit: int = 8 << 20) -> Answer | None:
        """Returns git's output; None if git fails or the time is up."""
        return ask_git(self.program, self.root, arguments, self.deadline, overrides=self.overrides or (), limit=limit)

    def line(self, *arguments: str) -> str:
        """Returns git's output as one line; "" if there is none."""
        answer = self.ask(*arguments)
        return answer.text.rstrip("\n") if answer else ""

    def dirty_files(self) -> list[str] | None:
        """Returns tracked files that differ from the commit, relative to the root; None if unknown."""
        answer = self.ask(*_STATUS) if self.overrides is not None else None
        return None if answer is None else [entry[3:] for entry in answer.text.split("\0") if len(entry) > 3]

    def remote(self, branch: str) -> str:
        """Returns the scrubbed URL of the branch's remote, else of `origin`, else of the first remote."""
        urls = {
            key.removeprefix("remote.").removesuffix(".url"): value
            for key, value in reversed(self.settings)
            if key.startswith("remote.")
        }
        upstream = dict(self.settings).get(f"branch.{branch}.remote", "")
        first = next(reversed(urls), "")
        return scrub_remote(next((urls[name] for name in (upstream, "origin", first) if name in urls), ""))

    def diff(self, limit: int) -> tuple[str, bool]:
        """Returns `git diff HEAD`, at most `limit` bytes of UTF-8, and whether it was cut."""
        answer = self.ask(*_DIFF, limit=limit + _DIFF_SLACK)
        if answer is None:
            return "", False
        # The last line of a cut answer may end in half a token, which no pattern for secrets would match.
        output = answer.output.rpartition(b"\n")[0] if answer.cut else answer.output
        scrubbed = scrub_diff(output.decode("utf-8", "replace")).encode()
        return scrubbed[:limit].decode("utf-8", "ignore"), answer.cut or len(scrubbed) > limit


def _open(start: Path, timeout: float) -> _WorkTree | None:
    """The work tree around a folder; None without git, without a repository, or if git refuses."""
    program = find_git()
    deadline = time.monotonic() + timeout
    root = _root(program, os.path.abspath(start), deadline) if program else ""
    if program is None or not root:
        return None
    answer = ask_git(program, root, ("config", "--null", "--show-scope", "--get-regexp", _SETTINGS), deadline)
    settings = list(_parse_settings(answer.text)) if answer else []
    overrides = _filter_overrides(settings) if answer else None
    return _WorkTree(program, root, deadline, [setting[1:] for setting in settings], overrides)


def _root(program: str, folder: str, deadline: float) -> str:
    answer = ask_git(program, folder, ("rev-parse", "--show-toplevel"), deadline)
    return os.fsdecode(answer.output).rstrip("\n") if answer else ""


def _parse_settings(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields (scope, key, value) from `git config --null --show-scope`, in git's order: later ones win."""
    parts = text.split("\0")
    for scope, setting in zip(parts[::2], parts[1::2], strict=False):
        key, _, value = setting.partition("\n")
        yield scope, key, value


def _filter_overrides(settings: Iterable[tuple[str, str, str]]) -> tuple[str, ...] | None:
    """Settings that switch off the content filters which the repository's own configuration defines.

    None if a filter's name has an equals sign, because such a name can't be overridden on the command line.
    """
    keys = [
        key
        for scope, key, value in settings
        if scope in ("local", "worktree") and key.startswith("filter.") and value not in _KNOWN_FILTERS
    ]
    if any("=" in key for key in keys):
        return None
    programs = [key for key in keys if key.endswith((".clean", ".smudge", ".process"))]
    optional = {key.rpartition(".")[0] + ".required" for key in programs}
    return (*(f"{key}=" for key in programs), *(f"{key}=false" for key in sorted(optional)))


def _entry_point(entry: Entry, git: _WorkTree | None) -> str:
    """The script's path in the work tree, its bare name outside of it, or how Python was started."""
    if entry.label or not entry.script:
        return entry.label
    name = os.path.basename(entry.script)
    if git is None or not entry.folder or _root(git.program, entry.folder, git.deadline) != git.root:
        return name
    prefix = ask_git(git.program, entry.folder, ("rev-parse", "--show-prefix"), git.deadline)
    return (prefix.text.rstrip("\n") if prefix else "") + name


def _folder(root: str) -> str:
    """The current folder's path in a work tree, "." at its top; "" outside of it."""
    try:
        path = os.path.relpath(os.path.realpath(os.curdir), os.path.realpath(root))
    except (OSError, ValueError):  # the current folder was deleted, or git said nonsense
        return ""
    return "" if path.split(os.sep)[0] == os.pardir else printable(path.replace(os.sep, "/"))


def _arguments(entry: Entry) -> tuple[str, ...]:
    """The masked arguments; `…` marks where they were cut."""
    more = (_CUT,) if len(entry.arguments) > MAX_ARGUMENTS else ()
    return tuple(_short(argument) for argument in scrub_arguments(entry.arguments[:MAX_ARGUMENTS])) + more


def _short(argument: str) -> str:
    text = printable(argument)
    return text if len(text) <= MAX_ARGUMENT else text[: MAX_ARGUMENT - 1] + _CUT
