"""One object per version."""

from __future__ import annotations

import json

from tb_versions import payload
from tests.unit.read.test_catalog import catalog_of, record


def test_rows_have_full_precision() -> None:
    third = 1 / 3
    catalog = catalog_of([record("m", 2**60, metrics=[{"name": "x", "value": third}, {"name": "n", "value": "NaN"}])])
    (row,) = json.loads(payload.dump(payload.rows(catalog, catalog.versions)))
    assert row["metrics"] == {"x": third, "n": "NaN"}
    assert row["number"] == 2**60
