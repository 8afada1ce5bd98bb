"""A place for models, and the small tables that boosters and estimators are fitted to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_versions.write import failures

X = np.random.default_rng(0).normal(size=(120, 3))
Y = ((X[:, 0] + 0.8 * np.random.default_rng(1).normal(size=120)) > 0).astype(int)


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


@pytest.fixture
def table() -> Any:
    """A data frame with 120 rows and the columns width, height, depth."""
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(X, columns=["width", "height", "depth"])


@pytest.fixture
def classes() -> Any:
    """The class of each row, 0 or 1; with noise, so that boosting for long makes it worse."""
    return Y
