"""What came of thresholds, in words."""

from __future__ import annotations

import pytest

from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.validation import Verdict, read_verdict
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import double, single, slice_key

_OWN = frozenset({""})


def failure(name: str, value: float, threshold: bytes, message: str = "") -> bytes:
    key = field(1, field(1, name))
    return field(3, key + field(2, threshold) + field(3, single(value)) + field(4, message))


def test_thresholds_that_are_met_say_so() -> None:
    assert read_verdict([field(1, 1)], _OWN) == Verdict(True, False)
    assert Verdict(True, False).words == "Its thresholds are met"
    assert read_verdict([], _OWN) is None


def test_a_rubber_stamp_says_that_changes_did_not_count() -> None:
    verdict = read_verdict([field(1, 1) + field(7, 1)], _OWN)
    assert verdict is not None
    assert verdict.words == (
        "Its thresholds are met; there was no model to compare with, so that thresholds of change did not count"
    )


def test_what_was_not_met_is_named_with_value_and_threshold() -> None:
    value = field(1, field(1, double(1, 0.6)))
    change = field(2, field(1, double(1, -0.01)) + field(2, double(1, 0.5)) + field(3, 2))
    of_slice = field(2, slice_key(country=b"us")) + failure("auc", 0.5, value)
    verdict = read_verdict([field(2, of_slice) + field(2, failure("loss", 2.0, change, "Metric\nis odd."))], _OWN)
    assert verdict is not None
    assert verdict.ok is False
    assert verdict.reasons == (
        "auc on country:us: 0.5, asked for is at least 0.6",
        (
            "loss: 2, asked for is a change of at least -0.01 and a change of at least +0.5 times the baseline, "
            "Metric is odd."
        ),
    )


def test_missing_slices_and_missing_thresholds_are_reasons() -> None:
    verdict = read_verdict([field(6, 1) + field(3, b"") + field(5, b"")], _OWN)
    assert verdict is not None
    assert verdict.reasons == ("it has no thresholds", "2 slices with thresholds are missing")


def test_of_many_failures_the_first_are_named() -> None:
    many = b"".join(failure(f"m{number}", 0.0, b"") for number in range(30))
    verdict = read_verdict([field(2, many)], _OWN)
    assert verdict is not None
    assert len(verdict.reasons) == 21
    assert verdict.reasons[-1] == "and 10 more"


def test_several_results_and_damaged_ones_are_refused() -> None:
    with pytest.raises(NotAModelError, match="it has 2 results where there can be one"):
        read_verdict([b"", b""], _OWN)
    with pytest.raises(NotAModelError, match="it is damaged"):
        read_verdict([b"\x12\xff"], _OWN)
