"""Announces a version in a run's event file, through the writer that is there. Does not load TensorFlow itself.

A second event file in the folder of a run that is still being written would end that run's curves: TensorBoard's
multiplexer never reads the first file again. So an announcement goes through the run's own writer, or into a
separate folder.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_versions.core.metadata import CHILD_RUN
from tb_versions.core.storage import fsync_folder, local_path
from tb_versions.write.values import to_step, type_name

ACCEPTED_WRITERS = (
    "a tf.summary writer (tf.summary.create_file_writer), TensorBoard's EventFileWriter, or the SummaryWriter "
    "of torch.utils.tensorboard or tensorboardX"
)


@dataclass(frozen=True)
class Announcer:
    """A way to announce.

    Attributes:
        write: Writes a summary at a step; returns whether the summary was recorded.
        run_dir: Folder of the run that it writes to; None if that can't be known.
        writer: What it writes with; None where it makes event files of its own.
    """

    write: Callable[[summary_pb2.Summary, int], bool]
    run_dir: str | None = None
    writer: Any = None

    def flush(self) -> None:
        """Makes the run's event file begin, if it has not: some writers keep even its first record in memory."""
        with contextlib.suppress(Exception):  # a writer that is closed fails when it announces, and is reported then
            self.writer.flush()


def find_announcer(writer: object = None, run_dir: str | os.PathLike[str] | None = None) -> Announcer | None:
    """Returns the best way to announce, or None if there is none.

    Args:
        writer: The writer to use, see `ACCEPTED_WRITERS`. Default: TensorFlow's default writer, if one is set.
        run_dir: Folder of the run. Without a writer, announcements go to `<run_dir>/versions`.

    Raises:
        TypeError: The writer is of an unknown kind.
        UnsupportedStorageError: The run's folder is remote and there is no writer.
    """
    folder = None if run_dir is None else os.fspath(run_dir)
    if writer is not None:
        return _of_writer(writer, folder)
    tf = sys.modules.get("tensorflow")
    default = _default_writer(tf)
    if tf is not None and default is not None:
        return Announcer(lambda summary, step: _write_default(tf, summary, step), folder or folder_of(default), default)
    return None if folder is None else in_own_folder(folder)


def in_own_folder(run_dir: str) -> Announcer:
    """Returns an announcer that writes whole event files into `<run_dir>/versions`.

    Raises:
        UnsupportedStorageError: The folder is remote.
    """
    child = os.path.join(local_path(run_dir), CHILD_RUN)
    return Announcer(lambda summary, step: _write_own_file(child, summary, step), run_dir)


def through_tensorflow(writer: Any, run_dir: str | None = None) -> Announcer:
    """Returns an announcer that writes through a tf.summary writer, even where `tf.summary.record_if` is false."""
    tf: Any = sys.modules["tensorflow"]

    def write(summary: summary_pb2.Summary, step: int) -> bool:
        with writer.as_default(), tf.summary.record_if(True):
            return _write_default(tf, summary, step)

    return Announcer(write, run_dir or folder_of(writer), writer)


def default_step() -> int | None:
    """Returns the step set with `tf.summary.experimental.set_step` or `as_default(step)`, or None."""
    tf = sys.modules.get("tensorflow")
    try:
        return None if tf is None else to_step(tf.summary.experimental.get_step(), "The default step")
    except (AttributeError, TypeError):
        return None


def inside_tf_function() -> bool:
    """Returns whether a tf.function is being traced: Python code in it runs once, not at every call."""
    tf = sys.modules.get("tensorflow")
    try:
        return tf is not None and bool(tf.inside_function())
    except AttributeError:
        return False


def relative_location(version_folder: str | os.PathLike[str], run_dir: str | None) -> str:
    """Returns the relative POSIX path from a run's folder to a version's folder.

    "" if the run's folder is unknown or remote. Also "" if the path would lead through the root or the parent of the
    home folder, as in `../../../bob/models`: it would reveal names of folders that have nothing to do with training.
    """
    if run_dir is None or "://" in run_dir:
        return ""
    try:
        start, goal = os.path.abspath(run_dir), os.path.abspath(version_folder)
    except FileNotFoundError:  # the current folder was deleted
        return ""
    common = os.path.commonpath([start, goal])
    home = os.path.abspath(os.path.expanduser("~"))
    if common == os.sep or (common != home and os.path.commonpath([common, home]) == common):
        return ""
    return os.path.relpath(goal, start).replace(os.sep, "/")


def folder_of(writer: object) -> str | None:
    """Returns the folder that a tf.summary writer writes to, or None: TensorFlow has no public way to ask.

    Trackable writers keep it in a private attribute. Otherwise, if this process has event files open for
    writing in only one folder, it is that folder.
    """
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        logdir = writer._init_op_fn.keywords["logdir"]  # type: ignore[attr-defined]
        return os.fsdecode(logdir.numpy() if hasattr(logdir, "numpy") else logdir)
    folders = set()
    with contextlib.suppress(OSError):
        for descriptor in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                folder, name = os.path.split(os.readlink(f"/proc/self/fd/{descriptor}"))
                if ".tfevents." in name and _is_open_for_writing(descriptor):
                    folders.add(folder)
    return folders.pop() if len(folders) == 1 else None


def _is_open_for_writing(descriptor: str) -> bool:
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
        flags = next(line.split()[1] for line in file if line.startswith("flags:"))
    return int(flags, 8) & os.O_ACCMODE != os.O_RDONLY


def _default_writer(tf: Any) -> object | None:
    """TensorFlow's default summary writer; there is no public name for it."""
    if tf is None:
        return None
    try:
        if not tf.executing_eagerly():
            return None
        module: Any = sys.modules["tensorflow.python.ops.summary_ops_v2"]
        writer: object = module._summary_state.writer
        return writer
    except (AttributeError, KeyError):
        return None


def _write_default(tf: Any, summary: summary_pb2.Summary, step: int) -> bool:
    (value,) = summary.value
    (manifest,) = value.tensor.string_val
    metadata = value.metadata.SerializeToString()
    written = bool(tf.summary.write(value.tag, tf.constant(manifest), step=step, metadata=metadata))
    if written:
        tf.summary.flush()
    return written


def _of_writer(writer: Any, run_dir: str | None) -> Announcer:
    if isinstance(writer, Announcer):
        return writer
    if "tensorflow" in sys.modules and hasattr(writer, "as_default") and hasattr(writer, "flush"):
        tf = sys.modules["tensorflow"]

        def write(summary: summary_pb2.Summary, step: int) -> bool:
            with writer.as_default():
                return _write_default(tf, summary, step)

        return Announcer(write, run_dir or folder_of(writer), writer)
    if hasattr(writer, "add_scalar") and hasattr(writer, "file_writer"):
        folder = run_dir or _logdir(writer)
        return Announcer(lambda summary, step: _write_torch(writer, summary, step), folder, writer)
    if hasattr(writer, "add_event") and hasattr(writer, "flush"):
        folder = run_dir or _logdir(writer)
        return Announcer(lambda summary, step: _write_event(writer, summary, step), folder, writer)
    raise TypeError(f"writer must be {ACCEPTED_WRITERS}, not {type_name(writer)}.")


def _logdir(writer: Any) -> str | None:
    with contextlib.suppress(AttributeError, TypeError):
        folder: str = os.fspath((getattr(writer, "file_writer", None) or writer).get_logdir())
        return folder
    return None


def _write_event(writer: Any, summary: summary_pb2.Summary, step: int) -> bool:
    writer.add_event(_event(summary, step))
    writer.flush()
    return True


def _write_torch(writer: Any, summary: summary_pb2.Summary, step: int) -> bool:
    file_writer = writer.file_writer
    if file_writer is None:
        raise RuntimeError("the SummaryWriter is closed")
    protos = sys.modules.get(f"{type(writer).__module__.partition('.')[0]}.proto.summary_pb2")
    if protos is not None:  # tensorboardX has proto classes of its own
        summary = protos.Summary.FromString(summary.SerializeToString())
    file_writer.add_summary(summary, step)
    writer.flush()
    return True


def _write_own_file(folder: str, summary: summary_pb2.Summary, step: int) -> bool:
    """Writes a whole event file and then renames it; names sort by time because the multiplexer reads in that order."""
    from tensorboard.summary.writer.record_writer import RecordWriter

    os.makedirs(folder, exist_ok=True)
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    unique = uuid.uuid4().hex[:12]
    temporary = os.path.join(folder, f".tmp-{unique}")
    try:
        with open(temporary, "xb") as file:
            records = RecordWriter(file)
            records.write(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
            records.write(_event(summary, step).SerializeToString())
            file.flush()
            os.fsync(file.fileno())
        os.rename(
            temporary,
            os.path.join(folder, f"events.out.tfevents.{seconds:010d}.{nanoseconds:09d}.{os.getpid()}.{unique}"),
        )
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    fsync_folder(folder)
    return True


def _event(summary: summary_pb2.Summary, step: int) -> event_pb2.Event:
    return event_pb2.Event(wall_time=time.time(), step=step, summary=summary)
