"""A failure is one warning per cause, at the user's line; strict raises."""

from __future__ import annotations

import errno
import warnings

import pytest

from tb_versions.errors import InvalidManifestError, ModelExportError, StorageError, TbVersionsWarning
from tb_versions.write import failures


def test_strict_raises_the_error_itself() -> None:
    error = StorageError("full")
    with pytest.raises(StorageError) as caught:
        failures.report(error, "Nothing was published", strict=True)
    assert caught.value is error


def said(*failing: tuple[Exception, str]) -> list[str]:
    """The warnings about failures, without their common end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for error, what in failing:
            failures.report(error, what, strict=False)
    assert all(w.category is TbVersionsWarning for w in caught)
    return [str(w.message).removesuffix(" Training goes on; strict=True would raise.") for w in caught]


def test_each_cause_is_reported_once() -> None:
    full, denied = (StorageError("full"), "No version"), (StorageError("denied"), "No version")
    assert said(full, full, denied, full, denied) == ["No version: full.", "No version: denied."]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (InvalidManifestError("empty has no files"), InvalidManifestError("The manifest is too large")),
        (InvalidManifestError("a.bin is a symlink"), InvalidManifestError("b.bin is a symlink")),
        (OSError(errno.ENOSPC, "full"), OSError(errno.EDQUOT, "over quota")),
        (ModelExportError("TypeError: a"), ModelExportError("TypeError: b")),
    ],
)
def test_two_causes_of_one_class_are_both_reported(first: Exception, second: Exception) -> None:
    assert len(said((first, "No version"), (second, "No version"))) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("digits:3 not announced", "digits:4 not announced"),
        ("m/tmp/3f9-17-0a1b2c3d4e5f", "m/tmp/3f9-17-fedcba987654"),
        ("saved_model.pb.tmp314e5e933bad480f", "saved_model.pb.tmped764ee3cfba4f55"),  # TensorFlow's own
    ],
)
def test_a_cause_that_differs_in_numbers_only_is_one(first: str, second: str) -> None:
    assert len(said((StorageError("full"), first), (StorageError("full"), second))) == 1


def test_a_new_training_reports_again() -> None:
    full = (StorageError("full"), "No version")
    assert len(said(full)) == 1
    failures.report_again()
    assert len(said(full)) == 1


def test_the_warning_points_at_the_callers_line() -> None:
    with pytest.warns(TbVersionsWarning) as caught:
        failures.report(ValueError("odd"), "Nothing was published", strict=False)
    assert caught[0].filename == __file__
    assert "ValueError: odd." in str(caught[0].message)
