"""The entry point that TensorBoard loads.

A plugin module that fails to import stops TensorBoard from starting at all, so this one imports
nothing but TensorBoard's own base class; all else is imported by `load`, and a failure there only
leaves the tab out.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence


INDEX_ABOVE = 200_000
"""Rows above which a table stands for a models folder, unless a flag says otherwise."""

_BOUND = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?=.+", re.ASCII)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+", re.ASCII)
_INDEX = re.compile(r"(?:s3|gs)://[^\s?#]+|(?![A-Za-z0-9+.-]+://).+", re.ASCII)
_SERVER = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[^\s?#]*)?", re.ASCII)


class VersionsLoader(base_plugin.TBLoader):  # type: ignore[misc]
    """Adds the plugin's flag to TensorBoard and loads the plugin."""

    def define_flags(self, parser: ArgumentParser) -> None:
        """Adds the flags that begin with --versions_."""
        group = parser.add_argument_group("versions plugin")
        group.add_argument(
            "--versions_models_dir",
            metavar="DIR",
            action="append",
            default=[],
            help="Folder of models, DIR/<model>/<number>/, to show in the Versions tab beside those in the "
            "log directory. Can be given several times.",
        )
        group.add_argument(
            "--versions_sources",
            metavar="LABEL=DIR,...",
            action="append",
            default=[],
            help="Folders of sources, for versions whose files lie elsewhere than their manifests. Can be given "
            "several times.",
        )
        group.add_argument(
            "--versions_index",
            metavar="URL",
            default="",
            help="Folder or URL of the tables that `tb-versions index --to` made of the folder of models, where they "
            "are not in .index beside the models. Only with one --versions_models_dir.",
        )
        group.add_argument(
            "--versions_index_above",
            metavar="N",
            type=int,
            default=INDEX_ABOVE,
            help="Where the table of a folder of models has more than N versions, the Versions tab asks it for the "
            "rows that it shows, and does not read the folder's manifests. Default: %(default)s.",
        )
        group.add_argument(
            "--versions_allow_changes",
            action="store_true",
            help="Let whoever has the link that is printed at the start promote, roll back, approve and label versions "
            "in the folders of --versions_models_dir from the Versions tab. Without it the tab changes nothing.",
        )
        group.add_argument(
            "--versions_allowed_origin",
            metavar="ORIGIN",
            action="append",
            default=[],
            help="Address from which changes are allowed beside those of this machine: https://host or "
            "http://host:port, as the browser shows it. Can be given several times.",
        )

        group.add_argument(
            "--versions_serving_config",
            metavar="FILE",
            default="",
            help="A configuration of TensorFlow Serving, to show in the Versions tab what it says is served.",
        )
        group.add_argument(
            "--versions_serving_status",
            metavar="URL",
            action="append",
            default=[],
            help="REST address of TensorFlow Serving, like http://localhost:8501, to show in the Versions tab what it "
            "serves. TensorBoard asks this address and no other. Can be given several times.",
        )

    def fix_flags(self, flags: Any) -> None:
        """Refuses an origin or address that is none, and what binds no source or belongs to no folder.

        It would fail later, without a reason.

        Raises:
            FlagsError: It is none.
        """
        _check_sources(flags.versions_sources)
        _check_index(flags.versions_index, flags.versions_models_dir, above=flags.versions_index_above)
        for origin in flags.versions_allowed_origin:
            if not _ORIGIN.fullmatch(origin):
                raise base_plugin.FlagsError(
                    f"--versions_allowed_origin is written like https://host or http://host:6006, not {origin!r}."
                )
        for url in flags.versions_serving_status:
            if not _SERVER.fullmatch(url):
                raise base_plugin.FlagsError(
                    f"--versions_serving_status is written like http://localhost:8501, not {url!r}."
                )

    def load(self, context: base_plugin.TBContext) -> Any:
        """Returns the plugin, or None where it can't be loaded (the reason is logged)."""
        try:
            from tb_versions.plugin.plugin import VersionsPlugin

            return VersionsPlugin(context)
        except Exception:
            logging.getLogger("tensorboard").exception("The Versions tab can't be loaded.")
            return None


def _check_sources(named: Sequence[str]) -> None:
    sources: dict[str, str] = {}
    for bound in filter(None, map(str.strip, ",".join(named).split(","))):
        if not _BOUND.fullmatch(bound):
            raise base_plugin.FlagsError(f"--versions_sources is written like nas=/mnt/nas, not {bound!r}.")
        label, _, folder = bound.partition("=")
        if sources.setdefault(label, folder) != folder:
            raise base_plugin.FlagsError(f"--versions_sources binds {label} to two folders.")


def _check_index(index: str, models_dirs: Sequence[str], *, above: int) -> None:
    if index and not _INDEX.fullmatch(index):
        raise base_plugin.FlagsError(
            f"--versions_index is a folder, or its URL such as s3://bucket/index, not {index!r}."
        )
    if index and len(models_dirs) != 1:
        raise base_plugin.FlagsError(
            "--versions_index says where the tables of one folder of models are: give that folder, and no other, with "
            "--versions_models_dir."
        )
    if above < 0:
        raise base_plugin.FlagsError("--versions_index_above is a number of versions, 0 or more.")
