"""What came of asking a model again, as the process that asked hands it over. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidManifestError

OUTCOME_LIMIT = 1 << 20
"""Most bytes of an outcome."""


class Tolerance(Struct, frozen=True):
    """How far numbers may lie apart; None takes what fits the type of the numbers.

    Attributes:
        absolute: Difference that is always allowed.
        relative: Share of the recorded number that is allowed on top.
    """

    absolute: float | None = None
    relative: float | None = None


class Output(Struct, frozen=True, omit_defaults=True):
    """How one output compares.

    Attributes:
        signature: That has it.
        name: Its name.
        ok: Whether every value is within the tolerance.
        count: Number of values.
        beyond: Number of those that are not within the tolerance.
        max_error: Largest difference; None where no numbers were compared, or a difference is not finite.
        agreement: Share of the examples whose largest score has the same position; None where there are no scores.
        absolute: The difference that was allowed.
        relative: The share that was allowed on top.
        why: Why it was not compared or differs, a sentence; "".
    """

    signature: str
    name: str
    ok: bool
    count: int = 0
    beyond: int = 0
    max_error: float | None = None
    agreement: float | None = None
    absolute: float = 0.0
    relative: float = 0.0
    why: str = ""


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What came of asking a model.

    Attributes:
        outputs: Those that were compared.
        answered: Signatures that answered.
        tensorflow: Version of the TensorFlow that loaded it; "" where it got not so far.
        device: Where it ran.
        unstable: Outputs that were not the same when the model was asked twice.
        notes: What could not be asked, sentences.
        problem: Why there is no answer at all, a sentence; "" where there is one.
        kind: Of the problem: "dependency", where a package is missing here; "model"; or "golden", the file's.
    """

    outputs: tuple[Output, ...] = ()
    answered: tuple[str, ...] = ()
    tensorflow: str = ""
    device: str = "CPU"
    unstable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    kind: Literal["", "dependency", "model", "golden"] = ""

    @property
    def ok(self) -> bool:
        """Whether something was compared, and all that was is the same."""
        return not self.problem and bool(self.outputs) and all(each.ok for each in self.outputs)

    @property
    def max_error(self) -> float | None:
        """Largest difference of all numbers."""
        return max((each.max_error for each in self.outputs if each.max_error is not None), default=None)

    @property
    def agreement(self) -> float | None:
        """Smallest agreement of the outputs that are scores."""
        return min((each.agreement for each in self.outputs if each.agreement is not None), default=None)

    @property
    def differing(self) -> tuple[Output, ...]:
        """The outputs that are not the same."""
        return tuple(each for each in self.outputs if not each.ok)

    @property
    def where(self) -> str:
        """On what it ran: "TF 2.21.0 / CPU"; "" where it got not so far."""
        return f"TF {visible(self.tensorflow)} / {visible(self.device)}" if self.tensorflow else ""


def encode(outcome: Outcome) -> bytes:
    """Returns the outcome's bytes."""
    return msgspec.json.encode(outcome)


def decode(data: bytes) -> Outcome:
    """Returns the outcome that bytes hold. Raises InvalidManifestError where they hold none."""
    try:
        return msgspec.json.decode(data, type=Outcome)
    except msgspec.MsgspecError as error:
        raise InvalidManifestError(f"What came of the replay can't be read: {error}") from error
