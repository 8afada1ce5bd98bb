from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Metric
from tb_versions.errors import InvalidExportError, UnsafeFileError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.container import Export
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.site import index_of, script_file, section_file
from tests.support import sharing, sliced
from tests.support.tables import whole
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def export(tmp_path: Path) -> Export:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("digits", number)
    return sharing.shared(sharing.details_of(world.models))


@pytest.fixture
def share(tmp_path: Path, export: Export) -> Path:
    return sharing.write_html(tmp_path / "share.html", export)


def test_what_was_not_touched_is_as_exported(tmp_path: Path, export: Export, share: Path) -> None:
    for path, form in ((share, "html"), (sharing.write_site(tmp_path / "site", export), "site")):
        found = examine(path)
        assert (found.form, found.altered, found.notes) == (form, (), ())
        assert found.export is not None
        assert found.export.digest == export.digest
    assert examine(tmp_path / "site").digest == export.digest
    assert examine(share).digest.encode() in share.read_bytes().splitlines()[-1]


def altered(share: Path, change: Callable[[bytes], bytes], *, seal: bool = True) -> str:
    body = change(share.read_bytes())
    share.write_bytes(sharing.resealed(body) if seal else body)
    return " ".join(examine(share).altered)


def with_section(export: Export, name: str, data: bytes) -> Callable[[bytes], bytes]:
    """Replaces a section's Base64."""
    old, new = base64.b64encode(export.packed(name)), base64.b64encode(data)
    return lambda body: body.replace(b'tbv/%s">%s<' % (name.encode(), old), b'tbv/%s">%s<' % (name.encode(), new))


def test_the_section_that_was_altered_is_named(share: Path, export: Export) -> None:
    told = altered(share, with_section(export, "details/1", sharing.pack([])))
    assert told == 'The section "details/1" was altered since the export: its digest differs.'


def test_all_that_differs_is_named(share: Path, export: Export) -> None:
    def change(body: bytes) -> bytes:
        body = with_section(export, "facts", b"no gzip")(body)
        body = re.sub(rb'<script type="application/gzip" id="tbv/runs/0">.*\n', b"", body)
        element = b'<script type="application/gzip" id="tbv/%s">'
        return body.replace(element % b"facts", element % b"runs/1" + b"</script>\n" + element % b"facts", 1)

    told = altered(share, change, seal=False)
    for part in (
        "The file's digest is not the one in its last line.",
        'The section "facts" was altered',
        'The section "runs/0" of the export can\'t be read: it is not there.',
    ):
        assert part in told


@pytest.mark.parametrize("form", ["html", "site"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</head>", b"<script>alert(1)</script></head>"),
        (b"<body>", b"<body><img src=x>"),
        (b"<body>", b"<body onload=alert(1)>"),
        (b"<title>A &amp; B", b"<title>A &amp; C"),
        (b"</body>", b"<script>alert(1)</script></body>"),
        (b"default-src 'none'", b"default-src *"),
        (b"<noscript>", b"<noscript>New words. "),
        (page.GENERATOR.encode(), b"tb_versions 9.9"),
    ],
)
def test_a_page_that_is_not_ours_is_noted_though_new_digests_were_written(
    tmp_path: Path, export: Export, form: str, old: bytes, new: bytes
) -> None:
    there = sharing.write_html(tmp_path / "x.html", export) if form == "html" else sharing.write_site(tmp_path, export)
    index = there if form == "html" else there / "index.html"
    body = index.read_bytes()
    at = body.rindex(old)
    changed = body[:at] + new + body[at + len(old) :]
    index.write_bytes(sharing.resealed(changed) if form == "html" else changed)
    found = examine(there)
    assert "not the one of the tb_versions installed here" in found.notes[0]
    assert found.is_sound is (form == "html")  # nothing but our own page covers that of a folder
    if form == "html":
        index.write_bytes(changed)
        assert not examine(there).is_sound


def test_a_script_that_was_replaced_is_noted(share: Path, tmp_path: Path, export: Export) -> None:
    other, script = b"alert(1)\n", page.read_script()
    body = (
        share.read_bytes()
        .replace(script, other)
        .replace(page.source_of(script).encode(), page.source_of(other).encode())
    )
    share.write_bytes(sharing.resealed(body))
    site = sharing.write_site(tmp_path / "site", export)
    (site / script_file(other)).write_bytes(other)
    (site / "index.html").write_bytes(index_of(export, other))
    for there in (share, site):
        assert examine(there).altered == ()
        assert "somebody replaced it" in examine(there).notes[0]


def test_a_folder_of_another_version_has_another_page(tmp_path: Path) -> None:
    other = sharing.shared([], generator="tb_versions 9.9")
    site = sharing.write_site(tmp_path / "site", other)
    (site / "index.html").write_bytes(
        (site / "index.html").read_bytes().replace(b"<noscript>", b"<noscript>New words. ")
    )
    assert (examine(site).altered, len(examine(site).notes)) == ((), 1)


EXTRA = b'<script type="application/gzip" id="tbv/x">AA==</script>'


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b'id="tbv/facts">', b'id="tbv/facts"  >'),
        lambda body: body.replace(b'\n<script type="application/gzip" id="tbv/facts">',
                                  b'\n\n<script type="application/gzip" id="tbv/facts">'),
        lambda body: body.replace(b"<script>", EXTRA + b"\n<script>", 1),
    ],
)  # fmt: skip
def test_sections_in_another_form_are_altered_though_a_new_digest_was_written(
    share: Path, change: Callable[[bytes], bytes]
) -> None:
    before = share.read_bytes()
    assert change(before) != before
    assert altered(share, change)


def test_what_is_cut_off_is_found(share: Path) -> None:
    body = share.read_bytes()
    for length in (len(body) - 1, len(body) - 90, len(body) // 2, body.index(b"tbv/details/0") + 100):
        share.write_bytes(body[:length])
        assert examine(share).altered
    for length in (0, 10, body.index(b"tbv/head")):
        share.write_bytes(body[:length])
        with pytest.raises(InvalidExportError, match="no export of tb_versions"):
            examine(share)


Change = Callable[[dict[str, Any]], object]


def at_export(table: dict[str, Any]) -> list[Any]:
    values: list[Any] = next(metric for metric in table["metrics"] if metric["key"] == "acc")["at_export"]
    return values


def metric(table: dict[str, Any], key: str = "acc") -> dict[str, Any]:
    return next(each for each in table["metrics"] if each["key"] == key)


SHOWN: list[tuple[Change, str]] = [
    (lambda table: metric(table).update(goal="min"), 'In the table, the name or goal of "acc" of "digits:1"'),
    (lambda table: metric(table).update(goal_source="manifest"), 'In the table, the name or goal of "acc"'),
    (lambda table: metric(table).update(name="f1"), 'In the table, the name or goal of "acc"'),
    (lambda table: metric(table).update(dataset="test"), 'In the table, the name or goal of "acc"'),
    (lambda table: table["metrics"].append({**metric(table), "key": "f1"}), 'In the table, "f1" of "digits:1"'),
    (lambda table: table["metrics"].remove(metric(table)), 'In the table, "acc" of "digits:1"'),
    (lambda table: table["hyperparameters"].clear(), 'In the table, "lr" of "digits:1"'),
    (lambda table: table["labels"].append({"name": "x", "values": ["1", None]}), 'In the table, "x" of "digits:1"'),
    (
        lambda table: table["hyperparameters"].append({"name": "bs", "values": [None, 2]}),
        'In the table, "bs" of "digits:2"',
    ),
    (lambda table: table["columns"]["datasets"].__setitem__(0, [0]), "does not belong to its manifests"),
    (lambda table: at_export(table).__setitem__(0, 0.999), 'In the table, "acc" of "digits:1"'),
    (lambda table: at_export(table).__setitem__(1, None), 'In the table, "acc" of "digits:2"'),
    (lambda table: at_export(table).__setitem__(0, "***"), 'In the table, "acc" of "digits:1"'),
    (lambda table: table["hyperparameters"][0]["values"].__setitem__(0, 3), 'In the table, "lr" of "digits:1"'),
    (lambda table: table["labels"][0]["values"].__setitem__(0, "blue"), 'In the table, "team" of "digits:1"'),
    (lambda table: table["columns"]["created"].__setitem__(1, 5), 'In the table, the created of "digits:2"'),
    (lambda table: table["columns"]["size"].__setitem__(1, 5), 'In the table, the size of "digits:2"'),
    (lambda table: table["columns"]["digest"].reverse(), 'In the table, the digest of "digits:1", "digits:2"'),
    (lambda table: table["columns"]["number"].pop(), "does not belong to its manifests"),
    (lambda table: table.pop("columns"), "does not belong to its manifests"),
    (lambda table: table.update(metrics=3), "does not belong to its manifests"),
]


@pytest.fixture
def measured(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in (1, 2):
        metrics = (Metric(name="acc", value=number / 7, step=3), Metric(name="loss", value=float("nan")))
        world.version(
            "digits",
            number,
            metrics=metrics,
            hyperparameters={"lr": 0.1},
            labels={"team": "red"},
            files={"saved_model.pb": b"x" * number},
        )
    return world


@pytest.mark.parametrize(("change", "said"), SHOWN)
def test_a_table_that_shows_something_else_than_the_manifests_is_named(
    measured: World, tmp_path: Path, change: Change, said: str
) -> None:
    details = sharing.details_of(measured.models)
    made = sharing.shared(details)
    table = whole(made.section("versions"))  # as exports of earlier releases have it
    assert examine(sharing.write_html(tmp_path / "x.html", made)).altered == ()
    change(table)
    forged = sharing.write_html(tmp_path / "x.html", sharing.shared(details, table=table))
    (sentence,) = examine(forged).altered
    assert said in sentence


IN_BLOCKS: list[tuple[Change, str]] = [
    (lambda part: part["metrics"][0]["at_export"].__setitem__(0, 0.999), 'In the table, "acc" of "digits:1"'),
    (lambda part: part["columns"]["size"].__setitem__(1, 5), 'In the table, the size of "digits:2"'),
    (lambda part: part["columns"]["size"].append(5), "does not belong to its manifests"),
    (lambda part: part["columns"].pop("id"), "does not belong to its manifests"),
    (lambda part: part.update(digest="0" * 16), "does not belong to its manifests"),
    (lambda part: part.update(columns=[]), "does not belong to its manifests"),
]


@pytest.mark.parametrize(("change", "said"), IN_BLOCKS)
def test_a_part_that_shows_something_else_than_the_manifests_is_named(
    measured: World, tmp_path: Path, change: Change, said: str
) -> None:
    details = sharing.details_of(measured.models)
    table = sharing.shared(details).section("versions")
    change(table["parts"][0])
    (sentence,) = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details, table=table))).altered
    assert said in sentence


def test_a_block_that_claims_a_million_million_rows_costs_nothing(measured: World, tmp_path: Path) -> None:
    details = sharing.details_of(measured.models)
    table = sharing.shared(details).section("versions")
    table["blocks"] = [{"rows": 10**12, "parts": table["blocks"][0]["parts"][1:]}]
    (sentence,) = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details, table=table))).altered
    assert "does not belong to its manifests" in sentence


def test_details_that_show_another_metric_than_the_manifest_are_named(measured: World, tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [{"at_export": 0.999}, {"key": "other"}, {"goal": "min"}, {"name": "other"}]
    for change in (*changes, {"step": 99}, {"slice": "sevens"}, {"source": "evaluated"}):
        details = sharing.details_of(measured.models)
        details[1]["metrics"][0].update(change)
        found = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details)))
        assert found.altered == ('In the details, a metric of "digits:2" is not the one in the manifest.',)


def test_slices_that_are_not_in_the_manifest_are_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1, metrics=sliced.after())
    details = sharing.details_of(world.models)
    assert examine(sharing.write_html(tmp_path / "true.html", sharing.shared(details))).altered == ()
    details[0]["slices"][0]["value"][1] = 0.99
    found = examine(sharing.write_html(tmp_path / "forged.html", sharing.shared(details))).altered
    assert 'In the details, a slice of "digits:1" is not the one in the manifest.' in found


def test_details_of_another_version_than_the_manifest_are_named(measured: World, tmp_path: Path) -> None:
    details = sharing.details_of(measured.models)
    details[1].update(model="faces", id="faces:2")
    told = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details))).altered
    assert 'In the details, the name of "faces:2" is not the one in the manifest.' in told


def test_exports_of_other_releases_may_guess_other_goals_but_not_change_recorded_ones(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1, metrics=(Metric(name="bar_2", value=1.0), Metric(name="acc", value=1.0, goal="max")))
    details = sharing.details_of(world.models)
    for key, is_altered in (("bar_2", False), ("acc", True)):
        table = whole(sharing.shared(details).section("versions"))
        metric(table, key).update(goal="min", goal_source="inferred")
        made = sharing.shared(details, table=table, generator="tb_versions 0.0.1")
        assert bool(examine(sharing.write_html(tmp_path / "x.html", made)).altered) is is_altered


def test_a_manifest_that_does_not_have_its_digest_is_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    details = sharing.details_of(world.models)
    details[0]["manifest"]["description"] = "better"
    found = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details)))
    assert found.altered == ('"digits:1" has a manifest which is not the one that its digest names.',)


def test_an_export_of_a_newer_version_is_not_called_altered(share: Path, export: Export) -> None:
    head = sharing.pack({**export.head, "schema_version": 3, "generator": "tb_versions 9.0"})
    body = share.read_bytes().replace(base64.b64encode(export.packed_head), base64.b64encode(head))
    share.write_bytes(sharing.resealed(body))
    with pytest.raises(InvalidExportError, match="in schema 3"):
        examine(share)


def test_each_altered_file_of_a_folder_is_found(tmp_path: Path, export: Export) -> None:
    site = sharing.write_site(tmp_path / "site", export)
    facts = section_file("facts", export.head["sections"]["facts"])
    head = section_file("head", export.digest)
    for name, change, told in (
        (facts, sharing.pack({"x": 1}), '"facts" was altered'),
        (facts, None, "missing"),
        (script_file(page.read_script()), b"alert(1)", "page's script .* was altered"),
        (head, sharing.pack({}), "head of .* was altered"),
    ):
        before = (site / name).read_bytes()
        if change is None:
            (site / name).unlink()
        else:
            (site / name).write_bytes(change)
        assert re.search(told, " ".join(examine(site).altered)), name
        (site / name).write_bytes(before)
    assert not examine(site).altered


def test_foreign_files_in_a_folder_are_not_its_business(tmp_path: Path, export: Export) -> None:
    site = sharing.write_site(tmp_path / "site", export)
    (site / "notes.txt").write_text("mine")
    assert not examine(site).altered


def test_what_is_no_plain_file_is_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UnsafeFileError):
        examine(tmp_path / "fifo")
    with pytest.raises(InvalidExportError):
        examine(tmp_path)
