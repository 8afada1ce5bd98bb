"""A frame keeps every type, and what is absent."""

from __future__ import annotations

import math
import sys

import pytest

import tb_versions as tbv
from tb_versions.exports.tables.columns import Column, Table
from tb_versions.notebooks.frame import Frame

_COLUMNS = (
    Column("name", "text", ("a", None, "<b>")),
    Column("count", "integer", (2**60, None, 3)),
    Column("value", "number", (math.nan, None, 0.1)),
    Column("good", "truth", (True, None, False)),
    Column("time", "time", (1_795_420_860_123, None, 253_402_300_799_000)),
    Column("names", "texts", (("a", "b"), (), ("c",))),
    Column("mixed", "mixed", ("auto", None, 0.5)),
)


@pytest.fixture
def frame() -> Frame:
    return Frame(Table(_COLUMNS, 3, ("Something.",)), "row")


def test_pandas_gets_types_that_hold_every_value(frame: tbv.Frame) -> None:
    read = frame.to_pandas()
    assert [str(kind) for kind in read.dtypes][1:5] == ["Int64", "float64", "boolean", "datetime64[ms, UTC]"]
    assert read["count"][0] == 2**60
    assert read["time"][2].isoformat() == "9999-12-31T23:59:59+00:00"
    assert read["name"].isna().tolist() == [False, True, False]
    assert read["mixed"].tolist() == ["auto", None, 0.5]
    assert read.attrs["left_out"] == ["Something."]


def test_arrow_keeps_absent_apart_from_nan(frame: tbv.Frame) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    read = pyarrow.table(frame)
    assert [read["value"].is_valid().to_pylist(), math.isnan(read["value"][0].as_py())] == [[True, False, True], True]
    assert read["mixed"].to_pylist() == ["auto", None, "0.5"]
    assert read["names"].to_pylist() == [["a", "b"], [], ["c"]]


def test_a_frame_of_nothing_is_read_too() -> None:
    empty = tbv.Frame(Table((), 0), "row")
    assert empty.to_pandas().shape == (0, 0)
    assert "0 rows" in repr(empty)


def test_it_shows_itself_as_text(frame: tbv.Frame) -> None:
    assert "3 rows; 7 columns" in repr(frame)
    assert "&lt;b&gt;" in frame._repr_html_()
    assert "Something." in repr(frame)


@pytest.mark.parametrize(("package", "use"), [("pandas", "to_pandas"), ("pyarrow", "__arrow_c_stream__")])
def test_a_package_that_is_missing_is_named(
    frame: tbv.Frame, package: str, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        tbv.MissingDependencyError, match=f"pip install.*{'pandas' if package == 'pandas' else 'parquet'}"
    ):
        getattr(frame, use)()
