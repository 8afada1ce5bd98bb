"""Everything at once: nothing secret, nothing heavy, no surprise."""

from __future__ import annotations

import dataclasses
import getpass
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.write import provenance
from tests.support.effort import HANGS
from tests.unit.write.provenance.conftest import Git

PLANTED = {
    "--password": "planted-01-hunter2",
    "--api-key": "planted-02-abc",
    "--db": "postgresql://planted-03-user:planted-04-pass@host/db?password=planted-05-pass",
    "--bucket": "s3://planted-06-key:planted-07-secret@bucket/x",
    "--signed": "https://host/x?X-Amz-Signature=planted-08-signature&X-Amz-Credential=planted-09",
    "--github": "ghp_planted10planted10planted10planted10",
    "--hub": "hf_planted11planted11planted11planted11",
    "--aws": "AKIAPLANTED12PLANTED",
    "--openai": "sk-planted13planted13planted13",
    "--jwt": "eyJhbGciOiJIUzI1NiJ9.planted14planted14.planted14",
    "--header": "Authorization: Bearer planted15planted15==",
    "--json": '{"client_secret": "planted-16", "lr": 1}',
    "--azure": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=planted-17==;",
    "--hydra": "db.auth_token=planted-18",
    "--jdbc": "jdbc:mysql://host/db?user=planted-19",
    "--slack": "xoxb-planted20-planted20-planted20",
}


def encoded(captured: provenance.Captured) -> str:
    """The facts as they stand on disk."""
    facts = {field.name: getattr(captured, field.name) for field in dataclasses.fields(captured)}
    return codec.encode(VersionManifest(model="m", number=1, **facts)).decode()


def test_planted_secrets_home_user_and_host_are_nowhere(
    repository: Path, git: Git, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "remote", "add", "origin", "https://planted-21-user:planted-22-token@host/o/r.git?planted-23")
    (repository / "train.py").write_text('PASSWORD = "planted-24"\ntoken = "ghp_planted25planted25planted25planted"\n')
    monkeypatch.setenv("PLANTED_VARIABLE", "planted-26")
    monkeypatch.setenv("WANDB_API_KEY", "planted-27")
    arguments = [part for pair in PLANTED.items() for part in pair]
    paths = [f"--out={home}/out", f"{home}/data", "/home/planted-28/x", "file:///Users/planted-29/x"]
    monkeypatch.setattr(sys, "argv", [str(repository / "train.py"), *arguments, *paths])
    text = encoded(provenance.capture(provenance.Capture(diff_limit=10_000)))
    assert "planted" not in text.lower()
    assert str(home) not in text
    assert str(repository) not in text
    assert platform.node() not in text.split('"')
    assert getpass.getuser() not in text.replace('"', "/").split("/")
    assert "https://host/o/r.git" in text
    assert '"train.py"' in text


def test_each_fact_can_be_switched_off() -> None:
    nothing = provenance.capture(provenance.Capture(code=False, environment=False, hardware=False))
    assert (nothing.code, nothing.environment, nothing.hardware) == (None, None, None)


def test_a_surprise_makes_a_fact_absent_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(provenance, "capture_hardware", fail)
    captured = provenance.capture()
    assert captured.hardware is None
    assert captured.environment is not None


def test_a_script_s_code_is_captured_once(repository: Path, run_as: Callable[..., None]) -> None:
    run_as(repository / "train.py")
    before = provenance.capture().code
    (repository / "train.py").write_text("edited while training\n")
    assert provenance.capture().code == before
    run_as("")
    assert provenance.capture_code(repository) != before


def test_importing_and_capturing_loads_no_tensorflow(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import json, sys\n"
        "from tb_versions.write import provenance\n"
        "early = sorted(sys.modules)\n"
        "provenance.capture()\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pandas', 'tensorboard', 'torch', 'jax'}\n"
        "print(json.dumps([sorted(heavy & set(early)), sorted(heavy & set(sys.modules))]))\n"
    )
    root = Path(provenance.__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True, timeout=HANGS
    )
    assert json.loads(done.stdout) == [[], []]


@pytest.mark.tensorflow
def test_a_loaded_tensorflows_seed_is_read_without_initialising_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import json\n"
        "import tensorflow as tf\n"
        "from tensorflow.python.eager import context\n"
        "from tb_versions.write import provenance\n"
        "tf.keras.utils.set_random_seed(7)\n"
        "tf.random.set_seed(8)\n"
        "captured = provenance.capture()\n"
        "print(json.dumps([captured.seeds, captured.environment.tensorflow == tf.__version__,\n"
        "                  context.context()._initialized]))\n"
    )
    root = Path(provenance.__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)} | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True, timeout=HANGS
    )
    assert json.loads(done.stdout) == [{"keras": 7, "python_hash": 0, "tensorflow": 8}, True, False]
