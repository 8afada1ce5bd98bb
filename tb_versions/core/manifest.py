"""What a version is: frozen values and the rules they obey. No input or output here.

Each class has the fields of the message of its name in `proto/manifest.proto`; `fields` reads and writes them as JSON.
docs/manifest-format.md explains every field.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

import semver

from tb_versions.errors import InvalidManifestError, InvalidNameError

SCHEMA_VERSION = 2
"""The newest schema of manifests that this package reads; it writes it only where schema 1 does not do."""

USUAL_SCHEMA = 1
"""Schema of manifests that hold their list of files."""

MANIFEST_NAME = "version_manifest.json"
"""File name of the manifest inside a version's folder."""

FILE_LIST_NAME = "version_files.jsonl"
"""File name of the list of files, beside the manifest, where the manifest has none."""

MANIFEST_LIMIT = 1 << 20
"""Largest manifest in bytes; checked before a file is read."""

MAX_ITEMS = 1_000
"""Most hyperparameters, labels, runs, parents or datasets of one version."""

MAX_METRICS = 5_000
"""Most metrics of one version, those of slices included; releases before slices read up to 1,000."""

MAX_TEXT = 1_024
"""Most characters of a metric name, label value and other short texts."""

MAX_PATH = 4_096
"""Most characters of the path of files elsewhere."""

MAX_DESCRIPTION = 64 * 1_024
"""Most characters of a description."""

MAX_NUMBER = 2**63 - 1

Scalar = str | float | int | bool
"""A hyperparameter's value."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?", re.ASCII)
_RESERVED = re.compile(
    r"latest|v[0-9]+|(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?|constructor|prototype|__proto__"
    r"|version_manifest\.json|saved_model\.pb(?:txt)?",
    re.IGNORECASE | re.ASCII,
)
_RESERVED_KEYS = frozenset({"__proto__", "constructor", "prototype"})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_ZERO_WIDTH_JOINER = "\u200d"

Goal = Literal["max", "min", ""]
Source = Literal["typed", "log", "evaluated", "inferred", "imported", ""]
Files = Literal["copied", "linked", "absent", ""]
Compared = Literal["same", "different", "not_compared", ""]
Relation = Literal["fine_tuned_from", "distilled_from", "derived_from", ""]


class _SaidOnly:
    """Prints the fields that say something, and no others."""

    def __repr__(self) -> str:
        values = ((each.name, getattr(self, each.name), each.default) for each in fields(self))  # type: ignore[arg-type]
        said = ", ".join(f"{name}={value!r}" for name, value, default in values if value != default)
        return f"{type(self).__name__}({said})"


@dataclass(frozen=True, kw_only=True, repr=False)
class Metric(_SaidOnly):
    """A named scalar of a version.

    Attributes:
        name: At most 1,024 characters.
        value: Any double; NaN and infinities are kept.
        goal: "max" or "min"; "" lets the reader infer it from the name.
        step: Training step at which the value was taken; None where unknown.
        dataset: Data it was measured on; "" means unsaid.
        slice: Part of the dataset; "" means all of it.
        source: "typed" by the author, copied from the training "log", "evaluated" on the exported model,
            "inferred" by an adopter, who found it in a log, or "imported" as another tracker recorded it.
        run: For "log": TensorBoard run it was copied from, where known.
        tag: For "log": scalar tag it was copied from, where known.
        lower: Lower end of the value's interval, finite; None where unknown.
        upper: Upper end of it.
        examples: How many examples it was measured on, 0 or more; None where unknown.
        confidence: Share of such intervals that hold the true value, between 0 and 1, such as 0.95; None means unsaid.
    """

    name: str = ""
    value: float = 0.0
    goal: Goal = ""
    step: int | None = None
    dataset: str = ""
    slice: str = ""
    source: Source = ""
    run: str = ""
    tag: str = ""
    lower: float | None = None
    upper: float | None = None
    examples: int | None = None
    confidence: float | None = None


def metric_key(name: str, dataset: str, part: str) -> str:
    """Returns the column that a metric belongs to: its name, with ` [dataset/slice]` behind it where there is one."""
    where = f"{dataset}/{part}" if part else dataset
    return f"{name} [{where}]" if where else name


@dataclass(frozen=True, kw_only=True, repr=False)
class Run(_SaidOnly):
    """A TensorBoard run.

    Attributes:
        name: Relative to the log directory. It is for people: two runs may have one name.
        step: Step of the export.
        wall_time: Time of the export.
        identity: Of the run itself, see `run_identity`; "" where unknown.
    """

    name: str = ""
    step: int | None = None
    wall_time: datetime.datetime | None = None
    identity: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Parent(_SaidOnly):
    """A version that this one was made from."""

    model: str = ""
    number: int = 0
    digest: str = ""
    relation: Relation = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Dataset(_SaidOnly):
    """Data that a version was trained or evaluated on."""

    name: str = ""
    uri: str = ""
    digest: str = ""
    rows: int | None = None
    split: str = ""
    digest_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Code:
    """State of the git work tree that made a version."""

    commit: str = ""
    branch: str = ""
    remote: str = ""
    dirty: bool | None = None
    dirty_files: tuple[str, ...] = ()
    diff: str = ""
    diff_truncated: bool = False
    entry_point: str = ""
    arguments: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Software that made a version."""

    python: str = ""
    os: str = ""
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    cuda: str = ""
    cudnn: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A graphics processor; memory in bytes, 0 where unknown."""

    name: str = ""
    memory_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """Machine that made a version; never its name. 0 means unknown."""

    cpu: str = ""
    cores: int = 0
    logical_cores: int = 0
    memory_bytes: int = 0
    gpus: tuple[Gpu, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Shape of a tensor; dimension -1 is unknown."""

    dimensions: tuple[int, ...] = ()
    unknown_rank: bool = False


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input or output of a signature."""

    name: str = ""
    dtype: str = ""
    shape: Shape | None = None
    tensor: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A callable of a SavedModel."""

    key: str = ""
    method: str = ""
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MetaGraph:
    """One tagged graph of a SavedModel; `ops` counts nodes by op type."""

    tags: tuple[str, ...] = ()
    tensorflow_version: str = ""
    signatures: tuple[Signature, ...] = ()
    ops: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable in a SavedModel's checkpoint."""

    name: str = ""
    dtype: str = ""
    shape: Shape | None = None
    trainable: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """TensorFlow's FingerprintDef, each part an unsigned 64-bit integer in decimal."""

    saved_model_checksum: str = ""
    graph_def_program_hash: str = ""
    signature_def_hash: str = ""
    saved_object_graph_hash: str = ""
    checkpoint_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """What a SavedModel says of itself, read by parsing."""

    meta_graphs: tuple[MetaGraph, ...] = ()
    variables: tuple[Variable, ...] = ()
    variables_omitted: int = 0
    parameter_count: int = 0
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, kw_only=True, order=True)
class File:
    """A file of a version: POSIX path relative to its folder, size in bytes, "sha256:<hex>"."""

    path: str = ""
    size: int = 0
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class FileList:
    """A list of files in a file beside the manifest: its name, its "sha256:<hex>", and how many files it lists."""

    path: str = ""
    digest: str = ""
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class FilesElsewhere:
    """Where files lie that are not beside the manifest.

    Attributes:
        source: Name of a folder, which whoever reads binds to a path; see `elsewhere`.
        path: POSIX path below that folder, of the folder with the files or of the one file.
    """

    source: str = ""
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Inference:
    """A field that an adopter found out, and its evidence in words."""

    field: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Which version of another tracker a version is.

    Attributes:
        tracker: "mlflow", "tfx", "wandb", "gto", "trackio", "neptune".
        store: What identifies that tracker's store: no path, no address.
        key: What identifies the version in it.
        model: Name of its model there, as people wrote it.
        version: Its number or name there; "" where it has none.
        files: Where its files were: "copied" into its folder, "linked" where they are, or "absent": not at hand, so
            that nothing is known of them.
        model_description: What the tracker says of its model as a whole.
        model_labels: Likewise.
        notes: What could not be taken over, in words.
    """

    tracker: str = ""
    store: str = ""
    key: str = ""
    model: str = ""
    version: str = ""
    files: Files = ""
    model_description: str = ""
    model_labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Golden:
    """Inputs, and what the exported model answered to them when the version was published.

    Attributes:
        digest: Of the file `golden.npz` in `.versions/golden/<number>/`.
        size: Of that file, bytes.
        signatures: Whose answers are in it, sorted.
        tensorflow: Version of TensorFlow that answered.
        compared: "same" or "different" than the model in memory, or "not_compared", wholly or in part; see `notes`.
        max_error: Largest difference of a number from the model in memory; None where none was compared.
        notes: What is not in it, or differs, in words.
    """

    digest: str = ""
    size: int = 0
    signatures: tuple[str, ...] = ()
    tensorflow: str = ""
    compared: Compared = ""
    max_error: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """What one call of `provenance.set_seeds` did.

    Attributes:
        seed: That was given.
        was_set: What got it, sorted: "keras", "numpy", "python", "tensorflow", "torch"; and "op_determinism", which was
            switched on.
        could_not: What did not, sentences for people.
    """

    seed: int = 0
    was_set: tuple[str, ...] = ()
    could_not: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class VersionManifest:
    """The self-describing record of one exported state of a model.

    Attributes are those of the message `VersionManifest` in `proto/manifest.proto`;
    "" , 0, None and empty collections mean "not known". Sequences keep their order.
    """

    schema_version: int = USUAL_SCHEMA
    model: str = ""
    number: int = 0
    semantic_version: str = ""
    created: datetime.datetime | None = None
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    hyperparameters: Mapping[str, Scalar] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    parents: tuple[Parent, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    code: Code | None = None
    environment: Environment | None = None
    hardware: Hardware | None = None
    seeds: Mapping[str, int] = field(default_factory=dict)
    training_seconds: float = 0.0
    format: str = "saved_model"
    saved_model: SavedModel | None = None
    files: tuple[File, ...] = ()
    digest: str = ""
    size_bytes: int = 0
    created_by: str = ""
    lead_metric: str = ""
    file_list: FileList | None = None
    inferred: tuple[Inference, ...] = ()
    files_elsewhere: FilesElsewhere | None = None
    imported: Imported | None = None
    golden: Golden | None = None
    seeding: Seeding | None = None

    @property
    def reference(self) -> str:
        """`model:number`."""
        return f"{self.model}:{self.number}"

    def __repr__(self) -> str:
        """What it is of; all of it would be pages."""
        counts = f"metrics={len(self.metrics)}, files={len(self.files)}"
        return f"VersionManifest({self.reference!r}, {counts}, digest={self.digest[:19]!r})"


def check_model_name(name: object) -> str:
    """Returns the name if it may name a model.

    Raises:
        InvalidNameError: It may not; the message says which rule it breaks.
    """
    return _check_name(name, "model")


def check_source(name: object) -> str:
    """Returns the name if it may name a source of files that lie elsewhere.

    Raises:
        InvalidNameError: It may not; the message says which rule it breaks.
    """
    return _check_name(name, "source")


def is_model_name(name: str) -> bool:
    """Whether a name may name a model."""
    try:
        check_model_name(name)
    except InvalidNameError:
        return False
    return True


def check_alias(name: object) -> str:
    """Returns the name if it may name an alias: one of a model that is no number.

    Raises:
        InvalidNameError: It may not; the message says which rule it breaks.
    """
    alias = _check_name(name, "alias")
    if alias.isdigit():
        raise InvalidNameError(f"{shown(alias)} can't name an alias: it is a number. Choose a word.")
    return alias


def _check_name(name: object, what: str) -> str:
    article = "An" if what == "alias" else "A"
    if not isinstance(name, str):
        raise InvalidNameError(f"{article} {what} name must be a string, not {type(name).__name__}.")
    if not _NAME.fullmatch(name):
        raise InvalidNameError(
            f"{shown(name)} can't name {article.lower()} {what}: use 1 to 128 of the characters A-Z a-z 0-9 . _ -, "
            "beginning and ending with a letter or digit."
        )
    if _RESERVED.fullmatch(name):
        raise InvalidNameError(
            f"{shown(name)} can't name {article.lower()} {what}: the word is reserved. Choose another name."
        )
    return name


def check_number(number: object) -> int:
    """Returns the version number if it is an integer from 0 to 2**63 - 1.

    Raises:
        InvalidManifestError: It isn't.
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_NUMBER:
        raise InvalidManifestError(f"A version number must be an integer from 0 to {MAX_NUMBER}, not {shown(number)}.")
    return number


def is_semantic_version(text: str) -> bool:
    """Whether a text is a version by semver.org 2.0.0."""
    return len(text) <= 256 and semver.Version.is_valid(text)


def is_digest(text: str) -> bool:
    """Whether a text is "sha256:" and 64 lower-case hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def hidden_character(text: str, *, newlines: bool = False) -> str | None:
    """Returns the first control, format or bidirectional-override character of a text, or None.

    Args:
        text: Any text.
        newlines: Whether line feed, carriage return and tab are allowed.
    """
    if text.isascii() and text.isprintable():
        return None
    for position, character in enumerate(text):
        if newlines and character in "\n\r\t":
            continue
        if character == _ZERO_WIDTH_JOINER and position > 0:
            continue
        if unicodedata.category(character) in _HIDDEN_CATEGORIES:
            return character
    return None


def check_text(text: object, what: str, *, limit: int = MAX_TEXT, newlines: bool = False) -> str:
    """Returns the text if it is a string within the limit and without hidden characters.

    Args:
        text: The candidate.
        what: How the message calls it: "The description".
        limit: Most characters.
        newlines: Whether line feed, carriage return and tab are allowed.

    Raises:
        InvalidManifestError: It breaks a rule; the message says which.
    """
    if not isinstance(text, str):
        raise InvalidManifestError(f"{what} must be a string, not {type(text).__name__}.")
    if len(text) > limit:
        raise InvalidManifestError(f"{what} has {len(text):,} characters; at most {limit:,} are allowed.")
    hidden = hidden_character(text, newlines=newlines)
    if hidden is not None:
        name = unicodedata.name(hidden, "control character")
        raise InvalidManifestError(
            f"{what} has the character U+{ord(hidden):04X} ({name}), which can hide or reorder text; remove it."
        )
    return text


def check_key(key: object, what: str) -> str:
    """Returns the key of a metric, hyperparameter or label if it is allowed.

    Raises:
        InvalidManifestError: It is empty, too long, reserved, or has hidden characters.
    """
    text = check_text(key, what, limit=256)
    if not text or text in _RESERVED_KEYS:
        raise InvalidManifestError(f"{what} must not be empty or {', '.join(sorted(_RESERVED_KEYS))}.")
    return text


def visible(text: str) -> str:
    r"""Returns the text with hidden characters spelled out like \u{202e}; nearly always the text itself."""
    if (text.isascii() and text.isprintable()) or hidden_character(text) is None:
        return text
    return "".join(c if hidden_character(c) is None else f"\\u{{{ord(c):x}}}" for c in text)


def one_form(text: str) -> str:
    """Returns the text in Unicode's form NFC; macOS may return a name in NFD, which looks the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def shown(value: object) -> str:
    """Returns a value as messages quote it: visible, in quotes, cut at 80 characters."""
    text = value if isinstance(value, str) else repr(value)
    return f'"{visible(text if len(text) <= 80 else text[:79] + "…")}"'


def validate(manifest: VersionManifest) -> VersionManifest:
    """Returns the manifest if it keeps every rule a writer must keep.

    Raises:
        InvalidNameError: The model's name.
        InvalidManifestError: Anything else; the message names the field and the rule.
    """
    check_model_name(manifest.model)
    check_number(manifest.number)
    if manifest.semantic_version and not is_semantic_version(manifest.semantic_version):
        raise InvalidManifestError(
            f"{shown(manifest.semantic_version)} is not a semantic version; write it like 1.4.0 or 2.0.0-rc.1."
        )
    check_text(manifest.description, "The description", limit=MAX_DESCRIPTION, newlines=True)
    _validate_counts(manifest)
    _validate_metrics(manifest.metrics)
    _validate_hyperparameters(manifest.hyperparameters)
    for key, value in manifest.labels.items():
        check_key(key, "A label's key")
        check_text(value, f"The label {shown(key)}")
    if manifest.lead_metric:
        check_key(manifest.lead_metric, "The lead metric's name")
    _validate_runs(manifest.runs)
    for parent in manifest.parents:
        check_model_name(parent.model)
        check_number(parent.number)
    if manifest.imported is not None:
        _validate_imported(manifest.imported)
    if manifest.golden is not None:
        _validate_golden(manifest.golden)
    for text in (*manifest.seeding.was_set, *manifest.seeding.could_not) if manifest.seeding else ():
        check_text(text, "What is said of seeds")
    if manifest.files_elsewhere is not None:
        check_source(manifest.files_elsewhere.source)
        check_path_elsewhere(manifest.files_elsewhere.path)
    for inference in manifest.inferred:
        check_text(inference.field, "An inferred field's name")
        check_text(inference.evidence, "The evidence for an inferred field")
    _validate_datasets(manifest.datasets)
    return manifest


def check_path_elsewhere(path: object) -> str:
    """Returns the path if it is one below a folder: relative, POSIX, without `.`, `..`, backslash and empty parts.

    Raises:
        InvalidManifestError: It isn't; the message says why.
    """
    text = check_text(path, "The path of files elsewhere", limit=MAX_PATH)
    if "\\" in text or any(part in ("", ".", "..") for part in text.split("/")):
        raise InvalidManifestError(
            f"{shown(text)} can't be the path of files elsewhere: it must lead from the source's folder downwards, "
            "like digits/00012."
        )
    return text


def _validate_runs(runs: tuple[Run, ...]) -> None:
    for run in runs:
        check_text(run.name, "A run's name")
        if run.identity and not is_digest(run.identity):
            raise InvalidManifestError(f"A run's identity must be sha256:<64 hex digits>, not {shown(run.identity)}.")


def _validate_datasets(datasets: tuple[Dataset, ...]) -> None:
    for dataset in datasets:
        for text, what in ((dataset.name, "name"), (dataset.uri, "URI"), (dataset.split, "split")):
            check_text(text, f"A dataset's {what}")
        if dataset.digest and not is_digest(dataset.digest):
            raise InvalidManifestError(
                f"A dataset's digest must be sha256:<64 hex digits>, not {shown(dataset.digest)}."
            )


def _validate_imported(imported: Imported) -> None:
    for name in ("tracker", "store", "key", "model", "version"):
        check_text(getattr(imported, name), f"The {name} that it was imported from")
    check_text(imported.model_description, "The model's description", limit=MAX_DESCRIPTION, newlines=True)
    for key, value in imported.model_labels.items():
        check_key(key, "The key of a model's label")
        check_text(value, f"The model's label {shown(key)}")
    for note in imported.notes:
        check_text(note, "A note of the import")


def _validate_golden(golden: Golden) -> None:
    if not is_digest(golden.digest):
        raise InvalidManifestError(f"The digest of golden outputs must be sha256:<hex>, not {shown(golden.digest)}.")
    for text in (*golden.signatures, golden.tensorflow, *golden.notes):
        check_text(text, "What is said of golden outputs")


def _validate_counts(manifest: VersionManifest) -> None:
    for what in ("metrics", "hyperparameters", "labels", "runs", "parents", "datasets", "inferred"):
        count, most = len(getattr(manifest, what)), MAX_METRICS if what == "metrics" else MAX_ITEMS
        if count > most:
            raise InvalidManifestError(f"A version holds at most {most:,} {what}; {count:,} were given.")


def _validate_metrics(metrics: tuple[Metric, ...]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for metric in metrics:
        check_key(metric.name, "A metric's name")
        check_text(metric.dataset, f"The dataset of metric {shown(metric.name)}", limit=256)
        check_text(metric.slice, f"The slice of metric {shown(metric.name)}", limit=256)
        if metric.goal not in ("max", "min", ""):
            raise InvalidManifestError(f'The goal of metric {shown(metric.name)} must be "max" or "min".')
        if metric.source not in get_args(Source):
            words = '"typed", "log", "evaluated", "inferred" or "imported"'
            raise InvalidManifestError(f"The source of metric {shown(metric.name)} must be {words}.")
        identity = (metric.name, metric.dataset, metric.slice)
        if identity in seen:
            where = f"the slice {shown(metric.slice)}" if metric.slice else "one dataset and slice"
            raise InvalidManifestError(f"The metric {shown(metric.name)} is given twice for {where}.")
        seen.add(identity)
        why_not = precision_problem(metric)
        if why_not:
            raise InvalidManifestError(f"{_called(metric)} {why_not}")


def _called(metric: Metric) -> str:
    of_slice = f" of slice {shown(metric.slice)}" if metric.slice else ""
    return f"The metric {shown(metric.name)}{of_slice}"


def precision_problem(metric: Metric) -> str:
    """Returns why a metric's interval, confidence or examples can't be right, as the rest of a sentence; or ""."""
    bounds = [bound for bound in (metric.lower, metric.upper) if bound is not None]
    if metric.examples is not None and metric.examples < 0:
        return f"was measured on {metric.examples:,} examples; give 0 or more."
    if not all(map(math.isfinite, bounds)):
        return "has an interval that is not finite; leave out the end that is not known."
    if bounds and not math.isfinite(metric.value):
        return f"has an interval, but its value is {metric.value}; leave the interval out."
    if metric.lower is not None and metric.lower > metric.value:
        return f"has the value {metric.value!r}, below the lower end of its interval, {metric.lower!r}."
    if metric.upper is not None and metric.upper < metric.value:
        return f"has the value {metric.value!r}, above the upper end of its interval, {metric.upper!r}."
    if metric.confidence is not None and not bounds:
        return "has a confidence but no interval; give lower and upper too."
    if metric.confidence is not None and not 0 < metric.confidence < 1:
        return f"has the confidence {metric.confidence!r}; give a number between 0 and 1, like 0.95."
    return ""


def _validate_hyperparameters(hyperparameters: Mapping[str, Scalar]) -> None:
    for key, value in hyperparameters.items():
        check_key(key, "A hyperparameter's name")
        if isinstance(value, str):
            check_text(value, f"The hyperparameter {shown(key)}", newlines=True)
        elif not isinstance(value, (bool, int, float)):
            raise InvalidManifestError(
                f"The hyperparameter {shown(key)} must be a number, string or bool, not {type(value).__name__}."
            )
