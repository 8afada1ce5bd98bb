from __future__ import annotations

import math
from typing import Any

import orjson
import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.errors import InvalidManifestError
from tb_versions.read.listing import metric_key, read_listing
from tests.contract.test_goldens import FULL

LEAST: dict[str, Any] = {"schemaVersion": 1, "model": "m", "number": "1"}


def listing_of(**fields: Any) -> Any:
    return read_listing(orjson.dumps({**LEAST, **fields}))


def test_it_says_what_the_codec_says() -> None:
    data = codec.encode(VersionManifest(model="digits", number=3, **FULL))
    listing, manifest = read_listing(data), codec.decode(data)
    assert (listing.model, listing.number, listing.semantic_version) == ("digits", 3, manifest.semantic_version)
    assert [repr(m.value) for m in listing.metrics] == [repr(m.value) for m in manifest.metrics]
    assert [m.step for m in listing.metrics] == [m.step for m in manifest.metrics]
    assert [m.kind.goal for m in listing.metrics[:2]] == ["max", "max"]
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
        ({"model": 3}, "The field model must be a string, not a number"),
        ({"number": "x"}, "The field number must be a 64-bit integer"),
        ({"number": "-1"}, "not an integer from 0"),
        ({"number": 1.5}, "must be a 64-bit integer"),
        ({"number": True}, "must be a 64-bit integer"),
        ({"labels": []}, "The field labels must be an object, not a list"),
        ({"labels": {"a": 1}}, "The field labels must be a string"),
        ({"metrics": {}}, "The field metrics must be a list, not an object"),
        ({"metrics": [3]}, "metrics holds something that is not an object"),
        ({"metrics": [{"name": "a", "value": "1"}]}, "metrics.value must be a number, not a string"),
        ({"metrics": [{"name": {}, "value": 1}]}, "list or object where a text must be"),
        ({"metrics": [{"name": 3, "value": 1}]}, "metrics.name must be a string"),
        ({"metrics": [{"name": "a", "step": "x"}]}, "metrics.step must be a 64-bit integer"),
        ({"hyperparameters": {"a": [1]}}, "must be a number, string or bool"),
        ({"hyperparameters": {"a": None}}, "must be a number, string or bool"),
        ({"datasets": {}}, "The field datasets must be a list, not an object"),
        ({"datasets": ["a"]}, "datasets holds something that is not an object"),
        ({"datasets": [{"name": []}]}, "list or object where a text must be"),
        ({"datasets": [{"split": 1}]}, "datasets.split must be a string"),
        ({"runs": ["a"]}, "runs holds something that is not an object"),
        ({"created": "now"}, "is not a time like"),
        ({"savedModel": []}, "savedModel holds something that is not an object"),
        ({"environment": 3}, "environment holds something that is not an object"),
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
    assert listing_of(datasets=[train]).datasets is listing_of(datasets=[train, train]).datasets


def test_what_many_manifests_share_is_one_object() -> None:
    first, second = (listing_of(metrics=[{"name": "loss", "value": v}], labels={"team": "vision"}) for v in (1, 2))
    assert first.metrics[0].kind is second.metrics[0].kind
    assert next(iter(first.labels)) is next(iter(second.labels))
