"""A version prints what a person wants to read."""

from __future__ import annotations

import datetime

import pytest

import tb_versions as tbv

pytestmark = pytest.mark.slow


def test_it_says_what_it_is_and_what_was_said_of_it(versions: tbv.Versions) -> None:
    version = versions["digits@production"]
    for shown in (repr(version), version._repr_html_()):
        for words in ("digits:2", "production", "cnn, step 2", "lr=0.2", "team=vision", "Version 2", "present"):
            assert words in shown
        assert "2026-11-23 08:02 UTC" in shown
    assert repr(version).index("val_accuracy") < repr(version).index("accuracy [")


def test_it_says_that_its_run_was_better(versions: tbv.Versions) -> None:
    assert "The run was better" in repr(versions["digits:2"])


def test_its_values_are_python_values(versions: tbv.Versions) -> None:
    version = versions["digits:2"]
    assert version.metrics["val_accuracy"] == 0.7
    assert version.created == datetime.datetime(2026, 11, 23, 8, 2, tzinfo=datetime.timezone.utc)
    assert (version.aliases, version.step, version.labels) == (("production",), 2, {"team": "vision"})
    nan = versions["faces:7"].metrics["loss"]
    assert nan != nan


def test_a_version_without_anything_is_short(versions: tbv.Versions) -> None:
    assert "run" not in repr(versions["faces:7"])
    assert "None" not in repr(versions["faces:7"])


def test_a_damaged_version_says_why(world, tmp_path) -> None:
    world.raw("digits/9", b"{")
    shown = repr(tbv.versions(world.models)["digits:9"])
    assert "damaged" in shown
    assert "notice" in shown
