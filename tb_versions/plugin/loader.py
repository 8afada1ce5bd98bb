"""The entry point that TensorBoard loads.

A plugin module that fails to import stops TensorBoard from starting at all, so this one imports
nothing but TensorBoard's own base class; all else is imported by `load`, and a failure there only
leaves the tab out.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    from argparse import ArgumentParser


class VersionsLoader(base_plugin.TBLoader):  # type: ignore[misc]
    """Adds the plugin's flag to TensorBoard and loads the plugin."""

    def define_flags(self, parser: ArgumentParser) -> None:
        """Adds --versions_models_dir."""
        group = parser.add_argument_group("versions plugin")
        group.add_argument(
            "--versions_models_dir",
            metavar="DIR",
            action="append",
            default=[],
            help="Folder of models, DIR/<model>/<number>/, to show in the Versions tab beside those in the "
            "log directory. Can be given several times.",
        )

    def load(self, context: base_plugin.TBContext) -> Any:
        """Returns the plugin, or None where it can't be loaded (the reason is logged)."""
        try:
            from tb_versions.plugin.plugin import VersionsPlugin

            return VersionsPlugin(context)
        except Exception:
            logging.getLogger("tensorboard").exception("The Versions tab can't be loaded.")
            return None
