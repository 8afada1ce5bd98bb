"""The story of three versions, told in a real shell, while the tab shows each state.

Promoted, conflicting, rolled back, measured in production, deprecated, pruned, copied to a folder and to a bucket.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.tab import OpenTab, Tab
from tests.support.object_stores import Buckets
from tests.support.servers import TensorBoard
from tests.support.shell import Shell
from tests.support.written import Experiment

pytestmark = pytest.mark.slow

BUCKET = "s3://bucket/models"
CONTENT = """
import hashlib, sys
import tb_versions as tbv

folder = tbv.path(sys.argv[1], models_dir=sys.argv[2])
for file in sorted(path for path in folder.rglob("*") if path.is_file()):
    print(file.relative_to(folder), hashlib.sha256(file.read_bytes()).hexdigest())
"""
"""Prints what is in a version's folder, as a process of its own finds it."""


def holder(tab: Tab, reference: str, *, alias: str = "production") -> None:
    """Waits until the row of a version, and no other, has the chip of an alias."""
    expect(tab.row(reference).locator(".chip", has_text=alias)).to_have_count(1)
    expect(tab.inside.locator("tbody .chip", has_text=alias)).to_have_count(1)


def now() -> str:
    """This moment: what the process before said was until now, and the next process only begins."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


def test_the_story_of_three_versions(
    experiment: Experiment,
    quick_server: Callable[..., TensorBoard],
    open_tab: OpenTab,
    s3: Buckets,
    tmp_path: Path,
) -> None:
    shell = Shell(experiment.models)
    for loss in (0.3, 0.2, 0.1):
        experiment.publish(run="train" if loss == 0.3 else None, metrics={"val_loss": loss})
    server = quick_server(*experiment.arguments)
    tab = open_tab(server)
    tab.expect_count(3)

    shell("approve", "digits:1", "--reason", "looked at", "--actor", "ben")
    shell("promote", "digits:1", "--alias", "production", "--reason", "first release")
    holder(tab, "digits:1")
    first = now()
    shell("promote", "digits:2", "--alias", "production", "--reason", "better", "--expect", "digits:1")
    holder(tab, "digits:2")
    said = shell("promote", "digits:3", "--alias", "production", "--reason", "x", "--expect", "digits:1", code=3)
    assert "is digits:2 since" in said
    assert "by anna" in said
    second = now()
    shell("promote", "digits:3", "--alias", "production", "--reason", "the best")
    holder(tab, "digits:3")
    third = now()
    shell("rollback", "digits", "--alias", "production", "--reason", "clients complain")
    holder(tab, "digits:2")
    shell("rollback", "digits", "--alias", "production", "--reason", "still")
    holder(tab, "digits:1")
    shell("rollback", "digits", "--alias", "production", code=1)

    for date, number in ((first, 1), (second, 2), (third, 3)):
        which = json.loads(shell("which", "digits@production", "--at", date, "--json"))
        assert which["number"] == number
    events = json.loads(shell("history", "digits", "--json"))
    assert [event["kind"] for event in events] == ["approved", *["alias_set"] * 3, *["alias_rolled_back"] * 2]

    shell("record", "digits@production", "accuracy=0.87", "--source", "monitoring", "--dataset", "week-48")
    expect(tab.row("digits:1")).to_contain_text("0.87")
    shell("deprecate", "digits:3", "--reason", "clients complained")
    expect(tab.inside.locator("footer.status")).to_contain_text("1 deprecated")
    expect(tab.row("digits:3")).to_have_count(0)

    shell("promote", "digits:2", "--alias", "canary", "--reason", "again, slowly")
    planned = shell("prune", "digits", "--keep-last", "0", "--younger-than", "0h")
    assert "Would remove 1 of 3 versions" in planned
    assert (experiment.models / "digits/3").exists()
    shell("prune", "digits", "--younger-than", "0h", "--yes", "--reason", "room")
    assert not (experiment.models / "digits/3").exists()
    assert (experiment.models / "digits/.versions/removed/3.json").exists()
    expect(tab.inside.locator("footer.status")).to_contain_text("1 removed")

    shared = tmp_path / "shared"
    for to in (str(shared), BUCKET):
        shell("copy", "digits@production", "--to", to)
        assert "already" in shell("copy", "digits@production", "--to", to)
        shell("promote", "digits:1", "--alias", "production", "--reason", "released", "--models-dir", to)
    everywhere = (str(experiment.models), str(shared), BUCKET)
    held = {shell.run([sys.executable, "-c", CONTENT, "digits@production", folder]) for folder in everywhere}
    (content,) = held
    assert "weights.bin" in content
    shell("fsck")
    assert s3.asked
    server.stop()
