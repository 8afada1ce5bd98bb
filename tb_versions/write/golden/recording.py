"""Records what an export answers: it is loaded in a process of its own, on the CPU, and asked."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tb_versions.core.golden import file
from tb_versions.core.golden.file import Array, Asked
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.core.golden.outcome import Outcome, Output
from tb_versions.core.golden.running import ask
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import MAX_TEXT, Compared, Golden, Signature, visible
from tb_versions.errors import InvalidManifestError, ModelExportError, TbVersionsError
from tb_versions.write.failures import report
from tb_versions.write.golden.in_memory import answers_in_memory
from tb_versions.write.golden.inputs import EXAMPLES, by_signature, check_golden, check_labels, signatures_in, taken
from tb_versions.write.savers import Saver

_MOST_NOTES = 20


@dataclass
class Recorder:
    """Makes the golden outputs of one version.

    Attributes:
        called: Name of the model.
        golden: What was given as inputs; None records nothing.
        model: What is published.
        signatures: As in `publish`.
        examples: How many are taken from a dataset.
        labels: The right answers, or True for a dataset's targets; None where they are not known.
        strict: Whether a failure, and an export that differs, raises.
        limits: When the process is stopped.
        data: The bytes of the file, once there is one.
    """

    called: str
    golden: object
    model: object
    signatures: object = None
    examples: int = EXAMPLES
    labels: object = None
    strict: bool = False
    limits: Limits = field(default_factory=Limits)
    data: bytes = b""

    def beside(self, saver: Saver) -> Saver:
        """Returns a saver whose export is asked.

        Raises:
            TypeError, InvalidManifestError: As `check_golden`.
        """
        check_labels(self.labels, self.golden)
        if self.golden is None:
            return saver
        check_golden(self.golden, self.examples)
        why_not = ""
        if saver.folder is not None or isinstance(self.model, Saver):
            why_not = "Files were published, so there is no model in memory to compare with."
        return dataclasses.replace(
            saver, ask=lambda folder: self._record(folder, is_keras=bool(saver.keras), why_not=why_not)
        )

    def _record(self, folder: str, *, is_keras: bool, why_not: str) -> Golden | None:
        try:
            signatures = signatures_in(folder)
            golden, labels = self.golden, self.labels
            if labels is True:
                golden, labels = taken(golden, signatures, self.examples)
            asked, notes = by_signature(golden, signatures, examples=self.examples)
            right = {} if labels is None else labels_by_output(labels)
            _check_count(right, asked)
            given = {}
            for signature in signatures:
                if signature.key in asked:
                    answers, note = self._in_memory(signature, asked[signature.key], is_keras=is_keras, why=why_not)
                    given[signature.key] = Asked(asked[signature.key], answers, right)
                    notes += [note] * bool(note)
            ran = ask(f"The export of {self.called}", folder, file.write(given), limits=self.limits, keeps_answers=True)
            if ran.outcome.problem:
                raise ModelExportError(ran.outcome.problem)
        except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
            report(error, f"A version of {self.called} is published without golden outputs", strict=self.strict)
            return None
        self.data = ran.answers
        said = _golden(ran.outcome, ran.answers, given, notes)
        if said.compared == "different":
            self._report_difference(ran.outcome)
        return said

    def _in_memory(
        self, signature: Signature, inputs: Mapping[str, Array], *, is_keras: bool, why: str
    ) -> tuple[dict[str, Array], str]:
        """What the model in memory answers, or nothing and why."""
        if why:
            return {}, why
        try:
            found = answers_in_memory(self.model, signature, inputs, is_keras=is_keras, signatures=self.signatures)
        except InvalidManifestError as error:
            return {}, str(error)
        return found, ""

    def _report_difference(self, outcome: Outcome) -> None:
        error = ModelExportError(f"{'; '.join(_differences(outcome))}. Do not serve it before you know why.")
        report(error, f"The export of {self.called} does not answer as the model in memory", strict=self.strict)


def _check_count(labels: Mapping[str, Array], asked: Mapping[str, Mapping[str, Array]]) -> None:
    for inputs in asked.values():
        for values, array in itertools.product(labels.values(), inputs.values()):
            if array.shape[:1] != values.shape:
                raise InvalidManifestError(
                    f"There are {len(values):,} golden_labels for inputs of {list(array.shape)}."
                )


def _golden(outcome: Outcome, data: bytes, given: Mapping[str, Asked], notes: list[str]) -> Golden:
    unstable = [f"The output {each} changes from call to call, and is not kept." for each in outcome.unstable]
    hidden = [
        f"{visible(each.name)} of {visible(each.signature)}: {each.why}"
        for each in outcome.outputs
        if each.ok and each.why
    ]
    texts = [*(_differences(outcome)), *notes, *outcome.notes, *unstable, *hidden]
    compared: Compared = "same" if outcome.outputs else "not_compared"
    if not all(one.outputs for one in given.values()) or outcome.notes:
        compared = "not_compared"
    if outcome.differing:
        compared = "different"
    return Golden(
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
        size=len(data),
        signatures=outcome.answered,
        tensorflow=outcome.tensorflow,
        compared=compared,
        max_error=outcome.max_error,
        notes=tuple(visible(text)[:MAX_TEXT] for text in dict.fromkeys(texts))[:_MOST_NOTES],
    )


def _differences(outcome: Outcome) -> list[str]:
    return [_difference(each) for each in outcome.differing]


def _difference(output: Output) -> str:
    what = f"The output {visible(output.name)} of {visible(output.signature)} differs"
    by = f", by up to {output.max_error:.3g}" if output.max_error is not None else ""
    why = f". {output.why.rstrip('.')}" if output.why else ""
    return f"{what} in {output.beyond:,} of {output.count:,} values{by}{why}"


def keep(home: Any, number: int, recorder: Recorder, *, strict: bool) -> None:
    """Puts the file beside a version that is in its place; a failure is a warning unless strict."""
    if not recorder.data:
        return
    try:
        home.keep_golden(number, recorder.data)
    except (TbVersionsError, OSError) as error:
        what = f"{recorder.called}:{number} is published, but its golden outputs were not kept"
        report(error, what, strict=strict)
