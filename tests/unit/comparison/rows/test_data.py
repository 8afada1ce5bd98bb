"""Same data, same name with new content, different data."""

from __future__ import annotations

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.rows.data import Measured, compare_data
from tb_versions.core.manifest import Dataset, VersionManifest
from tests.unit.comparison.making import member, run_member


def data(name, digest="", split="train", **fields):
    return Dataset(name=name, digest="sha256:" + digest * 64 if digest else "", split=split, **fields)


def manifest(*datasets):
    return VersionManifest(model="m", number=1, datasets=datasets)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ([data("d", "a")], [data("d", "a")], "same data"),
        ([data("d", "a")], [data("d", "b")], "same name, new content"),
        ([data("d", "a")], [data("e", "a")], "same content, other name"),
        ([data("d", "a")], [data("e", "b")], "different data"),
        ([data("d", "a")], [data("d", "a"), data("d", "b", "test")], "same data where both name it"),
        ([data("d")], [data("d")], ""),
        ([data("d", "a"), data("d", "b")], [data("d", "a"), data("d", "c")], "same name, new content"),
        ([data("d", "a"), data("d", "b")], [data("d", "a"), data("d", "a")], "same data where both name it"),
        ([data("d", "a")], [data("d")], ""),
        ([], [data("d", "a")], ""),
    ],
)
def test_in_words(old, new, words):
    assert compare_data(manifest(*old), manifest(*new)) == words


@pytest.mark.parametrize(
    ("metric", "dataset", "digest"),
    [
        ("val_loss", "", "b"),
        ("validation/loss", "", "b"),
        ("test_accuracy", "", "c"),
        ("test_accuracy", "d", "c"),
        ("accuracy", "", "a"),
        ("accuracy", "moved", "e"),
        ("accuracy", "elsewhere", ""),
    ],
)
def test_what_a_metric_was_measured_on(metric, dataset, digest):
    known = manifest(data("d", "a"), data("d", "b", "validation"), data("d", "c", "test"), data("moved", "e", ""))
    assert Measured(known).on(metric, dataset) == ("sha256:" + digest * 64 if digest else "")


def test_rows_are_judged_against_any_baseline():
    members = [member(f"m:{i}", manifest=manifest(data("d", digest))) for i, digest in enumerate("aba", 1)]
    cells = compare_members(members, baseline=1).row("data", "d (train)").cells
    assert [c.verdict for c in cells] == ["same name, new content", "", "same name, new content"]


@pytest.mark.parametrize(
    ("name", "uri", "text"), [("d", "s3://d", "s3://d"), ("z", "a", "a"), ("s3://d", "s3://d", "")]
)
def test_an_address_is_shown_where_it_is_not_the_name(name, uri, text):
    dataset = Dataset(name=name, uri=uri, rows=3)
    found = compare_members([member(f"m:{i}", manifest=manifest(dataset)) for i in (1, 2)])
    assert found.row("data", name).cells[0].text == ", ".join(part for part in ("3 rows", text) if part)


def test_equal_content_is_no_difference_wherever_it_lies():
    moved, gone = data("d", "a", uri="s3://old"), data("d", "a", uri="s3://new")
    found = compare_members([member(f"m:{i}", manifest=manifest(d)) for i, d in enumerate((moved, gone), 1)])
    assert not found.row("data", "").differs
    unnamed = [Dataset(name="d", uri=uri) for uri in ("s3://old", "s3://new")]
    found = compare_members([member(f"m:{i}", manifest=manifest(d)) for i, d in enumerate(unnamed, 1)])
    assert found.row("data", "").differs


def test_all_data_together_are_told_by_the_verdict_or_by_their_names():
    digests = ("a", "b", "")
    found = compare_members([member(f"m:{i}", manifest=manifest(data("d", d))) for i, d in enumerate(digests, 1)])
    cells = found.row("data", "").cells
    assert [c.verdict for c in cells] == ["", "same name, new content", "unknown"]
    assert [c.text for c in cells] == ["d (train)", "same name, new content", "d (train)"]


def test_rows():
    members = [member(f"m:{i}", manifest=manifest(data("d", digest, rows=1200))) for i, digest in ((1, "a"), (2, "b"))]
    found = compare_members([*members, run_member("r")])
    assert found.row("data", "").cells[1].verdict == "same name, new content"
    cell = found.row("data", "d (train)").cells[1]
    assert (cell.verdict, cell.text) == ("same name, new content", "bbbbbbbbbbbb, 1,200 rows")
    assert not found.row("data", "").cells[2].known
