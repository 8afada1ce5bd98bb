"""A failure is one warning per cause, at the user's line; strict raises."""

from __future__ import annotations

import errno
import warnings

import pytest

from tb_versions.errors import StorageError, TbVersionsWarning
from tb_versions.write import failures


@pytest.fixture(autouse=True)
def _nothing_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_reported", set())


def test_strict_raises_the_error_itself() -> None:
    error = StorageError("full")
    with pytest.raises(StorageError) as caught:
        failures.report(error, "Nothing was published", strict=True)
    assert caught.value is error


def test_each_cause_is_reported_once() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            failures.report(StorageError("full"), "Nothing was published", strict=False)
        other = StorageError("denied")
        other.__cause__ = PermissionError(errno.EACCES, "denied")
        failures.report(other, "Nothing was published", strict=False)
    assert [str(w.message) for w in caught] == [
        "Nothing was published: full. Training goes on; strict=True would raise.",
        "Nothing was published: denied. Training goes on; strict=True would raise.",
    ]
    assert all(w.category is TbVersionsWarning for w in caught)


def test_the_warning_points_at_the_callers_line() -> None:
    with pytest.warns(TbVersionsWarning) as caught:
        failures.report(ValueError("odd"), "Nothing was published", strict=False)
    assert caught[0].filename == __file__
    assert "ValueError: odd." in str(caught[0].message)
