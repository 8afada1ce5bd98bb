"""What is read for a comparison, from real manifests and real event files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from tensorboard.plugins.hparams import summary_v2 as hp

import tb_versions
from tb_versions.comparison.loading import Source, compare_in, load_members, open_source
from tb_versions.core.manifest import Code, Metric
from tb_versions.errors import InvalidQueryError, TbVersionsError, UnreadableFolderError, VersionNotFoundError
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


def metric(value, name="val_accuracy"):
    return Metric(name=name, value=value, source="log", goal="max")


def seeded(world, first, values, **hyperparameters):
    """One version for each seed, each from a run of its own."""
    for i, value in enumerate(values):
        world.version(
            "digits",
            first + i,
            run=f"run-{first + i}",
            step=10,
            metrics=(metric(value),),
            hyperparameters={"seed": i, **hyperparameters},
        )


def compared(world, *refs, **options):
    return tb_versions.compare(refs, models_dir=world.models, logdir=world.logs, **options)


def test_seeds_of_the_same_recipe_are_siblings(world):
    seeded(world, 1, (0.80, 0.81, 0.79), lr=0.1)
    seeded(world, 4, (0.90, 0.91, 0.89), lr=0.2)
    comparison = compared(world, "digits:1", "digits:4")
    cell = comparison.row("metrics", "val_accuracy").cells[1]
    assert (cell.verdict, cell.details["noise"]["n"]) == ("better", [3, 3])
    assert [s.name for s in comparison.members[0].siblings] == ["digits:2", "digits:3"]


def test_versions_of_one_recipe_are_within_seed_noise(world):
    seeded(world, 1, (0.80, 0.99), lr=0.1)
    comparison = compared(world, "digits:1", "digits:2")
    assert comparison.row("metrics", "val_accuracy").cells[1].verdict == "within noise"
    assert comparison.row("lineage", "relation").cells[1].text == "digits 1 with another seed"


@pytest.mark.parametrize("field", ["code", "parameters"])
def test_other_code_is_no_other_seed(world, field):
    for number, commit in ((1, "a" * 40), (2, "b" * 40 if field == "code" else "a" * 40)):
        world.version(
            "digits",
            number,
            run=f"r{number}",
            metrics=(metric(0.5 + number / 10),),
            hyperparameters={"lr": 0.1 if field == "code" else number},
            code=Code(commit=commit, dirty=False),
        )
    comparison = compared(world, "digits:1", "digits:2")
    assert comparison.members[0].siblings == ()
    assert comparison.row("metrics", "val_accuracy").cells[1].verdict == "unknown"


def test_runs_have_siblings_by_the_hyperparameters_that_they_logged(world):
    for lr, level in ((0.1, 1.0), (0.2, 0.5)):
        for seed in range(3):
            run = f"lr{lr}-seed{seed}"
            world.event(run, hp.hparams_pb({"lr": lr, "seed": seed}))
            world.scalars(run, "loss", [(0, 9.0), (1, level + 0.01 * seed)])
    comparison = compared(world, "run:lr0.1-seed0", "run:lr0.2-seed0")
    cell = comparison.row("metrics", "loss").cells[1]
    assert (cell.value, cell.verdict) == (0.5, "better")
    assert cell.details["noise"]["n"] == [3, 3]
    assert comparison.row("hyperparameters", "lr").differs


def test_curves_decide_where_there_are_no_siblings(world):
    generator = np.random.default_rng(3)
    for number, level in ((1, 0.5), (2, 0.9)):
        curve = level + 0.01 * generator.normal(size=60)
        world.scalars(f"r{number}", "accuracy", enumerate(map(float, curve)))
        world.version("digits", number, run=f"r{number}", step=59)
    cell = compared(world, "digits:1", "digits:2").row("metrics", "accuracy").cells[1]
    assert (cell.verdict, cell.details["noise"]["method"]) == ("better", "curves")


def test_training_that_went_on_does_not_change_the_value_at_export(world):
    world.scalars("r", "accuracy", [(step, step / 10) for step in range(10)])
    for number, step in ((1, 3), (2, 6)):
        world.version("digits", number, run="r", step=step)
    row = compared(world, "digits:1", "digits:2").row("metrics", "accuracy")
    assert [c.value for c in row.cells] == pytest.approx([0.3, 0.6])
    world.scalars("r", "accuracy", [(step, 0.1) for step in range(10, 20)])
    row = compared(world, "digits:1", "digits:2").row("metrics", "accuracy")
    assert [c.value for c in row.cells] == pytest.approx([0.3, 0.6])
    assert [c.details["last"] for c in row.cells] == pytest.approx([0.1, 0.1])


class Counting:
    """Stands before a provider and counts reads of scalars."""

    def __init__(self, provider):
        self._provider = provider
        self.reads = 0

    def __getattr__(self, name):
        if name == "read_scalars":
            self.reads += 1
        return getattr(self._provider, name)


def test_each_manifest_is_read_once_and_all_curves_at_once(world):
    seeded(world, 1, (0.80, 0.81, 0.79), lr=0.1)
    for i in range(1, 4):
        world.scalars(f"run-{i}", "loss", [(0, 1.0)])
    opened = open_source([str(world.models)], str(world.logs))
    provider, read = Counting(opened.curves.provider), []

    def manifest_bytes(version):
        read.append(version.id)
        return opened.manifest_bytes(version)

    source = Source(opened.catalog, manifest_bytes, CurveReader(provider))
    comparison = compare_in(source, ["digits:1", "run:run-1"])
    assert [s.name for s in comparison.members[0].siblings] == ["digits:2", "digits:3"]
    assert read == ["digits:1"], "no sibling's manifest is read"
    assert provider.reads == 1


class Broken:
    """A provider that can't."""

    def __getattr__(self, name):
        raise RuntimeError(f"no {name} today")


def test_curves_that_cannot_be_read_hide_nothing_else(world):
    seeded(world, 1, (0.80, 0.81), lr=0.1)
    opened = open_source([str(world.models)], "")
    comparison = compare_in(
        Source(opened.catalog, opened.manifest_bytes, CurveReader(Broken())), ["digits:1", "digits:2"]
    )
    assert comparison.row("metrics", "val_accuracy").cells[0].value == 0.80


def test_a_damaged_manifest_is_a_member_that_says_why(world):
    world.version("digits", 1)
    world.raw("digits/2", b"{")
    comparison = compared(world, "digits:1", "digits:2")
    assert comparison.members[1].manifest is None
    assert "JSON" in comparison.problems[0]


def test_folders_with_and_without_manifests(world, test_data):
    folder = world.version("digits", 1, metrics=(metric(0.5),), hyperparameters={"lr": 1})
    bare = test_data / "savedmodels" / "saved_model_half_plus_two_2_versions"
    comparison = tb_versions.compare(
        [str(folder), str(bare / "00000123"), str(bare / "00000124")], baseline=str(bare / "00000123")
    )
    assert [m.kind for m in comparison.members] == ["folder"] * 3
    assert comparison.row("metrics", "val_accuracy").cells[0].value == 0.5
    assert comparison.row("hyperparameters", "lr").cells[0].value == 1
    assert comparison.row("graph", "graph").cells[2].verdict == "identical content"
    assert comparison.row("signature", "").cells[2].verdict == "identical"
    assert "identical content" in comparison.summary


def test_a_folder_of_a_known_version_is_that_version(world):
    folder = world.version("digits", 1)
    world.version("digits", 2)
    assert compared(world, str(folder), "digits:2").members[0].id == "digits:1"


def test_the_baseline_joins_the_members(world):
    seeded(world, 1, (0.8, 0.9, 0.7), lr=1)
    comparison = compared(world, "digits:1", "digits:2", baseline="digits:3")
    assert [m.id for m in comparison.members] == ["digits:3", "digits:1", "digits:2"]
    assert comparison.baseline == 0
    assert compared(world, "digits:1", "digits:2", baseline="digits:2").baseline == 1


@pytest.mark.parametrize(
    ("refs", "options", "error", "words"),
    [
        (["digits:1"], {}, InvalidQueryError, "2 to 60"),
        ([], {}, InvalidQueryError, "2 to 60"),
        (["digits:1", "digits"], {}, InvalidQueryError, "different members"),
        (["digits:1"] * 61, {}, InvalidQueryError, "at most 60"),
        (["digits:1", "digits:9"], {}, VersionNotFoundError, "digits has no version"),
        (["digits:1", "run:nope"], {}, VersionNotFoundError, "no run"),
        (["digits:1", "./nope"], {}, UnreadableFolderError, "does not exist"),
        (["digits:1", "no:such:ref"], {}, TbVersionsError, "not a reference"),
        (["digits:1", "run:x"], {"goals": {"a": "up"}}, InvalidQueryError, "max or min"),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(world, refs, options, error, words):
    world.version("digits", 1)
    with pytest.raises(error, match=words):
        compared(world, *refs, **options)


def test_a_request_names_no_folder(world):
    folder = world.version("digits", 1)
    opened = open_source([str(world.models)], "")
    with pytest.raises(TbVersionsError):
        compare_in(Source(opened.catalog, opened.manifest_bytes), ["digits:1", str(folder)])


def test_members_of_an_export_are_read_some_at_a_time_with_all_their_points(world, monkeypatch):
    monkeypatch.setattr("tb_versions.comparison.loading._AT_ONCE", 2)
    monkeypatch.setattr("tb_versions.comparison.loading.MOST_POINTS", 1)
    for number in range(1, 6):
        world.version("digits", number, run=f"r{number}", step=3)
        world.scalars(f"r{number}", "accuracy", [(step, step / 10) for step in range(10)])
    world.raw("digits/6", b"{")
    opened = open_source([str(world.models)], str(world.logs))
    source = Source(opened.catalog, opened.manifest_bytes, CurveReader(Counting(opened.curves.provider)))
    problems = []
    found = list(load_members(source, [v.id for v in opened.catalog.versions] + ["run:r1"], problems))
    assert [m.id for m in found] == [f"digits:{n}" for n in range(1, 7)] + ["run:r1"]
    assert [len(m.curves["accuracy"].steps) for m in found if m.curves] == [10] * 6
    assert {m.recipe for m in found} == {""}
    assert source.curves.provider.reads == 4
    assert "JSON" in found[5].notice
    assert problems == []


def test_recipes_of_an_export_are_numbers_that_tell_nothing(world):
    seeded(world, 1, (0.80, 0.81), lr=0.1)
    seeded(world, 3, (0.90, 0.91), lr=0.2)
    source = open_source([str(world.models)], str(world.logs))
    assert [m.recipe for m in load_members(source, [f"digits:{n}" for n in (3, 1, 2, 4)], [])] == ["1", "2", "2", "1"]


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        (45, {"code": {"diff": "+\n" * 200_000}}),
        (16, {"files": [{"path": f"a/{n}"} for n in range(19_000)]}),
        (16, {"environment": {"packages": {f"p{n}": "1" for n in range(5_000)}}, "files": [{}] * 15_000}),
    ],
)
def test_a_request_that_would_take_long_is_refused_with_the_limit(world, members, fields):
    for number in range(1, members + 1):
        data = {"schemaVersion": 1, "model": "big", "number": str(number), **fields}
        world.raw(f"big/{number}", orjson.dumps(data))
    source = open_source([str(world.models)], "")
    references = [f"big:{number}" for number in range(1, members + 1)]
    with pytest.raises(InvalidQueryError, match="24 MiB or 300,000 entries of lists together"):
        compare_in(replace(source, is_bounded=True), references)
    assert len(compare_in(replace(source, is_bounded=True), references[:3]).members) == 3


def test_what_is_in_production_is_the_baseline(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("digits", number)
    Chronicle(world.models / "digits").say("alias_set", 2, events.AliasSet("production"))
    source = open_source([str(world.models)], "")
    compared = compare_in(source, ["digits:1", "digits:2", "digits:3"])
    assert (compared.baseline, compared.members[1].aliases) == (1, ("production",))
    assert compare_in(source, ["digits:3", "digits:1"]).baseline == 0
    assert compare_in(source, ["digits:2", "digits:1"], baseline="digits:1").baseline == 1
    assert compare_in(source, ["digits:1", "digits@production"]).members[1].id == "digits:2"


def test_what_was_not_promoted_is_not_the_baseline_though_the_alias_names_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    tb_versions.promote("digits:2", world.models, alias="production", reason="good")
    world.version("digits", 2, description="another model")
    source = open_source([str(world.models)], "")
    assert compare_in(source, ["digits:1", "digits:2"]).baseline == 0
    tb_versions.promote("digits:2", world.models, alias="production", reason="it is right")
    assert compare_in(open_source([str(world.models)], ""), ["digits:1", "digits:2"]).baseline == 1
