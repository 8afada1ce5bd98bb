"""Packages and machines."""

from __future__ import annotations

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.rows.environment import change_of
from tb_versions.core.manifest import Environment, Gpu, Hardware, VersionManifest
from tests.unit.comparison.making import member, run_member


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("1.2.3", "1.2.3", ""),
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("0.2.3", "0.3.0", "major"),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2", "1.2.1", "patch"),
        ("2.21.0rc1", "2.21.0", "other"),
        ("2.21.0", "2.21.0+cpu", "other"),
        ("", "1.0", "added"),
        ("1.0", None, "removed"),
        ("main", "dev", "other"),
    ],
)
def test_how_a_version_number_changed(old, new, change):
    assert change_of(old, new) == change


def compared(*environments, **fields):
    members = [
        member(f"m:{i}", manifest=VersionManifest(model="m", number=i, environment=e, **fields))
        for i, e in enumerate(environments, 1)
    ]
    return compare_members([*members, run_member("r")])


OLD = Environment(
    python="3.11.7",
    tensorflow="2.20.0",
    packages={"a": "1.0", "b": "1.0", "c": "1.0", "same": "1", "tensorflow": "2.20.0"},
)
NEW = Environment(
    python="3.11.7",
    tensorflow="2.21.0",
    packages={"a": "1.1", "b": "2.0", "d": "1.0", "same": "1", "tensorflow": "2.21.0"},
)


def test_major_changes_come_first():
    keys = [row.key for row in compared(OLD, NEW).rows if row.key.startswith("package:")]
    assert keys == ["package:b", "package:c", "package:d", "package:a", "package:same"]


def test_changes_are_counted():
    assert compared(OLD, NEW).row("environment", "packages").cells[1].text == "1 added, 1 removed, 3 changed (1 major)"


def test_only_what_differs_differs():
    differing = {row.key for row in compared(OLD, NEW).differing if row.group == "environment"}
    assert differing == {"tensorflow", "packages", "package:a", "package:b", "package:c", "package:d"}


def test_an_environment_that_was_not_recorded_makes_no_difference():
    assert [row.key for row in compared(OLD, None).differing if row.group == "environment"] == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "not known"), (float("inf"), "not known"), (0.5, "0.5 s"), (119.0, "119 s"), (120.0, "2 min"),
        (119 * 60.0, "119 min"), (120 * 60.0, "2 h 0 min"), (150 * 60.0, "2 h 30 min"), (1e7, "2,777 h 47 min"),
    ],
)  # fmt: skip
def test_a_training_time_is_in_seconds_minutes_or_hours(seconds, text):
    found = compared(OLD, NEW, training_seconds=seconds)
    cells = [row.cells[0].text for row in found.rows if row.key == "training_seconds"]
    assert cells == ([] if text == "not known" else [text])


def test_hardware():
    machines = (
        Hardware(cpu="A", cores=2, memory_bytes=16_000_000_000),
        Hardware(cpu="B", cores=2, gpus=(Gpu(name="G"),)),
    )
    members = [
        member(f"m:{i}", manifest=VersionManifest(model="m", number=i, hardware=h, training_seconds=60.0 * i * 3))
        for i, h in enumerate(machines, 1)
    ]
    found = compare_members(members)
    assert found.row("hardware", "cpu").differs
    assert not found.row("hardware", "cores").differs
    assert not found.row("hardware", "memory").differs
    assert [c.text for c in found.row("hardware", "gpus").cells] == ["none", "G"]
    assert [c.text for c in found.row("hardware", "training_seconds").cells] == ["3 min", "6 min"]
