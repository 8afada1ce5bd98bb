"""SavedModels that others made: each loads and answers, or says in a sentence why it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tb_versions.core.golden.file import Asked, read, write
from tb_versions.core.golden.running import ask
from tb_versions.errors import MissingDependencyError, ModelLoadError
from tb_versions.read.reuse.model_loading import SAVED_MODEL, HowToLoad, load_model

pytestmark = [pytest.mark.faults, pytest.mark.tensorflow]


def why_not(folder: Path) -> str:
    """Why a model can't be loaded; "" if it can."""
    try:
        load_model("real:1", str(folder), has=frozenset({SAVED_MODEL}), keras="", how=HowToLoad())
    except (ModelLoadError, MissingDependencyError) as error:
        return str(error)
    return ""


def test_every_real_model_loads_or_says_why_not(test_data: Path) -> None:
    folders = sorted(path.parent for path in test_data.rglob(SAVED_MODEL))
    assert folders
    reasons = {folder: why_not(folder) for folder in folders}
    told = {folder: why for folder, why in reasons.items() if why}
    print(f"{len(folders) - len(told)} of {len(folders)} load", *told.values(), sep="\n")
    for folder, why in told.items():
        assert why.startswith(f"real:1 in {folder} can't be loaded")
        assert why.endswith(".")
        assert "\n" not in why


def test_a_real_model_answers_twice_alike(test_data: Path) -> None:
    asked = write({"serving_default": Asked({"x": np.array([1, 2, 5], "float32")})})
    for path in sorted((test_data / "savedmodels").rglob(SAVED_MODEL)):
        ran = ask("real:1", str(path.parent), asked, keeps_answers=True)
        assert not ran.outcome.problem, path
        assert read(ran.answers)["serving_default"].outputs["y"].tolist() == [2.5, 3.0, 4.5], path
        assert ask("real:1", str(path.parent), ran.answers).outcome.ok, path
