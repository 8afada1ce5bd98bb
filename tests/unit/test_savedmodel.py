"""SavedModels read without TensorFlow: what is found in sound ones, and what is said of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tb_versions.core.manifest import Fingerprint, Shape, Variable
from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel import MAX_VARIABLES, read_saved_model
from tests.support.savedmodel_bytes import (
    bundle_entry,
    entry,
    field,
    graph,
    holder,
    info,
    objects,
    saved_model,
    shape,
    signature,
    small_model,
    table,
    variable,
    write_model,
)


def test_a_tf2_model_is_read(tmp_path: Path) -> None:
    model = read_saved_model(write_model(tmp_path, small_model()))
    (found,) = model.meta_graphs
    assert found.tags == ("serve",)
    assert found.tensorflow_version == "2.21.0"
    assert found.ops == {"MatMul": 2, "NoOp": 1, "Placeholder": 1, "Relu": 1}
    (serving,) = found.signatures
    assert (serving.key, serving.method) == ("serving_default", "tensorflow/serving/predict")
    assert [(t.name, t.dtype, t.shape, t.tensor) for t in serving.inputs] == [
        ("x", "float32", Shape(dimensions=(-1, 4)), "x:0"),
        ("y", "int64", Shape(unknown_rank=True), "y:0"),
    ]
    assert model.variables == (
        Variable(name="dense/bias", dtype="float32", shape=Shape(dimensions=(3,)), trainable=True),
        Variable(name="dense/kernel", dtype="float32", shape=Shape(dimensions=(4, 3)), trainable=True),
    )
    assert (model.parameter_count, model.variables_omitted, model.fingerprint) == (15, 0, None)


def test_tensorflow_is_not_imported(tmp_path: Path) -> None:
    write_model(tmp_path, small_model())
    program = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from tb_versions.savedmodel import read_saved_model\n"
        "read_saved_model(sys.argv[1])\n"
        "assert not [name for name in sys.modules if name.startswith(('tensorflow.', 'tensorboard', 'google'))]"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=root)


def test_the_same_serving_model_twice_reads_the_same(test_data: Path) -> None:
    both = [
        read_saved_model(test_data / "savedmodels/saved_model_half_plus_two_2_versions" / v)
        for v in ("00000123", "00000124")
    ]
    assert both[0] == both[1]
    assert both[0].meta_graphs[0].tensorflow_version == "1.1.0-rc2"
    assert [(v.name, v.trainable) for v in both[0].variables] == [("a", True), ("b", True), ("c", True)]


def test_a_tf_2_14_serving_model_has_six_signatures_and_a_fingerprint(test_data: Path) -> None:
    model = read_saved_model(test_data / "savedmodels/saved_model_half_plus_two_tf2_cpu/00000123")
    assert [s.key for s in model.meta_graphs[0].signatures] == [
        "classify_x2_to_y3",
        "classify_x_to_y",
        "regress_x2_to_y3",
        "regress_x_to_y",
        "regress_x_to_y2",
        "serving_default",
    ]
    assert model.parameter_count == 3
    assert model.fingerprint == Fingerprint(
        saved_model_checksum="3202314178945370836",
        graph_def_program_hash="13265581747292989307",
        signature_def_hash="3442878103270210563",
        saved_object_graph_hash="16227935890437681837",
        checkpoint_hash="17568057568585441542",
    )


def test_an_estimators_model_counts_weights_and_not_its_global_step(test_data: Path) -> None:
    model = read_saved_model(test_data / "logdirs/tfx_chicago_taxi/export/chicago-taxi/1646034756")
    assert model.parameter_count == 14_707
    assert len(model.variables) == 20
    assert "global_step" not in {v.name for v in model.variables}
    assert {s.method.rsplit("/")[-1] for s in model.meta_graphs[0].signatures} == {"classify", "predict", "regress"}


def test_a_session_bundle_is_named(test_data: Path) -> None:
    folder = test_data / "savedmodels/not_a_savedmodel_bad_half_plus_two/00000123"
    with pytest.raises(NotASavedModelError, match=r"00000123 is no SavedModel: found a TF1 session-bundle export.meta"):
        read_saved_model(folder)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ((), "it is empty"),
        (("saved_model.pbtxt",), "text format, which is not supported"),
        (("model.keras",), "model.export"),
        (("weights.h5",), "model.export"),
        (("model.tflite",), "model.tflite"),
        (("variables/variables.index",), "saved_model.pb is missing"),
        (("7/saved_model.pb",), 'its folder "7" does'),
        (("readme.txt",), "it holds no saved_model.pb."),
    ],
)
def test_a_folder_of_another_kind_is_told_by_name_and_reason(
    tmp_path: Path, files: tuple[str, ...], reason: str
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(NotASavedModelError) as error:
        read_saved_model(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert reason in str(error.value)


def test_a_missing_folder_and_a_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotASavedModelError, match="no such folder"):
        read_saved_model(tmp_path / "gone")
    (tmp_path / "m.keras").write_bytes(b"x")
    with pytest.raises(NotASavedModelError, match=r"m\.keras is no SavedModel but a file\. Load it with keras"):
        read_saved_model(tmp_path / "m.keras")


def test_an_empty_file_a_graphless_one_and_a_symlink_are_refused(tmp_path: Path) -> None:
    for data, reason in ((b"", "it is empty"), (field(1, 1), "it holds no graph")):
        with pytest.raises(
            NotASavedModelError, match=f"saved_model.pb is damaged or no part of a SavedModel: {reason}"
        ):
            read_saved_model(write_model(tmp_path, data))
    (tmp_path / "saved_model.pb").rename(tmp_path / "other")
    (tmp_path / "saved_model.pb").symlink_to("other")
    with pytest.raises(NotASavedModelError, match="it is a symlink"):
        read_saved_model(tmp_path)


def test_every_truncation_is_refused_or_ends_between_graphs(tmp_path: Path) -> None:
    data = small_model()
    for length in range(2, len(data)):
        with pytest.raises(NotASavedModelError, match=r"saved_model\.pb"):
            read_saved_model(write_model(tmp_path, data[:length]))


def test_a_damaged_fingerprint_is_named(tmp_path: Path) -> None:
    write_model(tmp_path, small_model())
    for data in (b"", b"\xff\xff", b"hello world", field(6, 4)):
        (tmp_path / "fingerprint.pb").write_bytes(data)
        with pytest.raises(NotASavedModelError, match=r"fingerprint\.pb is damaged"):
            read_saved_model(tmp_path)


def test_fingerprint_parts_are_unsigned_decimals(tmp_path: Path) -> None:
    write_model(tmp_path, small_model())
    (tmp_path / "fingerprint.pb").write_bytes(field(1, 2**64 - 1) + field(5, 7) + field(7, "123"))
    fingerprint = read_saved_model(tmp_path).fingerprint
    assert fingerprint is not None
    assert fingerprint.saved_model_checksum == "18446744073709551615"
    assert (fingerprint.checkpoint_hash, fingerprint.signature_def_hash) == ("7", "0")


def test_a_model_without_signatures_and_one_with_two_tag_sets(tmp_path: Path) -> None:
    train = info("train", "serve", version="1.15.0") + graph("A")
    serve = info("serve") + graph("B") + field(5, entry("__saved_model_init_op", b""))
    model = read_saved_model(write_model(tmp_path, saved_model(train, serve)))
    assert [(g.tags, g.tensorflow_version, dict(g.ops), g.signatures) for g in model.meta_graphs] == [
        (("serve", "train"), "1.15.0", {"A": 1}, ()),
        (("serve",), "2.21.0", {"B": 1}, ()),
    ]


def test_sparse_and_composite_tensors_name_their_parts(tmp_path: Path) -> None:
    sparse = field(2, 1) + field(4, field(1, "v:0") + field(2, "i:0") + field(3, "s:0"))
    ragged = field(5, field(2, field(1, "a:0")) + field(2, field(1, "b:0")))
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + signature(s=sparse, t=ragged))))
    assert [t.tensor for t in model.meta_graphs[0].signatures[0].inputs] == ["v:0, i:0, s:0", "a:0, b:0"]


def test_parts_of_one_message_are_merged_and_the_last_scalar_wins(tmp_path: Path) -> None:
    split = field(1, "old:0") + field(2, 1) + field(3, shape(2)) + field(1, "new:0") + field(3, shape(3))
    hidden_op = field(1, "n") + field(2, "NoOp") + field(2, "WriteFile")
    graph_parts = field(2, field(1, hidden_op)) + field(2, field(1, hidden_op))
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + graph_parts + signature(x=split))))
    assert model.meta_graphs[0].ops == {"WriteFile": 2}
    found = model.meta_graphs[0].signatures[0].inputs[0]
    assert (found.tensor, found.shape) == ("new:0", Shape(dimensions=(2, 3)))


def test_variables_of_one_name_are_named_by_their_path(tmp_path: Path) -> None:
    layers = objects(
        holder(a=1, b=2, c=3, same=3), holder(w=4), holder(w=5), variable("c", 1), variable("w", 2), variable("w", 2)
    )
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + layers)))
    assert [v.name for v in model.variables] == ["a/w", "b/w", "c"]
    assert model.parameter_count == 5


def test_keras_exports_copies_are_counted_once(tmp_path: Path) -> None:
    graph_of_keras = objects(
        holder(variables=1, _all_variables=2),
        holder(**{"0": 3, "1": 4}),
        holder(**{"0": 5, "1": 6}),
        variable("k", 10),
        variable("seed_generator/seed_generator_state", 2),
        variable("k", 10),
        variable("only_here", 1),
    )
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + graph_of_keras)))
    assert [v.name for v in model.variables] == ["k", "only_here"]
    assert model.parameter_count == 11


def test_state_of_optimizers_and_metrics_is_not_counted(tmp_path: Path) -> None:
    training = objects(
        holder(w=1, optimizer=2, opt=4, keras_api=6),
        variable("w", 3),
        holder(iter=3, learning_rate=3),
        variable("iter"),
        holder(_iterations=5, _variables=5, w=1),
        variable("momentum", 3),
        holder(metrics=7),
        holder(total=8),
        variable("total"),
    )
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + training)))
    assert [v.name for v in model.variables] == ["w"]


def test_a_cycle_of_objects_ends(tmp_path: Path) -> None:
    cycle = objects(holder(self=0, a=1), holder(back=0, v=2), variable("v", 1))
    assert read_saved_model(write_model(tmp_path, saved_model(info("serve") + cycle))).parameter_count == 1


def test_more_than_2000_variables_are_cut_and_counted(tmp_path: Path) -> None:
    count = MAX_VARIABLES + 5
    nodes = [variable(f"v{i:05}", 2) for i in range(count)]
    root = holder(**{f"v{i}": i + 1 for i in range(count)})
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + objects(root, *nodes))))
    assert (len(model.variables), model.variables_omitted, model.parameter_count) == (2_000, 5, 4_010)
    assert model.variables[-1].name == "v01999"


def test_a_tf1_model_takes_its_variables_from_the_checkpoint(tmp_path: Path) -> None:
    listed = field(2, b"".join(field(1, field(1, f"{name}:0")) for name in ("w", "mean")))
    learnt = field(2, field(1, field(1, "w:0")))
    collections = field(4, entry("variables", listed)) + field(4, entry("trainable_variables", learnt))
    index = table(
        (b"", field(1, 1)),
        (b"beta1_power", bundle_entry(1)),
        (b"global_step", bundle_entry(9)),
        (b"lonely/Adam", bundle_entry(1, 7)),
        (b"mean", bundle_entry(1, 5)),
        (b"w", bundle_entry(1, 5, 2)),
        (b"w/Adam", bundle_entry(1, 5, 2)),
        (b"w/Adam_1", bundle_entry(1, 5, 2)),
    )
    model = read_saved_model(write_model(tmp_path, saved_model(info("serve") + collections), index))
    assert [(v.name, v.trainable) for v in model.variables] == [("lonely/Adam", None), ("mean", False), ("w", True)]
    assert model.parameter_count == 22


def test_a_tf1_model_without_variables_is_read(tmp_path: Path) -> None:
    assert read_saved_model(write_model(tmp_path, saved_model(info("serve")))).variables == ()


def test_a_damaged_checkpoint_index_is_named(tmp_path: Path) -> None:
    index = table((b"w", bundle_entry(1, 5)))
    for data in (b"", index[:-1], index[1:], b"\0" * 100, bytes([index[0] ^ 1]) + index[1:]):
        with pytest.raises(NotASavedModelError, match=r"variables\.index is damaged"):
            read_saved_model(write_model(tmp_path, saved_model(info("serve")), data))
