"""Gives a version a semantic version after it was published; `auto` proposes one from the comparison with the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import semver

from tb_versions.actions.target import Change, Decision, Path, Target, checked_reason, find_target, who
from tb_versions.comparison import Comparison
from tb_versions.comparison.loading import Source, compare_in
from tb_versions.comparison.rows.data import DIFFERENT, RENAMED, RENEWED, SAME
from tb_versions.comparison.rows.row import UNKNOWN, Cell
from tb_versions.core.manifest import is_semantic_version, shown, visible
from tb_versions.errors import InvalidQueryError, RefusedError
from tb_versions.read.folders.part import part_of
from tb_versions.read.holders import check_not_removed
from tb_versions.read.reader import CatalogReader, open_reader
from tb_versions.registry.events import MAX_REASON, SemanticVersionGiven
from tb_versions.registry.state import State

Part = Literal["major", "minor", "patch", "auto"]
PARTS = ("major", "minor", "patch", "auto")

_FIRST = {"major": "1.0.0", "minor": "0.1.0", "patch": "0.0.1", "auto": "1.0.0"}
_RETRAINED = frozenset(
    {
        "identical content",
        "same graph and weights",
        "same graph, new weights",
        "same architecture, other weight files",
        "same architecture",
    }
)
_SAME_WEIGHTS_AND_DOUBT = "same weights, same kinds of ops"


def bump(
    reference: Path,
    models_dir: Path | None = None,
    part: Part = "auto",
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Gives a version the semantic version that follows the previous release; it hides the one in the manifest.

    The previous release is, of the versions with a smaller number, the one with the highest semantic version. With
    "auto" the two are compared: a signature that breaks clients asks for a major version; new data or a compatible
    architecture for a minor one; retrained weights for a patch. Where the weights are the same and nobody can say what
    else changed, nothing is proposed.

    Args:
        reference: As in `promote`.
        models_dir: As in `promote`.
        part: What to count up: "major", "minor", "patch" or "auto". The first release is 1.0.0, 0.1.0, 0.0.1 or 1.0.0.
        reason: Why, at most 4,096 characters; with "auto", by default, what the comparison says.
        actor: Who says so; as in `promote`.
        dry_run: Whether to check everything and write nothing: what would it be, and why?

    Returns:
        What changed; nothing if the version has that semantic version already.

    Raises:
        InvalidQueryError: There is no such part.
        RefusedError: Another version has that semantic version; or "auto" can't tell.
        TbVersionsError: As in `promote`.
    """
    if part not in PARTS:
        raise InvalidQueryError(f"{shown(part)} is none of major, minor, patch and auto.")
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)
    reader = open_reader("", [_models(target)], part=part_of(target.model), check=False)
    published = _published(reader)
    proposed: dict[int, _Proposal] = {}  # by the release that it rests on

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        known = _all(published, state)
        last = _last(known, target.number)
        if last not in proposed:
            proposed[last] = _proposal(reader, target, last, part=part)
        found = proposed[last]
        given = _next(known[last], found.part) if last in known else _FIRST[part]
        before = known.get(target.number)
        if before == given:
            return Decision(None, f"{target.found.id} is {given} already.", before, given)
        _check_unique(target, given, known)
        why = f"{found.part}: {'; '.join(found.reasons)}" if found.reasons else ""
        draft = target.draft(
            "semantic_version_given",
            SemanticVersionGiven(given),
            actor=actor,
            reason=reason or why[:MAX_REASON],
        )
        release = f"after {known[last]} of {target.model}:{last}" if last in known else "the first release"
        said = "; ".join(filter(None, (f"{target.found.id} is {given} now", why, release)))
        return Decision(draft, f"{said}.", before, given)

    return target.apply(decide, dry_run=dry_run)


@dataclass(frozen=True)
class _Proposal:
    part: str
    reasons: tuple[str, ...] = ()


def _proposal(reader: CatalogReader, target: Target, last: int, *, part: str) -> _Proposal:
    if part != "auto" or last < 0:
        return _Proposal(part)
    source = Source(reader.catalog, reader.manifest_bytes)
    return propose(compare_in(source, [f"{target.model}:{target.number}"], baseline=f"{target.model}:{last}"))


def propose(comparison: Comparison) -> _Proposal:
    """Returns which part of the semantic version a comparison asks for, and why.

    Args:
        comparison: Of the previous release and the new version.

    Raises:
        RefusedError: The comparison does not tell.
    """
    signature, graph, data = (_cell(comparison, *row) for row in (("signature", ""), ("graph", "graph"), ("data", "")))
    if signature.verdict == "breaking":
        return _Proposal("major", (f"serving clients break: {_first(signature)}",))
    unknown = [name for name, cell in (("signature", signature), ("graph", graph)) if _is_unknown(cell)]
    if unknown:
        raise RefusedError(
            f"Nothing can be proposed: the {' and the '.join(unknown)} can't be compared with the previous release. "
            "Say major, minor or patch."
        )
    minor = []
    if signature.verdict == "compatible":
        minor.append(f"the signature grew: {_first(signature)}")
    if graph.verdict not in (*_RETRAINED, _SAME_WEIGHTS_AND_DOUBT):
        minor.append(f"{graph.verdict}, for which clients need no change")
    if data.verdict in (RENEWED, DIFFERENT, f"{SAME} where both name it"):
        minor.append(f"the data: {data.verdict}")
    if minor:
        return _Proposal("minor", tuple(minor))
    if graph.verdict == _SAME_WEIGHTS_AND_DOUBT:
        raise RefusedError(
            "Nothing can be proposed: the weights are those of the previous release, and whether the graph is the same "
            f"is not known ({_doubt(graph)}). Say major, minor or patch."
        )
    of_graph = f"{graph.verdict} ({_doubt(graph)})" if graph.reasons else graph.verdict
    of_data = data.verdict if data.verdict in (SAME, RENAMED) else "whether the data changed is not known"
    return _Proposal("patch", (of_graph, of_data))


def _cell(comparison: Comparison, group: str, key: str) -> Cell:
    try:
        return comparison.row(group, key).cells[1 - comparison.baseline]
    except KeyError:
        return UNKNOWN


def _is_unknown(cell: Cell) -> bool:
    return not cell.known or cell.verdict in ("", "unknown")


def _doubt(graph: Cell) -> str:
    """What of a graph is not known; it is said last."""
    return visible(graph.reasons[-1]) if graph.reasons else ""


def _first(cell: Cell) -> str:
    more = len(cell.reasons) - 1
    return visible(cell.reasons[0] + (f" and {more} more" if more > 0 else "")) if cell.reasons else cell.verdict


def _published(reader: CatalogReader) -> dict[int, str]:
    """The semantic version that each manifest names, also those of removed versions: they are not used again."""
    listed = ((version.number, version.listing) for version in reader.catalog.versions)
    return {number: listing.semantic_version for number, listing in listed if listing and listing.semantic_version}


def _all(published: Mapping[int, str], state: State) -> dict[int, str]:
    """Every semantic version of the model, by number; what was given later hides what a manifest says."""
    given = {number: found.semantic_version for number, found in state.versions.items() if found.semantic_version}
    return {number: text for number, text in {**published, **given}.items() if is_semantic_version(text)}


def _last(known: Mapping[int, str], number: int) -> int:
    """The number of the previous release; -1 if there is none."""
    earlier = [(semver.Version.parse(text), found) for found, text in known.items() if found < number]
    return max(earlier)[1] if earlier else -1


def _next(last: str, part: str) -> str:
    return str(semver.Version.parse(last).next_version(part))


def _check_unique(target: Target, given: str, known: Mapping[int, str]) -> None:
    wanted = semver.Version.parse(given)
    for number, text in known.items():
        if number != target.number and semver.Version.parse(text) == wanted:
            raise RefusedError(
                f"{target.model}:{number} is {text}, so {target.found.id} can't be {given}. Nothing was changed; "
                "ask for another part: major, minor or patch."
            )


def _models(target: Target) -> str:
    return target.opened.folder.rpartition("/")[0] or "/"
