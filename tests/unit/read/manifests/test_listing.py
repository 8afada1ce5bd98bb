from __future__ import annotations

import math
from typing import Any

import orjson
import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidManifestError
from tb_versions.read.manifests.listed_metrics import metric_key
from tb_versions.read.manifests.listing import read_listing
from tests.contract.test_goldens import FULL

LEAST: dict[str, Any] = {"schemaVersion": 1, "model": "m", "number": "1"}


def listing_of(**fields: Any) -> Any:
    return read_listing(orjson.dumps({**LEAST, **fields}))


def test_it_says_what_the_codec_says() -> None:
    data = codec.encode(VersionManifest(model="digits", number=3, **FULL))
    listing, manifest = read_listing(data), codec.decode(data)
    assert (listing.model, listing.number, listing.semantic_version) == ("digits", 3, manifest.semantic_version)
    whole = [metric for metric in manifest.metrics if not metric.slice]  # a table has no columns of slices
    assert len(whole) < len(manifest.metrics)
    assert [repr(m.value) for m in listing.metrics] == [repr(m.value) for m in whole]
    assert [m.step for m in listing.metrics] == [m.step for m in whole]
    assert [m.kind.goal for m in listing.metrics[:2]] == ["max", "min"]
    assert [run.name for run in listing.runs] == [run.name for run in manifest.runs]
    assert dict(listing.hyperparameters) == {**manifest.hyperparameters, "text": "two\\u{a}lines"}
    assert listing.summary == "The **third** one"
    assert (listing.framework, listing.parameters) == ("TensorFlow 2.21.0", 650)
    assert [(p.model, p.number, p.relation) for p in listing.parents] == [
        ("digits", 1, "fine-tuned from"),
        ("gone", 9, "made from"),
    ]
    assert listing.notices == ()


def test_snake_case_and_lower_camel_case_are_both_read() -> None:
    listing = read_listing(b'{"schema_version":1,"model":"m","number":1,"semantic_version":"1.0.0","size_bytes":5}')
    assert (listing.semantic_version, listing.size) == ("1.0.0", 5)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": ""}, "names no model"),
        ({"model": 3}, "The field model must be text, not a number."),
        ({"model": "x" * 1_025}, "The field model has more than 1,024 characters"),
        ({"number": "x"}, 'The field number must be a 64-bit integer, not "x".'),
        ({"number": "-1"}, "not an integer from 0"),
        ({"number": 1.5}, 'The field number must be a 64-bit integer, not "1.5".'),
        ({"number": True}, 'The field number must be a 64-bit integer, not "True".'),
        ({"labels": []}, "The field labels must be an object, not a list."),
        ({"labels": {"a": 1}}, 'The field labels["a"] must be text, not a number.'),
        ({"labels": {"x" * 1_025: ""}}, "A key of labels has more than 1,024 characters"),
        ({"metrics": {}}, "The field metrics must be a list, not an object."),
        ({"metrics": [3]}, "The field metrics[0] must be an object, not a number."),
        ({"metrics": [{}, {"name": "a", "value": "1"}]}, "The field metrics[1].value must be a number, not "),
        ({"metrics": [{"name": {}, "value": 1}]}, "The field metrics[0].name must be text, not an object."),
        ({"metrics": [{"name": 3, "value": 1}]}, "The field metrics[0].name must be text, not a number."),
        ({"metrics": [{"name": "a", "step": "x"}]}, 'The field metrics[0].step must be a 64-bit integer, not "x".'),
        (
            {"hyperparameters": {"a": [1]}},
            'The field hyperparameters["a"] must be a number, string or bool.',
        ),
        ({"hyperparameters": {"a": None}}, 'The field hyperparameters["a"] must be a number, string or bool.'),
        ({"hyperparameters": {"a": "x" * 1_025}}, "The field hyperparameters[...] has more than 1,024 characters"),
        ({"datasets": {}}, "The field datasets must be a list, not an object."),
        ({"datasets": ["a"]}, "The field datasets[0] must be an object, not text."),
        ({"datasets": [{"name": []}]}, "The field datasets[0].name must be text, not a list."),
        ({"datasets": [{"split": 1}]}, "The field datasets[0].split must be text, not a number."),
        ({"runs": ["a"]}, "The field runs[0] must be an object, not text."),
        ({"runs": [{"wallTime": "now"}]}, "The field runs[0].wallTime must be a time like 2026-11-23T08:15:00Z"),
        ({"created": "now"}, 'The field created must be a time like 2026-11-23T08:15:00Z, not "now".'),
        ({"savedModel": []}, "The field savedModel must be an object, not a list."),
        ({"environment": 3}, "The field environment must be an object, not a number."),
        ({"metrics": [{}] * 5_001}, "The field metrics holds 5,001 entries; at most 5,000 are read."),
        ({"labels": {str(n): "" for n in range(1_001)}}, "The field labels holds 1,001 entries"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidManifestError) as caught:
        listing_of(**fields)
    assert words in str(caught.value)


def test_names_on_disk_are_listed_with_hidden_characters_spelled_out() -> None:
    listing = listing_of(model="a\u202eb", labels={"k\0": "v\x1b"}, description="\n\n## \u202eTitle\nmore")
    assert listing.model == "a\\u{202e}b"
    assert dict(listing.labels) == {"k\\u{0}": "v\\u{1b}"}
    assert listing.summary == "\\u{202e}Title"
    assert listing.notices == ("The model's name has hidden characters, which are spelled out here.",)


def test_what_is_odd_is_noticed_and_not_refused() -> None:
    listing = listing_of(digest="md5:1", semanticVersion="1.4", votes=3)
    assert listing.notices == (
        "The manifest has fields that this version does not know: votes.",
        "The digest is malformed.",
        '"1.4" is not a semantic version.',
    )


def test_numbers_are_taken_as_json_writes_them() -> None:
    listing = listing_of(
        metrics=[
            {"name": "a", "value": 3},
            {"name": "b", "value": "NaN"},
            {"name": "c"},
            {"name": "d", "value": 1, "step": 2.0},
        ],
        hyperparameters={"i": 32.0, "f": 0.5, "b": False, "big": 2**63, "s": "x"},
    )
    values = [metric.value for metric in listing.metrics]
    assert values[0] == 3.0
    assert math.isnan(values[1])
    assert values[2:] == [0.0, 1.0]
    assert listing.metrics[3].step == 2
    assert listing.hyperparameters == {"i": 32, "f": 0.5, "b": False, "big": str(2**63), "s": "x"}
    assert isinstance(listing.hyperparameters["i"], int)


def test_of_metrics_with_one_key_the_first_is_kept() -> None:
    names = ({"name": "a"}, {"name": "b"}, {"name": "a"}, {"name": "a [t]"}, {"name": "a", "dataset": "t"})
    listing = listing_of(metrics=[{**name, "value": value} for value, name in enumerate(names, 1)])
    assert {metric.kind.key: metric.value for metric in listing.metrics} == {"a": 1, "b": 2, "a [t]": 4}
    assert len(listing.metrics) == 3
    assert "the first of them is shown" in listing.notices[0]


@pytest.mark.parametrize(
    ("dataset", "part", "key"), [("", "", "a"), ("t", "", "a [t]"), ("t", "s", "a [t/s]"), ("", "s", "a [/s]")]
)
def test_dataset_and_slice_are_part_of_the_column(dataset: str, part: str, key: str) -> None:
    assert metric_key("a", dataset, part) == key


def test_datasets_are_listed_once_and_their_digests_are_short() -> None:
    train = {"name": "digits", "split": "train", "digest": "sha256:" + "ab" * 32}
    listing = listing_of(datasets=[train, {"name": "digits", "split": "test", "digest": "md5:1"}, train, {}])
    assert listing.datasets == (("digits", "ab" * 6, "train"), ("digits", "", "test"), ("", "", ""))
    assert listing_of(datasets=[train]).datasets == listing_of(datasets=[train, train]).datasets


def test_what_many_manifests_share_is_one_object() -> None:
    first, second = (listing_of(metrics=[{"name": "loss", "value": v}], labels={"team": "vision"}) for v in (1, 2))
    assert first.metrics[0].kind is second.metrics[0].kind
    assert first.labels is second.labels


@pytest.mark.parametrize(
    "fields",
    [
        {"schemaVersion": None, "schema_version": 1},
        {"created": None, "environment": None, "saved_model": {"parameter_count": 5, "fingerprint": None}},
        {"runs": [{"name": "r", "wall_time": None, "step": None}], "metrics": [{"name": None, "goal": None}]},
        {"savedModel": {"meta_graphs": [{"tags": None}], "parameterCount": None}},
    ],
)
def test_what_is_spelled_unusually_is_read_as_the_codec_reads_it(fields: dict[str, Any]) -> None:
    data = orjson.dumps({**LEAST, **fields})
    if "schema_version" in fields:
        with pytest.raises(InvalidManifestError, match="no schemaVersion"):
            read_listing(data)
        data = data.replace(b'"schemaVersion":null,', b"")
    listing, manifest = read_listing(data), codec.decode(data)
    assert listing.notices == ()
    assert [(run.name, run.step, run.wall_ms) for run in listing.runs] == [
        (run.name, run.step, run.wall_time) for run in manifest.runs
    ]
    assert [metric.kind.name for metric in listing.metrics] == [metric.name for metric in manifest.metrics]
    assert (listing.parameters or 0) == (manifest.saved_model.parameter_count if manifest.saved_model else 0)


def test_a_field_of_the_future_anywhere_is_skipped() -> None:
    listing = listing_of(savedModel={"later": [1], "parameterCount": "5"}, runs=[{"name": "r", "later": {}}])
    assert (listing.parameters, listing.runs[0].name, listing.notices) == (5, "r", ())


def test_a_large_manifest_is_counted_everywhere() -> None:
    bomb = b'{"schemaVersion":1,"model":"m","number":"1","hardware":{"gpus":[' + b"{}," * 100_000 + b"{}]}}"
    with pytest.raises(InvalidManifestError, match=r"The field hardware\.gpus holds 100,001 entries"):
        read_listing(bomb)


def test_texts_that_are_not_needed_must_be_utf8_too() -> None:
    data = orjson.dumps({**LEAST, "createdBy": "me"}).replace(b"me", b"\xff\xff")
    with pytest.raises(InvalidManifestError, match="not JSON"):
        read_listing(data)


def test_a_framework_that_is_only_installed_is_not_the_models() -> None:
    files = (
        '{"schemaVersion": 1, "model": "m", "number": 1, "format": "files", "environment": {"tensorflow": "2.21.0"}}'
    )
    assert read_listing(files.encode()).framework == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"inferred": [{"field": "runs"}, {"field": "created"}, {"field": "colour"}, {}]}, "created runs"),
        ({"imported": {"tracker": "mlflow"}, "inferred": [{"field": "created"}]}, "imported created"),
        ({"inferred": None, "imported": None}, ""),
        ({"inferred": [{"field": "runs", "of the future": 1}]}, "runs"),
    ],
)
def test_what_nobody_stated_is_listed(fields: dict[str, Any], words: str) -> None:
    assert listing_of(**fields).unstated == words


@pytest.mark.parametrize("format_", ["keras", "keras_h5"])
def test_a_file_of_keras_names_its_framework(format_: str) -> None:
    assert listing_of(format=format_).framework == "Keras"


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999),
        ("2026-11-23T12:00:00.123999Z", 1_795_435_200_123),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ],
)
def test_a_time_is_cut_to_whole_milliseconds(text: str, milliseconds: int) -> None:
    listing = listing_of(created=text, runs=[{"name": "r", "wallTime": text}])
    assert (listing.created_ms, listing.runs[0].wall_ms) == (milliseconds, milliseconds)


@pytest.mark.parametrize("text", ["-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "NaN", "1e400", "9" * 400])
def test_a_time_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidManifestError):
        listing_of(created=text)
