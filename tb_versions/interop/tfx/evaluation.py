"""A folder with TFMA's results: `metrics`, `validations`, and `eval_config.json`, which says which model is which."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tb_versions.core.manifest import visible
from tb_versions.core.storage import read_capped
from tb_versions.errors import NotAModelError
from tb_versions.interop.tfx.metrics import Measured, read_metrics
from tb_versions.interop.tfx.records import parts_of, read_records
from tb_versions.interop.tfx.validation import Verdict, read_verdict

CONFIG = "eval_config.json"
JSON_LIMIT = 4 * 1024 * 1024
"""Most bytes of a JSON file of a pipeline."""


@dataclass(frozen=True)
class Evaluation:
    """What TFMA found.

    Attributes:
        measured: Numbers, in the order of the files.
        verdict: What came of thresholds; None where there were none, or no file says.
        candidates: Names under which it knows the model itself; "" always is one.
        notes: Sentences: what could not be taken over.
        config: Of `eval_config.json`, or as the caller knew it.
    """

    measured: Sequence[Measured]
    verdict: Verdict | None
    candidates: frozenset[str]
    notes: Sequence[str]
    config: Mapping[str, Any]


def read_evaluation(folder: str, *, within: str, config: object = None) -> Evaluation:
    """Reads a folder with TFMA's results.

    Args:
        folder: The folder.
        within: A folder above it, from which no symlink leads out.
        config: The configuration (`EvalConfig` as JSON) where the folder has none.

    Raises:
        NotAModelError: A file is damaged.
        TbVersionsError: A file is no plain file, too large, or can't be read.
        OSError: The folder can't be listed.
    """
    left_out: Counter[str] = Counter()
    read = _config(folder, within) or (config if isinstance(config, dict) else {})
    candidates = _candidates(read)
    measured: list[Measured] = []
    for path in parts_of(folder, "metrics"):
        measured += _told(path, read_metrics, list(read_records(path, within=within)), left_out)
    verdict = None
    paths = parts_of(folder, "validations")
    if paths:
        records = [record for path in paths for record in read_records(path, within=within)]
        verdict = _told(paths[0], read_verdict, records, candidates)
    notes = sentences(left_out)
    if _has_parquet_only(folder):
        notes.append("TFMA's results are there as Parquet, which is not read: write them as its default, tfrecord.")
    return Evaluation(measured, verdict, candidates, tuple(notes), read)


def sentences(left_out: Counter[str]) -> list[str]:
    """Returns what was left out of an evaluation, in words."""
    return [f"Left out of TFMA's results: {count:,} {what}." for what, count in sorted(left_out.items()) if count]


def read_json(path: str, *, within: str) -> Any:
    """Returns what a JSON file says.

    Raises:
        NotAModelError: It is no JSON.
        FileNotFoundError: It does not exist.
        TbVersionsError: It is no plain file, too large, or can't be read.
    """
    try:
        return orjson.loads(read_capped(path, JSON_LIMIT, within=within))
    except orjson.JSONDecodeError:
        raise NotAModelError(f"{visible(path)} is not JSON.") from None


def _told(path: str, read: Any, records: list[bytes], more: object) -> Any:
    try:
        return read(records, more)
    except NotAModelError as error:
        raise NotAModelError(f"{visible(path)} can't be read: {error}.") from None


def _config(folder: str, within: str) -> Mapping[str, Any]:
    try:
        run = read_json(os.path.join(folder, CONFIG), within=within)
    except FileNotFoundError:
        return {}
    config = run.get("evalConfig") if isinstance(run, dict) else None
    return config if isinstance(config, dict) else {}


def _candidates(config: Mapping[str, Any]) -> frozenset[str]:
    """The name of the only model that is no baseline; the names of several stay in metrics' names."""
    specs = config.get("modelSpecs", config.get("model_specs"))
    specs = [spec for spec in specs if isinstance(spec, dict)] if isinstance(specs, list) else []
    own = [spec for spec in specs if not spec.get("isBaseline", spec.get("is_baseline"))]
    name = own[0].get("name", "") if len(own) == 1 else ""
    return frozenset({"", name if isinstance(name, str) else ""})


def _has_parquet_only(folder: str) -> bool:
    names = os.listdir(folder)
    return any(name.endswith(".parquet") for name in names) and not any(name.endswith(".tfrecord") for name in names)
