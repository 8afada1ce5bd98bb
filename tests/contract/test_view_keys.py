"""The keys of the tab's address: what the page writes, an export takes along."""

from __future__ import annotations

import re
from pathlib import Path

from tb_versions.exports.redaction.view import KEYS

VIEW = Path(__file__).parents[2] / "frontend" / "src" / "model" / "view.ts"


def test_an_export_knows_every_key_that_the_page_writes() -> None:
    source = VIEW.read_text()
    (look,) = re.findall(r"^const LOOK = \[(.*)\];$", source, re.MULTILINE)
    written = {*re.findall(r'(?:put|out\.set)\("(\w+)"', source), *re.findall(r'"(\w+)"', look)}
    assert len(written) > 30
    assert written == KEYS.keys()
