"""A writer looks at the versions that exist, and at nothing that can't be read."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Run
from tb_versions.write.existing import check_semantic_version, values_of

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "weights.bin").write_bytes(b"w")
    return tmp_path / "source"


def published(source: Path, semantic_version: str, name: str = "m", strict: bool = True) -> object:
    return tbv.publish(
        source, source.parent / "models", name=name, semantic_version=semantic_version, strict=strict, capture=NOTHING
    )


def test_values_of_versions_are_read_from_their_manifests(tmp_path: Path) -> None:
    def version(number: int, value: object, run: str, **more: object) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        fields = {"schemaVersion": 1, "metrics": [{"name": "a", "value": value, **more}], "runs": [{"name": run}]}
        (folder / "version_manifest.json").write_text(json.dumps(fields))

    version(1, 0.5, "x")
    version(2, "NaN", "x")
    version(3, "Infinity", "y")
    version(4, 0.25, "y", dataset="test")
    version(5, ["odd"], "x")
    (tmp_path / "6").mkdir()
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "version_manifest.json").write_text("{")
    name = tmp_path.name
    assert values_of("a", tmp_path, runs=()) == {f"{name}:1": 0.5, f"{name}:3": math.inf}
    assert values_of("a", tmp_path, runs=[Run(name="x")]) == {f"{name}:1": 0.5}
    assert values_of("b", tmp_path, runs=()) == {}
    assert values_of("a", tmp_path / "none", runs=()) == {}


@pytest.mark.parametrize("strict", [True, False])
def test_a_semantic_version_is_given_once_in_a_model(source: Path, strict: bool) -> None:
    published(source, "1.0.0")
    with pytest.raises(tbv.VersionExistsError, match=r"m:1 has the semantic version 1\.0\.0 already"):
        published(source, "1.0.0", strict=strict)
    assert not (source.parent / "models" / "m" / "2").exists()
    published(source, "1.0.0", name="other")


@pytest.mark.parametrize("other", ["1.0.1", "1.0.0-rc.1", "1.0.0+cpu", "11.0.0"])
def test_another_build_or_release_is_another_version(source: Path, other: str) -> None:
    published(source, "1.0.0")
    published(source, other)
    published(source, "")
    published(source, "")


def test_a_folder_that_is_described_keeps_the_rule_too(source: Path) -> None:
    published(source, "1.0.0")
    (source.parent / "models" / "m" / "7").mkdir()
    (source.parent / "models" / "m" / "7" / "w").write_bytes(b"w")
    with pytest.raises(tbv.VersionExistsError, match="semantic version"):
        tbv.summary.version(source.parent / "models" / "m" / "7", semantic_version="1.0.0", capture=NOTHING)


def test_a_text_that_only_looks_like_it_is_no_semantic_version(source: Path) -> None:
    tbv.publish(source, source.parent / "models", name="m", description="1.0.0", strict=True, capture=NOTHING)
    check_semantic_version("1.0.0", source.parent / "models" / "m")


@pytest.mark.tensorflow
@pytest.mark.parametrize("save", ["best", "epoch"])
def test_a_training_that_publishes_several_versions_takes_none(save: str) -> None:
    with pytest.raises(tbv.InvalidManifestError, match="semantic_version names one version"):
        tbv.keras.PublishVersions("models", name="m", save=save, semantic_version="1.0.0")  # type: ignore[arg-type]
