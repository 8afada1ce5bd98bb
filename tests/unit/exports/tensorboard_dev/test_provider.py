"""An exported experiment is read as event files are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.errors import AlteredExportError, InvalidExportError
from tb_versions.exports.tensorboard_dev.provider import ExperimentProvider
from tb_versions.exports.tensorboard_dev.reading import read_experiment
from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import reading
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.api import open_catalog
from tb_versions.read.runs.all_runs import runs_by_start
from tb_versions.read.values import metric_values
from tests.support import experiments
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return experiments.small_world(tmp_path)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    return experiments.exported(world, tmp_path / "out")


def catalog_of(place: Path) -> Catalog:
    reader = CatalogReader(roots_of(), ExperimentProvider(read_experiment(place)))
    reader.refresh()
    return reader.refresh_curves()


def test_the_catalog_is_that_of_the_event_files(folder: Path, world: World) -> None:
    there, here = catalog_of(folder), open_catalog(str(world.logs), [str(world.models)])
    assert there.problems == ()
    assert {v.state for v in there.versions} == {"missing"}
    for one, other in zip(there.versions, here.versions, strict=True):
        assert (one.id, one.listing, one.manifest_digest) == (other.id, other.listing, other.manifest_digest)
        assert [(r.name, r.step, r.known) for r in one.runs] == [(r.name, r.step, r.known) for r in other.runs]
        assert metric_values(one, there.curves) == metric_values(other, here.curves)


def test_every_point_is_read(folder: Path, world: World) -> None:
    with reading(str(world.logs), []) as finish:
        here = CurveReader(finish())
        (wanted,) = here.read(here.tags(["cnn"]))
    there = CurveReader(ExperimentProvider(read_experiment(folder)))
    assert runs_by_start(there.provider) == ("cnn",)
    (found,) = there.read(there.tags(["cnn"]))
    assert {run: {tag: [a.tolist() for a in points] for tag, points in of.items()} for run, of in found.items()} == {
        run: {tag: [a.tolist() for a in points] for tag, points in of.items()} for run, of in wanted.items()
    }


BAD: list[Callable[[dict[str, Any]], object]] = [
    lambda line: line.pop("run"),
    lambda line: line.update(run=[]),
    lambda line: line.pop("points"),
    lambda line: line.update(points=[]),
    lambda line: line["points"].update(steps=[1]),
    lambda line: line["points"].update(steps=[1, 2**70]),
    lambda line: line["points"].update(steps=[1, 0.5]),
    lambda line: line["points"].update(values=[1, "Infinite"]),
    lambda line: line["points"].update(values=[1, None, []]),
    lambda line: line["points"].update(values=5),
    lambda line: line["points"].update(steps=[], values=[], wall_times=[]),
    lambda line: line.update(summary_metadata="%"),
    lambda line: line.update(summary_metadata="////"),
    lambda line: line.update(summary_metadata=5),
]


@pytest.mark.parametrize("change", BAD)
def test_a_line_of_a_stranger_is_refused(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "scalars.json"
    line = json.loads(path.read_bytes())
    change(line)
    experiments.resealed(folder, "scalars.json", json.dumps(line).encode())
    with pytest.raises(InvalidExportError, match=r"Line 1 of scalars\.json"):
        ExperimentProvider(read_experiment(folder)).list_runs(experiment_id="")


def test_manifests_under_other_tags_are_refused(folder: Path) -> None:
    path = folder / "tensors.json"
    changed = path.read_bytes().replace(b"versions/digits/1", b"versions/digits/3")
    experiments.resealed(folder, "tensors.json", changed)
    with pytest.raises(InvalidExportError, match=r"Line 1 of tensors\.json"):
        ExperimentProvider(read_experiment(folder)).list_runs(experiment_id="")
    experiments.resealed(folder, "tensors.json", changed.splitlines(keepends=True)[0])
    with pytest.raises(InvalidExportError, match="other versions"):
        ExperimentProvider(read_experiment(folder)).list_runs(experiment_id="")


def test_a_file_that_changed_since_it_was_verified_is_refused(folder: Path) -> None:
    made = read_experiment(folder)
    (folder / "scalars.json").write_bytes((folder / "scalars.json").read_bytes().replace(b"0.5", b"0.6"))
    with pytest.raises(AlteredExportError, match=r"scalars\.json was altered"):
        ExperimentProvider(made).list_runs(experiment_id="")


@pytest.mark.parametrize(("limit", "told"), [("MAX_LINES", "99 lines"), ("MAX_NUMBERS", "99 values")])
def test_what_is_too_much_in_all_is_not_parsed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str
) -> None:
    data = (folder / "scalars.json").read_bytes()
    experiments.resealed(folder, "scalars.json", data * 100)
    monkeypatch.setattr(f"tb_versions.exports.tensorboard_dev.provider.{limit}", 99)
    with pytest.raises(InvalidExportError, match=rf"scalars\.json in .* has more than {told}, the most that are shown"):
        ExperimentProvider(read_experiment(folder)).list_runs(experiment_id="")


def test_a_line_of_very_many_values_is_not_parsed(folder: Path) -> None:
    line = b'{"run":"a","tag":"b","points":' + b"[" * 2_100_000 + b"]" * 2_100_000 + b"}\n"
    experiments.resealed(folder, "scalars.json", line)
    with pytest.raises(InvalidExportError, match=r"Line 1 of scalars\.json"):
        ExperimentProvider(read_experiment(folder)).list_runs(experiment_id="")
