"""Reads of a manifest just what the table shows: the catalog's bulk path, about 25 µs a manifest.

Everything is checked, for manifests are hostile input; nothing is refused for its names, for what is
on disk must be listed: hidden characters are spelled out instead, and said so.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple, TypeVar, cast, overload

from tb_versions.core import codec
from tb_versions.core.manifest import (
    MANIFEST_LIMIT,
    MAX_ITEMS,
    MAX_NUMBER,
    MAX_TEXT,
    Scalar,
    is_digest,
    is_semantic_version,
    shown,
    visible,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.read.goals import KnownGoal, infer_goal
from tb_versions.read.recipes import TRAINING_SPLITS, recipe_of, seeds_of

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_GOALS = {"MAX": "max", "MIN": "min", 1: "max", 2: "min"}
_SOURCES = {"TYPED": "typed", "LOG": "log", "EVALUATED": "evaluated", 1: "typed", 2: "log", 3: "evaluated"}
_RELATIONS = {
    "FINE_TUNED_FROM": "fine-tuned from",
    "DISTILLED_FROM": "distilled from",
    "DERIVED_FROM": "derived from",
    1: "fine-tuned from",
    2: "distilled from",
    3: "derived from",
}
_MISSING = object()


@dataclass(frozen=True, slots=True)
class MetricKind:
    """What metrics of one table column share; one object for all of them.

    Attributes:
        key: The column: the name, with ` [dataset/slice]` behind it where there is one.
        goal: Better when higher ("max") or lower ("min"), or "unknown".
        goal_source: "manifest", "inferred" from the name, or "unknown".
        source: "typed", "log" or "evaluated".
        run: Run that it was copied from, or "".
        tag: Tag that it was copied from, or "".
    """

    key: str
    name: str
    dataset: str
    slice: str
    goal: KnownGoal
    goal_source: str
    source: str
    run: str
    tag: str


class ListedMetric(NamedTuple):
    """A metric's value, and the step at which it was taken."""

    kind: MetricKind
    value: float
    step: int | None


class ListedMetrics(Sequence[ListedMetric]):
    """The metrics of one version, in the manifest's order; a fifth of the memory of a tuple of them.

    Versions of one training share their kinds, and nearly always one step per version.
    """

    __slots__ = ("_kinds", "_steps", "_values")

    def __init__(self, metrics: Sequence[ListedMetric]) -> None:
        """Packs metrics; the sequence given is not kept."""
        steps = tuple([metric.step for metric in metrics])
        self._kinds = _shared_kinds(tuple([metric.kind for metric in metrics]))
        self._values = array("d", [metric.value for metric in metrics])
        self._steps = steps if len(set(steps)) > 1 else steps[:1]

    def __len__(self) -> int:
        return len(self._kinds)

    @overload
    def __getitem__(self, index: int) -> ListedMetric: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ListedMetric]: ...
    def __getitem__(self, index: int | slice) -> ListedMetric | Sequence[ListedMetric]:
        return list(self)[index]

    def __iter__(self) -> Iterator[ListedMetric]:
        steps = self._steps if len(self._steps) == len(self._kinds) else repeat(*self._steps or (None,))
        return map(ListedMetric, self._kinds, self._values, steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run that a manifest names; wall time in milliseconds since the epoch."""

    name: str
    step: int | None
    wall_ms: int | None


@dataclass(frozen=True, slots=True)
class ListedParent:
    """A parent that a manifest names; relation in words."""

    model: str
    number: int
    relation: str


class ListedDataset(NamedTuple):
    """Data that a manifest names; of the digest the first 12 hexadecimal digits, or ""."""

    name: str
    digest: str
    split: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the table shows of one manifest.

    Attributes:
        created_ms: Milliseconds since the epoch (UTC), or None.
        summary: First line of the description, at most 200 characters.
        recipe: Equal for versions that differ in their seeds only, see `recipes`; "" where nobody can say.
        seeds: Equal for versions with equal seeds; "" where they are not known.
        notices: Sentences about what the reader had to say of the manifest.
    """

    model: str
    number: int
    semantic_version: str
    created_ms: int | None
    summary: str
    labels: Mapping[str, str]
    metrics: Sequence[ListedMetric]
    hyperparameters: Mapping[str, Scalar]
    runs: tuple[ListedRun, ...]
    parents: tuple[ListedParent, ...]
    datasets: tuple[ListedDataset, ...]
    framework: str
    parameters: int | None
    size: int | None
    digest: str
    notices: tuple[str, ...]
    recipe: str = ""
    seeds: str = ""


def read_listing(data: bytes) -> Listing:
    """Returns what the table shows of a manifest's bytes.

    Raises:
        InvalidManifestError: It can't be read; the message names the field.
        NewerSchemaError: Written by a newer version.
    """
    fields = _Fields(codec.load_json(data), "")
    model, number = fields.text("model"), fields.integer("number", 0)
    if not model:
        raise InvalidManifestError("The manifest names no model.")
    if number is None or not 0 <= number <= MAX_NUMBER:
        raise InvalidManifestError("The manifest's number is not an integer from 0 to 2^63 - 1.")
    created = codec.parse_time(fields.get("created"))
    saved_model = fields.child("savedModel", "saved_model")
    listing = Listing(
        model=sys.intern(model),
        number=number,
        semantic_version=fields.text("semanticVersion", "semantic_version"),
        created_ms=None if created is None else int(created.timestamp() * 1000),
        summary=_summary(fields.text("description", limit=1 << 20)),
        labels=_shared({_key(k): fields.as_text(v, "labels") for k, v in fields.mapping("labels").items()}),
        metrics=ListedMetrics([_metric(m) for m in fields.items("metrics")]),
        hyperparameters=_shared({_key(k): _scalar(k, v) for k, v in fields.mapping("hyperparameters").items()}),
        runs=tuple(_run(_Fields(r, "runs")) for r in fields.items("runs")),
        parents=tuple(_parent(_Fields(p, "parents")) for p in fields.items("parents")),
        datasets=_datasets(fields.items("datasets")),
        framework=_framework(fields, saved_model),
        parameters=saved_model.integer("parameterCount", "parameter_count"),
        size=fields.integer("sizeBytes", "size_bytes"),
        digest=fields.text("digest"),
        notices=(),
    )
    notices = _notices(fields, listing)
    metrics = {metric.kind.key: metric for metric in reversed(list(listing.metrics))}
    if len(metrics) != len(listing.metrics):
        object.__setattr__(listing, "metrics", ListedMetrics(list(reversed(metrics.values()))))
        notices.append("Some metrics have one name, dataset and slice; the first of them is shown.")
    if notices:
        object.__setattr__(listing, "notices", tuple(notices))
    _add_recipe(fields, listing)
    return listing


def _add_recipe(fields: _Fields, listing: Listing) -> None:
    """Nothing is refused here: of a manifest whose code, data or seeds break the schema, nobody knows the recipe."""
    try:
        code = fields.child("code")
        dirty = code.get("dirty")
        told = code.text("commit"), dirty if isinstance(dirty, bool) else None, code.text("diff", limit=MANIFEST_LIMIT)
        digests = sorted(_training_data([_Fields(d, "datasets") for d in fields.items("datasets")]))
        recipe = recipe_of(listing.model, listing.hyperparameters, [listing.parameters, told, digests])
        seeds = seeds_of(
            listing.hyperparameters, {name: _int64(seed, "seeds") for name, seed in fields.mapping("seeds").items()}
        )
    except InvalidManifestError:
        return
    object.__setattr__(listing, "recipe", recipe)
    object.__setattr__(listing, "seeds", seeds)


def _training_data(datasets: Sequence[_Fields]) -> set[str]:
    """Digests of what a version was trained on; of all its data where no split is called so."""
    named = [dataset for dataset in datasets if dataset.text("split").lower() in TRAINING_SPLITS]
    return {digest for dataset in named or datasets if (digest := dataset.text("digest"))}


class _Fields:
    """Typed access to one JSON object; errors name the field."""

    __slots__ = ("fields", "where")

    def __init__(self, fields: object, where: str) -> None:
        if not isinstance(fields, dict):
            raise InvalidManifestError(f"The field {where} holds something that is not an object.")
        self.fields: dict[str, Any] = fields
        self.where = where + "." if where else ""

    def get(self, name: str, other: str = "") -> Any:
        value = self.fields.get(name, _MISSING)
        if value is _MISSING:
            value = self.fields.get(other) if other else None
        return value

    def text(self, name: str, other: str = "", *, limit: int = MAX_TEXT) -> str:
        value = self.get(name, other)
        return "" if value is None else self.as_text(value, name, limit=limit)

    def as_text(self, value: object, name: str, *, limit: int = MAX_TEXT) -> str:
        if not isinstance(value, str):
            raise InvalidManifestError(f"The field {self.where}{name} must be a string, not {_kind(value)}.")
        if len(value) > limit:
            raise InvalidManifestError(
                f"The field {self.where}{name} has {len(value):,} characters; at most {limit:,} are read."
            )
        return visible(value) if limit == MAX_TEXT else value

    def integer(self, name: str, other: object = "", default: int | None = None) -> int | None:
        if isinstance(other, int):
            default, other = other, ""
        value = self.get(name, str(other))
        if value is None:
            return default
        return _int64(value, self.where + name)

    def double(self, name: str) -> float:
        value = self.get(name)
        if isinstance(value, float):
            return value
        if value is None:
            return 0.0
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, str) and value in _SPECIAL:
            return _SPECIAL[value]
        raise InvalidManifestError(f"The field {self.where}{name} must be a number, not {_kind(value)}.")

    def items(self, name: str) -> list[Any]:
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InvalidManifestError(f"The field {name} must be a list, not {_kind(value)}.")
        _check_count(value, name)
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise InvalidManifestError(f"The field {name} must be an object, not {_kind(value)}.")
        for key in value:
            if len(key) > MAX_TEXT:
                raise InvalidManifestError(f"A key in {name} has more than {MAX_TEXT:,} characters.")
        _check_count(value, name)
        return value

    def child(self, name: str, other: str = "") -> _Fields:
        value = self.get(name, other)
        return _Fields({} if value is None else value, name)


def _check_count(values: Sized, name: str) -> None:
    if len(values) > MAX_ITEMS:
        raise InvalidManifestError(f"The field {name} holds {len(values):,} entries; at most {MAX_ITEMS:,} are read.")


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "a string", bool: "a bool"}.get(type(value), "a number")


def _int64(value: object, where: str) -> int:
    if type(value) is str and len(value) <= 18 and value.isdigit() and value.isascii():
        return int(value)
    if isinstance(value, str) and 0 < len(value) <= 20 and value.removeprefix("-").isdecimal() and value.isascii():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise InvalidManifestError(f"The field {where} must be a 64-bit integer, not {shown(value)}.")
    return value


@lru_cache(maxsize=8_192)
def _key(text: str) -> str:
    """A text that many manifests share: one object for all of them."""
    return visible(text)


def _summary(description: str) -> str:
    for line in description[:4_096].splitlines():
        if line.strip():
            return visible(line.strip().lstrip("#").strip())[:200]
    return ""


_new_metric = tuple.__new__  # what a NamedTuple's constructor ends in, at half its price


def _metric(fields: object) -> ListedMetric:
    if not isinstance(fields, dict):
        raise InvalidManifestError("The field metrics holds something that is not an object.")
    get = fields.get
    try:
        kind = _metric_kind(
            (
                get("name", ""),
                get("goal"),
                get("dataset", ""),
                get("slice", ""),
                get("source"),
                get("run", ""),
                get("tag", ""),
            )
        )
    except TypeError:  # a list or object, which no cache takes
        raise InvalidManifestError("A metric holds a list or object where a text must be.") from None
    value, step = get("value"), get("step")
    if type(value) is not float:
        value = _Fields(fields, "metrics").double("value")
    return _new_metric(ListedMetric, (kind, value, None if step is None else _int64(step, "metrics.step")))


@lru_cache(maxsize=8_192)
def _metric_kind(parts: tuple[object, ...]) -> MetricKind:
    name, goal, dataset, part, source, run, tag = parts
    fields = _Fields({"name": name, "dataset": dataset, "slice": part, "run": run, "tag": tag}, "metrics")
    known: KnownGoal = _enum(_GOALS, goal) or "unknown"  # type: ignore[assignment]
    inferred = infer_goal(fields.text("name"))
    return MetricKind(
        key=metric_key(fields.text("name"), fields.text("dataset"), fields.text("slice")),
        name=fields.text("name"),
        dataset=fields.text("dataset"),
        slice=fields.text("slice"),
        goal=inferred if known == "unknown" else known,
        goal_source="manifest" if known != "unknown" else "unknown" if inferred == "unknown" else "inferred",
        source=_enum(_SOURCES, source) or "typed",
        run=fields.text("run"),
        tag=fields.text("tag"),
    )


def metric_key(name: str, dataset: str, part: str) -> str:
    """Returns the column that a metric belongs to."""
    where = f"{dataset}/{part}" if part else dataset
    return f"{name} [{where}]" if where else name


def _enum(words: Mapping[Any, str], value: object) -> str:
    return words.get(value, "") if isinstance(value, (str, int)) else ""


_Values = TypeVar("_Values", bound=Mapping[str, Any])

_MOST_SHARED = 4_096
_SMALL = 64
_SHORT = 128
_mappings: dict[tuple[Any, ...], Mapping[str, Any]] = {}
_kinds: dict[tuple[int, ...], tuple[MetricKind, ...]] = {}
_data: dict[tuple[ListedDataset, ...], tuple[ListedDataset, ...]] = {}


def _shared(values: _Values) -> _Values:
    """One object for all manifests with the same entries; 1, 1.0 and True are not the same."""
    if len(values) > _SMALL or any(len(text) > _SHORT for text in values.values() if isinstance(text, str)):
        return values  # what is kept for others must stay small
    key = (*values.items(), *map(type, values.values()))
    if len(_mappings) >= _MOST_SHARED:
        _mappings.clear()
    return cast("_Values", _mappings.setdefault(key, values))


def _shared_kinds(kinds: tuple[MetricKind, ...]) -> tuple[MetricKind, ...]:
    """One tuple for all manifests with the same columns; what is kept keeps its objects' ids taken."""
    if len(kinds) > _SMALL:
        return kinds
    if len(_kinds) >= _MOST_SHARED:
        _kinds.clear()
    return _kinds.setdefault(tuple(map(id, kinds)), kinds)


def _scalar(key: str, value: object) -> Scalar:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise InvalidManifestError(
                f"The hyperparameter {shown(key)} has {len(value):,} characters; at most {MAX_TEXT:,} are read."
            )
        return _key(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)  # JSON's numbers are doubles: 32 is written as 32.0
    if isinstance(value, (bool, int, float)):
        return value if -(2**53) <= value <= 2**53 or isinstance(value, float) else str(value)
    raise InvalidManifestError(f"The hyperparameter {shown(key)} must be a number, string or bool.")


def _run(fields: _Fields) -> ListedRun:
    wall_time = codec.parse_time(fields.get("wallTime", "wall_time"))
    return ListedRun(
        name=sys.intern(fields.text("name")),
        step=fields.integer("step"),
        wall_ms=None if wall_time is None else int(wall_time.timestamp() * 1000),
    )


def _parent(fields: _Fields) -> ListedParent:
    return ListedParent(
        model=sys.intern(fields.text("model")),
        number=fields.integer("number", 0) or 0,
        relation=_enum(_RELATIONS, fields.get("relation")) or "made from",
    )


def _datasets(found: Sequence[object]) -> tuple[ListedDataset, ...]:
    """Each dataset once; one tuple for all manifests that name the same ones."""
    datasets = tuple(dict.fromkeys([_dataset(each) for each in found]))
    if len(datasets) > _SMALL:
        return datasets
    if len(_data) >= _MOST_SHARED:
        _data.clear()
    return _data.setdefault(datasets, datasets)


def _dataset(fields: object) -> ListedDataset:
    if not isinstance(fields, dict):
        raise InvalidManifestError("The field datasets holds something that is not an object.")
    get = fields.get
    try:
        return _named_dataset(get("name"), get("digest"), get("split"))
    except TypeError:  # a list or object, which no cache takes
        raise InvalidManifestError("A dataset holds a list or object where a text must be.") from None


@lru_cache(maxsize=8_192)
def _named_dataset(name: object, digest: object, split: object) -> ListedDataset:
    fields = _Fields({"name": name, "digest": digest, "split": split}, "datasets")
    digest = fields.text("digest")
    short = digest[7:19] if is_digest(digest) else ""
    return ListedDataset(fields.text("name"), short, fields.text("split"))


def _framework(fields: _Fields, saved_model: _Fields) -> str:
    for graph in saved_model.items("metaGraphs") or saved_model.items("meta_graphs"):
        version = _Fields(graph, "metaGraphs").text("tensorflowVersion", "tensorflow_version")
        if version:
            return sys.intern(f"TensorFlow {version}")
    version = fields.child("environment").text("tensorflow")
    return sys.intern(f"TensorFlow {version}") if version else ""


def _notices(fields: _Fields, listing: Listing) -> list[str]:
    notices = []
    unknown = codec.unknown_fields(fields.fields)
    if unknown:
        names = ", ".join(visible(name)[:40] for name in unknown[:5])
        notices.append(f"The manifest has fields that this version does not know: {names}.")
    if listing.digest and not is_digest(listing.digest):
        notices.append("The digest is malformed.")
    if listing.semantic_version and not is_semantic_version(listing.semantic_version):
        notices.append(f"{shown(listing.semantic_version)} is not a semantic version.")
    if "\\u{" in listing.model:
        notices.append("The model's name has hidden characters, which are spelled out here.")
    return notices
