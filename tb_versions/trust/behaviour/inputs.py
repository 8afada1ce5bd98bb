"""The inputs that two versions are asked with: golden inputs of one or both, or what the user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tb_versions.core.golden.file import Array, Asked
from tb_versions.core.manifest import Signature, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.registry.behaviour_facts import MAX_COUNT
from tb_versions.trust.behaviour.pairing import Names, content_of, takes_any_number


@dataclass(frozen=True)
class Labels:
    """Labels of all examples.

    Attributes:
        values: [examples] whole numbers, or objects of the class bytes.
        known: [examples] whether the label is known.
    """

    values: Array
    known: Array


@dataclass(frozen=True)
class Part:
    """Examples that come from one place.

    Attributes:
        count: How many.
        labels: By name of the output.
    """

    count: int
    labels: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Shared:
    """What a signature of both models is asked.

    Attributes:
        inputs: By name, as the first model calls them.
        names: To those of the second.
        counted: [examples] whether an example is none that came before; None without a common number of examples.
        parts: Where the examples come from, in their order.
    """

    inputs: Mapping[str, Array]
    names: Names
    counted: Array | None = None
    parts: tuple[Part, ...] = ()

    @property
    def of_second(self) -> dict[str, Array]:
        """The inputs by the names of the second model."""
        return {self.names[name]: value for name, value in self.inputs.items()}

    def labels_of(self, *outputs: str) -> Labels | None:
        """Returns the labels of an output; None where none are known.

        Args:
            outputs: Names by which the output may be called.
        """
        found = [next((part.labels[name] for name in outputs if name in part.labels), None) for part in self.parts]
        kinds = {each.dtype for each in found if each is not None}
        if len(kinds) != 1:
            return None
        (kind,) = kinds
        pairs = list(zip(self.parts, found, strict=True))
        values = [np.zeros(part.count, kind) if labels is None else labels for part, labels in pairs]
        known = [np.full(part.count, labels is not None) for part, labels in pairs]
        return Labels(np.concatenate(values), np.concatenate(known))

    @property
    def labelled(self) -> tuple[str, ...]:
        """Names of the outputs that labels are of."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.labels))


def shared_inputs(given: Asked, names: Names) -> Shared:
    """Returns what both are asked, from one place.

    Args:
        given: Inputs by the names of the first model, and labels.
        names: To those of the second.

    Raises:
        InvalidManifestError: There are too many examples, or not as many labels.
    """
    count = _count(given.inputs)
    if count is None:
        if given.labels:
            raise InvalidManifestError("There are labels, and the inputs have no common number of examples.")
        return Shared(given.inputs, names)
    if count > MAX_COUNT:
        raise InvalidManifestError(f"There are {count:,} examples; at most {MAX_COUNT:,} are compared. Give fewer.")
    for name, labels in given.labels.items():
        if len(labels) != count:
            of = f" of {shown(name)}" if name else ""
            raise InvalidManifestError(f"There are {len(labels):,} labels{of} for {count:,} examples.")
    return Shared(given.inputs, names, _counted(given.inputs, count), (Part(count, given.labels),))


def joined(first: Shared, second: Shared, signatures: Sequence[Signature]) -> Shared | None:
    """Returns the examples of both places, one after the other; None where they don't go together.

    Args:
        first: From the one place.
        second: From the other, by the same names.
        signatures: Of both models.
    """
    if first.counted is None or second.counted is None or not all(map(takes_any_number, signatures)):
        return None
    if any(
        (value.dtype, value.shape[1:]) != (second.inputs[name].dtype, second.inputs[name].shape[1:])
        for name, value in first.inputs.items()
    ):
        return None
    inputs = {name: np.concatenate([value, second.inputs[name]]) for name, value in first.inputs.items()}
    count = len(first.counted) + len(second.counted)
    if count > MAX_COUNT:
        return None
    return Shared(inputs, first.names, _counted(inputs, count), (*first.parts, *second.parts))


def _count(inputs: Mapping[str, Array]) -> int | None:
    """The size of the first axis of all inputs; None where there is no common one."""
    sizes = {value.shape[0] if value.ndim else None for value in inputs.values()}
    return sizes.pop() if len(sizes) == 1 else None


def _counted(inputs: Mapping[str, Array], count: int) -> Array:
    seen: set[object] = set()
    counted = np.zeros(count, bool)
    for at in range(count):
        example = tuple(content_of(inputs[name][at : at + 1]) for name in sorted(inputs))
        counted[at] = example not in seen
        seen.add(example)
    return counted
