"""What references name, by the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tb_versions.cli import options
from tb_versions.core.manifest import one_form, shown, visible
from tb_versions.core.references import parse_range, parse_reference
from tb_versions.errors import VersionNotFoundError
from tb_versions.query.names import nearest

if TYPE_CHECKING:
    from tb_versions.fleet.standing import Standing


def rows_of(standing: Standing, refs: Sequence[str]) -> tuple[list[int], bool]:
    """Returns the position of each version that references name, in their order, and whether all of them are models.

    Args:
        standing: The tables.
        refs: References, ranges or models; no paths.

    Raises:
        VersionNotFoundError: The table has no model of that name, or the model no such version.
        TbVersionsError: As `Catalog.find`.
    """
    from tb_versions.fleet.answering import catalog_of, rows_of_models

    there = models_in(standing)
    models = dict.fromkeys(model_of(ref, there) for ref in refs)
    rows = [row for model in models for row in rows_of_models(standing, [model])]
    if {one_form(ref) for ref in refs} <= models.keys():
        return rows, True
    catalog, versions = catalog_of(standing, rows)
    row_of = {version.id: row for row, version in zip(rows, versions, strict=True)}
    known = options.expanded(refs, options.in_catalog(catalog))
    named = [version for ref in known for version in catalog.by_model.get(ref) or (catalog.find(ref),)]
    return [row_of[version.id] for version in named], False


def models_in(standing: Standing) -> frozenset[str]:
    """Returns the models of which the tables have versions."""
    import numpy as np

    names = standing.models.to_pylist()
    return frozenset(names[code] for code in np.unique(standing.model_codes).tolist())


def model_of(ref: str, there: Iterable[str]) -> str:
    """Returns the model that a reference names.

    Args:
        ref: A reference, range or model.
        there: The models that there are.

    Raises:
        VersionNotFoundError: It is none of them.
        InvalidReferenceError: It is no reference.
    """
    ref = one_form(ref)
    if ref in (known := frozenset(there)):
        return ref
    named = parse_range(ref)
    model = named[0] if named else parse_reference(ref).model
    if model not in known:
        near = nearest(model, sorted(known))
        hint = f" Did you mean {near}?" if near else ""
        raise VersionNotFoundError(visible(f"The table has no model {shown(model)}.{hint}"))
    return model
