"""What a record lacks, and whether something may be run all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tb_versions.core.manifest import (
    Code,
    Dataset,
    Environment,
    Hardware,
    Parent,
    Seeding,
    VersionManifest,
)
from tb_versions.trust.reproducing.grading import assumptions_of, command_of, folder_of, gaps_of, is_script

DIGEST = "sha256:" + "a" * 64
DIFF = "diff --git a/train.py b/train.py\nindex 1..2 100644\n--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-a\n+b\n"

COMPLETE = VersionManifest(
    model="digits",
    number=1,
    code=Code(commit="a" * 40, dirty=False, entry_point="train.py", arguments=("--units", "3")),
    environment=Environment(python="3.11.7", packages={"numpy": "2.1.0"}),
    hardware=Hardware(cpu="A processor", logical_cores=8),
    datasets=(Dataset(name="x", digest=DIGEST, digest_of="file", split="train"),),
    seeds={"set_seeds": 3},
    seeding=Seeding(seed=3, was_set=("numpy", "python")),
)


def told(manifest: VersionManifest) -> list[tuple[str, bool]]:
    return [(gap.about, gap.stops) for gap in gaps_of(manifest)]


def with_code(**changes: object) -> VersionManifest:
    assert COMPLETE.code is not None
    return replace(COMPLETE, code=replace(COMPLETE.code, **changes))


def test_a_complete_record_has_no_gap() -> None:
    assert gaps_of(COMPLETE) == ()
    assert gaps_of(with_code(dirty=True, dirty_files=("train.py",), diff=DIFF)) == ()


def test_a_record_of_nothing_says_everything_is_missing() -> None:
    found = gaps_of(VersionManifest(model="digits", number=1))
    assert [gap.about for gap in found] == ["code", "command", "environment", "data", "seeds", "hardware"]
    assert [gap.about for gap in found if gap.stops] == ["code", "command"]
    assert all("ext time" in gap.text for gap in found)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"commit": ""}, [("code", True)]),
        ({"commit": "HEAD"}, [("code", True)]),
        ({"commit": "--upload-pack=x"}, [("code", True)]),
        ({"dirty": None}, [("code", False)]),
        ({"dirty": True, "dirty_files": ("a.py",)}, [("code", False)]),
        ({"dirty": True, "diff": DIFF, "diff_truncated": True}, [("code", True)]),
        ({"dirty": True, "diff": DIFF.replace("+b", '+key = "***"')}, [("code", True)]),
        ({"dirty": True, "diff": DIFF.replace("train.py", "../x.py")}, [("code", True)]),
        ({"entry_point": "notebook"}, [("command", True)]),
        ({"entry_point": "-c"}, [("command", True)]),
        ({"entry_point": "pytest"}, [("command", True)]),
        ({"entry_point": "/etc/x.py"}, [("command", True)]),
        ({"entry_point": "../x.py"}, [("command", True)]),
        ({"arguments": ("--api-key=***",)}, [("command", True)]),
        ({"arguments": ("--password", "***", "x")}, [("command", True)]),
        ({"arguments": ("a", "…")}, [("command", True)]),
        ({"arguments": ("~/data",)}, [("command", True)]),
        ({"arguments": ("--data=~/x",)}, [("command", True)]),
        ({"arguments": ("a~b", "x~")}, []),
    ],
)
def test_each_gap_of_the_code_says_whether_something_may_be_run(
    changes: dict[str, object], expected: list[tuple[str, bool]]
) -> None:
    assert told(with_code(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"environment": None}, ["environment"]),
        ({"environment": Environment(python="PyPy 7.3", packages={"a": "1"})}, ["environment"]),
        ({"environment": Environment(python="3.11.7", packages={"a": "1 (editable)", "-r": "x"})}, ["environment"] * 2),
        ({"datasets": ()}, ["data"]),
        ({"datasets": (Dataset(name="x", split="train"),)}, ["data"]),
        ({"datasets": (Dataset(name="x", digest=DIGEST, digest_of="array", split="test"),)}, ["data"]),
        ({"datasets": (Dataset(name="x", digest=DIGEST, digest_of="sample of 100 elements"),)}, ["data"]),
        ({"seeding": None}, ["seeds"]),
        ({"seeding": None, "seeds": {}}, ["seeds"]),
        ({"seeding": Seeding(seed=3, could_not=("One.", "Two."))}, ["seeds", "seeds"]),
        ({"hardware": None}, ["hardware"]),
    ],
)
def test_other_gaps_stop_nothing(changes: dict[str, object], about: list[str]) -> None:
    assert told(replace(COMPLETE, **changes)) == [(each, False) for each in about]


def test_what_a_manifest_hides_is_made_visible() -> None:
    said = gaps_of(with_code(arguments=("***\u202e\x1b[2J",)))[0].text
    assert "\u202e" not in said
    assert "\x1b" not in said


def test_what_no_manifest_says_is_assumed_and_told() -> None:
    said = " ".join(
        assumptions_of(
            replace(
                with_code(arguments=("https://host/x", "--out=/data/models")), parents=(Parent(model="m", number=2),)
            )
        )
    )
    assert "Environment variables are never recorded" in said
    assert "may have lost a user name, password or query" in said
    assert "leads out of the work tree" in said
    assert "made from m:2" in said


def test_a_module_runs_as_a_module() -> None:
    assert command_of(Code(entry_point="-m pkg.train", arguments=("x",))) == ("-m", "pkg.train", "x")
    assert command_of(Code(entry_point="-m pkg train")) == ()
    assert command_of(Code(entry_point="-m pkg;x")) == ()


def test_a_script_is_named_as_the_folder_in_which_it_ran_has_it() -> None:
    code = Code(entry_point="a/train.py", arguments=("x",), folder="a")
    assert (command_of(code), folder_of(code)) == (("train.py", "x"), "a")
    assert command_of(replace(code, folder="b/c"))[0] == "../../a/train.py"
    for wrong in ("..", "/etc", "a/../..", ".git", "-x", "a\n", ""):
        assert (command_of(replace(code, folder=wrong))[0], folder_of(replace(code, folder=wrong))) == (
            "a/train.py",
            ".",
        )


@pytest.mark.parametrize(
    "script", ["-x.py", "a/-cpass.py", "a/../b.py", ".git/x.py", "a\\b.py", "a\n.py", "C:x.py", "x.sh", ".py/"]
)
def test_a_script_lies_in_the_work_tree(script: str) -> None:
    assert not is_script(script)


def test_what_git_does_not_track_is_an_assumption_for_nobody_records_it() -> None:
    assert any("git does not track" in each for each in assumptions_of(COMPLETE))
    assert not any("git does not track" in each for each in assumptions_of(replace(COMPLETE, code=None)))
