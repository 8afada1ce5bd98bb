"""What two versions are asked together, and what each answers, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tb_versions.actions.target import Target
from tb_versions.core.digest import Progress
from tb_versions.core.golden import file
from tb_versions.core.golden.file import Asked
from tb_versions.core.golden.running import ask
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import Signature, shown
from tb_versions.errors import (
    InvalidManifestError,
    MissingDependencyError,
    ModelLoadError,
    NoGoldenOutputsError,
    NotASavedModelError,
    VersionDamagedError,
)
from tb_versions.read.reuse.api import Ready, ready_to_load
from tb_versions.read.reuse.golden_outputs import golden_file
from tb_versions.read.reuse.model_loading import SAVED_MODEL
from tb_versions.trust.behaviour.inputs import Shared, joined, shared_inputs
from tb_versions.trust.behaviour.pairing import Names, content_of
from tb_versions.trust.replaying import golden_of
from tb_versions.write.golden.inputs import signatures_in


@dataclass(frozen=True)
class Side:
    """One of the two versions, whose files were all read.

    Attributes:
        target: The version.
        ready: Its files.
        signatures: Of its model.
    """

    target: Target
    ready: Ready
    signatures: tuple[Signature, ...]

    @property
    def name(self) -> str:
        """Its reference."""
        return self.target.found.id

    def of(self, key: str) -> Signature:
        """Returns a signature that it has."""
        return next(one for one in self.signatures if one.key == key)


@dataclass
class Question:
    """What both are asked.

    Attributes:
        shared: By signature.
        of: Whose inputs these are: "before", "after", "given".
        digests: Of the files that they come from.
        notes: Sentences about what is not asked.
    """

    shared: dict[str, Shared]
    of: tuple[str, ...]
    digests: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def side(target: Target, progress: Progress | None) -> Side:
    """Returns a version whose files are as published.

    Raises:
        NotASavedModelError: It is no SavedModel.
        TbVersionsError: As in `ready_to_load`.
    """
    ready = ready_to_load(target.found, progress=progress)
    if SAVED_MODEL not in ready.has:
        raise NotASavedModelError(f"{target.found.id} has no SavedModel, and only those are asked.")
    return Side(target, ready, tuple(signatures_in(ready.folder)))


def golden_question(first: Side, second: Side, common: Mapping[str, Names], *, only_one: bool) -> Question:
    """Returns the golden inputs of both as one question, or those of the one that has some.

    Args:
        first: The one version.
        second: The other.
        common: Signatures that both have, with the names of their inputs.
        only_one: Whether those of one version are enough, because labels are given for them.

    Raises:
        NoGoldenOutputsError: None of them has any here.
        VersionDamagedError: Those of one are not those that were published.
    """
    found: dict[str, dict[str, Asked]] = {}
    digests = {}
    for which, one in (("before", first), ("after", second)):
        if only_one and found:
            break
        try:
            golden = golden_of(one.name, one.ready.manifest)
            data = golden_file(one.target.found, golden)
        except NoGoldenOutputsError:
            continue
        try:
            found[which] = _as_first(file.read(data), common, is_second=which == "after")
        except InvalidManifestError as error:
            raise VersionDamagedError(f"The golden outputs of {one.name} can't be read: {error}") from error
        digests[which] = golden.digest if golden else ""
    if not found:
        raise NoGoldenOutputsError(
            f"Neither {first.name} nor {second.name} has golden inputs here. Give inputs: --inputs FILE.npz, an array "
            "for each input by its name; or publish with golden=…, a few inputs."
        )
    made = Question({}, tuple(found), tuple(dict.fromkeys(digests.values())))
    for key, names in common.items():
        parts = [(which, asked[key]) for which, asked in found.items() if key in asked]
        if not parts:
            made.notes.append(f"There are no golden inputs for the signature {shown(key)}.")
        else:
            made.shared[key] = _together(parts, names, (first.of(key), second.of(key)), made.notes)
    return made


def _as_first(asked: Mapping[str, Asked], common: Mapping[str, Names], *, is_second: bool) -> dict[str, Asked]:
    """Golden inputs by the names of the first model; those that do not fit its signature are left out."""
    named: dict[str, Asked] = {}
    for key, one in asked.items():
        names = common.get(key, {})
        mine = {theirs: name for name, theirs in names.items()} if is_second else {name: name for name in names}
        if names and one.inputs.keys() == mine.keys():
            inputs = {mine[name]: value for name, value in one.inputs.items()}
            named[key] = Asked({name: inputs[name] for name in names}, {}, one.labels)
    return named


def _together(
    parts: Sequence[tuple[str, Asked]], names: Names, signatures: tuple[Signature, Signature], notes: list[str]
) -> Shared:
    (_, one), *others = parts
    if not others:
        return shared_inputs(one, names)
    ((_, other),) = others
    if all(content_of(value) == content_of(other.inputs[name]) for name, value in one.inputs.items()):
        return shared_inputs(replace(one, labels={**other.labels, **one.labels}), names)
    first = shared_inputs(one, names)
    both = joined(first, shared_inputs(other, names), signatures)
    if both is None:
        notes.append(
            f"Of the signature {shown(signatures[0].key)} only the golden inputs of the first are asked: "
            "the two do not go together."
        )
    return both or first


def answers_of(one: Side, asked: Mapping[str, Asked], limits: Limits) -> tuple[dict[str, Asked], list[str], str]:
    """Returns what a version answers by signature, sentences about what it did not, and its TensorFlow.

    Args:
        one: The version.
        asked: Inputs by signature.
        limits: When the process is stopped.

    Raises:
        MissingDependencyError: TensorFlow, or Keras 2, is not installed.
        ModelLoadError: The model fails, hangs or grows without end, or answers nothing.
        InvalidManifestError: The inputs are too large.
    """
    ran = ask(one.name, one.ready.folder, file.write(asked), limits=limits, keeps_answers=True)
    outcome = ran.outcome
    if outcome.kind == "dependency":
        raise MissingDependencyError(outcome.problem)
    if outcome.problem:
        raise ModelLoadError(f"{outcome.problem} Nothing was compared.")
    try:
        answers = file.read(ran.answers)
    except InvalidManifestError as error:
        raise ModelLoadError(f"What {one.name} answered can't be read: {error}") from error
    notes = [
        f"{one.name} changes its answer from call to call, which is not compared: {each}." for each in outcome.unstable
    ]
    notes += [f"{one.name} does not answer the signature {shown(key)}." for key in asked if key not in outcome.answered]
    return answers, notes, outcome.tensorflow
