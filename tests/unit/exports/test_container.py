"""The bytes of an export: written, read back, and refused where they deviate."""

from __future__ import annotations

import base64
import gzip
import os
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import AlteredExportError, InvalidExportError, StorageError, TbVersionsError, UnsafeFileError
from tb_versions.exports import container
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.container import Export, digest_of, pack, sealed, unpack
from tb_versions.exports.page import frame as page
from tb_versions.exports.page.html import html_chunks, parse_html
from tb_versions.exports.page.site import section_file, site_files
from tests.support.sharing import files_of

SCRIPT = b'document.body.append("page");\n'
CONTENT: dict[str, Any] = {
    "versions": {"columns": {"id": ["digits:1"]}},
    "details/0": [{"id": "digits:1", "notice": "</script><!-- <b>"}],
    "runs/0": {"mlp/train": []},
    "facts": {},
}


def export(content: dict[str, Any] | None = None, **head: Any) -> Export:
    return sealed(
        {"generator": "tb_versions 1", "title": "T", **head}, {k: pack(v) for k, v in (content or CONTENT).items()}
    )


def html(made: Export) -> bytes:
    return b"".join(html_chunks(made, SCRIPT))


def resealed(body: bytes) -> bytes:
    """What somebody writes who changes the file on purpose and knows of the last line."""
    kept = body[: body.rindex(b"<!-- tb-versions sha256")]
    return kept + f"<!-- tb-versions {digest_of(kept)} -->\n".encode()


def site(folder: Path, made: Export) -> Path:
    for name, data in site_files(made, SCRIPT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_one_file_gives_back_every_section(tmp_path: Path) -> None:
    (tmp_path / "share.html").write_bytes(html(export()))
    back = read_export(tmp_path / "share.html")
    back.check()
    assert {name: back.section(name) for name in back.names} == CONTENT
    assert back.head["title"] == "T"


def test_a_folder_gives_back_every_section_and_has_the_same_digest(tmp_path: Path) -> None:
    back = read_export(site(tmp_path, export()))
    back.check()
    assert {name: back.section(name) for name in back.names} == CONTENT
    assert back.digest == parse_html(html(export()), "x").digest


def test_a_symlink_to_an_export_is_followed(tmp_path: Path) -> None:
    (tmp_path / "share.html").write_bytes(html(export()))
    (tmp_path / "link").symlink_to("share.html")
    assert read_export(tmp_path / "link").names == tuple(CONTENT)


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    assert html(export()) == html(export())
    assert list(site_files(export(), SCRIPT)) == list(site_files(export(), SCRIPT))


def test_a_section_is_a_gzip_file_without_time_or_name() -> None:
    packed = pack({"a": 1})
    assert gzip.decompress(packed) == b'{"a":1}'
    assert packed[3:9] == bytes(6)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_whatever_is_json_survives(value: Any) -> None:
    made = export({"versions": value})
    back = parse_html(html(made), "x")
    expected = orjson.loads(container.payload.dump(value))
    assert back.section("versions") == expected


def test_the_policy_allows_just_the_script_that_is_there() -> None:
    body = html(export()).decode()
    policy = re.search('Policy" content="([^"]*)"', body)
    scripts = re.findall(r"<script>(.*?)</script>", body, re.DOTALL)
    assert policy is not None
    assert len(scripts) == 1
    digest = base64.b64encode(bytes.fromhex(digest_of(scripts[0].encode())[7:])).decode()
    assert policy[1].startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    assert "http:" not in policy[1]
    assert "https:" not in policy[1]
    assert "connect-src" not in policy[1]


def test_a_title_is_text() -> None:
    body = html(export(title='</title><script>alert(1)</script>"\u202e\n')).decode()
    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;\\u{202e}\\u{a}</title>" in body
    assert body.count("<script>") == 1


@pytest.mark.parametrize("script", [b"a='</ScRiPt>'", b"a='<!--'", b"a\r\nb", b"'<script'"])
def test_a_script_that_could_end_its_element_is_not_written(script: bytes) -> None:
    with pytest.raises(StorageError, match="holds"):
        list(html_chunks(export(), script))


def test_a_missing_page_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Install tensorboard-plugin-versions again"):
        page.read_script(tmp_path / "export.js")


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    body = html(export())
    for position in range(0, len(body), 7):
        altered = bytearray(body)
        altered[position] ^= 1
        with pytest.raises(InvalidExportError):
            parse_html(bytes(altered), "share.html")


def test_every_truncation_is_noticed() -> None:
    body = html(export())
    for length in range(0, len(body), 5):
        with pytest.raises(InvalidExportError):
            parse_html(body[:length], "share.html")


def test_something_behind_the_last_line_is_noticed() -> None:
    with pytest.raises(AlteredExportError, match="cut off or altered"):
        parse_html(html(export()) + b"<script>x</script>", "share.html")


def _swap(body: bytes, old: bytes, new: bytes) -> bytes:
    assert body.count(old) == 1
    return resealed(body.replace(old, new))


def test_a_section_of_another_export_is_noticed_when_it_is_read() -> None:
    mine, other = export(), export({**CONTENT, "facts": {"run:x": 1}})
    element = b'id="tbv/facts">%s<'
    body = _swap(html(mine), *(element % base64.b64encode(e.packed("facts")) for e in (mine, other)))
    back = parse_html(body, "x")
    with pytest.raises(AlteredExportError, match='"facts" was altered'):
        back.section("facts")
    with pytest.raises(AlteredExportError):
        back.check()
    assert back.section("versions") == CONTENT["versions"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'id="tbv/facts">', b'id="tbv/fact">'),
        (b'id="tbv/facts">', b'id="tbv/versions">'),
        (b'id="tbv/facts">', b'id="tbv/../x">'),
        (b'id="tbv/facts">', b'id="tbv/facts" >'),
        (b'id="tbv/facts">', b'id="tbv/facts">='),
        (b'id="tbv/facts">', b'id="tbv/facts">&#x41;'),
        (b'id="tbv/head">', b'id="tbv/heads">'),
    ],
)
def test_sections_that_are_written_otherwise_are_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(InvalidExportError):
        parse_html(_swap(html(export()), old, new), "x")


def test_base64_in_another_form_is_refused() -> None:
    packed = export().packed("facts")
    text = base64.b64encode(packed).decode()
    if not text.endswith("="):
        pytest.skip("no spare bits")
    last = text.rstrip("=")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(last) ^ 1]
    changed = text.rstrip("=")[:-1] + other + "=" * text.count("=")
    assert base64.b64decode(changed) == packed
    with pytest.raises(InvalidExportError, match="one right form"):
        parse_html(_swap(html(export()), text.encode() + b"<", changed.encode() + b"<"), "x").section("facts")


def head_of(**fields: Any) -> bytes:
    whole = {"format": "tb-versions-export", "schema_version": 1, "generator": "g", "sections": {}, **fields}
    return pack(whole)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (pack([]), "does not say tb-versions-export"),
        (head_of(format="other"), "does not say tb-versions-export"),
        (head_of(schema_version=3, generator="tb_versions 9.0"), 'by "tb_versions 9.0" in schema 3; .* up to schema 2'),
        (head_of(schema_version="1"), "not a positive integer"),
        (head_of(schema_version=True), "not a positive integer"),
        (head_of(schema_version=0), "not a positive integer"),
        (head_of(sections=None), "lists no sections"),
        (head_of(sections={"../x": "sha256:" + "0" * 64}), "whose name or digest is malformed"),
        (head_of(sections={"details/00": "sha256:" + "0" * 64}), "whose name or digest is malformed"),
        (head_of(sections={"head": "sha256:" + "0" * 64}), "whose name or digest is malformed"),
        (head_of(sections={"versions": "sha256:0"}), "whose name or digest is malformed"),
        (b"no gzip", "no gzip stream"),
        (gzip.compress(b"{", mtime=0)[:-3], "cut off"),
        (gzip.compress(b"{}", mtime=0) + b"x", "something follows"),
        (gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0), "something follows"),
        (gzip.compress(b"{", mtime=0), "no strict JSON"),
        (gzip.compress(b'{"a": NaN}', mtime=0), "no strict JSON"),
        (gzip.compress(b"[" * 100_000, mtime=0), "no strict JSON"),
        (gzip.compress(b"\xff", mtime=0), "no strict JSON"),
    ],
)
def test_a_head_that_is_none_is_refused(head: bytes, message: str) -> None:
    with pytest.raises(InvalidExportError, match=message):
        Export(head, {}.__getitem__)


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(InvalidExportError, match="more than 1,000 bytes"):
        unpack("versions", bomb, limit=1_000)


def test_many_large_sections_stop_at_the_limit_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_CONTENT", 1_000)
    made = export({"versions": "x" * 600, "facts": "x" * 600})
    made.section("versions")
    with pytest.raises(InvalidExportError, match="more than 398 bytes"):
        made.section("facts")


def test_what_is_no_file_or_missing_is_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    for name, error in (
        ("fifo", UnsafeFileError),
        ("none.html", StorageError),
        ("empty", InvalidExportError),
        ("folder", InvalidExportError),
    ):
        with pytest.raises(error, match=re.escape(str(tmp_path))):
            read_export(tmp_path / name)


def test_a_folder_reads_no_file_that_its_page_does_not_name(tmp_path: Path) -> None:
    site(tmp_path, export())
    names = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    (tmp_path / "foreign.txt").write_text("mine")
    assert set(files_of(tmp_path)) == names


def test_a_section_that_is_a_symlink_is_refused(tmp_path: Path) -> None:
    made = export()
    site(tmp_path, made)
    path = tmp_path / section_file("facts", made.head["sections"]["facts"])
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TbVersionsError, match="symlink"):
        read_export(tmp_path).section("facts")


def test_an_altered_or_missing_file_of_a_folder_is_noticed(tmp_path: Path) -> None:
    made = export()
    site(tmp_path, made)
    facts = tmp_path / section_file("facts", made.head["sections"]["facts"])
    facts.write_bytes(pack({"x": 1}))
    with pytest.raises(AlteredExportError, match="altered"):
        read_export(tmp_path).check()
    facts.unlink()
    with pytest.raises(InvalidExportError, match="missing"):
        read_export(tmp_path).check()
    head = tmp_path / section_file("head", made.digest)
    head.write_bytes(pack({}))
    with pytest.raises(AlteredExportError, match="head"):
        read_export(tmp_path)
