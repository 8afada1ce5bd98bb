"""Markdown and LaTeX: they render, and what files say stays text."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tb_versions.exports.tables import Table
from tb_versions.exports.tables.columns import Column
from tb_versions.exports.tables.latex import escape
from tb_versions.exports.tables.people import for_people
from tests.support.effort import HANGS
from tests.unit.exports.tables.conftest import HOSTILE

Write = Callable[[str, Table], bytes]

PDFLATEX = shutil.which("pdflatex")


def cells(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]


def rendered(data: bytes) -> str:
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(data.decode())


def test_markdown_renders_as_one_table(table: Table, written: Write) -> None:
    head, *rows = cells(rendered(written("markdown", table)))
    assert head[:4] == ["version", "semantic_version", "run", "step"]
    assert "model" not in head  # the reference says it
    assert "parameters" not in head  # no version has them
    first = dict(zip(head, rows[1], strict=True))
    assert first["version"] == "digits:1"
    assert first["run"] == "cnn"
    assert first["metric.accuracy"] == "0.3"
    assert first["created"] == "2026-11-23 08:01 UTC"
    assert (first["odd"], first["up"], first["down"], first["tiny"]) == ("NaN", "inf", "-inf", "4.94066e-324")
    assert re.fullmatch(r"[0-9a-f]{12}", first["digest"])
    assert dict(zip(head, rows[2], strict=True))["parents"] == "digits:1, faces:7"


def test_hostile_texts_stay_text_in_markdown(hostile: Table, written: Write) -> None:
    page = rendered(written("markdown", hostile))
    assert page.count("<table>") == 1
    tags = set(re.findall(r"</?([a-z]\w*)", page.replace("<!-- -->", "")))
    assert tags == {"table", "thead", "tbody", "tr", "th", "td"}
    head, *rows = cells(page)
    assert len(rows) == hostile.count
    assert {len(row) for row in rows} == {len(head)}
    position = head.index("run")
    found = [html.unescape(row[position].replace("<!-- -->", "")) for row in rows]
    wanted = next(column.values for column in hostile.columns if column.name == "run")
    assert [" ".join(text.split()) for text in found] == [" ".join((text or "").split()) for text in wanted]


def test_latex_needs_no_package_but_booktabs(table: Table, written: Write) -> None:
    text = written("latex", table).decode()
    lines = text.splitlines()
    assert lines[0] == "% Needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs}."
    assert lines[1].startswith("\\begin{tabular}{lllr")
    assert lines[-1] == "\\end{tabular}"
    assert "$4.94066 \\cdot 10^{-324}$" in text
    assert "$-\\infty$" in text
    count = len(lines[1].removeprefix("\\begin{tabular}{").removesuffix("}"))
    assert {line.count(" & ") for line in lines if line.endswith("\\\\")} == {count - 1}


def test_best_by_a_guessed_goal_says_so() -> None:
    best = [Column(name, "number", (0.5,), "best", "min", is_guess=name == "best.a") for name in ("best.a", "best.b")]
    assert [column.name for column in for_people(Table(tuple(best), 1)).columns] == ["best.a (guessed)", "best.b"]


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_has_no_command_of_a_file(text: str) -> None:
    known = r"\\(?:text(?:backslash|asciitilde|asciicircum|less|greater|bar|asciigrave)\{\}|char34|[&%$#_{}])"
    rest = re.sub(known, "", escape(text))
    assert not re.search(r"[\\&%$#_~^<>|\"\[*]", rest.replace("{[}", "").replace("{*}", ""))
    assert rest.isascii() or re.fullmatch("[\x20-\x7e\xa1-\u017f]*", rest)


@pytest.mark.skipif(PDFLATEX is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("which", ["table", "hostile"])
def test_pdflatex_sets_the_table(which: str, request: pytest.FixtureRequest, written: Write, tmp_path: Path) -> None:
    (tmp_path / "versions.tex").write_bytes(written("latex", request.getfixturevalue(which)))
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs}\n\\begin{document}\n"
        "\\tiny\\input{versions}\n\\end{document}\n"
    )
    done = subprocess.run(
        [PDFLATEX or "", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"],
        cwd=tmp_path, capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    assert (tmp_path / "paper.pdf").stat().st_size > 1_000
