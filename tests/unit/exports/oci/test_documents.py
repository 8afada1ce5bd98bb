"""The documents of an OCI artifact are those of ModelPack, by another's constants and models."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from olot.modelpack import const
from olot.modelpack.model_config import Model
from olot.oci.oci_image_manifest import OCIImageManifest

from tb_versions.core.manifest import Code, File, SavedModel, VersionManifest
from tb_versions.exports.oci import documents
from tests.support.oci import blob_of, model_in, packed

FILES = (
    "README.md",
    "assets/vocabulary.txt",
    "odd.bin",
    "saved_model.pb",
    "variables/variables.index",
    "w.safetensors",
)


def test_artifact_and_config_have_modelpack_s_types() -> None:
    assert documents.MODEL_TYPE == const.ARTIFACTTYPEMODELMANIFEST
    assert documents.CONFIG_TYPE == const.MEDIATYPEMODELCONFIG


def test_each_layer_has_a_type_of_modelpack_and_doubt_is_marked() -> None:
    layers = [documents.layer_of(File(path=path, size=1, digest="sha256:" + "0" * 64)) for path in FILES]
    told = {each.annotations[documents.PATH]: each for each in layers}
    assert {path: each.media_type for path, each in told.items()} == {
        "README.md": const.MEDIATYPEMODELDOCRAW,
        "assets/vocabulary.txt": const.MEDIATYPEMODELWEIGHTCONFIGRAW,
        "odd.bin": const.MEDIATYPEMODELWEIGHTCONFIGRAW,
        "saved_model.pb": const.MEDIATYPEMODELWEIGHTRAW,
        "variables/variables.index": const.MEDIATYPEMODELWEIGHTRAW,
        "w.safetensors": const.MEDIATYPEMODELWEIGHTRAW,
    }
    untested = [path for path, each in told.items() if "true" in each.annotations.values()]
    assert untested == ["odd.bin"]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""), (1, ""), (49, ""), (60, "0.1K"), (999, "1K"), (33_130, "33.1K"), (999_949, "999.9K"),
        (999_950, "1M"), (1_000_000, "1M"), (6_738_415_616, "6.7B"), (10**12, "1T"), (10**15, "1Q"),
    ],
)  # fmt: skip
def test_parameters_have_one_digit_after_the_point(count: int, words: str) -> None:
    assert documents.parameters_in_words(count) == words


def test_the_configuration_says_what_the_manifest_knows_and_nothing_else() -> None:
    file = File(path="saved_model.pb", size=1, digest="sha256:" + "0" * 64)
    bare = VersionManifest(model="digits", number=3, format="files", files=(file,))
    full = VersionManifest(
        model="digits",
        number=3,
        semantic_version="1.2.0",
        created=datetime.datetime(2026, 11, 29, 1, 2, 3, 999_999, tzinfo=datetime.timezone.utc),
        description="Better.",
        code=Code(commit="a" * 40),
        format="saved_model",
        saved_model=SavedModel(parameter_count=33_130),
        files=(file,),
    )
    layers = [documents.layer_of(file)]
    told = [json.loads(documents.config_of(manifest, layers).data or b"") for manifest in (bare, full)]
    assert told[0]["descriptor"] == {"name": "digits", "version": "3", "title": "digits 3"}
    assert told[0]["config"] == {}
    assert told[1]["descriptor"] == {
        "createdAt": "2026-11-29T01:02:03Z", "name": "digits", "version": "1.2.0", "title": "digits 1.2.0",
        "description": "Better.", "revision": "a" * 40,
    }  # fmt: skip
    assert told[1]["config"] == {"format": "tensorflow", "paramSize": "33.1K"}
    for each in told:
        Model.model_validate(each)


def test_the_configuration_has_no_secret_of_the_description() -> None:
    manifest = VersionManifest(model="digits", number=3, description="Trained with api_key=hunter2hunter2 on Monday.")
    config = json.loads(documents.config_of(manifest, []).data or b"")
    assert "hunter2" not in json.dumps(config)
    assert config["descriptor"]["description"].startswith("Trained with api_key=")


def test_documents_of_a_layout_pass_another_s_models(tmp_path: Path) -> None:
    layout = packed(tmp_path)
    model = model_in(layout)
    OCIImageManifest.model_validate(model)
    assert model["artifactType"] == const.ARTIFACTTYPEMODELMANIFEST
    config = json.loads(blob_of(layout, model["config"]))
    Model.model_validate(config)
    assert config["modelfs"] == {"type": "layers", "diffIds": [layer["digest"] for layer in model["layers"]]}
