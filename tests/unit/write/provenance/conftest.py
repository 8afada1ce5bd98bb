"""Real git repositories, made fresh in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.effort import HANGS

GIT_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Author",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Author",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
}

Git = Callable[..., str]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that nobody's git configuration counts."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


@pytest.fixture
def git(home: Path) -> Git:
    """Runs git in a folder and returns what it prints: `git(folder, "commit", …)`."""

    def run(folder: Path, *arguments: str) -> str:
        environment = {**os.environ, **GIT_IDENTITY}
        command = ["git", "-c", "protocol.file.allow=always", "-C", str(folder), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=HANGS)
        return done.stdout.strip()

    return run


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    """A repository with one commit on `main`: train.py and package/model.py."""
    root = tmp_path / "repository"
    (root / "package").mkdir(parents=True)
    (root / "train.py").write_text("print('training')\n")
    (root / "package" / "model.py").write_text("layers = 3\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=first")
    return root


@pytest.fixture
def run_as(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends that Python was started as `python <script> <arguments>`."""

    def pretend(script: Path | str, *arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", [str(script), *arguments])
        monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)

    return pretend
