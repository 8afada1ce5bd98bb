"""Small worlds of versions and runs, whose comparisons are kept in compare-*.json, to be read."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from tensorboard.plugins.hparams import summary_v2 as hparams

from tb_versions.comparison.rows.row import ABSENT, UNKNOWN
from tb_versions.core.manifest import (
    Code,
    Dataset,
    Environment,
    Fingerprint,
    Gpu,
    Hardware,
    MetaGraph,
    Metric,
    Parent,
    SavedModel,
    Shape,
    Signature,
    Tensor,
    Variable,
)
from tb_versions.payload.comparison import cell_payload
from tests.support.world import World

REMOTE = "https://github.com/example/digits.git"
OTHER_REMOTE = "git@gitlab.com:example/group/digits.git"
NAN = float("nan")


def tensor(name: str, *dimensions: int) -> Tensor:
    return Tensor(name=name, dtype="float32", shape=Shape(dimensions=dimensions))


def saved_model(weights: str, *outputs: Tensor) -> SavedModel:
    signature = Signature(
        key="serving_default",
        method="tensorflow/serving/predict",
        inputs=(tensor("image", -1, 8, 8, 1),),
        outputs=(tensor("probs", -1, 10), *outputs),
    )
    return SavedModel(
        meta_graphs=(MetaGraph(tags=("serve",), signatures=(signature,), ops={"MatMul": 2, "Relu": 1}),),
        variables=(Variable(name="dense/kernel", dtype="float32", shape=Shape(dimensions=(64, 10)), trainable=True),),
        parameter_count=640,
        fingerprint=Fingerprint(checkpoint_hash=weights, graph_def_program_hash=str(len(outputs) + 1)),
    )


def seeds(world: World) -> None:
    """Two recipes with three seeds each, a version measured otherwise, and a run without a version."""
    generator = np.random.default_rng(14)
    for number in range(1, 7):
        seed, is_new = (number - 1) % 3, number > 3
        run, level = f"cnn-{number}", 0.98 if is_new else 0.95
        curve = [round(float(v), 4) for v in level + 0.002 * generator.normal(size=40)]
        world.scalars(run, "val_accuracy", enumerate(curve))
        world.scalars(run, "spikes", enumerate(round(float(v), 3) for v in generator.normal(size=40)))
        world.version(
            "digits",
            number,
            run=run,
            step=30,
            files={"saved_model.pb": b"graph", "variables/variables.index": run.encode()},
            semantic_version=f"1.{number}.0",
            metrics=(
                Metric(
                    name="val_accuracy", value=curve[30], source="log", goal="max", step=30, run=run, tag="val_accuracy"
                ),
                Metric(name="test_accuracy", value=level - 0.01, source="evaluated", goal="max", dataset="digits"),
            ),
            hyperparameters={"learning_rate": 0.0003 if is_new else 0.001, "units": 32},
            seeds={"numpy": seed},
            labels={"stage": "release" if is_new else "experiment"},
            datasets=(Dataset(name="digits", split="train", digest="sha256:" + "d" * 12, rows=1200),),
            code=Code(
                commit=("b" if is_new else "a") * 7,
                branch="main",
                remote=REMOTE,
                dirty=is_new,
                dirty_files=("train.py",) * is_new,
            ),
            environment=Environment(
                python="3.11.7",
                tensorflow="2.21.0" if is_new else "2.20.0",
                packages={"absl-py": "2.5.1", "grpcio": "2.0.0" if is_new else "1.74.0"},
            ),
            hardware=Hardware(cpu="AMD EPYC", cores=2, memory_bytes=16_000_000_000),
            training_seconds=60.0 * number,
            saved_model=saved_model(str(number), *((tensor("embedding", -1, 64),) if is_new else ())),
            parents=(Parent(model="digits", number=1, relation="fine_tuned_from"),) if number == 4 else (),
        )
    world.version(
        "digits",
        7,
        metrics=(
            Metric(name="val_accuracy", value=float("nan"), source="typed", goal="max"),
            Metric(name="test_accuracy", value=0.9, source="evaluated", goal="max", dataset="digits", slice="digit=8"),
        ),
        hyperparameters={"learning_rate": 0.001, "note": "<b>a|b</b>"},
    )
    world.event("mlp-wide", hparams.hparams_pb({"learning_rate": 0.001, "units": 512}))
    world.scalars("mlp-wide", "val_accuracy", enumerate(round(0.9 + 0.001 * (i % 3), 4) for i in range(40)))


def differences(world: World) -> None:
    """One version, and others that differ from it each in its own way."""
    usual = _usual()
    rest = {name: value for name, value in usual.items() if name not in ("metrics", "hyperparameters", "hardware")}
    resaved = {**usual["files"], "train.log": b"2"}
    world.version("m", 1, **usual)
    world.version("m", 2, **{**rest, **_next_week()})
    world.version("m", 3, **{**rest, **_another_model()})
    world.version("m", 4, **{**rest, **_rebuilt()})
    world.version("m", 5, **{**rest, "files": resaved, "datasets": (_data("pictures", "train", "a"),)})
    world.version("m", 6, **{**rest, "files": {**usual["files"], "saved_model.pb": b"other constants"}})
    retrained = _model("model/dense/kernel", "model/dense_1/kernel", weights="7")
    files = {**usual["files"], "variables/variables.index": b"77"}
    world.version("m", 7, **{**rest, "files": files, "saved_model": retrained})


def oddities(world: World) -> None:
    """A version of which little is known, its copy, and one with names and numbers that nobody should choose."""
    world.version("m", 1, files={"saved_model.pb": b"graph"}, hyperparameters={"lr": 0.1, "9": 1e20})
    world.version("m", 2, files={"saved_model.pb": b"graph"})
    world.version("m", 3, **_odd())


def _data(name: str, split: str, digit: str, **more: Any) -> Dataset:
    return Dataset(name=name, split=split, digest=f"sha256:{digit * 12}" if digit else "", **more)


def _model(
    *names: str, units: int = 10, weights: str = "1", ops: dict[str, int] | None = None, **signature: Any
) -> SavedModel:
    described: dict[str, Any] = {"key": "serving_default", "method": "tensorflow/serving/predict"}
    described |= {"inputs": (tensor("x", -1, 8),), "outputs": (tensor("probs", -1, units),), **signature}
    variables = [Variable(name=name, dtype="float32", shape=Shape(dimensions=(8, units))) for name in names]
    graph = MetaGraph(tags=("serve",), signatures=(Signature(**described),), ops=ops or {"MatMul": 2, "NoOp": 1})
    print_of = Fingerprint(checkpoint_hash=weights, graph_def_program_hash="7")
    return SavedModel(
        meta_graphs=(graph,), variables=tuple(variables), parameter_count=8 * units * len(names), fingerprint=print_of
    )


def _usual() -> dict[str, Any]:
    return {
        "files": {"saved_model.pb": b"graph", "variables/variables.index": b"1", "assets/words": b"a b"},
        "metrics": (
            Metric(name="accuracy", value=0.5, source="evaluated", goal="max", dataset="pictures"),
            Metric(name="latency", value=12.0, source="typed"),
            Metric(name="loss", value=0.25, source="typed", goal="min"),
        ),
        "lead_metric": "latency",
        "hyperparameters": {"lr": 0.1, "layers": 3, "augment": True, "name": "a|b"},
        "seeds": {"numpy": 1},
        "labels": {"stage": "test"},
        "datasets": (_data("pictures", "train", "a", rows=1200), _data("pictures", "test", "b", uri="gs://b/test")),
        "code": Code(
            commit="aaaaaaa", branch="main", remote=REMOTE, dirty=False, entry_point="train.py", arguments=("--lr", "1")
        ),
        "environment": Environment(
            python="3.11.7",
            tensorflow="2.20.0",
            packages={"absl-py": "2.5.1", "grpcio": "1.74.0", "old": "0.1.0", "tensorflow": "2.20.0", "x": "1.2.3"},
        ),
        "hardware": Hardware(cpu="EPYC", cores=2, memory_bytes=16_000_000_000, gpus=(Gpu(name="A100"),)),
        "training_seconds": 90.0,
        "saved_model": _model("model/dense/kernel", "model/dense_1/kernel"),
        "description": "# First\nMore",
        "created": datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc),
    }


def _next_week() -> dict[str, Any]:
    """Trained on by the same people: new data, new packages, more outputs."""
    return {
        "files": {"saved_model.pb": b"graph", "variables/variables.index": b"22", "assets/more": b"a b"},
        "hyperparameters": {"lr": 0.01, "layers": 3, "augment": False, "momentum": 0.9},
        "seeds": {"numpy": 2},
        "datasets": (_data("pictures", "train", "c", rows=2400), _data("pictures", "test", "b")),
        "code": Code(
            commit="bbbbbbb", branch="main", remote=REMOTE, dirty=True, dirty_files=("a.py", "b.py"), diff="+1\n-2\n"
        ),
        "environment": Environment(
            python="3.12.1",
            tensorflow="2.21.0",
            packages={"absl-py": "2.5.2", "grpcio": "2.0.0", "new": "1.0", "tensorflow": "2.21.0", "x": "1.3.0"},
        ),
        "saved_model": _model(
            "model/dense/kernel",
            "model/dense_1/kernel",
            weights="2",
            outputs=(tensor("probs", -1, 10), tensor("more", -1, 4)),
        ),
        "parents": (Parent(model="m", number=1, relation="fine_tuned_from"),),
        "semantic_version": "1.1.0",
    }


def _another_model() -> dict[str, Any]:
    """Another architecture for other data, from another repository; measured on other data."""
    return {
        "files": {"saved_model.pb": b"other"},
        "metrics": (
            Metric(name="accuracy", value=0.75, source="evaluated", goal="max", dataset="pictures", slice="cats"),
            Metric(name="latency", value=9.0, source="evaluated"),
            Metric(name="loss", value=NAN, source="typed", goal="min"),
        ),
        "datasets": (_data("sounds", "train", "d"),),
        "code": Code(commit="ccccccc", remote=OTHER_REMOTE, dirty=None),
        "saved_model": _model("other/kernel", units=3, weights="3", ops={"Conv2D": 1, "MatMul": 1}, inputs=()),
    }


def _rebuilt() -> dict[str, Any]:
    """Built once more in one process, which counts names up; the data has another name."""
    return {
        "files": {"saved_model.pb": b"graph again", "variables/variables.index": b"4"},
        "datasets": (_data("images", "train", "a"), _data("images", "test", "b")),
        "saved_model": _model(
            "model_1/dense_2/kernel", "model_1/dense_3/kernel", weights="4", inputs=(tensor("keras_tensor_5", -1, 8),)
        ),
        "labels": {"stage": "release", "empty": ""},
    }


def _odd() -> dict[str, Any]:
    """Names and numbers that nobody should choose."""
    odd = "a\u202eb<i>"
    return {
        "metrics": (Metric(name="__proto__", value=1e308), Metric(name=odd, value=-0.0, goal="max")),
        "hyperparameters": {"__proto__": 2**60, "10": "", odd: "two\nlines", "9": 1e20},
        "seeds": {"constructor": 2**62},
        "labels": {odd: odd, "10": "ten", "9": "nine"},
        "datasets": (_data(odd, "", ""), _data("2024", "train", "a", rows=2**60)),
        "code": Code(commit="no commit", remote="javascript:alert(1)", dirty=True),
        "environment": Environment(python="nightly", packages={odd: "1", "10": "1", "9": "", "\u00c4": "2"}),
        "hardware": Hardware(memory_bytes=2**62),
        "training_seconds": 1e9,
        "saved_model": SavedModel(variables=(Variable(name=odd, dtype="float32", shape=Shape(unknown_rank=True)),)),
        "description": "\x1c\u3000\n##  \u00a0 line\u2028x",
    }


USUAL_ROW = {"caution": None, "details": {}}
USUAL_CELL = {"absent": False, "known": True, "verdict": None, "reasons": [], "details": {}}
WORDS = {"absent": cell_payload(ABSENT), "not known": cell_payload(UNKNOWN)}


def shortened(comparison: dict[str, Any]) -> dict[str, Any]:
    """A comparison's JSON without what most rows and cells say, and without its members, which stand beside it."""
    payload = {name: value for name, value in comparison["payload"].items() if name != "members"}
    rows = [_without(_without_nulls(row), {**USUAL_ROW, "label": row["key"]}) for row in payload["rows"]]
    for row in rows:
        row["cells"] = list(map(_short_cell, row["cells"]))
    return {**comparison, "payload": {**payload, "rows": rows}}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _short_cell(cell: dict[str, Any]) -> dict[str, Any] | str:
    word = next((word for word, usual in WORDS.items() if cell == _without_nulls(usual)), None)
    return word or _without(cell, {**USUAL_CELL, "text": cell.get("value")})


def _without(fields: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in usual or usual[name] != value}
