"""Curves and hyperparameters of runs without versions."""

from __future__ import annotations

import pytest
from tensorboard.context import RequestContext
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.plugins.hparams import summary_v2 as hp

from tb_versions.errors import VersionNotFoundError
from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.runs.all_runs import (
    found_version,
    near_runs,
    read_hyperparameters,
    run_metrics,
    runs_by_start,
    runs_of,
)
from tests.support.world import World


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def test_keras_puts_two_runs_below_a_training():
    assert runs_of("mlp", ["mlp/train", "mlp/validation", "mlp/other"]) == ["mlp/train", "mlp/validation"]
    assert runs_of("mlp/train", ["mlp/train", "mlp/validation"]) == ["mlp/train"]


def test_metrics_of_runs_are_named_as_keras_logs_them(world):
    world.scalars("a/train", "epoch_loss", [(0, 2.0), (1, 1.0)])
    world.scalars("a/validation", "epoch_loss", [(0, 3.0), (1, 1.5)])
    world.scalars("b", "odd / tag <b>", [(0, 1.0)])
    curves = CurveReader(provider_of(str(world.logs))).read_metrics(["a/train", "a/validation", "b", "gone"])
    assert sorted(curves) == ["a/train", "a/validation", "b"]
    assert curves["a/train"]["epoch_loss"].values.tolist() == [2.0, 1.0]
    metrics = {m.kind.name: m for m in run_metrics(["a/train", "a/validation"], curves)}
    assert set(metrics) == {"loss", "val_loss"}
    assert metrics["val_loss"].at_export is None
    assert (metrics["val_loss"].last.value, metrics["val_loss"].kind.goal) == (1.5, "min")


def test_hyperparameters_come_from_the_hparams_plugin(world):
    world.event("mlp", hp.hparams_pb({"lr": 0.5, "units": 32, "name": "x\u202e", "flag": True}))
    world.scalars("plain", "loss", [(0, 1.0)])
    found = read_hyperparameters(provider_of(str(world.logs)))
    assert found == {"mlp": {"flag": True, "lr": 0.5, "name": "x\\u{202e}", "units": 32}}


def test_hyperparameters_keep_their_kind_and_what_has_none_is_left_out(world):
    summary = hp.hparams_pb({"units": 32, "lr": 0.5, "huge": 2.0**60, "flag": True, "none": 1, "list": 1})
    plugin_data = summary.value[0].metadata.plugin_data
    content = plugin_data_pb2.HParamsPluginData.FromString(plugin_data.content)
    content.session_start_info.hparams["none"].null_value = 0
    content.session_start_info.hparams["list"].list_value.Clear()
    plugin_data.content = content.SerializeToString()
    world.event("mlp", summary)
    found = read_hyperparameters(provider_of(str(world.logs)))
    assert repr(found["mlp"]) == repr({"flag": True, "huge": 2.0**60, "lr": 0.5, "units": 32})


def test_a_reference_that_is_the_name_of_a_run_says_how_a_run_is_named():
    known = Catalog(known_runs=("mlp/train", "cnn"))
    for name in ("mlp", "cnn"):
        with pytest.raises(VersionNotFoundError, match=rf"The run of that name is written run:{name}[.]$"):
            found_version(name, known)
    with pytest.raises(VersionNotFoundError, match=r"there are no versions[.]$"):
        found_version("rnn", known)


def test_a_run_that_is_not_there_has_neighbours():
    assert near_runs("cnn/sed-1", Catalog(known_runs=("cnn/seed-1", "zzz"))) == "Did you mean cnn/seed-1?"
    assert near_runs("x", Catalog()) == "No runs are known."


def test_runs_are_ordered_by_their_first_event(world):
    world.scalars("b", "loss", [(1, 0.5)])
    world.scalars("a", "loss", [(2, 0.5)])
    world.scalars("c", "loss", [(1, 0.5)])
    first = {
        run.run_name: run.start_time
        for run in provider_of(str(world.logs)).list_runs(RequestContext(), experiment_id="")
    }
    assert runs_by_start(provider_of(str(world.logs))) == tuple(sorted(first, key=lambda run: (first[run], run)))
    assert runs_by_start(None) == ()
