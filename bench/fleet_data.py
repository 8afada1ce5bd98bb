"""Makes the models folder of a fleet: manifests of 1.5 kB, 100 of each model, and no other files.

Every version has four metrics and six hyperparameters. 1,000,000 take minutes and 8 GB: a folder and a file each.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
from pathlib import Path
from typing import Any

import orjson

from bench.make_data import LOGGED, hyperparameters
from tb_versions.core import codec
from tb_versions.core.manifest import Code, Environment, Metric, Run, VersionManifest

VERSIONS_OF_A_MODEL = 100

_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_SETTINGS = 6


def make(folder: Path, count: int) -> None:
    """Makes `count` manifests, of a model for every hundred."""
    numbers = random.Random(count)
    models = -(-count // VERSIONS_OF_A_MODEL)
    for model in range(models):
        make_model(
            folder / "models" / f"model-{model:05}",
            range(1, 1 + min(VERSIONS_OF_A_MODEL, count - model * VERSIONS_OF_A_MODEL)),
            numbers,
        )


def make_model(folder: Path, versions: range, numbers: random.Random) -> None:
    """Makes manifests of one model, which is called as its folder; others may be there."""
    fields = _fields(folder.name, hyperparameters(numbers))
    base = os.fspath(folder)
    os.makedirs(base, exist_ok=True)
    for number in versions:
        created = _START + datetime.timedelta(seconds=numbers.randrange(10**7))
        written = f"{created:%Y-%m-%dT%H:%M:%SZ}"
        for metric in fields["metrics"]:
            metric["value"] = numbers.random()
        fields["runs"][0]["wallTime"] = fields["created"] = written
        fields["number"], fields["digest"] = str(number), f"sha256:{numbers.getrandbits(256):064x}"
        os.mkdir(f"{base}/{number}")
        with open(f"{base}/{number}/version_manifest.json", "wb", buffering=0) as file:
            file.write(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))


def _fields(model: str, settings: dict[str, Any]) -> dict[str, Any]:
    """What the versions of a model share, as the package's own encoder writes it."""
    manifest = VersionManifest(
        model=model,
        number=1,
        labels={"stage": "candidate"},
        created=_START,
        code=Code(commit="a" * 40, branch="main", entry_point="train.py"),
        environment=Environment(python="3.11.7", os="Linux", tensorflow="2.21.0"),
        hyperparameters=dict(list(settings.items())[:_SETTINGS]),
        metrics=tuple(Metric(name=tag, value=0.5, step=100, source="log", run="train", tag=tag) for tag in LOGGED),
        runs=(Run(name="train", step=100, wall_time=_START),),
        digest="sha256:" + "0" * 64,
        size_bytes=1_000_000,
        created_by="tb_versions bench",
    )
    fields: dict[str, Any] = orjson.loads(codec.encode(manifest))
    return fields


if __name__ == "__main__":
    make(Path(sys.argv[2]), int(sys.argv[3]))
