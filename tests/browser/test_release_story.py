"""The story of a release, told in a real shell, while the tab shows each state and a client calls all the while.

A worse version is refused by its gate, a better one is approved, promoted, rolled out, shipped, and rolled back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import tb_versions as tbv
from tb_versions.core.codec import manifest_digest
from tb_versions.serving.config import replace_file
from tests.browser.tab import OpenTab, Tab
from tests.support.calling import Caller
from tests.support.oci import blob_of, model_folder
from tests.support.publishing import published
from tests.support.servers import TensorBoard
from tests.support.shell import Shell
from tests.support.tensorflow_serving import Running, StandIn, running

pytestmark = pytest.mark.slow

RULES = """
name = "release"
against = "production"
without_baseline = "pass"

[[rules]]
metric = "val_accuracy"
at_least = 0.90
worse_by_at_most = 0.005

[[rules]]
metric = "accuracy"
dataset = "test"
slice = "*"
worse_by_at_most = 0.01

[[rules]]
unchanged = "signature"

[[rules]]
verified = true
"""

POLICY = '[aliases.production]\napprovals = 1\ngates = ["release"]\n'

STATEMENT = "application/vnd.in-toto+json"


@dataclass
class Release:
    """A model with a policy and rules, a shell, and the file that a server reads."""

    folder: Path
    shell: Shell

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def config(self) -> Path:
        return self.folder / "models.config"

    def publish(self, whole: float, night: float) -> None:
        """Publishes the next version: SavedModel, metrics over all data and of two slices."""
        parts = {"day": 0.97, "night": night}
        metrics = [tbv.Metric(name="val_accuracy", value=whole, goal="max")]
        metrics += [
            tbv.Metric(name="accuracy", value=value, goal="max", dataset="test", slice=part)
            for part, value in parts.items()
        ]
        folder = model_folder(self.folder / "model")
        (folder / "assets/vocabulary of words.txt").write_text(f"words {whole}\n")
        published(folder, self.models, metrics=metrics, description="Reads digits.", run_dir=self.logs / f"run-{whole}")

    def check(self, reference: str, *, code: int = 0) -> str:
        """Judges a version and keeps the result, also as a statement that could be signed."""
        rules, statement = self.folder / "gates.toml", self.statement(reference)
        return self.shell(
            "gate", "check", reference, "--rules", str(rules), "--record", "--statement", str(statement), code=code
        )

    def statement(self, reference: str) -> Path:
        """What a check of a version stated."""
        return self.folder / f"{reference.replace(':', '-')}.intoto.json"

    def promote(self, reference: str, reason: str, *, code: int = 0) -> str:
        return self.shell("promote", reference, "--alias", "production", "--reason", reason, code=code)

    def kinds(self) -> list[tuple[str, int | None]]:
        """What the log says, oldest first."""
        events = json.loads(self.shell("history", "digits", "--json"))
        return [(each["kind"], each["version"]) for each in sorted(events, key=lambda each: each["number"])]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """Three versions: one point worse, and one point better, than the first."""
    made = Release(tmp_path, Shell(tmp_path / "models"))
    for whole, night in ((0.95, 0.90), (0.94, 0.85), (0.96, 0.91)):
        made.publish(whole, night)
    (tmp_path / "gates.toml").write_text(RULES)
    registry = made.models / "digits/.versions"
    registry.mkdir(exist_ok=True)
    (registry / "policy.toml").write_text(POLICY)
    return made


@contextmanager
def board(
    release: Release, serving: Running, quick_server: Callable[..., TensorBoard], open_tab: OpenTab
) -> Iterator[Tab]:
    """The tab over the model and over what is served."""
    server = quick_server(
        str(release.logs),
        *("--versions_models_dir", str(release.models)),
        *("--versions_serving_config", str(release.config), "--versions_serving_status", serving.url),
    )
    yield open_tab(server)
    server.stop()


def test_the_story_of_a_release(release: Release, quick_server: Callable[..., TensorBoard], open_tab: OpenTab) -> None:
    shell, config = release.shell, release.config
    assert "digits:1 passes release" in release.check("digits:1")
    assert "1 more approval" in release.promote("digits:1", "the first", code=1)
    shell("approve", "digits:1", "--reason", "looked at", "--actor", "ben")
    release.promote("digits:1", "the first")
    shell("serving-config", "--out", str(config))
    with running(StandIn(config)) as serving, board(release, serving, quick_server, open_tab) as tab:
        where = ("--config", str(config), "--status", serving.url)
        shell("rollout", *where)
        mark(tab, "digits:1", "served")

        worse_is_refused(release, tab)
        better_is_promoted(release, tab)
        caller = Caller(serving.url)
        with caller.calling():
            one_phase_is_refused(release, serving)
            assert "production" in shell("drift", *where, code=1)
            said = shell("rollout", *where)
            assert re.findall("^(load|move|unload): done on 1 server", said, re.MULTILINE) == ["load", "move", "unload"]
            assert "No differences" in shell("drift", *where)
            mark(tab, "digits:3", "served")
            ships(release)

            shell("rollback", "digits", "--alias", "production", "--reason", "clients complain")
            mark(tab, "digits:1", "not served")
            shell("rollout", *where)
            assert "No differences" in shell("drift", *where)
            mark(tab, "digits:1", "served")
            expect(tab.row("digits:1").locator(".gate")).to_contain_text("passed at promotion")
        assert caller.failures == []
        assert [number for number, _ in groupby(caller.answers)] == [1, 3, 1]
        assert serving.server.refusals == []
        told_in_full(release, tab)


def worse_is_refused(release: Release, tab: Tab) -> None:
    """By the gate, and by the alias, which says why; approval does not help."""
    said = release.check("digits:2", code=1)
    assert "digits:2 does not pass release" in said
    release.shell("approve", "digits:2", "--reason", "it is smaller", "--actor", "ben")
    refused = release.promote("digits:2", "it is smaller", code=1)
    assert (
        "the gate release passed (it did not: 2 of 6 rules did not pass, event 6: val_accuracy, accuracy [test/night])"
        in refused
    )
    assert "digits:1" in release.shell("which", "digits@production")
    expect(tab.row("digits:2").locator(".gate")).to_contain_text("failed")
    rules = rules_of(tab, "digits:2")
    expect(rules).to_contain_text("0.94 against 0.95 of digits:1: 0.01 worse.")
    expect(rules).to_contain_text("0.85 against 0.9 of digits:1: 0.05 worse.")
    pictures(tab, "refused")


def better_is_promoted(release: Release, tab: Tab) -> None:
    assert "digits:3 passes release" in release.check("digits:3")
    expect(tab.row("digits:3").locator(".gate")).to_contain_text("passed")
    release.shell("approve", "digits:3", "--reason", "looked at the slices", "--actor", "ben")
    release.promote("digits:3", "one point better")
    mark(tab, "digits:3", "not served")
    expect(tab.row("digits:3").locator(".gate")).to_contain_text("passed at promotion")
    expect(tab.row("digits:1").locator(".gate")).to_contain_text("stale")
    expect(rules_of(tab, "digits:3")).to_contain_text("0.96 against 0.95 of digits:1: 0.01 better.")
    expect(tab.panel).to_contain_text("passed at promotion to production")
    pictures(tab, "promoted")


def one_phase_is_refused(release: Release, serving: Running) -> None:
    """Version and label in one file, as a script would write it: the server goes on as before."""
    before = release.config.read_bytes()
    release.shell("serving-config", "--aliases-as-labels", "--out", str(release.config))
    serving.server.step()
    assert "which is not currently available" in serving.server.refusals[-1]
    replace_file(str(release.config), before)  # as a whole: a server that reads half a file unloads its models
    serving.server.step()
    serving.server.refusals.clear()


def ships(release: Release) -> None:
    """What is in production, as an OCI artifact to which the gate's statement refers."""
    export = ("export", "digits@production", "--format", "oci", "--attach")
    layout, own, other = release.folder / "oci", release.statement("digits:3"), release.statement("digits:2")
    refused = release.shell(*export, str(other), "--out", str(layout), code=2)
    assert "is about something else" in refused
    assert not layout.exists()
    release.shell(*export, str(own), "--out", str(layout))
    model, *referrers = json.loads((layout / "index.json").read_bytes())["manifests"]
    (stated,) = [each for each in referrers if each["artifactType"] == STATEMENT]
    document = json.loads(blob_of(layout, stated))
    assert document["subject"]["digest"] == model["digest"]
    (layer,) = document["layers"]
    assert blob_of(layout, layer) == own.read_bytes()
    manifest = (release.models / "digits/3/version_manifest.json").read_bytes()
    (subject,) = json.loads(blob_of(layout, layer))["subject"]
    assert f"sha256:{subject['digest']['sha256']}" == manifest_digest(manifest)
    release.shell("verify", str(layout), "--models-dir", str(release.models))


def told_in_full(release: Release, tab: Tab) -> None:
    """Every step is in the log, and in the tab's history."""
    assert release.kinds() == [
        ("gate_checked", 1),
        ("policy_changed", None),
        ("approved", 1),
        ("alias_set", 1),
        ("deployed", 1),
        ("gate_checked", 2),
        ("approved", 2),
        ("gate_checked", 3),
        ("approved", 3),
        ("alias_set", 3),
        ("deployed", 3),
        ("alias_rolled_back", 1),
        ("deployed", 1),
    ]
    release.shell("fsck")
    tab.open_version("digits:3")
    tab.show("History")
    for words in ("gate", "looked at the slices", "one point better", "deployed", "clients complain"):
        expect(tab.panel).to_contain_text(words)
    pictures(tab, "history")


def rules_of(tab: Tab, reference: str) -> Locator:
    """The table of rules in a version's panel."""
    tab.open_version(reference)
    return tab.panel.get_by_role("table", name="Rules of release")


def mark(tab: Tab, reference: str, text: str) -> None:
    """Waits until a row says something of serving."""
    expect(tab.row(reference).locator(".said").filter(has_text="served")).to_have_text(text)


def pictures(tab: Tab, name: str) -> None:
    """Pictures to be looked at, where TB_VERSIONS_PICTURES names a folder."""
    folder = os.environ.get("TB_VERSIONS_PICTURES")
    if not folder:
        return
    for theme in ("Dark", "Light"):
        tab.set_theme(theme)
        for width in (375, 1280):
            tab.page.set_viewport_size({"width": width, "height": 900})
            tab.page.screenshot(path=str(Path(folder) / f"{name}-{width}-{theme}.png"))
