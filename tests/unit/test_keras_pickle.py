"""The callback can be pickled and copied, as Keras' own callbacks can."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv

pytestmark = [pytest.mark.tensorflow]

ROOT = Path(__file__).resolve().parents[2]
NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


class Mine(tbv.keras.PublishVersions):
    """A subclass that pickle can find by its name."""


def trained(publisher: Any) -> Any:
    import keras

    model = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=1, verbose=0, callbacks=[publisher])
    return publisher


@pytest.mark.parametrize("cls", [tbv.keras.PublishVersions, Mine])
@pytest.mark.parametrize("copied", [lambda o: pickle.loads(pickle.dumps(o)), copy.copy, copy.deepcopy])
def test_a_copy_trains_as_the_original_would(tmp_path: Path, cls: Any, copied: Any) -> None:
    import keras

    publisher = copied(cls(tmp_path / "models", name="m", monitor="loss", capture=NOTHING))
    assert isinstance(publisher, cls)
    assert isinstance(publisher, keras.callbacks.Callback)
    assert [version.reference for version in trained(publisher).versions] == ["m:1"]


def test_after_a_training_the_versions_are_kept(tmp_path: Path) -> None:
    publisher = trained(tbv.keras.PublishVersions(tmp_path / "models", name="m", monitor="loss"))
    copied = pickle.loads(pickle.dumps(publisher))
    assert copied.versions == publisher.versions
    assert copied.best == publisher.best
    assert [version.number for version in trained(copied).versions][:1] == [1]


def test_another_process_reads_it(tmp_path: Path) -> None:
    data = pickle.dumps(tbv.keras.PublishVersions(tmp_path / "models", name="m", monitor="loss"))
    script = "import pickle, sys; print(type(pickle.load(sys.stdin.buffer)).__mro__[1].__module__)"
    done = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == b"tb_versions.keras"
