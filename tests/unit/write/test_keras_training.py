"""A training is closed after other callbacks, or at once where no list of callbacks drives it."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

from tb_versions.errors import TbVersionsWarning
from tb_versions.write.keras_training import Training


def test_a_training_that_nothing_drives_is_closed_by_its_own_calls() -> None:
    seen: list[str] = []
    training = Training(
        lambda: SimpleNamespace(weights=[]), on_epoch=lambda: seen.append("epoch"), on_end=lambda: seen.append("end")
    )
    assert training.begin() == []
    training.end_epoch(3, {"loss": 1.0})
    assert (training.last_epoch, training.logs) == (3, {"loss": 1.0})
    training.end()
    assert seen == ["epoch", "end"]


def test_a_subject_is_warned_of_once() -> None:
    training = Training(lambda: None, on_epoch=lambda: None, on_end=lambda: None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for subject in ("a", "b", "a"):
            training.warn_once(subject, f"about {subject}")
    assert [(str(w.message), w.category) for w in caught] == [
        ("about a", TbVersionsWarning),
        ("about b", TbVersionsWarning),
    ]
