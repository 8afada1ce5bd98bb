"""Runs a real TFX pipeline: `python pipeline.py FOLDER SAVEDMODEL RATE [MODELS]`. For Python of .venv-tfx.

The orchestrator, the Resolver, the Pusher, the artifacts and the store are TFX's and MLMD's own. The components that
need Beam or TensorFlow (ExampleGen, Tuner, Trainer, Evaluator) are functions here that write what those write. From the
second run on there is a baseline. With MODELS, versions are published there by tb_versions.tfx. TFX reads annotations
itself, so they are not postponed here.
"""

# ruff: noqa: N802 - components are called as TFX's own

import importlib
import json
import os
import pathlib
import shutil
import sys

from google.protobuf import json_format
from results import slices_of, tfma_proto, verdict_of, write_records
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.components.pusher.component import Pusher
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import LatestBlessedModelStrategy
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import pusher_pb2
from tfx.types import standard_artifacts as artifacts
from tfx.types.channel import Channel

SPLITS = {"train": 800, "eval": 1_000}


@component
def ExampleGen(examples: OutputArtifact[artifacts.Examples], span: Parameter[int]):
    examples.split_names = json.dumps(list(SPLITS))
    examples.span = span
    examples.set_string_custom_property("input_fingerprint", "split:single_split,num_files:1,total_bytes:12")
    for split in SPLITS:
        inner = pathlib.Path(examples.uri, f"Split-{split}")
        inner.mkdir(parents=True)
        inner.joinpath("data_tfrecord-00000-of-00001.gz").write_bytes(b"")


@component
def StatisticsGen(examples: InputArtifact[artifacts.Examples], statistics: OutputArtifact[artifacts.ExampleStatistics]):
    statistics.split_names = examples.split_names
    for split, count in SPLITS.items():
        found = statistics_pb2.DatasetFeatureStatisticsList()
        found.datasets.add(name="All Examples", num_examples=count)
        inner = pathlib.Path(statistics.uri, f"Split-{split}")
        inner.mkdir(parents=True)
        inner.joinpath("FeatureStats.pb").write_bytes(found.SerializeToString())


@component
def SchemaGen(statistics: InputArtifact[artifacts.ExampleStatistics], schema: OutputArtifact[artifacts.Schema]):
    pathlib.Path(schema.uri).mkdir(parents=True, exist_ok=True)
    pathlib.Path(schema.uri, "schema.pbtxt").write_text('feature { name: "hour" type: INT }\n')


@component
def Tuner(
    examples: InputArtifact[artifacts.Examples],
    best_hyperparameters: OutputArtifact[artifacts.HyperParameters],
    learning_rate: Parameter[float],
):
    pathlib.Path(best_hyperparameters.uri).mkdir(parents=True, exist_ok=True)
    config = {"space": [], "values": {"learning_rate": learning_rate, "layers": 3, "activation": "relu"}}
    pathlib.Path(best_hyperparameters.uri, "best_hyperparameters.txt").write_text(json.dumps(config))


@component
def Trainer(
    examples: InputArtifact[artifacts.Examples],
    schema: InputArtifact[artifacts.Schema],
    hyperparameters: InputArtifact[artifacts.HyperParameters],
    model: OutputArtifact[artifacts.Model],
    model_run: OutputArtifact[artifacts.ModelRun],
    train_args: Parameter[str],
    seed: Parameter[int],
    saved_model: Parameter[str],
    base_model: InputArtifact[artifacts.Model] = None,
):
    shutil.copytree(saved_model, os.path.join(model.uri, "Format-Serving"))
    os.makedirs(model_run.uri, exist_ok=True)


@component
def Evaluator(
    examples: InputArtifact[artifacts.Examples],
    model: InputArtifact[artifacts.Model],
    evaluation: OutputArtifact[artifacts.ModelEvaluation],
    blessing: OutputArtifact[artifacts.ModelBlessing],
    rate: Parameter[float],
    baseline_model: InputArtifact[artifacts.Model] = None,
):
    folder = pathlib.Path(evaluation.uri)
    folder.mkdir(parents=True, exist_ok=True)
    has_baseline = baseline_model is not None
    messages = slices_of(rate, has_baseline=has_baseline)
    write_records(folder / "metrics-00000-of-00002.tfrecord", messages[:4])
    write_records(folder / "metrics-00001-of-00002.tfrecord", messages[4:])
    verdict = verdict_of(rate, has_baseline=has_baseline)
    write_records(folder / "validations-00000-of-00001.tfrecord", [verdict])
    config = tfma_proto("config").EvalRun(version="0.52.0")
    config.eval_config.model_specs.add(name="candidate" if has_baseline else "")
    if has_baseline:
        config.eval_config.model_specs.add(name="baseline", is_baseline=True)
    (folder / "eval_config.json").write_text(json_format.MessageToJson(config))
    blessed = verdict.validation_ok
    os.makedirs(blessing.uri, exist_ok=True)
    pathlib.Path(blessing.uri, "BLESSED" if blessed else "NOT_BLESSED").touch()
    blessing.set_string_custom_property("current_model", model.uri)
    blessing.set_int_custom_property("current_model_id", model.id)
    blessing.set_int_custom_property("blessed", int(blessed))


def run(folder: pathlib.Path, saved_model: str, rate: float, models: str = "") -> None:
    example_gen = ExampleGen(span=3)
    statistics_gen = StatisticsGen(examples=example_gen.outputs["examples"])
    schema_gen = SchemaGen(statistics=statistics_gen.outputs["statistics"])
    tuner = Tuner(examples=example_gen.outputs["examples"], learning_rate=rate)
    nodes = [example_gen, statistics_gen, schema_gen, tuner]
    base, baseline = {}, {}
    if (folder / "metadata.sqlite").exists():
        resolver = Resolver(
            strategy_class=LatestBlessedModelStrategy,
            model=Channel(type=artifacts.Model),
            model_blessing=Channel(type=artifacts.ModelBlessing),
        ).with_id("latest_blessed_model_resolver")
        base, baseline = {"base_model": resolver.outputs["model"]}, {"baseline_model": resolver.outputs["model"]}
        nodes.append(resolver)
    trainer = Trainer(
        examples=example_gen.outputs["examples"],
        schema=schema_gen.outputs["schema"],
        hyperparameters=tuner.outputs["best_hyperparameters"],
        train_args=json.dumps({"num_steps": 100, "splits": ["train"]}),
        seed=7,
        saved_model=saved_model,
        **base,
    )
    evaluator = Evaluator(
        examples=example_gen.outputs["examples"], model=trainer.outputs["model"], rate=rate, **baseline
    )
    nodes += [trainer, evaluator]
    pusher = Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=str(folder / "serving" / "taxi"))
        ),
    )
    nodes.append(pusher)
    if models:
        tb_versions_tfx = importlib.import_module("tb_versions.tfx")
        publisher = tb_versions_tfx.VersionPublisher(
            model=trainer.outputs["model"],
            model_blessing=evaluator.outputs["blessing"],
            evaluation=evaluator.outputs["evaluation"],
            hyperparameters=tuner.outputs["best_hyperparameters"],
            models_dir=models,
            name="taxi",
        )
        nodes.append(publisher)
    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="taxi",
            pipeline_root=str(folder),
            components=nodes,
            enable_cache=True,
            metadata_connection_config=metadata.sqlite_metadata_connection_config(str(folder / "metadata.sqlite")),
        )
    )


if __name__ == "__main__":
    run(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], float(sys.argv[3]), *sys.argv[4:])
