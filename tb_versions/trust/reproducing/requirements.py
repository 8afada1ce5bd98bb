"""Recorded packages as requirements that name one version each, and nothing else. Pure.

A package's name and version come from a manifest, which anybody may have written, and go to an installer that takes
options, addresses and paths in their place. So only what is a name and a version by PyPA's rules becomes a requirement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?", re.ASCII)
_VERSION = re.compile(  # https://packaging.python.org/en/latest/specifications/version-specifiers/
    r"(?:[0-9]{1,9}!)?[0-9]{1,20}(?:\.[0-9]{1,20}){0,9}"
    r"(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]{0,20})?"
    r"(?:-[0-9]{1,20}|[-_.]?(?:post|rev|r)[-_.]?[0-9]{0,20})?"
    r"(?:[-_.]?dev[-_.]?[0-9]{0,20})?"
    r"(?:\+[a-z0-9]{1,40}(?:[-_.][a-z0-9]{1,40}){0,9})?",
    re.ASCII | re.IGNORECASE,
)
_PYTHON = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?:(?:a|b|rc)[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Requirements:
    """The packages of a version.

    Attributes:
        exact: `name==version`, sorted by name.
        others: Those that no index has under a name and a version: name to what is recorded, such as "1.2 (editable)".
    """

    exact: tuple[str, ...]
    others: Mapping[str, str]


def requirements_of(packages: Mapping[str, str]) -> Requirements:
    """Returns the recorded packages, divided into those that can be installed by name and version and the others."""
    exact: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, version in packages.items():
        if _NAME.fullmatch(name) and _VERSION.fullmatch(version) and normal(name) not in exact:
            exact[normal(name)] = f"{name}=={version}"
        else:
            others[name] = version
    return Requirements(tuple(exact[name] for name in sorted(exact)), others)


def normal(name: str) -> str:
    """Returns a package's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_of(recorded: str) -> str:
    """Returns a recorded version of CPython like "3.11.7"; "" if it is none."""
    return recorded if _PYTHON.fullmatch(recorded) else ""
