"""Some versions of the tables as a catalog, so that they are shown as those that were read from their files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tb_versions.fleet.proving import prove
from tb_versions.fleet.standing import Standing
from tb_versions.read.catalog import Catalog, Version

if TYPE_CHECKING:
    from numpy.typing import NDArray


def catalog_of(standing: Standing, rows: Sequence[int]) -> tuple[Catalog, tuple[Version, ...]]:
    """Returns a catalog that has some versions, and these versions in the order of `rows`.

    It has what else decides how they are shown: others with their number, and the version that names the lead metric.
    Files were not looked at, so their state is "unchecked"; no result of a gate counts, and nothing was measured.

    Args:
        standing: The tables.
        rows: Positions in `Standing.order`.

    Raises:
        StorageError: A table can't be read, or a row does not say what its manifest says; see `prove`.
    """
    models = _models_of(standing, rows)
    beside = [row for row, version in standing.contested.items() if version.model in models]
    wanted = sorted({*rows, *beside, *_leading(standing, models)})
    prove(standing, wanted)
    made = standing.versions(wanted)
    catalog = Catalog(
        versions=tuple([made[row] for row in wanted]),
        roots=((standing.root, True),),
        registries={model: found for model, found in standing.registries.items() if model in models},
        judged={},
    )
    return catalog, tuple([made[row] for row in rows])


def rows_of_models(standing: Standing, models: Iterable[str]) -> list[int]:
    """Returns the position of every version of some models."""
    found: list[int] = np.flatnonzero(_of_models(standing, models)).tolist()
    return found


def _of_models(standing: Standing, models: Iterable[str]) -> NDArray[np.bool_]:
    wanted = set(models)
    is_wanted = np.array([name in wanted for name in standing.models.to_pylist()], np.bool_)
    return is_wanted[standing.model_codes] if len(is_wanted) else np.zeros(0, np.bool_)


def _models_of(standing: Standing, rows: Sequence[int]) -> set[str]:
    codes = np.unique(standing.model_codes[np.asarray(rows, np.int64)])
    return {standing.models[code].as_py() for code in codes.tolist()}


def _leading(standing: Standing, models: Iterable[str]) -> list[int]:
    """The newest version of each model that names a lead metric."""
    leads = standing.text("lead_metric")
    if not len(leads.different):
        return []
    rows = np.flatnonzero(_of_models(standing, models) & (leads.codes >= 0))
    return list(dict(zip(standing.model_codes[rows].tolist(), rows.tolist(), strict=True)).values())
