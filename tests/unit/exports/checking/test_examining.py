from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.errors import InvalidExportError, UnsafeFileError
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.container import Export
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.site import script_file, section_file
from tests.support import sharing
from tests.support.world import World


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
        '"runs/1" is not in the head\'s list.',
    ):
        assert part in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda body: body.replace(b"</head>", b"<script>alert(1)</script></head>", 1), "around the sections"),
        (lambda body: body.replace(b"<body>", b"<body><img src=x>"), "around the sections"),
        (lambda body: body.replace(b"<title>A &amp; B", b"<title>A &amp; C"), "around the sections"),
        (lambda body: body.replace(b"</body>", b"<script>alert(1)</script></body>"), "more than one"),
        (lambda body: body.replace(b"\n<script>", b"\n<script>alert(1);", 1), "does not allow just the script"),
        (lambda body: body.replace(b"script-src '", b"script-src * '", 1), "does not allow just|around"),
        (lambda body: body.replace(b"default-src 'none'", b"default-src *"), "around the sections"),
        (lambda body: body.replace(b'id="tbv/facts">', b'id="tbv/facts"  >'), "not there"),
        (lambda body: body.replace(b'\n<script type="application/gzip" id="tbv/facts">',
                                   b'\n\n<script type="application/gzip" id="tbv/facts">'), "."),
        (lambda body: body.replace(b"</html>\n", b"</html>\n<!-- more -->\n"), "cut off"),
    ],
)  # fmt: skip
def test_whatever_is_put_into_the_page_is_found_though_a_new_digest_was_written(
    share: Path, change: Callable[[bytes], bytes], told: str
) -> None:
    before = share.read_bytes()
    assert change(before) != before
    found = altered(share, change)
    assert re.search(told, found), found


def test_a_page_that_was_replaced_with_all_its_digests_is_noted(share: Path) -> None:
    other = b"alert(1)\n"

    def change(body: bytes) -> bytes:
        script = page.read_script()
        return body.replace(script, other).replace(page.source_of(script).encode(), page.source_of(other).encode())

    assert altered(share, change) == ""
    (note,) = examine(share).notes
    assert "not the one of the tb_versions installed here" in note


def test_a_page_of_another_version_is_a_note(share: Path, tmp_path: Path, export: Export) -> None:
    other = sharing.shared([], generator="tb_versions 9.9")
    sharing.write_html(share, other)
    body = share.read_bytes().replace(b"<noscript>", b"<noscript>New words. ")
    share.write_bytes(sharing.resealed(body.replace(page.GENERATOR.encode(), b"tb_versions 9.9")))
    found = examine(share)
    assert found.altered == ()
    assert 'is that of "tb_versions 9.9"' in found.notes[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<body>\n", b'<body>\n<script>document.title = "mine"</script>\n'),
        (b"<body>\n", b'<body>\n<img src="http://127.0.0.1:9/beacon">\n'),
        (b"<noscript>", b'<a href="https://example.org">here</a><noscript>'),
        (b"<head>\n", b'<head>\n<meta http-equiv="refresh" content="0; url=https://example.org">\n'),
        (b"<meta http-equiv=", b"<meta name="),
        (b"default-src 'none'", b"default-src *"),
    ],
)
@pytest.mark.parametrize("form", ["html", "site"])
def test_no_version_s_page_does_more(tmp_path: Path, form: str, old: bytes, new: bytes) -> None:
    """Whatever the head says that made it, and with all digests computed anew."""
    other = sharing.shared([], generator="tb_versions 9.9")
    there = sharing.write_html(tmp_path / "x.html", other) if form == "html" else sharing.write_site(tmp_path, other)
    index = there if form == "html" else there / "index.html"
    body = index.read_bytes().replace(page.GENERATOR.encode(), b"tb_versions 9.9")
    changed = body.replace(old, new, 1)
    assert changed != body
    if new == b"<meta name=":  # the words of the policy are still there, in a comment
        changed = changed.replace(
            b"<title>", b"<!-- script-src " + page.source_of(page.read_script()).encode() + b" --><title>"
        )
    index.write_bytes(sharing.resealed(changed) if form == "html" else changed)
    found = examine(there)
    assert [sentence for sentence in found.altered if "does something" in sentence or "policy" in sentence]
    assert not found.is_sound


def test_what_is_cut_off_is_found(share: Path) -> None:
    body = share.read_bytes()
    for length in (len(body) - 1, len(body) - 90, len(body) // 2, body.index(b"tbv/details/0") + 100):
        share.write_bytes(body[:length])
        assert examine(share).altered
    for length in (0, 10, body.index(b"tbv/head")):
        share.write_bytes(body[:length])
        with pytest.raises(InvalidExportError, match="no export of tb_versions"):
            examine(share)


def test_a_manifest_that_does_not_have_its_digest_is_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    details = sharing.details_of(world.models)
    details[0]["manifest"]["description"] = "better"
    found = examine(sharing.write_html(tmp_path / "x.html", sharing.shared(details)))
    assert found.altered == ('"digits:1" has a manifest which is not the one that its digest names.',)


def test_an_export_of_a_newer_version_is_not_called_altered(share: Path, export: Export) -> None:
    head = sharing.pack({**export.head, "schema_version": 2, "generator": "tb_versions 9.0"})
    body = share.read_bytes().replace(base64.b64encode(export.packed_head), base64.b64encode(head))
    share.write_bytes(sharing.resealed(body))
    with pytest.raises(InvalidExportError, match="in schema 2"):
        examine(share)


def test_each_altered_file_of_a_folder_is_found(tmp_path: Path, export: Export) -> None:
    site = sharing.write_site(tmp_path / "site", export)
    script = script_file(page.read_script())
    facts = section_file("facts", export.head["sections"]["facts"])
    head = section_file("head", export.digest)
    for name, change, told in (
        (script, b"alert(1)", "page's script .* was altered"),
        (facts, sharing.pack({"x": 1}), '"facts" was altered'),
        (facts, None, "missing"),
        (head, sharing.pack({}), "head of .* was altered"),
        ("index.html", b"<script>alert(1)</script>", "around the sections"),
    ):
        before = (site / name).read_bytes()
        if change is None:
            (site / name).unlink()
        else:
            (site / name).write_bytes(before + change if name == "index.html" else change)
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
