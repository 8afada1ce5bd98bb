"""Some of the models that there are, where nobody wants the others. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """Some models, and where they are.

    Attributes:
        models: Names of the models.
        folders: Names of the folders, directly in an allowed folder, that hold them: where an allowed folder has one of
            these, nothing else of it is read.
        only_in: Path of the allowed folder of which that is so; "" for all of them.
        in_place: Whether an allowed folder that has none of these is not searched at all.
    """

    models: frozenset[str]
    folders: frozenset[str]
    only_in: str = ""
    in_place: bool = False


def part_of(model: str, *, in_place: bool = False) -> Part | None:
    """Returns one model, in its own folder `<models>/<model>/`; None, which stands for all, for ""."""
    names = frozenset([model])
    return Part(names, names, in_place=in_place) if model else None
