"""Hyperparameters of any kind are recorded, or left out with a warning that says why."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import decimal
import enum
import math
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import VersionManifest, validate
from tb_versions.errors import TbVersionsWarning
from tb_versions.write.hyperparameters import masked, to_hyperparameters


class Kind(str, enum.Enum):
    ADAM = "adam"


class Level(enum.IntEnum):
    HIGH = 3


class Colour(enum.Enum):
    RED = enum.auto()


class Loss(enum.Enum):
    HUBER = "huber"


@dataclasses.dataclass
class Options:
    rate: float = 0.5
    layers: tuple[int, ...] = (64, 32)


class Nameless:
    pass


class Named:
    def __repr__(self) -> str:
        return "Named(3)"


@pytest.mark.parametrize(("count", "named", "more"), [(5, 5, ""), (6, 5, " (and 1 more)"), (9, 5, " (and 4 more)")])
def test_a_warning_names_five_problems_and_counts_the_others(count: int, named: int, more: str) -> None:
    with pytest.warns(TbVersionsWarning) as caught:
        assert to_hyperparameters({f"text {i}": "x" * 2_000 for i in range(count)}).keys() == {
            f"text {i}" for i in range(count)
        }
    (message,) = [str(each.message) for each in caught]
    assert message.count("is cut to 1,024 characters") == named
    assert message.endswith(f"characters{more}.")


def one(value: object) -> object:
    """The recorded value; no warning is allowed."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return to_hyperparameters(vars(argparse.Namespace(value=value)))["value"]


def left_out(given_values: Any) -> str:
    """The warning about values that are not recorded."""
    with pytest.warns(TbVersionsWarning) as caught:
        assert to_hyperparameters(given_values) == {}
    return str(caught[0].message)


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.float64(0.25), 0.25),
        (np.float32(0.1), 0.1),
        (np.float32(1e-30), 1e-30),
        (np.float16(0.1), 0.1),
        (np.float32(1 / 3), 0.33333334),
        (np.array(0.7, "float32"), 0.7),
        (0.1 + 0.2, 0.1 + 0.2),
        (2**60, str(2**60)),
        (math.inf, math.inf),
    ],
)
def test_numbers_of_any_library_are_themselves(value: object, recorded: object) -> None:
    assert one(value) == recorded
    assert type(one(value)) is type(recorded)


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (None, "None"),
        ([64, 64], "[64, 64]"),
        ((1, 2), "[1, 2]"),
        ({3, 1, 2}, "[1, 2, 3]"),
        ({"b": [None, True], "a": {"c": "é"}}, '{"a": {"c": "é"}, "b": [null, true]}'),
        ({1: 2}, '{"1": 2}'),
        ([], "[]"),
        (np.array([1, 2]), "[1, 2]"),
        (np.array([[0.1, 0.5]], "float32"), "[[0.1, 0.5]]"),
        ([math.nan, -math.inf], '["NaN", "-Infinity"]'),
        ([np.float32(0.1), Path("a"), Kind.ADAM], '[0.1, "a", "adam"]'),
        (Options(), '{"layers": [64, 32], "rate": 0.5}'),
    ],
)
def test_structured_values_are_json_text(value: object, recorded: str) -> None:
    assert one(value) == recorded


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (Path("data"), "data"),
        (Kind.ADAM, "adam"),
        (Level.HIGH, 3),
        (Colour.RED, "RED"),
        (Loss.HUBER, "huber"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (decimal.Decimal("0.1"), "0.1"),
        (1 + 2j, "(1+2j)"),
        (math.sqrt, "math.sqrt"),
        (Options, f"{__name__}.Options"),
        (Named(), "Named(3)"),
        ("two\nlines", "two\nlines"),
        ("a\u202eb\x00", "a\\u{202e}b\\u{0}"),
        (np.str_("text"), "text"),
    ],
)
def test_other_values_are_text(value: object, recorded: object) -> None:
    assert one(value) == recorded


def test_a_long_text_is_cut_and_still_differs_from_others() -> None:
    with pytest.warns(TbVersionsWarning, match='"value" is cut to 1,024 characters'):
        first = to_hyperparameters({"value": "x" * 2_000})["value"]
    with pytest.warns(TbVersionsWarning):
        second = to_hyperparameters({"value": "x" * 1_999 + "y"})["value"]
    assert isinstance(first, str)
    assert len(first) == 1_024
    assert first != second
    with pytest.warns(TbVersionsWarning, match="is cut"):
        to_hyperparameters({"value": list(range(900))})


def test_what_can_not_be_recorded_is_left_out_with_the_reason() -> None:
    assert '"a" is not recorded: it is a Nameless, which has no text of its own' in left_out({"a": Nameless()})
    assert "it is a function" in left_out({"a": lambda x: x})
    assert "shape (2000,)" in left_out({"a": np.zeros(2_000)})
    assert "more than 1,000 values" in left_out({"a": list(range(5_000))})
    for name in ("", "a\u202e", "__proto__", "x" * 300):
        assert "is not recorded: its name" in left_out({name: 1})


class _Lazy(Mapping[str, Any]):
    """A configuration one of whose values can't be computed."""

    def __getitem__(self, name: str) -> Any:
        if name == "missing":
            raise KeyError("???")
        return 0.1

    def __iter__(self) -> Iterator[str]:
        return iter(("lr", "missing"))

    def __len__(self) -> int:
        return 2


class _Shaped:
    """A table, or a specification of a tensor: it has a shape, but is no array."""

    shape = (None, 3)

    def __str__(self) -> str:
        return "shaped"


def test_what_only_looks_like_an_array_is_text() -> None:
    assert one(_Shaped()) == "shaped"
    assert one(np.array([b"a", None, Path("b"), 2], object)) == '["b\'a\'", null, "b", 2]'
    assert one(np.array(["2020-01-02"], "datetime64[D]")) == '["2020-01-02"]'


@pytest.mark.parametrize("value", [np.ma.masked, np.ma.array(5.0, mask=True), np.ma.array([1], mask=[1])[0]], ids=repr)
def test_a_masked_value_is_left_out(value: object) -> None:
    assert left_out({"a": value}) == 'Of the hyperparameters, "a" is not recorded: it is masked, so it has no value.'


def test_masked_values_of_an_array_are_null() -> None:
    for kind in ("float32", "float64", "int8"):
        assert one(np.ma.array([1, 2], mask=[0, 1], dtype=kind)) in ("[1.0, null]", "[1, null]")


def test_raw_bytes_are_no_number() -> None:
    for value in (np.void(b"12345678"), np.bytes_(b"5"), np.array("5")):
        assert isinstance(one(value), str)


def test_a_value_that_can_not_be_read_is_left_out_alone() -> None:
    with pytest.warns(TbVersionsWarning, match='"missing" is not recorded: it can\'t be read \\(KeyError\\)'):
        assert to_hyperparameters(_Lazy()) == {"lr": 0.1}
    assert "it can't be read (KeyError)" in left_out({"a": {"b": _Lazy()}})


def test_arguments_and_dataclasses_are_taken_as_they_are() -> None:
    expected = {"rate": 0.5, "layers": "[64, 32]"}
    assert to_hyperparameters(Options()) == expected
    assert to_hyperparameters(argparse.Namespace(rate=0.5, layers=[64, 32])) == expected


@pytest.mark.tensorflow
def test_tensors_of_text_are_text() -> None:
    import tensorflow as tf

    assert one(tf.constant("é")) == "é"
    assert one(tf.constant(["a", "b"])) == "[\"b'a'\", \"b'b'\"]"
    assert one(tf.TensorSpec((None, 3))).startswith("TensorSpec(")
    assert one(tf.ragged.constant([[1], [2, 3]])) == "[[1], [2, 3]]"


def test_a_structure_that_contains_itself_is_left_out() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert "nested too deeply" in left_out({"a": endless})


def test_more_than_a_version_holds_are_left_out() -> None:
    with pytest.warns(TbVersionsWarning, match=r"at most 1,000.*\(and 95 more\)"):
        assert len(to_hyperparameters({str(number): number for number in range(1_100)})) == 1_000


def test_only_a_mapping_will_do() -> None:
    with pytest.raises(TypeError, match="must be a mapping"):
        to_hyperparameters([("a", 1)])


@pytest.mark.filterwarnings("ignore::tb_versions.errors.TbVersionsWarning")
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=3), parts, max_size=3),
        ),
        max_size=5,
    )
)
def test_whatever_is_given_the_manifest_is_valid(values: dict[str, Any]) -> None:
    recorded = to_hyperparameters(values)
    validate(VersionManifest(model="m", number=1, hyperparameters=recorded))
    assert to_hyperparameters(recorded) == pytest.approx(recorded, nan_ok=True)


@pytest.mark.tensorflow
def test_tensors_are_recorded_too() -> None:
    import tensorflow as tf

    assert one(tf.constant(0.1)) == 0.1
    assert one(tf.Variable([0.1, 0.5])) == "[0.1, 0.5]"
    assert one(tf.cast(0.1, tf.bfloat16)) == 0.1
    assert one(tf.nn.relu) == f"{tf.nn.relu.__module__}.relu"


def test_settings_that_nobody_wrote_down_have_no_secrets_no_home_and_no_none() -> None:
    found = masked(
        {
            "rate": 0.1,
            "hub_token": "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
            "store": {"uri": "s3://key:s3cr3t@bucket/data", "api_key": "k3y-9f8e7d6c5b4a"},
            "folder": "/home/alice/data",
            "pad_token": "[PAD]",
            "nothing": None,
        }
    )
    assert found["rate"] == 0.1
    assert found["pad_token"] == "[PAD]"
    assert "nothing" not in found
    assert not [secret for secret in ("hf_AbC", "s3cr3t", "k3y-9", "alice") if secret in repr(found)]


class Settings:
    """As configurations of some libraries are: no Mapping, but with its methods."""

    def keys(self) -> list[str]:
        return ["rate"]

    def __getitem__(self, key: str) -> float:
        return 0.5


class Point(NamedTuple):
    rate: float = 0.5


@pytest.mark.parametrize("given", [Settings(), Point(), types.SimpleNamespace(rate=0.5)])
def test_collections_of_settings_are_mappings(given: object) -> None:
    assert to_hyperparameters(given) == {"rate": 0.5}


def test_none_is_no_hyperparameters() -> None:
    assert to_hyperparameters(None) == {}


class Failing:
    def __repr__(self) -> str:
        raise KeyError("x")

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


def test_a_name_that_fails_is_left_out() -> None:
    with pytest.warns(TbVersionsWarning, match="its name can't be read"):
        assert to_hyperparameters({Failing(): 1, "rate": 0.5}) == {"rate": 0.5}


def test_names_that_fail_on_the_way_are_told() -> None:
    class Lazy(Mapping[str, int]):
        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[str]:
            yield "rate"
            raise RuntimeError

        def __getitem__(self, key: str) -> int:
            return 1

    with pytest.warns(TbVersionsWarning, match="names can't be read"):
        assert to_hyperparameters(Lazy()) == {"rate": 1}


def test_what_fails_at_every_question_is_refused_in_a_sentence() -> None:
    with pytest.raises(TypeError, match="must be a mapping like a dict, not Failing"):
        to_hyperparameters(Failing())
