"""Manifests of every released schema are read for ever.

The files below a schema's number were written when it was the newest. They are never written anew: a reader that can't
read them, or reads something else, is broken.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import SCHEMA_VERSION, FileList, FilesElsewhere, Metric, Parent, Run, VersionManifest
from tb_versions.errors import NewerSchemaError
from tb_versions.read.manifests.listing import read_listing

HERE = Path(__file__).parent
SCHEMAS = range(1, SCHEMA_VERSION + 1)


def test_every_released_schema_has_samples() -> None:
    assert [folder.name for folder in sorted(HERE.glob("[0-9]*"))] == [str(schema) for schema in SCHEMAS]
    assert all(list((HERE / str(schema)).glob("*.json")) for schema in SCHEMAS)


@pytest.mark.parametrize("path", sorted(HERE.glob("*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_released_manifest_is_read_by_both_readers(path: Path) -> None:
    data = path.read_bytes()
    manifest, listing = codec.decode(data), read_listing(data)
    assert (listing.model, listing.number) == (manifest.model, manifest.number)
    assert listing.semantic_version == manifest.semantic_version
    whole = [m.value for m in manifest.metrics if not m.slice]
    assert repr([m.value for m in listing.metrics]) == repr(whole)  # NaN is not NaN
    assert dict(listing.labels) == dict(manifest.labels)
    assert listing.digest == manifest.digest


def test_minimal_1_is_what_it_was() -> None:
    manifest = codec.decode((HERE / "1" / "minimal.json").read_bytes())
    assert manifest == VersionManifest(model="digits", number=0, format="")
    assert read_listing((HERE / "1" / "minimal.json").read_bytes()).notices == ()


def test_full_1_is_what_it_was() -> None:
    manifest = codec.decode((HERE / "1" / "full.json").read_bytes())
    assert manifest.reference == "digits:3"
    assert manifest.created == datetime.datetime(2026, 11, 23, 8, 3, tzinfo=datetime.timezone.utc)
    assert manifest.metrics[0] == Metric(
        name="val_accuracy",
        value=0.984375,
        goal="max",
        step=300,
        source="log",
        run="cnn/validation",
        tag="epoch_accuracy",
    )
    assert manifest.runs[0] == Run(
        name="cnn/train", step=300, wall_time=datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
    )
    assert manifest.parents[0] == Parent(model="digits", number=1, relation="fine_tuned_from")
    assert manifest.hyperparameters["batch_size"] == 32
    assert manifest.hyperparameters["nesterov"] is False
    assert manifest.datasets[0].rows == 1437
    assert manifest.code is not None
    assert manifest.code.dirty is True
    assert manifest.environment is not None
    assert manifest.environment.packages["keras"] == "3.15.1"
    assert manifest.hardware is not None
    assert manifest.hardware.gpus[0].name == "A GPU"
    assert manifest.seeds == {"numpy": 7, "split": 0}
    assert manifest.saved_model is not None
    assert manifest.saved_model.meta_graphs[0].signatures[0].inputs[0].shape is not None
    assert manifest.saved_model.fingerprint is not None
    assert manifest.files[0].path == "saved_model.pb"


def test_full_2_has_its_list_of_files_beside_it() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    manifest = codec.decode((HERE / "2" / "full.json").read_bytes())
    assert (manifest.schema_version, manifest.reference, manifest.files) == (2, "digits:5", ())
    assert manifest.file_list == FileList(path="version_files.jsonl", digest=digest, count=9_000)
    assert manifest.digest == digest


def test_elsewhere_2_says_where_its_files_are() -> None:
    manifest = codec.decode((HERE / "2" / "elsewhere.json").read_bytes())
    assert (manifest.schema_version, manifest.reference) == (2, "digits:4")
    assert manifest.files_elsewhere == FilesElsewhere(source="nas", path="digits/a.keras")
    assert [file.path for file in manifest.files] == ["a.keras"]


@pytest.mark.parametrize("name", ["1/full", "1/full_with_identity", "2/full", "2/elsewhere"])
def test_what_was_read_is_written_the_same(name: str) -> None:
    data = (HERE / f"{name}.json").read_bytes()
    assert codec.encode(codec.decode(data)) == data


def test_runs_have_identities_and_there_is_a_lead_metric() -> None:
    manifest = codec.decode((HERE / "1" / "full_with_identity.json").read_bytes())
    assert manifest.lead_metric == "val_accuracy"
    assert [run.identity for run in manifest.runs] == ["sha256:" + "0123456789abcdef" * 4, "sha256:" + "2" * 64]
    before = replace(manifest, lead_metric="", runs=tuple(replace(run, identity="") for run in manifest.runs))
    assert codec.encode(before) == (HERE / "1" / "full.json").read_bytes()


def test_a_field_of_the_future_is_ignored_and_said_so() -> None:
    data = (HERE / "1" / "future_fields.json").read_bytes()
    assert codec.decode(data).reference == "digits:4"
    listing = read_listing(data)
    assert listing.notices == ("The manifest has fields that this version does not know: carbon, votes.",)
    assert [metric.kind.source for metric in listing.metrics] == ["typed"]


@pytest.mark.parametrize("schema", [SCHEMA_VERSION + 1, 99])
def test_a_newer_schema_is_refused_and_both_numbers_are_named(schema: int) -> None:
    data = f'{{"schemaVersion": {schema}, "model": "digits", "number": "1", "metrics": "now a text"}}'.encode()
    for read in (codec.decode, read_listing):
        reader: Any = read
        with pytest.raises(
            NewerSchemaError, match=rf"schema {schema}; this tb_versions reads up to schema {SCHEMA_VERSION}"
        ):
            reader(data)
