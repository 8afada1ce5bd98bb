"""What a real TFX pipeline left, recorded: `recorded/tfx` has its metadata store, TFMA's results, and what independent
readers say of all that. `tests/test_tfx.py --update-goldens` records it anew; the models are small ones of ours.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.savedmodel_bytes import small_model, write_model

RECORDED = Path(__file__).parent / "recorded" / "tfx"
EVALUATED = Path(__file__).parent / "recorded" / "tfma"
"""Results of TFMA 0.52 itself, under Beam 2.77 and TensorFlow 2.21, over tables of made-up rows: `binary` has
bootstrapped intervals, slices of two columns and confusion matrices; `classes` has class ids, top k, averages, weights,
a baseline, and two slices compared."""
ROOT = "/pipelines/taxi"
"""Where the recorded store says that the pipeline's folder is."""

_COUNTS = ("threshold", "true_positives", "true_negatives", "false_positives", "false_negatives")
_KEPT = ("Evaluator", "Tuner", "StatisticsGen", "SchemaGen")


def record(folder: Path, independent: Mapping[str, Any]) -> None:
    """Keeps what a pipeline left and what independent readers say of it."""
    shutil.rmtree(RECORDED, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    for name in _KEPT:
        shutil.copytree(folder / name, RECORDED / name)
    with sqlite3.connect(folder / "metadata.sqlite") as database:
        dump = "\n".join(database.iterdump()) + "\n"
    (RECORDED / "metadata.sql").write_text(_moved(dump, folder))
    text = _moved(json.dumps(independent, sort_keys=True), folder)
    (RECORDED / "independent.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _moved(text: str, folder: Path) -> str:
    text = re.sub(r"'saved_model',1,NULL,NULL,'[^']*'", "'saved_model',1,NULL,NULL,'/models/one'", text)
    text = re.sub(r'"saved_model": \{"stringValue": "[^"]*"', '"saved_model": {"stringValue": "/models/one"', text)
    return text.replace(str(folder.resolve()), ROOT)


def independent() -> dict[str, Any]:
    """What MLMD's client and TFMA's protos said of the recorded pipeline."""
    found: dict[str, Any] = json.loads(gzip.decompress((RECORDED / "independent.json.gz").read_bytes()))
    return found


def lay_out(folder: Path) -> Path:
    """Makes the recorded pipeline's folder, with small models, somewhere else than it was; returns the folder."""
    shutil.copytree(RECORDED, folder, ignore=shutil.ignore_patterns("metadata.sql", "independent.json.gz"))
    with sqlite3.connect(folder / "metadata.sqlite") as database:
        database.executescript((RECORDED / "metadata.sql").read_text())
    for kind, path in _models():
        inner = folder / path.removeprefix(f"{ROOT}/")
        write_model(inner / "Format-Serving" if kind == "Model" else inner, small_model())
    for path in _blessings(True), _blessings(False):
        for each in path:
            (folder / each).parent.mkdir(parents=True, exist_ok=True)
            (folder / each).touch()
    for execution in independent()["executions"]:
        if "span" in execution.get("customProperties", {}) and execution["lastKnownState"] == "COMPLETE":
            (folder / "ExampleGen" / "examples" / str(execution["id"]) / "Split-train").mkdir(parents=True)
    return folder


def _models() -> Iterator[tuple[str, str]]:
    for artifact in independent()["artifacts"]:
        is_pushed = artifact.get("customProperties", {}).get("pushed", {}).get("intValue") == "1"
        if artifact["type"] == "Model" or is_pushed:
            yield artifact["type"], artifact["uri"]


def _blessings(is_blessed: bool) -> Iterator[str]:
    for artifact in independent()["artifacts"]:
        if artifact["type"] == "ModelBlessing":
            blessed = artifact["customProperties"]["blessed"]["intValue"] == "1"
            if blessed == is_blessed:
                uri = artifact["uri"].removeprefix(f"{ROOT}/")
                yield f"{uri}/{'BLESSED' if blessed else 'NOT_BLESSED'}"


def expected(evaluation: Mapping[str, Any]) -> dict[tuple[str, str], tuple[float, float | None, float | None]]:
    """Value and interval of each number by its name and slice here, from what TFMA's protos say."""
    found: dict[tuple[str, str], tuple[float, float | None, float | None]] = {}
    for of_slice in evaluation["metrics"]:
        if "cross_slice_key" in of_slice:
            continue  # a difference between two slices is no number of a slice
        part = _keys(of_slice["slice_key"])
        entries = of_slice.get("metric_keys_and_values", [])
        names = [_name(entry["key"]) for entry in entries]
        for entry in entries:
            lower, upper = (dict(_numbers(_bound(entry, f"{end}_bound"))) for end in ("lower", "upper"))
            for element, number in _numbers(entry["value"]):
                key = entry["key"]
                twice = names.count(_name(key)) > 1 and key.get("example_weighted", {}).get("value") is False
                low, high = lower.get(element), upper.get(element)
                if low is not None and high is not None and not low <= number <= high:
                    low = high = None
                found[_name(key, element, twice=twice), part] = (number, low, high)
    return found


def _bound(entry: Mapping[str, Any], end: str) -> Mapping[str, Any]:
    """The end of an interval; of confusion matrices that of counts, as TFMA has no others."""
    bounded = entry["value"].get("bounded_value", {})
    if bounded.get("methodology") == 2:
        return {"double_value": bounded[end]}
    found: dict[str, Any] = entry.get("confidence_interval", {}).get(end, {})
    if "confusion_matrix_at_thresholds" in found:
        matrices = found["confusion_matrix_at_thresholds"]["matrices"]
        counts = [{name: each for name, each in matrix.items() if name in _COUNTS} for matrix in matrices]
        found = {"confusion_matrix_at_thresholds": {"matrices": counts}}
    return found


def _name(key: Mapping[str, Any], element: str = "", *, twice: bool = False) -> str:
    sub = {name: value["value"] for name, value in key.get("sub_key", {}).items()}
    weighted = key.get("example_weighted", {}).get("value")
    parts = [
        f"model {key['model_name']}" if key["model_name"] not in ("", "candidate") else "",
        f"output {key['output_name']}" if key["output_name"] else "",
        *(
            f"{words} {sub[name]}"
            for name, words in (("class_id", "class"), ("k", "k"), ("top_k", "top"))
            if name in sub
        ),
        "macro average" if key.get("aggregation_type") else "",
        "weighted" if weighted else "unweighted" if twice else "",
        element,
        "difference to the baseline" if key["is_diff"] else "",
    ]
    said = ", ".join(filter(None, parts))
    return f"{key['name']} ({said})" if said else key["name"]


def _keys(key: Mapping[str, Any]) -> str:
    return ", ".join(f"{single['column']}:{_slice_value(single)}" for single in key.get("single_slice_keys", []))


def _slice_value(single: Mapping[str, Any]) -> str:
    if "int64_value" in single:
        return str(single["int64_value"])
    if "float_value" in single:
        return f"{float.fromhex(single['float_value']):.6g}"
    data = base64.b64decode(single["bytes_value"]["base64"])
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"bytes {data.hex()}"
    return text if text.isalpha() else f'"{text}"'


def _numbers(value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    if "value_at_cutoffs" in value:
        for pair in value["value_at_cutoffs"]["values"]:
            yield f"cutoff {pair['cutoff']}", float.fromhex(pair["value"])
    elif "confusion_matrix_at_thresholds" in value:
        for matrix in value["confusion_matrix_at_thresholds"]["matrices"]:
            yield from _matrix({name: float.fromhex(each) for name, each in matrix.items()})
    elif "array_value" in value:
        yield from _array(value["array_value"])
    else:
        single = value.get("double_value") or value.get("bounded_value", {}).get("value")
        single = single or value.get("t_distribution_value", {}).get("unsampled_value")
        if single:
            yield "", float.fromhex(single["value"])


def _matrix(numbers: dict[str, float]) -> Iterator[tuple[str, float]]:
    threshold = numbers.pop("threshold")
    for name, number in numbers.items():
        if number or name in (*_COUNTS, "precision", "recall"):  # others of 0 may be of an old release
            yield f"threshold {threshold}, {name.replace('_', ' ').replace('f1', 'F1')}", number


def _array(array: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    numbers = list(map(float.fromhex, array.get("float32_values", ()))) or list(map(float, array["int64_values"]))
    for place, number in enumerate(numbers):
        index = f"{place // 2},{place % 2}" if len(array["shape"]) == 2 else str(place)
        yield f"[{index}]", number


def bits(number: float | None) -> bytes | None:
    """A double's bytes, by which NaN equals itself."""
    return None if number is None else struct.pack("<d", number)


def client_environment() -> dict[str, str]:
    """For programs of .venv-tfx: nothing of this environment is on their path."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "PYTHONDONTWRITEBYTECODE": "1"
    }
