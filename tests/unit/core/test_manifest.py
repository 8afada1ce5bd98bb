from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core import codec
from tb_versions.core.manifest import (
    MAX_NUMBER,
    Dataset,
    Metric,
    Parent,
    Run,
    VersionManifest,
    check_key,
    check_model_name,
    check_number,
    check_text,
    is_digest,
    is_semantic_version,
    shown,
    validate,
    visible,
)
from tb_versions.errors import InvalidManifestError, InvalidNameError

GOOD = VersionManifest(model="digits", number=3, metrics=(Metric(name="loss", value=0.5),))


@pytest.mark.parametrize("name", ["a", "digits", "A.b_c-9", "0", "x" * 128, "v1x", "latest2", "console", "com10"])
def test_plain_names_are_taken(name: str) -> None:
    assert check_model_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-a",
        "a-",
        ".a",
        "a b",
        "a/b",
        "é",
        "x" * 129,
        "latest",
        "version_manifest.json",
        "Saved_Model.pb",
        "V12",
        "CON",
        "nul.txt",
        "__proto__",
        "prototype",
        3,
        None,
    ],
)
def test_other_names_are_refused_with_the_rule(name: object) -> None:
    with pytest.raises(InvalidNameError, match=r"can't name a model|must be a string"):
        check_model_name(name)


def test_numbers_are_integers_that_fit() -> None:
    assert [check_number(n) for n in (0, 1, MAX_NUMBER)] == [0, 1, MAX_NUMBER]
    for number in (-1, MAX_NUMBER + 1, True, 1.0, "1", None):
        with pytest.raises(InvalidManifestError, match="version number must be an integer"):
            check_number(number)


def test_semver_orgs_list_is_judged_rightly(test_data: Path) -> None:
    cases: dict[str, Any] = json.loads((test_data / "semver" / "cases.json").read_text())
    valid = next(value for key, value in cases.items() if key == "valid")
    invalid = next(value for key, value in cases.items() if key == "invalid")
    assert [text for text in valid if not is_semantic_version(_text(text))] == []
    assert [text for text in invalid if is_semantic_version(_text(text))] == []


def _text(case: Any) -> str:
    return case if isinstance(case, str) else str(next(iter(case.values())))


def test_digests_have_one_form() -> None:
    assert is_digest("sha256:" + "0a" * 32)
    for text in ("", "sha256:", "sha256:" + "0A" * 32, "sha512:" + "0" * 128, "0" * 64, "sha256:" + "0" * 64 + "\n"):
        assert not is_digest(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "a/b"}, "can't name a model"),
        ({"number": -1}, "version number"),
        ({"semantic_version": "1.4"}, "not a semantic version"),
        ({"description": "x" * 65_537}, "65,537 characters; at most 65,536"),
        ({"description": "a\u202eb"}, "U+202E"),
        ({"description": "a\0b"}, "U+0000"),
        ({"labels": {"": "x"}}, "must not be empty"),
        ({"labels": {"constructor": "x"}}, "must not be empty or __proto__, constructor, prototype"),
        ({"labels": {"a": 3}}, "must be a string, not int"),
        ({"labels": {"a": "x\ny"}}, "U+000A"),
        ({"metrics": (Metric(name="a", value=1),) * 2}, "given twice"),
        ({"metrics": (Metric(name="a", value=1, goal="best"),)}, 'must be "max" or "min"'),  # type: ignore[arg-type]
        ({"metrics": (Metric(name="a", value=1, source="x"),)}, '"inferred" or "imported"'),  # type: ignore[arg-type]
        ({"metrics": tuple(Metric(name=f"m{i}") for i in range(5_001))}, "at most 5,000 metrics; 5,001"),
        ({"metrics": (Metric(name="a", slice="x:1"),) * 2}, 'metric "a" is given twice for the slice "x:1"'),
        ({"hyperparameters": {"a": [1]}}, "number, string or bool, not list"),
        ({"runs": (Run(name="a\x1bb"),)}, "U+001B"),
        ({"parents": (Parent(model="a b", number=1),)}, "can't name a model"),
        ({"datasets": (Dataset(digest="md5:1"),)}, "sha256:<64 hex digits>"),
    ],
)
def test_what_breaks_a_rule_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidManifestError, InvalidNameError)) as caught:
        validate(dataclasses.replace(GOOD, **change))
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ({"lower": 0.6}, "the value 0.5, below the lower end of its interval, 0.6"),
        ({"upper": 0.4}, "the value 0.5, above the upper end of its interval, 0.4"),
        ({"lower": -math.inf}, "an interval that is not finite"),
        ({"upper": math.nan}, "an interval that is not finite"),
        ({"value": math.nan, "lower": 0.4}, "an interval, but its value is nan"),
        ({"value": math.inf, "lower": 0.4}, "an interval, but its value is inf"),
        ({"examples": -1}, "on -1 examples; give 0 or more"),
        ({"confidence": 0.95}, "a confidence but no interval"),
        ({"lower": 0.4, "confidence": 95}, "the confidence 95; give a number between 0 and 1"),
        ({"lower": 0.4, "confidence": 0.0}, "the confidence 0.0"),
        ({"lower": 0.4, "confidence": 1}, "the confidence 1;"),
        ({"lower": 0.4, "confidence": math.nan}, "the confidence nan"),
    ],
)
def test_an_interval_that_can_not_be_right_is_refused(precision: dict[str, Any], words: str) -> None:
    metric = Metric(**{"name": "a", "value": 0.5, "slice": "digit=8", **precision})
    with pytest.raises(InvalidManifestError, match=r'The metric "a" of slice "digit=8" (has|was)') as caught:
        validate(dataclasses.replace(GOOD, metrics=(metric,)))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "precision",
    [
        {"lower": 0.5, "upper": 0.5, "confidence": 0.95, "examples": 0},
        {"lower": 0.4},
        {"upper": 1e300, "confidence": 1e-9},
        {"value": math.nan, "examples": 7},
    ],
)
def test_an_interval_may_have_one_end_and_a_value_without_one_may_be_nan(precision: dict[str, Any]) -> None:
    manifest = dataclasses.replace(GOOD, metrics=(Metric(**{"name": "a", "value": 0.5, **precision}),))
    assert validate(manifest) is manifest
    assert repr(codec.decode(codec.encode(manifest)).metrics) == repr(manifest.metrics)


def test_what_keeps_the_rules_is_given_back() -> None:
    emoji = "family 👨\u200d👩 and é, 中文\n\ttabs in a description"
    manifest = dataclasses.replace(
        GOOD, description=emoji, hyperparameters={"a": "two\nlines", "b": 1, "c": True, "d": 0.5}
    )
    assert validate(manifest) is manifest
    assert manifest.reference == "digits:3"


def test_hidden_characters_are_spelled_out() -> None:
    assert visible("plain é 中 😀") == "plain é 中 😀"
    assert visible("a\u202eb\0c\x9b\u2028\ud800") == "a\\u{202e}b\\u{0}c\\u{9b}\\u{2028}\\u{d800}"
    assert visible("a\x1b[31mb\nc") == "a\\u{1b}[31mb\\u{a}c"
    assert visible("👨\u200d👩") == "👨\u200d👩"
    assert visible("\u200da") == "\\u{200d}a"
    assert shown("x" * 100) == '"' + "x" * 79 + '…"'
    assert shown(3) == '"3"'
    assert check_text("a\nb", "It", newlines=True) == "a\nb"


def test_the_largest_number_is_that_of_64_bits() -> None:
    assert MAX_NUMBER == 9_223_372_036_854_775_807


def test_limits_of_length_are_the_last_length_that_is_taken() -> None:
    assert is_semantic_version("1.0.0-" + "a" * 250)
    assert not is_semantic_version("1.0.0-" + "a" * 251)
    assert check_key("k" * 256, "A label's key") == "k" * 256
    assert check_text("x" * 1_024, "It") == "x" * 1_024
    for check in (lambda: check_key("k" * 257, "A label's key"), lambda: check_text("x" * 1_025, "It")):
        with pytest.raises(InvalidManifestError, match=r"257 characters; at most 256|1,025 characters; at most 1,024"):
            check()
