"""YAML as plain values."""

from __future__ import annotations

import math

import pytest

from tb_versions.interop.yaml_text import read_yaml

WORDS = (
    "a: 1e-3\nb: yes\nc: 012\nd: 1:30\ne: 0o17\nf: 0x1F\ng: -.INF\nh: .nan\n"
    "i: ~\nj:\nk: 2026-01-02\nl: '1'\nm: 1.\nn: +3"
)


def test_the_core_schema_is_that_of_yaml_1_2() -> None:
    found = read_yaml(WORDS, core=True)
    assert math.isnan(found.pop("h"))
    assert found == {
        "a": 0.001,
        "b": "yes",
        "c": 12,
        "d": "1:30",
        "e": 15,
        "f": 31,
        "g": -math.inf,
        "i": None,
        "j": None,
        "k": "2026-01-02",
        "l": "1",
        "m": 1.0,
        "n": 3,
    }


def test_without_it_words_mean_what_they_did_in_yaml_1_1() -> None:
    found = read_yaml("b: yes\nc: 012")
    assert found == {"b": True, "c": 10}


@pytest.mark.parametrize("core", [False, True])
@pytest.mark.parametrize("text", ["!!python/name:os.system x", "a: &a 1\nb: *a", "a: [", "a: !!python/object:x {}"])
def test_what_would_run_or_grow_is_refused(text: str, core: bool) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_yaml(text, core=core)
