"""Another Python, in whose environment a model is asked."""

from __future__ import annotations

import os
import shutil
import subprocess

import msgspec

from tb_versions.core.limited import environment
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError

NEEDS = ("tensorflow", "numpy", "msgspec", "semver")
"""What the process that asks a model imports, beside this package itself, which it gets from here."""

_LEAST = (3, 10)
_SECONDS = 60
_ASK = """
import importlib.util, json, sys
lacking = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps([sys.version_info[:2], lacking]))
"""


def checked_python(given: str | os.PathLike[str]) -> str:
    """Returns the path of a Python that has what the process that asks a model needs.

    Args:
        given: The program, as a path or as a name on PATH.

    Raises:
        InvalidQueryError: It is no Python, or too old.
        MissingDependencyError: It lacks packages.
    """
    path = shutil.which(os.fspath(given))
    if path is None:
        raise InvalidQueryError(f"There is no program {shown(os.fspath(given))}; name a Python, like .venv/bin/python.")
    path = os.path.abspath(path)  # not where a link leads: a virtual environment is told by its own
    try:
        asked = subprocess.run(
            [path, "-I", "-c", _ASK, *NEEDS], capture_output=True, timeout=_SECONDS, check=False, env=environment()
        )
        version, lacking = msgspec.json.decode(asked.stdout, type=tuple[tuple[int, int], tuple[str, ...]])
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise InvalidQueryError(f"{visible(path)} does not answer as a Python does.") from error
    if version < _LEAST:
        raise InvalidQueryError(f"{visible(path)} is Python {version[0]}.{version[1]}; at least 3.10 is needed.")
    if lacking:
        raise MissingDependencyError(
            f"{visible(path)} lacks {', '.join(lacking)}: {visible(path)} -m pip install {' '.join(lacking)}"
        )
    return path
