"""`tb_versions.export` in the formats of the table: what is selected, what is taken out, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tb_versions.core.manifest import Metric, Parent
from tb_versions.errors import ExportExistsError, ExportTooLargeError
from tb_versions.exports.export import Exported, export
from tb_versions.exports.tables import WRITERS
from tests.support.world import World

SECRETS = (
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "hunter2",
    "/home/somebody",
    "/Users/somebody",
    "build-7.internal",
    "10.1.2.3",
    "somebody@example.com",
    "secret-project",
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("/".join(("cnn", "secret-project")), "loss", [(1, 0.5)])
    made.version(
        "digits",
        1,
        run="cnn/secret-project",
        step=1,
        metrics=(Metric(name="acc secret-project", value=0.25),),
        hyperparameters={
            "api_key": "hunter2",
            "data": "/home/somebody/data/x.npz",
            "url": "https://me:hunter2@build-7.internal/x",
            "token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "lr secret-project": 0.1,
        },
        labels={
            "author": "somebody@example.com",
            "host": "10.1.2.3",
            "key": "AKIAIOSFODNN7EXAMPLE",
            "folder": "/Users/somebody/models",
            "secret-project": "yes",
        },
        parents=(Parent(model="secret-project", number=1),),
    )
    made.version("faces", 7)
    made.close()
    return made


@pytest.fixture
def share(world: World, tmp_path: Path) -> Callable[..., tuple[Exported, Path]]:
    def run(name: str, **options: Any) -> tuple[Exported, Path]:
        out = tmp_path / "out" / name
        out.parent.mkdir(exist_ok=True)
        return export(out, logdir=world.logs, models_dir=world.models, **options), out

    return run


FILES = {
    "csv": "a.csv",
    "json": "a.json",
    "jsonl": "a.jsonl",
    "parquet": "a.parquet",
    "markdown": "a.md",
    "latex": "a.tex",
}


def test_every_writer_is_a_format() -> None:
    assert FILES.keys() == WRITERS.keys()


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_the_ending_tells_the_format(name: str, file: str, share: Callable[..., Any]) -> None:
    done, out = share(file)
    assert (done.format, done.versions, done.size) == (name, 2, out.stat().st_size)
    if name != "parquet":
        assert "digits:1" in out.read_text()


@pytest.mark.parametrize("file", [*FILES.values(), "dev"])
def test_nothing_that_must_not_leave_leaves(file: str, share: Callable[..., Any]) -> None:
    done, out = share(file, redact=["secret-project"], format="tensorboard-dev" if file == "dev" else "")
    paths = [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out]
    data = b"".join(path.read_bytes() for path in paths)
    if file.endswith(".parquet"):
        data = repr(pyarrow.parquet.read_table(out).to_pydict()).encode()
    assert [secret for secret in SECRETS if secret.encode() in data] == []
    assert any("--redact" in sentence for sentence in done.redacted)


def test_only_what_is_selected_has_rows(share: Callable[..., Any]) -> None:
    done, out = share("a.json", filter="model = faces", title="T", runs=[])
    assert [row["version"] for row in json.loads(out.read_bytes())] == ["faces:7"]
    assert done.left_out == ("A table has no place for: title.",)


def test_a_table_that_is_too_large_is_not_written(share: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(ExportTooLargeError):
        share("a.csv", max_size=10)
    assert list((tmp_path / "out").iterdir()) == []
    share("a.csv")
    with pytest.raises(ExportExistsError):
        share("a.csv")
    share("a.csv", force=True)
