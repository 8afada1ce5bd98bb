"""A log by time says what reading the whole log says, however it was read before."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tb_versions.errors import DamagedLogError
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.registries import ModelRegistry
from tb_versions.read.timeline import Timelines
from tb_versions.registry import events
from tests.support.chronicle import Chronicle, begin_ms

pytestmark = pytest.mark.slow


def registry_of(chronicle: Chronicle) -> ModelRegistry:
    models = str(chronicle.folder.parent)
    place = Place(Root(models, models, "models_dir"), str(chronicle.folder))
    return ModelRegistry("digits", place, chronicle.registry.refresh())


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chronicle:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # hundreds of events
    (tmp_path / "digits").mkdir()
    return Chronicle(tmp_path / "digits")


def test_any_moment_gives_what_reading_the_whole_log_gives(digits: Chronicle) -> None:
    chance, lines = random.Random(22), Timelines()
    for count in (3, 300, 260):
        for _ in range(count):
            minutes = digits.registry.refresh().head.number * 10 + chance.choice([-40, -3, 0, 0, 0, 7])
            digits.say("alias_set", chance.randrange(9), events.AliasSet(chance.choice("abc")), minutes=minutes)
        registry = registry_of(digits)
        for minutes in (-1_000, 0, 5, 2_555, 2_560, 2_565, 5_120, *(chance.randrange(6_000) for _ in range(20)), 10**5):
            (found,) = lines.at({"digits": (registry,)}, begin_ms(minutes))["digits"]
            assert found.state == digits.registry.at(begin_ms(minutes))


def test_pages_together_are_the_whole_log(digits: Chronicle) -> None:
    for number in range(25):
        digits.say("noted", number % 3, events.Text(str(number)))
    lines, registry = Timelines(), registry_of(digits)
    numbers, before, more = list[int](), None, True
    while more:
        page, more = lines.page(registry, before=before, limit=7)
        numbers += [one.event.number for one in page]
        before = numbers[-1]
    assert numbers == list(range(25, 0, -1))
    page, more = lines.page(registry, limit=100, version=1)
    assert ([one.event.number for one in page], more) == (list(range(23, 0, -3)), False)
    assert lines.page(registry, before=1, limit=5) == ([], False)
    assert lines.page(registry, before=10**9, limit=1)[1]


def test_an_event_whose_clock_was_behind_has_the_time_of_the_one_before(digits: Chronicle) -> None:
    digits.say("deprecated", 1, minutes=100)
    digits.say("restored", 1, minutes=90)
    digits.say("deprecated", 1, minutes=98)
    page, _ = Timelines().page(registry_of(digits), limit=5)
    assert [(one.effective_ms, one.skewed) for one in page] == [
        (begin_ms(100), False),
        (begin_ms(100), True),
        (begin_ms(100), False),
    ]


def test_a_log_that_was_cut_just_now_is_an_error_in_words(digits: Chronicle) -> None:
    for _ in range(3):
        digits.say("deprecated", 1)
    lines, registry = Timelines(), registry_of(digits)
    lines.page(registry, limit=1)
    (digits.folder / ".versions/log" / f"{2:020}.json").unlink()
    with pytest.raises(DamagedLogError, match="event 2 is gone"):
        lines.page(registry, limit=5)
