from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from tb_versions.core.user_folders import keeping_nothing
from tb_versions.errors import RewrittenLogError, StorageError
from tb_versions.registry import seen as seen_module
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import Head
from tests.support.logs import entry, promote, relink, store_of, write


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = Registry(store_of(tmp_path / "models"))
    promote(registry, 1, 2, 3)
    return registry


@pytest.fixture
def seen(tmp_path: Path, registry: Registry) -> Seen:
    seen = Seen(str(tmp_path / "models"), folder=str(tmp_path / "state"))
    seen.remember({"digits": registry.state.head})
    return seen


def check(seen: Seen, registry: Registry) -> None:
    seen.check("digits", registry.log, registry.refresh().head)


def test_a_log_that_goes_on_is_the_one_that_was_seen(seen: Seen, registry: Registry) -> None:
    check(seen, registry)
    promote(registry, 4, 5)
    check(seen, registry)
    seen.check("other", registry.log, Head())


def test_a_log_that_was_cut_is_found(seen: Seen, registry: Registry) -> None:
    entry(registry.store, 3).unlink()
    with pytest.raises(RewrittenLogError, match=r"was cut: it ends at event 2, and event 3 was seen .* --acknowledge"):
        check(seen, registry)
    entry(registry.store, 2).unlink()
    entry(registry.store, 1).unlink()
    with pytest.raises(RewrittenLogError, match="ends at event 0"):
        check(seen, registry)


def test_a_log_that_was_rewritten_is_found_also_if_it_is_longer(seen: Seen, registry: Registry) -> None:
    write(registry.store, 2, reason="not I")
    relink(registry.store, 3)
    with pytest.raises(RewrittenLogError, match="event 3 is not the one that was seen before"):
        check(seen, registry)
    promote(registry, 4, 5)
    with pytest.raises(RewrittenLogError):
        check(seen, registry)


def test_what_was_acknowledged_is_the_log_from_now_on(seen: Seen, registry: Registry) -> None:
    entry(registry.store, 3).unlink()
    head = registry.refresh().head
    seen.remember({"digits": head})
    with pytest.raises(RewrittenLogError):
        check(seen, registry)
    seen.acknowledge("digits", head)
    check(seen, registry)
    assert seen.heads() == {"digits": head}


def test_each_models_folder_has_a_file_that_only_its_user_reads(seen: Seen, tmp_path: Path) -> None:
    other = Seen(str(tmp_path / "others"), folder=str(tmp_path / "state"))
    assert other.heads() == {}
    other.remember({"digits": Head(9, "sha256:" + "0" * 64)})
    assert seen.heads()["digits"].number == 3
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert len(list((tmp_path / "state").glob("*.json"))) == 2


def test_earlier_heads_are_not_remembered_over_later_ones(seen: Seen) -> None:
    seen.remember({"digits": Head(2, "sha256:" + "0" * 64), "other": Head(1, "sha256:" + "1" * 64)})
    assert {model: head.number for model, head in seen.heads().items()} == {"digits": 3, "other": 1}


@pytest.mark.parametrize("data", [b"", b"[" * 10_000, b'{"digits": {"number": "x"}}', b"\xff"])
def test_a_damaged_file_is_as_if_nothing_was_seen(seen: Seen, registry: Registry, tmp_path: Path, data: bytes) -> None:
    (path,) = (tmp_path / "state").glob("*.json")
    path.write_bytes(data)
    assert seen.heads() == {}
    check(seen, registry)
    seen.remember({"digits": registry.state.head})
    assert seen.heads() == {"digits": registry.state.head}


def test_where_nothing_can_be_remembered_nothing_fails_but_acknowledging(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder, why in (("", "there is no folder for it"), (str(tmp_path / "file" / "state"), "Not a directory")):
        seen = Seen("models", folder=folder)
        seen.remember({"digits": Head(1, "x")})
        assert seen.heads() == {}
        says = f"can't be remembered.*: {why}. The variable TB_VERSIONS_STATE_DIR names another folder"
        with pytest.raises(StorageError, match=says):
            seen.acknowledge("digits", Head())
    with keeping_nothing(), pytest.raises(StorageError, match="told to keep nothing"):
        Seen("models", folder=str(tmp_path)).acknowledge("digits", Head())


def test_a_full_disk_is_named_where_nothing_can_be_remembered(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(seen_module.storage, "write_file", full)
    with pytest.raises(StorageError, match=r"state: No space left on device\. The variable TB_VERSIONS_STATE_DIR"):
        seen.acknowledge("digits", Head())


def test_the_remedy_of_a_cut_log_names_the_models_folder(tmp_path: Path) -> None:
    registry = Registry(store_of(tmp_path / "my models"))
    promote(registry, 1, 2)
    seen = Seen("models", folder=str(tmp_path / "state"))
    seen.remember({"digits": registry.state.head})
    entry(registry.store, 2).unlink()
    with pytest.raises(RewrittenLogError) as cut:
        check(seen, registry)
    assert str(cut.value).endswith(f": tb-versions fsck --acknowledge digits --models-dir '{tmp_path}/my models'")


def test_whoever_was_stopped_with_the_lock_stops_nobody_else(
    seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_module, "_PAUSES", (0.0, 0.0))
    held = os.open(tmp_path / "state" / "lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_EX)
    seen.remember({"digits": Head(9, "x")})
    assert seen.heads()["digits"].number == 3
    os.close(held)
    seen.remember({"digits": Head(9, "x")})
    assert seen.heads()["digits"].number == 9


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"TB_VERSIONS_STATE_DIR": "/a/b"}, "/a/b"),
        ({"TB_VERSIONS_STATE_DIR": ""}, ""),
        ({"XDG_STATE_HOME": "/state"}, "/state/tb_versions"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/anna"}, "/home/anna/.local/state/tb_versions"),
    ],
)
def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], folder: str) -> None:
    for name in ("TB_VERSIONS_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", "linux")
    assert Seen("models")._folder == folder
