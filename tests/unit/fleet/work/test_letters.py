"""Dead letters are only added to; the last line about something counts."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.errors import StorageError, UnsafeFileError
from tb_versions.fleet.work.letters import FOLDER, Letter, Letters, letters_folder


def no(what: str, why: str = "it differs") -> Letter:
    return Letter("", what, "no", why)


def test_a_letter_says_what_where_why_and_when(tmp_path: Path) -> None:
    letters = Letters(os.fspath(tmp_path / "letters"), "verify", "3-of-8")
    letters.add([replace(no("digits/3"), where="/models/digits/3")])
    (line,) = (tmp_path / "letters" / "verify-3-of-8.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert (said["verb"], said["what"], said["where"], said["why"]) == (
        "verify",
        "digits/3",
        "/models/digits/3",
        "it differs",
    )
    assert said["when"].endswith("+00:00")


def test_nothing_is_made_without_a_letter(tmp_path: Path) -> None:
    letters = Letters(os.fspath(tmp_path / "letters"), "verify")
    letters.add([])
    assert letters.outstanding() == {}
    assert list(tmp_path.iterdir()) == []


def test_the_last_line_counts_and_yes_takes_back(tmp_path: Path) -> None:
    first, second = (Letters(os.fspath(tmp_path), "verify", share) for share in ("1-of-2", "2-of-2"))
    first.add([no("a/1"), no("a/2")])
    second.add([no("a/3"), replace(no("a/1"), why="it differs more", when=4_000_000_000_000)])
    first.add([replace(no("a/2"), answer="yes")])
    Letters(os.fspath(tmp_path), "gate").add([no("a/9")])
    assert {what: each.why for what, each in second.outstanding().items()} == {
        "a/1": "it differs more",
        "a/3": "it differs",
    }


def test_a_line_that_a_killed_writer_left_is_passed_over_and_the_next_is_not(tmp_path: Path) -> None:
    letters = Letters(os.fspath(tmp_path), "verify")
    letters.add([no("a/1")])
    with (tmp_path / "verify.jsonl").open("a") as file:
        file.write('{"verb": "verify", "wha')
    letters.add([no("a/2")])
    for strange in ("[]", "{}", "7", '{"verb": 1, "what": "x"}', '{"when": "yesterday"}', "[" * 100_000):
        with (tmp_path / "verify.jsonl").open("a") as file:
            file.write(strange + "\n")
    letters.add([no("a/3")])
    assert list(letters.outstanding()) == ["a/1", "a/2", "a/3"]


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "verify.jsonl").write_bytes(b"x" * 3_000_000 + b"\n")
    letters = Letters(os.fspath(tmp_path), "verify")
    letters.add([no("a/1")])
    assert list(letters.outstanding()) == ["a/1"]


def test_several_writers_lose_no_line(tmp_path: Path) -> None:
    def write(writer: int) -> None:
        for number in range(50):
            Letters(os.fspath(tmp_path), "verify").add([no(f"{writer}/{number}")])

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(Letters(os.fspath(tmp_path), "verify").outstanding()) == 200


def test_names_that_are_no_text_come_back(tmp_path: Path) -> None:
    letters = Letters(os.fspath(tmp_path), "verify")
    letters.add([no("a/\udcff\n1")])
    assert list(letters.outstanding()) == ["a/\udcff\n1"]


def test_workers_write_a_file_each(tmp_path: Path) -> None:
    letters = Letters(os.fspath(tmp_path), "verify", has_workers=True)
    letters.add([no("a/1")])
    (name,) = os.listdir(tmp_path)
    assert name.startswith(f"verify-{letters.job}-")
    assert name.endswith(f"-{os.getpid()}.jsonl")
    assert list(letters.outstanding()) == ["a/1"]


def test_a_link_or_a_pipe_in_their_place_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("")
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "verify.jsonl").symlink_to(secret)
    letters = Letters(os.fspath(folder), "verify")
    with pytest.raises(StorageError, match="--dead-letters"):
        letters.add([no("a/1")])
    with pytest.raises((UnsafeFileError, StorageError)):
        letters.outstanding()
    assert secret.read_text() == ""
    (folder / "verify.jsonl").unlink()
    os.mkfifo(folder / "verify.jsonl")
    with pytest.raises(StorageError, match="--dead-letters"):
        letters.add([no("a/1")])


def test_they_are_beside_the_models_unless_another_folder_is_given(tmp_path: Path) -> None:
    assert letters_folder(os.fspath(tmp_path), None) == os.fspath(tmp_path / FOLDER)
    assert letters_folder("s3://bucket/models/", None) == f"s3://bucket/models/{FOLDER}"
    assert letters_folder(os.fspath(tmp_path), "/elsewhere/letters") == "/elsewhere/letters"
    assert letters_folder(os.fspath(tmp_path), "s3://bucket/letters/") == "s3://bucket/letters"
    (tmp_path / FOLDER).symlink_to("/etc")
    with pytest.raises(StorageError, match="symlink"):
        letters_folder(os.fspath(tmp_path), None)


def test_they_can_be_in_an_object_store() -> None:
    letters = Letters("memory://letters-of-tests/letters", "verify", "1-of-2")
    assert letters.outstanding() == {}
    letters.add([no("a/1"), no("a/2")])
    first = letters.outstanding()["a/2"]
    letters.add([replace(first, answer="yes", when=first.when + 1)])
    assert list(letters.outstanding()) == ["a/1"]
