from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from tb_versions import publish
from tb_versions.core import codec
from tb_versions.core.digest import version_digest
from tb_versions.core.manifest import MANIFEST_NAME, File, VersionManifest
from tb_versions.errors import InvalidManifestError, InvalidNameError, StorageError, TbVersionsError, UnsafeFileError
from tb_versions.write import numbers
from tb_versions.write.restore import MAX_RESTORED, Restorer, checked
from tb_versions.write.temporary import new_name
from tests.support.world import tree_hash

FILES = (File(path="a/b", size=1, digest="sha256:" + "0" * 64),)


def manifest(model: str = "digits", number: int = 3, **fields: object) -> bytes:
    made = VersionManifest(model=model, number=number, files=FILES, digest=version_digest(FILES), size_bytes=1)
    return codec.encode(VersionManifest(**{**vars(made), **fields}))  # type: ignore[arg-type]


def restore(models: Path, *manifests: bytes, dry_run: bool = False) -> list[str]:
    with Restorer(models, dry_run=dry_run) as restorer:
        return [restorer.restore(data) for data in manifests]


def test_a_manifest_gets_its_folder_and_its_number(tmp_path: Path) -> None:
    data = manifest()
    assert restore(tmp_path / "new" / "models", data, manifest("faces", 7)) == ["restored", "restored"]
    folder = tmp_path / "new" / "models" / "digits"
    assert (folder / "3" / MANIFEST_NAME).read_bytes() == data
    assert os.listdir(folder / "3") == [MANIFEST_NAME]
    assert os.listdir(folder / ".versions" / "tmp") == []
    assert numbers.is_taken(str(folder), 3)


def test_a_number_that_leaves_no_larger_ones_is_refused(tmp_path: Path) -> None:
    for number in (MAX_RESTORED + 1, 2**63 - 1):
        with pytest.raises(InvalidManifestError, match=r"later versions of digits could run out of numbers"):
            restore(tmp_path, manifest(number=number))
        assert list(tmp_path.iterdir()) == []
    assert restore(tmp_path, manifest(number=1_796_000_000_000_000_000)) == ["restored"]
    assert restore(tmp_path, manifest(number=MAX_RESTORED)) == ["restored"]
    assert numbers.reserve(str(tmp_path / "digits")) == MAX_RESTORED + 1


def test_a_later_version_gets_a_number_above(tmp_path: Path) -> None:
    restore(tmp_path, manifest(number=41))
    (tmp_path / "digits" / "41" / MANIFEST_NAME).unlink()
    (tmp_path / "digits" / "41").rmdir()
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_text("x")
    published = publish(source, tmp_path, name="digits", strict=True)
    assert published is not None
    assert published.number == 42


def test_nothing_that_exists_is_touched(tmp_path: Path) -> None:
    restore(tmp_path, manifest())
    for name in ("4", "007"):
        (tmp_path / "digits" / name).mkdir()
    (tmp_path / "digits" / "5").symlink_to(tmp_path / "digits" / "3")
    (tmp_path / "digits" / "6").write_text("a file")
    (tmp_path / "digits" / ".versions" / "numbers" / "8").touch()
    before = tree_hash(tmp_path)
    assert restore(
        tmp_path,
        manifest(),
        manifest(description="other"),
        *(manifest(number=number) for number in (4, 5, 6, 7, 8)),
    ) == ["same", "other", "taken", "taken", "taken", "taken", "reserved"]
    assert tree_hash(tmp_path) == before


def test_of_two_manifests_with_one_number_the_first_is_restored(tmp_path: Path) -> None:
    pair = (manifest(), manifest(description="other"), manifest())
    assert restore(tmp_path, *pair, dry_run=True) == ["restored", "other", "same"]
    assert restore(tmp_path, *pair) == ["restored", "other", "same"]


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    assert restore(tmp_path / "models", manifest(), dry_run=True) == ["restored"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("model", ["..", ".", "a/b", "/etc", "__proto__", "a\0", "x" * 300, "latest", ".versions", ""])
def test_names_outside_the_rules_are_refused(tmp_path: Path, model: str) -> None:
    with pytest.raises(InvalidNameError):
        restore(tmp_path / "models", manifest(model))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a//b", "a/./b", "a\\b", "a\nb", "", "..", "a/", "version_manifest.json", "x" * 5_000]
)
def test_a_file_that_no_version_can_hold_is_refused(path: str) -> None:
    files = (File(path=path, size=1),)
    with pytest.raises(InvalidManifestError, match="can't be in a version's folder"):
        checked(manifest(files=files, digest=version_digest(files)))


def test_a_list_of_files_that_was_changed_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="not that of its list of files"):
        checked(manifest(digest="sha256:" + "1" * 64))


@pytest.mark.parametrize("link", ["digits", "digits/.versions", "digits/.versions/numbers", "digits/.versions/tmp"])
def test_no_symlink_below_the_models_folder_is_followed(tmp_path: Path, link: str) -> None:
    models, elsewhere = tmp_path / "models", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (models / link).parent.mkdir(parents=True)
    (models / link).symlink_to(elsewhere)
    before = tree_hash(elsewhere)
    with pytest.raises(UnsafeFileError, match="nothing is restored through it"):
        restore(models, manifest())
    assert tree_hash(elsewhere) == before
    assert not (models / "digits" / "3").exists()


def test_a_models_folder_may_itself_be_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "models").symlink_to("real")
    assert restore(tmp_path / "models", manifest()) == ["restored"]
    assert (tmp_path / "real" / "digits" / "3").is_dir()


def test_a_models_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("x")
    with pytest.raises(TbVersionsError, match="digits:3 can't be restored"):
        restore(tmp_path / "models", manifest())


def test_a_number_that_somebody_takes_meanwhile_is_left_to_him(tmp_path: Path) -> None:
    with Restorer(tmp_path) as restorer:
        restorer.restore(manifest(number=1))
        (tmp_path / "digits" / "2").mkdir()
        (tmp_path / "digits" / ".versions" / "numbers" / "4").touch()
        assert restorer.restore(manifest(number=2)) == "taken"
        assert restorer.restore(manifest(number=4)) == "reserved"
        assert restorer.restore(manifest(number=5)) == "restored"
    assert os.listdir(tmp_path / "digits" / "2") == []


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    restore(tmp_path, manifest())
    scratch = tmp_path / "digits" / ".versions" / "tmp"
    alive = os.listdir(scratch)
    name = new_name().replace(f"-{os.getpid()}-", f"-{2**22 + 1}-")
    (scratch / name).mkdir()
    (scratch / name / MANIFEST_NAME).write_text("half")
    restore(tmp_path, manifest(number=4))
    assert os.listdir(scratch) == alive == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restore(tmp_path, manifest())
    tmp = tmp_path / "digits" / ".versions" / "tmp"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(StorageError, match="digits:4 can't be restored: File too large"):
            restore(tmp_path, manifest(number=4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert os.listdir(tmp) == []
    assert not (tmp_path / "digits" / "4").exists()
    assert restore(tmp_path, manifest(number=4)) == ["restored"]
