"""Asks git about a repository that is not trusted: nothing that its configuration names runs.

Git's configuration can name programs to run (file system monitor, diff drivers, text converters, content filters,
hooks, transports). Those are switched off, and so are prompts, fetching what is missing, and translated texts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from tb_versions.write.provenance._programs import Answer, ask, find_program

# Each setting switches off a program that git would run if a configuration names one.
_NO_PROGRAMS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=",
    "core.askPass=",
    "credential.helper=",
    "diff.external=",
    "diff.autoRefreshIndex=false",  # `git diff` would write the index; GIT_OPTIONAL_LOCKS=0 does not stop it
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_STABLE_FORMAT = ("core.quotePath=false", "diff.noprefix=false", "diff.mnemonicPrefix=false", "color.ui=false")

_KEPT_GIT_VARIABLES = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")


def find_git() -> str | None:
    """Returns the absolute path of git, or None."""
    return find_program("git")


def ask_git(
    program: str,
    folder: str,
    arguments: Sequence[str],
    deadline: float,
    *,
    overrides: Sequence[str] = (),
    limit: int = 8 << 20,
) -> Answer | None:
    """Returns what git prints; None if it can't be started, fails, or the time is up.

    Args:
        program: Absolute path of git.
        folder: Where it runs.
        arguments: Its command and that one's arguments.
        deadline: Value of `time.monotonic()` after which it is killed.
        overrides: `key=value` settings beside those that are always given.
        limit: Maximum bytes of output; git is killed when it prints more.
    """
    settings = [part for setting in (*_NO_PROGRAMS, *_STABLE_FORMAT, *overrides) for part in ("-c", setting)]
    command = [program, "--no-pager", *settings, "-C", folder, *arguments]
    return ask(command, timeout=deadline - time.monotonic(), environment=_environment(), limit=limit)


def _environment() -> dict[str, str]:
    """This process's environment without variables that make git read elsewhere, prompt, trace, fetch or translate."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_GIT_VARIABLES)
    }
    return kept | {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LANGUAGE": "",
        "LC_ALL": "C",
    }
