"""No log keeps a version from being published: what can't be a metric is left out, and a warning says so."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.write import failures

pytestmark = [pytest.mark.tensorflow]

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


def published(logs: dict[Any, Any], **options: Any) -> tuple[dict[str, float], list[str]]:
    """Runs two epochs with more logs; the metrics of the last version and our warnings."""
    import tensorflow as tf

    publisher = tbv.keras.PublishVersions(
        "models", **{"name": "m", "save": "epoch", "monitor": "loss", "capture": NOTHING, **options}
    )
    publisher.set_model(tf.Module())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        publisher.on_train_begin()
        for epoch in range(2):
            publisher.on_epoch_begin(epoch)
            publisher.on_epoch_end(epoch, {**logs, "loss": 0.5})
        publisher.on_train_end()
    assert len(publisher.versions) == 2
    metrics = {metric.name: metric.value for metric in publisher.versions[-1].manifest.metrics}
    return metrics, [str(w.message) for w in caught if issubclass(w.category, tbv.TbVersionsWarning)]


def test_logs_beyond_the_limit_are_left_out_but_not_the_monitored_one() -> None:
    metrics, (said,) = published({f"recall_{number}": 0.25 for number in range(1_100)}, metrics={"size": 3})
    assert len(metrics) == 1_000
    assert (metrics["loss"], metrics["size"]) == (0.5, 3)
    assert '"recall_998", "recall_999", "recall_1000" and 99 more (a version holds at most 1,000 metrics)' in said


@pytest.mark.parametrize("name", ["f1\n(macro)", "", "x" * 300, "constructor", "a\u202eb", "tab\there"])
def test_a_log_with_an_odd_name_is_left_out(name: str) -> None:
    metrics, (said,) = published({name: 0.25, "good": 1})
    assert metrics == {"good": 1, "loss": 0.5}
    assert "no metric for some logs" in said
    assert "hidden characters" in said


@pytest.mark.parametrize("value", [None, "text", np.zeros((2, 2)), {"a": 1}, object()])
def test_a_log_that_is_not_a_number_is_left_out(value: object) -> None:
    metrics, (said,) = published({"confusion": value})
    assert metrics == {"loss": 0.5}
    assert '"confusion" (not numbers)' in said


def test_names_that_are_no_strings_become_strings() -> None:
    assert published({7: 0.25}) == ({"7": 0.25, "loss": 0.5}, [])


def test_a_run_whose_name_no_manifest_can_hold_is_left_without_a_name() -> None:
    import keras

    board = keras.callbacks.TensorBoard("logs/odd\nfolder")
    board.set_model(keras.Sequential([keras.layers.Dense(1)]))
    metrics, said = published({}, tensorboard=board)
    assert (metrics, said) == ({"loss": 0.5}, [])
