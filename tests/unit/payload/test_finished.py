"""What Python finishes of a comparison for the page of an export."""

from __future__ import annotations

import pytest

from tb_versions import payload
from tb_versions.comparison import Member
from tb_versions.core.manifest import (
    Code,
    Environment,
    File,
    Fingerprint,
    MetaGraph,
    Parent,
    SavedModel,
    Shape,
    Variable,
    VersionManifest,
)
from tb_versions.payload import finished
from tb_versions.payload.finished import Shared, finished_facts
from tests.support.world import strict
from tests.unit.comparison.making import member, signature, tensor

X, Y = tensor("x", "float32", -1, 8), tensor("y", "float32", -1, 3)
NOBODY = Member(id="run:r", kind="run", label="run r")


def version(number, **fields):
    return member(f"m:{number}", manifest=VersionManifest(model="m", number=number, **fields))


def model(*outputs, tags=("serve",), **fields):
    graph = MetaGraph(tags=tags, signatures=(signature([X], outputs),), ops={"MatMul": 1})
    return SavedModel(meta_graphs=(graph,), **fields)


def told(*members):
    """Facts of each member, and what they share, as they travel."""
    shared = Shared()
    facts = [finished_facts(each, shared) for each in members]
    return strict(payload.dump([facts, shared.payload()]))


def test_equal_parts_are_kept_once():
    software = Environment(python="3.11.7", packages={"b": "2", "a": "1"})
    same = Environment(python="3.11.7", packages={"a": "1", "b": "2"})
    facts, shared = told(version(1, environment=software), version(2, environment=same))
    assert [each["parts"]["environment"] for each in facts] == [0, 0]
    assert [each["packages"] for each in facts] == [0, 0]
    assert shared["parts"]["packages"] == [{"a": "1", "b": "2"}]
    assert list(shared["parts"]["packages"][0]) == ["a", "b"], "sorted: the same state gives the same bytes"


def test_a_cell_travels_without_what_is_usual():
    ((facts,), _) = told(version(1, labels={"stage": "test"}, size_bytes=1_200))
    assert facts["parts"]["labels"] == [["stage", {"value": "test"}]]
    assert ["size", {"text": "1.2 kB", "value": 1_200}] in facts["parts"]["files"]


def test_what_is_absent_is_left_out_and_what_nobody_knows_is_null():
    ((facts,), shared) = told(version(1, code=Code(commit="a" * 40, dirty=False)))
    code = dict(shared["parts"]["code"][facts["parts"]["code"]])
    assert "diff" not in code, "there are no changes"
    assert code["remote"] is None, "it was not recorded"
    assert facts["parts"]["labels"] == []
    assert facts["parts"]["seeds"] is facts["parts"]["signature"] is facts["parts"]["data"] is None


def test_of_a_run_only_hyperparameters_are_known():
    ((facts,), _) = told(NOBODY)
    assert facts["parts"]["labels"] is None
    assert (facts["packages"], facts["architecture"], facts["graph"], facts["range"]) == (None, None, None, None)
    assert facts["prints"] == ["", "", ""]


def test_the_rows_that_every_comparison_has_come_with_their_labels():
    _, shared = told()
    assert ["environment", "os", "operating system"] in shared["rows"]
    assert ["signature", "", "all signatures"] in shared["rows"]


def test_every_two_different_signatures_are_compared_both_ways():
    members = version(1, saved_model=model(Y)), version(2, saved_model=model(Y, X)), version(3, saved_model=model(Y))
    facts, shared = told(*members)
    assert [each["parts"]["signature"] for each in facts] == [0, 1, 0]
    assert shared["changes"]["0"]["1"]["serving_default"][0] == ["note", "adds output x float32[?,8]"]
    assert shared["changes"]["1"]["0"]["serving_default"] == [["breaking", "output x is gone"]]
    assert shared["changes"]["1"]["0"][""] == [["breaking", "serving_default: output x is gone"]]


def test_a_graph_that_is_not_served_is_another_signature():
    facts, shared = told(version(1, saved_model=model(Y)), version(2, saved_model=model(Y, tags=("train",))))
    assert [each["parts"]["signature"] for each in facts] == [0, 1]
    assert "TF Serving loads only that one" in shared["changes"]["0"]["1"][""][0][1]


def test_of_too_many_signatures_the_most_frequent_ones_are_compared(monkeypatch: pytest.MonkeyPatch):
    models = [model(tensor("y", "float32", -1, size)) for size in (3, 4, 5, 5, 4)]
    members = [version(number, saved_model=each) for number, each in enumerate(models, 1)]
    _, whole = told(*members)
    assert {old: sorted(others) for old, others in whole["changes"].items()} == {
        "0": ["1", "2"],
        "1": ["0", "2"],
        "2": ["0", "1"],
    }
    monkeypatch.setattr(finished, "MOST_CHANGES", len(payload.dump(whole["changes"])) // 2)
    _, shared = told(*members)
    assert {old: list(others) for old, others in shared["changes"].items()} == {"1": ["2"], "2": ["1"]}


def test_versions_of_one_architecture_share_it_whatever_their_weights():
    variables = (Variable(name="model/dense_1/kernel", dtype="float32", shape=Shape(dimensions=(8, 3))),)
    made = [
        version(
            number,
            saved_model=model(Y, variables=variables, fingerprint=Fingerprint(checkpoint_hash=str(number))),
            files=(File(path="variables/variables.index", size=1, digest=f"sha256:{number}"),),
            digest=f"sha256:{number}",
        )
        for number in (1, 2)
    ]
    facts, shared = told(*made)
    assert [each["architecture"] for each in facts] == [0, 0]
    assert shared["parts"]["architecture"][0]["variables"] == {"model/dense_1/kernel": "float32[8,3]"}
    assert [each["graph"] for each in facts] == ["sha256:1", "sha256:2"]
    assert facts[0]["prints"][1:] != facts[1]["prints"][1:]


def test_a_range_names_the_place_of_the_other_commit():
    ((facts,), _) = told(version(1, code=Code(commit="b" * 40, remote="git@github.com:example/digits.git")))
    assert facts["range"] == f"https://github.com/example/digits/compare/{{old}}...{'b' * 40}"


def test_parents_travel_with_how_a_version_was_made_from_them():
    parents = (Parent(model="m", number=2**60, relation="fine_tuned_from"), Parent(model="other", number=1))
    ((facts,), _) = told(version(3, parents=parents))
    assert facts["parents"] == [["m", str(2**60), "fine-tuned from"], ["other", 1, "made from"]]
