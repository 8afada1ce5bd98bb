"""Which source files are a part of, and where manifests go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.manifest import FilesElsewhere
from tb_versions.errors import InvalidNameError, InvalidQueryError, UnsafeFileError, UnsupportedStorageError
from tb_versions.formats.models import Model
from tb_versions.interop.finding import Found
from tb_versions.interop.homes import into


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    (tmp_path / "nas" / "digits" / "7").mkdir(parents=True)
    (tmp_path / "nas" / "digits" / "a.keras").write_bytes(b"a")
    return tmp_path / "nas"


def sources(tmp_path: Path, folders: list[Path], *labels: str, **known: str) -> dict[str, str]:
    return dict(into(str(tmp_path / "models"), [str(f) for f in folders], labels, known=known).sources)


def test_a_source_is_called_like_its_folder_unless_the_user_says_otherwise(nas: Path, tmp_path: Path) -> None:
    real = os.path.realpath(nas)
    assert sources(tmp_path, [nas]) == {"nas": real}
    assert sources(tmp_path, [nas], "lab") == {"lab": real}
    assert sources(tmp_path, [nas / "digits"], f"lab={nas}") == {"lab": real}


def test_a_source_that_is_bound_anyway_is_used(nas: Path, tmp_path: Path) -> None:
    assert sources(tmp_path, [nas / "digits"], lab=str(nas)) == {"lab": os.path.realpath(nas)}


def test_what_is_not_clear_is_asked(nas: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "nas").mkdir(parents=True)
    for labels in ([], ["lab"], ["a", "b"]):
        with pytest.raises(InvalidQueryError, match="--source LABEL=DIR"):
            sources(tmp_path, [nas, tmp_path / "other" / "nas"], *labels)
    with pytest.raises((InvalidQueryError, InvalidNameError)):
        sources(tmp_path, [nas], "../x")


def test_manifests_for_the_models_folder_itself_lie_beside_the_files(nas: Path) -> None:
    with pytest.raises(InvalidQueryError, match="leave --models-dir out"):
        into(str(nas), [str(nas / "digits")], [], known={})
    with pytest.raises(UnsupportedStorageError):
        into("s3://bucket/models", [str(nas)], [], known={})


def test_a_path_is_relative_to_the_source_and_names_a_folder_or_a_loose_file(nas: Path, tmp_path: Path) -> None:
    goal = into(str(tmp_path / "models"), [str(nas)], [], known={})
    folder, file = Model(str(nas / "digits" / "7"), "onnx"), Model(str(nas / "digits"), "keras", "a.keras", True)
    assert goal.elsewhere(folder) == FilesElsewhere(source="nas", path="digits/7")
    assert goal.elsewhere(file) == FilesElsewhere(source="nas", path="digits/a.keras")
    found = Found(elsewhere={("nas", "digits/7"): "models/digits/7"})
    assert [goal.is_known(model, found) for model in (folder, file)] == [True, False]


def test_what_no_path_can_name_is_refused(nas: Path, tmp_path: Path) -> None:
    goal = into(str(tmp_path / "models"), [str(nas)], [], known={})
    with pytest.raises(UnsafeFileError, match="folder of its source itself"):
        goal.elsewhere(Model(str(nas), "saved_model"))
    with pytest.raises(UnsafeFileError, match="downwards"):
        goal.elsewhere(Model(str(nas / "a\\b"), "saved_model"))
