"""References to versions: `model`, `model:3`, `model:1.4.0`, `model@production`, or a path, with a slash. Pure.

`model@production~1` is the version that the next rollback of the alias would return to. `model:3..7` is a range.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from tb_versions.core.manifest import MANIFEST_NAME, MAX_NUMBER, is_semantic_version, shown
from tb_versions.errors import InvalidReferenceError

_REFERENCE = re.compile(
    r"(?P<model>[^:@~/\\]{1,128})(?::(?P<version>[^:@~/\\]{1,256})|@(?P<alias>[^:@~/\\]{1,128})"
    r"(?:~(?P<back>[0-9]{1,4}))?)?(?:~(?P<mark>[0-9a-f]{8}))?"
)
_RANGE = re.compile(r"(?P<model>[^:@~/\\]{1,128}):(?P<first>[0-9]{1,19})\.\.(?P<last>[0-9]{1,19})", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """What a reference names; without number, semantic version and alias it is the newest version.

    Attributes:
        model: Name of the model.
        number: Version number, or None.
        semantic_version: Semantic version, or "".
        alias: Alias, or "".
        back: With an alias: how many rollbacks away.
        mark: First 8 hex digits of the manifest's digest, where two folders claim one number; or "".
    """

    model: str
    number: int | None = None
    semantic_version: str = ""
    alias: str = ""
    back: int = 0
    mark: str = ""

    def __str__(self) -> str:
        """The reference as it is written."""
        version = self.semantic_version or ("" if self.number is None else str(self.number))
        alias = f"@{self.alias}" + (f"~{self.back}" if self.back else "") if self.alias else ""
        tail = f":{version}" if version else alias
        return f"{self.model}{tail}" + (f"~{self.mark}" if self.mark else "")


def parse_reference(text: str) -> Reference:
    """Parses a reference.

    Raises:
        InvalidReferenceError: The text is not a reference.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise InvalidReferenceError(
            f"{shown(text)} is not a reference; write model, model:3, model:1.4.0 or model@alias."
        )
    model, version, alias, mark = match["model"], match["version"], match["alias"] or "", match["mark"] or ""
    if mark and not (version and version.isdigit()):  # else `model@production~12345678` were production itself
        raise InvalidReferenceError(
            f"{shown(text)} is not a reference: ~{mark} tells two folders of one number apart, as in {model}:3~{mark}; "
            "after an alias stands how far to go back, up to 9999."
        )
    if version is None:
        return Reference(model, alias=alias, back=int(match["back"] or 0))
    if version.isascii() and version.isdigit() and int(version) <= MAX_NUMBER:
        return Reference(model, number=int(version), mark=mark)
    if is_semantic_version(version):
        return Reference(model, semantic_version=version, mark=mark)
    raise InvalidReferenceError(
        f"{shown(version)} in {shown(text)} is neither a version number (3) nor a semantic version (1.4.0)."
    )


def parse_range(text: str) -> tuple[str, range] | None:
    """Returns the model and the numbers that `digits:3..7` names, both ends included; None for any other text.

    Raises:
        InvalidReferenceError: The first number is larger than the last.
    """
    match = None if is_path(text) else _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = int(match["first"]), int(match["last"])
    if first > last:
        raise InvalidReferenceError(f"{shown(text)} names no version: write the smaller number first.")
    return match["model"], range(first, last + 1)


def is_path(text: str) -> bool:
    """Whether a text is a path and no reference: a reference has no slash, and a path is written with one.

    So `3`, in the folder of a model, is the model called 3, and `./3` the folder.
    """
    return "/" in text or os.sep in text or text in (".", "..", MANIFEST_NAME) or text.startswith("~")


def version_folder(path: str) -> str:
    """Returns the path of a version's folder, given it or that of the manifest in it."""
    folder, name = os.path.split(path)
    return folder or os.curdir if name == MANIFEST_NAME else path
