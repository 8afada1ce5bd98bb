"""Compares a version with one that was trained again: bytes, weights, answers, numbers, and what differed first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tb_versions.core.golden.outcome import Tolerance
from tb_versions.core.golden.running import ask
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import Metric, VersionManifest, metric_key, visible
from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel.weights import weight_digests, weights_digest
from tb_versions.trust.reproducing.differences import ORDER, Difference, differences

Same = Literal["same", "different", "not compared"]

RELATIVE = 1e-6
"""Share of a number by which a metric may differ and count as the same, unless told otherwise."""

_WHY = {
    "saved_model.pb": "an export may list its objects in any order, as Keras' does with all variables",
    "fingerprint.pb": "it has a UUID of its own for each export, and a checksum of saved_model.pb",
    "variables/variables.index": "it says where each tensor lies, and has checksums of what has no fixed order",
}
_KERAS = "it is a ZIP file with the time at which it was written"
_OBJECT_GRAPH = "what lies beside and between the tensors in it has no fixed order"


@dataclass(frozen=True)
class Number:
    """A metric of both versions.

    Attributes:
        name: Of its column, with dataset and slice.
        before: As recorded.
        now: As it came out; None where it did not.
        verdict: "same" within the tolerance, "within noise", "different", or "not compared" where one of them lacks it.
        is_slice: Whether it is of a part of the data.
        why: What "within noise" rests on, or why it is not known; "".
    """

    name: str
    before: float
    now: float | None
    verdict: Literal["same", "within noise", "different", "not compared"]
    is_slice: bool = False
    why: str = ""


@dataclass(frozen=True)
class Against:
    """How a version that was trained again compares with the first one.

    Attributes:
        made: Reference of the new one.
        bytes: Whether the digests of the versions are equal.
        weights: Whether all tensors are equal.
        answers: Whether it answers as the golden outputs of the first one.
        numbers: The metrics of the first one.
        differing: What differs in how they were made, in order, or is not known to be the same.
        notes: Sentences: which files differ and why, which weights, what was not compared.
        weights_digests: Of the first one and of the new one; "" where not known.
    """

    made: str
    bytes: Same
    weights: Same
    answers: Same
    numbers: tuple[Number, ...]
    differing: tuple[Difference, ...]
    notes: tuple[str, ...]
    weights_digests: tuple[str, str] = ("", "")

    @property
    def whole(self) -> tuple[Number, ...]:
        """The metrics over all data."""
        return tuple(number for number in self.numbers if not number.is_slice)

    @property
    def ok(self) -> bool:
        """Whether it is the same version again, as far as that was compared: something was, and nothing differs."""
        if any(number.verdict == "different" for number in self.whole) or self.answers == "different":
            return False
        numbers = any(number.verdict in ("same", "within noise") for number in self.whole)
        return "same" in (self.bytes, self.weights, self.answers) or numbers

    @property
    def verdict(self) -> str:
        """In a few words."""
        if self.bytes == "same":
            words = "the same bytes"
        elif self.weights == "same":
            words = "the same weights"
        elif self.answers == "same":
            words = "the same answers, other weights"
        elif self.ok:
            equal = all(number.verdict != "within noise" for number in self.whole)
            words = "the same metrics" if equal else "metrics within noise"
            words += ", other weights" if self.weights == "different" else ""
        else:
            compared = "different" in (self.weights, self.answers) or any(n.verdict == "different" for n in self.whole)
            return "different" if compared else "nothing was compared"
        return words if self.ok else f"{words}, but different {'answers' if self.answers == 'different' else 'metrics'}"

    @property
    def first(self) -> str:
        """What differed first, a sentence or two; "" where the weights are the same."""
        if "same" in (self.bytes, self.weights) and self.ok:
            return ""
        known = next((each for each in self.differing if each.is_known), None)
        unknown = [each.group for each in self.differing if not each.is_known]
        if known is not None:
            before = [group for group in ORDER[: ORDER.index(known.group)] if group in unknown]
            doubt = f" (whether {' and '.join(before)} differed before is not known)" if before else ""
            return f"What differs first is the {known.group}{doubt}: {known.text}"
        doubt = f" Not known to be the same: {', '.join(dict.fromkeys(unknown))}." if unknown else ""
        return (
            "Nothing that is recorded differs but the results. Ops that are not deterministic, the number of threads "
            f"and environment variables can do that.{doubt}"
        )


@dataclass(frozen=True)
class Files:
    """A version on this disk.

    Attributes:
        manifest: Of the version.
        folder: With its files, which agree with the manifest; "" where they are not here.
        golden: Bytes of its golden outputs; b"" where there are none here.
        why_not: Why something of it is not here, a sentence; "".
    """

    manifest: VersionManifest
    folder: str = ""
    golden: bytes = b""
    why_not: str = ""


@dataclass
class _Notes:
    kept: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        if text and text not in self.kept:
            self.kept.append(text)


def compare_with(
    first: Files,
    second: Files,
    *,
    tolerance: float = RELATIVE,
    noise: Mapping[str, tuple[str, str]] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it never changes
) -> Against:
    """Compares a version with one that was trained again.

    Where there are golden outputs, that loads the new model in a process of its own, which runs it.

    Args:
        first: The version.
        second: The new one.
        tolerance: Share of a recorded number by which a metric may differ.
        noise: Verdict and words of a comparison, by the column of a metric over all data.
        limits: Of the process.
    """
    notes = _Notes()
    notes.add(first.why_not)
    same_bytes: Same = (
        "same" if first.manifest.digest and first.manifest.digest == second.manifest.digest else "different"
    )
    weights, digests = _weights(first, second, notes)
    if same_bytes == "different":
        _files(first.manifest, second.manifest, notes, weights=weights)
    answers = _answers(first, second, notes, limits)
    if (same_bytes, weights, answers) == ("different", "same", "not compared"):
        notes.add(
            "What is computed with the weights is in the other files, as vocabularies are: equal weights alone do not "
            "prove equal answers."
        )
    return Against(
        made=second.manifest.reference,
        bytes=same_bytes if first.manifest.digest else "not compared",
        weights=weights,
        answers=answers,
        numbers=tuple(_numbers(first.manifest, second.manifest, tolerance, noise or {})),
        differing=differences(first.manifest, second.manifest),
        notes=tuple(notes.kept),
        weights_digests=digests,
    )


def _weights(first: Files, second: Files, notes: _Notes) -> tuple[Same, tuple[str, str]]:
    if not first.folder:
        return "not compared", ("", "")
    if first.manifest.format != "saved_model" or second.manifest.format != "saved_model":
        notes.add("Weights are compared of SavedModels only; see which files are equal.")
        return "not compared", ("", "")
    try:
        before, now = weight_digests(first.folder), weight_digests(second.folder)
    except NotASavedModelError as error:
        notes.add(f"The weights were not compared: {error}")
        return "not compared", ("", "")
    if not before and not now:
        notes.add("Neither of them has variables.")
        return "not compared", ("", "")
    digests = weights_digest(before), weights_digest(now)
    if before == now:
        return "same", digests
    if before.keys() != now.keys():
        notes.add(f"The variables are others: {len(now):,}, and were {len(before):,}.")
    else:
        changed = sum(before[name] != now[name] for name in before)
        notes.add(f"{changed:,} of {len(before):,} tensors differ.")
    return "different", digests


def _files(old: VersionManifest, new: VersionManifest, notes: _Notes, *, weights: Same) -> None:
    """Says which files differ, and why where that is known."""
    before, now = ({file.path: file.digest for file in each.files} for each in (old, new))
    if not before or not now:
        notes.add("Which files differ is not known: a manifest of more than 1,000 does not list them.")
        return
    equal = sorted(path for path in before if before[path] == now.get(path))
    if equal:
        notes.add(f"Equal files: {', '.join(equal[:10])}{f' and {len(equal) - 10:,} more' if len(equal) > 10 else ''}.")
    for path in sorted(path for path in before.keys() & now.keys() if before[path] != now[path])[:10]:
        why = _WHY.get(path) or (_KERAS if path.endswith(".keras") else "")
        if path.startswith("variables/variables.data-"):
            why = _OBJECT_GRAPH if weights == "same" else "the weights differ" if weights == "different" else ""
        notes.add(f"{path} differs{f': {why}' if why else ''}.")
    for path in sorted(before.keys() ^ now.keys())[:10]:
        notes.add(f"{path} is in {'the first' if path in before else 'the new'} version only.")


def _answers(first: Files, second: Files, notes: _Notes, limits: Limits) -> Same:
    if not first.golden:
        if first.manifest.golden is None:
            notes.add("Answers were not compared: the version has no golden outputs (publish with golden=…).")
        return "not compared"
    outcome = ask(second.manifest.reference, second.folder, first.golden, tolerance=Tolerance(), limits=limits).outcome
    if outcome.problem:
        notes.add(f"There are no answers to compare. {outcome.problem}")
        return "different" if outcome.kind == "model" else "not compared"
    for output in outcome.outputs:
        if output.ok and output.why:
            notes.add(f"{visible(output.name)} of {visible(output.signature)}: {output.why}")
    if outcome.max_error is not None:
        notes.add(f"Its answers differ by at most {outcome.max_error:.3g} from the golden outputs ({outcome.where}).")
    return "same" if outcome.ok else "different"


def _numbers(
    old: VersionManifest, new: VersionManifest, tolerance: float, noise: Mapping[str, tuple[str, str]]
) -> Iterator[Number]:
    found = {(metric.name, metric.dataset, metric.slice): metric for metric in new.metrics}
    for metric in old.metrics:
        name = metric_key(metric.name, metric.dataset, metric.slice)
        other = found.get((metric.name, metric.dataset, metric.slice))
        if other is None:
            yield Number(name, metric.value, None, "not compared", bool(metric.slice), "It was not recorded again.")
        elif _is_same(metric.value, other.value, tolerance):
            yield Number(name, metric.value, other.value, "same", bool(metric.slice))
        elif metric.slice:
            yield _sliced(name, metric, other)
        else:
            verdict, why = noise.get(name, ("", "What noise explains is not known."))
            is_noise = verdict == "within noise"
            yield Number(name, metric.value, other.value, "within noise" if is_noise else "different", False, why)


def _sliced(name: str, old: Metric, new: Metric) -> Number:
    ends = (old.lower, old.upper, new.lower, new.upper)
    if None in ends:
        return Number(name, old.value, new.value, "different", True, "What noise explains is not known.")
    overlap = old.lower <= new.upper and new.lower <= old.upper  # type: ignore[operator]
    return Number(name, old.value, new.value, "within noise" if overlap else "different", True, "By their intervals.")


def _is_same(old: float, new: float, tolerance: float) -> bool:
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) and math.isnan(new)
    return old == new or (math.isfinite(old) and abs(new - old) <= tolerance * abs(old))
