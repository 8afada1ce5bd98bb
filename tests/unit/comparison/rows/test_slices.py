"""Slices side by side: sorted by loss, judged by their intervals, and what is not known is called so."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence

import pytest

from tb_versions.comparison import Comparison, Member, compare_members
from tb_versions.comparison.markdown import markdown
from tb_versions.comparison.rows import slices
from tb_versions.comparison.rows.row import Row
from tb_versions.comparison.rows.slices import slice_rows
from tb_versions.core.manifest import Dataset, Metric, VersionManifest
from tests.support import sliced
from tests.unit.comparison.making import member, run_member


def version(name: str, metrics: Sequence[Metric], **fields: object) -> Member:
    model, _, number = name.rpartition(":")
    return member(name, manifest=VersionManifest(model=model, number=int(number), metrics=tuple(metrics), **fields))  # type: ignore[arg-type]


def rows_of(*members: Member, goals: dict[str, str] | None = None) -> dict[str, Row]:
    return {str(row.details.get("slice", row.key)): row for row in slice_rows(members, 0, goals or {})}  # type: ignore[arg-type]


def judgements(rows: dict[str, Row]) -> dict[str, object]:
    return {name: row.cells[1].details.get("judgement") for name, row in rows.items()}


def both() -> tuple[Member, Member]:
    return version("m:1", sliced.before()), version("m:2", sliced.after())


def test_those_that_lose_most_come_first_and_each_is_judged_by_its_interval() -> None:
    rows = rows_of(*both())
    assert judgements(rows) == {
        "digit:1": "worse",
        "digit:4": "worse, noise not known",
        "digit:2": "within noise",
        "digit:5": "equal",
        "digit:3": "better",
        "digit:6": None,
        "digit:7": None,
    }
    assert list(rows) == ["digit:1", "digit:4", "digit:2", "digit:5", "digit:3", "digit:6", "digit:7"]
    cell = rows["digit:1"].cells[1]
    assert (cell.text, cell.verdict, cell.details["method"]) == ("0.6 (500 examples)", "worse", "intervals")
    assert cell.details["loss"] == pytest.approx(0.36)
    assert cell.reasons[1].startswith("The intervals lie apart: 0.94 to 0.98 and 0.58 to 0.62 (95 %).")
    assert rows["digit:4"].cells[1].reasons[1] == "The noise is not known: neither value has an interval."


def test_slices_that_one_side_lacks_are_said_and_few_examples_marked() -> None:
    rows = rows_of(*both())
    assert rows["digit:1"].caution == "m 1 lacks 1 of 7 slices: digit:7. m 2 lacks 1 of 7 slices: digit:6."
    assert [row.caution for row in rows.values()].count("") == 6
    assert rows["digit:6"].cells[1].absent
    assert rows["digit:7"].cells[0].absent
    assert rows["digit:7"].cells[1].text == "0.8 (only 12 examples)"
    assert rows["digit:7"].cells[1].details["is_few"] is True


def test_without_a_goal_they_are_sorted_by_the_size_of_the_difference_and_none_is_called_better() -> None:
    def of(name: str, *values: float) -> Member:
        parts = [
            Metric(name="spikes", value=v, slice=str(i), lower=v - 0.001, upper=v + 0.001, confidence=0.95)
            for i, v in enumerate(values)
        ]
        return version(name, parts)

    rows = rows_of(of("m:1", 1, 1, 1), of("m:2", 1.1, 3, 0.5))
    assert list(rows) == ["1", "2", "0"]
    assert set(judgements(rows).values()) == {"not known whether better"}
    assert "sorted by the size of the difference" in rows["1"].caution
    asked = rows_of(of("m:1", 1, 1, 1), of("m:2", 1.1, 3, 0.5), goals={"spikes": "min"})
    assert list(asked) == ["1", "0", "2"]
    assert judgements(asked) == {"1": "worse", "0": "worse", "2": "better"}


def test_different_data_origins_and_one_recipe_are_no_loss() -> None:
    base, other = both()
    on = [Dataset(name=sliced.DATASET, digest=f"sha256:{letter * 64}") for letter in "ab"]
    rows = rows_of(
        version("m:1", sliced.before(), datasets=(on[0],)), version("m:2", sliced.after(), datasets=(on[1],))
    )
    assert set(judgements(rows).values()) == {"not measured alike", "equal", None} - {"equal"}
    assert rows["digit:1"].caution.startswith("Measured on different data.")
    typed = [dataclasses.replace(metric, source="typed") for metric in sliced.after()]
    assert judgements(rows_of(base, version("m:2", typed)))["digit:1"] == "not measured alike"
    alike = rows_of(dataclasses.replace(base, recipe="r"), dataclasses.replace(other, recipe="r"))
    assert judgements(alike)["digit:1"] == "within noise"


def test_a_value_that_is_not_finite_is_never_better_and_comes_last() -> None:
    ours = [
        sliced.accuracy("a", math.nan, half=None),
        sliced.accuracy("b", 0.5),
        sliced.accuracy("c", -math.inf, half=None),
    ]
    rows = rows_of(version("m:1", [sliced.accuracy(part, 0.9) for part in "abc"]), version("m:2", ours))
    assert list(rows) == ["b", "a", "c"]
    assert rows["a"].cells[1].verdict == rows["c"].cells[1].verdict == "unknown"
    assert rows["a"].details["loss"] is None


def test_chance_is_told_where_many_are_compared() -> None:
    parts = [f"country:{n}" for n in range(100)]
    rows = rows_of(*(version(f"m:{n}", [sliced.accuracy(part, 0.9 + n / 1_000) for part in parts]) for n in (1, 2)))
    assert next(iter(rows.values())).caution == (
        "100 pairs of intervals are compared; if nothing had changed, up to 5 of them (5 %) could lie apart by chance."
    )


def test_slices_that_one_member_alone_has_are_one_row() -> None:
    rows = rows_of(version("m:1", sliced.before()), version("m:2", ()), run_member("r"))
    (row,) = rows.values()
    assert (row.label, [cell.text for cell in row.cells]) == (
        f"slices of accuracy [{sliced.DATASET}]",
        ["6 slices", "–", "not known"],
    )


def test_too_many_are_counted_and_the_worst_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MOST_CELLS", 20)
    left_out: Counter[str] = Counter()
    members = version("m:1", tuple(sliced.many(0, 2_000))), version("m:2", tuple(sliced.many(-0.3, 2_000)))
    rows = list(slice_rows(members, 0, {}, left_out))
    assert (len(rows), left_out["slices"], rows[0].details["slice"]) == (10, 1_990, "country:1234")
    compared = compare_members(members)
    assert "Slices: and 1,990 more rows." in compared.problems


def compared() -> Comparison:
    return compare_members(both(), goals={"accuracy [digits-test]": "max"})


def test_the_paragraph_names_the_slice_that_lost_most_and_a_goal_may_name_a_sliced_metric() -> None:
    assert "worse accuracy on 1 of 5 slices, on digit:1" in compared().summary
    assert compared().problems == ()


def test_markdown_has_the_worst_ten_of_each_metric_and_counts_the_others() -> None:
    members = version("m:1", tuple(sliced.many(0, 2_000))), version("m:2", tuple(sliced.many(-0.3, 2_000)))
    text = markdown(compare_members(members), with_equal=False)
    assert text.count("country:") == 1  # the others are equal
    worse = version("m:3", [dataclasses.replace(m, value=m.value - 0.1) for m in sliced.many(0, 2_000)])
    text = markdown(compare_members((members[0], worse)))
    assert text.count("| accuracy") == 10
    assert "And 1,990 more slices." in text
    assert r"slices of accuracy \[digits-test\]: " not in text


def test_hostile_names_stay_inert_in_markdown() -> None:
    parts = [sliced.accuracy(sliced.HOSTILE, 0.9)], [sliced.accuracy(sliced.HOSTILE, 0.5)]
    text = markdown(compare_members([version(f"m:{n}", metrics) for n, metrics in enumerate(parts, 1)]))
    assert "<img" not in text
    assert "\u202e" not in text
