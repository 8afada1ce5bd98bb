"""The JSON schema of files of rules, by which editors complete and check them. Pure."""

from __future__ import annotations

from typing import Any

from tb_versions.gates.rules import CHANGES, LIMITS, MAX_KEY, MOST_RULES, SUBJECTS

_NAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$"
_TOLERANCE: dict[str, Any] = {
    "oneOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9]{1,6}(\.[0-9]{1,6})?\s*%\s*$"},
    ]
}
_AGAINST = 'An alias like production, "parent", "promotion", or a version like digits:3.'
_KEYS: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "description": "How results call the rule; by default what it is about."},
    "metric": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY,
        "description": "A metric of the version, by its name.",
    },
    "dataset": {
        "type": "string",
        "maxLength": 256,
        "description": "Data that the metric was measured on; without it, the metric that names none.",
    },
    "slice": {"type": "string", "maxLength": 256, "description": "Part of the dataset; * for each slice."},
    "source": {
        "type": "string",
        "maxLength": 256,
        "description": "Reads the metric as it was measured later, from this source, like monitoring.",
    },
    "max_age": {
        "type": "string",
        "pattern": "^[0-9]{1,5}\\s*[mhdw]$",
        "description": "How old a metric measured later may be: 90m, 24h, 7d, 2w.",
    },
    "goal": {"enum": ["max", "min"], "description": "Whether higher or lower is better, where the manifest is silent."},
    "at_least": {"type": ["number", "string"], "description": "The value must be this or more."},
    "at_most": {"type": ["number", "string"], "description": 'The value must be this or less; of a size also "50 MB".'},
    "above": {"type": ["number", "string"], "description": "The value must be more than this."},
    "below": {"type": ["number", "string"], "description": "The value must be less than this."},
    "better_by": {
        **_TOLERANCE,
        "description": 'It must be better than the baseline by this, or by a share of it: "1 %".',
    },
    "worse_by_at_most": {
        **_TOLERANCE,
        "description": "It may be worse than the baseline by this, or by a share of it; 0: not at all.",
    },
    "interval": {"type": "boolean", "description": "The limit must hold for the whole interval of the value."},
    "min_examples": {
        "type": "integer",
        "minimum": 1,
        "description": "The value must be measured on so many examples; on fewer it is not known.",
    },
    "beyond_noise": {"type": "boolean", "description": "Better and worse count only where they are more than noise."},
    "against": {"type": "string", "minLength": 1, "description": f"The baseline: {_AGAINST}"},
    "fact": {"enum": ["size", "parameters", "files"], "description": "Size in bytes, or a number of something."},
    "grows_by_at_most": {
        **_TOLERANCE,
        "description": "The fact may be larger than that of the baseline by this, or by a share of it.",
    },
    "unchanged": {
        "enum": ["signature", "preprocessing", "dataset"],
        "description": "Clients go on working; the files in assets/ are the same; the training data are the same.",
    },
    "required": {
        "type": "string",
        "pattern": "^(dataset_digest|clean_commit|description|label:.+)$",
        "description": "A fact that must be there: dataset_digest, clean_commit, description or label:KEY.",
    },
    "verified": {"const": True, "description": "Every file is read and compared with the manifest."},
    "replayed": {"const": True, "description": "Its golden outputs were replayed, and came out the same."},
}


def rules_schema() -> dict[str, Any]:
    """Returns the schema, of JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of a gate of Versions for TensorBoard",
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "rules"],
        "properties": {
            "name": {"type": "string", "pattern": _NAME, "description": "Of the gate, as a policy names it."},
            "description": {"type": "string", "maxLength": 1_024, "description": "For people."},
            "against": {"type": "string", "description": f"The baseline of rules that name none: {_AGAINST}"},
            "without_baseline": {
                "enum": ["fail", "pass"],
                "description": "Whether a change is allowed where the alias never named a version; fail by default.",
            },
            "rules": {"type": "array", "minItems": 1, "maxItems": MOST_RULES, "items": _rule()},
        },
    }


def _rule() -> dict[str, Any]:
    wanted = {"metric": [*LIMITS, "better_by", "worse_by_at_most"], "fact": [*LIMITS, "grows_by_at_most"]}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": _KEYS,
        "oneOf": [{"required": [name], "title": f"about {name}"} for name in SUBJECTS],
        "allOf": [
            {"if": {"required": [name]}, "then": {"anyOf": [{"required": [each]} for each in keys]}}
            for name, keys in wanted.items()
        ],
        "dependentRequired": {
            "max_age": ["source"],
            **{key: ["metric"] for key in ("slice", "dataset", "source", "goal", "min_examples")},
        },
        "dependentSchemas": {
            "against": {"anyOf": [{"required": [each]} for each in (*CHANGES, "unchanged")]},
            "interval": {"required": ["metric"], "anyOf": [{"required": [each]} for each in LIMITS]},
            "beyond_noise": {"anyOf": [{"required": ["better_by"]}, {"required": ["worse_by_at_most"]}]},
        },
    }
