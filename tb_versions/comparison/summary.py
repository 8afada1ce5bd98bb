"""The comparison in one paragraph of plain text, built from the verdicts of its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.row import Cell, Row, number_text
from tb_versions.core.amounts import amount_text
from tb_versions.core.manifest import visible

_MOST_MEMBERS = 3
_MOST_METRICS = 2
_MOST_HYPERPARAMETERS = 3
_NOISES = {"curves": "the noise of the curves", "intervals": "the intervals of the values"}
_VALIDATION, _TEST = ("val", "valid", "validation"), ("test", "eval", "evaluation")

_GRAPH_WORDS = {
    "identical content": "identical content",
    "same graph and weights": "same graph and weights",
    "same graph, new weights": "same graph with new weights",
    "same architecture, other weight files": "same architecture",
    "same weights, same kinds of ops": "same weights and kinds of ops, but how these are connected is not known",
    "same weights, other graph": "same weights in another graph",
    "same architecture": "same architecture",
    "different architecture": "different architecture",
}
_SIGNATURE_WORDS = {
    "identical": "serving clients are unaffected",
    "compatible": "serving clients are unaffected, the signature only adds or allows more",
    "breaking": "it breaks serving clients",
}


def summary_of(members: Sequence[Member], baseline: int, rows: Sequence[Row]) -> str:
    """Returns the paragraph.

    Which metrics it names is decided by the lead metric of the baseline, or of another member, and by their names,
    never by which of them came out well.
    """
    base = members[baseline]
    others = [i for i in range(len(members)) if i != baseline]
    lead = _lead(members, baseline)
    sentences = [
        _sentence(members[i], i, base=base, baseline=baseline, rows=rows, lead=lead) for i in others[:_MOST_MEMBERS]
    ]
    more = len(others) - _MOST_MEMBERS
    if more > 0:
        sentences.append(f"{more} more {'is' if more == 1 else 'are'} in the table.")
    return " ".join(sentences)


def _lead(members: Sequence[Member], baseline: int) -> str:
    """The lead metric of the baseline; where that names none, of the first other member that does; or ""."""
    return next((member.lead_metric for member in (members[baseline], *members) if member.lead_metric), "")


def _sentence(member: Member, position: int, *, base: Member, baseline: int, rows: Sequence[Row], lead: str) -> str:
    found = {(row.group, row.key): row for row in rows}
    metrics = _metrics(rows, position, base=base, baseline=baseline, lead=lead)
    others = [*_slices(rows, position, lead), *_graph(found, position)]
    others += [*_hyperparameters(rows, position, baseline), *_data(found, position)]
    others += [*_software(found, position, baseline), *_clients(found, position)]
    name = visible(member.label)
    if metrics:
        return f"{name} has {'; '.join([metrics, *others])}."
    if others:
        return f"{name} against {visible(base.label)}: {'; '.join(others)}."
    return f"{name} and {visible(base.label)} have nothing in common that can be compared."


def _metrics(rows: Sequence[Row], position: int, *, base: Member, baseline: int, lead: str) -> str:
    candidates = [row for row in rows if row.group == "metrics" and "relative" in row.cells[position].details]
    candidates.sort(key=lambda row: (not _is_of(row, lead), *_importance(row)))
    phrases = []
    for index, row in enumerate(candidates[:_MOST_METRICS]):
        name = visible(base.label) if index == 0 else ""  # once in a sentence
        phrases.append(_metric(row, row.cells[position], row.cells[baseline], base_name=name))
    judged = {noise for _, noise in phrases}
    if len(phrases) > 1 and len(judged) == 1 and judged != {""}:
        return f"{' and '.join(words for words, _ in phrases)}, both {judged.pop()}"
    return ", and ".join(f"{words}, {noise}" if noise else words for words, noise in phrases)


def _is_of(row: Row, metric: str) -> bool:
    """Whether a row is about a metric, on whatever data."""
    return row.label == metric or row.label.startswith(f"{metric} [")


def _importance(row: Row) -> tuple[int, int, int, int]:
    """Sorts whole data before slices, then known goals first, then validation, test, training, then max before min."""
    first = row.label.lower().replace("/", "_").partition("_")[0]
    split = 0 if first in _VALIDATION else 1 if first in _TEST else 2
    goal = row.details.get("goal")
    return int("[" in row.label), int(goal == "unknown"), split, int(goal != "max")


def _metric(row: Row, cell: Cell, base: Cell, *, base_name: str) -> tuple[str, str]:
    """Returns the difference in words, and whether it is more than noise.

    For example ("1.7 points higher val_accuracy than digits 3", "better, beyond seed noise"); "than digits 3" is left
    out where no name is given. The second text is "" where there is no difference to judge.
    """
    than, same_as = (f" than {base_name}", f" as {base_name}") if base_name else ("", "")
    if cell.details["direction"] == "equal":
        return f"the same {row.label}{same_as}, {cell.text}", ""
    difference = cell.details["difference"]
    if difference is None:
        return f"{row.label} {cell.text} against {base.text}", ""
    old, new = cast("float", base.value), cast("float", cell.value)
    amount = amount_text(old, new, row.details["goal"]) or number_text(abs(difference))
    return f"{amount} {'higher' if difference > 0 else 'lower'} {row.label}{than}", _noise(cell)


def _noise(cell: Cell) -> str:
    if not cell.details["is_comparable"]:
        return "but not measured alike"
    kind = _NOISES.get(cell.details["noise"]["method"], "seed noise")
    if cell.verdict in ("better", "worse"):
        return f"{cell.verdict}, beyond {kind}"
    if cell.verdict == "within noise":
        return f"within {kind}"
    if cell.details.get("direction") in ("higher", "lower"):
        return "whether that is better is not known"
    return f"{cell.details.get('direction', '')}, but how much of it is noise is not known"


def _slices(rows: Sequence[Row], position: int, lead: str) -> Iterator[str]:
    """On how many slices the member is worse: of the lead metric, or of the first one that is compared."""
    compared = [row for row in rows if row.group == "slices" and "judgement" in row.cells[position].details]
    of_lead = [row for row in compared if row.details["name"] == lead] or compared
    own = [row for row in of_lead if _metric_of(row) == _metric_of(of_lead[0])]
    worse = [row for row in own if row.cells[position].verdict == "worse"]
    if worse:
        most = max(worse, key=lambda row: row.cells[position].details["loss"])
        name, part = most.details["name"], most.details["slice"]
        slices = "one slice" if len(own) == 1 else f"{len(worse):,} of {len(own):,} slices"
        yield f"worse {name} on {slices}, {'' if len(worse) == 1 else 'most '}on {part}"


def _metric_of(row: Row) -> tuple[str, str]:
    return row.details["name"], row.details["dataset"]


def _graph(found: dict[tuple[str, str], Row], position: int) -> Iterator[str]:
    words = _GRAPH_WORDS.get(found["graph", "graph"].cells[position].verdict)
    if words:
        yield words


def _hyperparameters(rows: Sequence[Row], position: int, baseline: int) -> Iterator[str]:
    changes = []
    for row in rows:
        ours, theirs = row.cells[position], row.cells[baseline]
        if row.group != "hyperparameters" or row.key.startswith("seed:") or not (ours.known and theirs.known):
            continue
        if (ours.absent, ours.value) != (theirs.absent, theirs.value):
            changes.append(f"{row.label} {_short(theirs)} → {_short(ours)}")
    if changes:
        rest = len(changes) - _MOST_HYPERPARAMETERS
        more = f" and {rest} more hyperparameters" if rest > 1 else " and one more hyperparameter" if rest else ""
        yield ", ".join(changes[:_MOST_HYPERPARAMETERS]) + (more if rest > 0 else "")
    elif any(r.group == "hyperparameters" and _both(r, position, baseline) for r in rows):
        yield "same hyperparameters"


def _both(row: Row, position: int, baseline: int) -> bool:
    return row.cells[position].known and row.cells[baseline].known


def _short(cell: Cell) -> str:
    if cell.absent:
        return "unset"
    return cell.text if len(cell.text) <= 40 else cell.text[:39] + "…"


def _data(found: dict[tuple[str, str], Row], position: int) -> Iterator[str]:
    words = {
        "same data": "trained on the same data",
        "same data where both name it": "on the same data where both name it",
        "same name, new content": "trained on data of the same name with other content",
        "same content, other name": "trained on the same data under another name",
        "different data": "trained on different data",
    }.get(found["data", ""].cells[position].verdict)
    if words:
        yield words


def _software(found: dict[tuple[str, str], Row], position: int, baseline: int) -> Iterator[str]:
    # A TensorFlow that is only installed has nothing to do with a model of another framework.
    both = [found["signature", ""].cells[place].known for place in (position, baseline)]
    for key in ("tensorflow", "python") if all(both) else ("python",):
        row = found["environment", key]
        ours, theirs = row.cells[position], row.cells[baseline]
        if not ours.absent and not theirs.absent and ours.value != theirs.value:
            yield f"with {row.label} {ours.text} instead of {theirs.text}"
            return


def _clients(found: dict[tuple[str, str], Row], position: int) -> Iterator[str]:
    cell = found["signature", ""].cells[position]
    words = _SIGNATURE_WORDS.get(cell.verdict)
    if words:
        because = f" ({cell.reasons[0]})" if cell.verdict == "breaking" and cell.reasons else ""
        yield words + because
