"""Weights for Envoy, nginx and KServe: read back, and tried on paths."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tb_versions.read.folders.scan import Root
from tb_versions.registry.state import AliasState, By, Holder, State
from tb_versions.serving.canary import split
from tb_versions.serving.config import ServedModel
from tb_versions.serving.wanted import Wanted
from tests.unit.serving.conftest import Run

Promote = Callable[..., None]


@pytest.fixture
def weights(verb: Run, promote: Promote) -> Callable[..., str]:
    """Runs the command; digits:2 is production and digits:3 canary."""
    promote("digits:2")
    promote("digits:3", "canary")

    def run(form: str, percent: int = 10, *more: str, code: int = 0) -> str:
        result = verb("canary-weights", "digits", "--percent", str(percent), "--format", form, *more, code=code)
        return result.stdout or result.stderr

    return run


def test_envoy_sends_a_part_to_the_canary_and_the_rest_to_production(weights: Callable[..., str]) -> None:
    text = weights("envoy")
    canary, production = yaml.safe_load(text)
    assert canary["match"]["runtime_fraction"]["default_value"] == {"numerator": 10, "denominator": "HUNDRED"}
    assert "runtime_fraction" not in production["match"]
    for route, label in ((canary, "canary"), (production, "production")):
        assert rewritten(route, "/v1/models/digits:predict") == f"/v1/models/digits/labels/{label}:predict"
        assert rewritten(route, "/v1/models/digits/metadata") == f"/v1/models/digits/labels/{label}/metadata"
        for other in ("digits/labels/canary:predict", "digits2:predict", "faces:predict"):
            assert rewritten(route, f"/v1/models/{other}") is None
    assert "production is version 2, canary is version 3 (event 2 of the log)" in text


def rewritten(route: Any, path: str) -> str | None:
    """What Envoy asks for: RE2 must match the whole path, and replaces each match."""
    if not re.fullmatch(route["match"]["safe_regex"]["regex"], path):
        return None
    rewrite = route["route"]["regex_rewrite"]
    return re.sub(rewrite["pattern"]["regex"], rewrite["substitution"], path)


def test_nginx_splits_by_a_variable_that_names_the_label(weights: Callable[..., str]) -> None:
    text = weights("nginx")
    assert "    10% canary;\n    * production;\n" in text
    assert text.count("{") == text.count("}")
    assert "labels/$tb_versions_digits$tb_versions_rest" in text


def test_kserve_gets_the_percentage_and_says_what_the_revision_before_must_be(weights: Callable[..., str]) -> None:
    text = weights("kserve", 25)
    assert yaml.safe_load(text)["spec"]["predictor"]["canaryTrafficPercent"] == 25
    assert "The revision before must be version 2" in text


@pytest.mark.parametrize("form", ["envoy", "nginx", "kserve"])
def test_a_promoted_canary_gets_no_part_of_its_own(weights: Callable[..., str], promote: Promote, form: str) -> None:
    promote("digits:3")
    text = weights(form)
    assert "0 % of the calls go to canary" in text
    assert "HUNDRED" not in text
    assert "10%" not in text
    assert "canaryTrafficPercent" not in text


def test_version_0_is_a_canary_too() -> None:
    state = State(aliases={name: alias_of(number) for name, number in (("production", 1), ("canary", 0))})
    root = Root("/models", "models", "models_dir")
    model = ServedModel("digits", "/models/digits", (0, 1))
    found = split(Wanted(root, {"digits": model}, {"digits": state.head}, {"digits": state}), "digits", percent=10)
    assert (found.canary, found.percent) == (0, 10)
    assert "canary is version 0" in found.says


def alias_of(number: int) -> AliasState:
    return AliasState(stack=(Holder(number, 1),), by=By(1, 0, "anna"))


def test_what_can_not_be_divided_is_a_sentence(weights: Callable[..., str], promote: Promote) -> None:
    assert "101 is no percentage" in weights("envoy", 101, code=2)
    assert "has no alias" in weights("nginx", 1, "--stable", "nobody", code=1)
    promote("digits:1", "blue-green")
    assert "can't be a label in a path" in weights("envoy", 1, "--canary", "blue-green", code=1)
