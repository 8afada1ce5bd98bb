"""Paths of a table by the folder above each."""

from __future__ import annotations

import pyarrow as pa

from tb_versions.fleet.paths import Paths


def test_each_folder_has_its_names_and_their_rows() -> None:
    paths = Paths(pa.chunked_array([pa.array(["a/1", "b/c/2", "x"]), pa.array(["a/3", "a/1", "", "a\n/5"])]))
    found = {each: (paths.names(each), paths.rows(each).tolist()) for each in paths.folders}
    assert found == {
        "a": (["1", "3", "1"], [0, 3, 4]),
        "b/c": (["2"], [1]),
        "": (["x", ""], [2, 5]),
        "a\n": (["5"], [6]),
    }


def test_a_folder_that_the_table_does_not_have_has_no_names() -> None:
    paths = Paths(pa.chunked_array([pa.array([], pa.string())]))
    assert (paths.folders, paths.names("a"), paths.rows("a").tolist()) == ([], [], [])
