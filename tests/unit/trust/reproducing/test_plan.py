"""Shell lines, requirements and variables of a record."""

from __future__ import annotations

from dataclasses import replace

import tomllib

from tb_versions.core.manifest import VersionManifest
from tb_versions.trust.reproducing.plan import plan_of, pyproject_toml, requirements_txt
from tests.unit.trust.reproducing.test_grading import COMPLETE, DIFF, with_code


def test_a_complete_record_is_done_by_hand_with_these_lines() -> None:
    plan = plan_of(replace(with_code(remote="https://host/a.git", diff=DIFF, dirty=True), seeds={"python_hash": 7}))
    assert plan.grade == "complete"
    assert plan.commands == (
        "git clone https://host/a.git work/project",
        "cd work/project",
        f"git checkout --detach {'a' * 40}",
        "git apply ../../code.diff",
        "python3.11 -m venv ../../environment",
        "../../environment/bin/python -m pip install --no-deps -r ../../requirements.txt",
        "PYTHONHASHSEED=7 ../../environment/bin/python train.py --units 3",
    )


def test_a_command_of_another_folder_is_run_there() -> None:
    plan = plan_of(with_code(entry_point="a/b/train.py", folder="a/b"))
    assert plan.commands[-2:] == ("cd a/b", "../../../../environment/bin/python train.py --units 3")


def test_where_something_stops_there_are_no_lines_to_copy() -> None:
    assert plan_of(with_code(arguments=("***",))).commands == ()
    assert plan_of(VersionManifest()).commands == ()


def test_lines_to_copy_are_quoted_and_obey_no_terminal() -> None:
    plan = plan_of(with_code(arguments=("$(touch x)", "; rm -rf .", "`x`"), remote="https://host/$(touch y)"))
    assert plan.commands[-1].endswith("train.py '$(touch x)' '; rm -rf .' '`x`'")
    assert plan.commands[0] == "git clone 'https://host/$(touch y)' work/project"
    assert plan_of(with_code(arguments=("a\nrm -rf .",))).commands == ()


def test_an_address_that_runs_programs_is_no_remote() -> None:
    for remote in ("ext::sh -c touch", "--upload-pack=x", "/etc", "file:///etc"):
        assert plan_of(with_code(remote=remote)).remote == ""


def test_requirements_are_written_for_pip_and_uv() -> None:
    environment = replace(COMPLETE.environment, packages={"numpy": "2.1.0", "-r": "x\n-r y"})  # type: ignore[type-var]
    plan = plan_of(replace(COMPLETE, environment=environment))
    assert [line for line in requirements_txt(plan).splitlines() if not line.startswith("#")] == ["numpy==2.1.0"]
    project = tomllib.loads(pyproject_toml(plan))["project"]
    assert (project["dependencies"], project["requires-python"]) == (["numpy==2.1.0"], "==3.11.7")
