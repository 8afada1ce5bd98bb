"""`set_seeds` seeds what is loaded, and says what it did and what it could not."""

from __future__ import annotations

import random
import sys
import types
from collections.abc import Iterator

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.errors import InvalidManifestError
from tb_versions.write.provenance import capture, seeding, set_seeds


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing was seeded, and no large library is loaded."""
    monkeypatch.setattr(seeding, "_last", None)
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    for name in ("tensorflow", "keras", "torch"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    states = random.getstate(), np.random.get_state()
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])


def test_python_and_numpy_give_the_same_numbers_again() -> None:
    done = tbv.provenance.set_seeds(3)
    first = random.random(), np.random.rand()
    set_seeds(np.int64(3))
    assert (random.random(), np.random.rand()) == first
    assert (done.seed, done.was_set, done.could_not) == (3, ("numpy", "python"), ())


def test_a_version_that_is_published_later_says_what_was_seeded() -> None:
    assert capture().seeding is None
    assert "set_seeds" not in capture().seeds
    set_seeds(3)
    set_seeds(4)
    assert capture().seeding == set_seeds(4)
    assert capture().seeds["set_seeds"] == 4


def test_a_library_that_was_imported_later_did_not_get_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    set_seeds(3)
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    found = capture().seeding
    assert found is not None
    assert found.could_not == (
        "TensorFlow was imported after set_seeds, and did not get the seed: call it after the imports.",
    )


def test_what_a_library_refuses_is_kept_and_the_training_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    done = set_seeds(3)
    assert done.could_not == ("torch: AttributeError: module 'torch' has no attribute 'manual_seed'",)


def test_the_order_of_sets_can_not_be_fixed_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONHASHSEED")
    assert "PYTHONHASHSEED=3" in set_seeds(3).could_not[0]
    monkeypatch.setenv("PYTHONHASHSEED", "random")
    assert "PYTHONHASHSEED=3" in set_seeds(3).could_not[0]


@pytest.mark.parametrize("wrong", [-1, 2**32, True, 1.0, "3", None])
def test_what_is_no_seed_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidManifestError, match="A seed must be an integer from 0"):
        set_seeds(wrong)  # type: ignore[arg-type]


@pytest.mark.tensorflow
def test_tensorflow_and_keras_are_seeded_where_they_are_loaded() -> None:
    import subprocess

    from tests.support.effort import HANGS

    script = (
        "import tensorflow as tf, keras, tb_versions as tbv\n"
        "done = tbv.provenance.set_seeds(3)\n"
        "first = tf.random.normal([2]).numpy().tolist(), keras.random.normal([2]).numpy().tolist()\n"
        "tbv.provenance.set_seeds(3)\n"
        "assert first == (tf.random.normal([2]).numpy().tolist(), keras.random.normal([2]).numpy().tolist())\n"
        "assert done.was_set == ('keras', 'numpy', 'op_determinism', 'python', 'tensorflow'), done\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr[-2000:]
