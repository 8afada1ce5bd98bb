"""The models with their counts."""

from __future__ import annotations

from tb_versions import payload
from tests.support.world import strict
from tests.unit.read.test_catalog import announced, catalog_of, damaged, record


def test_models_are_counted() -> None:
    catalog = catalog_of([record("b", 2), damaged("b", 3, "b/3"), record("a", 2**60), announced("b", 1, "cccc")])
    models = strict(payload.dump(payload.models_payload(catalog)))["models"]
    assert [(m["name"], m["versions"], m["latest"], m["damaged"]) for m in models] == [
        ("a", 1, str(2**60), 0),
        ("b", 3, 3, 1),
    ]
