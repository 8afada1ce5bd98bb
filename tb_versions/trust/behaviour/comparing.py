"""Compares how two versions answer the same inputs: each is loaded in a process of its own, asked, and stopped."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from tb_versions.actions.target import Decision, Path, Target, checked_reason, find_target, who
from tb_versions.comparison.paired import Paired, paired
from tb_versions.core.digest import Progress
from tb_versions.core.golden.file import FILE_LIMIT, Array, Asked
from tb_versions.core.golden.labels import ONLY_OUTPUT, labels_by_output
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import ConflictError, InvalidManifestError, InvalidQueryError, NotComparableError
from tb_versions.registry.behaviour_facts import MAX_LISTED_IN_ALL, MAX_NAME, MAX_OUTPUTS, MovedOutput
from tb_versions.registry.events import MAX_REASON, BehaviourCompared, Event
from tb_versions.registry.state import State
from tb_versions.trust.behaviour.asking import Question, Side, answers_of, golden_question, side
from tb_versions.trust.behaviour.inputs import Shared, shared_inputs
from tb_versions.trust.behaviour.outputs import Answers, labels_that_do_not_fit, moved, why_not
from tb_versions.trust.behaviour.pairing import Names, common_outputs, common_signatures, same_answers
from tb_versions.write.golden.inputs import by_signature

_MOST_LEFT_OUT = 20


@dataclass(frozen=True)
class Behaviour:
    """How two versions answered the same inputs.

    Attributes:
        before: The version that the other is compared with.
        after: The other.
        said: What came of it, as the event says it.
        inputs: What each signature was asked: by name, as the first version calls it.
        answers: What each signature answered, of both.
        event: As it is in the log of `after`; None where it was not recorded.
    """

    before: str
    after: str
    said: BehaviourCompared
    inputs: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    answers: Mapping[str, tuple[Asked, Asked]] = field(default_factory=dict)
    event: Event | None = None

    @property
    def paired(self) -> list[Paired | None]:
        """For each of `said.outputs`, how often both were right; None where no label is known."""
        return paired(self.said.outputs)

    def __str__(self) -> str:
        return f"{self.after}: {self.said.words}"

    def __repr__(self) -> str:
        return f"<Behaviour {self}>"


def compare_answers(
    before: Path,
    after: Path,
    models_dir: Path | None = None,
    *,
    after_models_dir: Path | None = None,
    inputs: object = None,
    labels: object = None,
    threshold: float | None = None,
    limits: Limits = Limits(),  # noqa: B008 - it never changes
    record: bool = True,
    reason: str = "",
    actor: str | None = None,
    progress: Progress | None = None,
) -> Behaviour:
    """Asks two versions the same, and says which answers flipped, how far they moved, and which is right more often.

    Every file of both is checked; then each model is loaded in a process of its own on the CPU. That runs the models,
    which can read and write files as this user can: compare only what you trust.

    Args:
        before: The version to compare with, as in `promote`.
        after: The version that is compared.
        models_dir: Folder of models; not needed for paths.
        after_models_dir: Folder of models that has `after`, if it is another one.
        inputs: What they are asked: an array for models with one input, a mapping from names of inputs to arrays, or
            the path of an .npz or .npy file of those. Default: the golden inputs of both, or of the one that has some.
        labels: The right answers, one for each example: an array, a mapping from names of outputs to arrays, or the
            path of such a file. Default: the labels that were kept with the golden inputs.
        threshold: A single score above it is a yes; without it no such answer is said to have flipped.
        limits: Of each process.
        record: Whether the result becomes an event of the log of `after`. It holds counts and positions, no inputs.
        reason: Why, kept with the event.
        actor: Who compares, as in `promote`.
        progress: Called with the bytes read so far and the bytes in all, where files are checked.

    Returns:
        How they differ.

    Raises:
        NotComparableError: Their signatures take different inputs, or no output can be compared.
        NoGoldenOutputsError: No inputs are given, and none of the two has golden inputs here.
        InvalidQueryError: Both are one version; or inputs, labels or threshold do not fit.
        ModelLoadError: A model fails, hangs or grows without end.
        VersionDamagedError: Files, or golden inputs, are not those that were published.
        NotASavedModelError, MissingDependencyError, ConflictError: As in `replay`.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    targets = find_target(before, models_dir), find_target(after, after_models_dir or models_dir)
    if threshold is not None and not math.isfinite(threshold):
        raise InvalidQueryError("The threshold must be a finite number.")
    if _place(targets[0]) == _place(targets[1]):
        raise InvalidQueryError(f"{shown(str(before))} and {shown(str(after))} are one version; give two.")
    first, second = (side(target, progress) for target in targets)
    common, why = common_signatures(first.signatures, second.signatures)
    if not common:
        reasons = " ".join(why[:3]) or "They have no signature that takes inputs."
        raise NotComparableError(f"{first.name} and {second.name} do not take the same inputs. {reasons}")
    try:
        question = _question(first, second, common, inputs=inputs, labels=labels)
    except InvalidManifestError as error:
        raise InvalidQueryError(str(error)) from error
    question.notes[:0] = why
    found = _compared(first, second, question, threshold=threshold, limits=limits)
    if labels is not None:
        if not found.said.labels:
            raise InvalidQueryError(f"The labels fit no output. {' '.join(found.said.left_out[-3:])}")
        found = replace(found, said=msgspec.structs.replace(found.said, labels="given"))
    return _recorded(found, first, second, actor=actor, reason=reason) if record else found


def _place(target: Target) -> tuple[str, str]:
    place = target.found.places[0]
    return place.root.shown, os.path.realpath(place.folder)


def _question(first: Side, second: Side, common: Mapping[str, Names], *, inputs: object, labels: object) -> Question:
    given_labels, _ = _read(labels, "labels")
    if inputs is None:
        question = golden_question(first, second, common, only_one=labels is not None)
    else:
        given, digest = _read(inputs, "inputs")
        asked, notes = by_signature(given, [first.of(key) for key in common])
        shared = {key: shared_inputs(Asked(one), common[key]) for key, one in asked.items()}
        question = Question(shared, ("given",), (digest,) * bool(digest), notes)
    if labels is not None:
        of = labels_by_output(given_labels)
        for key, one in question.shared.items():
            question.shared[key] = shared_inputs(Asked(one.inputs, {}, of), one.names)
    return question


def _read(given: object, what: str) -> tuple[object, str]:
    """What a file holds, and its digest; anything else as it is."""
    if not isinstance(given, (str, os.PathLike)):
        return given, ""
    path = visible(os.fspath(given))
    try:
        with open(given, "rb") as opened:
            data = opened.read(FILE_LIMIT + 1)
            if len(data) > FILE_LIMIT:
                raise InvalidQueryError(f"{path} is larger than {FILE_LIMIT:,} bytes; give fewer {what}.")
            opened.seek(0)
            loaded = np.load(opened, allow_pickle=False)
            found = loaded if isinstance(loaded, np.ndarray) else {name: loaded[name] for name in loaded.files}
    except InvalidQueryError:
        raise
    except OSError as error:
        raise InvalidQueryError(f"The {what} in {path} can't be read: {error.strerror or error}.") from error
    except Exception as error:  # zipfile and NumPy raise whatever a damaged file makes them raise
        raise InvalidQueryError(
            f"{path} holds no {what}: an .npz or .npy file of numbers or texts is wanted ({str(error)[:200]})."
        ) from error
    return found, f"sha256:{hashlib.sha256(data).hexdigest()}"


def _compared(first: Side, second: Side, question: Question, *, threshold: float | None, limits: Limits) -> Behaviour:
    asked = {key: Asked(one.inputs) for key, one in question.shared.items()}
    before, notes, tensorflow = answers_of(first, asked, limits)
    mine, more, _ = answers_of(second, {key: Asked(one.of_second) for key, one in question.shared.items()}, limits)
    left_out = [*question.notes, *notes, *more]
    outputs: list[MovedOutput] = []
    pairs: dict[str, tuple[Asked, Asked]] = {}
    for key, shared in question.shared.items():
        if key not in before or key not in mine:
            continue
        pair = before[key], mine[key]
        twin = next((other for other, theirs in pairs.items() if same_answers(pair, theirs)), None)
        if twin is not None:
            left_out.append(f"The signature {shown(key)} answers as {shown(twin)}, and is not told again.")
            continue
        pairs[key] = pair
        outputs += _outputs(key, shared, pair, threshold=threshold, left_out=left_out)
    if not outputs:
        raise NotComparableError(
            f"Nothing that {first.name} and {second.name} answer can be compared. {' '.join(left_out[:3])}"
        )
    if len(outputs) > MAX_OUTPUTS:
        left_out.append(f"{len(outputs) - MAX_OUTPUTS:,} more outputs.")
    repeated = max(
        0 if one.counted is None else int(np.count_nonzero(~one.counted)) for one in question.shared.values()
    )
    kept = [_with_listed(each, MAX_LISTED_IN_ALL // len(outputs[:MAX_OUTPUTS])) for each in outputs[:MAX_OUTPUTS]]
    said = BehaviourCompared(
        other=first.name,
        other_manifest=first.target.found.manifest_digest,
        inputs=question.of,
        inputs_digests=question.digests,
        repeated=repeated,
        labels="golden" if any(each.right for each in kept) else "",
        tensorflow=visible(tensorflow)[:64],
        device="CPU",
        outputs=tuple(kept),
        left_out=tuple(visible(each)[:MAX_REASON] for each in dict.fromkeys(left_out))[:_MOST_LEFT_OUT],
    )
    inputs = {key: question.shared[key].inputs for key in pairs}
    return Behaviour(first.name, second.name, said, inputs, pairs)


def _outputs(
    key: str, shared: Shared, pair: tuple[Asked, Asked], *, threshold: float | None, left_out: list[str]
) -> list[MovedOutput]:
    names, why = common_outputs(*pair)
    left_out += [f"{sentence[:-1]} of {shown(key)}." for sentence in why]
    found: list[tuple[tuple[str, str], Answers]] = []
    for one, other in names:
        before, after = pair[0].outputs[one], pair[1].outputs[other]
        reason = why_not(before, after) if _is_plain(key) and _is_plain(other) else "has a name that can't be recorded"
        if reason:
            left_out.append(f"The output {shown(other)} of {shown(key)} {reason}.")
        else:
            found.append(((one, other), Answers(key, other, before, after, shared.counted, threshold)))
    with_classes = [answers for _, answers in found if answers.has_classes]
    outputs = []
    used: set[str] = set()
    for both, answers in found:
        also = (ONLY_OUTPUT,) if len(with_classes) == 1 else ()
        labels = shared.labels_of(*both, *also) if answers.has_classes else None
        if labels is not None:
            used.update((*both, *also))
            misfit = labels_that_do_not_fit(answers, labels)
            if misfit:
                left_out.append(f"{misfit} They are not used for {shown(answers.name)} of {shown(key)}.")
                labels = None
        outputs.append(moved(answers, labels))
    for name in shared.labelled:
        if name not in used:
            left_out.append(_unused(name, len(with_classes)))
    return outputs


def _is_plain(name: str) -> bool:
    return visible(name) == name and len(name) <= MAX_NAME


def _with_listed(output: MovedOutput, most: int) -> MovedOutput:
    return msgspec.structs.replace(output, listed=output.listed[:most])


def _unused(name: str, outputs: int) -> str:
    if name != ONLY_OUTPUT:
        return f"There are labels of {shown(name)}, which is no output with one answer for each example."
    if outputs:
        return f"There are labels, and {outputs} outputs that they can be of: give them by the outputs' names."
    return "There are labels, and no output with classes; of a single score, give a threshold."


def _recorded(found: Behaviour, first: Side, second: Side, *, actor: str, reason: str) -> Behaviour:
    def decide(_: State) -> Decision:
        for one in (first, second):
            if one.target.at(one.target.number).found.manifest_digest != one.target.found.manifest_digest:
                raise ConflictError(f"The manifest of {one.name} was replaced while it was asked; compare it again.")
        draft = second.target.draft("behaviour_compared", found.said, actor=actor, reason=reason)
        return Decision(draft, str(found))

    return replace(found, event=second.target.apply(decide).event)
