from __future__ import annotations

import datetime
import json
import math
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.core import codec
from tb_versions.core.manifest import Metric, Run, VersionManifest
from tb_versions.core.proto import manifest_pb2
from tb_versions.core.scalars import read_time
from tb_versions.errors import InvalidManifestError, NewerSchemaError
from tb_versions.read.manifests.listing import read_listing
from tests.contract.test_goldens import FULL
from tests.support.effort import tries

UTC = datetime.timezone.utc

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SCALARS = TEXTS | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
METRICS = st.builds(
    Metric,
    name=TEXTS,
    value=st.floats(allow_nan=False).filter(lambda x: x != 0 or math.copysign(1, x) > 0),
    goal=st.sampled_from(("max", "min", "")),
    step=st.none() | st.integers(-(2**63), 2**63 - 1),
    dataset=TEXTS,
    source=st.sampled_from(("typed", "log", "evaluated", "inferred", "")),
)
MANIFESTS = st.builds(
    VersionManifest,
    model=TEXTS,
    number=st.integers(0, 2**63 - 1),
    created=st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    description=TEXTS,
    labels=st.dictionaries(TEXTS, TEXTS, max_size=3),
    metrics=st.lists(METRICS, max_size=3).map(tuple),
    hyperparameters=st.dictionaries(TEXTS, SCALARS, max_size=3),
    runs=st.lists(st.builds(Run, name=TEXTS, step=st.none() | st.integers(0, 2**62)), max_size=3).map(tuple),
    seeds=st.dictionaries(TEXTS, st.integers(-(2**63), 2**63 - 1), max_size=3),
    size_bytes=st.integers(0, 2**63 - 1),
)


@settings(max_examples=tries(60))
@given(MANIFESTS)
def test_what_is_written_is_read_back(manifest: VersionManifest) -> None:
    data = codec.encode(manifest)
    again = codec.decode(data)
    assert _plain(again) == _plain(manifest)
    assert codec.encode(again) == data


def _plain(manifest: VersionManifest) -> str:
    """-0.0 and 1.0 == 1 compare by their text; integers may come back for whole floats."""
    hyperparameters = {
        k: int(v) if isinstance(v, float) and v.is_integer() and abs(v) <= 2**53 else v
        for k, v in manifest.hyperparameters.items()
    }
    maps = [sorted(each.items()) for each in (hyperparameters, manifest.labels, manifest.seeds)]
    return repr((manifest.metrics, manifest.runs, maps, manifest.reference, manifest.created, manifest.size_bytes))


@settings(max_examples=tries(200))
@given(MANIFESTS)
def test_what_is_written_is_the_proto3_json_mapping(manifest: VersionManifest) -> None:
    data = codec.encode(manifest)
    message = json_format.Parse(data.decode(), manifest_pb2.VersionManifest())
    assert json_format.MessageToDict(message) == json.loads(data)


def test_the_full_manifest_is_the_proto3_json_mapping() -> None:
    data = codec.encode(VersionManifest(**FULL))
    message = json_format.Parse(data.decode(), manifest_pb2.VersionManifest())
    assert json_format.MessageToDict(message) == json.loads(data)


def test_the_full_manifest_comes_back_whole() -> None:
    manifest = VersionManifest(model="digits", number=3, **FULL)
    again = codec.decode(codec.encode(manifest))
    assert again.code == manifest.code
    assert again.environment == manifest.environment
    assert again.hardware == manifest.hardware
    assert again.saved_model == manifest.saved_model
    assert again.datasets == manifest.datasets
    assert again.parents == manifest.parents
    assert again.created_by == manifest.created_by
    assert again.hyperparameters["seed"] == str(2**60)
    assert [repr(m.value) for m in again.metrics[:7]] == [repr(m.value) for m in manifest.metrics[:7]]


def test_the_form_on_disk_is_sorted_and_ends_with_a_newline() -> None:
    data = codec.encode(VersionManifest(model="m", number=1, labels={"b": "1", "a": "2"}))
    assert data.endswith(b"}\n")
    fields = json.loads(data)
    assert list(fields) == sorted(fields)
    assert fields["number"] == "1"
    assert list(fields["labels"]) == ["a", "b"]


def test_a_manifest_over_the_limit_is_not_written() -> None:
    with pytest.raises(InvalidManifestError, match="at most 1,048,576 are allowed"):
        codec.encode(VersionManifest(model="m", number=1, description="x" * (1 << 20)))


@pytest.mark.parametrize(
    "change", [{"number": 2**63}, {"model": "\ud800"}, {"seeds": {"a": 2**64}}, {"labels": {"a": 3}}]
)
def test_what_does_not_fit_the_schema_is_not_written(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidManifestError, match="can't be written"):
        codec.encode(VersionManifest(**{"model": "m", "number": 1, **change}))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no schemaVersion"),
        (b'{"schemaVersion": true}', "not a positive integer"),
        (b'{"schemaVersion": "1"}', "not a positive integer"),
        (b'{"schemaVersion": 0}', "not a positive integer"),
        (b'{"schemaVersion": 1, "number": "x"}', "breaks the schema"),
        (b'{"schemaVersion": 1, "metrics": {}}', "breaks the schema"),
        (b'{"schemaVersion": 1, "created": "yesterday"}', "breaks the schema"),
        (b'{"schemaVersion": 1, "hyperparameters": {"a": []}}', "must be a number, string or bool"),
    ],
)
def test_what_is_no_manifest_is_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(InvalidManifestError, match=words) as caught:
        codec.decode(data)
    assert str(caught.value).isprintable()


def test_a_newer_schema_is_refused_whatever_else_it_holds() -> None:
    with pytest.raises(NewerSchemaError, match="schema 3; this tb_versions reads up to schema 2"):
        codec.decode(b'{"schemaVersion": 3, "number": []}')


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-11-23T08:15:00Z", 1795421700000),
        ("2026-11-23T08:15:00.5Z", 1795421700500),
        ("2026-11-23T08:15:00.123456789Z", 1795421700123),
        ("2026-11-23T09:15:00+01:00", 1795421700000),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59Z", -1000),
    ],
)
def test_times_are_read_by_both_readers(text: str, milliseconds: int) -> None:
    time = read_time(text)
    assert time is not None
    assert int(time.timestamp() * 1000) == milliseconds
    data = f'{{"schemaVersion":1,"model":"m","number":"1","created":"{text}"}}'.encode()
    assert read_listing(data).created_ms == milliseconds
    assert codec.decode(data).created == time


def test_unknown_fields_are_named() -> None:
    assert codec.unknown_fields({"schemaVersion": 1, "schema_version": 1, "votes": 1, "a": 2}) == ["a", "votes"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"metrics": [{}] * 5_001}, "metrics holds 5,001 entries; at most 5,000"),
        ({"runs": [{}] * 1_001}, "runs holds 1,001"),
        ({"labels": {str(n): "" for n in range(1_001)}}, "labels holds 1,001"),
        ({"environment": {"packages": {str(n): "1" for n in range(5_001)}}}, "environment.packages holds 5,001"),
        ({"code": {"dirtyFiles": [""] * 1_001}}, "code.dirtyFiles holds 1,001"),
        ({"code": {"arguments": [""] * 1_001}}, "code.arguments holds 1,001"),
    ],
)
def test_more_entries_than_are_read_are_refused(fields: dict[str, Any], words: str) -> None:
    data = json.dumps({"schemaVersion": 1, "model": "m", "number": 1, **fields}).encode()
    with pytest.raises(InvalidManifestError, match=words):
        codec.decode(data)


def test_a_manifests_digest_is_the_sha_256_of_its_bytes() -> None:
    assert codec.manifest_digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("length", "words"), [(16_384, "can't be parsed"), (16_385, "longer than 16 KiB")])
def test_an_announcement_that_is_none_is_refused_by_its_length_first(length: int, words: str) -> None:
    with pytest.raises(InvalidManifestError, match=words):
        codec.decode_announcement(b"\xff" * length)
