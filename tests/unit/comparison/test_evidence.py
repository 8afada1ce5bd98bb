"""What is known of a member's own noise."""

from __future__ import annotations

import math

import pytest

from tb_versions.comparison.evidence import seeds_of, shown_point, spreads_of
from tests.unit.comparison.making import curves, member, metric, run_member, seeds

WAVE = [math.sin(i * i) for i in range(60)]


def test_a_version_is_judged_by_its_value_at_export_and_by_no_other() -> None:
    value = metric("loss", 0.5, curve=[0.9, 0.7], step=3)
    assert shown_point(value, is_run=False) == (0.5, "at export", 3)
    number, point, step = shown_point(metric("loss", None, curve=[0.9, 0.7]), is_run=False)
    assert math.isnan(number)
    assert (point, step) == ("", None)


def test_a_run_without_a_version_is_judged_by_its_last_value() -> None:
    assert shown_point(metric("loss", None, curve=[0.9, 0.7]), is_run=True) == (0.7, "last", 1)
    assert shown_point(metric("loss", None), is_run=True)[1] == ""


@pytest.mark.parametrize(("source", "count"), [("log", 1), ("run", 1), ("typed", 0), ("evaluated", 0)])
def test_only_numbers_that_come_from_a_curve_have_its_noise(source: str, count: int) -> None:
    found = metric("loss", WAVE[-1], source=source, curve=WAVE)
    assert len(spreads_of(member("m:1", found, curves=curves(loss=WAVE)), found, None)) == count


def test_without_a_point_there_is_no_noise_and_with_few_it_is_not_known() -> None:
    found = metric("loss", 1.0)
    assert spreads_of(member("m:1", found), found, None) == []
    assert spreads_of(member("m:1", found, curves=curves(loss=[])), found, None) == []
    assert spreads_of(member("m:1", found, curves=curves(loss=[1.0, 2.0])), found, None) == [None]


def test_siblings_without_the_metric_are_not_counted() -> None:
    assert seeds_of(run_member("r", siblings=seeds("loss", 1.0, 3.0)), "loss", 2.0).count == 3
    assert seeds_of(run_member("r", siblings=seeds("loss", 1.0, 3.0)), "auc", 2.0).count == 1
