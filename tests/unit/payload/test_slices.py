"""Slices travel in columns."""

from __future__ import annotations

import math

from tb_versions.core.manifest import Dataset, Metric, VersionManifest
from tb_versions.payload.slices import slices_payload
from tests.support import sliced


def test_a_group_has_columns_and_the_value_over_all_data_first() -> None:
    datasets = (Dataset(name=sliced.DATASET, digest="sha256:" + "ab" * 32),)
    (group,) = slices_payload(VersionManifest(model="m", number=1, metrics=sliced.after(), datasets=datasets))
    assert group["slice"] == ["", *(f"digit:{digit}" for digit in (1, 2, 3, 4, 5, 7))]
    assert group["value"] == [0.96, 0.60, 0.92, 0.99, 0.90, 0.92, 0.80]
    assert group["examples"] == [3_000, 500, 500, 500, 500, 500, 12]
    assert group["confidence"] == [0.95, 0.95, 0.95, 0.95, None, 0.95, 0.95]
    assert (group["digest"], group["goal"], group["source"]) == ("ab" * 6, "max", "evaluated")


def test_what_is_equal_for_all_travels_once_and_large_numbers_as_text() -> None:
    metrics = [Metric(name="a", value=math.nan, slice=part, examples=2**60) for part in "xy"]
    (group,) = slices_payload(VersionManifest(model="m", number=1, metrics=tuple(metrics)))
    assert (group["value"], group["lower"], group["examples"]) == (["NaN", "NaN"], None, str(2**60))


def test_a_manifest_without_slices_has_none() -> None:
    assert slices_payload(VersionManifest(model="m", number=1, metrics=(Metric(name="a"),))) == []
