"""Our root digest is the one of OpenSSF Model Signing."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from tb_versions.core.digest import digest_files, list_files
from tb_versions.core.digest.signing_root import signing_root
from tests.support.effort import HANGS
from tests.support.mlflow_client import with_mlflow
from tests.support.world import World

CLIENT = Path(__file__).parents[1] / "support" / "signing_client.py"
NAMES = ("a", "a-b", "a.b", "A", "b", "ab", "é", "Z z", "10", "9", "_", "a b", "~", "saved_model.pb", "日本")


def tree(folder: Path, chosen: random.Random) -> Path:
    """A folder of files and folders whose names sort differently as texts and as paths."""
    for _ in range(chosen.randint(1, 30)):
        parts = [chosen.choice(NAMES) for _ in range(chosen.randint(1, 4))]
        path = folder.joinpath(*parts)
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(chosen.randbytes(chosen.choice((0, 1, 100, 5_000))))
    return folder


@pytest.mark.client("signing")
def test_the_root_of_fifty_trees_is_that_of_model_signing(client_python: Path, tmp_path: Path) -> None:
    chosen = random.Random(38)
    folders = [tree(tmp_path / str(number), chosen) for number in range(50)]
    ours = [signing_root(digest_files(folder, list_files(folder))) for folder in folders]
    done = subprocess.run(
        [client_python, CLIENT, "roots", *folders], capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == ours


def keys(folder: Path) -> tuple[Path, Path]:
    private, public = folder / "key.pem", folder / "key.pub"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private], check=True)
    subprocess.run(["openssl", "ec", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public


@pytest.mark.client("signing")
def test_a_version_is_signed_and_nothing_else_passes(client_python: Path, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    world.version("digits", 2)
    folder, signature = world.models / "digits" / "1", tmp_path / "digits.sig"
    (tmp_path / "others").mkdir()
    (private, public), (_, other) = keys(tmp_path), keys(tmp_path / "others")
    where = ["--models-dir", world.models]

    def run(*arguments: object, code: int = 0) -> str:
        return with_mlflow(client_python, tmp_path, *arguments, *where, code=code)

    run("sign", "digits:1", "--key", private, "--out", signature)
    check = ("--signature", signature)
    assert "signed with the key" in run("verify", "digits:1", "--key", public, *check)
    run("sign", "digits:1", "--key", private, "--out", signature, code=2)  # it is there already
    run("sign", "digits:1", "--key", private, "--out", folder / "x.sig", code=2)
    assert "not verified" in run("verify", "digits:1", "--key", other, *check, code=1)
    assert "not verified" in run("verify", "digits:2", "--key", public, *check, code=1)
    run("verify", "digits:1", "--key", public, code=2)
    run("verify", "digits:1", "--key", public, "--signature", tmp_path / "none", code=2)
    (folder / "saved_model.pb").write_bytes(b"DIGITS 1")
    run("verify", "digits:1", "--key", public, *check, code=1)
    run("sign", "digits:1", "--key", private, "--out", tmp_path / "new.sig", code=1)
    assert not (tmp_path / "new.sig").exists()


@pytest.mark.client("signing")
def test_a_signature_that_leaves_files_out_is_none(client_python: Path, tmp_path: Path) -> None:
    """The key's owner signed all but one file: model-signing takes it, and we do not."""
    world = World(tmp_path)
    world.version("digits", 1)
    private, public = keys(tmp_path)
    folder, signature = world.models / "digits" / "1", tmp_path / "part.sig"
    subprocess.run([client_python, CLIENT, "part", folder, private, signature], check=True, timeout=HANGS)
    arguments = ["verify", "digits:1", "--key", public, "--signature", signature, "--models-dir", world.models]
    said = with_mlflow(client_python, tmp_path, *arguments, code=1)
    assert "is not about" in said
    assert "saved_model.pb" in said
