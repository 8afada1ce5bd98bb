"""Rules that hold for every verb: who acts, where, and upon which log."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.actions.target import find_target, open_target, who
from tests.support.logs import DAY, NOON, append
from tests.support.world import World

Act = Callable[[str, Path, Any], Any]

VERBS: dict[str, Callable[..., Any]] = {
    "promote": lambda ref, models, **more: tbv.promote(ref, models, alias="production", **more),
    "approve": tbv.approve,
    "deprecate": tbv.deprecate,
    "label": lambda ref, models, **more: tbv.label(ref, models, key="a", value="b", **more),
    "note": lambda ref, models, **more: tbv.note(ref, models, text="text", **more),
    "describe": lambda ref, models, **more: tbv.describe(ref, models, text="text", **more),
    "bump": lambda ref, models, **more: tbv.bump(ref, models, "minor", **more),
}


def events(models: Path, model: str = "digits") -> list[Any]:
    return [event for event, _ in open_target(model, models).opened.registry.history()]


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_an_event_names_actor_version_and_manifest(models: Path, verb: Callable[..., Any]) -> None:
    change = verb("digits:2", models, actor="ben")
    assert (change.event.actor, change.event.version) == ("ben", 2)
    assert change.event.manifest == find_target("digits:2", models).found.manifest_digest
    assert events(models) == [change.event]
    assert change.effective_ms == change.event.time_ms
    assert verb("digits:3", models).event.actor == "anna"


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_removed_version_is_refused_by_name(models: Path, verb: Callable[..., Any]) -> None:
    registry = open_target("digits", models).opened.registry
    append(registry, "removed", 2, actor="ben", reason="too large", by="keep=3 of run cnn")
    with pytest.raises(tbv.VersionRemovedError) as caught:
        verb("digits:2", models)
    assert "digits:2 was removed by keep=3 of run cnn (ben, 20" in str(caught.value)
    assert "too large" in str(caught.value)
    assert len(events(models)) == 1


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_what_is_not_there_is_no_version(models: Path, verb: Callable[..., Any]) -> None:
    for ref in ("digits:9", "faces:1", "digits@staging"):
        with pytest.raises(tbv.VersionNotFoundError):
            verb(ref, models)
    assert events(models) == []


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_version_is_named_by_its_folder_too(models: Path, verb: Callable[..., Any]) -> None:
    assert verb(models / "digits" / "3", None).event.version == 3


def test_a_folder_that_is_no_place_of_a_version_has_no_registry(world: World) -> None:
    folder = world.version("digits", 9, folder=world.base / "elsewhere" / "copy")
    with pytest.raises(tbv.InvalidReferenceError, match="there is no registry beside it"):
        tbv.approve(folder)


def remedies(error: pytest.ExceptionInfo[tbv.TbVersionsError]) -> tuple[list[Path], Path]:
    """What a message says: the folder that is to be renamed and its new name, if any, and the one to be copied."""
    renamed = re.search(r"rename (\S+) to (\S+), or copy", str(error.value))
    copied = re.search(r"tb-versions copy (\S+) --to DIR$", str(error.value))
    assert copied is not None
    return [Path(each) for each in renamed.groups()] if renamed else [], Path(copied[1])


def renamed_model(models: Path) -> Path:
    (models / "digits").rename(models / "numbers")
    return models / "numbers" / "1"


def renamed_version(models: Path) -> Path:
    return (models / "digits" / "1").rename(models / "digits" / "7")


def moved_version(models: Path) -> Path:
    (models / "faces").mkdir()
    return (models / "digits" / "1").rename(models / "faces" / "1")


@pytest.mark.parametrize("move", [renamed_model, renamed_version, moved_version])
@pytest.mark.parametrize("by_path", [False, True])
@pytest.mark.parametrize("is_own", [False, True])
def test_a_version_in_a_folder_of_another_name_is_promoted_by_what_the_message_says(
    models: Path, tmp_path: Path, move: Callable[[Path], Path], by_path: bool, is_own: bool
) -> None:
    """Renamed, it has its history again; a copy has one of its own."""
    tbv.note("digits:1", models, text="before")
    place = move(models)
    given = models / "digits" if is_own and move is renamed_version else models
    with pytest.raises(tbv.TbVersionsError, match="rename") as caught:
        tbv.promote(place if by_path else "digits:1", given, alias="best", reason="x")
    renamed, copied = remedies(caught)
    assert copied == place
    tbv.copy(copied, to=tmp_path / "copies")
    assert tbv.promote("digits:1", tmp_path / "copies", alias="best", reason="x").event
    renamed[0].rename(renamed[1])
    change = tbv.promote("digits:1", given, alias="best", reason="x")
    assert change.event is not None
    assert change.event.number == 2


def test_a_version_whose_place_another_has_is_to_be_copied(models: Path) -> None:
    shutil.copytree(models / "digits", models / "numbers")
    with pytest.raises(tbv.InvalidReferenceError, match="is not the place of digits:1") as caught:
        tbv.approve(models / "numbers" / "1")
    assert remedies(caught) == ([], models / "numbers" / "1")


def test_the_models_own_folder_is_no_other_registry(models: Path) -> None:
    tbv.approve("digits:1", models / "digits")
    assert len(events(models)) == 1


def test_a_model_behind_a_symlink_is_not_written_to(models: Path, tmp_path: Path) -> None:
    (models / "linked").symlink_to(models / "digits")
    with pytest.raises(tbv.TbVersionsError):
        tbv.rollback("linked", models, alias="production")


@pytest.mark.parametrize("actor", ["", " ", "x" * 257, "a\nb", "\x1b[31m"])
def test_an_actor_needs_a_name(models: Path, actor: str) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        tbv.approve("digits:1", models, actor=actor)


def test_the_variable_names_the_actor_else_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    assert who(None) == "anna"
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "")
    monkeypatch.setenv("LOGNAME", "carl")
    assert who(None) == "carl"
    assert who(" ben ") == "ben"


def test_racing_promotions_are_all_in_the_log(models: Path) -> None:
    def act(number: int) -> None:
        for _ in range(5):
            tbv.promote(f"digits:{number}", models, alias=f"alias-{number}", reason="x")
            tbv.unalias("digits", models, alias=f"alias-{number}")

    threads = [threading.Thread(target=act, args=(number,)) for number in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.number for event in events(models)] == list(range(1, 41))


def test_of_racing_promotions_that_expect_nothing_one_wins(models: Path) -> None:
    won: list[int] = []

    def act(number: int) -> None:
        try:
            tbv.promote(f"digits:{number}", models, alias="production", expect=None)
        except tbv.ConflictError:
            return
        won.append(number)

    threads = [threading.Thread(target=act, args=(number,)) for number in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert [event.version for event in events(models)] == won


def test_a_clock_that_is_behind_is_told(models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    append(registry, "approved", 1, time_ms=NOON + 1_000 * DAY)
    change = tbv.approve("digits:2", models)
    assert change.skewed
    assert change.effective_ms == NOON + 1_000 * DAY
