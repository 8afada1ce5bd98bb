"""Results as TFMA's writer writes them, by its own protos. For Python of .venv-tfx."""

from __future__ import annotations

import importlib
import os
import pathlib
import sys
import types
from typing import Any

import google_crc32c
from google.protobuf import wrappers_pb2


def tfma_proto(name: str) -> Any:
    """A module of TFMA's protos; TFMA itself would need Beam."""
    package = "tensorflow_model_analysis"
    if package not in sys.modules:
        stub = types.ModuleType(package)
        stub.__path__ = [os.path.join(path, package) for path in sys.path]
        sys.modules[package] = stub
        importlib.import_module(f"{package}.proto.config_pb2")  # what other modules need is loaded first
        importlib.import_module(f"{package}.proto.metrics_for_slice_pb2")
    return importlib.import_module(f"{package}.proto.{name}_pb2")


def write_records(path: pathlib.Path, messages: list[Any]) -> None:
    with path.open("wb") as file:
        for message in messages:
            data = message.SerializeToString()
            length = len(data).to_bytes(8, "little")
            file.write(length + masked(length) + data + masked(data))


def masked(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return ((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def read_records(path: pathlib.Path) -> list[bytes]:
    data, found, start = path.read_bytes(), [], 0
    while start < len(data):
        length = int.from_bytes(data[start : start + 8], "little")
        record = data[start + 12 : start + 12 + length]
        assert data[start + 8 : start + 12] == masked(data[start : start + 8])
        assert data[start + 12 + length : start + 16 + length] == masked(record)
        found.append(record)
        start += 16 + length
    return found


def double(value: float) -> wrappers_pb2.DoubleValue:
    return wrappers_pb2.DoubleValue(value=value)


def slices_of(rate: float, *, has_baseline: bool) -> list[Any]:
    """Metrics as TFMA's writer writes them: a message for each slice."""
    proto = tfma_proto("metrics_for_slice")
    keys: list[list[tuple[str, Any]]] = [
        [],
        [("country", b"us")],
        [("country", b"de")],
        [("hour", 3)],
        [("hour", b"3")],
        [("tip", 0.1)],
        [("country", "dänemark".encode()), ("hour", -7)],
        [("raw", b"\xff\x00")],
    ]
    found = []
    for place, key in enumerate(keys):
        message = proto.MetricsForSlice()
        for column, value in key:
            single = message.slice_key.single_slice_keys.add(column=column)
            name = {bytes: "bytes_value", int: "int64_value", float: "float_value"}[type(value)]
            setattr(single, name, value)
        if not key:
            message.slice_key.SetInParent()
        add_metrics(message, proto, rate + place / 100, count=1_000 - 100 * place, has_baseline=has_baseline)
        found.append(message)
    crossed = proto.MetricsForSlice()
    crossed.cross_slice_key.baseline_slice_key.single_slice_keys.add(column="country", bytes_value=b"us")
    crossed.cross_slice_key.comparison_slice_key.single_slice_keys.add(column="country", bytes_value=b"de")
    crossed.metric_keys_and_values.add(
        key=proto.MetricKey(name="auc", is_diff=True), value=proto.MetricValue(double_value=double(-0.25))
    )
    small = proto.MetricsForSlice()
    small.slice_key.single_slice_keys.add(column="country", bytes_value=b"li")
    small.metrics["__ERROR__"].debug_message = "Example count for this slice key is lower than the minimum."
    return [*found, crossed, small]


def add_metrics(message: Any, proto: Any, value: float, *, count: int, has_baseline: bool) -> None:
    names = ["candidate", "baseline"] if has_baseline else [""]
    for number, name in enumerate(names):
        shift = value - number / 8

        def add(metric: str, _name: str = name, **more: Any) -> Any:
            return message.metric_keys_and_values.add(key=proto.MetricKey(name=metric, model_name=_name, **more))

        weighted, unweighted = wrappers_pb2.BoolValue(value=True), wrappers_pb2.BoolValue(value=False)
        auc = add("auc", example_weighted=unweighted)
        auc.value.double_value.value = shift
        auc.confidence_interval.lower_bound.double_value.value = shift - 0.0625
        auc.confidence_interval.upper_bound.double_value.value = shift + 0.03125
        auc.confidence_interval.standard_error.double_value.value = 0.01
        auc.confidence_interval.degrees_of_freedom.value = 19
        add("auc", example_weighted=weighted).value.double_value.value = shift / 2
        add("auc", output_name="head").value.double_value.value = shift / 3
        add("auc").value.double_value.value = shift / 5
        add("loss").value.double_value.value = 0.0
        add("example_count", example_weighted=unweighted).value.double_value.value = count
        for index in (0, 1, -1):
            key = proto.SubKey(class_id=wrappers_pb2.Int32Value(value=index))
            add("precision", sub_key=key).value.double_value.value = shift - index / 7
        add("precision", sub_key=proto.SubKey(top_k={"value": 5})).value.double_value.value = 1e-300
        add("precision", sub_key=proto.SubKey(k={"value": 2})).value.double_value.value = float("inf")
        macro = proto.AggregationType(macro_average=True)
        add("precision", aggregation_type=macro).value.double_value.value = float("nan")
        cutoffs = add("ndcg").value.value_at_cutoffs
        cutoffs.values.add(cutoff=3, value=shift)
        cutoffs.values.add(cutoff=10, value=0.0)
        confusion = add("confusion")
        matrices = confusion.value.confusion_matrix_at_thresholds
        matrices.matrices.add(threshold=0.5, true_positives=7, false_negatives=2, precision=0.875, recall=0.75, f1=0.8)
        lower = confusion.confidence_interval.lower_bound.confusion_matrix_at_thresholds.matrices.add(threshold=0.5)
        lower.true_positives, lower.precision, lower.recall = 5, 0.5, 0.25
        upper = confusion.confidence_interval.upper_bound.confusion_matrix_at_thresholds.matrices.add(threshold=0.5)
        upper.true_positives, upper.false_negatives, upper.precision, upper.recall = 9, 4, 0.9, 0.8
        array = add("per_day").value.array_value
        array.data_type, array.shape[:], array.float32_values[:] = 4, [2, 2], [0.1, 0.2, 0.3, shift]
        counts = add("counts").value.array_value
        counts.data_type, counts.shape[:], counts.int64_values[:] = 3, [2], [-5, 2**40]
        bounded = add("approximate").value.bounded_value
        bounded.value.value, bounded.lower_bound.value, bounded.upper_bound.value = shift, shift - 0.1, shift + 0.1
        bounded.methodology = 1
        sampled = add("sampled").value.bounded_value
        sampled.value.value, sampled.lower_bound.value, sampled.upper_bound.value = shift, shift - 0.5, shift + 0.25
        sampled.methodology = 2
        wide = add("outside")
        wide.value.double_value.value = shift
        wide.confidence_interval.lower_bound.double_value.value = shift + 1
        wide.confidence_interval.upper_bound.double_value.value = shift + 2
        add("words").value.bytes_value = b"no number"
        add("odd").value.unknown_type.error = "could not convert"
        distribution = add("old").value.t_distribution_value
        distribution.sample_mean.value, distribution.unsampled_value.value = 5.0, shift
    if has_baseline:
        diff = message.metric_keys_and_values.add(key=proto.MetricKey(name="auc", model_name="candidate", is_diff=True))
        diff.value.double_value.value = 0.125


def verdict_of(rate: float, *, has_baseline: bool) -> Any:
    proto, metrics = tfma_proto("validation_result"), tfma_proto("metrics_for_slice")
    result = proto.ValidationResult(validation_ok=rate >= 0.5, rubber_stamp=not has_baseline)
    if rate < 0.5:
        failed = result.metric_validations_per_slice.add()
        failed.slice_key.single_slice_keys.add(column="country", bytes_value=b"us")
        failure = failed.failures.add(metric_key=metrics.MetricKey(name="auc"))
        failure.metric_value.double_value.value = rate
        failure.metric_threshold.value_threshold.lower_bound.value = 0.5
    return result
