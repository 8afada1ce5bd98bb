"""Versions as OCI layouts, and Debian's registry on loopback to push them to."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tests.support.publishing import published
from tests.support.savedmodel_bytes import small_model, table


def model_folder(folder: Path) -> Path:
    """Writes files of every kind that a SavedModel has, an empty one among them."""
    for name, data in {
        "saved_model.pb": small_model(),
        "variables/variables.index": table(),
        "variables/variables.data-00000-of-00001": bytes(range(256)) * 40,
        "assets/vocabulary of words.txt": "naïve\n".encode(),
        "assets/empty": b"",
        "README.md": b"# Read me",
        "odd.bin": b"what is this",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def packed(tmp: Path, out: str = "layout", **options: Any) -> Path:
    """Publishes a version, if there is none yet, and exports it as a layout."""
    models = tmp / "models"
    if not models.exists():
        published(model_folder(tmp / "model"), models, metrics={"accuracy": 0.5}, description="First **one**.")
    tbv.export(tmp / out, models_dir=models, refs=["digits:1"], format="oci", **options)
    return tmp / out


def blob_of(layout: Path, descriptor: Mapping[str, Any]) -> bytes:
    """The bytes that a descriptor names."""
    return (layout / "blobs" / "sha256" / descriptor["digest"].removeprefix("sha256:")).read_bytes()


def model_in(layout: Path) -> dict[str, Any]:
    """The model's manifest."""
    index = json.loads((layout / "index.json").read_bytes())
    document: dict[str, Any] = json.loads(blob_of(layout, index["manifests"][0]))
    return document


@contextmanager
def registry(program: str, folder: Path) -> Iterator[str]:
    """Runs an OCI registry whose data is in a folder; yields host:port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    folder.mkdir()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: {address}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}\n"
    )
    process = subprocess.Popen([program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://{address}/v2/", process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not _answers(url):
        assert process.poll() is None and time.monotonic() < end, "The registry does not start."  # noqa: PT018
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
