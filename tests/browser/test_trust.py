"""Whether a version can be trusted, in the tab: verified, changed, replayed, signed, and gates that do not stand."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tb_versions.actions.verifying import record_verified
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.gates.checking import check_gate
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.registry.registry import Registry
from tests.browser.conftest import Demo
from tests.browser.tab import OpenTab, Tab
from tests.support.gating import accuracy, rules_file
from tests.support.logs import append, store_of
from tests.support.servers import TensorBoard
from tests.support.signatures import FINGERPRINT, POLICY
from tests.support.world import World

pytestmark = pytest.mark.slow

BUNDLE = f"sha256:{'b' * 64}"


@pytest.fixture(scope="module")
def trusted(
    tmp_path_factory: pytest.TempPathFactory, quick_server: Callable[..., TensorBoard]
) -> Iterator[TensorBoard]:
    """1 is verified, signed by a trusted key and replayed; 2 changed and failed a gate; 3 is claimed; 4 unknown."""
    world = World(tmp_path_factory.mktemp("trust"))
    folders = {number: world.version("digits", number, metrics=(accuracy(0.9),)) for number in (1, 2, 3, 4)}
    registry = Registry(store_of(world.models))

    def say(kind: str, number: int, **more: object) -> None:
        manifest = codec.manifest_digest((folders[number] / MANIFEST_NAME).read_bytes())
        append(registry, kind, number, manifest=manifest, **more)

    append(registry, "policy_changed", None, rules=POLICY)
    (folders[2] / "saved_model.pb").write_bytes(b"DIGITS 2")
    for number in (1, 2):
        version = find(f"digits:{number}", world.models)
        record_verified(version, version.places[0], verify_place(version, version.places[0]).result, actor="nightly")
    say("signature_checked", 1, ok=True, bundle=BUNDLE, key=FINGERPRINT, name="release")
    say("replayed", 1, ok=True, tensorflow="2.21.0", device="CPU", outputs=2, max_error=3e-7)
    say("signature_checked", 2, ok=False, bundle=BUNDLE, key=FINGERPRINT, found="another key signed it")
    say("replayed", 2, ok=False, tensorflow="2.21.0", device="CPU", max_error=0.5)
    say("signed", 3, bundle=BUNDLE, key=FINGERPRINT)
    rules = rules_file(world.base, 'metric = "accuracy"\nat_least = 0.95', head="")
    check_gate("digits:2", world.models, rules=rules, record=True, actor="ci")
    server = quick_server(str(world.logs), "--versions_models_dir", str(world.models))
    yield server
    server.stop()


def rows_of(tab: Tab) -> dict[str, str]:
    section = tab.panel.locator("section").filter(has=tab.inside.get_by_role("heading", name="Trust", exact=True))
    expect(section).to_be_visible()
    names, words = section.locator("dt").all_inner_texts(), section.locator("dd").all_inner_texts()
    return dict(zip(names, words, strict=True))


def test_the_section_says_what_was_checked_by_whom_and_when(trusted: TensorBoard, open_tab: OpenTab) -> None:
    rows = rows_of(open_tab(trusted, v="digits:1"))
    assert re.fullmatch(r"✓ verified: as published on \S+ \S+ UTC by nightly \(every file was read\)", rows["files"])
    assert rows["signature"].startswith(
        f"✓ verified: by the key release ({FINGERPRINT[:19]}…), which the policy trusts"
    )
    assert rows["replay"].startswith("✓ replayed on TF 2.21.0 / CPU, max error 3e-07")


def test_what_is_wrong_is_said_in_the_section_and_a_failed_gate_in_the_header(
    trusted: TensorBoard, open_tab: OpenTab
) -> None:
    tab = open_tab(trusted, v="digits:2")
    rows = rows_of(tab)
    assert rows["files"].startswith("✕ changed: not as published on")
    assert rows["signature"].startswith("✕ refused: another key signed it")
    assert rows["replay"].startswith("✕ answers differ or are missing")
    assert rows["gate release"].startswith("✕ release failed (1 of 1 rules)")
    expect(tab.detail.locator("header .gate")).to_contain_text(
        ["files changed", "signature refused", "replay differs", "gate release failed: 1 of 1 rules did not pass"]
    )


def test_what_nobody_checked_is_never_shown_as_good(trusted: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(trusted, v="digits:3")
    assert rows_of(tab)["signature"].startswith("? claimed: it names the key")
    tab.open_version("digits:4")
    expect(tab.panel).to_contain_text("unsigned: no signature is recorded")
    rows = rows_of(tab)
    assert {words[:1] for words in rows.values()} == {"–"}
    expect(tab.detail.locator("header .gate")).to_have_count(0)


def test_verified_and_signed_are_columns_and_filters(trusted: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(trusted)
    for name, words in {"digits:1": "verified", "digits:2": "changed", "digits:3": "claimed"}.items():
        expect(tab.row(name)).to_contain_text(words)
    for written, count in (
        ("verified = verified", 1),
        ("verified = changed", 1),
        ("missing verified", 2),
        ("signed in (claimed, refused)", 2),
        ("signed = verified and verified = verified", 1),
    ):
        tab.filter.fill(written)
        tab.filter.press("Enter")
        tab.expect_count(count)


def test_the_history_tells_of_signatures(trusted: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(trusted, v="digits:1")
    tab.show("History")
    expect(tab.panel).to_contain_text(re.compile(r"signature of\s*digits 1\s*verified, by\s*release"))


def test_the_keyboard_reaches_the_section(trusted: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(trusted)
    tab.grid.focus()
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Enter")
    expect(tab.inside.get_by_role("heading", name="Trust", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_nothing_in_trust(theme: str, width: int, trusted: TensorBoard, open_tab: OpenTab) -> None:
    tab = open_tab(trusted)
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.set_theme(theme)
    assert tab.axe() == []
    _picture(tab, f"table-{width}-{theme}")
    for number in (1, 2, 3):
        tab.open_version(f"digits:{number}")
        expect(tab.inside.get_by_role("heading", name="Trust", exact=True)).to_be_visible()
        assert tab.axe() == []
        _picture(tab, f"panel-{number}-{width}-{theme}")
        tab.page.keyboard.press("Escape")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_demo_shows_what_a_nightly_job_found(theme: str, demo: Demo, demo_tab: Tab) -> None:
    tab = demo_tab.open(q="model = digits-tiny")
    tab.set_theme(theme)
    (release,) = (name for name, each in demo.versions.items() if each["semantic_version"] == "1.1.0")
    expect(tab.row("digits-tiny:2")).to_contain_text("changed")
    expect(tab.row("digits-tiny:4")).to_contain_text("verified")
    tab.open_version("digits-tiny:2")
    assert rows_of(tab)["files"].startswith("✕ changed: not as published on")
    expect(tab.detail.locator("header .gate")).to_contain_text(["files changed"])
    assert tab.axe() == []
    _picture(tab, f"demo-changed-{theme}")
    tab = tab.open(v=release)
    rows = rows_of(tab)
    assert rows["files"].startswith("✓ verified: as published on")
    assert re.match(r"✓ replayed on TF \S+ / CPU, max error ", rows["replay"])
    expect(tab.detail.locator("header .gate")).to_have_count(0)
    assert tab.axe() == []
    _picture(tab, f"demo-replayed-{theme}")


def _picture(tab: Tab, name: str) -> None:
    folder = os.environ.get("TB_VERSIONS_PICTURES")
    if folder:
        tab.page.screenshot(path=str(Path(folder) / f"{name}.png"))
