"""Patterns of the author: refused where they are none, stopped where they take for ever."""

from __future__ import annotations

import time

import pytest

from tb_versions.errors import InvalidQueryError
from tb_versions.privacy import patterns
from tb_versions.privacy.patterns import compile_patterns


def test_matches_are_replaced_and_counted() -> None:
    (pattern,) = compile_patterns(["Project-[XY]"])
    assert pattern.sub("Project-X and Project-Y") == "[redacted] and [redacted]"
    assert pattern.matches == 2


@pytest.mark.parametrize("source", ["", "a*", "(x|)", "^"])
def test_a_pattern_that_matches_nothing_at_all_is_refused(source: str) -> None:
    with pytest.raises(InvalidQueryError, match="empty text"):
        compile_patterns([source])


@pytest.mark.parametrize("source", ["(", "[a", "a{2,1}", "(?P<n>a)(?P<n"])
def test_what_is_no_pattern_is_a_sentence(source: str) -> None:
    with pytest.raises(InvalidQueryError, match="no regular expression"):
        compile_patterns([source])


@pytest.mark.parametrize("source", [r"(a+)+$b", r"(a|a)*c", r"(.*a){20}b"])
def test_a_pattern_that_would_take_for_ever_is_stopped(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MAX_SECONDS", 0.3)
    begin = time.process_time()
    try:
        (pattern,) = compile_patterns([source])
        for _ in range(3):
            pattern.sub("a" * 5_000)
    except InvalidQueryError as error:
        assert "takes more than" in str(error) or "empty text" in str(error)  # noqa: PT017
    assert time.process_time() - begin < 30
