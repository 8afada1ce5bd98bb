"""Hyperparameters, seeds, files, labels, lineage."""

from __future__ import annotations

import datetime

from tb_versions.comparison import compare_members
from tb_versions.core.manifest import File, Parent, VersionManifest
from tb_versions.read.catalog import LinkedRun
from tests.unit.comparison.making import member, run_member


def manifest(number=1, **fields):
    return VersionManifest(model="m", number=number, **fields)


def test_hyperparameters_keep_their_spelling_and_absent_ones_differ():
    one = member("m:1", hyperparameters={"lr": 0.0003, "rows": 1200, "loss": "mse"})
    two = member("m:2", hyperparameters={"lr": 0.001, "rows": 1200, "dropout": 0.1})
    found = compare_members([one, two, run_member("r")])
    assert [c.text for c in found.row("hyperparameters", "lr").cells] == ["0.0003", "0.001", "not known"]
    assert [c.text for c in found.row("hyperparameters", "rows").cells] == ["1200", "1200", "not known"]
    assert [row.key for row in found.differing if row.group == "hyperparameters"] == ["dropout", "loss", "lr"]


def test_seeds_are_rows():
    found = compare_members([member(f"m:{i}", manifest=manifest(i, seeds={"numpy": i})) for i in (1, 2)])
    assert [c.text for c in found.row("hyperparameters", "seed:numpy").cells] == ["1", "2"]


def test_files_and_sizes():
    files = [File(path=name, size=1, digest="sha256:" + name) for name in "abc"]
    other = File(path="b", size=1, digest="sha256:other")
    one = manifest(1, files=(files[0], files[1]), size_bytes=1000, digest="sha256:1")
    two = manifest(2, files=(other, files[2]), size_bytes=1500, digest="sha256:2")
    found = compare_members([member("m:1", manifest=one), member("m:2", manifest=two)])
    cell = found.row("files", "files").cells[1]
    assert cell.text == "2 files: 1 added, 1 removed, 1 changed"
    assert cell.details == {"added": ["c"], "removed": ["a"], "changed": ["b"]}
    assert found.row("files", "size").cells[1].reasons == ("50 % larger",)
    assert found.row("files", "digest").cells[1].verdict == "other content"


def test_a_manifest_that_equals_the_baselines_is_compared_all_the_same():
    files = (File(path="a", size=1, digest="sha256:a"),)
    found = compare_members([member(f"m:{i}", manifest=manifest(1, files=files)) for i in (1, 2)])
    assert [c.text for c in found.row("files", "files").cells] == ["1 file", "1 file: the same"]


def test_labels_differ_by_value_and_by_presence():
    labels = ({"team": "a", "same": "x"}, {"team": "b", "same": "x", "new": "y"})
    found = compare_members([member(f"m:{i}", manifest=manifest(i, labels=v)) for i, v in enumerate(labels, 1)])
    assert [row.key for row in found.differing if row.group == "labels"] == ["new", "team"]


def relation(*members, baseline=0):
    return [c.text for c in compare_members(members, baseline=baseline).row("lineage", "relation").cells]


def test_parents_and_children():
    parent = member("m:1", manifest=manifest(1))
    child = member("m:2", manifest=manifest(2, parents=(Parent(model="m", number=1, relation="fine_tuned_from"),)))
    assert relation(parent, child) == ["baseline", "fine-tuned from m 1"]
    assert relation(parent, child, baseline=1) == ["m 2 was fine-tuned from it", "baseline"]


def test_exports_of_one_training_and_other_seeds():
    run = LinkedRun("logs/a", 3, None, True)
    one, two = (member(f"m:{i}", manifest=manifest(i), runs=(run,)) for i in (1, 2))
    assert relation(one, two)[1] == "same training as m 1"
    one, two = (member(f"m:{i}", manifest=manifest(i), recipe="same") for i in (1, 2))
    assert relation(one, two)[1] == "m 1 with another seed"


def test_times_and_first_lines():
    created = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
    one = manifest(1, created=created, description="\n# Release\nmore", semantic_version="1.0.0")
    found = compare_members([member("m:1", manifest=one), member("m:2", manifest=manifest(2))])
    assert found.row("lineage", "created").cells[0].text == "2026-11-23 08:00:00 UTC"
    assert found.row("lineage", "description").cells[0].text == "Release"
    assert found.row("lineage", "semantic_version").cells[1].absent
