"""What a manifest says of how its version was made, in the form in which it is made again. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tb_versions.core.manifest import VersionManifest, hidden_character, visible
from tb_versions.privacy.scrub import scrub_remote
from tb_versions.trust.reproducing.grading import COMMIT, Gap, assumptions_of, command_of, folder_of, gaps_of
from tb_versions.trust.reproducing.requirements import Requirements, python_of, requirements_of

TREE = "work/project"
"""The work tree below the folder in which a version is trained again."""

ENVIRONMENT = "environment"
"""The folder of the fresh environment, likewise."""


@dataclass(frozen=True)
class Plan:
    """What it takes to train a version again.

    Attributes:
        manifest: Of the version; nobody vouches for what it says.
        findings: What the record lacks.
        assumed: What no manifest records, sentences.
        requirements: The packages.
        python: Version of CPython like "3.11.7"; "" where it is not known.
        command: Script and arguments behind `python`; () where it is not known what ran.
        folder: Of the work tree, in which it ran; "." is its top.
    """

    manifest: VersionManifest
    findings: tuple[Gap, ...]
    assumed: tuple[str, ...]
    requirements: Requirements
    python: str
    command: tuple[str, ...]
    folder: str

    @property
    def grade(self) -> Literal["complete", "gaps"]:
        """Whether anything is missing."""
        return "gaps" if self.findings else "complete"

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, a sentence or two each, with the remedy for next time."""
        return tuple(gap.text for gap in self.findings)

    @property
    def commit(self) -> str:
        """The whole commit id; "" where none is recorded."""
        code = self.manifest.code
        return code.commit if code and COMMIT.fullmatch(code.commit) else ""

    @property
    def diff(self) -> str:
        """The diff to the commit; "" where there is none, or it must not be applied."""
        code = self.manifest.code
        return code.diff if code and not any(gap.stops and gap.about == "code" for gap in self.findings) else ""

    @property
    def remote(self) -> str:
        """The recorded address of the repository, for people; "" where it is none of git's usual ones."""
        recorded = self.manifest.code.remote if self.manifest.code else ""
        usual = recorded == scrub_remote(recorded) and not recorded.startswith("-")
        return recorded if usual and hidden_character(recorded) is None else ""

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables that the record asks for."""
        seed = self.manifest.seeds.get("python_hash", -1)
        return {"PYTHONHASHSEED": str(seed)} if 0 <= seed < 2**32 else {}

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """Shell lines that do it by hand, in the folder that `tb-versions reproduce REF --out DIR` wrote.

        () where it is not known what to run, or where a word of it has characters that a terminal obeys.
        """
        lines = tuple(self._lines())
        hidden = any(hidden_character(line) is not None for line in lines)
        return () if hidden or any(gap.stops for gap in self.findings) else lines

    def _lines(self) -> Iterator[str]:
        up = "/".join(".." for _ in TREE.split("/"))
        yield f"git clone {shlex.quote(self.remote or 'REPOSITORY')} {TREE}"
        yield f"cd {TREE}"
        yield f"git checkout --detach {self.commit}"
        if self.diff:
            yield f"git apply {up}/code.diff"
        version = ".".join(self.python.split(".")[:2]) if self.python else "3"
        yield f"python{version} -m venv {up}/{ENVIRONMENT}"
        python = f"{up}/{ENVIRONMENT}/bin/python"
        yield f"{python} -m pip install --no-deps -r {up}/requirements.txt"
        if self.folder != ".":
            yield f"cd {shlex.quote(self.folder)}"
            python = "/".join([*(".." for _ in self.folder.split("/")), python])
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        yield " ".join([*variables, shlex.join([python, *self.command])])


def plan_of(manifest: VersionManifest) -> Plan:
    """Returns what it takes to train a version again, and what is missing for it."""
    environment = manifest.environment
    return Plan(
        manifest,
        gaps_of(manifest),
        assumptions_of(manifest),
        requirements_of(environment.packages if environment else {}),
        python_of(environment.python) if environment else "",
        command_of(manifest.code),
        folder_of(manifest.code),
    )


def requirements_txt(plan: Plan) -> str:
    """Returns the packages in pip's form; those that no index has are comments."""
    said = [f"# not from an index: {visible(name)} {visible(version)}" for name, version in _others(plan)]
    return "\n".join([*plan.requirements.exact, *said, ""])


def pyproject_toml(plan: Plan) -> str:
    """Returns the packages in the form that `uv sync` reads."""
    lines = ["[project]", 'name = "train-again"', 'version = "0"']
    if plan.python:
        lines.append(f'requires-python = "=={plan.python}"')
    lines += ["dependencies = [", *(f'  "{requirement}",' for requirement in plan.requirements.exact), "]"]
    lines += [f"# not from an index: {visible(name)} {visible(version)}" for name, version in _others(plan)]
    return "\n".join([*lines, "", "[tool.uv]", "package = false", ""])


def _others(plan: Plan) -> Iterator[tuple[str, str]]:
    return ((name[:200], version[:200]) for name, version in plan.requirements.others.items())
