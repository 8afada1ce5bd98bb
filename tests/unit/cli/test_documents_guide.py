"""The commands of the guide "Model cards, bills of materials, dossiers", and what others read of what they write."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard, parse_eval_result_entries

from tb_versions.core.manifest import Metric
from tests.support.documented import document_world, said

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "guides" / "model-cards-and-boms.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every command of the guide was run, in its order."""
    base = tmp_path_factory.mktemp("guide")
    world = document_world(base)
    world.version("digits", 3, metrics=(Metric(name="accuracy", value=0.42, dataset="gpqa", source="evaluated"),))
    world.close()
    said(world, "promote", "digits:2", "--alias", "production", "--reason", "x", "--actor", "jane")
    (base / "bin").mkdir()
    program = base / "bin" / "tb-versions"
    program.write_text(f'#!/bin/bash\nexec {sys.executable} -m tb_versions.cli "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{base / 'bin'}:{os.environ['PATH']}"}
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-ec", block], cwd=base, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block}{done.stdout}{done.stderr}"
    return base


def test_hugging_face_reads_the_card(folder: Path) -> None:
    assert (folder / "card/training-curve.svg").exists()
    results = ModelCard.load(folder / "card/README.md").data.eval_results
    assert {each.metric_name: each.metric_value for each in results}["accuracy"] == 0.81


def test_hugging_face_reads_the_score(folder: Path) -> None:
    (file,) = (folder / "card-3/.eval_results").iterdir()
    (entry,) = parse_eval_result_entries(yaml.safe_load(file.read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("Idavidrein/gpqa", "diamond", 0.42)


def test_a_strict_validator_takes_the_bill(folder: Path) -> None:
    bill = (folder / "digits.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(bill) is None


def test_the_dossier_is_a_page(folder: Path) -> None:
    assert re.search(r"<h2>\d+ of 32 points are not known\.</h2>", (folder / "digits.html").read_text())
