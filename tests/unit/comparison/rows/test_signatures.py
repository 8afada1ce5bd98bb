"""What a change of a signature means for clients of TensorFlow Serving."""

from __future__ import annotations

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.rows.signatures import compare_models, compare_signatures, in_words, signatures_of
from tb_versions.core.manifest import MetaGraph, SavedModel, Tensor, VersionManifest
from tb_versions.savedmodel import read_saved_model
from tests.unit.comparison.making import member, run_member, signature, tensor

X = tensor("x", "float32", -1, 8)
Y = tensor("y", "float32", -1, 3)
BASE = signature([X], [Y])


def of_input(*dimensions, dtype="float32", rank=True):
    return signature([tensor("x", dtype, *dimensions, rank=rank)], [Y])


def of_output(*dimensions, dtype="float32", rank=True):
    return signature([X], [tensor("y", dtype, *dimensions, rank=rank)])


PAIRS = {
    "the same": (BASE, BASE, "identical", ""),
    "another tensor of the graph": (
        BASE,
        signature([Tensor(name="x", dtype="float32", shape=X.shape, tensor="other:0")], [Y]),
        "identical",
        "",
    ),
    "inputs in another order": (signature([X, Y], [Y]), signature([Y, X], [Y]), "identical", ""),
    "added output": (
        BASE,
        signature([X], [Y, tensor("z", "float32", -1, 64)]),
        "compatible",
        "adds output z float32[?,64]",
    ),
    "removed output": (signature([X], [X, Y]), BASE, "breaking", "output x is gone"),
    "renamed output": (BASE, signature([X], [tensor("p", "float32", -1, 3)]), "breaking", "output y is called p now"),
    "added input": (BASE, signature([X, tensor("mask", "bool", -1)], [Y]), "breaking", "input mask is new"),
    "removed input": (signature([X, Y], [Y]), BASE, "breaking", "input y is gone"),
    "renamed input": (
        BASE,
        signature([tensor("image", "float32", -1, 8)], [Y]),
        "breaking",
        "input x is called image now",
    ),
    "type of an input": (BASE, of_input(-1, 8, dtype="uint8"), "breaking", "input x is uint8 instead of float32"),
    "wider type of an input": (of_input(-1, 8, dtype="int32"), of_input(-1, 8, dtype="int64"), "breaking", "int64"),
    "type of an output": (BASE, of_output(-1, 3, dtype="float16"), "breaking", "output y is float16"),
    "unknown type": (BASE, of_input(-1, 8, dtype=""), "compatible", "unknown type"),
    "batch of an input becomes fixed": (BASE, of_input(1, 8), "breaking", "batch dimension: accepts only 1"),
    "batch of an input becomes free": (of_input(1, 8), BASE, "compatible", "batch dimension: accepts any size"),
    "dimension of an input becomes fixed": (
        of_input(-1, -1),
        BASE,
        "breaking",
        "dimension 1: accepts only 8, before any size",
    ),
    "dimension of an input becomes free": (BASE, of_input(-1, -1), "compatible", "accepts any size, before only 8"),
    "an input of size 0 is filled": (of_input(-1, 0), BASE, "breaking", "dimension 1: accepts only 8, before only 0"),
    "other fixed size of an input": (BASE, of_input(-1, 9), "breaking", "accepts only 9, before only 8"),
    "rank of an input": (BASE, of_input(-1, 8, 1), "breaking", "3 dimensions instead of 2"),
    "rank of an input becomes unknown": (BASE, of_input(rank=False), "compatible", "accepts any shape"),
    "rank of an input becomes known": (of_input(rank=False), BASE, "breaking", "accepts only [?,8]"),
    "batch of an output becomes fixed": (BASE, of_output(1, 3), "compatible", "always 1"),
    "batch of an output becomes free": (of_output(1, 3), BASE, "compatible", "batch dimension: declared as any size"),
    "dimension of an output becomes fixed": (of_output(-1, -1), BASE, "compatible", "always 3, before any size"),
    "dimension of an output becomes free": (BASE, of_output(-1, -1), "compatible", "before always 3"),
    "an output of size 0 is filled": (of_output(-1, 0), BASE, "breaking", "dimension 1: 3 instead of 0"),
    "other fixed size of an output": (BASE, of_output(-1, 4), "breaking", "4 instead of 3"),
    "rank of an output": (BASE, of_output(-1), "breaking", "1 dimension instead of 2"),
    "rank of an output becomes unknown": (BASE, of_output(rank=False), "compatible", "declares no shape any more"),
    "rank of an output becomes known": (of_output(rank=False), BASE, "compatible", "has the shape [?,3]"),
    "scalar input": (of_input(), of_input(), "identical", ""),
    "method": (BASE, signature([X], [Y], method="classify"), "breaking", "classify instead of predict"),
    "method not said": (BASE, signature([X], [Y], method=""), "compatible", "the method is not given"),
    "signature added": (None, BASE, "compatible", "the signature is new"),
    "signature removed": (BASE, None, "breaking", "clients that name no signature use it"),
    "wider input and narrower output": (
        of_input(1, 8),
        signature([X], [tensor("y", "float32", 1, 3)]),
        "compatible",
        "",
    ),
    "wider input and removed output": (of_input(1, 8), signature([X], []), "breaking", "output y is gone"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_verdict(name):
    old, new, verdict, reason = PAIRS[name]
    finding = compare_signatures(old, new)
    assert finding.verdict == verdict, finding
    assert bool(finding.reasons) == (verdict != "identical")
    assert reason in " ".join(finding.reasons)


WEIGHTS = {
    "added output": ["note", "caution"],  # the second output changes what REST clients get
    "unknown type": ["caution"],
    "batch of an input becomes free": ["note"],
    "dimension of an input becomes free": ["note"],
    "rank of an input becomes unknown": ["note"],
    "batch of an output becomes fixed": ["note"],
    "batch of an output becomes free": ["note"],
    "dimension of an output becomes fixed": ["note"],
    "dimension of an output becomes free": ["caution"],
    "rank of an output becomes unknown": ["caution"],
    "rank of an output becomes known": ["note"],
    "method not said": ["caution"],
    "signature added": ["note"],
    "wider input and narrower output": ["note", "note"],
}


def test_every_compatible_pair_has_its_weights():
    assert WEIGHTS.keys() == {name for name, pair in PAIRS.items() if pair[2] == "compatible"}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weight_of_a_compatible_change(name):
    old, new, *_ = PAIRS[name]
    assert [change.weight for change in compare_signatures(old, new).changes] == WEIGHTS[name]


def test_the_table_has_at_least_twenty_pairs():
    assert len(PAIRS) >= 20


def model(*signatures, tags=("serve",)):
    return SavedModel(meta_graphs=(MetaGraph(tags=tags, signatures=signatures),))


def other(key):
    return signature([X], [Y], key=key)


def test_the_worst_signature_decides():
    finding = compare_models(model(BASE, other("score")), model(BASE, other("embed")))
    assert finding.verdict == "breaking"
    assert finding.reasons == ("score: the signature is gone", "embed: the signature is new")


def test_a_second_signature_is_compatible():
    assert compare_models(model(BASE), model(BASE, other("embed"))).verdict == "compatible"


def test_signatures_that_only_tensorflow_uses_do_not_count():
    assert compare_models(model(BASE), model(BASE, other("__saved_model_init_op"))).verdict == "identical"


def test_only_the_graph_that_is_served_counts():
    served = MetaGraph(tags=("serve",), signatures=(BASE,))
    trained = MetaGraph(tags=("train",), signatures=(other("train"),))
    assert set(signatures_of(SavedModel(meta_graphs=(trained, served)))) == {"serving_default"}
    assert compare_models(model(BASE), model(BASE, tags=("train",))).verdict == "breaking"


def test_without_a_graph_that_is_tagged_for_serving_the_first_one_counts():
    graphs = [MetaGraph(tags=("train",), signatures=(other(key),)) for key in ("first", "second")]
    assert set(signatures_of(SavedModel(meta_graphs=tuple(graphs)))) == {"first"}


def test_a_shape_has_question_marks_for_unknown_sizes_only():
    assert "float32[?,0,3]" in in_words(signature([tensor("x", "float32", -1, 0, 3)], [Y]))


def test_a_second_output_is_told_to_clients_that_speak_rest():
    reasons = compare_signatures(BASE, signature([X], [Y, tensor("z", "float32", -1)])).reasons
    assert any("REST" in reason for reason in reasons)
    assert not any(
        "REST" in r
        for r in compare_signatures(signature([X], [X, Y]), signature([X], [X, Y, Tensor(name="z")])).reasons
    )


def test_hostile_names_are_spelled_out():
    words = in_words(signature([tensor("a\u202eb", "float32")], [Y]))
    assert "\u202e" not in words
    assert "\\u{202e}" in words


def test_rows_of_versions_runs_and_damaged_manifests():
    manifests = [VersionManifest(model="m", number=i, saved_model=s) for i, s in ((1, model(BASE)), (2, model()))]
    members = [member(f"m:{m.number}", manifest=m) for m in manifests]
    comparison = compare_members([*members, run_member("plain"), member("m:3", manifest=None)])
    row = comparison.row("signature", "serving_default")
    assert [cell.verdict for cell in row.cells] == ["", "breaking", "", ""]
    assert [cell.known for cell in row.cells] == [True, True, False, False]
    assert row.differs
    assert comparison.row("signature", "").cells[1].verdict == "breaking"


def test_two_copies_of_one_serving_model_are_identical(test_data):
    folder = test_data / "savedmodels" / "saved_model_half_plus_two_2_versions"
    first, second = (read_saved_model(folder / version) for version in ("00000123", "00000124"))
    assert compare_models(first, second).verdict == "identical"


@pytest.mark.parametrize(
    ("old", "new", "of_rest"),
    [
        (BASE, signature([tensor("keras_tensor_5", "float32", -1, 8)], [Y]), "REST rows of bare values"),
        (BASE, signature([X], [tensor("dense_5", "float32", -1, 3)]), "REST clients do not"),
        (BASE, signature([tensor("image", "float32", -1, -1)], [Y]), "REST rows of bare values"),
    ],
)
def test_another_name_of_an_only_tensor_breaks_some_clients_only(old, new, of_rest):
    finding = compare_signatures(old, new)
    assert finding.verdict == "breaking"
    (words,) = (change.text for change in finding.changes if change.weight == "breaking")
    assert "gRPC clients break" in words
    assert of_rest in words


def test_other_names_of_several_inputs_break_all_clients():
    finding = compare_signatures(signature([X, Y], [Y]), signature([X, tensor("z", "float32", -1, 3)], [Y]))
    assert [change.text for change in finding.changes] == [
        "input y is gone; TF Serving rejects requests that send it",
        "input z is new; TF Serving rejects requests without it",
    ]


def test_an_only_input_of_another_name_and_type_breaks_all_clients():
    finding = compare_signatures(BASE, signature([tensor("text", "string", -1)], [Y]))
    assert {change.weight for change in finding.changes} == {"breaking"}
    assert len(finding.changes) == 3


def test_of_many_changes_the_worst_are_listed():
    many = [other(f"s{n}") for n in range(300)]
    finding = compare_models(model(*many, BASE), model(*(other(f"new{n}") for n in range(300))))
    assert len(finding.changes) == 200
    assert {change.weight for change in finding.changes} == {"breaking"}
    assert compare_models(model(BASE), model(BASE, *many)).verdict == "compatible"
