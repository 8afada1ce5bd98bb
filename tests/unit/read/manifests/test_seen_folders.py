from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.read.folders.scan import Root, Scanner
from tb_versions.read.manifests import kept as manifests
from tb_versions.read.manifests import seen_folders
from tb_versions.read.manifests.cache import Cache
from tb_versions.read.manifests.integrity import FileState
from tb_versions.read.manifests.kept import Manifests
from tb_versions.read.manifests.listed_files import ListedFiles
from tb_versions.read.manifests.seen_folders import folder_times
from tests.support.world import World

INDEX = Path("variables", "variables.index")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two versions that nobody changed for long, for a reader whose clock is ahead of the file system's."""
    monkeypatch.setattr(manifests, "FEW", 1)
    monkeypatch.setattr(seen_folders, "keeps_times", lambda _device: True)
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 10_000_000_000)
    made = World(tmp_path)
    for number in (1, 2):
        made.version("m", number)
    return made


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every version whose folders are listed."""
    seen: list[str] = []
    check = manifests.check_listed

    def counting(folder: str, descriptor: int, files: ListedFiles, *, within: str | None = None) -> FileState:
        seen.append(os.path.basename(folder))
        return check(folder, descriptor, files, within=within)

    monkeypatch.setattr(manifests, "check_listed", counting)
    return seen


def look(world: World, *, check: bool = True, **more: object) -> dict[str, FileState]:
    """What a new process says of the files."""
    kept = Manifests(Cache(str(world.base / "cache")))
    kept.update(Scanner([Root(str(world.models), "models", "models_dir")]).scan(), check=check, **more)  # type: ignore[arg-type]
    return {os.path.basename(folder): record.files for folder, record in kept.records.items()}


def test_what_did_not_change_is_not_listed_again(world: World, listed: list[str]) -> None:
    first = look(world)
    assert {state.state for state in first.values()} == {"present"}
    assert look(world) == first
    assert listed == ["1", "2"]


def _extra(folder: Path) -> None:
    (folder / "more").write_bytes(b"")


def _extra_with_time_set_back(folder: Path) -> None:
    status = (folder / "variables").stat()
    (folder / "variables" / "more").write_bytes(b"")
    os.utime(folder / "variables", ns=(status.st_atime_ns, status.st_mtime_ns))


def _missing(folder: Path) -> None:
    (folder / INDEX).unlink()


def _cut_off_in_place(folder: Path) -> None:
    status = (folder / INDEX).stat()
    os.truncate(folder / INDEX, 1)
    os.utime(folder / INDEX, ns=(status.st_atime_ns, status.st_mtime_ns))


def _grown_in_place(folder: Path) -> None:
    with (folder / "saved_model.pb").open("ab") as file:
        file.write(b"more")


def _replaced(folder: Path) -> None:
    (folder / "new").write_bytes(b"longer than before")
    (folder / "new").replace(folder / INDEX)


def _symlink(folder: Path) -> None:
    size = (folder / INDEX).stat().st_size
    (folder / INDEX).unlink()
    (folder / INDEX).symlink_to("x" * size)


def _folder_instead(folder: Path) -> None:
    (folder / INDEX).unlink()
    (folder / INDEX).mkdir()


def _another_inner_folder(folder: Path) -> None:
    (folder / "variables").rename(folder.parent.parent / "moved")
    shutil.copytree(folder.parent.parent / "moved", folder / "variables")
    (folder / "variables" / "more").write_bytes(b"")


def _symlinked_inner_folder(folder: Path) -> None:
    (folder / "variables").rename(folder.parent.parent / "moved")
    (folder / "variables").symlink_to(folder.parent.parent / "moved")


def _another_folder(folder: Path) -> None:
    folder.rename(folder.parent.parent / "moved")
    shutil.copytree(folder.parent.parent / "moved", folder)
    (folder / INDEX).unlink()


def _renamed_back_with_a_file_more(folder: Path) -> None:
    folder.rename(folder.parent.parent / "moved")
    (folder.parent.parent / "moved" / "more").write_bytes(b"")
    (folder.parent.parent / "moved").rename(folder)


@pytest.mark.parametrize(
    "change",
    [
        _extra,
        _extra_with_time_set_back,
        _missing,
        _cut_off_in_place,
        _grown_in_place,
        _replaced,
        _symlink,
        _folder_instead,
        _another_inner_folder,
        _symlinked_inner_folder,
        _another_folder,
        _renamed_back_with_a_file_more,
    ],
)
def test_every_change_of_names_and_sizes_is_noticed(world: World, change: Callable[[Path], None]) -> None:
    look(world)
    look(world)
    change(world.models / "m" / "1")
    found = look(world)
    assert (found["1"].state, found["2"].state) == ("changed", "present")
    assert look(world)["1"].state == "changed"


def test_a_version_that_is_whole_again_is_present(world: World) -> None:
    look(world)
    path = world.models / "m" / "1" / INDEX
    data = path.read_bytes()
    path.unlink()
    assert look(world)["1"].state == "changed"
    path.write_bytes(data)
    assert look(world)["1"].state == "present"


def test_folders_that_changed_just_now_are_listed_again(
    world: World, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (world.models / "m" / "1" / "assets").mkdir()
    (world.models / "m" / "2" / INDEX).parent.touch()
    ahead = time.time() + 365 * 86_400
    for folder in (world.models / "m" / "1", world.models / "m" / "2" / "variables"):
        os.utime(folder, (ahead, ahead))
    look(world)
    look(world)
    assert listed == ["1", "2"] * 2


def test_of_unknown_file_systems_and_those_that_stand_still_no_time_is_believed(
    world: World, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    look(world)
    look(world, still={world.models.stat().st_dev})
    assert listed == ["1", "2"] * 2
    monkeypatch.setattr(seen_folders, "keeps_times", lambda _device: False)
    look(world)
    look(world)
    assert listed == ["1", "2"] * 4


def test_a_process_that_compares_nothing_keeps_what_another_one_saw(world: World, listed: list[str]) -> None:
    look(world)
    world.version("m", 3)
    assert {state.state for state in look(world, check=False).values()} == {"unchecked"}
    look(world)
    assert listed == ["1", "2", "3"]


def test_odd_or_many_folders_have_no_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_folders, "keeps_times", lambda _device: True)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert folder_times(descriptor, ".", ListedFiles(("a",), (1,))) != b""
        assert folder_times(descriptor, ".", ListedFiles(("../a",), (1,))) == b""
        many = tuple(f"{number}/a" for number in range(20))
        assert folder_times(descriptor, ".", ListedFiles(many, (1,) * 20)) == b""
    finally:
        os.close(descriptor)
