"""What golden outputs add to publishing a model of 20 MB, beside the start of TensorFlow in another process."""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
import warnings
from typing import Any

from bench.commands import process
from bench.figures import Report, Sample, Subject, interleave, median

LIMIT = 3.0
"""Seconds more than TensorFlow's own start, which is measured between."""

_WIDTH = 2_290
"""A square kernel of so many rows has 20 MiB of float32."""

_EXAMPLES = 16


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the figures: the start of TensorFlow, and what golden outputs add to it."""
    import numpy as np

    model, inputs = _model(), np.random.default_rng(0).normal(size=(_EXAMPLES, _WIDTH)).astype("float32")
    start = process([sys.executable, "-c", "import tensorflow"], {"CUDA_VISIBLE_DEVICES": "-1"})
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no run is linked
        plain, golden, started = interleave(
            runs, _published(model, folder, None), _published(model, folder, inputs), start
        )
    report.add("golden.tensorflow_start", started, note="import tensorflow in a new process")
    report.add("golden.publish", plain, note="20 MB, without golden outputs")
    report.add("golden.publish_with", golden, note=f"with {_EXAMPLES} examples")
    added = [each.wall - median(plain) - begun.wall for each, begun in zip(golden, started, strict=True)]
    limit_of = "beside TensorFlow's own start"
    report.add("golden.added", added, limit=LIMIT, limit_of=limit_of)
    cpu = statistics.median(sample.cpu or 0 for sample in plain)
    added = [(each.cpu or 0) - cpu - (begun.cpu or 0) for each, begun in zip(golden, started, strict=True)]
    report.add(
        "golden.added_cpu", added, limit=LIMIT, limit_of=f"CPU, {limit_of}"
    )  # what a busy machine hardly changes


def _model() -> Any:
    import tensorflow as tf

    module = tf.Module()
    module.kernel = tf.Variable(tf.random.stateless_normal([_WIDTH, _WIDTH], [1, 2]))
    module.call = tf.function(
        lambda x: tf.nn.softmax(tf.linalg.matmul(x, module.kernel)),
        input_signature=[tf.TensorSpec([None, _WIDTH], tf.float32, name="x")],
    )
    return module


def _published(model: Any, folder: str, golden: Any) -> Subject:
    import tb_versions as tbv

    def publish() -> None:
        nothing = tbv.Capture(code=False, environment=False, hardware=False)
        version = tbv.publish(
            model,
            folder,
            name="digits",
            golden=golden,
            signatures=model.call,
            capture=nothing,
            strict=True,
        )
        assert version is not None
        assert (version.manifest.golden is not None) == (golden is not None)

    def measure() -> Sample:
        before, started = _cpu(), time.perf_counter()
        publish()
        return Sample(time.perf_counter() - started, _cpu() - before)

    return measure


def _cpu() -> float:
    """Seconds of CPU of this process and of those that it started and that ended."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
