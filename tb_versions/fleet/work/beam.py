"""Gives the work on many things to Apache Beam, on whatever engine its options name.

Every verb has this one pipeline: things, some at a time, to a function, which counts. What it could not do it writes
down itself, so that this works with every runner. A runner may start a worker again, or two with the same things: the
function must do nothing twice. Every worker must reach all folders by the names that were given: a shared file system,
or URLs.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError, StorageError

_NAMESPACE = "tb_versions"
_LONGEST_REASON = 300
_RUNNER = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"  # Beam's default one downloads a program


class Beam:
    """Runs a pipeline; see `leading.Engine`."""

    def __init__(self, options: Sequence[str] = (), *, at_a_time: tuple[int, int] = (1, 200)) -> None:
        """Starts nothing yet.

        Args:
            options: Of the pipeline, such as `--runner=DataflowRunner`; without a runner it runs in this process.
            at_a_time: Least and most things that a worker gets at a time.

        Raises:
            MissingDependencyError: Apache Beam is not installed.
            InvalidQueryError: It does not know an option.
        """
        try:
            import apache_beam  # noqa: F401 - whether it is there
        except ImportError as error:
            raise MissingDependencyError(
                "--runner beam needs Apache Beam: pip install 'tensorboard-plugin-versions[beam]' in an environment of "
                "its own."
            ) from error
        self._at_a_time = at_a_time
        self._options = _read(options)

    def __call__(self, things: Sequence[Any], work: Callable[[Sequence[Any]], Mapping[str, int]], /) -> Counter[str]:
        """Runs the pipeline.

        Raises:
            StorageError: It failed.
        """
        import apache_beam as beam

        least, most = self._at_a_time
        pipeline = beam.Pipeline(options=self._options)
        _ = (
            pipeline
            | "Things" >> beam.Create(list(things))
            | "Spread" >> beam.Reshuffle()
            | "Several" >> beam.BatchElements(min_batch_size=least, max_batch_size=most)
            | "Work" >> beam.Map(count, work)
        )
        try:
            result = pipeline.run()
            result.wait_until_finish()
        except Exception as error:
            reason = visible(" ".join(str(error).split()))[:_LONGEST_REASON]
            raise StorageError(f"The pipeline failed: {reason}. What it did stays; run it again to go on.") from error
        return _counted(result)


def _read(options: Sequence[str]) -> Any:
    """The options of a pipeline; raises InvalidQueryError."""
    from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            read = PipelineOptions(list(options))
            known = read.get_all_options(drop_default=True)
            given = read.get_all_options(drop_default=True, retain_unknown_options=True)
    except (SystemExit, ValueError) as error:
        why = said.getvalue().strip().rpartition("error: ")[2] or str(error)
        raise InvalidQueryError(f"Apache Beam does not take {_shown(options)}: {visible(why)}.") from error
    strays = [each for before, each in pairwise(["", *options]) if each[:1] != "-" and ("=" in before or not before)]
    runner = read.view_as(StandardOptions).runner
    if not runner:
        read.view_as(StandardOptions).runner = _RUNNER
    unknown = [f"--{name}" for name in given.keys() - known.keys()] if runner in (None, _RUNNER) else []
    if strays or unknown:  # other runners have options of their own, which they know when they run
        raise InvalidQueryError(f"Apache Beam does not know {_shown(strays or sorted(unknown))}.")
    return read


def _shown(options: Sequence[str]) -> str:
    return visible(" ".join(options))[:_LONGEST_REASON]


def count(things: Sequence[Any], work: Callable[[Sequence[Any]], Mapping[str, int]]) -> None:
    """Works on some things, and adds what was counted to the pipeline's counters; runs in a worker.

    Args:
        things: Some of them.
        work: As of `leading.Engine`.
    """
    from apache_beam.metrics import Metrics

    for name, number in work(things).items():
        Metrics.counter(_NAMESPACE, name).inc(number)


def _counted(result: Any) -> Counter[str]:
    """The sum of each counter over all workers."""
    from apache_beam.metrics import MetricsFilter

    counts: Counter[str] = Counter()
    for each in result.metrics().query(MetricsFilter().with_namespace(_NAMESPACE))["counters"]:
        counts[each.key.metric.name] += each.committed or each.attempted or 0
    return counts
