from __future__ import annotations

import math

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.read.manifests.cached_listings import Entry, decode, encode
from tb_versions.read.manifests.listing import read_listing

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
DIGESTS = st.sampled_from(["", "sha256:" + "a" * 64, "sha256:" + "b" * 64])
TIMES = st.sampled_from(["", "2026-11-23T08:15:00Z", "1969-12-31T23:59:59.5Z"])
METRICS = st.fixed_dictionaries(
    {"name": TEXTS, "value": NUMBERS | st.just("NaN")},
    optional={"step": st.integers(0, 2**62).map(str), "dataset": TEXTS, "goal": st.sampled_from(["MIN", "MAX"])},
)
MANIFESTS = st.fixed_dictionaries(
    {"schemaVersion": st.just(1), "model": TEXTS.filter(bool), "number": st.integers(0, 2**62).map(str)},
    optional={
        "semanticVersion": TEXTS,
        "created": TIMES,
        "description": TEXTS,
        "labels": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "hyperparameters": st.dictionaries(TEXTS, TEXTS | NUMBERS | st.booleans(), max_size=3),
        "metrics": st.lists(METRICS, max_size=3),
        "runs": st.lists(
            st.fixed_dictionaries({"name": TEXTS}, optional={"wallTime": TIMES, "identity": DIGESTS}), max_size=2
        ),
        "leadMetric": TEXTS,
        "code": st.fixed_dictionaries(
            {"arguments": st.lists(st.sampled_from(["--lr", "0.1", "--epochs=5"]), max_size=3)}
        ),
        "parents": st.lists(st.fixed_dictionaries({"model": TEXTS, "number": st.just("1")}), max_size=2),
        "datasets": st.lists(st.fixed_dictionaries({"name": TEXTS, "split": TEXTS}), max_size=2),
        "seeds": st.dictionaries(TEXTS, st.integers(0, 9).map(str), max_size=2),
        "files": st.lists(st.fixed_dictionaries({"path": TEXTS}, optional={"size": st.just("7")}), max_size=3),
        "sizeBytes": st.integers(0, 2**62).map(str),
        "digest": TEXTS | st.just("sha256:" + "a" * 64),
        "unknown": st.none(),
    },
)


def entry(fields: object) -> Entry:
    return Entry(b"k" * 40, "sha256:" + "0" * 64, read_listing(orjson.dumps(fields)))


def comparable(found: Entry | None) -> object:
    """An entry whose values are equal where they are both NaN."""
    assert found is not None
    metrics = [(m.kind, str(m.value), m.step) for m in found.listing.metrics]
    plain = msgspec.structs.asdict(found.listing) | {"metrics": metrics}
    return found.key, found.digest, {name: repr(value) for name, value in plain.items()}


@given(st.dictionaries(TEXTS, MANIFESTS, max_size=4))
def test_what_comes_back_is_what_was_read(manifests: dict[str, object]) -> None:
    entries = {folder: entry(fields) for folder, fields in manifests.items()}
    found = decode(encode(entries))
    assert set(found) == set(entries)
    for folder, expected in entries.items():
        assert comparable(found.get(folder, found.key(folder))) == comparable(expected)
        assert found.key(folder) == expected.key
    assert found.get("no such folder", b"") is None


def test_numbers_keep_their_kind() -> None:
    fields = {"schemaVersion": 1, "model": "m", "hyperparameters": {"a": 32, "b": 0.5, "c": True, "d": "1"}}
    fields["metrics"] = [{"name": "n", "value": "NaN"}]
    found = decode(encode({"": entry(fields)})).get("", entry(fields).key)
    assert found is not None
    assert list(map(type, found.listing.hyperparameters.values())) == [int, float, bool, str]
    assert math.isnan(found.listing.metrics[0].value)


def test_kinds_of_metrics_are_the_same_objects_as_those_of_manifests_that_are_read() -> None:
    made = entry({"schemaVersion": 1, "model": "m", "metrics": [{"name": "loss", "value": 1}]})
    found = decode(encode({"": made})).get("", made.key)
    assert found is not None
    assert found.listing.metrics[0].kind is made.listing.metrics[0].kind


def test_folders_whose_names_are_no_text_are_left_out() -> None:
    made = entry({"schemaVersion": 1, "model": "m"})
    assert list(decode(encode({"a\udcff": made, "b": made}))) == ["b"]


@given(st.binary(max_size=60))
def test_bytes_that_are_no_entries_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


@given(st.data())
def test_damaged_bytes_are_refused_or_give_entries(data: st.DataObject) -> None:
    fields = {"schemaVersion": 1, "model": "m", "metrics": [{"name": "loss", "value": 1}], "labels": {"a": "b"}}
    good = bytearray(encode({"a": entry(fields), "b": entry(fields)}))
    good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode(bytes(good))
        for folder in found:
            found.get(folder, found.key(folder))
    except ValueError:
        pass
