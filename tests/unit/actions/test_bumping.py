"""Semantic versions that are given later, and what the comparison proposes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.actions.bumping import propose
from tb_versions.comparison import compare_members
from tb_versions.core.manifest import Dataset, File, MetaGraph, SavedModel, Shape, Variable, VersionManifest
from tests.support.world import World
from tests.unit.comparison.making import member, signature, tensor

X, Y, Z = tensor("x", "float32", -1, 8), tensor("y", "float32", -1, 3), tensor("z", "float32", -1)
KERNEL, BIAS = (
    Variable(name=name, dtype="float32", shape=Shape(dimensions=size)) for name, size in (("k", (8, 3)), ("b", (3,)))
)
OLD, NEW = (Dataset(name="mnist", digest="sha256:" + digit * 64) for digit in "ab")


def model(
    *, served: Any = None, variables: Any = (KERNEL,), data: Any = (OLD,), digest: str = "", files: Any = ()
) -> VersionManifest:
    graph = MetaGraph(tags=("serve",), signatures=(served or signature([X], [Y]),), ops={"MatMul": 1})
    saved = SavedModel(meta_graphs=(graph,), variables=variables, parameter_count=10)
    return VersionManifest(model="m", number=1, saved_model=saved, datasets=data, digest=digest, files=files)


def proposal(old: VersionManifest, new: VersionManifest) -> Any:
    return propose(compare_members([member("m:1", manifest=old), member("m:2", manifest=new)]))


@pytest.mark.parametrize(
    ("new", "part", "reason"),
    [
        (model(), "patch", "same data"),
        (model(data=()), "patch", "whether the data changed is not known"),
        (model(data=(NEW,)), "minor", "the data: same name, new content"),
        (model(served=signature([X], [Y, Z])), "minor", "the signature grew"),
        (model(variables=(KERNEL, BIAS)), "minor", "different architecture"),
        (model(served=signature([X], [Z])), "major", "serving clients break"),
        (model(served=signature([X, Z], [Y]), data=(NEW,)), "major", "serving clients break"),
    ],
)
def test_the_comparison_proposes_a_part(new: VersionManifest, part: str, reason: str) -> None:
    found = proposal(model(), new)
    assert found.part == part
    assert any(reason in said for said in found.reasons), found.reasons


def test_what_cannot_be_compared_is_not_guessed() -> None:
    with pytest.raises(tbv.RefusedError, match="Say major, minor or patch"):
        proposal(model(), VersionManifest(model="m", number=2))


def files(graph: str, weights: str) -> tuple[File, ...]:
    named = {"saved_model.pb": graph, "variables/variables.index": weights}
    return tuple(File(path=path, size=1, digest=digest) for path, digest in named.items())


def test_a_patch_says_what_the_same_architecture_was_told_by() -> None:
    of = {name: model(files=files(*name)) for name in ("gw", "gv", "hv")}
    assert proposal(of["gw"], of["gv"]).reasons == ("same graph, new weights", "same data")
    found = proposal(of["gw"], of["hv"])
    assert found.part == "patch"
    assert found.reasons[0].startswith("same architecture, other weight files (told by variables and kinds of ops;")


def test_the_same_weights_in_a_graph_that_may_compute_otherwise_are_no_patch() -> None:
    old, new = model(files=files("g", "w")), model(files=files("h", "w"))
    with pytest.raises(
        tbv.RefusedError, match=r"whether the graph is the same is not known \(told by .*Say major, minor"
    ):
        proposal(old, new)
    assert proposal(old, old).part == "patch"
    grown = model(served=signature([X], [Y, Z]), files=files("h", "w"))
    assert [said[:18] for said in proposal(old, grown).reasons] == ["the signature grew"]
    assert proposal(old, model(data=(NEW,), files=files("h", "w"))).part == "minor"


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """`m:1` is 1.0.0; the others have none."""
    world = World(tmp_path)
    same = model()
    for number, semantic in ((1, "1.0.0"), (2, ""), (3, "")):
        files = {"saved_model.pb": f"{number}".encode()}
        world.version(
            "m", number, semantic_version=semantic, saved_model=same.saved_model, datasets=(OLD,), files=files
        )
    return world.models


def test_auto_says_why_and_the_version_is_found_by_it(releases: Path) -> None:
    change = tbv.bump("m:2", releases)
    assert change.after == "1.0.1"
    assert str(change).startswith("m:2 is 1.0.1 now; patch: same architecture")
    assert str(change).endswith("after 1.0.0 of m:1.")
    assert change.event is not None
    assert change.event.reason.startswith("patch: same architecture")
    assert tbv.path("m:1.0.1", models_dir=releases) == releases / "m" / "2"


@pytest.mark.parametrize(("part", "given"), [("major", "2.0.0"), ("minor", "1.1.0"), ("patch", "1.0.1")])
def test_a_part_is_counted_up(releases: Path, part: Any, given: str) -> None:
    assert tbv.bump("m:2", releases, part).after == given
    assert tbv.bump("m:2", releases, part).event is None


def test_what_was_given_later_hides_the_manifest(releases: Path) -> None:
    assert tbv.bump("m:1", releases, "minor").before == "1.0.0"
    assert tbv.path("m:0.1.0", models_dir=releases) == releases / "m" / "1"
    with pytest.raises(tbv.VersionNotFoundError):
        tbv.path("m:1.0.0", models_dir=releases)


def test_a_semantic_version_is_given_once(releases: Path) -> None:
    tbv.bump("m:3", releases, "minor")
    with pytest.raises(tbv.RefusedError, match=r"m:3 is 1\.1\.0, so m:2 can't be 1\.1\.0.*ask for another part"):
        tbv.bump("m:2", releases, "minor")


def test_the_first_release_has_no_release_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("m", 4)
    assert str(tbv.bump("m:4", world.models)) == "m:4 is 1.0.0 now; the first release."


def test_another_word_is_no_part(releases: Path) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        tbv.bump("m:2", releases, "huge")  # type: ignore[arg-type]
