"""Replays a version: its model is loaded in a process of its own, asked again, and compared with its golden outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tb_versions.actions.target import Decision, Path, Target, checked_reason, find_target, who
from tb_versions.core.digest import Progress
from tb_versions.core.fields import from_json
from tb_versions.core.golden.outcome import Outcome, Output, Tolerance
from tb_versions.core.golden.running import ask
from tb_versions.core.interpreter import checked_python
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import Golden, visible
from tb_versions.core.scalars import WrongValueError
from tb_versions.errors import (
    ConflictError,
    MissingDependencyError,
    NotASavedModelError,
    VersionDamagedError,
)
from tb_versions.read.reuse.api import ready_to_load
from tb_versions.read.reuse.golden_outputs import golden_file
from tb_versions.read.reuse.model_loading import SAVED_MODEL
from tb_versions.registry.events import MAX_REASON, Event, Replayed
from tb_versions.registry.state import State

_MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    Attributes:
        reference: The version.
        outcome: How each output compares.
        said: The same as the event says it.
        event: As it is in the log; None where it was not recorded.
    """

    reference: str
    outcome: Outcome
    said: Replayed
    event: Event | None = None

    @property
    def ok(self) -> bool:
        """Whether the answers are the same, within the tolerance."""
        return self.said.ok

    def __str__(self) -> str:
        return f"{self.reference}: {self.said.words}{'. ' + self.said.found if self.said.found else ''}"


def replay(
    reference: Path,
    models_dir: Path | None = None,
    *,
    tolerance: Tolerance = Tolerance(),  # noqa: B008 - it never changes
    limits: Limits = Limits(),  # noqa: B008
    python: Path | None = None,
    record: bool = True,
    reason: str = "",
    actor: str | None = None,
    progress: Progress | None = None,
) -> Replay:
    """Checks every file of a version, loads its model in a process of its own on the CPU, and asks it again.

    That runs the model, which can read and write files as this user can: replay only what you trust.

    Args:
        reference: As in `promote`.
        models_dir: Folder of models; not needed for a path.
        tolerance: How far numbers may lie apart.
        limits: Of the process.
        python: Program of another Python, in whose environment the model is loaded: another TensorFlow. It needs
            `interpreter.NEEDS`.
        record: Whether the result becomes an event of the model's log.
        reason: Why, kept with the event.
        actor: Who replays, as in `promote`.
        progress: Called with the bytes read so far and the bytes in all, where files are checked.

    Returns:
        What came of it; a model that fails, hangs or grows without end is a result too.

    Raises:
        NoGoldenOutputsError: There are none, or they are not here.
        VersionDamagedError: Files, or the golden outputs, are not those that were published.
        NotASavedModelError: The version is no SavedModel.
        MissingDependencyError: TensorFlow, or Keras 2, is not installed; or the other Python lacks what it needs.
        InvalidQueryError: `python` is none, or too old.
        ConflictError: The version's manifest was replaced meanwhile.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    other = "" if python is None else checked_python(python)
    target = find_target(reference, models_dir)
    ready = ready_to_load(target.found, progress=progress)
    golden = golden_of(target.found.id, ready.manifest)
    data = golden_file(target.found, golden)
    assert golden is not None
    if SAVED_MODEL not in ready.has:
        raise NotASavedModelError(f"{target.found.id} has no SavedModel, and only those are replayed.")
    outcome = ask(target.found.id, ready.folder, data, tolerance=tolerance, limits=limits, python=other).outcome
    if outcome.kind == "dependency":
        raise MissingDependencyError(outcome.problem)
    if outcome.kind == "golden":
        raise VersionDamagedError(f"{target.found.id} can't be replayed. {outcome.problem}")
    found = Replay(target.found.id, outcome, _said(outcome, golden, tolerance))
    return _recorded(found, target, actor=actor, reason=reason) if record else found


def golden_of(name: str, manifest: Mapping[str, Any]) -> Golden | None:
    """Returns what the manifest of a version says of golden outputs; None where it has none.

    Args:
        name: Reference of the version.
        manifest: Its manifest.

    Raises:
        VersionDamagedError: It can't be read.
    """
    if manifest.get("golden") is None:
        return None
    try:
        found = from_json(manifest["golden"], Golden)
    except WrongValueError as error:
        raise VersionDamagedError(
            f"What the manifest of {name} says of golden outputs can't be read: {error}"
        ) from error
    assert isinstance(found, Golden)
    return found


def _said(outcome: Outcome, golden: Golden, tolerance: Tolerance) -> Replayed:
    return Replayed(
        ok=outcome.ok,
        golden=golden.digest,
        tensorflow=visible(outcome.tensorflow)[:64],
        device=visible(outcome.device)[:64] if outcome.tensorflow else "",
        outputs=len(outcome.outputs),
        max_error=outcome.max_error,
        agreement=outcome.agreement,
        absolute=tolerance.absolute,
        relative=tolerance.relative,
        found=visible(_found(outcome))[:MAX_REASON],
    )


def _found(outcome: Outcome) -> str:
    """What differs, or why there is no answer; "" if all is the same."""
    if outcome.problem:
        return outcome.problem
    if not outcome.outputs:
        return "The golden outputs hold no answer to compare with."
    many = outcome.differing
    more = f" And {len(many) - _MOST_DIFFERENCES} more outputs." if len(many) > _MOST_DIFFERENCES else ""
    return " ".join(map(difference, many[:_MOST_DIFFERENCES])) + more


def difference(output: Output) -> str:
    """Returns how one output differs, a sentence."""
    name = f"{visible(output.name)} of {visible(output.signature)}"
    if output.why and not output.beyond:
        return f"{name}: {output.why}"
    error = f", by up to {output.max_error:.3g}" if output.max_error is not None else ""
    share = (
        f"; {output.agreement:.1%} of the largest scores are at the same position"
        if output.agreement is not None
        else ""
    )
    why = f" {output.why}" if output.why else ""
    return f"{name} differs in {output.beyond:,} of {output.count:,} values{error}{share}.{why}"


def _recorded(found: Replay, target: Target, *, actor: str, reason: str) -> Replay:
    manifest = target.found.manifest_digest

    def decide(_: State) -> Decision:
        if target.at(target.number).found.manifest_digest != manifest:
            raise ConflictError(
                f"The manifest of {found.reference} was replaced while it was replayed; replay it again."
            )
        return Decision(target.draft("replayed", found.said, actor=actor, reason=reason), str(found))

    return replace(found, event=target.apply(decide).event)
