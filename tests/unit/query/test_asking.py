from __future__ import annotations

import pytest

from tb_versions.query.asking import asked_by
from tb_versions.query.columns import table_of
from tb_versions.query.names import FIXED
from tb_versions.read.catalog import Catalog


@pytest.mark.parametrize(
    ("text", "columns", "states", "curves"),
    [
        ("", (), False, False),
        ("created > 7d and not (number = 3 or has parent)", (), False, False),
        ("Files = missing", (), True, False),
        ("adam", (), True, False),
        ("", ("created", "state"), True, False),
        ("val_loss < 1", (), False, True),
        ("model in (a, b) or best.`odd name` > 1", (), False, True),
        ("missing last.loss", (), False, True),
        ("", ("created", "hp.lr"), False, True),
    ],
)
def test_only_what_is_asked_for_is_needed(text: str, columns: tuple[str, ...], *, states: bool, curves: bool) -> None:
    assert asked_by(text, columns) == (states, curves)


def test_the_columns_that_every_version_has_are_known() -> None:
    # Sources are known with the metrics only: whoever asks for them asks for curves.
    assert set(table_of(Catalog()).columns) == {*FIXED, "sources"}
    assert set(table_of(Catalog(), whole=False).columns) == set(FIXED)
    assert asked_by("sources = run").curves
