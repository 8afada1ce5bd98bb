"""Gates of versions in object stores: as on a disk."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.gates.checking import check_gate
from tests.support.gating import accuracy, rules_file
from tests.support.world import World

pytestmark = pytest.mark.slow


def test_a_version_in_a_store_is_judged_promoted_and_found_stale(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, value in ((1, 0.9), (2, 0.95), (3, 0.96)):
        world.version("digits", number, metrics=(accuracy(value),), files={"saved_model.pb": b"x", "assets/a": b"a"})
    url = f"memory://{uuid.uuid4().hex}/models"
    for number in (1, 2, 3):
        tbv.copy(f"digits:{number}", world.models, to=url)
    tbv.promote("digits:1", url, alias="production")
    tbv.record("digits:2", url, {"accuracy": 0.9}, source="later")
    rules = rules_file(
        tmp_path,
        'metric = "accuracy"\nbetter_by = 0.01',
        'metric = "accuracy"\nsource = "later"\nat_least = 0.5',
        'unchanged = "preprocessing"',
        "verified = true",
        head='against = "production"',
    )
    result = check_gate("digits:2", url, rules=rules, record=True)
    assert result.passed, result.findings
    catalog = tbv.open_catalog(models_dir=url)
    assert [now.verdict for now in catalog.gates(catalog.find("digits:2"))] == ["passed"]
    tbv.promote("digits:3", url, alias="production")
    catalog = tbv.open_catalog(models_dir=url)
    (now,) = catalog.gates(catalog.find("digits:2"))
    assert (now.verdict, now.changed) == ("stale", ("baseline",))
