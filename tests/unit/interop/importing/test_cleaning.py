"""What strangers say becomes fit to be recorded."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import Code, Dataset, Metric, VersionManifest, validate
from tb_versions.interop.importing import cleaning
from tb_versions.interop.importing.cleaning import Notes, scalar_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("128", 128),
        ("-3", -3),
        ("0", 0),
        ("1e-3", 0.001),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1E5", 100_000.0),
        ("True", True),
        ("False", False),
        ("inf", math.inf),
        ("-inf", -math.inf),
        ("1.0", 1.0),
        ("-0.0", -0.0),
        ("-.5", -0.5),
        ("0.001", 0.001),
        ("0.00001", 0.00001),
        ("1e-05", 0.00001),
        ("1.0e-3", 0.001),
        ("2.5e+16", 2.5e16),
        ("1e308", 1e308),
        ("0.30000000000000004", 0.30000000000000004),
    ],
)
def test_a_text_that_spells_a_number_or_bool_becomes_one(text: str, value: object) -> None:
    assert scalar_of(text) == value
    assert type(scalar_of(text)) is type(value)


@given(st.floats(allow_nan=False))
def test_every_number_as_python_writes_it_becomes_itself(number: float) -> None:
    assert scalar_of(repr(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "1.10", "0.10", "1.50e-3", "2.0.1", "01.5", "1.00", "+5", "+0.5", "5.", "1234567e12", "12e3", "0e5", "00e12345",
        "1e400", "-1e999", "1e-400", "1e12345", "1e-005", "1e1_0", "0.1_0", "3.141592653589793238",
        "9007199254740993.0", "\uff11.5", "\u0661", "1.\u0665", "Infinity", "NaN", "." , "-", "e5", "-.", "1.5\n",
    ],
)  # fmt: skip
def test_a_text_that_says_more_than_its_number_stays_a_text(text: str) -> None:
    assert scalar_of(text) == text


@pytest.mark.parametrize(
    "text", ["007", "1_000", "0x10", "-0", "yes", "true", "", " 1", "1 ", "9007199254740993", "٣", "1e", "12a"]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert scalar_of(text) == text


@given(
    st.dictionaries(st.text(), st.text()),
    st.dictionaries(st.text(), st.text() | st.integers() | st.floats() | st.booleans()),
    st.lists(st.text()),
)
def test_whatever_is_said_can_be_recorded(labels: dict[str, str], params: dict[str, object], names: list[str]) -> None:
    notes = Notes(names)
    manifest = VersionManifest(
        model="m",
        description=cleaning.prose("".join(names)),
        labels=cleaning.labels_of(labels, notes),
        hyperparameters=cleaning.hyperparameters_of(params, notes),  # type: ignore[arg-type]
        metrics=cleaning.metrics_of([Metric(name=name, dataset=name, slice=name) for name in names], notes),
        datasets=cleaning.datasets_of([Dataset(name=name, uri=name, digest=name) for name in names], notes),
        code=cleaning.code_of(Code(commit="".join(names), remote="".join(names), arguments=tuple(names))),
    )
    assert validate(manifest) is manifest
    assert len(notes.all()) <= 21


def test_a_digest_that_is_no_sha_256_stands_in_words() -> None:
    (dataset,) = cleaning.datasets_of([Dataset(name="a", digest="c247459b", digest_of="MLflow's")], Notes())
    assert (dataset.digest, dataset.digest_of) == ("", "c247459b (MLflow's)")


def test_what_is_there_twice_counts_once_and_is_noted() -> None:
    notes = Notes()
    (metric,) = cleaning.metrics_of([Metric(name="a", value=1), Metric(name="a", value=2)], notes)
    assert metric.value == 1
    assert metric.source == "imported"
    assert notes.all() == ('The metric "a" is there twice; the first is taken.',)


def test_of_very_many_the_first_thousand_are_taken() -> None:
    notes = Notes()
    assert len(cleaning.labels_of({str(n): "" for n in range(1_200)}, notes)) == 1_000
    assert notes.all() == ("Of 1,200 labels the first 1,000 were taken.",)
