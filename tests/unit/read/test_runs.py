"""Curves and hyperparameters of runs without versions."""

from __future__ import annotations

import pytest
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import summary_v2 as hp

from tb_versions.comparison import Series
from tb_versions.read.catalog import Catalog
from tb_versions.read.event_files import provider_of
from tb_versions.read.runs import near_runs, read_curves, read_hyperparameters, run_metrics, runs_of, training_of
from tests.support.world import World

CONTEXT = RequestContext()


class Counting:
    """A provider that counts what it is asked."""

    def __init__(self, provider):
        self._provider = provider
        self.reads = 0

    def list_scalars(self, *args, **kwargs):
        return self._provider.list_scalars(*args, **kwargs)

    def read_scalars(self, *args, **kwargs):
        self.reads += 1
        self.points = kwargs["downsample"]
        return self._provider.read_scalars(*args, **kwargs)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def test_keras_puts_two_runs_below_a_training():
    assert training_of("a/mlp/train") == training_of("a/mlp/validation") == training_of("a/mlp") == "a/mlp"
    assert training_of("train") == "train"
    assert runs_of("mlp", ["mlp/train", "mlp/validation", "mlp/other"]) == ["mlp/train", "mlp/validation"]
    assert runs_of("mlp/train", ["mlp/train", "mlp/validation"]) == ["mlp/train"]


def test_all_curves_come_with_one_read(world):
    world.scalars("a/train", "epoch_loss", [(0, 2.0), (1, 1.0)])
    world.scalars("a/validation", "epoch_loss", [(0, 3.0), (1, 1.5)])
    world.scalars("b", "odd / tag <b>", [(0, 1.0)])
    provider = Counting(provider_of(str(world.logs)))
    curves = read_curves(provider, CONTEXT, ["a/train", "a/validation", "b", "gone"])
    assert provider.reads == 1
    assert curves["a/train"] == {"epoch_loss": Series((0, 1), (2.0, 1.0))}
    assert curves["gone"] == {}
    metrics = {m.kind.name: m for m in run_metrics(["a/train", "a/validation"], curves)}
    assert set(metrics) == {"loss", "val_loss"}
    assert metrics["val_loss"].at_export is None
    assert (metrics["val_loss"].last.value, metrics["val_loss"].kind.goal) == (1.5, "min")


def test_of_many_curves_fewer_points_are_asked_for(world):
    for run in range(30):
        for tag in range(20):
            world.scalars(f"r{run}", f"t{tag}", [(0, 1.0)])
    provider = Counting(provider_of(str(world.logs)))
    read_curves(provider, CONTEXT, ["r1"])
    assert provider.points == 1_000
    read_curves(provider, CONTEXT, [f"r{run}" for run in range(30)])
    assert provider.points == 333


def test_nothing_is_read_for_no_runs():
    assert read_curves(None, CONTEXT, []) == {}


def test_hyperparameters_come_from_the_hparams_plugin(world):
    world.event("mlp", hp.hparams_pb({"lr": 0.5, "units": 32, "name": "x\u202e", "flag": True}))
    world.scalars("plain", "loss", [(0, 1.0)])
    found = read_hyperparameters(provider_of(str(world.logs)), CONTEXT)
    assert found == {"mlp": {"flag": True, "lr": 0.5, "name": "x\\u{202e}", "units": 32}}


def test_a_run_that_is_not_there_has_neighbours():
    assert near_runs("cnn/sed-1", Catalog(known_runs=("cnn/seed-1", "zzz"))) == "Did you mean cnn/seed-1?"
    assert near_runs("x", Catalog()) == "No runs are known."
