from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tb_versions.core import storage
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.read.folders.file_keys import file_key
from tb_versions.read.folders.part import part_of
from tb_versions.read.folders.scan import Root, Scanner
from tb_versions.read.manifests import kept as manifests
from tb_versions.read.manifests.cache import Cache
from tb_versions.read.manifests.kept import Manifests, Record
from tests.support.world import World

YEAR = 365 * 86_400


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three versions that nobody changed for long, for a reader whose clock is ahead of the file system's."""
    monkeypatch.setattr(manifests, "FEW", 1)
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 10_000_000_000)
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("m", number, metrics=(Metric(name="loss", value=number / 8),), hyperparameters={"lr": 0.5})
    return made


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Every manifest that is parsed."""
    seen: list[bytes] = []
    read = manifests.read_listing

    def counting(data: bytes) -> object:
        seen.append(data)
        return read(data)

    monkeypatch.setattr(manifests, "read_listing", counting)
    return seen


def look(world: World, *, cached: bool = True, check: bool = False, **more: object) -> dict[str, Record]:
    """What a new process sees."""
    kept = Manifests(Cache(str(world.base / "cache")) if cached else None)
    kept.update(Scanner([Root(str(world.models), "models", "models_dir")]).scan(), check=check, **more)  # type: ignore[arg-type]
    return {os.path.relpath(folder, world.models): record for folder, record in kept.records.items()}


def test_each_manifest_is_parsed_once_though_its_files_are_compared(world: World, parsed: list[bytes]) -> None:
    records = look(world, cached=False, check=True)
    assert [record.files.state for record in records.values()] == ["present"] * 3
    assert len(parsed) == 3
    kept = Manifests()
    kept.update(Scanner([Root(str(world.models), "models", "models_dir")]).scan())
    with storage.SiblingFolders() as folders:
        for folder in kept.records:
            kept.check(folder, folders)
    assert [record.files.state for record in kept.records.values()] == ["present"] * 3
    assert len(parsed) == 6


def test_a_second_process_parses_nothing_and_says_the_same(world: World, parsed: list[bytes]) -> None:
    first = look(world, check=True)
    assert len(parsed) == 3
    second = look(world, check=True)
    assert len(parsed) == 3
    assert second == first
    for records in (first, look(world, cached=False, check=True)):
        for record in records.values():
            record.seen = b""  # folders' times: only who has a cache asks for them
    assert first == look(world, cached=False, check=True)


def _same_size(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"loss"', b'"LOSS"'))


def _replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b'"loss"', b'"LOSS"'))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)


def _clock_back(path: Path) -> None:
    status = path.stat()
    _same_size(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _moved(path: Path) -> None:
    other = path.parent.with_name("2")
    path.parent.rename(path.parent.with_name("old"))
    shutil.copytree(other, path.parent)
    _same_size(path)


@pytest.mark.parametrize("change", [_same_size, _replaced, _clock_back, _moved])
def test_a_manifest_that_changed_is_read_again(world: World, change: object) -> None:
    look(world)
    change(world.models / "m" / "1" / MANIFEST_NAME)  # type: ignore[operator]
    record = look(world)["m/1"]
    assert record.listing is not None
    assert [metric.kind.name for metric in record.listing.metrics] == ["LOSS"]


def test_a_manifest_of_the_last_two_seconds_or_of_the_future_is_read_again(world: World, parsed: list[bytes]) -> None:
    path = world.models / "m" / "1" / MANIFEST_NAME
    ahead = time.time() + YEAR
    os.utime(path, (ahead, ahead))
    assert file_key(path.stat(), time.time_ns()) == b""
    status = (world.models / "m" / "2" / MANIFEST_NAME).stat()
    assert file_key(status, status.st_ctime_ns + 1_999_999_999) == b""
    assert file_key(status, status.st_ctime_ns + 2_000_000_001) != b""
    look(world)
    look(world)
    assert len(parsed) == 3 + 1


def test_where_times_stand_still_everything_is_read(world: World, parsed: list[bytes]) -> None:
    device = world.models.stat().st_dev
    look(world, still={device})
    look(world)
    assert len(parsed) == 6
    look(world)
    assert len(parsed) == 6
    look(world, still={device})
    assert len(parsed) == 9


def test_what_is_gone_is_not_shown(world: World) -> None:
    look(world)
    shutil.rmtree(world.models / "m" / "2")
    (world.models / "m" / "3" / MANIFEST_NAME).unlink()
    assert list(look(world)) == ["m/1"]


def test_a_damaged_manifest_is_not_kept(world: World, parsed: list[bytes]) -> None:
    world.raw("m/4", b"{")
    assert look(world)["m/4"].notice == look(world)["m/4"].notice != ""
    assert parsed.count(b"{") == 2


def test_a_symlink_to_a_version_that_was_read_is_not_followed(world: World, tmp_path: Path) -> None:
    look(world)
    path = world.models / "m" / "1" / MANIFEST_NAME
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    assert look(world)["m/1"].listing is None


def test_a_reader_of_a_part_keeps_what_others_read(world: World, parsed: list[bytes]) -> None:
    world.version("n", 1)
    look(world)
    world.version("m", 4)
    kept = Manifests(Cache(str(world.base / "cache")))
    scanner = Scanner([Root(str(world.models), "models", "models_dir")], part=part_of("m"))
    kept.update(scanner.scan(), everything=False)
    assert len(kept.records) == 4
    assert len(parsed) == 5
    assert len(look(world)) == 5
    assert len(parsed) == 5


def test_a_damaged_cache_is_as_good_as_none(world: World) -> None:
    first = look(world)
    for path in (world.base / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    assert look(world) == first


def test_more_files_than_are_kept_are_compared_all_the_same(world: World, parsed: list[bytes]) -> None:
    world.version("m", 9, files={f"assets/{number:03}": b"x" for number in range(300)})
    for _ in range(2):
        record = look(world, check=True)["m/9"]
        assert record.listing is not None
        assert record.listing.files is None
        assert record.files.state == "present"
    (world.models / "m" / "9" / "assets" / "007").unlink()
    assert look(world, check=True)["m/9"].files.state == "changed"


def test_files_that_are_odd_are_named_all_the_same(world: World) -> None:
    look(world)
    folder = world.models / "m" / "1"
    (folder / "variables" / "new\n").write_text("")
    (folder / "saved_model.pb").write_text("longer than before")
    (world.models / "m" / "2" / "variables" / "variables.index").unlink()
    (world.models / "m" / "3" / "link").symlink_to("saved_model.pb")
    found = look(world, check=True)
    assert "1 file is of another size: saved_model.pb." in found["m/1"].files.notice
    assert "1 file is not plain" in found["m/1"].files.notice
    assert found["m/2"].files.notice == "1 file is missing: variables/variables.index."
    assert found["m/3"].files.notice == "1 file is not plain: link (a symlink)."


def test_what_lists_files_in_any_form_is_compared(world: World) -> None:
    folder = world.models / "m" / "1"
    fields = orjson.loads((folder / MANIFEST_NAME).read_bytes())
    fields["files"] = [*({"path": f["path"], "size": int(f["size"])} for f in fields["files"]), {"size": "1"}, 7]
    (folder / MANIFEST_NAME).write_bytes(orjson.dumps(fields))
    record = look(world, cached=False, check=True)["m/1"]
    assert (record.files.state, record.notice) == ("present", "")
