"""Says of each field of payloads and manifests how it is redacted: left out, or as a name, a word or a text. Pure."""

from __future__ import annotations

import re
from typing import Literal

Included = Literal["actors", "arguments", "code-diff", "hosts", "paths"]
"""What an author can include although it is left out by default."""

INCLUDABLE: tuple[Included, ...] = ("actors", "arguments", "code-diff", "hosts", "paths")

# fmt: off
LEFT_OUT: dict[str, tuple[Included, str]] = {
    "arguments": ("arguments", "arguments"),
    "remote": ("hosts", "remote"),
    "dirtyFiles": ("paths", "dirty files"),
    "dirty_files": ("paths", "dirty files"),
    "diff": ("code-diff", "code diff"),
    "diffTruncated": ("code-diff", "code diff"),
    "diff_truncated": ("code-diff", "code diff"),
}
"""Field of a manifest's `code` that an export leaves out, to the word of `--include` that keeps it and its name."""

ELSEWHERE_FIELDS = frozenset({"elsewhere", "files_elsewhere", "filesElsewhere"})
"""Objects that say where files lie that are not beside their manifest: their path is one of somebody's disk."""

NAME_FIELDS = frozenset({
    "id", "ref", "model", "name", "key", "run", "runs", "tag", "dataset", "slice", "parents", "same_run",
    "same_content", "label", "lead_metric", "leadMetric", "alias", "aliases", "ids", "protected",
})
"""Fields with names: two different names are still different when they are redacted."""

FREE_KEYS = frozenset({
    "labels", "hyperparameters", "run_hyperparameters", "seeds", "packages", "ops", "curves", "models",
    "measured_values", "measured", "model_labels", "modelLabels",
})
"""Objects whose keys are names."""

NUMBERS_BY_NAME = frozenset({"seeds", "ops", "curves"})
"""Those of them whose values are numbers, which JSON may write as texts."""

VERSION_FIELDS = frozenset({"environment", "tensorflow_version", "tensorflowVersion", "tensorflow", "framework"})
"""Fields with versions of packages, which can look like the address of a machine."""

_FORMAL_FIELDS = frozenset({
    "status", "kind", "state", "digest", "manifest_digest", "identity", "revision", "created", "commit", "format",
    "source", "goal", "goal_source", "relation", "relations", "what", "digestOf", "digest_of", "recipe", "number",
    "latest", "step", "best_step", "last_step", "wall_time", "wallTime", "value", "at_export", "best", "last", "regret",
    "lower", "upper", "examples", "confidence", "compared", "maxError", "max_error",
    "sources", "unstated", "seed", "count",
    "highest", "lowest", "spread", "training_seconds", "trainingSeconds", "rows", "size", "sizeBytes", "size_bytes",
    "memoryBytes", "memory_bytes", "parameterCount", "parameter_count", "dimensions", "savedModelChecksum",
    "saved_model_checksum", "graphDefProgramHash", "graph_def_program_hash", "signatureDefHash", "signature_def_hash",
    "savedObjectGraphHash", "saved_object_graph_hash", "checkpointHash", "checkpoint_hash", *NUMBERS_BY_NAME,
})
_WORDS = frozenset({
    "present", "changed", "missing", "unreachable", "outside", "damaged", "unchecked", "removed", "elsewhere", "ready",
    "loading", "max", "min", "unknown", "manifest", "inferred", "imported", "typed", "log", "evaluated", "run",
    "version", "MAX", "MIN", "TYPED", "LOG", "EVALUATED", "INFERRED", "IMPORTED", "COPIED", "LINKED", "ABSENT",
    "SAME", "DIFFERENT", "NOT_COMPARED", "created", "runs", "hyperparameters",
    "FINE_TUNED_FROM", "DISTILLED_FROM", "DERIVED_FROM", "extra", "size", "saved_model", "files", "text",
})
# fmt: on
_FORMAL = re.compile(
    r"sha256:[0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{40}|-?[0-9]{1,20}(?:\.[0-9]{1,17})?|NaN|-?Infinity"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z",
    re.ASCII,
)


def is_formal(text: str) -> bool:
    """Whether a text is a digest, a number, a time or a word of the format: it names no machine and no person."""
    return text in _WORDS or _FORMAL.fullmatch(text) is not None


def is_of_the_format(text: str, field: str) -> bool:
    """Whether the format requires such a text in this field: a `--redact` pattern must not change it."""
    words = text.split(" ") if field in ("sources", "unstated") else [text]
    return field in _FORMAL_FIELDS and all(map(is_formal, words))
