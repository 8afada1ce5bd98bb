"""What a manifest says of files elsewhere opens nothing but what lies below a folder that the reader bound."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tb_versions.core.elsewhere import Located, locate, parse_sources
from tb_versions.core.manifest import FilesElsewhere
from tb_versions.errors import FilesElsewhereError, InvalidQueryError, UnreadableFolderError, UnsafeFileError


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    """A source's folder with a model, a file, and beside it what must not be opened."""
    root = tmp_path / "nas"
    (root / "digits" / "7").mkdir(parents=True)
    (root / "digits" / "a.keras").write_bytes(b"a")
    (tmp_path / "nas-secret").mkdir()
    (tmp_path / "secret").write_bytes(b"no")
    return root


def at(path: str, nas: Path) -> Located:
    return locate(FilesElsewhere(source="nas", path=path), {"nas": str(nas)})


def test_a_path_leads_to_a_folder_or_to_one_file(nas: Path) -> None:
    real = os.path.realpath(nas)
    assert at("digits/7", nas) == Located(real, f"{real}/digits/7")
    assert at("digits/a.keras", nas) == Located(real, f"{real}/digits", "a.keras")
    assert at("digits/a.keras", nas).path == f"{real}/digits/a.keras"


def test_links_are_followed_inside_of_the_source_only(nas: Path, tmp_path: Path) -> None:
    (nas / "newest").symlink_to("digits/7")
    (nas / "out").symlink_to(tmp_path / "secret")
    (nas / "digits" / "up").symlink_to("../..")
    assert at("newest", nas).folder == os.path.realpath(nas / "digits" / "7")
    for path in ("out", "digits/up", "digits/up/secret", "digits/up/nas-secret"):
        with pytest.raises(UnsafeFileError, match="leads out of"):
            at(path, nas)


@pytest.mark.parametrize("path", ["..", "../secret", "/etc/passwd", "digits/../../secret", "", ".", "a\\b", "a\0b"])
def test_a_forged_path_opens_nothing(nas: Path, path: str) -> None:
    with pytest.raises(UnsafeFileError, match="opened"):
        at(path, nas)


def test_what_is_no_file_is_not_opened(nas: Path) -> None:
    os.mkfifo(nas / "fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(nas / "socket"))
        for name in ("fifo", "socket"):
            with pytest.raises(UnsafeFileError, match="neither a folder nor a plain file"):
                at(name, nas)


def test_a_loop_of_links_is_no_file(nas: Path) -> None:
    (nas / "loop").symlink_to("loop")
    with pytest.raises((UnsafeFileError, UnreadableFolderError)):
        at("loop", nas)


def test_what_is_gone_is_gone_and_a_source_that_is_not_there_is_said(nas: Path) -> None:
    for path in ("digits/8", "digits/a.keras/7"):
        with pytest.raises(FileNotFoundError, match="nothing at path digits/"):
            at(path, nas)
    with pytest.raises(UnreadableFolderError, match=r"The source nas .* does not exist"):
        at("digits/7", nas / "unmounted")


def test_an_unbound_source_opens_nothing_and_says_what_to_do(nas: Path) -> None:
    with pytest.raises(FilesElsewhereError, match="say --source lab=DIR, "):
        locate(FilesElsewhere(source="lab", path="digits/7"), {"nas": str(nas)})


def test_options_bind_sources() -> None:
    assert parse_sources(["nas=/mnt/nas", "lab=/a=b"]) == {"nas": "/mnt/nas", "lab": "/a=b"}
    assert parse_sources(["nas=/mnt/nas", "nas=/mnt/x/../nas"]) == {"nas": "/mnt/nas"}


@pytest.mark.parametrize("text", ["nas", "nas=", "=/mnt", "a b=/mnt", "../x=/mnt", "nas=/a\0b"])
def test_what_binds_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidQueryError):
        parse_sources([text])


def test_a_source_has_one_folder() -> None:
    with pytest.raises(InvalidQueryError, match="two folders"):
        parse_sources(["nas=/a", "nas=/b"])
