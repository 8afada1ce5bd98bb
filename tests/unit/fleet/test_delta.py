"""One table, and several who write to it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError, UnsupportedStorageError
from tb_versions.fleet.delta import Delta, appended, deleted, replaced
from tb_versions.fleet.reading import matching

IDS = [f"{number:032x}" for number in range(5)]


def rows(*ids: str) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.string())})


def ids(delta: Delta) -> list[str]:
    return sorted(delta.columns(["id"]).column("id").to_pylist())


@pytest.fixture
def delta(tmp_path: Path) -> Delta:
    found = Delta(os.fspath(tmp_path), "versions")
    found.change(lambda _: replaced(rows(*IDS[:2])))
    return found


def test_a_table_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert Delta(os.fspath(tmp_path), "versions").open() is None


def test_rows_are_added_replaced_and_taken_away(delta: Delta) -> None:
    delta.change(lambda _: appended(rows(IDS[2])))
    assert ids(delta) == IDS[:3]
    delta.change(lambda _: deleted([IDS[0]]))
    assert ids(delta) == IDS[1:3]
    delta.change(lambda _: replaced(rows(IDS[4])))
    assert ids(delta) == [IDS[4]]


def test_no_change_makes_no_commit(delta: Delta) -> None:
    table = delta.open()
    assert table is not None
    delta.change(lambda _: appended(rows()))
    delta.change(lambda _: deleted([]))
    delta.change(lambda _: None)
    again = delta.open()
    assert again is not None
    assert again.version() == table.version()


@pytest.mark.parametrize("first", [lambda: appended(rows(IDS[3])), lambda: deleted([IDS[1]])])
def test_a_change_that_another_overtook_is_made_from_what_is_there_then(delta: Delta, first: Any) -> None:
    seen: list[list[str]] = []

    def change(table: Any) -> Any:
        seen.append(sorted(table.to_pyarrow_table().column("id").to_pylist()))
        if len(seen) == 1:
            delta.change(lambda _: first())
        return appended(rows(IDS[2]))

    delta.change(change)
    assert len(seen) == 2
    assert ids(delta).count(IDS[2]) == 1
    assert seen[1] != seen[0]


def test_two_who_make_a_table_make_one(tmp_path: Path) -> None:
    delta = Delta(os.fspath(tmp_path), "versions")

    def change(table: Any) -> Any:
        if table is not None:
            return None
        delta.change(lambda _: replaced(rows(IDS[0])))
        return replaced(rows(IDS[1]))

    delta.change(change)
    assert ids(delta) == [IDS[0]]


def test_what_is_no_id_gets_into_no_query(delta: Delta) -> None:
    with pytest.raises(StorageError, match="--rebuild"):
        deleted(["' OR 1 = 1 OR id = '"])
    assert ids(delta) == IDS[:2]


def test_a_damaged_table_is_one_sentence(delta: Delta) -> None:
    for entry in Path(delta.url, "_delta_log").iterdir():
        if entry.is_file():
            entry.write_text("{")
    with pytest.raises(StorageError, match="can't be read or written"):
        delta.open()


def _link_to(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to(place.with_name("elsewhere"))


def _pipe_within(table: Path) -> None:
    (table / "inner").mkdir()
    os.mkfifo(table / "inner" / "part.parquet")


@pytest.mark.parametrize(
    "plant",
    [
        _link_to,
        lambda table: _link_to(table / "_delta_log"),
        lambda table: (table / "more.parquet").symlink_to("/etc/passwd"),
        lambda table: os.mkfifo(table / "_delta_log" / "00000000000000000001.json"),
        _pipe_within,
    ],
    ids=["table", "log", "file", "pipe", "inner pipe"],
)
def test_a_table_in_which_something_leads_elsewhere_is_not_touched(delta: Delta, plant: Any) -> None:
    plant(Path(delta.url))
    with pytest.raises(StorageError, match=r"is a link|is no folder"):
        delta.change(lambda _: appended(rows(IDS[2])))


@pytest.mark.parametrize(
    ("columns", "said"), [({"id": pa.int64()}, "is string, not int64"), ({"path": pa.string()}, "is missing")]
)
def test_a_table_with_other_columns_is_not_read(delta: Delta, columns: dict[str, pa.DataType], said: str) -> None:
    with pytest.raises(StorageError, match=said):
        Delta(os.path.dirname(delta.url), "versions", lambda: pa.schema(columns.items())).open()


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.parquet", "%2e%2e/x.parquet", "file:///etc/passwd", "a%2F..%2Fx"]
)
def test_a_log_that_names_files_elsewhere_is_not_followed(delta: Delta, path: str) -> None:
    (entry,) = Path(delta.url, "_delta_log").glob("*.json")
    (file,) = Path(delta.url).glob("*.parquet")
    entry.write_text(entry.read_text().replace(file.name, path))
    with pytest.raises(StorageError, match="not in its folder"):
        delta.columns(["id"])


@pytest.mark.parametrize("number", ["²", "9" * 5_000, "2"])
def test_a_table_of_a_newer_schema_is_not_read(delta: Delta, number: str) -> None:
    (entry,) = Path(delta.url, "_delta_log").glob("*.json")
    entry.write_text(entry.read_text().replace("schema 1", f"schema {number}"))
    with pytest.raises(StorageError, match="newer version"):
        delta.open()


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        Delta(os.fspath(tmp_path / "file"), "versions").change(lambda _: replaced(rows(IDS[0])))


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("a%20b", "%"),
        ("[ab", "["),
        ("ab]", "]"),
        ("a^b", "^"),
        ("a|b", "|"),
        ("a\\b", "\\"),
        ("a\nb", "a control character (\\u{a})"),
        ("a\tb", "a control character (\\u{9})"),
        ("a\x7fb", "a control character (\\u{7f})"),
        ("a\udcffb", "what is no UTF-8"),
    ],
)
def test_a_folder_that_deltalake_takes_for_another_or_fails_with_holds_no_table(
    tmp_path: Path, name: str, named: str
) -> None:
    folder, link = tmp_path / name, tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    for given, leads in ((folder, ""), (link, f", which leads to {visible(os.fspath(folder))},")):
        said = f"{visible(os.fspath(given))}{leads} can't hold tables, for {named} is in its path."
        with pytest.raises(UnsupportedStorageError, match=re.escape(said) + r".* index --to DIR\. .* --tables DIR"):
            Delta(os.fspath(given), "versions")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["a b", "é☃", "#x", "x?y=1", "{a},b", "<*>", "'\"`$~", "s3:x", "a@b"])
def test_a_folder_of_any_other_name_holds_tables(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    delta = Delta(os.fspath(folder), "versions")
    delta.change(lambda _: replaced(rows(*IDS[:2])))
    delta.change(lambda _: deleted(IDS[:1]))
    assert ids(Delta(os.fspath(folder), "versions")) == IDS[1:2]
    assert (folder / "versions" / "_delta_log").is_dir()


def test_a_link_of_any_name_leads_to_tables(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    link = tmp_path / "[a%20b]\n"
    link.symlink_to(tmp_path / "plain")
    delta = Delta(os.fspath(link), "versions")
    delta.change(lambda _: replaced(rows(*IDS[:2])))
    assert ids(delta) == IDS[:2]


class PanicException(BaseException):
    """What a panic of `deltalake` raises: a class of that name, which is no Exception."""


def test_a_panic_of_deltalake_is_one_sentence(delta: Delta, monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object, **__: object) -> None:
        raise PanicException("Invalid object store url.")

    said = "versions can't be read or written: a mistake in deltalake, Invalid object store url."
    with pytest.raises(StorageError, match=said):
        delta.change(lambda _: panic)
    with pytest.raises(StorageError, match=said), delta.explained():
        panic()
    monkeypatch.setattr("deltalake.DeltaTable", panic)
    with pytest.raises(StorageError, match=said):
        delta.open()


def test_a_store_in_memory_holds_no_table() -> None:
    with pytest.raises(UnsupportedStorageError, match="--to"):
        Delta("memory://a", "versions")


@pytest.mark.usefixtures("s3")
@pytest.mark.slow
def test_a_table_in_an_object_store_has_one_winner_too() -> None:
    from tests.support.object_stores import BUCKET

    delta = Delta(f"s3://{BUCKET}/tables", "versions")
    delta.change(lambda _: replaced(rows(IDS[0])))
    tries = 0

    def change(_: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            delta.change(lambda _: appended(rows(IDS[1])))
        return appended(rows(IDS[2]))

    delta.change(change)
    assert tries == 2
    assert ids(delta) == IDS[:3]


def test_rows_are_found_by_texts_in_files_that_a_deletion_has_written(delta: Delta) -> None:
    delta.change(lambda _: appended(rows(*IDS[2:5])))
    delta.change(lambda _: deleted([IDS[0], IDS[3]]))
    table = delta.existing()
    assert sorted(matching(table, "id", [IDS[1], IDS[3], IDS[4]], ["id"]).column("id").to_pylist()) == [IDS[1], IDS[4]]
    assert matching(table, "id", [], ["id"]).num_rows == 0
