"""What an export tells of a member."""

from __future__ import annotations

import json
import math
import random

import pytest

from tb_versions import payload
from tb_versions.comparison import Member, Sibling
from tb_versions.comparison.noise import group_of, late_spread
from tb_versions.core.manifest import Dataset, VersionManifest
from tb_versions.payload import metric_detail
from tb_versions.payload.portable import portable_facts
from tb_versions.read.catalog import LinkedRun
from tests.support.points import made_points
from tests.support.world import strict
from tests.unit.comparison.making import member, metric

CURVE = [0.5 + 0.01 * random.Random(step).gauss(0, 1) for step in range(40)]


def on_wire(of: Member) -> dict:
    return strict(payload.dump(portable_facts(of)))


def test_siblings_travel_as_count_mean_and_deviation():
    siblings = (Sibling("d:2", {"acc": 0.4}), Sibling("d:3", {"acc": 0.6, "loss": math.nan}), Sibling("d:4", {}))
    facts = on_wire(member("d:1", metric("acc", 0.5), metric("loss", 1.0), metric("alone", 1.0), siblings=siblings))
    assert facts["seeds"] == {"acc": [3, 0.5, group_of([0.5, 0.4, 0.6]).deviation], "loss": [1, 1.0, 0.0]}
    assert facts["member"]["siblings"] == ["d:2", "d:3", "d:4"]


def test_a_curve_travels_as_its_spread_before_the_export_and_its_other_extreme():
    curves = {"acc": made_points(range(40), CURVE)}
    facts = on_wire(member("d:1", metric("acc", 0.5, curve=CURVE, step=29), curves=curves))
    spread = late_spread(CURVE[10:30])
    assert spread is not None
    assert facts["curves"]["acc"]["spread"] == [spread.deviation, spread.degrees, 20]
    assert facts["curves"]["acc"]["lowest"] == [CURVE.index(min(CURVE)), min(CURVE)]
    assert "highest" not in facts["curves"]["acc"], "it is the metric's best"


def test_of_a_metric_without_a_goal_both_extremes_travel():
    facts = on_wire(member("d:1", metric("spikes", 0.5, goal="unknown", curve=[3.0, 1.0, 2.0])))
    assert facts["curves"] == {"spikes": {"highest": [0, 3.0], "lowest": [1, 1.0]}}


def test_a_curve_that_does_not_tell_is_no_missing_curve():
    flat = made_points(range(40), [1.0] * 40)
    facts = on_wire(member("d:1", metric("acc", 1.0), metric("typed", 1.0, source="typed"), curves={"acc": flat}))
    assert facts["curves"] == {"acc": {"spread": None}}


def test_a_run_brings_its_metrics_and_a_version_has_them_in_its_details():
    last = metric("acc", None, source="run", curve=CURVE)
    run = Member(id="run:r", kind="run", label="run r", metrics=(last,))
    assert on_wire(run)["metrics"] == [strict(payload.dump(metric_detail(last)))]
    assert on_wire(member("d:1", last))["metrics"] is None


def test_the_data_that_a_metric_was_measured_on_travels_as_a_short_digest():
    data = Dataset(name="digits", split="test", digest="sha256:" + "0123456789abcdef" * 4)
    manifest = VersionManifest(model="d", number=1, datasets=(data,))
    facts = on_wire(member("d:1", metric("acc", 0.5, dataset="digits"), metric("loss", 1.0), manifest=manifest))
    assert facts["curves"] == {"acc [digits]": {"digest": "0123456789ab"}}


@pytest.mark.parametrize("name", ["__proto__", "\ud800", "\u202eabc", "<script>", "", "a" * 1_024])
def test_hostile_names_and_numbers_are_strict_json(name):
    values = metric(name, math.nan, curve=[math.nan, math.inf, -math.inf, 1e308, -0.0], step=2**63 - 1)
    hostile = member(
        "d:1",
        values,
        runs=(LinkedRun(name, 2**63 - 1, None, True),),
        siblings=(Sibling(name, {name: math.inf}),),
        curves={name: made_points(range(30), [1e308, -1e308] * 15)},
        recipe=name,
        notice=name,
    )
    facts = on_wire(hostile)
    assert facts["member"]["runs"][0]["step"] == str(2**63 - 1)
    assert list(facts["curves"]) == [name.replace("\ud800", "\\u{d800}")]


def test_facts_stay_small():
    names = [f"metric_{i}" for i in range(20)]
    siblings = tuple(Sibling(f"d:{s}", dict.fromkeys(names, 1 / (s + 3))) for s in range(30))
    curves = {name: made_points(range(1_000), CURVE * 25) for name in names[:5]}
    metrics = [metric(name, 1 / 3, curve=CURVE if name in curves else ()) for name in names]
    facts = portable_facts(member("d:1", *metrics, siblings=siblings, curves=curves))
    assert len(json.dumps(facts)) < 4_000
