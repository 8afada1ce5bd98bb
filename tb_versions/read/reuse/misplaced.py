"""Says what to do with a version in a folder that is not called as its manifest says: it has no registry there."""

from __future__ import annotations

import os

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import visible


def what_to_do(folder: str, model: str, number: int, *, beside: str = "") -> str:
    """Returns a clause that says how a version gets to where it is found by its name: "rename this to that".

    Args:
        folder: Where it lies, on this computer.
        model: What its manifest says.
        number: As well.
        beside: Folder in which the versions of that model are looked for; where it is not known, the one beside it.
    """
    copying = f"copy it to another models folder: tb-versions copy {visible(folder)} --to DIR"
    renaming = _renaming(folder, model, number, beside)
    return f"rename {visible(renaming[0])} to {visible(renaming[1])}, or {copying}" if renaming else copying


def _renaming(folder: str, model: str, number: int, beside: str) -> tuple[str, str] | None:
    """The folder that has another name than it should have, and its right one; None where that can't be had."""
    above, name = os.path.split(folder)
    models, name_above = os.path.split(above)
    right = beside or (above if name_above == model else os.path.join(models, model))
    if os.path.islink(folder) or os.path.islink(above):
        return None
    if _is(name, number) and os.path.dirname(right) == models and _is_of_a_model(above) and not os.path.lexists(right):
        return above, right
    becomes = os.path.join(right, str(number))
    return (folder, becomes) if os.path.isdir(right) and not os.path.lexists(becomes) else None


def _is(name: str, number: int) -> bool:
    return name.isascii() and name.isdigit() and int(name[:40]) == number


def _is_of_a_model(folder: str) -> bool:
    """Whether versions were published in a folder, so that it has a history that goes along with them."""
    return os.path.isdir(os.path.join(folder, PRIVATE_FOLDER))
