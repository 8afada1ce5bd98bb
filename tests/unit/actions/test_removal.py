"""Versions are removed when they are named or when no rule keeps them; what is in use stays."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.actions.aliases import promote, rollback
from tb_versions.actions.keeping import Keep
from tb_versions.actions.removal import Finished, Planned, empty, finish, prune, remove, remove_for_training, trash
from tb_versions.actions.target import open_target
from tb_versions.actions.wording import in_words
from tb_versions.core.manifest import MANIFEST_NAME, Metric, Parent
from tb_versions.registry.events import said
from tb_versions.registry.registry import Draft
from tests.support.world import World

LAST: dict[str, Any] = {"keep": Keep(last=1), "dry_run": False}


def there(models: Path) -> list[str]:
    return sorted(path.parent.name for path in (models / "digits").glob(f"*/{MANIFEST_NAME}"))


def gone(planned: list[Planned]) -> list[str]:
    return [each.id for each in planned if each.goes]


def approve(models: Path, number: int) -> None:
    registry = open_target("digits", models).opened.registry
    registry.append(lambda _: Draft(kind="approved", version=number, actor="ben"))


def test_a_removed_version_is_in_the_trash_and_its_manifest_is_kept(models: Path) -> None:
    manifest = (models / "digits/2" / MANIFEST_NAME).read_bytes()
    change = remove("digits:2", models, reason="trained on the wrong data")
    assert str(change) == "digits:2 is removed; its files are in the trash."
    assert change.event is not None
    assert (change.event.kind, change.event.version, change.event.reason) == ("removed", 2, "trained on the wrong data")
    assert said(change.event).by == "remove"
    assert in_words(tbv.history("digits", models)[-1]) == "digits:2: removed"
    assert there(models) == ["1", "3", "4"]
    assert (models / "digits/.versions/removed/2.json").read_bytes() == manifest
    assert (models / "digits/.versions/trash/2/saved_model.pb").exists()
    assert trash([], models) == {"digits": [(2, sum(f.stat().st_size for f in files_of(models, 2)))]}


def files_of(models: Path, number: int) -> list[Path]:
    return [path for path in (models / f"digits/.versions/trash/{number}").rglob("*") if path.is_file()]


def test_a_removed_version_is_refused_by_name_and_its_number_is_never_used_again(models: Path, tmp_path: Path) -> None:
    remove("digits:4", models, reason="bad.")
    empty([], models)
    with pytest.raises(tbv.VersionRemovedError, match=r"digits:4 was removed \(anna, .*\): bad\. Its"):
        promote("digits:4", models, alias="production")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/w").write_text("w")
    version = tbv.publish(tmp_path / "new", models, name="digits", strict=True, capture=tbv.Capture(code=False))
    assert version is not None
    assert version.number == 5


def test_what_holds_an_alias_is_not_removed(models: Path) -> None:
    promote("digits:2", models, alias="production")
    with pytest.raises(tbv.RefusedError, match="it holds production"):
        remove("digits:2", models)
    assert there(models) == ["1", "2", "3", "4"]


def test_a_dry_run_removes_nothing(models: Path) -> None:
    assert str(remove("digits:2", models, dry_run=True)).endswith("Nothing was written.")
    assert gone(prune([], models, keep=Keep(last=2))) == ["digits:2", "digits:1"]
    assert there(models) == ["1", "2", "3", "4"]
    assert not (models / "digits/.versions/log").exists()


def test_prune_keeps_what_is_in_use_and_says_why(models: Path) -> None:
    promote("digits:1", models, alias="production")
    promote("digits:2", models, alias="production")
    approve(models, 3)
    planned = prune(["digits"], models, **LAST)
    assert {each.id: each.why_kept for each in planned} == {
        "digits:4": "the newest",
        "digits:3": "approved by ben",
        "digits:2": "holds production",
        "digits:1": "would hold production after a rollback",
    }
    assert there(models) == ["1", "2", "3", "4"]
    rollback("digits", models, alias="production")
    assert gone(prune(["digits"], models, **LAST)) == ["digits:2"]


def test_prune_keeps_the_best_by_a_metric(world: World) -> None:
    for number, value in ((5, 0.5), (6, 0.9), (7, float("nan")), (8, 0.7)):
        world.version("digits", number, metrics=(Metric(name="acc", value=value, goal="max"),))
    planned = prune(["digits"], world.models, keep=Keep(best=2, metric="acc"), dry_run=False)
    assert [each.id for each in planned if each.why_kept] == ["digits:8", "digits:6"]
    assert planned[0].why_kept == "one of the 2 best by acc"


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        ({"best": 1}, "no version has a lead metric"),
        ({"best": 1, "metric": "nope"}, r'No version has the metric "nope"; they have acc'),
        ({"best": 1, "metric": "acc"}, 'Say whether "acc" should be high or low'),
    ],
)
def test_of_an_unknown_metric_or_goal_nothing_is_removed(world: World, keep: Any, says: str) -> None:
    world.version("digits", 5, metrics=(Metric(name="acc", value=1),))
    with pytest.raises(tbv.InvalidQueryError, match=says):
        prune(["digits"], world.models, keep=Keep(**keep), dry_run=False)
    assert len(there(world.models)) == 5


def test_where_manifests_disagree_on_what_is_best_nothing_is_removed(world: World) -> None:
    for number, goal in ((5, "max"), (6, "min")):
        world.version("digits", number, metrics=(Metric(name="acc", value=number, goal=goal),))
    keep = Keep(best=1, metric="acc")
    with pytest.raises(tbv.InvalidQueryError, match='Say whether "acc" should be high or low: the manifests disagree'):
        prune(["digits"], world.models, keep=keep, dry_run=False)
    assert len(there(world.models)) == 6
    assert "digits:5" not in gone(prune(["digits"], world.models, keep=replace(keep, goal="min")))


@pytest.mark.parametrize("keep", [{}, {"last": -1}, {"younger_than_days": -1}])
def test_something_must_be_kept(keep: Any) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        Keep(**keep)


def test_parents_of_what_is_kept_stay_in_every_model(world: World) -> None:
    world.version("digits", 5, parents=(Parent(model="digits", number=3),))
    world.version("other", 1, parents=(Parent(model="digits", number=1),))
    planned = prune(["digits"], world.models, **LAST)
    assert {each.id: each.why_kept for each in planned if each.why_kept} == {
        "digits:5": "the newest",
        "digits:3": "parent of digits:5",
        "digits:1": "parent of other:1",
    }


def test_parents_stay_also_where_their_numbers_are_larger(world: World) -> None:
    """As where a parent was copied after its child."""
    for number, parent in ((2, 3), (3, 6), (6, 4)):
        world.version("digits", number, parents=(Parent(model="digits", number=parent),))
    world.version("digits", 9)
    promote("digits:2", world.models, alias="production")
    planned = prune(["digits"], world.models, **LAST)
    assert [each.id for each in planned if not each.goes] == [
        "digits:9",
        "digits:6",
        "digits:4",
        "digits:3",
        "digits:2",
    ]


def test_what_can_not_be_read_is_kept(world: World) -> None:
    (world.models / "digits/1" / MANIFEST_NAME).write_text("{")
    assert "its manifest can't be read" in [each.why_kept for each in prune(["digits"], world.models, **LAST)]
    assert (world.models / "digits/1").exists()


def test_one_number_in_two_folders_is_kept(world: World) -> None:
    world.version("digits", 1, folder=world.models / "digits" / "01", files={"w": b"other"})
    planned = prune(["digits"], world.models, **LAST)
    assert [each.why_kept for each in planned if each.number == 1] == ["its number is claimed by several folders"] * 2


def test_younger_ones_are_kept(world: World) -> None:
    import datetime

    world.version("digits", 5, created=datetime.datetime.now(datetime.timezone.utc))
    planned = prune(["digits"], world.models, keep=Keep(younger_than_days=1), dry_run=False)
    assert [each.id for each in planned if each.why_kept] == ["digits:5"]


def test_a_version_that_is_promoted_after_the_plan_stays(models: Path) -> None:
    def promoted(planned: Planned) -> None:
        if planned.number == 4:  # the first of the plan; 2 is removed after it
            promote("digits:2", models, alias="production")

    planned = prune([], models, **LAST, done=promoted)
    assert {each.id: each.why_kept for each in planned if each.why_kept} == {
        "digits:4": "the newest",
        "digits:2": "holds production now",
    }
    assert there(models) == ["2", "4"]


def test_golden_outputs_go_with_the_files_and_nothing_behind_a_link(models: Path, tmp_path: Path) -> None:
    golden = models / "digits/.versions/golden"
    for number in (1, 4):
        (golden / str(number)).mkdir(parents=True)
        (golden / str(number) / "golden.npz").write_bytes(b"inputs of users")
    prune([], models, **LAST)
    golden.rename(tmp_path / "moved")
    golden.symlink_to(tmp_path / "moved")
    with pytest.raises(tbv.UnsafeFileError, match="what is behind it is not deleted"):
        empty([], models)
    assert sorted(os.listdir(tmp_path / "moved")) == ["1", "4"]
    golden.unlink()
    (tmp_path / "moved").rename(golden)
    assert empty([], models)["digits"].numbers == (1, 2, 3)
    assert os.listdir(golden) == ["4"]


def test_the_trash_is_emptied_for_good(models: Path) -> None:
    prune([], models, **LAST)
    emptied = empty(["digits"], models)["digits"]
    assert emptied.numbers == (1, 2, 3)
    assert emptied.size > 0
    assert empty([], models) == {}
    assert sorted(os.listdir(models / "digits/.versions/removed")) == ["1.json", "2.json", "3.json"]


@pytest.mark.parametrize("name", ["removed", "trash"])
def test_nothing_moves_through_a_symlink(models: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    (models / "digits/.versions").mkdir()
    (models / "digits/.versions" / name).symlink_to(tmp_path / "outside")
    with pytest.raises(tbv.TbVersionsError, match="is a symlink"):
        remove("digits:2", models)
    assert list((tmp_path / "outside").iterdir()) == []
    assert not (models / "digits/.versions/log").exists(), "the log does not say what can't be done"


def test_a_planted_symlink_in_the_trash_deletes_nothing_outside(models: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    remove("digits:1", models)
    inside = models / "digits/.versions/trash"
    (inside / "7").symlink_to(outside)
    (inside / "1" / "link").symlink_to(outside)
    (inside / "8.in-place").write_text("../../../outside")
    assert empty([], models)["digits"].numbers == (1,)
    assert (outside / "precious").exists()


def test_an_interrupted_removal_is_finished(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            remove("digits:2", models)
    assert there(models) == ["1", "2", "3", "4"]
    assert finish(models, "digits") == Finished((2,))
    assert there(models) == ["1", "3", "4"]
    assert finish(models, "digits") == Finished(())


def test_a_removed_version_that_came_back_stops_no_other_and_its_remedy_works(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models, tmp_path / "backup")
    for number in (2, 3):
        remove(f"digits:{number}", models)
        shutil.copytree(tmp_path / f"backup/digits/{number}", models / f"digits/{number}")
    shutil.rmtree(models / "digits/.versions/trash/3")
    finished = finish(models, "digits")
    assert (finished.numbers, len(finished.failures)) == ((3,), 1)
    assert finished.failures[0].endswith(
        "trash/2 is in its way. Move that away, or empty the trash with: "
        f"tb-versions prune --empty-trash --yes digits --models-dir {models} "
        f"and then run: tb-versions fsck --repair digits --models-dir {models}"
    )
    empty(["digits"], models)
    assert finish(models, "digits") == Finished((2,))
    assert there(models) == ["1", "4"]


def test_another_version_in_the_place_of_a_removed_one_stays(models: Path) -> None:
    remove("digits:2", models)
    shutil.copytree(models / "digits/1", models / "digits/2")
    (failure,) = finish(models, "digits").failures
    assert "removed/2.json is the manifest of another version than the one in" in failure
    assert there(models) == ["1", "2", "3", "4"]


def test_where_folders_can_not_be_renamed_only_the_manifest_moves(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def no_folders(source: Any, target: Any, **options: Any) -> None:
        if os.path.isdir(source):
            raise PermissionError(1, "Operation not permitted", str(source))
        rename(source, target, **options)

    monkeypatch.setattr(os, "rename", no_folders)
    remove("digits:2", models)
    assert there(models) == ["1", "3", "4"]
    assert (models / "digits/2/saved_model.pb").exists()
    assert empty([], models)["digits"].numbers == (2,)
    assert not (models / "digits/2").exists()
    assert os.listdir(models / "digits/.versions/trash") == []


def test_a_training_removes_only_what_the_registry_does_not_keep(models: Path) -> None:
    promote("digits:1", models, alias="production")
    assert remove_for_training(models / "digits/1", by="keep=1") is False
    assert remove_for_training(models / "digits/2", by="keep=1 of run mlp") is True
    assert there(models) == ["1", "3", "4"]
    assert os.listdir(models / "digits/.versions/trash") == []
    assert open_target("digits", models).opened.state().version(2).removed_by == "keep=1 of run mlp"


def test_a_log_that_was_cut_stops_every_removal(models: Path) -> None:
    promote("digits:1", models, alias="production")
    promote("digits:2", models, alias="production")
    (models / "digits/.versions/log/00000000000000000002.json").unlink()
    with pytest.raises(tbv.RewrittenLogError):
        prune([], models, **LAST)
    shutil.rmtree(models / "digits/.versions/log")
    with pytest.raises(tbv.RewrittenLogError):
        remove("digits:3", models)
    assert there(models) == ["1", "2", "3", "4"]


def test_a_training_leaves_the_trash_of_others_alone(models: Path) -> None:
    remove("digits:3", models, reason="by mistake")
    assert remove_for_training(models / "digits/2", by="keep=1 of run mlp")
    assert os.listdir(models / "digits/.versions/trash") == ["3"]


@pytest.mark.parametrize("name", ["../other/digits", "/", "", "digits/../digits", "a\0b"])
def test_the_trash_is_that_of_a_model_and_of_no_other_folder(models: Path, name: str) -> None:
    shutil.copytree(models, models.parent / "other")
    remove("digits:3", models.parent / "other")
    for look in (trash, empty):
        with pytest.raises(tbv.InvalidQueryError, match="can't name a model"):
            look([name], models)
    assert os.listdir(models.parent / "other/digits/.versions/trash") == ["3"]
