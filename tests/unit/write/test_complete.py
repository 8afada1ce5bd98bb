"""What a folder holds is added to what the author said."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from tb_versions import __version__
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Run
from tb_versions.errors import InvalidManifestError, NotASavedModelError
from tb_versions.write.complete import complete, with_parents_digests
from tb_versions.write.facts import Facts, draft
from tb_versions.write.provenance import Capture

NOTHING = Facts(capture=Capture(code=False, environment=False, hardware=False))


def test_any_folder_becomes_files_with_digests(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"torch")
    manifest = complete(draft("digits", 1, Facts(seeds={"split": 3})), tmp_path, NOTHING)
    assert (manifest.format, manifest.saved_model, manifest.size_bytes) == ("files", None, 5)
    assert [file.path for file in manifest.files] == ["model.pt"]
    assert manifest.digest.startswith("sha256:")
    assert manifest.created_by == f"tb_versions {__version__}"
    assert manifest.seeds["split"] == 3
    assert (manifest.code, manifest.environment, manifest.hardware) == (None, None, None)


def test_everything_is_captured_by_default(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"torch")
    manifest = complete(draft("digits", 1, Facts()), tmp_path, Facts())
    assert manifest.environment is not None
    assert manifest.hardware is not None
    assert codec.decode(codec.encode(manifest)) == manifest


def test_a_folder_that_another_process_made_has_its_own_time_but_for_times_that_were_given(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"torch")
    made = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
    os.utime(tmp_path / "model.pt", (made.timestamp(), made.timestamp()))
    given = Run(name="given", wall_time=datetime.datetime(2019, 1, 1, tzinfo=datetime.timezone.utc))
    manifest = complete(draft("digits", 1, Facts(runs=["mine", given])), tmp_path, Facts())
    assert manifest.created == made
    assert [(run.name, run.wall_time) for run in manifest.runs] == [("mine", made), ("given", given.wall_time)]
    assert manifest.environment is None


def test_an_empty_folder_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifestError, match="no files"):
        complete(draft("digits", 1, Facts()), tmp_path, NOTHING)


def test_a_broken_saved_model_is_not_taken_for_files(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\xff\xff\xff")
    with pytest.raises(NotASavedModelError):
        complete(draft("digits", 1, Facts()), tmp_path, NOTHING)


def test_parents_in_the_same_models_folder_get_their_digest(tmp_path: Path) -> None:
    folder = tmp_path / "digits" / "3"
    folder.mkdir(parents=True)
    (folder / "w").write_bytes(b"w")
    parent = complete(draft("digits", 3, Facts()), folder, NOTHING)
    (folder / MANIFEST_NAME).write_bytes(codec.encode(parent))
    child = draft("digits", 4, Facts(fine_tuned_from="digits:3", parents=["other:1"]))
    known, unknown = with_parents_digests(child, tmp_path).parents
    assert known.digest == parent.digest
    assert unknown.digest == ""


def test_a_parents_digest_that_is_none_is_not_copied(tmp_path: Path) -> None:
    folder = tmp_path / "digits" / "3"
    folder.mkdir(parents=True)
    (folder / MANIFEST_NAME).write_text('{"schemaVersion": 1, "model": "digits", "number": 3, "digest": "x\\u202ey"}')
    (parent,) = with_parents_digests(draft("digits", 4, Facts(fine_tuned_from="digits:3")), tmp_path).parents
    assert parent.digest == ""
