"""A model that was removed and made anew: its history begins, and is not taken for the old one that somebody cut."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.registry import seen
from tb_versions.write.restore import Restorer
from tests.support.written import Experiment, write_model

BEGINS = r"^digits in .*/models begins anew: when it was seen here before, it had a history of 2 events, and now"


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    """`digits:1`, in production and approved."""
    made = Experiment(tmp_path)
    made.publish()
    _use(made.models)
    return made


def _use(models: Path | str) -> None:
    tbv.promote("digits:1", models, alias="production", reason="first", actor="anna")
    tbv.approve("digits:1", models, reason="fine", actor="ben")


def _is_in_production(models: Path | str) -> bool:
    return tbv.which("digits@production", models).number == 1


def _keys(store: ObjectStore, folder: str) -> list[str]:
    return [entry.key for entry in store.below(folder).entries("")]


@pytest.mark.parametrize("removed", ["models", "models/digits"])
def test_a_model_that_is_trained_again_in_an_empty_place_has_a_history_of_its_own(
    experiment: Experiment, removed: str
) -> None:
    shutil.rmtree(experiment.models.parent / removed)
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        experiment.publish()
    tbv.path("digits:1", models_dir=experiment.models)
    _use(experiment.models)
    assert _is_in_production(experiment.models)


def test_it_is_said_once(experiment: Experiment) -> None:
    shutil.rmtree(experiment.models)
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        experiment.publish()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        experiment.publish()
    assert not [each for each in said if "begins anew" in str(each.message)]


def test_so_has_one_that_is_published_where_it_lies(experiment: Experiment) -> None:
    shutil.rmtree(experiment.models)
    folder = write_model(experiment.models / "digits" / "1")
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        tbv.publish(folder, experiment.models, name="digits", strict=True)
    _use(experiment.models)
    assert _is_in_production(experiment.models)


def test_so_has_one_that_is_copied(experiment: Experiment, tmp_path: Path) -> None:
    backup = tmp_path / "backup" / "models"
    tbv.copy("digits:1", experiment.models, to=backup)
    shutil.rmtree(experiment.models)
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        tbv.copy("digits:1", backup, to=experiment.models)
    _use(experiment.models)
    assert _is_in_production(experiment.models)


@pytest.mark.parametrize(
    "again",
    [
        lambda model, backup, url: tbv.publish(model, url, name="digits", strict=True),
        lambda model, backup, url: tbv.copy("digits:1", backup, to=url),
    ],
    ids=["published", "copied"],
)
def test_so_has_one_in_an_object_store(
    again: Callable[[Path, Path, str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "_OF_THIS_PROCESS", "none of these")  # what is in memory is else not remembered
    url, backup = f"memory://{uuid4().hex}/models", tmp_path / "backup"
    model = write_model(tmp_path / "model")
    for models in (url, backup):
        tbv.publish(model, models, name="digits", strict=True)
    _use(url)
    store = open_store(url)
    store.delete_all([f"digits/{key}" for key in _keys(store, "digits")])
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        again(model, backup, url)
    _use(url)
    assert _is_in_production(url)


def test_so_has_one_whose_manifest_is_restored(experiment: Experiment) -> None:
    data = (experiment.models / "digits" / "1" / MANIFEST_NAME).read_bytes()
    shutil.rmtree(experiment.models)
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS), Restorer(experiment.models) as restorer:
        assert restorer.restore(data) == "restored"
    tbv.note("digits:1", experiment.models, text="Only its manifest is here.", actor="anna")


def test_so_has_one_whose_files_were_uploaded_by_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "_OF_THIS_PROCESS", "none of these")
    url = f"memory://{uuid4().hex}/models"
    tbv.publish(write_model(tmp_path / "model"), url, name="digits", strict=True)
    _use(url)
    store = open_store(url)
    store.delete_all([f"digits/{key}" for key in _keys(store, "digits")])
    store.write("digits/1/weights.bin", b"1")
    with pytest.warns(tbv.TbVersionsWarning, match=BEGINS):
        tbv.summary.version(f"{url}/digits/1", strict=True)
    _use(url)
    assert _is_in_production(url)


def test_what_can_not_be_forgotten_is_told_with_a_remedy(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(experiment.models)
    with monkeypatch.context() as changed:
        changed.setattr(seen.Seen, "forget", lambda self, model: False)
        with pytest.warns(tbv.TbVersionsWarning, match=r"begins anew.*fsck --acknowledge digits --models-dir /"):
            experiment.publish()
    with pytest.raises(tbv.RewrittenLogError):
        _is_in_production(experiment.models)


def test_a_log_that_was_removed_beside_versions_was_cut_all_the_same(experiment: Experiment) -> None:
    shutil.rmtree(experiment.models / "digits" / ".versions" / "log")
    experiment.publish()
    with pytest.raises(tbv.RewrittenLogError, match="ends at event 0, and event 2 was seen here"):
        _is_in_production(experiment.models)


def test_so_was_one_whose_whole_folder_was_removed(experiment: Experiment) -> None:
    shutil.rmtree(experiment.models / "digits" / ".versions")
    with pytest.warns(tbv.TbVersionsWarning, match="was missing, though there are versions"):
        experiment.publish()
    with pytest.raises(tbv.RewrittenLogError, match="because the model was made anew for instance"):
        _is_in_production(experiment.models)


def test_a_log_that_is_left_alone_goes_on(experiment: Experiment) -> None:
    """Somebody removed every version by hand: the log still says what they were."""
    shutil.rmtree(experiment.models / "digits" / "1")
    experiment.publish()
    tbv.promote("digits:2", experiment.models, alias="production", reason="again", actor="anna")
    assert len(os.listdir(experiment.models / "digits" / ".versions" / "log")) >= 3
