"""What happened, and since when."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.actions.aliases import promote
from tb_versions.actions.copying import copy
from tb_versions.actions.target import open_target
from tb_versions.actions.telling import head, targets
from tb_versions.actions.wording import in_words
from tb_versions.core.object_store import open_store
from tb_versions.registry import seen
from tests.support.logs import NOON, append
from tests.support.world import World

HOUR = 3_600_000


@pytest.fixture
def told(world: World) -> Path:
    """Events of two models, an hour apart; one writer's clock is behind."""
    world.version("faces", 1)
    digits, faces = (open_target(model, world.models).opened.registry for model in ("digits", "faces"))
    append(digits, "alias_set", 1, alias="production", time_ms=NOON)
    append(faces, "approved", 1, time_ms=NOON + HOUR)
    append(digits, "alias_set", 2, alias="production", from_=1, time_ms=NOON + 2 * HOUR, actor="ben")
    append(digits, "noted", 2, text="fine", time_ms=NOON - HOUR)
    append(digits, "alias_set", 2, alias="staging", time_ms=NOON + 3 * HOUR)
    return world.models


def test_the_history_of_all_models_is_by_time(told: Path) -> None:
    found = tbv.history(None, told)
    assert [(one.model, one.event.number) for one in found] == [
        ("digits", 1), ("faces", 1), ("digits", 2), ("digits", 3), ("digits", 4),
    ]  # fmt: skip


def test_an_event_is_not_before_the_one_before_it_and_skew_is_marked(told: Path) -> None:
    found = tbv.history("digits", told)
    assert [(one.effective_ms - NOON) // HOUR for one in found] == [0, 2, 2, 3]
    assert [one.skewed for one in found] == [False, False, True, False]


def test_it_can_be_asked_of_one_alias_and_until_a_moment(told: Path) -> None:
    assert [one.event.number for one in tbv.history("digits", told, alias="production")] == [1, 2]
    assert [one.event.number for one in tbv.history("digits", told, at="2026-11-23 14:00")] == [1, 2, 3]
    assert tbv.history("digits", told, at="2026-11-23 11:59") == []


def test_changed_says_what_came_after(told: Path) -> None:
    assert [one.event.number for one in tbv.changed("digits", told, since=2)] == [3, 4]
    assert tbv.changed("digits", told, since="4") == []
    assert [one.event.number for one in tbv.changed("digits", told, since="2026-11-23 12:00")] == [2, 3, 4]
    assert [one.model for one in tbv.changed(None, told, since="2026-11-23T13:00Z")] == ["digits"] * 3
    with pytest.raises(tbv.InvalidQueryError, match="name the model"):
        tbv.changed(None, told, since=3)
    with pytest.raises(tbv.RewrittenLogError, match="ends at event 4, before event 5"):
        tbv.changed("digits", told, since=5)


def test_the_head_of_an_empty_log_is_0(models: Path) -> None:
    assert (head("digits", models).number, head("digits", models).digest) == (0, "")


def test_a_model_without_log_has_no_history_and_one_that_is_not_there_is_an_error(models: Path) -> None:
    assert tbv.history("digits", models) == []
    assert tbv.history(None, models) == []
    with pytest.raises(tbv.VersionNotFoundError):
        tbv.history("faces", models)


def test_events_are_told_in_words(told: Path) -> None:
    assert [in_words(one) for one in tbv.history("digits", told)] == [
        "production: digits:1",
        "production: digits:1 → digits:2",
        'digits:2: note "fine"',
        "staging: digits:2",
    ]


def test_every_kind_is_told_in_words(models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    for kind, more in {
        "alias_set": {"alias": "a"},
        "alias_rolled_back": {"alias": "a", "from_": 3},
        "alias_removed": {"alias": "a"},
        "approved": {},
        "approval_withdrawn": {},
        "deprecated": {},
        "restored": {},
        "removed": {"by": "prune"},
        "label_set": {"key": "k", "value": "v"},
        "label_removed": {"key": "k"},
        "described": {"text": "x" * 100},
        "noted": {"text": "a\nb"},
        "semantic_version_given": {"semantic_version": "1.0.0"},
        "policy_changed": {"loosened": ("a needs nothing.",)},
        "verified": {"ok": False, "found": "1 file is missing: w."},
        "deployed": {"target": "tf-serving"},
        "copied": {"source": "elsewhere:3"},
    }.items():
        append(registry, kind, 1, **more)
    told = [in_words(one) for one in tbv.history("digits", models)]
    assert told[1] == "a: digits:3 → digits:1, rolled back"
    assert told[13] == "digits:1: policy is gone. Loosened: a needs nothing."
    assert told[14] == "digits:1: not as published, by digests: 1 file is missing: w."
    assert all("\n" not in line and len(line) < 120 for line in told)


def test_a_model_that_is_a_symlink_hides_no_other(models: Path) -> None:
    tbv.promote("digits:1", models, alias="production")
    (models / "linked").symlink_to(models / "digits")
    assert [told.model for told in tbv.history(None, models)] == ["digits"]


def test_a_model_that_nobody_may_look_into_is_not_taken_for_one_without_a_log(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.lstat

    def denied(path: Path, *args: Any, **options: Any) -> os.stat_result:
        if str(path).endswith("faces/.versions"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr(os, "lstat", denied)
    assert [target.model for target in targets(told)] == ["digits", "faces"]


def test_a_log_that_is_gone_as_a_whole_was_cut_where_versions_are_left(told: Path) -> None:
    tbv.history(None, told)
    shutil.rmtree(told / "faces/.versions")
    assert [target.model for target in targets(told)] == ["digits", "faces"]
    with pytest.raises(tbv.RewrittenLogError, match=r"faces/\.versions/log was cut: it ends at event 0"):
        tbv.history(None, told)
    shutil.rmtree(told / "faces/1")
    assert [target.model for target in targets(told)] == ["digits"], "that model may begin anew"
    assert {one.model for one in tbv.history(None, told)} == {"digits"}


def test_a_log_that_is_gone_from_a_store_was_cut_where_versions_are_left(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"memory://{uuid.uuid4().hex}/models"
    monkeypatch.setattr(seen, "_OF_THIS_PROCESS", "none://")
    copy("faces:1", told, to=url)
    promote("faces:1", url, alias="production")
    store = open_store(url).below("faces")
    store.delete_all([entry.key for entry in store.entries() if entry.key.startswith(".versions/")])
    assert [target.model for target in targets(url)] == ["faces"]
    with pytest.raises(tbv.RewrittenLogError, match=r"faces/\.versions/log was cut: it ends at event 0"):
        tbv.history(None, url)
