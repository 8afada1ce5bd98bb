"""Which point of a curve was current at each export, packed."""

import math

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.current import Current, CurrentPoints, Point

EARLY, LATE, UNKNOWN, NEVER = Export(-3, 1.5), Export(2**62, 2.5), Export(5, None), Export(0, 0.0)
FOUND: dict[Export, Current] = {
    EARLY: Point(-4, -0.25),
    LATE: Point(2**62, math.inf),
    UNKNOWN: "not known",
    NEVER: None,
}


def packed(found: dict[Export, Current]) -> CurrentPoints:
    return CurrentPoints(frozenset(found), found.__getitem__)


def test_each_export_has_its_point_its_reason_or_none() -> None:
    at = packed(FOUND)
    assert dict(at) == FOUND
    assert {export: at.get(export) for export in FOUND} == FOUND
    assert at == FOUND
    assert at.get(Export(1, 1.5)) is None
    assert Export(1, 1.5) not in at
    assert dict(packed({})) == {}


def test_curves_of_one_run_share_the_index_of_its_exports() -> None:
    exports = frozenset(FOUND)
    first, second = CurrentPoints(exports, FOUND.__getitem__), CurrentPoints(frozenset(FOUND), lambda _: None)
    assert first._index is second._index
    assert first != second


def test_equal_points_are_equal_also_where_one_is_nan() -> None:
    nan: dict[Export, Current] = {EARLY: Point(1, float("nan"))}
    assert packed(nan) == packed({EARLY: Point(1, float("nan"))})
    assert packed(nan) != packed({EARLY: Point(1, 0.0)})
    assert packed(nan) != packed({EARLY: Point(2, float("nan"))})
    assert packed(nan) != packed({LATE: Point(1, float("nan"))})
    assert packed({EARLY: Point(0, 0.0)}) != packed({EARLY: None}) != packed({EARLY: "not known"})
