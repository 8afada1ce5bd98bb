"""Reads a git repository that is not trusted: tags and files of commits, by the git program with fixed arguments.

Nothing is checked out and nothing is fetched, so no hook, filter or transport has a reason to run.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tb_versions.core.manifest import visible
from tb_versions.core.storage import existing_folder
from tb_versions.errors import InvalidQueryError, MissingDependencyError
from tb_versions.write.provenance.git import ask_git, find_git

MAX_FILE = 1 << 20
"""Most bytes of a file that is read."""

_TIMEOUT = 60.0
_MOST_OUTPUT = 64 << 20
_FIELDS = (
    *("refname:strip=2", "objecttype", "*objecttype", "*objectname"),
    *("taggername", "taggerdate:unix", "contents:subject", "contents:body"),
)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class GitTag:
    """A tag.

    Attributes:
        name: Its name.
        commit: That it names; "" where it names something else.
        tagger: Who made it; "" for a lightweight tag.
        time: When, in seconds since 1970; None for a lightweight tag.
        message: Its text.
    """

    name: str
    commit: str
    tagger: str
    time: int | None
    message: str


class Repository:
    """A repository that is open for reading.

    Attributes:
        root: Absolute path of its folder.
    """

    def __init__(self, folder: str) -> None:
        """Looks whether it is one.

        Args:
            folder: A work tree, a folder inside one, or a bare repository.

        Raises:
            UnreadableFolderError: There is no such folder.
            MissingDependencyError: There is no git.
            InvalidQueryError: It is no repository that git reads, or a shallow clone.
        """
        path = os.path.realpath(existing_folder(folder, "The repository"))
        program = find_git()
        if program is None:
            raise MissingDependencyError("Reading GTO's tags needs git, which is not on the PATH. Install it.")
        self._program, self._folder, self._first = program, path, self._own(path)
        self._files: dict[str, str | None] = {}
        shallow = self._ask("rev-parse", "--is-shallow-repository")
        if shallow is None:
            raise InvalidQueryError(
                f"{visible(path)} is no git repository that git reads here. If it is another user's, git wants: "
                f"git config --global --add safe.directory {visible(path)}"
            )
        if shallow.strip() == "true":
            raise InvalidQueryError(
                f"{visible(path)} is a shallow clone, which lacks tags and commits: git fetch --unshallow --tags"
            )

    def identity(self) -> str:
        """Returns what identifies the repository and every clone of it: made of its oldest first commit.

        Raises:
            InvalidQueryError: git fails.
        """
        text = self._answer("rev-list", "--max-parents=0", "--tags", "--timestamp")
        roots = [line.split(" ", 1) for line in text.splitlines() if " " in line]
        oldest = min(((int(time_), commit) for time_, commit in roots if time_.isdigit()), default=(0, ""))
        return hashlib.sha256(f"git {oldest[1]}".encode()).hexdigest()[:16]

    def tags(self) -> list[GitTag]:
        """Returns all tags, by name.

        Raises:
            InvalidQueryError: git fails, or they are too many.
        """
        form = "%00".join(f"%({name})" for name in _FIELDS) + "%00"
        return list(_parsed(self._answer("for-each-ref", f"--format={form}", "refs/tags")))

    def files(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """Returns the texts of those files that a commit has; symlinks and what is no text are left out.

        Args:
            commit: Its full name.
            paths: From the repository's root, with slashes.

        Raises:
            ValueError: One is too large, or git fails; the message names it.
        """
        if not _COMMIT.fullmatch(commit):
            raise ValueError(f"{commit} is no commit")
        listed = self._ask("ls-tree", "-z", "--full-tree", commit, "--", *paths, literal=True)
        if listed is None:
            raise ValueError(f"git does not read the commit {commit[:12]}")
        found = {}
        for entry in filter(None, listed.split("\0")):
            about, _, path = entry.partition("\t")
            mode, kind, blob = about.split(" ")
            if kind == "blob" and mode != "120000" and path in paths:
                found[path] = self._blob(blob, path)
        return found

    def _blob(self, blob: str, path: str) -> str:
        if blob not in self._files:
            size = self._ask("cat-file", "-s", blob)
            is_fit = size is not None and size.strip().isdigit() and int(size) <= MAX_FILE
            self._files[blob] = self._ask("cat-file", "blob", blob) if is_fit else None
        text = self._files[blob]
        if text is None:
            raise ValueError(f"{path} has more than {MAX_FILE >> 20} MiB, or is not in this clone")
        return text

    def _answer(self, *arguments: str) -> str:
        text = self._ask(*arguments)
        if text is None:
            raise InvalidQueryError(f"git {arguments[0]} fails in {visible(self._folder)}, or takes too long.")
        return text

    def _ask(self, *arguments: str, literal: bool = False) -> str | None:
        first = (*self._first, "--literal-pathspecs") if literal else self._first
        deadline = time.monotonic() + _TIMEOUT
        done = ask_git(self._program, self._folder, (*first, *arguments), deadline, limit=_MOST_OUTPUT)
        return None if done is None or done.cut else done.text

    @staticmethod
    def _own(path: str) -> tuple[str, ...]:
        """A bare repository is named, for git finds none by itself that may be somebody's download."""
        is_bare = os.path.isfile(os.path.join(path, "HEAD")) and os.path.isdir(os.path.join(path, "objects"))
        return ("--git-dir", path) if is_bare else ()


def _parsed(text: str) -> Iterator[GitTag]:
    """From `for-each-ref`: each field ends in NUL, each tag in NUL and a line feed."""
    parts = text.split("\0")
    width = len(_FIELDS)
    for at in range(0, len(parts) - width, width):
        name, kind, of, commit, tagger, made, subject, body = parts[at : at + width]
        name = name.removeprefix("\n")
        is_tag = kind == "tag"
        yield GitTag(
            name=name,
            commit=commit if of == "commit" else "",
            tagger=tagger if is_tag else "",
            time=int(made) if is_tag and re.fullmatch(r"-?[0-9]{1,15}", made) else None,
            message=f"{subject}\n\n{body}".strip(),
        )
