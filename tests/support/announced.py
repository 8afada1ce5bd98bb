"""Reads announcements back as TensorBoard does with `--load_fast=false`."""

from __future__ import annotations

from pathlib import Path

from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

from tb_versions.core.codec import decode, decode_announcement, manifest_digest
from tb_versions.core.manifest import VersionManifest
from tb_versions.core.metadata import PLUGIN_NAME, parse_tag


def announcements(logdir: Path) -> dict[tuple[str, str], tuple[VersionManifest, int, str]]:
    """(run, "model:number") → the announced manifest, its step, and the location."""
    multiplexer = EventMultiplexer(tensor_size_guidance={"versions": 0})
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    found = {}
    for run, tags in multiplexer.PluginRunToTagToContent(PLUGIN_NAME).items():
        for tag, content in tags.items():
            (event,) = multiplexer.Tensors(run, tag)
            (data,) = event.tensor_proto.string_val
            announcement = decode_announcement(content)
            assert announcement.manifest_digest == manifest_digest(data)
            manifest = decode(data)
            assert parse_tag(tag) == (manifest.model, manifest.number)
            found[run, manifest.reference] = manifest, event.step, announcement.location
    return found


def event_files(logdir: Path) -> dict[str, int]:
    """Run → how many event files its folder holds."""
    counts: dict[str, int] = {}
    for path in logdir.rglob("*tfevents*"):
        run = path.parent.relative_to(logdir).as_posix()
        counts[run] = counts.get(run, 0) + 1
    return counts
