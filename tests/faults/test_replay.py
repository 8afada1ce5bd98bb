"""Models that hang or take memory without end are stopped, and that is the result."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from tb_versions.core.golden.file import Asked, write
from tb_versions.core.golden.running import ask
from tb_versions.core.limited import Limits
from tests.support.effort import FULL

pytestmark = [pytest.mark.faults, pytest.mark.tensorflow]

ASKED = write({"serving_default": Asked({"x": np.ones(3, "float32")}, {"output_0": np.ones(3, "float32")})})


def exported(folder: Path, call: Any) -> str:
    import tensorflow as tf

    module = tf.Module()
    module.call = tf.function(call, input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    tf.saved_model.save(module, str(folder), signatures=module.call)
    return str(folder)


def test_a_model_that_hangs_is_stopped_with_all_its_processes(tmp_path: Path) -> None:
    import tensorflow as tf

    def hang(x: Any) -> Any:
        return tf.while_loop(lambda each: tf.reduce_all(each < 10.0), lambda each: (each * 1.0,), (x,))[0]

    folder = exported(tmp_path / "m", hang)
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    seconds = 30 if FULL else 12
    outcome = ask("digits:1", folder, ASKED, limits=Limits(seconds=seconds)).outcome
    assert outcome.problem == f"digits:1 gave no answer. It was stopped after {seconds} s."
    assert {each.pid for each in psutil.Process().children(recursive=True)} <= before


def test_a_model_that_takes_memory_without_end_is_stopped(tmp_path: Path) -> None:
    import tensorflow as tf

    def grow(x: Any) -> Any:
        shapes = (tf.TensorShape([None]),)
        return tf.while_loop(
            lambda each: tf.reduce_sum(each) >= 0.0,
            lambda each: (tf.concat([each, each], 0) + 1.0,),
            (x,),
            shape_invariants=shapes,
        )[0]

    outcome = ask("digits:1", exported(tmp_path / "m", grow), ASKED, limits=Limits(120, 2 << 30)).outcome
    assert not outcome.ok
    assert any(why in outcome.problem for why in ("more than 2.0 GiB", "It ended by")) or "fails" in str(outcome.notes)


def test_single_bits_that_change_a_kernel_change_the_verdict(tmp_path: Path) -> None:
    """The data of variables has checksums; a graph has none, and answers otherwise without complaint."""
    import tensorflow as tf

    folder = exported(tmp_path / "m", lambda x: x * tf.constant(np.float32(1.2345678)) - np.float32(0.2345678))
    ran = ask("digits:1", folder, ASKED, keeps_answers=True)
    assert ran.outcome.ok
    graph = (tmp_path / "m/saved_model.pb").read_bytes()
    pattern = np.float32(1.2345678).tobytes()
    at = graph.index(pattern) + 2
    shutil.copytree(tmp_path / "m", tmp_path / "flipped")
    flipped = graph[:at] + bytes([graph[at] ^ 1]) + graph[at + 1 :]
    (tmp_path / "flipped/saved_model.pb").write_bytes(flipped)
    outcome = ask("digits:1", str(tmp_path / "flipped"), ran.answers).outcome
    assert not outcome.ok
