"""What an alias is expected to name before it is moved: compare and swap, in the words of people."""

from __future__ import annotations

from tb_versions.actions.target import Path, Target
from tb_versions.core.manifest import MAX_NUMBER, shown, visible
from tb_versions.core.references import is_path, parse_reference
from tb_versions.core.times import utc_text
from tb_versions.errors import ConflictError, InvalidQueryError
from tb_versions.read.reuse.finding import find
from tb_versions.registry.state import AliasState

ANYTHING = "anything"
"""For `expect`: whatever the alias names now."""

NONE = "none"
"""For `expect`: that the alias names nothing yet."""


def expected_number(expect: str | int | None, target: Target) -> int | str | None:
    """Returns the number that an alias is expected to name; None for no version, `ANYTHING` if nothing is expected.

    Raises:
        InvalidQueryError: It is no version number, or a version of another model.
        TbVersionsError: As in `find`.
    """
    if expect is None or expect == NONE:
        return None
    if expect == ANYTHING:
        return ANYTHING
    if isinstance(expect, int):
        if isinstance(expect, bool) or not 0 <= expect <= MAX_NUMBER:
            raise InvalidQueryError(f"{shown(expect)} is no version number.")
        return expect
    return number_of(expect, target)


def number_of(reference: Path, target: Target) -> int:
    """Returns the number of a version of the model; one that was removed or deleted may be named by its number.

    Raises:
        InvalidQueryError: It is a version of another model.
        TbVersionsError: As in `find`.
    """
    if isinstance(reference, str) and not is_path(reference):
        parsed = parse_reference(reference)
        if parsed.model != target.model:
            raise InvalidQueryError(f"{shown(reference)} is no version of {target.model}; write {target.model}:3.")
        if parsed.number is not None:
            return parsed.number
    version = find(reference, _models(target))
    if version.model != target.model:
        raise InvalidQueryError(f"{shown(str(reference))} is no version of {target.model}.")
    return version.number


def _models(target: Target) -> str:
    return target.opened.folder.rpartition("/")[0] or "/"


def check_expected(name: str, known: AliasState | None, expected: int | str | None) -> None:
    """Raises ConflictError where an alias does not name what is expected; it says who was faster, when, and to what.

    Args:
        name: "digits@production".
        known: The alias as it is; None if it names nothing.
        expected: As `expected_number` returns it.
    """
    now = known.version if known else None
    if expected in (ANYTHING, now):
        return
    model = name.partition("@")[0]
    wanted = "nothing" if expected is None else f"{model}:{expected}"
    if known is None:
        raise ConflictError(f"{name} names nothing, and {wanted} was expected. Nothing was changed.")
    raise ConflictError(
        f"{name} is {model}:{known.version}{since(known)}, and {wanted} was expected. Nothing was changed.",
        number=known.version,
        actor=known.by.actor,
        ms=known.by.ms,
    )


def since(known: AliasState) -> str:
    """Returns since when an alias names its version, by whom and why, as the end of a clause."""
    reason = f" ({shown(known.by.reason)})" if known.by.reason else ""
    return f" since {utc_text(known.by.ms)}, by {visible(known.by.actor)}{reason}"
