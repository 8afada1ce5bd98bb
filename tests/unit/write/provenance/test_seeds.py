"""Seeds that can be read back."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from tb_versions.write.provenance import seeds

_TENSORFLOW, _KERAS = "tensorflow.python.eager.context", "keras.src.utils.rng_utils"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither framework is loaded, no hash seed is set."""
    for module in (_TENSORFLOW, _KERAS):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)


def test_nothing_known_is_empty() -> None:
    assert seeds.capture_seeds() == {}


@pytest.mark.parametrize(("text", "known"), [("0", {"python_hash": 0}), ("random", {}), ("-1", {}), ("9" * 30, {})])
def test_a_numeric_hash_seed_is_recorded(monkeypatch: pytest.MonkeyPatch, text: str, known: dict[str, int]) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", text)
    assert seeds.capture_seeds() == known


@pytest.mark.parametrize("answer", [None, "7", 2**63, True, 1.5])
def test_what_is_no_64_bit_integer_is_left_out(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    monkeypatch.setitem(sys.modules, _TENSORFLOW, SimpleNamespace(global_seed=lambda: answer))
    assert seeds.capture_seeds() == {}


def test_frameworks_that_changed_inside_are_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, _TENSORFLOW, SimpleNamespace())
    monkeypatch.setitem(sys.modules, _KERAS, SimpleNamespace(get_random_seed=lambda unexpected: 1))
    assert seeds.capture_seeds() == {}
