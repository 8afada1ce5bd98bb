from __future__ import annotations

from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.target import open_target
from tb_versions.registry.state import VersionState
from tests.support.world import World


def state(models: Path, number: int = 1) -> VersionState:
    return open_target("digits", models).opened.state().version(number)


def test_a_label_hides_that_of_the_manifest(world: World) -> None:
    world.version("digits", 5, labels={"team": "vision"})
    change = tbv.label("digits:5", world.models, key="team", value="speech")
    assert (change.before, change.after) == ("vision", "speech")
    assert tbv.label("digits:5", world.models, key="team", value="speech").event is None
    assert tbv.label("digits:5", world.models, key="team", value=None).before == "speech"
    assert state(world.models, 5).labels == {"team": None}
    again = tbv.label("digits:5", world.models, key="team", value=None)
    assert (again.event, str(again)) == (None, "digits:5 has no label team.")


def test_a_label_of_the_manifest_that_is_set_again_changes_nothing(world: World) -> None:
    world.version("digits", 5, labels={"team": "vision"})
    assert tbv.label("digits:5", world.models, key="team", value="vision").event is None


@pytest.mark.parametrize("key", ["", "__proto__", "x" * 1_025, "a\x00"])
def test_a_key_that_is_none_is_refused(models: Path, key: str) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        tbv.label("digits:1", models, key=key, value="v")


def test_notes_stand_beside_each_other_and_a_description_replaces_the_last(models: Path) -> None:
    for text in ("one", "two"):
        tbv.note("digits:1", models, text=text)
        tbv.describe("digits:1", models, text=text)
    assert (state(models).notes, state(models).description) == (2, "two")
    assert tbv.describe("digits:1", models, text="two").event is None
    assert tbv.describe("digits:1", models, text="").after == ""


@pytest.mark.parametrize("text", ["", " \n", "x" * 70_000, "\u202e"])
def test_a_note_needs_visible_text(models: Path, text: str) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        tbv.note("digits:1", models, text=text)
