"""No manifest is written where it would hide other versions, or be hidden itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Two versions of one model, one of another, and an export without a manifest."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "weights.bin").write_bytes(b"w")
    for name in ("digits", "digits", "other"):
        tbv.publish(tmp_path / "source", tmp_path / "models", name=name, strict=True, capture=NOTHING)
    (tmp_path / "models" / "new" / "1").mkdir(parents=True)
    (tmp_path / "models" / "new" / "1" / "saved_model.pb").write_bytes(b"")
    return tmp_path / "models"


def described(folder: Path) -> Any:
    return tbv.summary.version(folder, name="x", number=9, capture=NOTHING)


@pytest.mark.parametrize("folder", ["digits", "other", "new", ""])
def test_a_folder_that_holds_versions_gets_no_manifest(models: Path, folder: str) -> None:
    for attempt in (described, lambda path: tbv.publish(path, models.parent / "elsewhere", name="x")):
        with pytest.raises(tbv.InvalidManifestError, match="a manifest above would hide it"):
            attempt(models / folder)
    assert not (models / folder / MANIFEST_NAME).exists()
    assert not (models.parent / "elsewhere").exists()


@pytest.mark.parametrize("above", ["digits", "."])
def test_nothing_is_published_below_a_manifest(models: Path, above: str) -> None:
    (models / above / MANIFEST_NAME).write_text("{}")
    with pytest.raises(tbv.InvalidManifestError, match="has a manifest, which would hide"):
        tbv.publish(models.parent / "source", models, name="digits")
    (models / "digits" / "5").mkdir()
    (models / "digits" / "5" / "w").write_bytes(b"w")
    with pytest.raises(tbv.InvalidManifestError, match="has a manifest, which would hide"):
        tbv.summary.version(models / "digits" / "5")


def test_a_version_may_have_any_other_folders(tmp_path: Path) -> None:
    for part in ("variables", "assets.extra", "encoder", "7"):
        (tmp_path / "m" / "1" / part).mkdir(parents=True)
        (tmp_path / "m" / "1" / part / "weights.bin").write_bytes(b"w")
    (tmp_path / "m" / "1" / "encoder" / "saved_model.pb").write_bytes(b"")
    tbv.summary.version(tmp_path / "m" / "1", strict=True, capture=NOTHING)
    assert (tmp_path / "m" / "1" / MANIFEST_NAME).exists()


def test_a_copy_of_a_version_is_a_version(models: Path) -> None:
    version = tbv.publish(models / "digits" / "1", models, name="copy", strict=True, capture=NOTHING)
    assert version is not None
    assert version.reference == "copy:1"
