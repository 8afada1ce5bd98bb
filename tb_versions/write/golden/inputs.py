"""What a user gives as golden inputs, as arrays by signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tb_versions.core.golden.arrays import components
from tb_versions.core.golden.file import INPUTS_LIMIT, Array
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.core.manifest import Signature, Tensor, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.savedmodel import read_saved_model
from tb_versions.write.samples import fitted
from tb_versions.write.values import described

EXAMPLES = 16
"""Number of examples that are taken from a tf.data.Dataset, unless told otherwise."""

MOST_EXAMPLES = 10_000

_INIT = "__saved_model_init_op"


def check_golden(golden: object, examples: int) -> None:
    """Refuses what can't be golden inputs, before anything is exported.

    Raises:
        TypeError: They are nothing that `publish` takes.
        InvalidManifestError: There are none, or the number of examples can't be.
    """
    if isinstance(golden, (str, bytes)):
        raise TypeError(
            "golden= takes an array, a mapping from names of inputs to arrays, or a tf.data.Dataset, not "
            f"{described(golden)}."
        )
    if isinstance(golden, Mapping) and not golden:
        raise InvalidManifestError("golden= is an empty mapping, which asks for nothing.")
    if not 1 <= examples <= MOST_EXAMPLES:
        raise InvalidManifestError(f"golden_examples must be from 1 to {MOST_EXAMPLES:,}, not {examples}.")


def check_labels(labels: object, golden: object) -> None:
    """Refuses what can't be labels of golden inputs, before anything is exported.

    Raises:
        InvalidManifestError: They are no labels, there are no inputs, or a dataset has another order each time.
    """
    if labels is None:
        return
    if golden is None:
        raise InvalidManifestError("golden_labels= are the right answers to the inputs of golden=, which is not given.")
    if (labels is True) != _is_dataset(golden):
        raise InvalidManifestError(
            "golden_labels= of a tf.data.Dataset is True, which takes its targets: they come in its order. "
            "Of arrays it is an array, one label for each example."
        )
    if labels is not True:
        of = labels_by_output(labels)
        count = len(golden) if not isinstance(golden, Mapping) and hasattr(golden, "__len__") else None
        for values in of.values():
            if count is not None and len(values) != count:
                raise InvalidManifestError(f"There are {len(values):,} golden_labels for {count:,} examples.")


def signatures_in(folder: str) -> list[Signature]:
    """Returns the signatures of a SavedModel that take inputs, `serving_default` first. Raises TbVersionsError."""
    graphs = [graph for graph in read_saved_model(folder).meta_graphs if "serve" in graph.tags]
    found = [one for graph in graphs[:1] for one in graph.signatures if one.inputs and one.key != _INIT]
    return sorted(found, key=lambda one: (one.key != "serving_default", one.key))


def by_signature(
    golden: object, signatures: Sequence[Signature], *, examples: int = EXAMPLES
) -> tuple[dict[str, dict[str, Array]], list[str]]:
    """Returns inputs by signature and name, and a sentence for each signature that is not asked.

    Args:
        golden: An array for models with one input; a mapping from names of inputs to arrays; a mapping from signatures
            to such mappings; or a tf.data.Dataset of those, or of (inputs, targets …), batched or not.
        signatures: Of the model.
        examples: How many are taken from a dataset.

    Raises:
        InvalidManifestError: None can be asked, or the inputs are too large.
    """
    if _is_dataset(golden):
        golden, _ = taken(golden, signatures, examples)
    asked: dict[str, dict[str, Array]] = {}
    notes = []
    for signature in signatures:
        try:
            asked[signature.key] = _inputs(_given_for(golden, signature, signatures), signature)
        except InvalidManifestError as error:  # noqa: PERF203 - one of several may not fit
            notes.append(f"The signature {shown(signature.key)} was not asked. {error}")
    if not asked:
        raise InvalidManifestError(" ".join(notes[:3]) or "The model has no signature that takes inputs.")
    size = sum(array.nbytes for inputs in asked.values() for array in inputs.values())
    if size > INPUTS_LIMIT:
        raise InvalidManifestError(
            f"The golden inputs have {size:,} bytes for {len(asked)} signatures; at most {INPUTS_LIMIT:,} are kept. "
            "Give fewer examples."
        )
    return asked, notes


def _given_for(golden: object, signature: Signature, signatures: Sequence[Signature]) -> object:
    """What is given for one signature: all, or what stands under its name."""
    if isinstance(golden, Mapping) and all(isinstance(value, Mapping) for value in golden.values()):
        unknown = golden.keys() - {one.key for one in signatures}
        if unknown:
            raise InvalidManifestError(f"The model has no signature {shown(min(map(str, unknown)))}.")
        if signature.key not in golden:
            raise InvalidManifestError("No inputs were given for it.")
        return golden[signature.key]
    return golden


def _inputs(given: object, signature: Signature) -> dict[str, Array]:
    tensors = {tensor.name: tensor for tensor in signature.inputs}
    names = ", ".join(map(shown, sorted(tensors)))
    if not isinstance(given, Mapping):
        if len(tensors) != len(components(given)):
            raise InvalidManifestError(f"It takes {names}: give a mapping from them to arrays.")
        given = {min(tensors, key=len): given}
    given = _in_parts(given, tensors)
    missing = tensors.keys() - given.keys()
    if missing and len(tensors) == len(given) == 1:
        raise InvalidManifestError(f"It takes {names}, and {shown(str(next(iter(given))))} was given.")
    if missing:
        raise InvalidManifestError(f"It takes {names}, and nothing was given for {shown(min(missing))}.")
    return {name: fitted(given[name], tensor) for name, tensor in tensors.items()}


def _in_parts(given: Mapping[Any, Any], tensors: Mapping[str, Tensor]) -> dict[Any, Any]:
    """What was given, ragged and sparse tensors as the inputs that TensorFlow makes of them: x, x_1, x_2."""
    found: dict[Any, Any] = {}
    for name, value in given.items():
        parts = components(value)
        names = [name, *(f"{name}_{number}" for number in range(1, len(parts)))]
        if len(parts) > 1 and not set(names) <= tensors.keys():
            raise InvalidManifestError(
                f"The input {shown(str(name))} was given as a ragged or sparse tensor, and it takes "
                f"{', '.join(map(shown, sorted(tensors)))}."
            )
        found |= dict(zip(names, parts, strict=True))
    return found


def _is_dataset(golden: object) -> bool:
    return hasattr(golden, "element_spec") and isinstance(golden, Iterable)


def taken(dataset: Any, signatures: Sequence[Signature], examples: int) -> tuple[object, object]:
    """Returns the first examples of a dataset, an array or a mapping from names to arrays, and their targets likewise.

    Args:
        dataset: Of inputs, or of (inputs, targets …), batched or not.
        signatures: Of the model.
        examples: How many are taken.

    Raises:
        InvalidManifestError: There is none, or they have not one shape.
    """
    parts: dict[str, list[Any]] = {}
    targets: dict[str, list[Any]] = {}
    count, is_mapping = 0, False
    for element in dataset:
        inputs = element[0] if isinstance(element, (tuple, list)) else element
        is_mapping = isinstance(inputs, Mapping)
        named = inputs if isinstance(inputs, Mapping) else {"": inputs}
        arrays = {str(name): _batched(str(name), value, signatures) for name, value in named.items()}
        for name, array in arrays.items():
            parts.setdefault(name, []).append(array)
        is_single = any(array.ndim > np.ndim(named[name]) for name, array in arrays.items())
        for name, value in _targets(element).items():
            targets.setdefault(name, []).append(value[None] if is_single else value)
        count += min((len(array) for array in arrays.values()), default=0)
        if count >= examples or not arrays:
            break
    if not count:
        raise InvalidManifestError("The dataset of golden inputs has no example.")
    try:
        found, right = (
            {name: np.concatenate(arrays)[:examples] for name, arrays in each.items()} for each in (parts, targets)
        )
    except ValueError as error:
        raise InvalidManifestError(f"The dataset's first examples have not one shape: {error}") from error
    return (found if is_mapping else found[""]), (right[""] if right.keys() == {""} else right)


def _targets(element: Any) -> dict[str, Any]:
    given = element[1] if isinstance(element, (tuple, list)) and len(element) > 1 else {}
    named = given if isinstance(given, Mapping) else {"": given}
    return {str(name): np.asarray(each.numpy() if hasattr(each, "numpy") else each) for name, each in named.items()}


def _batched(name: str, value: Any, signatures: Sequence[Signature]) -> Any:
    """An element's array with an axis of examples: one that has a dimension less than the model takes gets it."""
    if len(components(value)) > 1:
        raise InvalidManifestError(
            f"The dataset's input {shown(name)} is ragged or sparse, and examples of such are not put together. Give a "
            "tensor of several examples instead."
        )
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    ranks = [
        len(tensor.shape.dimensions)
        for signature in signatures
        for tensor in signature.inputs
        if (tensor.name == name or (not name and len(signature.inputs) == 1))
        and tensor.shape is not None
        and not tensor.shape.unknown_rank
    ]
    return array[None] if array.ndim == 0 or (ranks and array.ndim == ranks[0] - 1) else array
