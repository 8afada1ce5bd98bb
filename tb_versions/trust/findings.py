"""What an inspection says. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tb_versions.core.manifest import SavedModel

Kind = Literal["dangerous", "custom", "unread", "usual"]

KINDS: dict[Kind, str] = {
    "dangerous": "can run code, or read, write or send data",
    "custom": "needs code that is not in the model, and that was not judged",
    "unread": "could not be looked at",
    "usual": "touches files, as almost every such model does",
}
"""Kinds of findings, the worst first, in words."""


@dataclass(frozen=True)
class Finding:
    """One thing that is in a file.

    Attributes:
        kind: See `KINDS`.
        file: Path of the file below the inspected folder.
        name: An op, a layer, a global of a pickle …; "" where it is about the whole file.
        why: What it does, in a sentence without a full stop.
        count: How often it is there.
    """

    kind: Kind
    file: str
    name: str
    why: str
    count: int = 1


@dataclass(frozen=True)
class Part:
    """A file, or the folder of a SavedModel, that was read as a model.

    Attributes:
        file: Path below the inspected folder.
        format: "saved_model", "keras", "keras_h5", "safetensors", "onnx", "tflite", "pickle", "pytorch"
            or "numpy".
        size: Bytes of the file that describes the model.
        model: Signatures, ops and variables; None where the format does not say them, or it could not be read.
        software: What wrote it, like "TensorFlow 2.21.0"; "" where it does not say.
    """

    file: str
    format: str
    size: int
    model: SavedModel | None = None
    software: str = ""


@dataclass(frozen=True)
class Inspection:
    """What a folder or a file contains.

    Attributes:
        path: What was inspected.
        parts: The models in it.
        findings: The worst first, then by file and name.
        files: Number of files, those of other formats included.
        size: Bytes of all files.
        others: Paths of files that are of none of these formats: nothing is known of what they hold.
    """

    path: str
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    files: int
    size: int
    others: tuple[str, ...] = ()

    def has(self, kind: Kind) -> bool:
        """Whether there is a finding of a kind."""
        return any(finding.kind == kind for finding in self.findings)


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns findings, the same thing in the same file once with the sum of its counts, in order."""
    counts: Counter[tuple[Kind, str, str, str]] = Counter()
    for each in findings:
        counts[each.kind, each.file, each.name, each.why] += each.count
    order = list(KINDS)
    keys = sorted(counts, key=lambda key: (order.index(key[0]), *key[1:]))
    return tuple(Finding(*key, count=counts[key]) for key in keys)
