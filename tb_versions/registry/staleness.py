"""Whether a gate's result still stands: it is bound to digests of what it saw, and stale when one changed. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tb_versions.registry.gate_facts import SeenBaseline
from tb_versions.registry.measured import Measured

CAUSES = ("files", "manifest", "metrics", "rules", "baseline", "required", "replay", "age")
"""What may have changed, in the order in which it is told; "required": a label or the description that a rule requires
was taken away; "replay": what the last replay says is another verdict than a rule saw; "age": values measured later are
too old by their rule."""


class Now(Struct, frozen=True, kw_only=True):
    """What a result is compared with.

    Attributes:
        are_files_whole: Whether the version's files are as its manifest says, as far as is known.
        files: Digest of the version's files, as its manifest says.
        manifest: Digest of its manifest; "" where it can't be read.
        metrics: Digest of its metrics, see `metrics_digest`; "" where it is not known.
        rules: Digest of the rules that count; "" where none are known.
        baselines: Name to what it leads to now, of each baseline that the result names.
        has_required: Whether it still has the labels and the description that the rules require.
        replayed: What its last replay is for a rule now: "passed", "failed" or "not known".
        ms: The time, milliseconds since the epoch.
    """

    are_files_whole: bool = True
    files: str = ""
    manifest: str = ""
    metrics: str = ""
    rules: str = ""
    baselines: Mapping[str, SeenBaseline] = msgspec.field(default_factory=dict)
    has_required: bool = True
    replayed: str = ""
    ms: int = 0


class Bound(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a result saw.

    Attributes:
        files: Digest of the version's files, as its manifest says; "" where it does not say.
        manifest: Digest of its manifest.
        metrics: Digest of its metrics.
        sources: Of metrics measured later that were read.
        rules: Digest of the file of rules.
        baselines: What it was compared with.
        until: Until when the values measured later are not too old, milliseconds since the epoch; None: for ever.
        required: What rules require and it had, and may be taken away: "description", "label:owner".
        replayed: What the last replay was for the rule that reads it; "" where no rule does.
    """

    files: str = ""
    manifest: str = ""
    metrics: str = ""
    sources: tuple[str, ...] = ()
    rules: str = ""
    baselines: tuple[SeenBaseline, ...] = ()
    until: int | None = None
    required: tuple[str, ...] = ()
    replayed: str = ""


def causes(bound: Bound, now: Now) -> tuple[str, ...]:
    """Returns what changed since a result, of `CAUSES`; nothing where it still stands."""
    changed = {
        "files": not now.are_files_whole or bound.files != now.files,
        "manifest": bound.manifest != now.manifest or not now.manifest,
        "metrics": bound.metrics != now.metrics,
        "rules": bound.rules != now.rules,
        "baseline": any(now.baselines.get(seen.name) != seen for seen in bound.baselines),
        "required": not now.has_required,
        "replay": bool(bound.replayed) and bound.replayed != now.replayed,
        "age": bound.until is not None and now.ms > bound.until,
    }
    return tuple(name for name in CAUSES if changed[name])


def in_words(found: Sequence[str]) -> str:
    """Returns why a result is stale: "its manifest and its metrics changed"."""
    names = {
        "files": "its files",
        "manifest": "its manifest",
        "metrics": "its metrics",
        "rules": "the rules",
        "baseline": "the baseline",
        "required": "what the rules require",
        "replay": "the outcome of its replay",
    }
    words = [names[name] for name in found if name in names]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
    told = [f"{text} changed"] if text else []
    return " and ".join([*told, "its later metrics are too old"] if "age" in found else told)


def metrics_digest(
    own: Iterable[tuple[str, str, str, float]],
    measured: Sequence[Measured],
    *,
    sources: Collection[str],
    numbers: Collection[int],
) -> str:
    """Returns "sha256:<hex>" of the metrics that a check sees.

    Args:
        own: Name, dataset, slice and value of each metric of the manifest.
        measured: What was measured later of the model's versions, by time.
        sources: Those of them that were read.
        numbers: Of the versions whose later metrics were read.
    """
    latest: dict[tuple[Any, ...], str] = {}
    for each in measured:
        if each.source in sources and each.version in numbers:
            for value in each.values:
                for dataset in (each.dataset, None):  # None: of any data, as a rule reads that names none
                    latest[each.version, value.name, dataset, each.slice, each.source] = _number(value.number)
    whole = [
        sorted([name, dataset, part, _number(value)] for name, dataset, part, value in own),
        sorted([*map(str, key), value] for key, value in latest.items()),
    ]
    return f"sha256:{hashlib.sha256(msgspec.json.encode(whole)).hexdigest()}"


def _number(value: float) -> str:
    return repr(value) if math.isfinite(value) else str(value)
