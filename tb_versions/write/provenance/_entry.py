"""Finds out which script is running, and in which folder it is."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass

NOTEBOOK = "notebook"

_KERNEL_LAUNCHERS = frozenset({"ipykernel_launcher.py", "colab_kernel_launcher.py"})


@dataclass(frozen=True)
class Entry:
    """How Python was started.

    Attributes:
        label: What to record if there is no file: "notebook", "-m pkg", "-c"; "" if `script` is enough.
        script: Absolute path of the script; "" if there is none.
        arguments: Arguments of the script; empty for a notebook, because they belong to its kernel.
    """

    label: str = ""
    script: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Folder of the author's script; "" if there is none, or if it is installed software such as pytest."""
        folder = os.path.dirname(self.script)
        return "" if _is_installed(folder) else folder


def find_entry() -> Entry:
    """Returns how this Python was started, from `sys.argv` and `__main__`."""
    argv = [str(argument) for argument in getattr(sys, "argv", [])] or [""]
    if _in_notebook(argv[0]):
        return Entry(label=NOTEBOOK)
    if argv[0] in ("", "-c", "-"):
        return Entry(label=argv[0], arguments=tuple(argv[1:]))
    return Entry(label=_module_label(), script=os.path.abspath(argv[0]), arguments=tuple(argv[1:]))


def _module_label() -> str:
    """`-m pkg` for `python -m pkg`, else ""."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = getattr(spec, "name", None)
    if not isinstance(name, str) or name in ("", "__main__", "__mp_main__"):
        return ""
    return "-m " + name.removesuffix(".__main__")


def _in_notebook(program: str) -> bool:
    if os.path.basename(program) in _KERNEL_LAUNCHERS:
        return True
    get_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return callable(get_shell) and getattr(get_shell(), "kernel", None) is not None


def _is_installed(folder: str) -> bool:
    """Whether a folder belongs to installed software: console scripts, site-packages, the standard library."""
    if {"site-packages", "dist-packages"} & set(folder.split(os.sep)):
        return True
    installed = {sysconfig.get_path("scripts"), sysconfig.get_path("stdlib")}
    return any(folder == home or folder.startswith(home + os.sep) for home in installed if home)
