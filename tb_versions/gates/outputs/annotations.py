"""A result of a gate as annotations of GitHub Actions, which it shows beside the run. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tb_versions.core.manifest import visible
from tb_versions.gates.results import GateResult

_MOST = 9
"""GitHub keeps ten errors of a step; the last says how many more there are."""


def commands(result: GateResult) -> Iterator[str]:
    """Yields workflow commands, one for each rule that did not pass.

    Args:
        result: What to write.
    """
    failed = result.failed
    for each in failed[:_MOST]:
        title = _property(f"{result.gate}: {each.rule}")
        said = f"{each.verdict}: wanted {each.wanted}, found {each.found}. {each.why}"
        yield f"::error title={title}::{_message(said)}"
    if len(failed) > _MOST:
        yield f"::error title={_property(result.gate)}::{len(failed) - _MOST} more rules did not pass."


def _message(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
