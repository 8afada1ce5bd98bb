"""Same graph, same weights, another architecture."""

from __future__ import annotations

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.rows.graphs import compare_graphs
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import File, Fingerprint, MetaGraph, SavedModel, Shape, Variable, VersionManifest
from tb_versions.savedmodel import read_saved_model
from tests.unit.comparison.making import member, run_member


def variable(name, *dimensions):
    return Variable(name=name, dtype="float32", shape=Shape(dimensions=dimensions))


def manifest(*variables, ops=None, weights="", graph="", digest="", files=()):
    model = SavedModel(
        meta_graphs=(MetaGraph(tags=("serve",), ops={"MatMul": 1} if ops is None else ops),),
        variables=variables,
        parameter_count=10,
        fingerprint=Fingerprint(checkpoint_hash=weights, graph_def_program_hash=graph) if weights or graph else None,
    )
    return VersionManifest(model="m", number=1, saved_model=model, digest=digest, files=files)


KERNEL, BIAS = variable("dense/kernel", 4, 3), variable("dense/bias", 3)
BASE = manifest(KERNEL, BIAS, weights="1", graph="1")


def weights_file(digest):
    return (File(path="variables/variables.data-00000-of-00001", size=1, digest=digest),)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "basis"),
    [
        (manifest(digest="sha256:a"), manifest(KERNEL, digest="sha256:a"), "identical content", "digest"),
        (
            manifest(KERNEL, digest="sha256:b"),
            manifest(BIAS, digest="sha256:a"),
            "different architecture",
            "parsed graph",
        ),
        (
            manifest(KERNEL, digest="sha256:a"),
            manifest(BIAS, digest="sha256:b"),
            "different architecture",
            "parsed graph",
        ),
        (BASE, manifest(KERNEL, BIAS, weights="1", graph="1"), "same graph and weights", "fingerprint"),
        (BASE, manifest(KERNEL, BIAS, weights="2", graph="1"), "same graph, new weights", "fingerprint"),
        (BASE, manifest(KERNEL, BIAS, weights="2", graph="2"), "same architecture, new weights", "parsed graph"),
        (
            BASE,
            manifest(KERNEL, BIAS, ops={"MatMul": 2}, weights="1", graph="2"),
            "same weights, other graph",
            "fingerprint",
        ),
        (BASE, manifest(KERNEL, weights="2", graph="2"), "different architecture", "parsed graph"),
        (BASE, manifest(KERNEL, BIAS, ops={"Conv2D": 1}, weights="2"), "different architecture", "parsed graph"),
        (
            BASE,
            manifest(KERNEL, BIAS, ops={"MatMul": 1, "Identity": 9}, weights="2"),
            "same architecture, new weights",
            "parsed graph",
        ),
        (manifest(KERNEL), manifest(KERNEL), "same architecture", "parsed graph"),
        (manifest(KERNEL), manifest(variable("dense/kernel", 5, 3)), "different architecture", "parsed graph"),
        (
            manifest(KERNEL, files=weights_file("a")),
            manifest(KERNEL, files=weights_file("a")),
            "same graph and weights",
            "digest",
        ),
        (
            manifest(KERNEL, files=weights_file("a")),
            manifest(KERNEL, files=weights_file("b")),
            "same architecture, new weights",
            "parsed graph",
        ),
        (BASE, VersionManifest(model="m", number=2), "unknown", ""),
    ],
)
def test_verdict(old, new, verdict, basis):
    finding = compare_graphs(old, new)
    assert (finding.verdict, finding.basis) == (verdict, basis)


def test_variables_that_came_went_and_changed_are_named():
    new = manifest(variable("dense/kernel", 4, 5), variable("norm/gamma", 5), weights="2")
    finding = compare_graphs(BASE, new)
    assert (finding.added, finding.removed) == (("norm/gamma",), ("dense/bias",))
    assert finding.reshaped == (("dense/kernel", "float32[4,3]", "float32[4,5]"),)
    assert any("1 variable reshaped: dense/kernel float32[4,3] → float32[4,5]" in reason for reason in finding.reasons)


def test_a_size_of_0_is_no_unknown_size():
    finding = compare_graphs(manifest(variable("rows", 0, -1)), manifest(variable("rows", -1, 0)))
    assert finding.reshaped == (("rows", "float32[0,?]", "float32[?,0]"),)


def test_ops_are_counted():
    finding = compare_graphs(BASE, manifest(KERNEL, BIAS, ops={"MatMul": 3, "Relu": 1}))
    assert finding.ops == {"MatMul": (1, 3), "Relu": (0, 1)}


@pytest.mark.parametrize("names", [("dense_7/kernel", "dense_7/bias"), ("net/dense/kernel", "net/dense/bias")])
def test_counters_and_shared_folders_in_names_are_no_difference(names):
    renamed = manifest(variable(names[0], 4, 3), variable(names[1], 3), weights="2")
    assert compare_graphs(BASE, renamed).verdict == "same architecture, new weights"


def test_counters_stay_where_they_tell_variables_apart():
    two = manifest(variable("dense/kernel", 4, 3), variable("dense_1/kernel", 3, 3))
    other = manifest(variable("dense/kernel", 4, 3), variable("dense_2/kernel", 4, 4))
    assert compare_graphs(two, other).verdict == "different architecture"


def test_two_copies_of_one_serving_model_have_identical_content(test_data):
    manifests = []
    for version in ("00000123", "00000124"):
        folder = test_data / "savedmodels" / "saved_model_half_plus_two_2_versions" / version
        files = digest_files(folder, list_files(folder))
        model = read_saved_model(folder)
        manifests.append(
            VersionManifest(model="m", number=1, saved_model=model, files=files, digest=version_digest(files))
        )
    assert compare_graphs(*manifests).verdict == "identical content"


def test_rows_of_versions_and_runs():
    comparison = compare_members(
        [member("m:1", manifest=BASE), member("m:2", manifest=manifest(KERNEL)), run_member("r")]
    )
    row = comparison.row("graph", "graph")
    assert [cell.verdict for cell in row.cells] == ["", "different architecture", ""]
    assert row.cells[1].details["removed"] == ["dense/bias"]
    assert comparison.row("graph", "variables").cells[0].value == 2
    assert comparison.row("graph", "layers").cells[0].value == 1
    assert not comparison.row("graph", "parameters").differs
