"""Which versions and runs an export holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.exports.contents.selection import MOST_OTHER_RUNS, Selection, Selector, select
from tb_versions.read.catalog import Catalog
from tests.support.written import QUIET, write_model, write_run


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("made")
    for run in ("cnn/train", "cnn/validation", "mlp", "lonely/train"):
        write_run(folder / "logs" / run)
    model = write_model(folder / "model")
    for number, run in enumerate(("cnn/train", "cnn/train", "mlp"), 1):
        tbv.publish(
            model, folder / "models", name="digits", capture=QUIET, metrics={"acc": number / 10},
            runs=[tbv.Run(name=run, step=number)], semantic_version=f"1.{number}.0",
            parents=[f"digits:{number - 1}"] if number > 1 else [],
        )  # fmt: skip
    tbv.publish(model, folder / "models", name="faces", capture=QUIET, metrics={"acc": 0.9})
    return tbv.open_catalog(str(folder / "logs"), [str(folder / "models")])


def ids(selection: Selection) -> list[str]:
    return [version.id for version in selection.versions]


@pytest.mark.parametrize(
    ("wanted", "versions", "runs"),
    [
        (Selector(), ["digits:1", "digits:2", "digits:3", "faces:1"], ("lonely",)),
        (Selector(models=["faces"]), ["faces:1"], ()),
        (Selector(models=["faces", "digits"]), ["digits:1", "digits:2", "digits:3", "faces:1"], ()),
        (Selector(refs=["digits:1.2.0", "digits:1"]), ["digits:1", "digits:2"], ()),
        (Selector(refs=["digits"]), ["digits:3"], ()),
        (Selector(runs=["cnn/train"]), ["digits:1", "digits:2"], ()),
        (Selector(runs=["cnn"]), ["digits:1", "digits:2"], ()),
        (Selector(runs=["lonely"]), [], ("lonely",)),
        (Selector(refs=["faces", "run:lonely", "run:mlp"]), ["digits:3", "faces:1"], ("lonely",)),
        (Selector(filter="acc > 0.25"), ["digits:3", "faces:1"], ()),
        (Selector(models=["digits"], filter="acc > 0.25"), ["digits:3"], ()),
    ],
)
def test_names_add_up_and_the_filter_takes_away(
    catalog: Catalog, wanted: Selector, versions: list[str], runs: tuple[str, ...]
) -> None:
    selection = select(catalog, wanted)
    assert (ids(selection), selection.runs) == (versions, runs)
    assert selection.is_whole is (len(versions) == 4)


def test_of_very_many_runs_without_a_version_the_first_come_along_and_the_others_are_counted(catalog: Catalog) -> None:
    many = replace(catalog, known_runs=tuple(f"run-{number:04}" for number in range(MOST_OTHER_RUNS + 5)))
    selection = select(many, Selector())
    assert (len(selection.runs), selection.runs_left_out) == (MOST_OTHER_RUNS, 5)


def test_a_version_that_is_left_out_stays_a_reference(catalog: Catalog) -> None:
    (version,) = select(catalog, Selector(refs=["digits:2"])).versions
    assert version.listing is not None
    assert [(p.model, p.number) for p in version.listing.parents] == [("digits", 1)]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Selector(refs=["digits:9"]), "it has"),
        (Selector(models=["digit"]), "Did you mean digits"),
        (Selector(models=["digits:1"]), "no model but the version digits:1"),
        (Selector(runs=["lonly"]), "Did you mean lonely"),
        (Selector(filter="acc > 7"), "No version passes the filter"),
        (Selector(refs=["faces"], filter="acc < 0.5"), "there are 1 that it was asked about"),
    ],
)
def test_what_names_nothing_is_told_with_what_there_is(catalog: Catalog, wanted: Selector, message: str) -> None:
    with pytest.raises(VersionNotFoundError, match=re.escape(message)):
        select(catalog, wanted)


def test_a_broken_filter_and_an_alias_are_sentences(catalog: Catalog) -> None:
    with pytest.raises(TbVersionsError):
        select(catalog, Selector(filter="acc >"))
    with pytest.raises(VersionNotFoundError, match='No version has the alias "production"; there are no aliases'):
        select(catalog, Selector(aliases=["production"]))


def test_an_empty_catalog_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(VersionNotFoundError, match=re.escape(str(tmp_path))):
        select(tbv.open_catalog("", [str(tmp_path)]), Selector())
