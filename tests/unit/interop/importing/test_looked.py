"""What a reader says beside versions."""

from __future__ import annotations

from tb_versions.interop.importing.looked import Looked, because, few


def test_many_names_are_three_and_a_count() -> None:
    assert few({"c", "a", "b"}) == "a, b, c"
    assert few([str(n) for n in range(2_003)]) == "0, 1, 10 and 2,000 more"


def test_a_reason_hides_the_folder() -> None:
    assert because(ValueError("/data/x is no \x1bfile"), without="/data/x") == "the folder is no \\u{1b}file"
    assert because(OSError(2, "No such file")) == "No such file"
    assert because(ValueError()) == "ValueError"


def test_runs_are_counted_only_where_there_are_any() -> None:
    looked = Looked()
    looked.note_runs([], what="no model")
    looked.note_runs(["b", "a"], what="no model")
    assert looked.notes == ["2 runs have no model and are no version: a, b. To make a version of each: --runs."]
