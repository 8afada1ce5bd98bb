"""What W&B, GTO and Trackio themselves made is imported, value by value what they say, and twice."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.interop.importing.flattening import flatten
from tests.support.effort import HANGS
from tests.support.git_repositories import Registry, digits

PROGRAMS = Path(__file__).parents[1] / "support/trackers_client"


def ask(python: Path, program: str, *arguments: object) -> Any:
    """Runs a program under the clients' own Python; returns the JSON in its last line."""
    command = [str(python), "-I", str(PROGRAMS / program), *map(str, arguments)]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("WANDB_", "TRACKIO_", "GIT_"))}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4_000:]
    return json.loads(done.stdout.splitlines()[-1])


def tb_versions(*arguments: object) -> str:
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == 0, done.output
    return done.stdout


def import_twice(models: Path, *arguments: object) -> list[VersionManifest]:
    """Imports, sees that a second import changes nothing, and returns the manifests by their number."""
    tb_versions(*arguments, "--models-dir", models)
    before = {path: path.read_bytes() for path in models.rglob("*") if path.is_file()}
    told = orjson.loads(tb_versions(*arguments, "--models-dir", models, "--json"))
    assert {version["became"] for version in told["versions"]} == {"same"}
    assert told["changes"] == []
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} == before
    manifests = [codec.decode(path.read_bytes()) for path in models.glob("*/*/version_manifest.json")]
    return sorted(manifests, key=lambda one: (one.model, one.number))


def events(models: Path, model: str) -> list[tuple[str, str, int, str]]:
    told = orjson.loads(tb_versions("history", model, "--models-dir", models, "--json"))
    return [(one["kind"], one.get("alias") or "", one["version"], one["actor"]) for one in told]


@pytest.mark.client("trackers")
def test_offline_runs_of_wandb_are_what_its_messages_say(client_python: Path, tmp_path: Path) -> None:
    runs = ask(client_python, "wandb_runs.py", tmp_path)
    models, staging = tmp_path / "models", tmp_path / "data/artifacts/staging"
    found = import_twice(models, "import-wandb", "--dir", tmp_path, "--copy-files", "--staging", staging)
    logged = [(run, place, one) for run in runs for place, one in enumerate(run["artifacts"])]
    assert [manifest.imported.version if manifest.imported else "" for manifest in found] == [
        one["digest"][:12] for _, _, one in logged
    ]
    for manifest, (run, place, one) in zip(found, logged, strict=True):
        expected = {name.replace("nested/", "nested."): value for name, value in one["then"].items() if name != "text"}
        if place == len(run["artifacts"]) - 1:  # the last has what came later as well
            late = {name: run["history"].get(name, [run["summary"][name], None]) for name in ("nan", "inf", "best_acc")}
            expected |= late
        assert {metric.name: [repr(metric.value), metric.step] for metric in manifest.metrics} == {
            name: [repr(float(text)), step] for name, (text, step) in expected.items()
        }
        assert {file.path: file.size for file in manifest.files} == one["files"]
        assert manifest.description == one["description"]
        assert manifest.labels["metadata.by.k"] == "1"
        assert manifest.labels["wandb.run_name"] == run["name"]
        assert manifest.hyperparameters["lr"] == run["config"]["lr"]
    assert found[0].hyperparameters == {"lr": 1e-3, "layers": "[1, 2]", "opt.name": "adam"}
    assert [event[:3] for event in events(models, found[0].model)] == [("alias_set", "best", 2)]
    tb_versions("verify", "--models-dir", models)


@pytest.mark.client("trackers")
def test_what_gto_made_is_what_it_says(client_python: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "repo")
    commits = [registry.commit(), registry.commit()]
    (registry.folder / "commits").write_text("\n".join(commits))
    for key, value in (("user.name", "Anna"), ("user.email", "anna@example.org")):
        registry.git("config", key, value)
    told = ask(client_python, "gto_registry.py", registry.folder, "make")
    found = import_twice(tmp_path / "models", "import-gto", "--repo", registry.folder)
    versions = {
        (one.imported.model, one.imported.version): (
            one.code.commit if one.code else "",
            str(one.created),
            one.labels["gto.author"],
        )
        for one in found
        if one.imported
    }
    assert versions == {
        (artifact, one["version"]): (one["commit"], one["at"], one["by"])
        for artifact, of in told["versions"].items()
        for one in of
    }
    assert next(one.description for one in found if one.semantic_version == "1.0.0") == "the first ✓"
    acts = sorted(told["history"], key=lambda act: int(act["ref"].rpartition("#")[2]))
    numbers = {one.imported.version: one.number for one in found if one.imported and one.model == "digits"}
    kinds = {"assignment": "alias_set", "unassignment": "alias_removed"}
    assert events(tmp_path / "models", "digits") == [
        (kinds[act["event"]], act["stage"], numbers[act["version"]], act["author"]) for act in acts
    ]
    assert [event[0] for event in events(tmp_path / "models", "old")] == ["deprecated"]


@pytest.mark.client("trackers")
def test_stages_are_where_gto_says_that_they_are(client_python: Path, tmp_path: Path) -> None:
    registry = digits(tmp_path / "repo")
    told = ask(client_python, "gto_registry.py", registry.folder, "tell")
    found = import_twice(tmp_path / "models", "import-gto", "--repo", registry.folder)
    (prod,) = (one["version"] for one in told["versions"]["digits"] if "prod" in one["stages"])
    which = orjson.loads(tb_versions("which", "digits@prod", "--models-dir", tmp_path / "models", "--json"))
    assert found[which["number"] - 1].semantic_version == prod.removeprefix("v")


@pytest.mark.client("trackers")
@pytest.mark.parametrize("form", ["sqlite", "parquet"])
def test_a_project_of_trackio_is_what_it_says(form: str, client_python: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    store.mkdir()
    told = ask(client_python, "trackio_project.py", store)
    if form == "parquet":
        (store / "mnist.db").unlink()
    found = import_twice(tmp_path / "models", "import-trackio", "--dir", store, "--copy-files")
    assert [one.number for one in found] == [one["version"] for one in told["versions"]] == [0, 1, 2]
    for manifest, one in zip(found, told["versions"], strict=True):
        run = told["runs"][one["producer_run_name"]]
        last = run["logs"][-1]
        step = int(last["step"])
        values = {name: float(last[name]) for name in ("acc", "nan", "inf")} | {"d.e": float(step)}
        assert {metric.name: (repr(metric.value), metric.step) for metric in manifest.metrics} == {
            name: (repr(value), step) for name, value in values.items()
        }
        flat = {"lr": run["config"]["lr"]}
        if "opt" in run["config"]:
            flat |= {"opt.name": "adam", "layers": "[1, 2]"}
        assert manifest.hyperparameters == flat
        assert {file.path: (file.digest, file.size) for file in manifest.files} == {
            entry["path"]: (f"sha256:{entry['digest']}", entry["size"]) for entry in one["manifest"]
        }
        assert manifest.labels["metadata.n"] == str(one["metadata"]["n"])
        assert str(manifest.created) == one["created_at"].replace("T", " ")
    aliases = {name: version for name, version in told["aliases"].items() if name != "latest"}
    for alias, number in aliases.items():
        which = orjson.loads(
            tb_versions("which", f"mnist-digits@{alias}", "--models-dir", tmp_path / "models", "--json")
        )
        assert which["number"] == number


@pytest.mark.client("trackers")
def test_a_project_of_dvc_is_what_it_says_with_the_files_in_its_cache(client_python: Path, tmp_path: Path) -> None:
    told = ask(client_python, "dvc_project.py", tmp_path / "repo")
    found = import_twice(tmp_path / "models", "import-gto", "--repo", tmp_path / "repo", "--copy-files")
    models = [one for one in found if one.model == "digits"]
    assert [one.semantic_version for one in models] == [one["version"].removeprefix("v") for one in told]
    for manifest, one in zip(models, told, strict=True):
        assert {metric.name: metric.value for metric in manifest.metrics} == flatten(one["metrics"])
        assert manifest.hyperparameters == flatten(one["params"])
        assert {file.path: file.digest.removeprefix("sha256:") for file in manifest.files} == one["files"]
        assert [dataset.uri for dataset in manifest.datasets] == ["data.csv"]
    (labels,) = (one for one in found if one.model == "labels")
    assert [(file.path, file.size) for file in labels.files] == [("labels.txt", 10)]
    assert (tmp_path / "models/labels/1/labels.txt").read_bytes() == b"zero\r\none\n"
    tb_versions("verify", "--models-dir", tmp_path / "models")
