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
        fingerprint=Fingerprint(checkpoint_hash=weights, saved_model_checksum=graph) if weights or graph else None,
    )
    return VersionManifest(model="m", number=1, saved_model=model, digest=digest, files=files)


KERNEL, BIAS = variable("dense/kernel", 4, 3), variable("dense/bias", 3)
BASE = manifest(KERNEL, BIAS, weights="1", graph="1")


def weights_file(digest):
    return (File(path="variables/variables.data-00000-of-00001", size=1, digest=digest),)


def files(graph, weights, **assets):
    named = {"saved_model.pb": graph, "variables/variables.index": weights}
    named |= {f"assets/{name}": digest for name, digest in assets.items()}
    return tuple(File(path=path, size=1, digest=digest) for path, digest in named.items())


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
        (BASE, manifest(KERNEL, BIAS, weights="2", graph="2"), "same architecture, other weight files", "parsed graph"),
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
            "same architecture, other weight files",
            "parsed graph",
        ),
        (manifest(KERNEL), manifest(KERNEL), "same architecture", "parsed graph"),
        (manifest(KERNEL), manifest(variable("dense/kernel", 5, 3)), "different architecture", "parsed graph"),
        (
            manifest(KERNEL, files=weights_file("a")),
            manifest(KERNEL, files=weights_file("a")),
            "same weights, same kinds of ops",
            "digest",
        ),
        (
            manifest(KERNEL, files=weights_file("a")),
            manifest(KERNEL, files=weights_file("b")),
            "same architecture, other weight files",
            "parsed graph",
        ),
        (BASE, VersionManifest(model="m", number=2), "unknown", ""),
    ],
)
def test_verdict(old, new, verdict, basis):
    finding = compare_graphs(old, new)
    assert (finding.verdict, finding.basis) == (verdict, basis)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "basis"),
    [
        (files("g", "w"), files("g", "w"), "same graph and weights", "digest"),
        (files("g", "w"), files("g", "v"), "same graph, new weights", "digest"),
        (files("g", "w"), files("h", "w"), "same weights, same kinds of ops", "digest"),
        (files("g", "w"), files("h", "v"), "same architecture, other weight files", "parsed graph"),
        (files("g", "w", words="cat dog"), files("g", "w", words="cat dog"), "same graph and weights", "digest"),
        (
            files("g", "w", words="cat dog"),
            files("g", "w", words="dog cat"),
            "same weights, same kinds of ops",
            "digest",
        ),
        (files("g", "w", words="cat dog"), files("g", "w"), "same weights, same kinds of ops", "digest"),
        (files("", ""), files("", ""), "same architecture", "parsed graph"),
        (files("g", ""), files("g", ""), "same architecture", "digest"),
        (files("", "w"), files("", "w"), "same weights, same kinds of ops", "digest"),
    ],
)
def test_a_graph_is_the_same_only_where_its_files_are(old, new, verdict, basis):
    finding = compare_graphs(manifest(KERNEL, files=old), manifest(KERNEL, files=new))
    assert (finding.verdict, finding.basis) == (verdict, basis)
    is_proved = verdict.startswith("same graph") or files("g", "") == old
    assert finding.reasons == () if is_proved else "their constants are not recorded" in finding.reasons[-1]
    assert ("optimizer's state" in finding.doubt) == (verdict == "same architecture, other weight files")


def test_the_checksum_of_a_graph_says_nothing_of_its_assets():
    old, new = (manifest(KERNEL, weights="1", graph="1", files=files("", "", words=digest)) for digest in ("", ""))
    assert compare_graphs(old, new).verdict == "same weights, same kinds of ops"


def test_the_hash_of_a_graph_without_its_functions_proves_nothing():
    print_of = Fingerprint(checkpoint_hash="1", graph_def_program_hash="7", saved_model_checksum="0")
    model = SavedModel(meta_graphs=(MetaGraph(ops={"Mul": 1}),), variables=(KERNEL,), fingerprint=print_of)
    finding = compare_graphs(*(VersionManifest(model="m", number=n, saved_model=model) for n in (1, 2)))
    assert (finding.verdict, finding.basis) == ("same weights, same kinds of ops", "fingerprint")


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
    assert compare_graphs(BASE, renamed).verdict == "same architecture, other weight files"


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
