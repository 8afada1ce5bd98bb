"""What the panel says of trust: never more than what was checked, of this manifest, and what a look says now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.payload.version import details
from tb_versions.read.reader import CatalogReader, open_reader
from tb_versions.registry.registry import Registry
from tests.support.logs import append, store_of
from tests.support.signatures import FINGERPRINT, POLICY
from tests.support.world import World

BUNDLE = f"sha256:{'b' * 64}"


class Told:
    """One version with a log."""

    def __init__(self, base: Path) -> None:
        self.world = World(base)
        self.folder = self.world.version("digits", 1)
        self.registry = Registry(store_of(self.world.models))
        self.manifest = codec.manifest_digest((self.folder / MANIFEST_NAME).read_bytes())

    def say(self, kind: str, **more: Any) -> None:
        append(self.registry, kind, **{"manifest": self.manifest, **more})

    def rows(self) -> dict[str, tuple[str, str, str]]:
        reader: CatalogReader = open_reader("", [str(self.world.models)])
        told = details(reader.catalog, reader.catalog.by_id["digits:1"], reader.manifest_bytes)["trust"]
        return {row["what"]: (row["state"], row["tone"], row["words"]) for row in told}

    def states(self) -> dict[str, str]:
        return {what: state for what, (state, _, _) in self.rows().items()}


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_of_a_version_that_nobody_checked_nothing_is_claimed(told: Told) -> None:
    assert told.states() == {
        "files": "not checked",
        "signature": "unsigned",
        "inspection": "not inspected",
        "replay": "not replayed",
    }
    assert {tone for _, tone, _ in told.rows().values()} == {"dim"}


def test_files_are_verified_quick_or_changed_with_who_and_when(told: Told) -> None:
    told.say("verified", ok=True, how="sizes")
    state, tone, words = told.rows()["files"]
    assert (state, tone) == ("quick", "warn")
    assert "names and sizes only, no file was read" in words
    told.say("verified", ok=True, actor="ben")
    state, tone, words = told.rows()["files"]
    assert (state, tone) == ("verified", "good")
    assert words.startswith("verified: as published on 20")
    assert words.endswith("UTC by ben (every file was read)")
    told.say("verified", ok=False)
    assert told.rows()["files"][:2] == ("changed", "bad")


def test_a_look_that_finds_files_changed_now_is_worse_than_what_was_recorded(told: Told) -> None:
    told.say("verified", ok=True)
    (told.folder / "saved_model.pb").write_bytes(b"longer than it was")
    state, tone, words = told.rows()["files"]
    assert (state, tone) == ("changed", "bad")
    assert "names or sizes differ from the manifest now (quick look); recorded: as published on" in words


def test_files_that_were_removed_are_not_verified(told: Told) -> None:
    told.say("verified", ok=True)
    tbv.remove("digits:1", told.world.models, reason="old")
    state, tone, words = told.rows()["files"]
    assert (state, tone) == ("removed", "dim")
    assert words.startswith("removed: there are no files any more; recorded: as published on")


def test_what_was_checked_of_another_manifest_is_not_checked(told: Told) -> None:
    other = f"sha256:{'0' * 64}"
    told.say("verified", ok=True, manifest=other)
    told.say("replayed", ok=True, tensorflow="2.21.0", device="CPU", manifest=other)
    told.say("signature_checked", ok=True, bundle=BUNDLE, key=FINGERPRINT, manifest=other)
    told.say("inspected", formats=("keras",), files=1, manifest=other)
    assert told.states() == {
        "files": "not checked",
        "signature": "unsigned",
        "inspection": "not inspected",
        "replay": "not replayed",
    }
    assert all("another manifest" in words for _, _, words in told.rows().values())


def test_a_signature_is_claimed_then_verified_by_whom_under_which_policy(told: Told) -> None:
    told.say("signed", bundle=BUNDLE, key=FINGERPRINT)
    state, tone, words = told.rows()["signature"]
    assert (state, tone) == ("claimed", "warn")
    assert f"it names the key {FINGERPRINT[:19]}…, and nobody checked it here" in words
    told.say("signature_checked", ok=True, bundle=BUNDLE, key=FINGERPRINT, name="key.pub")
    state, tone, words = told.rows()["signature"]
    assert (state, tone) == ("verified", "good")
    assert "given by who checked; the policy names no key" in words
    append(told.registry, "policy_changed", None, rules=POLICY)
    assert "which the policy trusts" in told.rows()["signature"][2]
    append(told.registry, "policy_changed", None, rules=POLICY.replace("OaVf", "PaVf"))
    state, tone, words = told.rows()["signature"]
    assert (state, tone) == ("other key", "warn")
    assert "which the policy does not name" in words


def test_a_signature_that_was_refused_says_why(told: Told) -> None:
    told.say("signature_checked", ok=False, bundle=BUNDLE, key=FINGERPRINT, found="another key signed it")
    assert told.rows()["signature"][:2] == ("refused", "bad")
    assert "another key signed it" in told.rows()["signature"][2]


def test_a_replay_is_told_with_its_words(told: Told) -> None:
    told.say("replayed", ok=False, tensorflow="2.21.0", device="CPU")
    assert told.rows()["replay"][:2] == ("differs", "bad")
    told.say("replayed", ok=True, tensorflow="2.21.0", device="CPU", max_error=3e-7)
    state, tone, words = told.rows()["replay"]
    assert (state, tone) == ("same answers", "good")
    assert words.startswith("replayed on TF 2.21.0 / CPU, max error 3e-07, on 20")


def test_of_a_log_that_can_not_be_read_nothing_is_known(told: Told) -> None:
    told.say("verified", ok=True)
    told.say("noted", text="x")
    (told.world.models / "digits/.versions/log/00000000000000000002.json").write_text("{")
    assert set(told.states().values()) == {"not known"}


def test_the_table_says_the_same_in_a_word(told: Told) -> None:
    from tb_versions.payload.registry import registry_payload
    from tb_versions.query.columns import table_of

    told.say("verified", ok=True)
    told.say("signature_checked", ok=True, bundle=BUNDLE, key=FINGERPRINT)
    reader = open_reader("", [str(told.world.models)])
    said = registry_payload(reader.catalog)["models"]["digits"]["versions"]["1"]
    assert (said["verified"]["now"], said["signed"]) == ("verified", "verified")
    columns = table_of(reader.catalog, whole=False).columns
    assert (list(columns["verified"].cells), list(columns["signed"].cells)) == (["verified"], ["verified"])


def test_an_inspection_counts_for_the_manifest_that_it_saw_and_proves_nothing(told: Told) -> None:
    told.say("inspected", formats=("saved_model",), files=4)
    state, tone, words = told.rows()["inspection"]
    assert (state, tone) == ("nothing found", "dim")
    assert words.startswith("nothing dangerous was found in 4 files, on 20")
    told.say("inspected", formats=("saved_model",), files=4, unread=1, found="a.zip: it is compressed")
    assert told.rows()["inspection"][:2] == ("in part", "warn")
    told.say("inspected", files=4)
    state, tone, words = told.rows()["inspection"]
    assert (state, tone) == ("in part", "warn")
    assert words.startswith("no model was found in 4 files")
    told.say(
        "inspected", formats=("saved_model",), files=1, dangerous=2, found="saved_model.pb: WriteFile", actor="ben"
    )
    state, tone, words = told.rows()["inspection"]
    assert (state, tone) == ("dangerous", "bad")
    assert words.startswith("2 dangerous findings in 1 file, on 20")
    assert words.endswith("UTC by ben: saved_model.pb: WriteFile")
    told.say("inspected", manifest=f"sha256:{'9' * 64}", formats=("saved_model",), files=4)
    assert told.rows()["inspection"][0] == "not inspected"
