"""An environment with exactly the recorded packages, or one that is there already."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidQueryError, NoAnswerError, RefusedError
from tb_versions.trust.reproducing.plan import Plan
from tb_versions.trust.reproducing.requirements import normal
from tb_versions.write.provenance._programs import find_program

CURRENT = "current"
"""Names the environment in which this program runs."""

SECONDS = 3_600.0
"""Time limit for installing."""

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_KEPT_BEGINNINGS = ("PIP_", "UV_", "LC_")
_PROXIES = re.compile(r"(?:https?|no|all)_proxy", re.IGNORECASE)
_MOST = 600


def why_not_fresh(plan: Plan, *, python: str, packages: Mapping[str, str]) -> tuple[str, ...]:
    """Returns why there can't be a fresh environment, sentences.

    Args:
        plan: What is recorded.
        python: What the user named in place of the recorded Python; "".
        packages: What the user named in place of recorded packages: paths by name.
    """
    given = {normal(name) for name in packages}
    lost = [
        f"{shown(name)} with {shown(version)}"
        for name, version in plan.requirements.others.items()
        if normal(name) not in given
    ]
    reasons = []
    if not plan.requirements.exact:
        reasons.append("No packages are recorded for a fresh environment.")
    if not plan.python and not python:
        reasons.append("No version of Python is recorded: give --python.")
    if lost:
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        reasons.append(
            f"{', '.join(lost[:5])}{more} can't be installed by name and version, and addresses and options are not "
            "followed: give --package NAME=PATH, a folder or wheel that you trust."
        )
    return tuple(reasons)


def make_environment(plan: Plan, into: str, *, python: str, packages: Mapping[str, str]) -> str:
    """Makes an environment and installs the recorded packages: with uv where it is there, else with venv and pip.

    Where packages come from, the user's own configuration of uv or pip says. Recorded packages are installed from
    wheels only, so that none of them runs code while it is built.

    Args:
        plan: What is recorded.
        into: The folder to make; the one above it has nothing of a stranger in it.
        python: Path or version that the user named; "" is the recorded version.
        packages: Folders or wheels by the name of the package that they stand for.

    Returns:
        Path of its Python.

    Raises:
        RefusedError: See `why_not_fresh`; or that Python is not here.
        NoAnswerError: Installing failed or took too long.
    """
    reasons = why_not_fresh(plan, python=python, packages=packages)
    if reasons:
        raise RefusedError(f"Nothing was run. {' '.join(reasons)}")
    into = os.path.abspath(into)
    above = os.path.dirname(into)
    given = {normal(name) for name in packages}
    wanted = [each for each in plan.requirements.exact if normal(each.partition("==")[0]) not in given]
    listed = os.path.join(above, "installed.txt")
    with open(listed, "x", encoding="utf-8") as file:
        file.write("\n".join([*wanted, ""]))
    uv = find_program("uv")
    made = os.path.join(into, "bin", "python")
    if uv:
        _must([uv, "venv", "--no-project", "--python", python or plan.python, into], above)
        install = [uv, "pip", "install", "--python", made]
    else:
        _must([_interpreter(plan, python), "-I", "-m", "venv", into], above)
        install = [made, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    _must([*install, "--no-deps", "--only-binary", ":all:", "-r", listed], above)
    if packages:
        _must([*install, "--no-deps", *(os.path.abspath(path) for path in packages.values())], above)
    return made


def existing_python(environment: str) -> str:
    """Returns the Python of an environment that is there. Raises InvalidQueryError."""
    if environment == CURRENT:
        return sys.executable
    path = os.path.join(os.path.abspath(os.path.expanduser(environment)), "bin", "python")
    if not os.access(path, os.X_OK):
        raise InvalidQueryError(f"--environment {shown(environment)} is no environment: there is no {visible(path)}.")
    return path


def _interpreter(plan: Plan, python: str) -> str:
    """A Python of the recorded minor version: what was named, this one, or one on PATH."""
    if python and not re.fullmatch(r"[0-9.]+", python):
        return python
    minor = ".".join((python or plan.python).split(".")[:2])
    if minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    found = find_program(f"python{minor}")
    if found is None:
        raise RefusedError(f"Nothing was run: Python {minor} is not here. Install it or uv, or name one with --python.")
    return found


def _must(command: Sequence[str], folder: str) -> None:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_BEGINNINGS) or _PROXIES.fullmatch(name)
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswerError(f"Nothing was run: installing took longer than {SECONDS:g} s.") from error
    except OSError as error:
        raise NoAnswerError(f"Nothing was run: {visible(command[0])} can't be started: {error.strerror}.") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        name = visible(os.path.basename(command[0]))
        raise NoAnswerError(f"Nothing was run: {name} ended with {done.returncode}: …{visible(said)[-_MOST:]}")
