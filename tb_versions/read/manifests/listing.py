"""What the table shows of a manifest: read from bytes, checked, and shared with other manifests where it is the same.

Manifests are hostile input. What breaks the schema is refused with the field's name. What is merely odd must be listed,
for it is on disk: hidden characters are spelled out instead, and the listing's notices say so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from tb_versions.core.command_options import options_of
from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import (
    FilesElsewhere,
    Parent,
    Scalar,
    is_digest,
    is_semantic_version,
    one_form,
    shown,
    visible,
)
from tb_versions.core.run_identity import short_identity
from tb_versions.core.scalars import WrongValueError, read_integer, read_scalar
from tb_versions.errors import InvalidManifestError
from tb_versions.read.few import Few, few, many
from tb_versions.read.manifests import decoding
from tb_versions.read.manifests.decoding import integer, milliseconds, part
from tb_versions.read.manifests.listed_files import ListedFiles, listed
from tb_versions.read.manifests.listed_metrics import ListedMetrics, listed_metrics
from tb_versions.read.manifests.recipes import TRAINING_SPLITS, recipe_of, seeds_of

_RELATIONS = {
    "fine_tuned_from": "fine-tuned from",
    "distilled_from": "distilled from",
    "derived_from": "derived from",
    "": "made from",
}
_READ_RELATION = next(field.read for field in fields_of(Parent) if field.name == "relation")

UNSTATED = ("imported", "created", "runs", "hyperparameters")
"""What the table can show that nobody stated."""

MALFORMED_DIGEST = "The digest is malformed."
"""A notice."""

_SHA256 = "sha256:"
_MOST_KEPT = 1_024
_LONGEST_KEPT = 4_096

_NONE: Mapping[str, Scalar] = {}
_LABELS = msgspec.json.Decoder(decoding.Texts)
_HYPERPARAMETERS = msgspec.json.Decoder(decoding.Scalars)
_DATASETS = msgspec.json.Decoder(decoding.Datasets)
_SEEDS = msgspec.json.Decoder(decoding.Integers)
_CODE = msgspec.json.Decoder(decoding.Code | None)
_INFERRED = msgspec.json.Decoder(list[decoding.Inference] | None)


class ListedRun(Struct, frozen=True, gc=False):
    """A run that a manifest names; wall time in milliseconds since the epoch; identity as in `identities`, or ""."""

    name: str
    step: int | None
    wall_ms: int | None
    identity: str = ""


class ListedParent(Struct, frozen=True, gc=False):
    """A parent that a manifest names; relation in words."""

    model: str
    number: int
    relation: str


class ListedDataset(NamedTuple):
    """Data that a manifest names; of the digest the first 12 hexadecimal digits, or ""."""

    name: str
    digest: str
    split: str


class Listing(Struct, frozen=True, kw_only=True, gc=False):
    """What the table shows of one manifest.

    Attributes:
        created_ms: Milliseconds since the epoch (UTC), or None.
        summary: First line of the description, at most 200 characters.
        recipe: Equal for versions that differ in their seeds only, see `recipes`; "" where that is not known.
        seeds: Equal for versions with equal seeds; "" where they are not known.
        lead_metric: Name of the metric by which the author chooses, or "".
        arguments: The options of the command that made it, as `args.lr`, where there are no hyperparameters.
        run_or_runs: The run that it names, or several, or none; see `runs`.
        packed_digest: See `digest`.
        notices: Sentences about what is odd in the manifest.
        files: Names and sizes of the model's files; None where they are too many to keep.
        elsewhere: Where these files are, as the manifest has it, unchecked; None where they are beside it.
        unstated: What nobody told this package: inferred fields, and "imported" where another tracker recorded the
            version; "" or "created runs".
    """

    model: str
    number: int
    semantic_version: str
    created_ms: int | None
    summary: str
    labels: Mapping[str, str]
    metrics: ListedMetrics
    hyperparameters: Mapping[str, Scalar]
    run_or_runs: Few[ListedRun]
    parents: tuple[ListedParent, ...]
    datasets: tuple[ListedDataset, ...]
    framework: str
    parameters: int | None
    size: int | None
    packed_digest: bytes | str
    notices: tuple[str, ...]
    recipe: str
    seeds: str
    lead_metric: str
    files: ListedFiles | None
    arguments: Mapping[str, Scalar]
    elsewhere: FilesElsewhere | None = None
    unstated: str = ""

    @property
    def runs(self) -> tuple[ListedRun, ...]:
        """The runs that the manifest names."""
        return many(self.run_or_runs)

    @property
    def digest(self) -> str:
        """That of the version's content, or what the manifest has in its place."""
        packed = self.packed_digest
        return packed if isinstance(packed, str) else f"{_SHA256}{packed.hex()}"


def read_listing(data: bytes) -> Listing:
    """Returns what the table shows of a manifest's bytes. Pure: equal bytes give equal listings.

    Raises:
        InvalidManifestError: It can't be read; the message names the field.
        NewerSchemaError: Written by a newer version.
    """
    try:
        return _listing(*decoding.decode(data))
    except (msgspec.ValidationError, WrongValueError) as error:
        raise decoding.refusal(data, error) from error


def _listing(manifest: decoding.Manifest, unknown: Sequence[str]) -> Listing:
    number = read_integer(manifest.number)
    if not manifest.model:
        raise InvalidManifestError("The manifest names no model.")
    if number < 0:
        raise InvalidManifestError("The manifest's number is not an integer from 0 to 2^63 - 1.")
    of_whole = [metric for metric in manifest.metrics if not metric.slice]
    metrics = listed_metrics(of_whole)
    parameters = integer(manifest.saved_model.parameter_count)
    hyperparameters = _hyperparameters(bytes(manifest.hyperparameters))
    recipe, seeds = _training(manifest, parameters)
    return Listing(
        model=sys.intern(one_form(visible(manifest.model))),
        number=number,
        semantic_version=visible(manifest.semantic_version),
        created_ms=milliseconds(manifest.created),
        summary=_summary(manifest.description),
        labels=_labels(bytes(manifest.labels)),
        metrics=metrics,
        hyperparameters=hyperparameters,
        run_or_runs=few(tuple([_run(run) for run in manifest.runs])),
        parents=tuple([_parent(parent) for parent in manifest.parents]),
        datasets=_datasets(bytes(manifest.datasets)),
        framework=_framework(manifest),
        parameters=parameters,
        size=integer(manifest.size_bytes),
        packed_digest=_packed_digest(manifest.digest),
        notices=tuple(_notices(manifest, unknown, shows_all=len(metrics) == len(of_whole))),
        recipe=recipe,
        seeds=seeds,
        lead_metric=_text(manifest.lead_metric),
        files=listed(bytes(manifest.files)) if bytes(manifest.file_list) == b"null" else None,
        arguments=_NONE if hyperparameters else _arguments(bytes(manifest.code)),
        elsewhere=_elsewhere(manifest.files_elsewhere),
        unstated=_unstated(bytes(manifest.inferred), bytes(manifest.imported)),
    )


def _packed_digest(digest: str) -> bytes | str:
    return bytes.fromhex(digest.removeprefix(_SHA256)) if is_digest(digest) else visible(digest)


def _text(text: str) -> str:
    """A text that many manifests have: one object for all of them, hidden characters spelled out."""
    return sys.intern(visible(text))


def _elsewhere(found: decoding.FilesElsewhere | None) -> FilesElsewhere | None:
    return None if found is None else FilesElsewhere(source=sys.intern(found.source), path=found.path)


_Value = TypeVar("_Value")


def _read_once(read: Callable[..., _Value]) -> Callable[..., _Value]:
    """Gives one object to all manifests that have the same bytes in a place, as versions of one training have.

    Of two manifests with `"hyperparameters": {"lr": 0.1}` the second is spared the reading and the memory. Long parts
    are read each time, for what is kept for others must stay small.
    """
    kept = lru_cache(maxsize=_MOST_KEPT)(read)

    def shared(*parts: bytes | str) -> _Value:
        return kept(*parts) if sum(map(len, parts)) <= _LONGEST_KEPT else read(*parts)

    return shared


@_read_once
def _summary(description: str) -> str:
    for line in description[:4_096].splitlines():
        if line.strip():
            return visible(line.strip().lstrip("#").strip())[:200]
    return ""


@_read_once
def _labels(data: bytes) -> Mapping[str, str]:
    labels = part(_LABELS, data, "labels") or {}
    return {_text(key): _text(value) for key, value in labels.items()}


@_read_once
def _hyperparameters(data: bytes) -> Mapping[str, Scalar]:
    values = part(_HYPERPARAMETERS, data, "hyperparameters") or {}
    return {_text(key): _scalar(value) for key, value in values.items()}


def _scalar(value: str | float | bool) -> Scalar:
    return _text(value) if isinstance(value, str) else read_scalar(value)


@_read_once
def _datasets(data: bytes) -> tuple[ListedDataset, ...]:
    """Each dataset once."""
    return tuple(dict.fromkeys([_dataset(each) for each in part(_DATASETS, data, "datasets") or ()]))


def _dataset(dataset: decoding.Dataset) -> ListedDataset:
    digest = dataset.digest or ""
    return ListedDataset(
        _text(dataset.name or ""), digest[7:19] if is_digest(digest) else "", _text(dataset.split or "")
    )


def _training(manifest: decoding.Manifest, parameters: int | None) -> tuple[str, str]:
    """The recipe and the seeds; no recipe where code or seeds break the schema, for which nothing is refused here."""
    settings, data = bytes(manifest.hyperparameters), bytes(manifest.datasets)
    try:
        seeds = _seeds(settings, bytes(manifest.seeds))
        return _recipe(manifest.model, str(parameters), settings, bytes(manifest.code), data), seeds
    except (msgspec.ValidationError, WrongValueError):
        return "", ""


@_read_once
def _seeds(settings: bytes, data: bytes) -> str:
    seeds = part(_SEEDS, data, "seeds") or {}
    return seeds_of(_hyperparameters(settings), {name: read_integer(seed) for name, seed in seeds.items()})


@_read_once
def _recipe(model: str, parameters: str, *parts: bytes) -> str:
    settings, code, data = parts
    made = part(_CODE, code, "code") or decoding.Code()
    datasets = part(_DATASETS, data, "datasets")
    others = [parameters, made.commit or "", made.dirty, made.diff or "", _training_data(datasets or [])]
    return recipe_of(model, _hyperparameters(settings), others)


@_read_once
def _arguments(code: bytes) -> Mapping[str, Scalar]:
    """The options of the command; none where the code breaks the schema, for which nothing is refused here."""
    try:
        given = (part(_CODE, code, "code") or decoding.Code()).arguments or ()
    except msgspec.ValidationError:
        return _NONE
    return {_text(f"args.{name}"): _scalar(value) for name, value in options_of(given).items()} or _NONE


def _unstated(inferred: bytes, imported: bytes) -> str:
    """Words of `UNSTATED`; no field where those break the schema, for which nothing is refused here."""
    if inferred == b"[]" and imported == b"null":  # as nearly always
        return ""
    try:
        found = part(_INFERRED, inferred, "inferred") or []
    except msgspec.ValidationError:
        found = []
    named = {each.field for each in found}
    if imported != b"null":
        named.add("imported")
    return sys.intern(" ".join([name for name in UNSTATED if name in named]))


def _training_data(datasets: list[decoding.Dataset]) -> list[str]:
    """Digests of what a version was trained on; of all its data where no split is called so."""
    named = [dataset for dataset in datasets if (dataset.split or "").lower() in TRAINING_SPLITS]
    return sorted({dataset.digest for dataset in named or datasets if dataset.digest})


def _run(run: decoding.Run) -> ListedRun:
    return ListedRun(
        name=_text(run.name),
        step=integer(run.step),
        wall_ms=milliseconds(run.wall_time),
        identity=short_identity(run.identity),
    )


def _parent(parent: decoding.Parent) -> ListedParent:
    return ListedParent(
        model=one_form(_text(parent.model)),
        number=integer(parent.number) or 0,
        relation=_RELATIONS[_READ_RELATION(parent.relation)],
    )


_FRAMEWORKS = {
    "keras": "Keras",
    "keras_h5": "Keras",
    "pytorch": "PyTorch",
    "sklearn": "scikit-learn",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
}
"""By format; files of other formats may come from any library."""


def _framework(manifest: decoding.Manifest) -> str:
    """The framework that wrote the model's files; one that is only installed may have nothing to do with them."""
    version = next(
        (graph.tensorflow_version for graph in manifest.saved_model.meta_graphs if graph.tensorflow_version), ""
    )
    return _text(f"TensorFlow {version}") if version else _FRAMEWORKS.get(manifest.format, "")


def _notices(manifest: decoding.Manifest, unknown: Sequence[str], *, shows_all: bool) -> list[str]:
    notices = []
    if unknown:
        names = ", ".join(visible(name)[:40] for name in unknown[:5])
        notices.append(f"The manifest has fields that this version does not know: {names}.")
    if manifest.digest and not is_digest(manifest.digest):
        notices.append(MALFORMED_DIGEST)
    if any(run.identity and not is_digest(run.identity) for run in manifest.runs):
        notices.append("The identity of a run is malformed; its name decides.")
    if manifest.semantic_version and not is_semantic_version(manifest.semantic_version):
        notices.append(f"{shown(manifest.semantic_version)} is not a semantic version.")
    if visible(manifest.model) != manifest.model:
        notices.append("The model's name has hidden characters, which are spelled out here.")
    if not shows_all:
        notices.append("Some metrics have one name and dataset; the first of them is shown.")
    return notices
