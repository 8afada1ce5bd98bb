"""Whether a table stands for a folder, with services whose state the test says."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.object_store import open_store
from tb_versions.plugin.indexed import IndexedFolders, Opening, Window
from tb_versions.read.folders.roots import roots_of
from tests.support.effort import HANGS
from tests.support.standing import Said, Told


class Opens:
    def __init__(self) -> None:
        self.made: dict[tuple[str, str | None, int], Said] = {}
        self.reads_files = threading.Event()

    def read_files(self) -> None:
        self.reads_files.set()

    def __call__(self, models_dir: str, tables: str | None, above: int) -> Said:
        return self.made.setdefault((models_dir, tables, above), Said())


@pytest.fixture
def opens() -> Opens:
    return Opens()


def folders_of(opens: Opens, *models: Path | str, index: str = "", above: int = 5) -> IndexedFolders:
    made = IndexedFolders(roots_of(models_dirs=list(map(str, models))).allowed, index, above=above, opens=opens)
    made.start(opens.read_files)
    return made


def test_without_a_table_nothing_is_opened(tmp_path: Path, opens: Opens) -> None:
    folders = folders_of(opens, tmp_path, tmp_path / "gone")
    assert (folders.now(), folders.problems(), opens.made) == (None, (), {})
    assert opens.reads_files.is_set()


def test_a_table_stands_for_its_folder_where_the_service_says_so(tmp_path: Path, opens: Opens) -> None:
    (tmp_path / "b" / ".index").mkdir(parents=True)
    folders = folders_of(opens, tmp_path / "a", tmp_path / "b")
    (key,) = opens.made
    assert key == (str(tmp_path / "b"), None, 5)
    service = opens.made[key]
    assert service.started == 1
    assert isinstance(folders.now(), Opening)
    assert not opens.reads_files.is_set()
    for state in ("absent", "small"):
        service.told = Told(state, 3)
        assert folders.now() is None
    assert opens.reads_files.wait(HANGS)
    service.told = Told("windowed", 6)
    now = folders.now()
    assert isinstance(now, Window)
    assert (now.root.path, now.rows, now.service) == (str(tmp_path / "b"), 6, service)


def test_a_table_elsewhere_is_opened_where_the_flag_says(tmp_path: Path, opens: Opens) -> None:
    folders_of(opens, tmp_path, index="s3://bucket/index")
    assert list(opens.made) == [(str(tmp_path), "s3://bucket/index", 5)]


def test_a_table_that_fails_does_not_stand_for_its_folder_unless_it_is_known_to_be_large(
    tmp_path: Path, opens: Opens
) -> None:
    (tmp_path / ".index").mkdir()
    folders = folders_of(opens, tmp_path)
    (service,) = opens.made.values()
    service.told = Told("failed", problem="DuckDB is not installed: pip install it.")
    assert folders.now() is None
    ((where, why),) = folders.problems()
    assert where == f"{tmp_path}/.index"
    assert "not used" in why
    assert "DuckDB is not installed" in why
    service.told = replace(service.told, rows=6)
    assert isinstance(folders.now(), Window)


def test_a_table_that_stood_for_its_folder_stays_when_its_process_dies(tmp_path: Path, opens: Opens) -> None:
    """Else TensorBoard would begin to read a million manifests because a process was killed."""
    (tmp_path / ".index").mkdir()
    folders = folders_of(opens, tmp_path)
    (service,) = opens.made.values()
    service.told = Told("windowed", 1_000_000)
    assert folders.now()
    for state in ("failed", "starting"):
        service.told = Told(state, None, problem="killed")
        now = folders.now()
        assert isinstance(now, Window)
        assert (now.rows, now.told.problem) == (1_000_000, "killed")
    service.told = Told("absent")
    assert folders.now() is None


def test_a_small_table_that_is_opened_again_because_it_grew_interrupts_nothing(tmp_path: Path, opens: Opens) -> None:
    (tmp_path / ".index").mkdir()
    folders = folders_of(opens, tmp_path)
    (service,) = opens.made.values()
    assert isinstance(folders.now(), Opening)
    for state in ("small", "starting", "absent", "starting", "failed", "starting"):
        service.told = Told(state, 3)
        assert folders.now() is None
    service.told = Told("windowed", 6)
    assert isinstance(folders.now(), Window)


def test_the_first_of_several_large_tables_counts(tmp_path: Path, opens: Opens) -> None:
    for name in ("a", "b"):
        (tmp_path / name / ".index").mkdir(parents=True)
    folders = folders_of(opens, tmp_path / "a", tmp_path / "b")
    first, second = opens.made.values()
    second.told = Told("windowed", 9)
    assert isinstance(folders.now(), Opening)
    first.told = Told("small", 1)
    now = folders.now()
    assert isinstance(now, Window)
    assert now.root.path.endswith("/b")


def test_a_store_without_tables_is_asked_once_and_nothing_is_opened(opens: Opens) -> None:
    folders = folders_of(opens, "memory://no-tables/models")
    wait(folders)
    assert (folders.now(), opens.made) == (None, {})


def test_tables_beside_the_models_in_a_store_are_found(opens: Opens) -> None:
    open_store("memory://with-tables/models").create(".index/versions/_delta_log/00000000000000000000.json", b"{}")
    folders = folders_of(opens, "memory://with-tables/models")
    wait(folders)
    assert list(opens.made) == [("memory://with-tables/models", None, 5)]


def wait(folders: IndexedFolders) -> None:
    """Waits until the store was asked."""
    while folders._folders[0]._asks:
        time.sleep(0.01)
