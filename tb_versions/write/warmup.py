"""Writes requests with which TensorFlow Serving warms a model up when it loads it, from sample inputs.

The file is a TFRecord of `PredictionLog` messages, at most 1,000: `g3doc/saved_model_warmup.md` of TensorFlow Serving.
It is written beside the model before digests are taken, so it is a part of the version.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tb_versions.core.manifest import Signature, Tensor, shown
from tb_versions.core.messages import Field, message_class
from tb_versions.errors import InvalidManifestError, TbVersionsError
from tb_versions.savedmodel import read_saved_model
from tb_versions.write.failures import report
from tb_versions.write.samples import DTYPES, fitted
from tb_versions.write.savers import Saver
from tb_versions.write.values import described

WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"
"""Where TensorFlow Serving looks for it in a version."""

MOST_REQUESTS = 1_000
"""With more, TensorFlow Serving does not load the model."""

LIMIT = 64 << 20
"""Most bytes of the file."""

SIGNATURE = "serving_default"

_SCHEMA: dict[str, tuple[Field, ...]] = {
    "PredictionLog": (("predict_log", 6, "PredictLog"),),
    "PredictLog": (("request", 1, "PredictRequest"),),
    "PredictRequest": (("model_spec", 1, "ModelSpec"), ("inputs", 2, "map bytes")),  # bytes of TensorProto
    "ModelSpec": (("name", 1, "string"), ("signature_name", 3, "string")),
}


def with_warmup(saver: Saver, warmup: object, *, model: str, strict: bool) -> Saver:
    """Returns a saver that also writes warm-up requests.

    Args:
        saver: Saves the model.
        warmup: Sample inputs: a mapping from names of inputs to arrays, a list of such mappings, or an array for a
            model with one input. None writes nothing.
        model: Name of the model.
        strict: Whether samples that do not fit the model fail the whole save. If not, they are left out with a warning.

    Raises:
        TypeError: A sample is nothing of these.
        InvalidManifestError: There are none, or more than 1,000.
    """
    samples = check_samples(warmup)
    if not samples:
        return saver

    def save(target: str) -> None:
        saver.save(target)
        try:
            _write(target, samples, model)
        except (TbVersionsError, TypeError, ValueError) as error:
            report(error, "A version is published without warm-up requests", strict=strict)

    return dataclasses.replace(saver, save=save)


def check_samples(warmup: object) -> Sequence[object]:
    """Returns each request as a mapping, or as an array for the only input; raises as `with_warmup`."""
    if warmup is None:
        return ()
    is_list = isinstance(warmup, (list, tuple)) and any(isinstance(each, Mapping) for each in warmup)
    samples = list(warmup) if is_list else [warmup]  # type: ignore[call-overload]
    for sample in samples:
        if isinstance(sample, (str, bytes)) or (is_list and not isinstance(sample, Mapping)):
            raise TypeError(
                "warmup= takes a mapping from names of inputs to arrays, a list of such mappings, or an array for a "
                f"model with one input, not {described(sample)}."
            )
        if isinstance(sample, Mapping) and not sample:
            raise InvalidManifestError("A warm-up request without inputs asks for nothing.")
    if len(samples) > MOST_REQUESTS:
        raise InvalidManifestError(
            f"{len(samples):,} warm-up requests are given, and with more than {MOST_REQUESTS:,} TensorFlow Serving "
            "does not load the model."
        )
    return samples


def _write(folder: str, samples: Sequence[object], model: str) -> None:
    signature = _signature(folder)
    records = [_record(_inputs(sample, signature), model) for sample in samples]
    size = sum(map(len, records))
    if size > LIMIT:
        raise InvalidManifestError(f"The warm-up requests have {size:,} bytes; at most {LIMIT:,} are written.")
    path = os.path.join(folder, WARMUP_FILE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        raise InvalidManifestError(f"The folder has {WARMUP_FILE} already; leave out warmup=, or remove that file.")
    from tensorboard.summary.writer.record_writer import RecordWriter

    with open(path, "xb") as file:
        writer = RecordWriter(file)
        for record in records:
            writer.write(record)
    _check(path, records)


def _check(path: str, records: Sequence[bytes]) -> None:
    """Reads the file with TensorFlow's own reader, where TensorFlow is loaded; another content is an error."""
    tf = sys.modules.get("tensorflow")
    if tf is None or not tf.executing_eagerly():
        return
    found = [bytes(record) for record in tf.data.TFRecordDataset([path]).as_numpy_iterator()]
    if found != list(records):
        os.unlink(path)
        raise InvalidManifestError("TensorFlow does not read the warm-up requests as they were written.")


def _signature(folder: str) -> Signature:
    found = read_saved_model(folder)
    graphs = [graph for graph in found.meta_graphs if "serve" in graph.tags]
    for graph in graphs:
        for signature in graph.signatures:
            if signature.key == SIGNATURE:
                return signature
    raise InvalidManifestError(f"The model has no signature {SIGNATURE}, which warm-up requests call.")


def _inputs(sample: object, signature: Signature) -> dict[str, bytes]:
    tensors = {tensor.name: tensor for tensor in signature.inputs}
    if not isinstance(sample, Mapping):
        if len(tensors) != 1:
            raise InvalidManifestError(
                f"The model has the inputs {_listed(tensors)}: give a mapping from them to arrays."
            )
        sample = dict.fromkeys(tensors, sample)
    if sample.keys() != tensors.keys():
        raise InvalidManifestError(
            f"The model has the inputs {_listed(tensors)}, and warmup= gives {_listed(map(str, sample))}."
        )
    return {name: _tensor(sample[name], tensors[name]) for name in sorted(tensors)}


def _tensor(value: Any, wanted: Tensor) -> bytes:
    """A value as the bytes of a TensorProto; raises where the model could not take it."""
    from tensorboard.compat.proto import tensor_pb2, types_pb2

    array = fitted(value, wanted)
    made = tensor_pb2.TensorProto()
    if wanted.dtype == "string":
        made.dtype = types_pb2.DT_STRING
        made.string_val.extend(array.reshape(-1).tolist())
    else:
        made.dtype = types_pb2.DataType.Value(DTYPES[wanted.dtype][0])
        made.tensor_content = array.astype(array.dtype.newbyteorder("<")).tobytes()
    for size in array.shape:
        made.tensor_shape.dim.add(size=size)
    return bytes(made.SerializeToString(deterministic=True))


def _record(inputs: Mapping[str, bytes], model: str) -> bytes:
    log = _class()()
    log.predict_log.request.model_spec.name = model
    log.predict_log.request.model_spec.signature_name = SIGNATURE
    for name, value in inputs.items():
        log.predict_log.request.inputs[name] = value
    return bytes(log.SerializeToString(deterministic=True))


@functools.cache
def _class() -> Any:
    return message_class("tb_versions.warmup", _SCHEMA, "PredictionLog")


def _listed(names: Any) -> str:
    return ", ".join(map(shown, sorted(names))) or "none"
