"""One comparison, the same from Python, from the command line and over HTTP; the page's tests read it too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from tensorboard.plugins.hparams import summary_v2 as hparams

import tb_versions
from tb_versions import payload
from tb_versions.cli import main
from tb_versions.core.manifest import (
    Code,
    Dataset,
    Environment,
    Fingerprint,
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
from tb_versions.payload.comparison import compare_payload
from tests.support.world import Site, World, strict

GOLDEN = Path(__file__).parent / "compare.json"
MEMBERS = ("digits:1", "digits:4", "run:mlp-wide", "digits:7")
GOALS = {"spikes": "min"}
REMOTE = "https://github.com/example/digits.git"


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


def write(world: World) -> None:
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
            datasets=(Dataset(name="digits", split="train", digest="sha256:" + "d" * 64, rows=1200),),
            code=Code(
                commit=("b" if is_new else "a") * 40,
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


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    write(made)
    yield made
    made.close()


@pytest.fixture
def golden(world: World, update_goldens: bool) -> Any:
    comparison = tb_versions.compare(MEMBERS, models_dir=world.models, logdir=world.logs, goals=GOALS)
    told = strict(payload.with_revision(compare_payload(comparison))[0])
    if update_goldens:
        GOLDEN.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    assert os.fsencode(world.base) not in GOLDEN.read_bytes()
    assert strict(GOLDEN.read_bytes()) == told, "another; if that is meant: pytest tests/contract --update-goldens"
    return told


def test_python_is_as_agreed(golden: Any) -> None:
    assert golden["summary"].startswith("digits 4 has 2.9 % higher val_accuracy than digits 1, better, beyond seed")
    verdicts = {r["key"]: [c["verdict"] for c in r["cells"]] for r in golden["rows"] if r["group"] == "metrics"}
    assert verdicts["val_accuracy"] == [None, "better", "worse", "unknown"]


def test_the_command_line_says_the_same(world: World, golden: Any) -> None:
    places = ["--logdir", str(world.logs), "--models-dir", str(world.models)]
    done = CliRunner().invoke(main, ["compare", *MEMBERS, "--goal", "spikes=min", "--json", *places])
    assert (done.exit_code, done.stderr) == (0, "")
    assert strict(done.stdout.encode()) == golden


def test_http_says_the_same(world: World, golden: Any) -> None:
    site = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    site.settle()
    query: Callable[[str], str] = lambda name: f"member={name}"  # noqa: E731
    path = f"/compare?{'&'.join(map(query, MEMBERS))}&goal=spikes=min"
    assert site.json(path) == golden
    response = site.get(path)
    assert response.headers["ETag"] == f'"{golden["revision"]}"'
    assert site.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
