"""Whether a version was asked again since TensorFlow changed here."""

from __future__ import annotations

import sys
from importlib import metadata

from tb_versions.core.manifest import visible
from tb_versions.registry.state import ReplayState

_DISTRIBUTIONS = ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu", "tensorflow-rocm", "tensorflow-macos")


def installed_tensorflow() -> str:
    """Returns the version of the TensorFlow that is installed here, which is not imported; "" where there is none."""
    folders = [folder for folder in sys.path if folder]  # not the current one, which may be anybody's
    for name in _DISTRIBUTIONS:
        for found in metadata.distributions(name=name, path=folders):
            return found.version
    return ""


def not_since(last: ReplayState | None, *, manifest: str, recorded_on: str, installed: str) -> str:
    """Returns "not replayed since TensorFlow changed (2.20.0 then, 2.21.0 here)"; "" where that is not so or not known.

    Args:
        last: The last replay of the version, or None.
        manifest: Digest of the version's manifest; a replay of another one does not count.
        recorded_on: TensorFlow that made its golden outputs; "" where it has none.
        installed: TensorFlow that is used here, or "".
    """
    counts = last is not None and last.manifest in ("", manifest)
    then = last.tensorflow if last is not None and counts else recorded_on
    if not then or not installed or _plain(then) == _plain(installed):
        return ""
    return f"not replayed since TensorFlow changed ({visible(then)} then, {visible(installed)} here)"


def _plain(version: str) -> str:
    """2.21.0rc1, as packages have it, for 2.21.0-rc1, as TensorFlow says it."""
    return version.partition("+")[0].replace("-", "")
