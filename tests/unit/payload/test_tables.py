"""The whole table as columns."""

from __future__ import annotations

from typing import Any

from tb_versions import payload
from tb_versions.read.catalog import Catalog
from tests.support.world import strict
from tests.unit.read.test_catalog import catalog_of, damaged, record


def table_of(*records: Any) -> Any:
    return strict(payload.dump(payload.versions_payload(catalog_of(records))))


def test_datasets_and_relations_travel_beside_what_they_belong_to() -> None:
    train, test = ({"name": "d", "split": split, "digest": "sha256:" + "0" * 64} for split in ("train", "test"))
    parents = [{"model": "a", "number": 1, "relation": "DISTILLED_FROM"}, {"model": "b", "number": 2}]
    table = table_of(
        record("a", 1, datasets=[test]), record("a", 2, datasets=[train, test], parents=parents), damaged("a", 3, "x")
    )
    assert table["datasets"] == [
        {"name": "d", "digest": "0" * 12, "split": "test"},
        {"name": "d", "digest": "0" * 12, "split": "train"},
    ]
    assert table["columns"]["datasets"] == [[0], [1, 0], []]
    assert table["columns"]["parents"] == [[], ["a:1", "b:2"], []]
    assert table["columns"]["relations"] == [[], ["distilled from", "made from"], []]


def test_versions_that_differ_in_their_seeds_only_have_one_recipe() -> None:
    def trained(number: int, rate: float, seed: int) -> Any:
        return record("m", number, hyperparameters={"rate": rate}, seeds={"numpy": str(seed)})

    table = table_of(trained(1, 0.1, 1), trained(2, 0.1, 2), trained(3, 0.2, 1), record("m", 4))
    assert table["columns"]["recipe"] == [0, 0, 1, -1]
    assert table["columns"]["seeds"] == [0, 1, 0, -1]


def test_a_damaged_version_has_its_row() -> None:
    table = table_of(damaged("m", 1, "m/1"), record("m", 2, labels={"a": "b"}, hyperparameters={"h": 1}))
    columns = table["columns"]
    assert columns["id"] == ["m:1", "m:2"]
    assert (columns["created"], columns["size"], columns["digest"]) == ([None, None], [None, None], [None, None])
    assert table["labels"] == [{"name": "a", "values": [None, "b"]}]
    assert table["hyperparameters"] == [{"name": "h", "values": [None, 1]}]


def test_an_empty_catalog_is_a_table() -> None:
    table = strict(payload.dump(payload.versions_payload(Catalog(loading=True))))
    assert (table["status"], table["columns"]["id"], table["runs"]) == ("loading", [], [])
