"""Event files made by hand, to the byte, and a reader of them that shares no code with the package."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

Points = list[tuple[int, float, float]]
"""(step, wall time, value), by ascending step."""


def record(event: event_pb2.Event) -> bytes:
    """An event as it stands in a file."""
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked_crc32c(length)), data, struct.pack("<I", masked_crc32c(data))])


def scalar(tag: str, step: int, value: float, *, wall_time: float) -> bytes:
    """One point."""
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    return record(event_pb2.Event(step=step, wall_time=wall_time, summary=summary))


def begin(wall_time: float) -> bytes:
    """What a file begins with."""
    return record(event_pb2.Event(wall_time=wall_time, file_version="brain.Event:2"))


def write_long_run(folder: Path, values: NDArray[np.float32], *, tag: str, start: float) -> Path:
    """Writes a curve of any length, a point a second, in one event file: 50 times as fast as a writer in Python."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{int(start)}.made.1.0"
    first = 1 << 21  # all steps from here to 2^28 take four bytes
    count = len(values)
    one = event_pb2.Event(
        wall_time=1.0,
        step=first,
        summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=1.0)]),
    ).SerializeToString()
    rows = np.tile(np.frombuffer(struct.pack("<Q", len(one)) + b"CRC1" + one + b"CRC2", np.uint8), (count, 1))
    steps = first + np.arange(count)
    body = rows[:, 12:-4]
    _put(body, one, struct.pack("<d", 1.0), (start + np.arange(count)).astype("<f8"))
    place = one.index(b"\x10") + 1
    for byte in range(4):
        body[:, place + byte] = (steps >> (7 * byte) & 0x7F) | (0x80 if byte < 3 else 0)
    _put(body, one, struct.pack("<f", 1.0), values.astype("<f4"), last=True)
    rows[:, 8:12] = np.frombuffer(struct.pack("<I", masked_crc32c(struct.pack("<Q", len(one)))), np.uint8)
    rows[:, -4:] = _masked(body).astype("<u4").view(np.uint8).reshape(count, 4)
    with path.open("wb") as file:
        file.write(begin(start))
        rows.tofile(file)
    return path


FIRST_STEP = 1 << 21
"""Step of the first point of a long run."""


def _put(body: NDArray[np.uint8], one: bytes, old: bytes, new: NDArray[np.generic], *, last: bool = False) -> None:
    place = one.rindex(old) if last else one.index(old)
    body[:, place : place + len(old)] = new.view(np.uint8).reshape(len(new), -1)


def _masked(body: NDArray[np.uint8]) -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> np.uint32(1)) ^ np.uint32(0x82F63B78), table >> np.uint32(1))
    crc = np.full(len(body), 0xFFFFFFFF, np.uint32)
    for column in range(body.shape[1]):
        crc = table[(crc ^ body[:, column]) & 0xFF] ^ (crc >> np.uint32(8))
    crc = ~crc
    return ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(0xA282EAD8)


def every_point(folder: Path) -> dict[str, Points]:
    """Every scalar of a run's event files as TensorBoard's data server keeps it if it keeps all.

    A point removes earlier ones of its step and of higher steps. The first value of a tag says whose it is.
    """
    curves: dict[str, list[tuple[int, float, float | None]]] = {}
    owners: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and "tfevents" in path.name:
            for event in _events(path.read_bytes()):
                for value in event.summary.value:
                    owner = "scalars" if value.WhichOneof("value") == "simple_value" else _plugin(value)
                    if owners.setdefault(value.tag, owner) == "scalars":
                        _add(curves.setdefault(value.tag, []), event, value)
    return {tag: [(s, t, v) for s, t, v in points if v is not None] for tag, points in curves.items()}


def _events(data: bytes) -> Iterable[event_pb2.Event]:
    place = 0
    while place + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        end = place + 12 + length + 4
        if end > len(data):
            return
        yield event_pb2.Event.FromString(data[place + 12 : end - 4])
        place = end


def _plugin(value: summary_pb2.Summary.Value) -> str:
    return str(value.metadata.plugin_data.plugin_name)


def _add(
    points: list[tuple[int, float, float | None]], event: event_pb2.Event, value: summary_pb2.Summary.Value
) -> None:
    while points and points[-1][0] >= event.step:
        points.pop()
    points.append((event.step, event.wall_time, _number(value)))


def _number(value: summary_pb2.Summary.Value) -> float | None:
    if value.WhichOneof("value") == "simple_value":
        return float(value.simple_value)
    tensor = value.tensor
    if tensor.dtype != types_pb2.DT_FLOAT or tensor.tensor_shape.dim:
        return None
    if len(tensor.float_val) == 1:
        return float(tensor.float_val[0])
    return float(struct.unpack("<f", tensor.tensor_content)[0]) if len(tensor.tensor_content) == 4 else None


def best(points: Points, goal: str) -> tuple[int, float] | None:
    """Step and value of the best point, the first of equals."""
    numbers = [(step, value) for step, _, value in points if value == value]
    if not numbers:
        return None
    return (max if goal == "max" else min)(numbers, key=lambda point: point[1])


def written_points(path: Path) -> dict[str, Points]:
    """Every scalar of one event file, in the order in which they were written."""
    found: dict[str, Points] = {}
    for event in _events(path.read_bytes()):
        for value in event.summary.value:
            number = _number(value)
            found.setdefault(value.tag, []).append((event.step, event.wall_time, np.nan if number is None else number))
    return found


def at_export(
    points: Points, step: int, exported: float, begun: Iterable[float] = (), files: Iterable[Points] = ()
) -> float | str | None:
    """The value when a version was exported; "unknown" if newer points may have replaced it; None before the first.

    Args:
        points: The curve.
        step: Of the export.
        exported: Its time.
        begun: When the files of the run were begun.
        files: All points of this curve that each file has, in the order in which they were written.
    """
    before = [point for point in points if point[0] <= step]
    if not before:
        return None
    newer = [point for point in before if point[1] > exported + 0.1]
    (last, written, value), others = before[-1], newer[:-1]
    again = any(time <= exported for time in begun) and any(exported < time <= written for time in begun)
    if newer and (last != step or others or written > exported + 10 or again):
        return "unknown"
    if last != step or written <= exported + 0.001:
        return value
    same = _again(before[-1], [list(points) for points in files])
    if not same:
        return value
    older = [point for point in same if point[1] <= exported + 0.1]
    is_unsure = any(exported + 0.001 < point[1] <= exported + 0.1 for point in [before[-1], *same])
    return older[-1][2] if older and older[-1][0] == step and not is_unsure else "unknown"


def _again(point: tuple[int, float, float], files: list[Points]) -> Points:
    """What was written before a point in the same file, of its step or of later ones, without a lower step behind."""
    for written in reversed(files):
        places = [place for place, one in enumerate(written) if one[:2] == point[:2]]
        if places:
            before = written[: places[-1]]
            lower = [place for place, one in enumerate(before) if one[0] < point[0]]
            return before[lower[-1] + 1 if lower else 0 :]
    return []


def summary(folder: Path, exports: Mapping[int, float]) -> dict[str, tuple[object, ...]]:
    """Tag to highest, lowest, last, and the value at each export (step to its time)."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    begun = [event.wall_time for path in files for event in islice(_events(path.read_bytes()), 1)]
    written = [written_points(path) for path in files]
    told: dict[str, tuple[object, ...]] = {}
    for tag, points in every_point(folder).items():
        last = (points[-1][0], points[-1][2]) if points else None
        of_files = [of.get(tag, []) for of in written]
        values = [at_export(points, step, time, begun, of_files) for step, time in sorted(exports.items())]
        told[tag] = (best(points, "max"), best(points, "min"), last, *values)
    return told
