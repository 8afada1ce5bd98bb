"""Versions with every kind of value, and with names that spreadsheets, Markdown and LaTeX would obey."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.manifest import Metric, Parent
from tb_versions.exports.tables import WRITERS, Table, table_of
from tb_versions.read.catalog import Catalog
from tb_versions.read.reuse.api import open_catalog
from tests.support.world import World

NAN, INFINITY = float("nan"), float("inf")

FORMULAS = (
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "  =1",
    "\u00a0=1", "＝1", "＋1", "－1", "＠x", "a\n=1", "a\r\n-1", "a;=1",
    "'=1", "'", "-", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")', "a\t=1", "\u2028=1",
)  # fmt: skip

HOSTILE = (
    *FORMULAS, "a|b", "a\\|b", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "![x](http://evil.example/x)",
    "[x](http://evil.example)", "http://evil.example", "www.evil.example", "@somebody", "a\nb", "`a`", "*a*", "_a_",
    "$x$",
    "\\input{/etc/passwd}", "\\write18{id}", "%", "#1 & ~ ^ { } _", "[x]", "*", "--", "``''", "\\\\[2cm]", "ünï",
    "код", "日本", "😀", "Ħŧſ", "\u202eabc", "\x1b[31m", '"a', "a,b", 'a"b', "NA", "null", "NaN", "", "x" * 1000,
)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.scalars("cnn", "val_loss", [(1, 0.5), (2, 0.1), (3, 0.75)])
    made.version(
        "digits",
        1,
        run="cnn",
        step=2,
        semantic_version="1.0.0",
        metrics=(
            Metric(name="accuracy", value=0.1 + 0.2, goal="max"),
            Metric(name="odd", value=NAN),
            Metric(name="up", value=INFINITY),
            Metric(name="down", value=-INFINITY),
            Metric(name="tiny", value=5e-324),
            Metric(name="huge", value=1.7976931348623157e308),
            Metric(name="minus zero", value=-0.0),
            Metric(name="step", value=-3.5),
            Metric(name="hp.lr", value=1.0),
            Metric(name="accuracy", value=0.25, dataset="test"),
        ),
        hyperparameters={
            "lr": 0.1,
            "size": 32,
            "nesterov": True,
            "mixed": "auto",
            "minus": -1,
            "accuracy": 7,
            "label.x": 1,
            "seed": 2**60,
        },
        labels={"team": "vision", "accuracy": "good", "empty": ""},
    )
    made.version(
        "digits",
        2,
        run="cnn",
        step=3,
        metrics=(Metric(name="accuracy", value=float.fromhex("0x1.fffffcp-1")),),
        hyperparameters={"lr": 1, "mixed": -1, "nesterov": False},
        parents=(Parent(model="digits", number=1), Parent(model="faces", number=7)),
    )
    made.version("digits", 2**63 - 1, run="gone", step=2**62)
    made.raw("damaged/1", b"{")
    made.close()
    return made


@pytest.fixture
def catalog(world: World) -> Catalog:
    return open_catalog(str(world.logs), [str(world.models)])


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return table_of(catalog)


@pytest.fixture
def hostile(tmp_path: Path) -> Table:
    """One version for each hostile text: as run, label name, label value and hyperparameter."""
    made = World(tmp_path / "hostile")
    for number, text in enumerate(HOSTILE, 1):
        made.version("x", number, run=text, labels={"name": text}, hyperparameters={f"k{number} {text}"[:200]: text})
    return table_of(open_catalog("", [str(made.models)]))


@pytest.fixture
def written() -> Callable[[str, Table], bytes]:
    """The bytes of a table in a format."""

    def write(name: str, table: Table) -> bytes:
        stream = io.BytesIO()
        WRITERS[name](table, stream)
        return stream.getvalue()

    return write
