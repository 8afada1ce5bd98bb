"""Requests made from docs/openapi.yaml: every answer is one that it describes."""

from __future__ import annotations

import functools
import gzip
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tb_versions.core.manifest import Metric
from tb_versions.registry import events
from tb_versions.serving.config import ServedModel, dump
from tests.support.chronicle import Chronicle, begin_ms
from tests.support.effort import FULL, tries
from tests.support.world import PREFIX, Site, World, strict

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text())
CASES = {
    "/versions": 50,
    "/window": 50,
    "/density": 50,
    "/models": 50,
    "/version": 300,
    "/scalars": 300,
    "/registry": 100,
    "/history": 200,
    "/measured": 100,
    "/served": 20,
    "/changes": 20,
    "/compare": 200,
    "/export": 60,
    "/static/{path}": 100,
}
ANY_SHAPE = 1_500


@functools.cache
def validator(route: str, status: int, kind: str) -> Any:
    """Checks bodies of one answer against the description; fails where the answer is not described."""
    responses = SPEC["paths"][route]["get"]["responses"]
    assert str(status) in responses, f"{route} answers {status}, which docs/openapi.yaml does not describe"
    response = responses[str(status)]
    if "$ref" in response:
        response = SPEC["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    assert kind in content or "*/*" in content, f"{route} answers {status} as {kind}, which is not described"
    schema = content.get(kind, content.get("*/*")).get("schema", {})
    return jsonschema_rs.Draft202012Validator({**schema, "components": SPEC["components"]})


@pytest.fixture
def tab(world: World, site: Callable[..., Site]) -> Site:
    nan = float("nan")
    world.scalars("cnn", "loss", [(1, 1.0), (2, nan), (3, 0.5)])
    for number in range(1, 6):
        world.version("digits", number, run="cnn", step=number, semantic_version=f"1.{number}.0")
    world.version("digits", 6, metrics=(Metric(name="a", value=nan), Metric(name="b", value=2.0, dataset="t")))
    world.version("twice", 1)
    world.version("twice", 1, folder=world.models / "again" / "1", description="again")
    world.raw("bad/1", b"{")
    digits = Chronicle(world.models / "digits")
    for number in (1, 2, 3, 2):
        digits.say("alias_set", number, events.AliasSet("production"))
    digits.say("noted", 2, events.Text("seen"))
    digits.say("odd_kind", 2, raw=b"[1]")
    digits.say("semantic_version_given", 6, events.SemanticVersionGiven("2.0.0"))
    digits.say("removed", 5, events.Removed(by="prune"))
    digits.remove(5)
    digits.measure(2, accuracy=nan)
    Chronicle(world.models / "twice").damage(1, b"{")
    config = world.base / "models.config"
    served = ServedModel("digits", "/srv/digits", (2, 2**60), {"production": 2})
    config.write_text(dump({"digits": served, "twice": ServedModel("twice", "/srv/twice", policy="all")}))
    made = site("--versions_serving_config", str(config), "--versions_serving_status", "http://127.0.0.1:1")
    made.settle()
    return made


def test_the_description_is_valid_openapi() -> None:
    validate = pytest.importorskip("openapi_spec_validator").validate
    validate(SPEC)


def test_every_route_answers_as_described(tab: Site) -> None:
    for route, path in (
        ("/versions", "/versions"),
        ("/models", "/models"),
        ("/scalars", "/scalars?run=cnn&tag=loss"),
        ("/registry", "/registry"),
        ("/registry", f"/registry?at={begin_ms(15)}"),
        ("/registry", "/registry?at=x"),
        ("/history", "/history?model=digits"),
        ("/history", "/history?model=digits&version=2&limit=1"),
        ("/history", "/history?model=twice"),
        ("/history", "/history?model=gone"),
        ("/history", "/history"),
        ("/measured", "/measured?model=digits&version=2"),
        ("/measured", "/measured?model=digits"),
        ("/served", "/served"),
        ("/changes", "/changes"),
        ("/version", "/version?ref=digits@production"),
        ("/version", "/version?ref=twice@production"),
        *(("/version", f"/version?ref={i}") for i in tab.json("/versions")["columns"]["id"]),
        ("/version", "/version?ref=twice"),
        ("/compare", "/compare?member=digits:1&member=digits:6&member=run:cnn&member=bad:1"),
        ("/compare", "/compare?member=digits:1"),
        ("/compare", "/compare?member=digits:1&member=gone"),
        ("/compare", "/compare?member=digits:1&member=twice"),
        ("/version", "/version?ref=gone"),
        ("/version", "/version?ref=:"),
        ("/scalars", "/scalars"),
        ("/versions", "/versions?x"),
        ("/models", "/models?x"),
        ("/static/{path}", "/static/none"),
    ):
        response = tab.get(path)
        kind = response.headers["Content-Type"].partition(";")[0]
        validator(route, response.status_code, kind).validate(strict(response.get_data()))
        if response.status_code == 200:
            assert response.headers["ETag"]


READ = [route for route, described in SPEC["paths"].items() if "get" in described]


@pytest.mark.parametrize("route", READ)
def test_schema_driven_requests_never_fail_the_server(tab: Site, route: str) -> None:
    """schemathesis makes valid and invalid requests from the description; none gets a 5xx or an undescribed status."""
    schema = schemathesis.openapi.from_dict(SPEC)
    operation = schema[route]["GET"]
    seen: Counter[int] = Counter()

    def once(case: Any) -> None:
        query = {name: value for name, value in (case.query or {}).items() if value is not None}
        path = route.format(**(case.path_parameters or {}))
        response = tab.get(path, query_string=_flat(query))
        check(route, response, seen)

    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    for mode in modes:
        if mode is schemathesis.GenerationMode.NEGATIVE and route not in (
            "/version",
            "/scalars",
            "/compare",
            "/registry",
            "/history",
        ):
            continue  # nothing to get wrong
        strategy = operation.as_strategy(generation_mode=mode)
        run(strategy, CASES[route], once)
    print(f"{route}: {sum(seen.values()):,} requests, statuses {dict(sorted(seen.items()))}, 0 × 5xx, 0 undescribed")


def check(route: str, response: Any, seen: Counter[int]) -> None:
    seen[response.status_code] += 1
    assert response.status_code < 500, response.get_data()[:500]
    if response.status_code in (301, 308):  # the client's or TensorBoard's own, before the plugin
        return
    kind = response.headers["Content-Type"].partition(";")[0]
    data = response.get_data()
    if response.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    body = strict(data) if kind == "application/json" else data.decode("utf-8", "replace")  # an export can be binary
    validator(route, response.status_code, kind).validate(body)


def _flat(query: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in query.items():
        pairs += [(name, str(v)) for v in value] if isinstance(value, list) else [(name, str(value))]
    return [(a.encode("utf-8", "replace").decode(), b.encode("utf-8", "replace").decode()) for a, b in pairs]


def run(strategy: Any, count: int, once: Callable[[Any], None]) -> None:
    @seed(random.getrandbits(32) if FULL else 0)
    @settings(
        max_examples=tries(count),
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(strategy)
    def all_of(case: Any) -> None:
        once(case)

    all_of()


NAMES = st.sampled_from(
    [
        "ref",
        "run",
        "tag",
        "max_points",
        "at",
        "model",
        "version",
        "before",
        "limit",
        "x",
        "",
        "ref[]",
        "\u202e",
        "__proto__",
    ]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "digits:1",
            "digits",
            "digits@production",
            "twice",
            "bad:1",
            "digits:1.2.0",
            "cnn",
            "loss",
            "100",
            "..",
            "\0",
            "%",
            "*",
        ]
    ),
    st.integers().map(str),
    st.floats().map(str),
)


def test_requests_of_any_shape_never_fail_the_server(tab: Site) -> None:
    seen: Counter[int] = Counter()
    routes = st.sampled_from([path for path in SPEC["paths"] if "{" not in path])

    def once(case: Any) -> None:
        route, pairs, method, headers = case
        response = tab.client.open(PREFIX + route, query_string=_flat({}) + pairs, method=method, headers=headers)
        if method == "GET" and response.status_code not in (304, 405):
            check(route, response, seen)
        else:
            assert response.status_code < 500
            seen[response.status_code] += 1

    headers = st.dictionaries(
        st.sampled_from(
            ["If-None-Match", "Accept-Encoding", "Range", "Host", "Origin", "Cookie", "Accept", "Sec-Fetch-Site"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        max_size=3,
    )
    pairs = st.lists(st.tuples(NAMES, VALUES.map(lambda t: t.encode("utf-8", "replace").decode())), max_size=4)
    methods = st.sampled_from(["GET"] * 6 + ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
    run(st.tuples(routes, pairs, methods, headers), ANY_SHAPE, once)
    print(f"any shape: {sum(seen.values()):,} requests, statuses {dict(sorted(seen.items()))}, 0 × 5xx")
