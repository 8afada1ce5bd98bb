"""What Python finishes of a comparison for a page without a server, and facts by which the page does the rest. Pure.

Cells that say what a member is (a label, a processor) are finished here. What a signature means for clients is finished
here too, for each pair of different signatures. All other cells compare two values: whether they are equal, what is in
one list and not in the other, by how much a number is larger. The page does that with the facts that are given here.

Members share much of what they say: 1,000 versions may have five environments. Such a part is kept once, in `Shared`,
and a member names it by its position.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from tb_versions.comparison import Member
from tb_versions.comparison.architecture import architecture_of
from tb_versions.comparison.rows.code import code_rows, range_link
from tb_versions.comparison.rows.data import data_rows
from tb_versions.comparison.rows.environment import hardware_rows, software_rows
from tb_versions.comparison.rows.graphs import graph_rows, prints_of
from tb_versions.comparison.rows.others import (
    file_rows,
    hyperparameter_rows,
    label_rows,
    lineage_rows,
    relation_in_words,
    seed_rows,
)
from tb_versions.comparison.rows.row import Cell, Row
from tb_versions.comparison.rows.signatures import (
    compare_models,
    compare_signatures,
    is_served,
    signature_rows,
    signatures_of,
)
from tb_versions.core.manifest import SavedModel, VersionManifest, visible
from tb_versions.payload.comparison import wire_value
from tb_versions.payload.wire import dump, wire_integer

MOST_CHANGES = 4_000_000
"""Most bytes of JSON about what changes for clients between any two signatures: some 100 kB of an export, 70 signatures
with one input each or 30 with thirty. Pairs of others, the rarer ones, are not compared."""

_OF_THE_PAGE = {("graph", "graph"), ("lineage", "relation"), ("lineage", "run"), ("lineage", "step")}

Cells = list[tuple[str, dict[str, Any] | None]]
"""Keys of rows and their cells; None where it is not known what the member says, and no entry where it says nothing."""


class Shared:
    """What members share, each kept once."""

    def __init__(self) -> None:
        """Begins with nothing."""
        self._positions: dict[str, dict[bytes, int]] = {}
        self._kept: dict[str, list[Any]] = {}
        self._last: dict[str, tuple[Any, int]] = {}
        self._models: dict[int, SavedModel] = {}
        self._members: Counter[int] = Counter()

    def position(self, part: str, source: Any, value: Callable[[], Any], *, beside: Any = None) -> int:
        """Returns the position of a value among those of its part; equal values have one position.

        Args:
            part: "environment", "packages" …
            source: What the value is made of. Neighbours often have the same, so that it need not be made again.
            value: Makes it, as JSON.
            beside: Equal values with another one of these get another position.
        """
        if part in self._last and self._last[part][0] == source:
            return self._last[part][1]
        made = value()
        positions, kept = self._positions.setdefault(part, {}), self._kept.setdefault(part, [])
        position = positions.setdefault(dump([made, beside]), len(kept))
        if position == len(kept):
            kept.append(made)
        self._last[part] = source, position
        return position

    def signature(self, model: SavedModel, cells: Callable[[], Cells]) -> int:
        """Returns the position of a model's signatures, by their cells and by whether TF Serving finds them."""
        position = self.position("signature", model, cells, beside=is_served(model))
        self._models.setdefault(position, model)
        self._members[position] += 1
        return position

    def payload(self) -> dict[str, Any]:
        """Returns `SharedFacts` of types.ts; docs/export-format.md has the fields."""
        empty = _rows(Member(id="", kind="run", label=""))
        rows = [(part, row.key, row.label) for part, of_part in empty for row in of_part]
        return {"rows": rows, "parts": self._kept, "changes": self._all_changes()}

    def _all_changes(self) -> dict[str, dict[str, Any]]:
        """What changes for clients between any two signatures, of the most frequent ones."""
        changes: dict[str, dict[str, Any]] = {}
        size = 0
        for position, _ in self._members.most_common():
            model, name = self._models[position], str(position)
            others = {other: self._models[int(other)] for other in changes}
            to_others = {other: _changes(model, known) for other, known in others.items()}
            from_others = {other: _changes(known, model) for other, known in others.items()}
            size += len(dump([to_others, from_others]))
            if size > MOST_CHANGES:
                break
            for other, found in from_others.items():
                changes[other][name] = found
            changes[name] = to_others
        return changes


def finished_facts(member: Member, shared: Shared) -> dict[str, Any]:
    """Returns `FinishedFacts` of types.ts; docs/export-format.md has the fields.

    Args:
        member: Nothing in it must stay secret.
        shared: Keeps what other members say, too.
    """
    manifest = member.manifest or VersionManifest()
    model = manifest.saved_model and dataclasses.replace(manifest.saved_model, fingerprint=None)
    packages = manifest.environment.packages if manifest.environment else None
    return {
        "parts": _parts(member, manifest, model, shared),
        "packages": shared.position("packages", packages, lambda: _visible(packages)) if packages else None,
        "architecture": shared.position("architecture", model, lambda: _architecture(model)) if model else None,
        "graph": _graph(member),
        "range": range_link(manifest.code) if manifest.code else None,
        "prints": dataclasses.astuple(prints_of(manifest)),
        "parents": [(p.model, wire_integer(p.number), relation_in_words(p)) for p in manifest.parents],
    }


def _parts(member: Member, manifest: VersionManifest, model: SavedModel | None, shared: Shared) -> dict[str, Any]:
    """The finished cells by part, or the position of what members share of them."""
    sources = {"graph": model, "data": manifest.datasets, "code": manifest.code, "environment": manifest.environment}
    unknown = _unknown(member)
    parts: dict[str, Any] = {}
    for part, rows in _rows(member):
        cells = partial(_cells, part, rows)
        if part in unknown:
            parts[part] = None
        elif part == "signature" and model is not None:
            parts[part] = shared.signature(model, cells)
        elif part in sources:
            parts[part] = shared.position(part, sources[part], cells)
        else:
            parts[part] = cells()
    return parts


def _rows(member: Member) -> Iterable[tuple[str, Iterable[Row]]]:
    """The rows of a comparison of one member by part, without those of metrics and packages."""
    alone = [member]
    return (
        ("hyperparameters", hyperparameter_rows(alone)),
        ("seeds", seed_rows(alone)),
        ("signature", signature_rows(alone, 0)),
        ("graph", graph_rows(alone, 0)),
        ("data", data_rows(alone, 0)),
        ("code", code_rows(alone, 0)),
        ("environment", software_rows(alone, 0)),
        ("hardware", hardware_rows(alone)),
        ("files", file_rows(alone, 0)),
        ("labels", label_rows(alone)),
        ("lineage", lineage_rows(alone, 0)),
    )


def _cells(part: str, rows: Iterable[Row]) -> Cells:
    cells: Cells = []
    for row in rows:
        (cell,) = row.cells
        if (part, row.key) in _OF_THE_PAGE or (cell.absent and cell.known):
            continue
        cells.append((row.key, _short(cell) if cell.known else None))
    return cells


def _short(cell: Cell) -> dict[str, Any]:
    """A cell that is compared with no other: it has no verdict and no reasons."""
    short = {"value": wire_value(cell.value)}
    if cell.text != cell.value:
        short["text"] = visible(cell.text)
    if cell.details:
        short["details"] = wire_value(cell.details)
    return short


def _unknown(member: Member) -> list[str]:
    """Returns the parts whose rows are not known; of the others, a row without a cell is absent."""
    manifest = member.manifest
    said = {
        "hyperparameters": member.hyperparameters,
        "seeds": manifest and manifest.seeds,
        "signature": manifest and manifest.saved_model,
        "data": manifest and manifest.datasets,
        "labels": manifest,
    }
    return [part for part, value in said.items() if not value]


def _architecture(model: SavedModel) -> dict[str, Any]:
    found = architecture_of(model)
    return {
        "variables": found.variables,
        "uncounted": {name: key for name, key in found.uncounted.items() if name != key},
        "ops": dict(sorted(found.ops.items())),
        "is_parsed": found.is_parsed,
        "omitted": found.omitted,
    }


def _graph(member: Member) -> str | None:
    """Returns what stands for graph and weights, or None if it is not known."""
    (cell,) = next(graph_rows([member], 0)).cells
    return str(cell.value) if cell.known else None


def _visible(texts: Mapping[str, str]) -> dict[str, str]:
    return {visible(name): visible(text) for name, text in sorted(texts.items())}


def _changes(old: SavedModel, new: SavedModel) -> dict[str, list[tuple[str, str]]]:
    """What changes for clients, weight and words, by signature; "" has those of all."""
    before, after = signatures_of(old), signatures_of(new)
    findings = {"": compare_models(old, new)}
    findings |= {visible(key): compare_signatures(before.get(key), after.get(key)) for key in {*before, *after}}
    return {key: [(c.weight, visible(c.text)) for c in found.changes] for key, found in sorted(findings.items())}
