"""An experiment is shown as the page that the same state would have been exported as."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.errors import InvalidExportError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.server import served_files
from tb_versions.exports.export import export
from tb_versions.exports.tensorboard_dev.page import export_of_experiment
from tb_versions.exports.tensorboard_dev.reading import read_experiment
from tests.support import experiments
from tests.support.tables import whole
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return experiments.small_world(tmp_path)


def test_versions_curves_and_words_are_there(world: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(
        out,
        logdir=world.logs,
        models_dir=world.models,
        format="tensorboard-dev",
        title="A title",
        introduction="*Words*",
    )
    made = export_of_experiment(read_experiment(out))
    made.check()
    assert (made.head["title"], made.head["introduction"], made.head["versions"]) == ("A title", "*Words*", 2)
    assert [run["name"] for run in made.head["runs"]] == ["cnn"]
    table = whole(made.section("versions"))
    assert table["columns"]["id"] == ["digits:1", "digits:2"]
    assert table["columns"]["state"]["values"] == ["unchecked"]
    (loss,) = [metric for metric in table["metrics"] if metric["key"] == "loss"]
    assert loss["at_export"] == [0.5, 0.25]
    (curve,) = made.section("runs/0")["cnn"]
    assert curve["tag"] == "loss"


def test_its_sections_are_served_in_our_own_page(world: World, tmp_path: Path) -> None:
    files = served_files(examine(experiments.exported(world, tmp_path / "out")))
    assert files["/"].read().startswith(b"<!doctype html>")
    assert sum(path.startswith("/data/") for path in files) >= 5


def test_metadata_without_words_is_refused(world: World, tmp_path: Path) -> None:
    folder = experiments.exported(world, tmp_path / "out")
    experiments.resealed(folder, "metadata.json", b'{"name": 1}')
    with pytest.raises(InvalidExportError, match="does not have a name"):
        export_of_experiment(read_experiment(folder))


def test_runs_that_made_no_version_are_there_too(world: World, tmp_path: Path) -> None:
    world.scalars("alone", "acc", [(1, 0.5)])
    world.close()
    folder = experiments.exported(world, tmp_path / "out")
    made = export_of_experiment(read_experiment(folder))
    assert [run["name"] for run in made.head["runs"]] == ["alone", "cnn"]
    assert list(made.section("facts")["runs"]) == ["run:alone"]


def test_what_was_left_out_of_the_experiment_is_said(world: World, tmp_path: Path) -> None:
    folder = experiments.exported(world, tmp_path / "out")
    experiments.with_index(folder, left_out=["All of it."], redacted=["Names.", 3])
    made = export_of_experiment(read_experiment(folder))
    assert made.head["left_out"] == ["All of it.", "Names."]


def test_what_can_not_be_read_is_an_error_and_no_empty_page(world: World, tmp_path: Path) -> None:
    folder = experiments.exported(world, tmp_path / "out")
    for name, data in (("scalars.json", b"[]\n"), ("tensors.json", b""), ("scalars.json", b"{")):
        before = (folder / name).read_bytes()
        experiments.resealed(folder, name, data)
        with pytest.raises(InvalidExportError):
            export_of_experiment(read_experiment(folder))
        experiments.resealed(folder, name, before)
    export_of_experiment(read_experiment(folder))


def test_an_experiment_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    folder = experiments.exported(World(tmp_path), tmp_path / "out")
    with pytest.raises(InvalidExportError, match="neither versions nor curves"):
        export_of_experiment(read_experiment(folder))
