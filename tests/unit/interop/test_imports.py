"""Versions of other trackers: planned, imported once, and followed later."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tb_versions.actions.aliases import promote
from tb_versions.actions.describing import label
from tb_versions.actions.removal import remove
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, FilesElsewhere, Metric, VersionManifest
from tb_versions.errors import UnsupportedStorageError
from tb_versions.interop.importing.known import look
from tb_versions.interop.imports import Foreign, Outcome, Said, import_versions, plan_import
from tb_versions.read.reader import open_reader
from tb_versions.read.reuse.registered import open_registry
from tb_versions.registry.events import Event
from tests.support.savedmodel_bytes import small_model

STORE = "0123456789abcdef"


def foreign(number: int | None, model: str = "digits", **facts: Any) -> Foreign:
    key = facts.pop("key", f"{model}/{number}")
    return Foreign("mlflow", STORE, key, model, number, **facts)


def bring(versions: Iterable[Foreign], models: Path, **options: Any) -> list[Outcome]:
    return list(import_versions(plan_import(versions, models, **options), actor="anna"))


def became(outcomes: Iterable[Outcome]) -> list[tuple[str, str]]:
    return [(outcome.reference, outcome.became) for outcome in outcomes]


def texts(outcomes: Iterable[Outcome], kind: str) -> list[str]:
    return [outcome.text for outcome in outcomes if outcome.became == kind]


def manifest(models: Path, reference: str) -> VersionManifest:
    model, _, number = reference.partition(":")
    return codec.decode((models / model / number / MANIFEST_NAME).read_bytes())


def events(models: Path, model: str = "digits") -> list[Event]:
    return [event for event, _ in open_registry(model, str(models / model)).registry.history()]


def holder(models: Path, alias: str) -> int | None:
    known = open_registry("digits", str(models / "digits")).registry.known().aliases.get(alias)
    return known.version if known else None


def everything(base: Path) -> dict[str, bytes]:
    return {str(path.relative_to(base)): path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


def at(hour: int) -> datetime.datetime:
    return datetime.datetime(2024, 5, 1, hour, tzinfo=datetime.timezone.utc)


def test_a_second_import_changes_no_byte(tmp_path: Path) -> None:
    versions = [
        foreign(1, metrics=(Metric(name="acc", value=float("nan"), step=3),), labels={"k": "v"}, created=at(1)),
        foreign(2, said=(Said("alias_set", "production"), Said("noted", text="fine", time=at(3), actor="ben"))),
    ]
    assert became(bring(versions, tmp_path))[:2] == [("digits:1", "new"), ("digits:2", "new")]
    before = everything(tmp_path)
    assert became(bring(versions, tmp_path)) == [("digits:1", "same"), ("digits:2", "same")]
    assert everything(tmp_path) == before


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    versions = [foreign(1, said=(Said("alias_set", "production"),)), foreign(2, semantic_version="1.x")]
    models = tmp_path / "models"
    tried = list(import_versions(plan_import(versions, models), actor="anna", dry_run=True))
    assert not models.exists()
    done = bring(versions, models)
    assert [(one.reference, one.became, one.text, one.notes) for one in tried] == [
        (one.reference, one.became, one.text, one.notes) for one in done
    ]


def test_versions_without_numbers_take_the_next_in_the_order_given(tmp_path: Path) -> None:
    bring([foreign(None, key="b"), foreign(7, key="seven"), foreign(None, key="a")], tmp_path)
    bring([foreign(None, key="b"), foreign(7, key="seven"), foreign(None, key="a"), foreign(None, key="c")], tmp_path)
    numbers = {version.number: codec.decode(version.data).imported for version in look(str(tmp_path)).versions.values()}
    assert {n: imported.key for n, imported in numbers.items() if imported} == {7: "seven", 8: "b", 9: "a", 10: "c"}


def test_a_number_that_another_version_has_is_refused_and_nothing_is_written_over(tmp_path: Path) -> None:
    bring([foreign(1, key="first")], tmp_path)
    before = everything(tmp_path)
    done = bring([foreign(1, key="first"), foreign(1, key="other")], tmp_path)
    assert became(done) == [("digits:1", "same"), ("digits 1", "refused")]
    assert "digits:1, a number that is or was given" in done[1].text
    assert everything(tmp_path) == before


def test_a_version_that_was_removed_here_is_not_imported_again(tmp_path: Path) -> None:
    bring([foreign(1), foreign(2, said=(Said("alias_set", "production"),))], tmp_path)
    remove("digits:1", tmp_path, actor="anna")
    done = bring([foreign(1, said=(Said("alias_set", "staging"),)), foreign(2)], tmp_path)
    assert became(done)[:2] == [("digits:1", "same"), ("digits:2", "same")]
    assert "digits@staging: digits:1 was removed here." in texts(done, "refused")
    assert not (tmp_path / "digits" / "1").exists()


@pytest.mark.parametrize(
    ("there", "here"),
    [("digits", "digits"), ("a model", "a-model"), ("Modèle n° 2", "Modele-n-2"), ("latest", "model-latest-f8d0a1")],
)
def test_a_name_that_is_none_of_ours_becomes_one_and_is_kept(there: str, here: str, tmp_path: Path) -> None:
    (planned,) = plan_import([foreign(1, there)], tmp_path).versions
    assert planned.model.rpartition("-")[0] == here.rpartition("-")[0]
    bring([foreign(1, there)], tmp_path)
    imported = manifest(tmp_path, f"{planned.model}:1").imported
    assert imported is not None
    assert (imported.model, imported.version, imported.store) == (there, "1", STORE)


def test_two_names_that_would_become_one_stay_two_also_in_later_imports(tmp_path: Path) -> None:
    bring([foreign(1, "a b")], tmp_path)
    done = bring([foreign(1, "a/b"), foreign(1, "a b"), foreign(1, "a-b")], tmp_path)
    assert [one.became for one in done] == ["new", "same", "refused"]
    assert done[0].reference.startswith("a-b-")
    assert became(bring([foreign(2, "a/b")], tmp_path)) == [(done[0].reference.replace(":1", ":2"), "new")]


def test_an_alias_follows_the_tracker_and_goes_with_it(tmp_path: Path) -> None:
    says = (Said("alias_set", "production"),)
    for holding in (1, 2, 1):
        bring([foreign(number, said=says if number == holding else ()) for number in (1, 2)], tmp_path)
        assert holder(tmp_path, "production") == holding
    assert [event.kind for event in events(tmp_path)] == ["alias_set"] * 3
    done = bring([foreign(1), foreign(2)], tmp_path)
    assert texts(done, "changed") == ["digits@production names nothing any more"]
    assert holder(tmp_path, "production") is None
    assert bring([foreign(1), foreign(2)], tmp_path)[2:] == []


def test_an_alias_that_was_moved_here_is_not_moved_back(tmp_path: Path) -> None:
    says = (Said("alias_set", "production"),)
    there = [foreign(1, said=says), foreign(2), foreign(3)]
    folder = model_folder(tmp_path / "files")
    there = [replace(one, folder=str(folder), elsewhere=FilesElsewhere(source="s", path="m")) for one in there]
    models = tmp_path / "models"
    bring(there, models, copy_files=True)
    promote("digits:2", models, alias="production", actor="ben")
    assert bring(there, models)[3:] == []  # it did not move there
    moved = [replace(there[0], said=()), there[1], replace(there[2], said=says)]
    done = bring(moved, models)
    assert holder(models, "production") == 2
    (text,) = texts(done, "refused")
    assert "is version 2 here and version 3 in mlflow" in text
    assert "promote digits:3 --alias production" in text
    promote("digits:3", models, alias="production", actor="ben")
    assert bring(moved, models)[3:] == []


def test_a_protected_alias_is_left_to_who_may_move_it(tmp_path: Path) -> None:
    bring([foreign(1)], tmp_path)
    (tmp_path / "digits" / ".versions" / "policy.toml").write_text("[aliases.production]\napprovals = 1\n")
    done = bring([foreign(1, said=(Said("alias_set", "production"),))], tmp_path)
    assert [one.became for one in done] == ["same", "refused"]
    assert "a policy protects it" in done[1].text
    assert holder(tmp_path, "production") is None


def test_labels_and_descriptions_follow_where_nobody_changed_them_here(tmp_path: Path) -> None:
    bring([foreign(1, labels={"a": "1", "b": "1", "c": "1"}, description="old")], tmp_path)
    label("digits:1", tmp_path, key="b", value="mine", actor="ben")
    done = bring([foreign(1, labels={"a": "2", "b": "2", "d": "4"}, description="new")], tmp_path)
    (version,) = open_reader("", [str(tmp_path)]).catalog.versions
    state = open_registry("digits", str(tmp_path / "digits")).registry.known().version(1)
    assert dict(state.labels) == {"b": "mine", "a": "2", "c": None, "d": "4"}
    assert state.description == "new"
    assert version.id == "digits:1"
    (text,) = texts(done, "refused")
    assert 'its label "b" was changed here and in mlflow' in text
    again = bring([foreign(1, labels={"a": "2", "b": "2", "d": "4"}, description="new")], tmp_path)
    assert texts(again, "changed") == []


def test_values_that_are_new_in_the_tracker_become_measured_files_once(tmp_path: Path) -> None:
    old = Metric(name="acc", value=0.5, step=1)
    bring([foreign(1, metrics=(old,))], tmp_path)
    now = (replace(old, value=0.6), Metric(name="nan", value=float("nan")))
    done = bring([foreign(1, metrics=now, hyperparameters={"late": 1})], tmp_path)
    assert texts(done, "changed") == ['digits:1: measured since: "acc", "nan"']
    assert 'hyperparameters since the import are not taken over: "late"' in texts(done, "refused")[0]
    assert texts(bring([foreign(1, metrics=now)], tmp_path), "changed") == []
    assert manifest(tmp_path, "digits:1").metrics == (replace(old, source="imported"),)
    assert len(list((tmp_path / "digits" / ".versions" / "measured").iterdir())) == 1


def test_history_with_times_is_told_in_their_order_and_by_whom(tmp_path: Path) -> None:
    one = foreign(
        1, said=(Said("alias_set", "prod", time=at(1), actor="anna"), Said("approved", time=at(2), actor="ben"))
    )
    two = foreign(2, said=(Said("alias_set", "prod", time=at(3), reason="better"),))
    bring([two, one], tmp_path)
    told = [(event.kind, event.version, event.time, event.actor) for event in events(tmp_path)]
    assert told == [("alias_set", 1, at(1), "anna"), ("approved", 1, at(2), "ben"), ("alias_set", 2, at(3), "anna")]
    assert events(tmp_path)[2].reason == "better Imported from mlflow."
    later = replace(one, said=(*one.said, Said("noted", text="late", time=at(2))))
    bring([two, later], tmp_path)
    event = events(tmp_path)[-1]
    assert event.time > at(3)  # the log is further: it has the time when it was told, and says when it was
    assert "There at 2024-05-01 02:00:00 UTC." in event.reason
    assert len(bring([two, later], tmp_path)) == 2


def test_lineage_names_the_versions_here(tmp_path: Path) -> None:
    child = foreign(2, "a child", parent_keys={"digits/9": "fine_tuned_from", "gone": "derived_from"})
    bring([child, foreign(9)], tmp_path)
    found = manifest(tmp_path, "a-child:2")
    assert [(parent.model, parent.number, parent.relation) for parent in found.parents] == [
        ("digits", 9, "fine_tuned_from")
    ]
    assert found.imported is not None
    assert found.imported.notes == ("It was made from gone, which is no version here.",)


def model_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(small_model())
    return folder.resolve()


@pytest.mark.parametrize("copies", [True, False])
def test_files_at_hand_are_copied_or_stay_where_they_are(copies: bool, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "store" / "m")
    one = foreign(1, folder=str(folder), elsewhere=FilesElsewhere(source="nas", path="m"))
    before = everything(tmp_path / "store")
    bring([one], tmp_path / "models", copy_files=copies)
    found = manifest(tmp_path / "models", "digits:1")
    assert [file.path for file in found.files] == ["saved_model.pb"]
    assert found.saved_model is not None
    assert found.code is None
    assert found.imported is not None
    assert found.imported.files == ("copied" if copies else "linked")
    assert (found.files_elsewhere is None) == copies
    assert (tmp_path / "models/digits/1/saved_model.pb").exists() == copies
    assert everything(tmp_path / "store") == before


def test_files_that_are_not_at_hand_are_said_to_be_unknown(tmp_path: Path) -> None:
    bring([foreign(1)], tmp_path)
    found = manifest(tmp_path, "digits:1")
    assert (found.files, found.digest) == ((), "")
    assert found.imported is not None
    assert found.imported.files == "absent"
    assert found.files_elsewhere == FilesElsewhere(source="mlflow", path="digits/1")
    (version,) = open_reader("", [str(tmp_path)]).catalog.versions
    assert version.state == "elsewhere"


def test_a_damaged_model_leaves_nothing_behind_and_the_others_come(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "bad")
    (folder / "saved_model.pb").write_bytes(b"\xff" * 100)
    models = tmp_path / "models"
    bad = foreign(1, folder=str(folder), elsewhere=FilesElsewhere(source="s", path="bad"))
    done = bring([bad, foreign(2)], models, copy_files=True)
    assert became(done) == [("digits:1", "refused"), ("digits:2", "new")]
    assert str(tmp_path) not in done[0].text
    assert sorted(path.name for path in (models / "digits").iterdir()) == [".versions", "2"]


def test_a_model_of_which_all_was_refused_has_its_own_name_in_the_next_import(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/saved_model.pb").write_bytes(b"x")
    one = Foreign("wandb", "s", "k", "mnist/digits", None, folder=str(tmp_path / "there"))
    for foreign, became in ((one, "refused"), (replace(one, folder=""), "new")):
        (outcome,) = import_versions(plan_import([foreign], tmp_path / "models", copy_files=True))
        assert (outcome.reference, outcome.became) == ("mnist-digits:1", became)


def test_of_one_second_the_order_that_the_tracker_has_counts(tmp_path: Path) -> None:
    time = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
    back = (Said("alias_set", "prod", time=time, order=1), Said("alias_set", "prod", time=time, order=3))
    one = Foreign("gto", "s", "1", "digits", 1, said=back)
    two = Foreign("gto", "s", "2", "digits", 2, said=(Said("alias_set", "prod", time=time, order=2),))
    told = [outcome.text for outcome in import_versions(plan_import([one, two], tmp_path)) if not outcome.planned]
    assert told == [f"digits@prod is digits:{number}" for number in (1, 2, 1)]
    assert {outcome.became for outcome in import_versions(plan_import([one, two], tmp_path))} == {"same"}


def test_texts_of_strangers_lose_secrets_and_control_characters(tmp_path: Path) -> None:
    one = foreign(
        1,
        description="see https://me:hunter2@host/x \x1b[31m\u202e <script>alert(1)</script>",
        labels={"api_key": "hunter2", "__proto__": "x", "long": "y" * 5_000, "two\nlines": "a\nb"},
        hyperparameters={"password": "hunter2", "n": 2**70, "": 1},
        said=(Said("noted", text="token=ghp_0123456789abcdefghijABCDEFGHIJ012345", time=at(1)),),
        notes=("\x00",),
    )
    bring([one], tmp_path)
    found = manifest(tmp_path, "digits:1")
    assert "hunter2" not in codec.encode(found).decode()
    assert "\x1b" not in found.description
    assert "<script>" in found.description
    assert found.labels["api_key"] == "***"
    assert len(found.labels["long"]) == 1_024
    assert "__proto__" not in found.labels
    assert found.hyperparameters == {"password": "***", "n": str(2**70)}
    assert found.imported is not None
    assert len(found.imported.notes) == 4
    assert b"ghp_0123" not in b"".join(everything(tmp_path).values())


def test_a_url_is_no_folder_to_import_into() -> None:
    with pytest.raises(UnsupportedStorageError):
        plan_import([], "s3://bucket/models")


def test_an_import_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    versions = [foreign(number, said=(Said("noted", text="x"),)) for number in range(1, 6)]
    running = import_versions(plan_import(versions, tmp_path), actor="anna")
    assert next(running).became == "new"
    assert next(running).became == "new"
    running.close()
    assert sorted(path.name for path in (tmp_path / "digits").iterdir()) == [".versions", "1", "2"]
    done = bring(versions, tmp_path)
    assert [one.became for one in done] == ["same"] * 2 + ["new"] * 3 + ["changed"] * 5
    assert bring(versions, tmp_path)[5:] == []


def test_two_stores_that_call_their_folders_the_same_are_said(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "store" / "m")
    one = foreign(1, folder=str(folder), elsewhere=FilesElsewhere(source="mlflow", path="m"))
    assert plan_import([one], tmp_path / "models").warnings == ()
    bring([one], tmp_path / "models")
    other = replace(one, store="another", number=2)
    (warning,) = plan_import([one, other], tmp_path / "models").warnings
    assert "name this one otherwise: --source OTHER=DIR" in warning


def test_two_imports_at_once_give_no_number_twice(tmp_path: Path) -> None:
    plans = [plan_import([foreign(None, key=f"{place}/{n}") for n in range(5)], tmp_path) for place in "ab"]
    outcomes = [one.became for plan in plans for one in import_versions(plan, actor="anna")]
    assert outcomes == ["new"] * 5 + ["refused"] * 5
    assert len(look(str(tmp_path)).versions) == 5


def test_an_alias_of_a_version_that_can_not_come_stays_where_it_is(tmp_path: Path) -> None:
    says = (Said("alias_set", "production"),)
    bring([foreign(1, said=says), foreign(2, key="taken")], tmp_path)
    done = bring([foreign(1), foreign(2, key="other", said=says)], tmp_path)
    assert [one.became for one in done] == ["same", "refused", "refused"]
    assert done[2].text == "digits@production names a version in mlflow that is none here; here it stays as it is."
    assert holder(tmp_path, "production") == 1
