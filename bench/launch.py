"""Starts TensorBoard with chosen dynamic plugins: `python -m bench.launch [with|without|empty] [tensorflow] …`.

TensorBoard loads every plugin that is installed; here only ours, none, or ours and an empty tab are loaded, so that
two runs differ in nothing else. Without the word `tensorflow` it behaves as if TensorFlow were not installed.
"""

from __future__ import annotations

import sys
import types
from importlib import metadata
from typing import Any

PLUGINS = ("with", "without", "empty")


def plugins(which: str) -> list[Any]:
    """Returns the dynamic plugins, loaded from their entry points as TensorBoard does it."""
    entry_points = metadata.entry_points(group="tensorboard_plugins", name="versions")
    found: list[Any] = [] if which == "without" else [entry_point.load() for entry_point in entry_points]
    if which == "empty":
        from bench.empty_tab import EmptyTab

        found.append(EmptyTab)
    return found


def hide_tensorflow() -> None:
    """Makes this process behave as if TensorFlow were not installed."""
    sys.modules["tensorboard.compat.notf"] = types.ModuleType("tensorboard.compat.notf")
    sys.modules["tensorflow"] = None  # type: ignore[assignment]


def main() -> None:
    """Does what `tensorboard.main` does."""
    _, which, *arguments = sys.argv
    if arguments[:1] == ["tensorflow"]:
        del arguments[0]
    else:
        hide_tensorflow()
    from absl import app
    from tensorboard import default, main_lib, program

    main_lib.global_init()
    # The redirect would load the profiler's plugin, and with it TensorFlow, if that happens to be installed.
    static = [plugin for plugin in default.get_static_plugins() if "profile_redirect" not in plugin.__module__]
    board = program.TensorBoard(plugins=static + plugins(which))
    app.run(board.main, flags_parser=board.configure, argv=[sys.argv[0], *arguments])


if __name__ == "__main__":
    main()
