"""TensorBoard plumbing that the write side and the read side share: names, tags, summary metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tb_versions.core.codec import Announcement, encode_announcement, manifest_digest, schema_of
from tb_versions.core.manifest import MAX_NUMBER, one_form

if TYPE_CHECKING:  # TensorBoard's protos take 70 ms, which a command that reads no event files need not wait
    from tensorboard.compat.proto import summary_pb2

PLUGIN_NAME = "versions"
"""Name of the plugin in TensorBoard: its route, its tab's hash, its summaries' plugin name."""

CHILD_RUN = "versions"
"""Folder inside a run's folder which holds announcements that could not go through the run's own writer."""

TRAINING_RUNS = ("train", "validation")
"""Runs that Keras' callback makes below the run of a training."""

_TAG = re.compile(r"versions/([^/]{1,128})/([0-9]{1,19})", re.ASCII)


def tag_of(model: str, number: int) -> str:
    """Returns the tag that announces a version: one per version, as TensorBoard keeps only a sample of a tag."""
    return f"{PLUGIN_NAME}/{model}/{number}"


def parse_tag(tag: str) -> tuple[str, int] | None:
    """Returns the model and number that a tag announces, or None for any other tag."""
    match = _TAG.fullmatch(tag)
    if match is None or int(match[2]) > MAX_NUMBER:
        return None
    return one_form(match[1]), int(match[2])


def summary_metadata(manifest: bytes, *, location: str = "") -> summary_pb2.SummaryMetadata:
    """Returns the metadata of an announcement.

    Args:
        manifest: The manifest's bytes, as on disk.
        location: The version's folder relative to the run's folder, POSIX; "" where unknown.
    """
    from tensorboard.compat.proto import summary_pb2

    content = encode_announcement(
        Announcement(schema_version=schema_of(manifest), manifest_digest=manifest_digest(manifest), location=location)
    )
    return summary_pb2.SummaryMetadata(
        display_name="",
        data_class=summary_pb2.DATA_CLASS_TENSOR,
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content),
    )


def announcement_pb(model: str, number: int, manifest: bytes, *, location: str = "") -> summary_pb2.Summary:
    """Returns the summary that announces a version: one value, a scalar string tensor of the manifest's bytes.

    There is always a tensor: a value without one breaks TensorBoard's listing of the whole plugin.
    """
    from tensorboard.compat.proto import summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2

    tensor = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING, string_val=[manifest], tensor_shape=tensor_shape_pb2.TensorShapeProto()
    )
    value = summary_pb2.Summary.Value(
        tag=tag_of(model, number), tensor=tensor, metadata=summary_metadata(manifest, location=location)
    )
    return summary_pb2.Summary(value=[value])


def training_of(run: str) -> str:
    """Returns the training that a run belongs to, by Keras' convention: `mlp` for `mlp/train`."""
    parent, _, last = run.rpartition("/")
    return parent if parent and last in TRAINING_RUNS else run
