"""A real TFX pipeline is imported as it is: every value equals what MLMD's client and TFMA's own protos read."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import Metric
from tb_versions.interop.tfx.evaluation import read_evaluation
from tb_versions.interop.tfx.metrics import to_metrics
from tb_versions.interop.tfx.reading import read_pipelines
from tests.support import tfx
from tests.support.effort import HANGS
from tests.support.savedmodel_bytes import small_model, write_model

_CLIENT = Path(__file__).parent / "support" / "tfx_client"
_RATES = (0.75, 0.25, 0.9)


def client(python: Path, program: str, *arguments: object, **variables: str) -> str:
    command = [str(python), str(_CLIENT / program), *map(str, arguments)]
    variables = {**tfx.client_environment(), **variables}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS, env=variables)
    assert done.returncode == 0, done.stderr[-4_000:]
    return done.stdout


@pytest.fixture(scope="module")
def pipeline(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Python of .venv-tfx, and the output folder of three runs."""
    python = Path(request.config.rootpath) / ".venv-tfx" / "bin" / "python"
    folder = tmp_path_factory.mktemp("tfx")
    model = write_model(folder / "model", small_model())
    (folder / "pipeline").mkdir()
    for rate in _RATES:
        client(python, "pipeline.py", folder / "pipeline", model, rate)
    return python, folder / "pipeline"


@pytest.mark.client("tfx")
def test_every_value_of_a_real_pipeline_equals_that_of_independent_readers(
    pipeline: tuple[Path, Path], update_goldens: bool
) -> None:
    python, folder = pipeline
    said = json.loads(client(python, "reader.py", "read", folder))
    if update_goldens:
        tfx.record(folder, said)
    check_models(said, folder)


@pytest.mark.client("tfx")
@pytest.mark.parametrize("schema", [9, 8, 7, 6])
def test_a_store_of_an_earlier_schema_reads_the_same(pipeline: tuple[Path, Path], tmp_path: Path, schema: int) -> None:
    python, folder = pipeline
    old = tmp_path / "metadata.sqlite"
    shutil.copy(folder / "metadata.sqlite", old)
    client(python, "reader.py", "downgrade", old, schema)
    before, after = (read_pipelines(str(folder), metadata=path).versions for path in ("", str(old)))
    assert repr(after) == repr(before)  # NaN equals itself there


@pytest.mark.client("tfx")
def test_the_component_publishes_what_was_blessed_with_its_metrics_and_hyperparameters(
    client_python: Path, tmp_path: Path, project_root: Path
) -> None:
    model, models = write_model(tmp_path / "model", small_model()), tmp_path / "models"
    (tmp_path / "pipeline").mkdir()
    for rate in (0.75, 0.25):  # the second is not blessed
        client(client_python, "pipeline.py", tmp_path / "pipeline", model, rate, models, PYTHONPATH=str(project_root))
    manifest = codec.decode((models / "taxi" / "1" / "version_manifest.json").read_bytes())
    assert sorted(path.name for path in (models / "taxi").iterdir()) == [".versions", "1"]
    assert manifest.hyperparameters == {"learning_rate": 0.75, "layers": 3.0, "activation": "relu"}
    assert manifest.labels["tfx.pipeline"] == "taxi"
    imported = read_pipelines(str(tmp_path / "pipeline")).versions[0].metrics
    assert repr([replace(metric, source="") for metric in manifest.metrics]) == repr(list(imported))
    assert {metric.source for metric in manifest.metrics} == {"evaluated"}


def test_every_value_of_the_recorded_pipeline_equals_that_of_independent_readers(tmp_path: Path) -> None:
    check_models(tfx.independent(), tfx.lay_out(tmp_path / "copied"))


@pytest.mark.parametrize(
    ("name", "count", "failed", "left_out"),
    [
        ("binary", 311, 13, []),
        (
            "classes",  # several classes, weights, a baseline, two slices compared
            180,
            3,
            ["confusion matrices of several classes", "numbers that are differences between two slices"],
        ),
    ],
)
def test_every_value_of_an_evaluation_by_tfma_itself_equals_that_of_its_own_protos(
    name: str, count: int, failed: int, left_out: list[str]
) -> None:
    folder = tfx.EVALUATED / name
    noted: Counter[str] = Counter()
    evaluation = read_evaluation(str(folder), within=str(folder))
    metrics = to_metrics(evaluation.measured, "eval", evaluation.candidates, noted)
    said = json.loads(gzip.decompress((folder / "independent.json.gz").read_bytes()))
    check_metrics(metrics, tfx.expected(said))
    assert len(metrics) == count
    assert evaluation.verdict is not None
    assert evaluation.verdict.ok == said["verdict"].get("validationOk", False)
    assert len(said["verdict"]["metricValidationsPerSlice"]) == failed
    assert [what for what in left_out if what not in " ".join(evaluation.notes)] == []
    assert bool(left_out) == bool(evaluation.notes)


def test_the_commands_of_the_guide_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project_root: Path
) -> None:
    tfx.lay_out(tmp_path / "pipelines" / "taxi")
    monkeypatch.chdir(tmp_path)
    guide = (project_root / "docs" / "guides" / "come-from-tfx.md").read_text()
    commands = [line for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()]
    told = [CliRunner().invoke(main, shlex.split(line)[1:]) for line in commands]
    assert [done.exit_code for done in told] == [0, 0, 0, 0], [done.output for done in told]
    shown = re.findall(r"```text\n(.*?)```", guide, re.DOTALL)[0].replace("…\n", "").splitlines()
    imported = told[1].output.replace(str(tmp_path.resolve()), "/srv")
    assert [line for line in shown if line not in imported] == []
    assert "taxi:1" in told[3].output
    assert "taxi:2" not in told[3].output


def check_models(said: dict[str, Any], folder: Path) -> None:
    """Compares the models of a pipeline with what independent readers said of it."""
    read = read_pipelines(str(folder), pushed_alias="production")
    assert read.skipped == []
    models = [artifact for artifact in said["artifacts"] if artifact["type"] == "Model"]
    assert [version.key for version in read.versions] == [f"artifacts/{model['id']}" for model in models]
    for version, model in zip(read.versions, models, strict=True):
        assert version.model == "taxi"
        assert version.created is not None
        assert round(version.created.timestamp() * 1_000) == int(model["createTimeSinceEpoch"])
        evaluation = tfx.expected(said["evaluations"][_evaluation(said, int(model["id"]))])
        check_metrics(version.metrics, evaluation)
        assert version.folder == str(folder.resolve() / "Trainer" / "model" / _maker(said, model) / "Format-Serving")


def check_metrics(metrics: Sequence[Metric], expected: Mapping[tuple[str, str], tuple[Any, ...]]) -> None:
    """Compares metrics with value and interval by name and slice, bit by bit."""
    found = {(metric.name, metric.slice): metric for metric in metrics}
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        metric = found[key]
        assert tuple(map(tfx.bits, (metric.value, metric.lower, metric.upper))) == tuple(map(tfx.bits, values)), key
        assert metric.confidence == (None if values[1] is None else 0.95)
        count = expected.get(("example_count", metric.slice))
        assert metric.examples == (None if count is None or "difference" in metric.name else count[0])


def _maker(said: dict[str, Any], model: dict[str, Any]) -> str:
    """The execution that made an artifact."""
    events = [e for e in said["events"] if e["artifactId"] == model["id"] and e["type"] == "OUTPUT"]
    return str(min(int(event["executionId"]) for event in events))


def _evaluation(said: dict[str, Any], model: int) -> str:
    """The folder of a model's results: those of the execution that read it as its `model`."""
    events = {event["executionId"] for event in said["events"] if _is_input(event, model)}
    results = {a["id"] for a in said["artifacts"] if a["type"] == "ModelEvaluation"}
    made = [e for e in said["events"] if e["artifactId"] in results and e["executionId"] in events]
    assert len({event["executionId"] for event in made}) == 1
    return f"Evaluator/evaluation/{made[0]['executionId']}"


def _is_input(event: dict[str, Any], model: int) -> bool:
    return (
        event["type"] == "INPUT" and int(event["artifactId"]) == model and event["path"]["steps"][0]["key"] == "model"
    )
