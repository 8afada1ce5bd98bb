"""Variables of two graphs are matched by names without Keras' counters, and by what layers hold."""

from __future__ import annotations

import pytest

from tb_versions.comparison.architecture import architecture_of, variable_changes
from tb_versions.comparison.rows.graphs import compare_graphs
from tb_versions.core.manifest import (
    Fingerprint,
    MetaGraph,
    SavedModel,
    Shape,
    Signature,
    Tensor,
    Variable,
    VersionManifest,
)

OPS = {"MatMul": 3, "Relu": 2}


def model(shapes, *, ops=None, omitted=0, dtype="float32"):
    variables = tuple(Variable(name=name, dtype=dtype, shape=Shape(dimensions=shapes[name])) for name in sorted(shapes))
    return SavedModel(
        meta_graphs=(MetaGraph(tags=("serve",), ops=OPS if ops is None else ops),),
        variables=variables,
        variables_omitted=omitted,
        parameter_count=10,
    )


def dense(*layers, within="", **more):
    """Of `name: (inputs, units)` in their order."""
    shapes = {}
    for name, (inputs, units) in layers:
        shapes |= {f"{within}{name}/kernel": (inputs, units), f"{within}{name}/bias": (units,)}
    return model(shapes, **more)


def finding(old, new):
    manifests = [
        VersionManifest(
            model="m",
            number=number,
            saved_model=SavedModel(
                meta_graphs=each.meta_graphs,
                variables=each.variables,
                variables_omitted=each.variables_omitted,
                fingerprint=Fingerprint(checkpoint_hash=str(number), graph_def_program_hash=str(number)),
            ),
        )
        for number, each in enumerate((old, new), 1)
    ]
    return compare_graphs(*manifests)


BASE = dense(("dense", (8, 16)), ("dense_1", (16, 16)), ("dense_2", (16, 1)), within="sequential/")

RETRAINED = {
    "built again in one process": (
        BASE,
        dense(("dense_3", (8, 16)), ("dense_4", (16, 16)), ("dense_5", (16, 1)), within="sequential_1/"),
    ),
    "counters of one and two digits": (
        BASE,
        dense(("dense_9", (8, 16)), ("dense_10", (16, 16)), ("dense_11", (16, 1)), within="sequential_12/"),
    ),
    "without the folder": (BASE, dense(("dense", (8, 16)), ("dense_1", (16, 16)), ("dense_2", (16, 1)))),
    "counters with gaps": (BASE, dense(("dense_3", (8, 16)), ("dense_7", (16, 16)), ("dense_70", (16, 1)))),
    "nested models": (
        model({"s_4/s_2/dense_5/k": (8, 16), "s_4/s_2/dense_6/k": (16, 16), "s_4/s_3/dense_9/k": (16, 1)}),
        model({"s_7/s_5/dense_12/k": (8, 16), "s_7/s_5/dense_13/k": (16, 16), "s_7/s_6/dense_10/k": (16, 1)}),
    ),
    "cells that are counted too": (
        model(
            {"b/backward_gru/gru_cell/k": (8, 24), "b/forward_gru/gru_cell/k": (8, 24), "gru_1/gru_cell/k": (16, 24)}
        ),
        model(
            {
                "b_1/backward_gru_2/gru_cell_3/k": (8, 24),
                "b_1/forward_gru_2/gru_cell_4/k": (8, 24),
                "gru_3/gru_cell_5/k": (16, 24),
            }
        ),
    ),
    "counted variables of TF 1": (
        model({"Variable": (8, 16), "Variable_1": (16, 1)}),
        model({"Variable_2": (8, 16), "Variable_3": (16, 1)}),
    ),
    "a word that looks like a counter": (
        model({"block_1_conv/k": (3, 3), "block_2_conv/k": (3, 4), "conv_1x1/k": (1, 1)}),
        model({"block_1_conv/k": (3, 3), "block_2_conv_1/k": (3, 4), "conv_1x1_7/k": (1, 1)}),
    ),
}


@pytest.mark.parametrize("name", RETRAINED)
def test_counters_in_names_are_no_difference(name):
    found = finding(*RETRAINED[name])
    assert found.verdict == "same architecture, other weight files"
    assert found.renamed == ()
    assert finding(*reversed(RETRAINED[name])).verdict == "same architecture, other weight files"


def again(*layers, **more):
    return dense(*layers, within="sequential_1/", **more)


SAME = (("dense_3", (8, 16)), ("dense_4", (16, 16)), ("dense_5", (16, 1)))
OTHERS = {
    "units": again(("dense_3", (8, 32)), ("dense_4", (32, 16)), ("dense_5", (16, 1))),
    "layers the other way round": again(("dense_3", (8, 1)), ("dense_4", (1, 16)), ("dense_5", (16, 16))),
    "a layer more": again(("dense_3", (8, 16)), ("dense_4", (16, 16)), ("dense_5", (16, 16)), ("dense_6", (16, 1))),
    "a layer less": again(("dense_3", (8, 16)), ("dense_4", (16, 1))),
    "a shared layer": again(*SAME, ops={"MatMul": 4, "Relu": 3}),
    "an activation": again(*SAME, ops={"MatMul": 3, "Tanh": 2}),
    "a type": again(*SAME, dtype="float16"),
    "no bias": model({"sequential_1/dense_3/kernel": (8, 16), "sequential_1/dense_4/kernel": (16, 16)}),
    "another kind of layer": model(
        {"s/dense_3/kernel": (8, 16), "s/dense_3/bias": (16,), "s/norm/gamma": (16,), "s/norm/beta": (16,)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_true_difference_is_told_under_other_counters(name):
    found = finding(BASE, OTHERS[name])
    assert found.verdict == "different architecture"
    assert found.reasons
    assert finding(OTHERS[name], BASE).verdict == "different architecture"


def test_differences_are_told_by_the_names_that_each_has():
    found = finding(BASE, OTHERS["a layer more"])
    assert found.added == ("sequential_1/dense_6/bias", "sequential_1/dense_6/kernel")
    assert found.reshaped == (
        ("sequential_1/dense_5/bias", "float32[1]", "float32[16]"),
        ("sequential_1/dense_5/kernel", "float32[16,1]", "float32[16,16]"),
    )


@pytest.mark.parametrize(
    ("layers", "renamed"),
    [
        ((("encoder", (8, 16)), ("dense_1", (16, 16)), ("dense_2", (16, 1))), (("dense", "encoder"),)),
        ((("encoder", (8, 16)), ("dense_7", (16, 16)), ("dense_8", (16, 1))), (("dense", "encoder"),)),
        ((("dense", (8, 16)), ("middle", (16, 16)), ("dense_1", (16, 1))), (("dense_1", "middle"),)),
        (
            (("encoder", (8, 16)), ("dense_1", (16, 16)), ("head", (16, 1))),
            (("dense", "encoder"), ("dense_2", "head")),
        ),
        (
            (("a", (8, 16)), ("b", (16, 16)), ("c", (16, 1))),
            (("dense", "a"), ("dense_1", "b"), ("dense_2", "c")),
        ),
    ],
)
def test_layers_under_other_names_are_called_renamed(layers, renamed):
    old = dense(("dense", (8, 16)), ("dense_1", (16, 16)), ("dense_2", (16, 1)))
    found = finding(old, dense(*layers))
    assert (found.verdict, found.renamed) == ("same architecture, other weight files", renamed)
    assert (
        f"{len(renamed)} layer{'s' * (len(renamed) > 1)} renamed: {renamed[0][0]} → {renamed[0][1]}" in found.reasons[0]
    )


def test_layers_in_another_order_are_no_renamed_ones():
    old = model({"conv2d/k": (3, 3, 4, 4), "conv2d_1/k": (5, 5, 4, 4), "out/k": (4, 1)})
    swapped = model({"conv2d/k": (5, 5, 4, 4), "conv2d_1/k": (3, 3, 4, 4), "head/k": (4, 1)})
    assert finding(old, swapped).verdict == "different architecture"
    assert finding(old, model({"conv2d_2/k": (5, 5, 4, 4), "conv2d_3/k": (3, 3, 4, 4), "out/k": (4, 1)})).reshaped


def test_a_layer_under_another_name_is_another_one_where_ops_differ():
    old = dense(("encoder", (8, 16)), ("head", (16, 1)))
    found = finding(old, dense(("backbone", (8, 16)), ("head", (16, 1)), ops={"Conv2D": 1}))
    assert (found.verdict, found.renamed) == ("different architecture", ())
    assert found.added == ("backbone/bias", "backbone/kernel")


def test_of_cut_lists_with_other_names_nobody_can_say():
    cut = dense(("dense_998", (8, 16)), ("dense_999", (16, 16)), omitted=4)
    other = dense(("dense_1000", (8, 16)), ("dense_1001", (16, 16)), omitted=4)
    found = finding(cut, other)
    assert (found.verdict, found.added, found.removed) == ("unknown", (), ())
    assert "not all of them are listed" in found.reasons[-1]
    assert finding(cut, cut).verdict == "same architecture, other weight files"


def test_no_two_variables_get_one_name():
    names = ("a", "a_1", "a_01", "a:2", "a:2_1", "a_1_1", "b/", "/b", "b//c", "x/" * 40 + "y_2", "x/" * 40 + "y_3")
    found = architecture_of(model(dict.fromkeys(names, (1,)))).uncounted
    assert len(set(found.values())) == len(names)


def test_a_long_name_takes_no_time():
    name = "a_1/" * 200_000
    found = architecture_of(model({name: (1,), name + "b": (2,)}))
    assert not variable_changes(found, found, is_alike=True).reshaped


def test_a_signature_alone_says_nothing_of_the_architecture() -> None:
    signature = Signature(key="predict", inputs=(Tensor(name="width"),))
    model = SavedModel(meta_graphs=(MetaGraph(signatures=(signature,)),))
    assert not architecture_of(model).is_parsed
    assert architecture_of(SavedModel(meta_graphs=(MetaGraph(ops={"MatMul": 1}),))).is_parsed
