"""This machine and this user, whose names are taken out wherever they stand."""

from __future__ import annotations

import getpass
import re
import socket

# fmt: off
_COMMON_USERS = frozenset({
    "root", "user", "users", "admin", "ubuntu", "debian", "test", "runner", "jovyan", "model", "models", "guest",
    "home", "data",
})
# fmt: on


def own_machine() -> re.Pattern[str] | None:
    """Returns what finds the names of this machine; None where it has none that tells it from others."""
    names = {name for name in (socket.gethostname(), socket.gethostname().partition(".")[0]) if len(name) > 3}
    names -= {"localhost", "localhost.localdomain"}
    longest = sorted(map(re.escape, names), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(longest)})(?![A-Za-z0-9])") if longest else None


def own_user() -> str:
    """Returns the name of this user; "" where it is a word like any other."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
    return name if len(name) > 3 and name.lower() not in _COMMON_USERS else ""
