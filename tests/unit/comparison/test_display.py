"""A comparison shows itself: words first, then what differs; safe, and of a known size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.core.showing import MOST_BYTES
from tests.support import sliced
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    for number, value in ((1, 0.80), (2, 0.81), (3, 0.90), (4, 0.91)):
        made.version(
            "digits",
            number,
            run=f"r{number}",
            metrics=(Metric(name="val_accuracy", value=value, goal="max"),),
            hyperparameters={"seed": number, "lr": 0.1 if number < 3 else 0.2},
        )
    yield made
    made.close()


def test_the_first_words_are_whether_it_is_beyond_noise(world: World) -> None:
    comparison = tbv.compare(["digits:1", "digits:3"], models_dir=world.models)
    first, head, *rows = repr(comparison).splitlines()
    assert first == comparison.summary
    assert "noise" in first
    assert head.split() == ["digits", "1", "(baseline)", "digits", "3"]
    assert any("val_accuracy" in row and "0.9" in row for row in rows)
    assert "without a difference" in repr(comparison)
    shown = comparison._repr_html_()
    assert shown.index("noise") < shown.index("<table")


def test_hostile_texts_stay_text(world: World) -> None:
    for number in (8, 9):
        world.version(
            "digits",
            number,
            metrics=(Metric(name=sliced.HOSTILE, value=number / 10),),
            hyperparameters={sliced.HOSTILE: f"{sliced.HOSTILE}{number}"},
            labels={"x": "<script>alert(1)</script>" * number},
        )
    comparison = tbv.compare(["digits:8", "digits:9"], models_dir=world.models)
    shown = comparison._repr_html_()
    assert "<img" not in shown
    assert "<script" not in shown
    assert "\u202e" not in shown + repr(comparison)


def test_sixty_members_and_thousands_of_rows_have_a_size(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(1, 61):
        world.version(
            "wide",
            number,
            hyperparameters={f"{'<&' * 10}{at}": f"{'&' * 80}{number}" for at in range(200)},
        )
    comparison = tbv.compare([f"wide:{number}" for number in range(1, 61)], models_dir=world.models)
    assert len(comparison._repr_html_().encode()) < MOST_BYTES + 10_000
    assert "more rows" in comparison._repr_html_()
    assert "And 54 more members" in repr(comparison)
    assert len(repr(comparison)) < 40_000


def test_equal_versions_have_words_and_no_table(world: World) -> None:
    copied = tbv.copy("digits:1", world.models, to=world.base / "copy")
    comparison = tbv.compare(["digits:1", Path(copied.folder)], models_dir=world.models)
    assert "identical content" in repr(comparison).splitlines()[0]


def test_nowhere_to_look_is_said() -> None:
    with pytest.raises(tbv.InvalidQueryError, match="Say where to look"):
        tbv.compare(["digits:1", "digits@production"])


def test_it_knows_where_it_was_read(world: World) -> None:
    comparison = tbv.compare(["digits:1", "digits:3"], models_dir=world.models, logdir=world.logs)
    assert comparison.read_from == ((str(world.models),), str(world.logs))
