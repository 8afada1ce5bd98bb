"""What `tb_versions.versions` returns: the rows of `list --json`, and a table that is safe and small."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tb_versions.core.showing import MOST_BYTES
from tests.support import hostile
from tests.support.world import World
from tests.support.written import Experiment

pytestmark = pytest.mark.slow


def listed(world: World, *arguments: str) -> list[dict[str, object]]:
    places = ["--models-dir", str(world.models), "--logdir", str(world.logs)]
    result = CliRunner().invoke(main, ["list", "--json", *places, *arguments])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


class Elements(HTMLParser):
    """The elements and attributes of some HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_each_version_is_its_object_of_list_json(versions: tbv.Versions, world: World) -> None:
    assert [version.to_dict() for version in versions] == listed(world)
    everything = tbv.versions(world.models, world.logs, everything=True)
    assert [version.to_dict() for version in everything] == listed(world, "--all")


@pytest.mark.parametrize("expression", ["val_accuracy > 0.6", "deprecated", "model = faces", "lr >= 0.2 and step < 9"])
def test_a_filter_finds_what_the_command_line_finds(versions: tbv.Versions, world: World, expression: str) -> None:
    found = versions.filter(expression)
    assert [version.to_dict() for version in found] == listed(world, "--filter", expression)


def test_filters_one_after_the_other_narrow_what_is_left(versions: tbv.Versions) -> None:
    assert [v.id for v in versions.filter("model = digits").filter("number > 1")] == ["digits:2"]
    assert [v.id for v in versions.filter("model = digits").filter("deprecated")] == ["digits:3"]


def test_a_wrong_filter_says_where(versions: tbv.Versions) -> None:
    with pytest.raises(tbv.InvalidQueryError, match="No column is called"):
        versions.filter("val_acuracy > 0.9")


def test_versions_are_named_counted_and_sliced(versions: tbv.Versions) -> None:
    assert len(versions) == 3
    assert versions["digits@production"].id == versions[1].id == "digits:2"
    assert versions["digits:3"].state == "present"  # hidden, and still there
    assert [version.id for version in versions[1:]] == ["digits:2", "faces:7"]
    assert "digits:2" in versions
    assert "digits:9" not in versions
    assert versions[0] in versions
    assert 3 not in versions


def test_a_reference_to_none_of_them_is_an_error(versions: tbv.Versions) -> None:
    with pytest.raises(tbv.VersionNotFoundError, match=r"digits:1, which is none of these 1"):
        versions.filter("model = faces")["digits:1"]
    with pytest.raises(tbv.VersionNotFoundError, match="no model"):
        versions["nobody"]
    with pytest.raises(IndexError, match=f"There are {len(versions)} versions, and none at place 99"):
        versions[99]


def test_the_table_names_aliases_metrics_and_what_is_hidden(versions: tbv.Versions) -> None:
    for shown in (repr(versions), versions._repr_html_()):
        assert "digits:2" in shown
        assert "production" in shown
        assert "val_accuracy" in shown
        assert "3 versions of 2 models" in shown
        assert "Hidden: 1 deprecated" in shown
        assert "digits:3" not in shown
    assert repr(versions).index("val_accuracy") < repr(versions).index("accuracy [")  # the lead metric comes first
    assert "digits:3" in repr(versions.filter("deprecated"))


def test_a_notebook_gets_text_and_html(versions: tbv.Versions) -> None:
    assert versions._repr_mimebundle_(include=None, exclude=None) == {
        "text/plain": repr(versions),
        "text/html": versions._repr_html_(),
    }


def test_the_html_has_no_colours_links_or_scripts(versions: tbv.Versions) -> None:
    shown = versions._repr_html_()
    assert Elements(shown).names == {"table", "thead", "tbody", "tr", "th", "td", "p"}
    assert Elements(shown).attributes == {"style"}
    assert not re.search("background|[^-]color:|url", shown)


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    texts = hostile.strings("http://canary.invalid", None)
    for number in range(1, 4):
        experiment.write_raw(
            "hostile", number, hostile.manifest("hostile", number, texts[number * 20 : number * 20 + 60])
        )
    versions = tbv.versions(experiment.models)
    assert len(versions) == 3
    for shown in (versions._repr_html_(), versions[0]._repr_html_(), versions.metrics()._repr_html_()):
        assert Elements(shown).names <= {"table", "thead", "tbody", "tr", "th", "td", "p", "b"}
        assert Elements(shown).attributes == {"style"}
        assert "\u202e" not in shown
    assert "\x1b" not in repr(versions) + repr(versions[0])


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    versions = tbv.versions(tmp_path)
    assert len(versions) == 0
    assert repr(versions) == f"No versions in {tmp_path}."
    assert "<table" not in versions._repr_html_()
    assert versions.to_pandas().shape[0] == 0


def test_a_filter_that_nothing_passes_says_so(versions: tbv.Versions) -> None:
    assert repr(versions.filter("val_accuracy > 2")) == "No version passes the filter."


@pytest.mark.parametrize("arguments", [{"models_dir": "nowhere"}, {"logdir": "nowhere"}])
def test_a_folder_that_does_not_exist_is_an_error(arguments: dict[str, str]) -> None:
    with pytest.raises(tbv.UnreadableFolderError, match="nowhere"):
        tbv.versions(**arguments)


def test_nowhere_to_look_is_an_error() -> None:
    with pytest.raises(tbv.InvalidQueryError, match="models_dir, logdir"):
        tbv.versions()


def test_damaged_versions_are_shown_and_counted(world: World) -> None:
    world.raw("digits/9", b"{")
    shown = repr(tbv.versions(world.models))
    assert "digits:9" in shown
    assert "1 version damaged: digits:9" in shown


def test_of_thousands_the_first_are_shown_and_all_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(1, 131):
        metrics = tuple(Metric(name=f"{'m' * 40}{at}", value=number / 7) for at in range(12))
        world.raw(f"m/{number}", _plain(world, number, metrics))
    versions = tbv.versions(world.models)
    assert "The first 100 of 130 versions" in versions._repr_html_()
    assert "The first 20 of 130 versions" in repr(versions)
    assert len(versions._repr_html_().encode()) < 200_000
    assert "They have 7 more metrics" in versions._repr_html_()


def test_a_table_of_long_hostile_names_keeps_to_its_size(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(1, 101):
        run = "<&>\"'" * 200
        metrics = tuple(Metric(name="<&>" * 100 + str(at), value=1.0) for at in range(5))
        world.raw(f"m/{number}", _plain(world, number, metrics, run=run))
    shown = tbv.versions(world.models)._repr_html_()
    assert len(shown.encode()) < MOST_BYTES
    assert "…" in shown
    assert "100 versions of 1 model" in shown


def _plain(world: World, number: int, metrics: tuple[Metric, ...], *, run: str = "r") -> bytes:
    from tb_versions.core import codec
    from tb_versions.core.manifest import Run, VersionManifest

    return codec.encode(VersionManifest(model="m", number=number, metrics=metrics, runs=(Run(name=run, step=number),)))


def test_a_comparison_of_versions_that_were_read_is_that_of_compare(versions: tbv.Versions, world: World) -> None:
    refs = ["digits:1", "digits@production"]
    again = tbv.compare(refs, models_dir=world.models, logdir=world.logs)
    assert versions.compare(refs).summary == again.summary
    assert versions.compare([versions["digits:1"], "digits@production"]).rows == again.rows
    assert versions.compare().baseline == 1  # production


def test_the_versions_frame_equals_list_json(versions: tbv.Versions, world: World) -> None:
    frame = versions.to_pandas()
    rows = listed(world)
    assert list(frame["version"]) == [row["id"] for row in rows]
    for at, row in enumerate(rows):
        cells = frame.iloc[at]
        for column in ("model", "number", "semantic_version", "run", "step", "state", "digest"):
            assert (None if pandas.isna(cells[column]) else cells[column]) == row[column]
        metrics, hyperparameters = row["metrics"], row["hyperparameters"]
        assert isinstance(metrics, dict)
        assert isinstance(hyperparameters, dict)
        for name, value in metrics.items():
            assert repr(float(cells[name])) == repr(float(value))
        assert {name: cells[name] for name in hyperparameters} == hyperparameters
        assert list(cells["aliases"]) == row["aliases"]
        assert cells["created"].timestamp() * 1_000 == row["created"]
