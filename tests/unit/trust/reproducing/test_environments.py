"""A fresh environment has the recorded packages; where they come from, the user's configuration says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.manifest import Environment
from tb_versions.errors import InvalidQueryError, NoAnswerError, RefusedError
from tb_versions.trust.reproducing import environments
from tb_versions.trust.reproducing.environments import existing_python, make_environment, why_not_fresh
from tb_versions.trust.reproducing.plan import Plan, plan_of
from tests.support.wheels import wheel
from tests.unit.trust.reproducing.test_grading import COMPLETE

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"


def plan(python: str = HERE, **packages: str) -> Plan:
    return plan_of(replace(COMPLETE, environment=Environment(python=python, packages=packages)))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's pip, without a network, finds packages here."""
    folder = tmp_path / "index"
    wheel(folder, "first", "1.0")
    wheel(folder, "first", "2.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(environments, "find_program", lambda name: None)  # no uv here, if there is one
    return folder


@pytest.mark.slow
def test_a_version_that_no_index_has_is_no_answer_and_pip_says_why(index: Path, tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError, match=r"Nothing was run: python ended with 1: .*first==9\.9"):
        make_environment(plan(first="9.9"), str(tmp_path / "environment"), python="", packages={})


def test_what_can_not_be_installed_by_name_and_version_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    recorded = plan(**{"first": "1.0", "--index-url": "https://evil.example", "x": "1 @ git+https://evil.example/x@1"})
    with pytest.raises(RefusedError, match="can't be installed by name and version"):
        make_environment(recorded, str(tmp_path / "environment"), python="", packages={})
    assert list(tmp_path.iterdir()) == []


def test_without_packages_or_python_there_is_no_fresh_environment() -> None:
    assert len(why_not_fresh(plan(python=""), python="", packages={})) == 2
    assert why_not_fresh(plan(python="", a="1"), python="3.11", packages={}) == ()


def test_a_python_that_is_not_here_is_named(index: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"Python 3\.2 is not here"):
        make_environment(plan(python="3.2.1", first="1.0"), str(tmp_path / "environment"), python="", packages={})


def test_an_environment_that_is_there_is_used(tmp_path: Path) -> None:
    assert existing_python("current") == sys.executable
    with pytest.raises(InvalidQueryError, match="is no environment"):
        existing_python(str(tmp_path))
