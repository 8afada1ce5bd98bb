"""How curves are read through a DataProvider: what is asked for, how often, and what a failure hides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve_reader import ALL, CurveReader
from tb_versions.read.curves.linked_curves import LinkedCurves


class Provider:
    """A DataProvider by the letter of tensorboard.data.provider, of what each test says."""

    def __init__(self, runs: dict[str, dict[str, list[tuple[int, float]]]]) -> None:
        self.runs, self.asked, self.broken = runs, list[list[str]](), set[str]()

    def list_scalars(self, ctx: Any, *, run_tag_filter: Any, **_: Any) -> Any:
        return {
            run: {t: SimpleNamespace(max_step=p[-1][0], max_wall_time=float(len(p))) for t, p in tags.items()}
            for run, tags in self.runs.items()
            if run in run_tag_filter.runs
        }

    def read_scalars(self, ctx: Any, *, run_tag_filter: Any, downsample: int, **_: Any) -> Any:
        self.asked.append(sorted(run_tag_filter.runs))
        self.points = downsample
        if self.broken & set(run_tag_filter.runs):
            raise RuntimeError("broken\nmore")
        return {
            run: {t: [SimpleNamespace(step=s, wall_time=1.0, value=v) for s, v in p] for t, p in self.runs[run].items()}
            for run in run_tag_filter.runs
        }


def test_only_runs_with_news_are_read() -> None:
    provider = Provider({run: {"loss": [(1, 0.5)]} for run in "abc"})
    linked = LinkedCurves(CurveReader(provider))
    exports = {run: frozenset({Export(1, 1.0)}) for run in "ab"}
    curves, changed = linked.refresh(exports)
    assert (sorted(curves), changed, provider.asked) == (["a", "b"], True, [["a", "b"]])
    assert linked.refresh(exports)[1] is False
    provider.runs["b"]["loss"].append((2, 0.25))
    curves, changed = linked.refresh(exports)
    assert (changed, provider.asked[-1]) == (True, ["b"])
    assert curves["b"]["loss"].last == Point(2, 0.25)
    assert linked.refresh({**exports, "a": frozenset({Export(1, 1.0), Export(2, 1.0)})})[1] is True
    assert provider.asked[-1] == ["a"]
    curves, changed = linked.refresh({"a": frozenset({Export(1, 1.0), Export(2, 1.0)})})
    assert (sorted(curves), changed) == (["a"], True)


def test_one_broken_run_hides_no_other_and_is_tried_again() -> None:
    provider = Provider({f"r{i}": {"loss": [(1, 0.5)]} for i in range(60)})
    provider.broken = {"r7"}
    linked = LinkedCurves(CurveReader(provider))
    exports = {run: frozenset({Export(1, 1.0)}) for run in provider.runs}
    curves, _ = linked.refresh(exports)
    assert len(curves) == 59
    assert linked.failures == {"r7": "broken"}
    provider.broken = set()
    curves, changed = linked.refresh(exports)
    assert (len(curves), changed, linked.failures) == (60, True, {})


def test_a_provider_that_is_broken_altogether_is_not_asked_for_ever() -> None:
    provider = Provider({f"r{i}": {"loss": [(1, 0.5)]} for i in range(500)})
    provider.broken = set(provider.runs)
    linked = LinkedCurves(CurveReader(provider))
    curves, changed = linked.refresh({run: frozenset() for run in provider.runs})
    assert (curves, changed, len(linked.failures)) == ({}, False, 500)
    assert len(provider.asked) < 120


def test_of_many_curves_fewer_points_are_asked_for() -> None:
    provider = Provider({f"r{i}": {f"t{j}": [(0, 1.0)] for j in range(20)} for i in range(30)})
    reader = CurveReader(provider)
    reader.read_metrics(["r1"], at_most=200_000)
    assert provider.points == 1_000
    reader.read_metrics(list(provider.runs), at_most=200_000)
    assert provider.points == 333
    assert len(provider.asked) == 2, "samples of many runs come with one request"
    reader.read_metrics(["r1"])
    assert provider.points == ALL


def test_nothing_is_read_for_no_runs_or_without_a_provider() -> None:
    assert CurveReader(None).read_metrics(["r1"]) == {}
    assert CurveReader(Provider({})).read_metrics([]) == {}


@pytest.mark.parametrize(("room", "again"), [(0, [["a", "b"]]), (3, [["b"]]), (100, [])])
def test_what_there_is_room_for_stays_and_is_not_read_again(room: int, again: list[list[str]]) -> None:
    provider = Provider({"a": {"loss": [(1, 0.5)]}, "b": {"loss": [(i, 0.5) for i in range(5)]}})
    reader = CurveReader(provider, keep=room)
    for _ in range(2):
        (read,) = reader.read({"a": ["loss"], "b": ["loss"]})
        assert {run: len(of["loss"].steps) for run, of in read.items()} == {"a": 1, "b": 5}
    assert provider.asked == [["a", "b"], *again]
