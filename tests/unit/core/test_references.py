from __future__ import annotations

import pytest

from tb_versions.core.references import Reference, parse_reference
from tb_versions.errors import InvalidReferenceError


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("digits", Reference("digits")),
        ("digits:3", Reference("digits", number=3)),
        ("digits:0", Reference("digits", number=0)),
        ("digits:9223372036854775807", Reference("digits", number=2**63 - 1)),
        ("digits:1.4.0-rc.1+b.5", Reference("digits", semantic_version="1.4.0-rc.1+b.5")),
        ("digits@production", Reference("digits", alias="production")),
        ("digits:3~1a2b3c4d", Reference("digits", number=3, mark="1a2b3c4d")),
        ("a b:3", Reference("a b", number=3)),
    ],
)
def test_a_reference_says_what_it_asks_for_and_is_written_the_same(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":3",
        "a:",
        "a@",
        "@b",
        "a:b:c",
        "a:1.0",
        "a:x",
        "a:-1",
        "a:9223372036854775808",
        "a:3~",
        "a:3~xyz",
        "a:３",
        "a/b",
        "a\\b",
        "a~b",
        "a:1@b",
        "x" * 129,
        "a:" + "1" * 257,
        "a:01.2.3",
    ],
)
def test_what_spells_none_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_reference(text)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", ["digits@production~12345678", "digits@production~99999999", "digits~1a2b3c4d"])
def test_a_mark_belongs_to_a_number_so_that_an_alias_is_not_taken_for_one_further_back(text: str) -> None:
    with pytest.raises(InvalidReferenceError, match="tells two folders of one number apart"):
        parse_reference(text)
