"""Reads an exported experiment like one of TensorBoard's DataProviders; it has the methods that a catalog needs."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import orjson
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tensorboard.compat.proto import summary_pb2
from tensorboard.data import provider

from tb_versions.core.manifest import MANIFEST_LIMIT
from tb_versions.core.metadata import PLUGIN_NAME, tag_of
from tb_versions.errors import InvalidExportError
from tb_versions.exports.container import MAX_VALUES, too_many_values
from tb_versions.exports.tensorboard_dev.reading import MAX_SHOWN_FILE, ExperimentFolder
from tb_versions.read.curves.curve_reader import SCALARS

MAX_LINES = 200_000
"""Most lines of `scalars.json` or `tensors.json`; 10,000 runs of five curves each have 50,000."""

MAX_NUMBERS = 2 * MAX_VALUES
"""Most values of all lines, counted as in a section; 5,000 curves of 1,000 points each have half of that."""

_SPECIAL = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


class _Series(NamedTuple):
    """One line of `scalars.json` or `tensors.json`; a manifest stands for the values of a tensor."""

    metadata: summary_pb2.SummaryMetadata
    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.float64]
    manifest: str = ""


_Found = dict[str, dict[str, _Series]]


class ExperimentProvider:
    """Returns the scalars and the manifests of an experiment. The experiment id is ignored: there is one."""

    def __init__(self, folder: ExperimentFolder) -> None:
        """Reads nothing yet; each method raises InvalidExportError if a file is malformed."""
        self._folder = folder

    def list_runs(self, ctx: Any = None, *, experiment_id: str) -> list[provider.Run]:
        """Every run."""
        first: dict[str, float] = {}
        for found in (self._scalars, self._tensors):
            for run, series in found.items():
                times = [float(one.wall_times[0]) for one in series.values() if len(one.wall_times)]
                first[run] = min([first.get(run, np.inf), *times])
        return [provider.Run(run_id=run, run_name=run, start_time=start) for run, start in first.items()]

    def list_scalars(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Mapping[str, Mapping[str, Any]]:
        """Scalar time series."""
        return self._listed(self._scalars, (plugin_name, SCALARS), run_tag_filter, provider.ScalarTimeSeries)

    def arrays(self, asked: Any) -> dict[str, dict[str, tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]]:
        """Steps, wall times and values of every point, run by run and tag by tag."""
        return {
            run: {tag: (one.steps, one.wall_times, one.values) for tag, one in series.items()}
            for run, series in _passing(self._scalars, asked).items()
        }

    def list_tensors(
        self, ctx: Any = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Mapping[str, Mapping[str, Any]]:
        """The announcements of the versions."""
        return self._listed(self._tensors, (plugin_name, PLUGIN_NAME), run_tag_filter, provider.TensorTimeSeries)

    def read_tensors(
        self,
        ctx: Any = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> Mapping[str, Mapping[str, Sequence[Any]]]:
        """The manifests."""
        if plugin_name != PLUGIN_NAME:
            return {}
        return {
            run: {tag: [self._manifest(one)] for tag, one in series.items()}
            for run, series in _passing(self._tensors, run_tag_filter).items()
        }

    def _listed(self, found: _Found, names: tuple[str, str], asked: Any, cls: Any) -> dict[str, dict[str, Any]]:
        if names[0] != names[1]:
            return {}
        return {
            run: {tag: _described(one, cls) for tag, one in series.items()}
            for run, series in _passing(found, asked).items()
        }

    def _manifest(self, series: _Series) -> Any:
        data = self._folder.read(series.manifest, MANIFEST_LIMIT)
        return provider.TensorDatum(
            step=int(series.steps[0]), wall_time=float(series.wall_times[0]), numpy=np.array(data, dtype=object)
        )

    @cached_property
    def _scalars(self) -> _Found:
        found: _Found = {}
        for place, line in self._lines("scalars.json"):
            made = self._checked("scalars.json", place, partial(_scalars_of, line))
            found.setdefault(line["run"], {})[line["tag"]] = made
        return found

    @cached_property
    def _tensors(self) -> _Found:
        """Line n is version n of the index."""
        lines, versions = list(self._lines("tensors.json")), list(self._folder.manifests())
        if len(lines) != len(versions):
            raise InvalidExportError(f"{self._folder.path} lists other versions than tensors.json holds.")
        found: _Found = {}
        for (place, line), version, entry in zip(lines, versions, self._folder.index["versions"], strict=True):
            tag = tag_of(version.model, version.number)
            made = self._checked("tensors.json", place, partial(_tensor_of, line, tag))
            found.setdefault(line["run"], {})[tag] = made._replace(manifest=entry["manifest"])
        return found

    def _checked(self, name: str, place: int, make: Callable[[], _Series]) -> _Series:
        try:
            return make()
        except _FAULTS as error:
            raise self._fault(name, place) from error

    def _lines(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        data = self._folder.read(name, MAX_SHOWN_FILE)
        if data.count(b"\n") > MAX_LINES:
            raise self._too_much(name, f"{MAX_LINES:,} lines")
        if too_many_values(data, MAX_NUMBERS):
            raise self._too_much(name, f"{MAX_NUMBERS:,} values")
        for place, line in enumerate(io.BytesIO(data), 1):
            if too_many_values(line):
                raise self._fault(name, place)
            fields = _object(line)
            if not (isinstance(fields.get("run"), str) and isinstance(fields.get("tag"), str)):
                raise self._fault(name, place)
            yield place, fields

    def _too_much(self, name: str, most: str) -> InvalidExportError:
        return InvalidExportError(f"{name} in {self._folder.path} has more than {most}, the most that are shown.")

    def _fault(self, name: str, place: int) -> InvalidExportError:
        return InvalidExportError(f"Line {place:,} of {name} in {self._folder.path} is not one that an export has.")


_FAULTS = (KeyError, TypeError, ValueError, OverflowError, IndexError, binascii.Error, DecodeError)


def _object(line: bytes) -> dict[str, Any]:
    """A line's JSON; {} where it is no object."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _scalars_of(line: Mapping[str, Any]) -> _Series:
    values = [_SPECIAL[value] if isinstance(value, str) else value for value in line["points"]["values"]]
    return _series(line, np.array(values, np.float64))


def _tensor_of(line: Mapping[str, Any], tag: str) -> _Series:
    if line["tag"] != tag:
        raise ValueError(tag)
    return _series(line, np.zeros(1))


def _series(line: Mapping[str, Any], values: NDArray[np.float64]) -> _Series:
    points = line["points"]
    steps, wall_times = np.array(points["steps"]), np.array(points["wall_times"], np.float64)
    if not (steps.shape == wall_times.shape == values.shape and steps.ndim == 1 and len(steps)):
        raise ValueError("lengths")
    if steps.dtype != np.int64:
        raise ValueError("steps")
    metadata = summary_pb2.SummaryMetadata.FromString(base64.b64decode(line["summary_metadata"], validate=True))
    return _Series(metadata, steps, wall_times, values)


def _described(series: _Series, cls: Any) -> Any:
    metadata = series.metadata
    return cls(
        max_step=int(series.steps.max()),
        max_wall_time=float(series.wall_times.max()),
        plugin_content=metadata.plugin_data.content,
        description=metadata.summary_description,
        display_name=metadata.display_name,
    )


def _passing(found: _Found, asked: Any) -> _Found:
    runs = None if asked is None or asked.runs is None else dict.fromkeys(asked.runs)
    tags = None if asked is None or asked.tags is None else set(asked.tags)
    passing = {
        run: {tag: one for tag, one in found[run].items() if tags is None or tag in tags}
        for run in (found if runs is None else runs)
        if run in found
    }
    return {run: series for run, series in passing.items() if series}
