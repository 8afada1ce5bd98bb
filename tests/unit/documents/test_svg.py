from __future__ import annotations

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from tb_versions.documents.subject import Drawn
from tb_versions.documents.svg import curve_words, svg_of
from tb_versions.read.curves.curve import Points


def drawn(values: list[float], *, step: int | None = 1, name: str = "loss") -> Drawn:
    count = len(values)
    points = Points(np.arange(count, dtype=np.int64), np.zeros(count), np.array(values, np.float64))
    return Drawn(name=name, run="mlp", points=points, step=step, sampled=False)


def test_the_mark_stands_at_the_step_of_the_export() -> None:
    text = svg_of(drawn([0.0, 1.0, 2.0, 3.0], step=3))
    (line,) = re.findall(r'class="line" d="M([^"]+)"', text)
    (mark,) = re.findall(r'class="export" d="M([\d.]+) ', text)
    assert line.split("L")[-1].split()[0] == mark
    assert "export, step 3" in text


@pytest.mark.parametrize(
    "values",
    [[1.0], [2.0, 2.0], [math.nan, math.nan], [1.0, math.nan, 3.0, math.inf], [-1.7e308, 1.7e308], [5e-324, 0.0]],
)
def test_any_curve_is_well_formed_and_finite(values: list[float]) -> None:
    text = svg_of(drawn(values))
    ElementTree.fromstring(text)
    assert not re.search(r'(?:d|cx|cy|x|y)="[^"]*(?:nan|inf)', text)


def test_values_that_are_no_numbers_interrupt_the_line() -> None:
    text = svg_of(drawn([1.0, 2.0, math.nan, 3.0, 4.0, math.nan, 5.0]))
    assert (text.count('class="line"'), text.count('class="dot"')) == (2, 1)


def test_an_export_after_the_last_point_is_in_the_drawing() -> None:
    text = svg_of(drawn([1.0, 2.0], step=10))
    (x,) = re.findall(r'class="export" d="M([\d.]+) ', text)
    assert float(x) <= 720


def test_names_can_not_become_markup() -> None:
    text = svg_of(drawn([1.0, 2.0], name='<script>"&\u202e'))
    assert "<script>" not in text
    assert ElementTree.fromstring(text).attrib["aria-label"].startswith('<script>"&')


def test_a_step_that_is_not_known_is_said_and_not_drawn() -> None:
    unknown = replace(drawn([1.0, 2.0]), step=None)
    assert "the step of the export is not known" in curve_words(unknown)
    assert 'class="export"' not in svg_of(unknown)


def test_a_sample_says_that_it_is_one() -> None:
    assert "points may be missing" in curve_words(replace(drawn([1.0, 2.0]), sampled=True))
