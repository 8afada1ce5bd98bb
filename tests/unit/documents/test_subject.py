from __future__ import annotations

from tb_versions.documents.subject import Number


def test_half_an_interval_says_which_end_is_not_known() -> None:
    assert Number(name="a", value=1.0, source="typed", lower=0.5).interval == "0.5 to not known (confidence not said)"
