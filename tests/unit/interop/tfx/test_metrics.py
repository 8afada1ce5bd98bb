"""Metrics of slices."""

from __future__ import annotations

from collections import Counter

import pytest

from tb_versions.core.manifest import MAX_METRICS, Metric
from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.metrics import as_many_as_fit, read_metrics, to_metrics
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import measured, named, single, slice_key

_OWN = frozenset({""})


def read(*records: bytes) -> tuple[list[Metric], Counter[str]]:
    notes: Counter[str] = Counter()
    return to_metrics(read_metrics(records, notes), "eval", _OWN, notes), +notes


def test_a_slice_has_its_metrics_with_interval_and_count() -> None:
    interval = field(1, single(0.9)) + field(2, single(0.5))
    record = field(1, slice_key(a=b"x")) + named("example_count", 40.0)
    found, notes = read(record + measured(field(1, "auc"), single(0.75), interval))
    assert found[1] == Metric(
        name="auc", value=0.75, dataset="eval", slice="a:x", lower=0.5, upper=0.9, confidence=0.95, examples=40
    )
    assert not notes


def test_weighted_counts_and_counts_that_are_no_integers_are_no_counts_of_examples() -> None:
    weighted = measured(field(1, "example_count") + field(7, field(1, 1)), single(40.0))
    for count in (weighted, named("example_count", 0.5), named("example_count", float("nan"))):
        assert {metric.examples for metric in read(count + named("auc", 0.5))[0]} == {None}


def test_an_interval_that_does_not_hold_its_value_is_left_out_and_counted() -> None:
    interval = field(1, single(0.9)) + field(2, single(0.8))
    found, notes = read(measured(field(1, "auc"), single(0.75), interval))
    assert (found[0].lower, found[0].upper, found[0].confidence) == (None, None, None)
    assert notes == {"intervals that don't hold their value": 1}


def test_metrics_that_differ_only_in_what_is_known_of_weights_are_kept_apart() -> None:
    unweighted = measured(field(1, "auc") + field(7, b""), single(0.5))
    assert [metric.name for metric in read(unweighted + named("auc", 0.25))[0]] == ["auc (unweighted)", "auc"]
    assert [metric.name for metric in read(unweighted)[0]] == ["auc"]


def test_two_numbers_of_one_name_are_both_left_out() -> None:
    found, notes = read(named("auc", 0.5) + named("auc", 0.25) + named("loss", 1.0))
    assert [metric.name for metric in found] == ["loss"]
    assert notes == {"numbers that TFMA has several times under one name": 2}


def test_metrics_of_all_data_come_first_then_those_of_large_slices() -> None:
    small = field(1, slice_key(a=b"s")) + named("example_count", 2.0)
    large = field(1, slice_key(a=b"l")) + named("example_count", 9.0)
    found, _ = read(small, large, named("example_count", 11.0))
    assert [metric.slice for metric in found] == ["", "a:l", "a:s"]


def test_differences_between_two_slices_are_no_numbers_of_a_slice() -> None:
    crossed = field(3, field(1, slice_key(a=b"x")) + field(2, slice_key(a=b"y")))
    found, notes = read(crossed + named("auc", 0.01) + named("example_count", -2.0))
    assert found == []
    assert notes == {"numbers that are differences between two slices": 2}


def test_slices_that_are_too_small_and_values_without_a_name_are_counted() -> None:
    error = field(2, field(1, "__ERROR__") + field(2, field(10, "too small")))
    old = field(2, field(1, "accuracy") + field(2, single(0.5)))
    found, notes = read(error, old, measured(b"", single(1.0)))
    assert [(metric.name, metric.value) for metric in found] == [("accuracy", 0.5)]
    assert sum(notes.values()) == 2


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\xff\xff\xff\xff\x0f", field(51, b"\x0a\x7f"), b"\x00"])
def test_a_damaged_record_is_named_by_its_number(data: bytes) -> None:
    with pytest.raises(NotAModelError, match="its record 2 is damaged"):
        read(named("auc", 1.0), data)


def test_a_bomb_of_empty_messages_is_refused() -> None:
    with pytest.raises(NotAModelError, match="is damaged"):
        read(field(51, field(1, field(1, "a")) + field(2, b"\x3a\x00" * 1_400_000)))


def test_as_many_metrics_as_a_manifest_holds_are_kept() -> None:
    notes: list[str] = []
    metrics = [Metric(name="a", slice=f"n:{number}", examples=number) for number in range(MAX_METRICS + 10)]
    kept = as_many_as_fit([*metrics, Metric(name="a")], notes)
    assert kept[0].slice == ""
    assert kept[1].slice == f"n:{MAX_METRICS + 9}"
    assert len(kept) < MAX_METRICS
    assert notes[0].startswith(f"Of 5,011 metrics the first {len(kept):,} were taken, as a manifest holds")
    assert as_many_as_fit(metrics[:5], notes[1:]) == metrics[4::-1]
