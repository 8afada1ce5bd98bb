"""Some rows of the tables as the page gets a whole table: made by the payload's own encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from tb_versions.fleet.standing import Standing
from tb_versions.payload.blocks import blocks_of
from tb_versions.payload.columns import Named
from tb_versions.payload.parts import PARTS, Kept, Rows
from tb_versions.payload.registry import registry_payload
from tb_versions.payload.tables import head, sealed
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.registries import Known, ModelRegistry


def table_of(standing: Standing, rows: Sequence[int], kept: Kept) -> dict[str, Any]:
    """Returns the table of some rows, in their order, as /versions answers.

    What logs say is of these versions only, and which version each alias of their models names.

    Args:
        standing: The tables.
        rows: Positions of versions.
        kept: Names of the metrics, hyperparameters and labels that have columns.

    Raises:
        StorageError: A row does not say what its manifest says, or a table can't be read.
    """
    versions = versions_at(standing, rows)
    part = Catalog(versions=versions, roots=((standing.root, True),))
    blocks = [Rows(versions[each], part.curves) for each in blocks_of(versions)]
    named = names_of(blocks)
    there = Kept(
        {key: kept.metrics[key] for key in named.metrics if key in kept.metrics},
        {name: None for name in named.hyperparameters if name in kept.hyperparameters},
        {name: None for name in named.labels if name in kept.labels},
    )
    return sealed(
        {
            **head(part, there, {}),
            "registry": _said(standing, versions),
            "blocks": [
                {"rows": len(block.versions), "parts": [each.columns(block, there) for each in PARTS]}
                for block in blocks
            ],
        }
    )


def names_of(blocks: Sequence[Rows]) -> Named:
    """Returns the names of what some versions have, and what is said of their metrics."""
    named = Named()
    for block in blocks:
        for part in PARTS:
            named.add(part.names(block))
    return named


def versions_at(standing: Standing, rows: Sequence[int]) -> tuple[Version, ...]:
    """Returns the versions at some positions; manifests are read from their folders where that is possible."""
    made = standing.versions(rows, from_files=True)
    return tuple([made[row] for row in rows])


def _said(standing: Standing, versions: Sequence[Version]) -> dict[str, Any]:
    """What logs say of some versions, with those that aliases of their models name."""
    numbers: dict[str, set[int]] = {}
    for version in versions:
        numbers.setdefault(version.model, set()).add(version.number)
    registries: Known = {
        model: tuple([_of_some(registry, numbers[model]) for registry in group])
        for model, group in standing.registries.items()
        if model in numbers
    }
    ids = {version.id for version in versions}
    holders = [each for each in standing.holders(registries) if each.id not in ids]
    return registry_payload(Catalog(versions=(*versions, *holders), registries=registries, judged={}))


def _of_some(registry: ModelRegistry, numbers: set[int]) -> ModelRegistry:
    state = registry.state
    wanted = numbers | {alias.version for alias in state.aliases.values()}
    return replace(
        registry,
        state=replace(state, versions={number: said for number, said in state.versions.items() if number in wanted}),
    )
