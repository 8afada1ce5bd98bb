"""What the author named is masked in every format, also where it looks like a digest, a number or a word of ours."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet
import pytest

from tb_versions.core.manifest import Metric
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.exports.redaction.fields import is_of_the_format
from tests.support.world import World

TOKEN = "0123456789abcdef0123456789abcdef01234567"
NAMED = ["10023456", TOKEN, "0123456789ab", "2026-01-02T03:04:05Z", "missing", "20034567"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("20034567", TOKEN, [(1, 0.5)])
    made.version(
        "digits",
        1,
        run="20034567",
        step=1,
        description="missing",
        labels={"patient": "10023456", "acct": "0123456789ab", "state": "missing", TOKEN: "x"},
        hyperparameters={"wandb": TOKEN, "when": "2026-01-02T03:04:05Z", "pid": 30045678},
        metrics=(Metric(name="10023456", value=0.5, dataset="0123456789ab"),),
    )
    made.close()
    return made


def said(out: Path) -> str:
    """All that an export says, but the numbers of its format."""
    if out.is_dir() and not (out / "index.html").exists():
        return "".join(path.read_text("utf-8", "replace") for path in sorted(out.rglob("*")) if path.is_file())
    if out.suffix == ".parquet":
        return str(pyarrow.parquet.read_table(out).to_pylist())
    if out.is_dir() or out.suffix == ".html":
        read = read_export(out)
        return json.dumps([read.head, *(read.section(name) for name in read.names)])
    return out.read_text()


@pytest.mark.parametrize("name", ["a.html", "site", "dev", "a.csv", "a.json", "a.jsonl", "a.parquet", "a.md", "a.tex"])
def test_what_is_named_is_in_no_format(world: World, tmp_path: Path, name: str) -> None:
    form = {"site": "site", "dev": "tensorboard-dev"}.get(name, "")
    done = export(tmp_path / name, logdir=world.logs, models_dir=world.models, format=form, redact=NAMED)
    text = said(tmp_path / name)
    assert [named for named in NAMED if named in text] == []
    assert not any("nothing" in sentence for sentence in done.redacted if TOKEN in sentence)


def test_a_number_stays_one_and_the_summary_says_so(world: World, tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    done = export(out, models_dir=world.models, redact=["30045678", "10023456"])
    assert "30045678" in out.read_text()
    assert '--redact "30045678" matches 1 number, which stays: only texts are masked.' in done.redacted
    assert not any("number" in sentence for sentence in done.redacted if "10023456" in sentence)


def test_only_a_field_of_the_format_keeps_what_looks_formal() -> None:
    assert is_of_the_format(TOKEN, "commit")
    assert is_of_the_format("missing", "state")
    assert not is_of_the_format("Jane", "state")
    assert not any(is_of_the_format(TOKEN, field) for field in ("", "name", "description", "values", "labels", "run"))


def test_a_view_leaves_nothing_of_the_copied_address(world: World, tmp_path: Path) -> None:
    export(
        tmp_path / "a.html",
        logdir=world.logs,
        models_dir=world.models,
        redact=NAMED,
        view="http://gpu7.corp:6006/?t=1#versions&p.versions.cmp=run%3A20034567%2Cdigits%3A1&password=hunter2",
    )
    head = read_export(tmp_path / "a.html").head
    (run,) = [run["name"] for run in head["runs"]]
    assert unquote(head["view"]) == f"#versions&p.versions.cmp=run:{run},digits:1"
