"""Any bytes as a manifest: no error escapes and no neighbour is lost."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tb_versions import payload
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.errors import TbVersionsError
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.reader import CatalogReader
from tests.faults import hostile
from tests.support.effort import FULL, tries
from tests.support.tables import whole
from tests.support.world import Site, World, row_of, strict

ON_DISK, IN_MEMORY = (20, 78) if FULL else (3, 12)
BATCH, ONE_BY_ONE = 500, 1_000
NEIGHBOURS = 20


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(1, NEIGHBOURS + 1):
        made.version("good", number, metrics=(Metric(name="loss", value=number + 0.5),))
    return made


def lost(table: dict[str, Any]) -> int:
    """Neighbours that are not there, or not what they were."""
    present = set(table["columns"]["id"])
    missing = 0
    for number in range(1, NEIGHBOURS + 1):
        version_id = f"good:{number}"
        if version_id not in present:
            missing += 1
            continue
        row = row_of(table, version_id)
        missing += row["state"] != "present" or row["metrics"]["loss"]["at_export"] != number + 0.5
    return missing


SCALARS = st.sampled_from(hostile.VALUES) | st.text(max_size=20) | st.integers(-(2**63), 2**64 - 1) | st.floats()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(hostile.KEYS), inner, max_size=5),
)
MANIFESTS = st.builds(
    lambda changes: orjson.dumps({**hostile.good("m", 1), **changes}),
    st.dictionaries(st.sampled_from(hostile.KEYS), TREES, max_size=4),
)


@settings(max_examples=tries(2_000), database=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(MANIFESTS, MANIFESTS, st.binary(max_size=300), TREES.map(orjson.dumps)))
def test_no_bytes_make_a_reader_fail(data: bytes) -> None:
    hostile.read_every_way(data)


def test_hostile_manifests_lose_no_neighbour(world: World) -> None:
    """In `make faults` 50,000: 10,000 on disk behind HTTP and 39,000 in catalogs, 500 at once, 1,000 one by one."""
    random_ = random.Random(20261123)
    read = sum(hostile.read_every_way(hostile.hostile(random_, "m", 1)) for _ in range(ONE_BY_ONE))
    read_neighbours = [(path / MANIFEST_NAME).read_bytes() for path in sorted((world.models / "good").iterdir())]
    tab = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    statuses: Counter[int] = Counter()
    states: Counter[str] = Counter()
    neighbours = 0
    for seed in range(ON_DISK):
        for folder, data in hostile.batch(seed, BATCH):
            world.raw(folder, data)
        tab.settle(lambda catalog, seed=seed: _has(catalog, f"h{seed}/"))
        response = tab.get("/versions")
        statuses[response.status_code] += 1
        table = whole(strict(response.get_data()))
        neighbours += lost(table)
        ids = table["columns"]["id"]
        assert len(ids) == len(set(ids)) >= NEIGHBOURS + BATCH * 0.9
        states.update(
            row for row in (table["columns"]["state"]["values"][c] for c in table["columns"]["state"]["codes"])
        )
        for version_id in random_.sample(ids, 4):
            response = tab.get("/version", query_string={"ref": version_id})
            statuses[response.status_code] += 1
            strict(response.get_data())
        statuses[tab.get("/models").status_code] += 1
        shutil.rmtree(world.models / f"h{seed}")
    for seed in range(ON_DISK, ON_DISK + IN_MEMORY):
        catalog = hostile.catalog_of(read_neighbours, [data for _, data in hostile.batch(seed, BATCH)])
        neighbours += lost(strict(payload.dump(payload.versions_payload(catalog))))
        strict(payload.dump(payload.rows(catalog, catalog.versions)))
    total = ONE_BY_ONE + (ON_DISK + IN_MEMORY) * BATCH
    errors = sum(count for status, count in statuses.items() if status >= 500)
    print(
        f"{total:,} manifests ({100 * read / ONE_BY_ONE:.0f} % of the mutated are readable; states {dict(states)}), "
        f"{errors} HTTP 500, {neighbours} lost neighbours"
    )
    assert (errors, neighbours) == (0, 0)
    assert set(statuses) == {200}


def _has(catalog: Any, start: str) -> bool:
    relative = {place.relative for version in catalog.versions for place in version.places}
    return sum(path.startswith(start) for path in relative) == BATCH


def test_a_manifest_cut_at_any_byte_is_damaged_and_others_are_not(world: World) -> None:
    data = orjson.dumps(hostile.good("cut", 1), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    whole = len(data.rstrip())
    for offset in range(whole):
        with pytest.raises(TbVersionsError):
            read_listing(data[:offset])
        world.raw(f"cut/{offset}", data[:offset])
    tab = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    tab.settle(lambda catalog: len(catalog.versions) == whole + NEIGHBOURS)
    table = tab.json("/versions")
    damaged = [i for i in table["columns"]["id"] if i.startswith("cut:") and row_of_state(table, i) == "damaged"]
    neighbours = lost(table)
    print(f"cut at {whole:,} offsets: {len(damaged):,} damaged, {neighbours} lost neighbours, 0 exceptions")
    assert (len(damaged), neighbours) == (whole, 0)
    assert len([p for p in table["problems"] if "/cut/" in p["where"]]) == whole


def row_of_state(table: dict[str, Any], version_id: str) -> str:
    columns = table["columns"]
    return str(columns["state"]["values"][columns["state"]["codes"][columns["id"].index(version_id)]])


def test_every_file_of_jsontestsuite_is_a_manifest_or_a_sentence(world: World, test_data: Path) -> None:
    files = sorted((test_data / "json-test-suite" / "test_parsing").glob("*.json"))
    assert len(files) == 318
    for number, path in enumerate(files):
        world.raw(f"suite/{number}", path.read_bytes())
        hostile.read_every_way(path.read_bytes())
    tab = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    tab.settle()
    table = tab.json("/versions")
    rows = [row_of(table, i) for i in table["columns"]["id"] if i.startswith("suite:")]
    neighbours = lost(table)
    print(f"JSONTestSuite: {len(rows)} files as manifests, {neighbours} lost neighbours, 0 HTTP 500")
    assert (len(rows), neighbours) == (318, 0)
    assert all(row["state"] == "damaged" and row["notice"] for row in rows)
    reasons = {path.name: row["notice"] for path, row in zip(files, _by_number(rows), strict=True)}
    for name, notice in reasons.items():
        expected = {"n": "not JSON", "y": "not JSON"}.get(name[0], "")
        if name[0] == "n":
            assert expected in notice, (name, notice)
        elif name[0] == "y":
            assert expected not in notice, (name, notice)


def _by_number(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: int(row["number"]))


@pytest.mark.parametrize(
    ("name", "change", "limit"),
    [
        ("10,000 metrics", {"metrics": [{"name": f"m{i}", "value": 1} for i in range(10_000)]},
        "10,000 entries; at most 5,000"),
        ("1,000,000 characters", {"model": "x" * 1_000_000}, "more than 1,024 characters"),
        ("a long label", {"labels": {"a": "x" * 5_000}}, "more than 1,024 characters"),
        ("a long key", {"labels": {"x" * 5_000: "a"}}, "more than 1,024 characters"),
        ("20,000 labels", {"labels": {f"l{i}": "" for i in range(20_000)}}, "20,000 entries; at most 1,000"),
        ("100,000 labels", {"labels": {f"l{i}": "x" for i in range(100_000)}}, "1,048,576 are read"),
        ("a note of 16 MiB", {"description": "x" * (16 << 20)}, "1,048,576 are read"),
        ("10,000 runs", {"runs": [{"name": "r"}] * 10_000}, "10,000 entries; at most 1,000"),
        ("a metric of a list", {"metrics": [{"name": []}]}, "metrics[0].name must be text, not a list"),
        ("a long hyperparameter", {"hyperparameters": {"a": "x" * 1_025}}, "more than 1,024 characters"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_refused_with_the_limit(
    world: World, name: str, change: dict[str, Any], limit: str
) -> None:
    world.raw("big/1", orjson.dumps({**hostile.good("big", 1), **change}))
    catalog = CatalogReader(roots_of("", [str(world.models)])).refresh()
    assert len(catalog.versions) == NEIGHBOURS + 1
    (version,) = catalog.by_model["big"]
    assert version.state == "damaged"
    assert limit in version.notice
    assert len(version.notice) < 300


def test_numbers_keep_their_meaning_or_are_refused(world: World) -> None:
    accepted = {
        '"NaN"': "NaN", '"Infinity"': "Infinity", '"-Infinity"': "-Infinity", "-0.0": -0.0, "1e308": 1e308,
        "5e-324": 5e-324, "9223372036854775808": 9.223372036854775808e18, "-1": -1.0, "1e-400": 0.0, "0.1": 0.1,
    }  # fmt: skip
    refused = (
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        '"1e400"',
        '"nan"',
        '"1"',
        "true",
        "null1",
        "0x10",
        "01",
        ".5",
        "1.",
        "[1]",
    )
    for number, text in enumerate([*accepted, *refused]):
        world.raw(
            f"n/{number}",
            b'{"schemaVersion":1,"model":"n","number":"%d","metrics":[{"name":"v","value":%s}]}'
            % (number, text.encode()),
        )
    tab = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    tab.settle()
    table = tab.json("/versions")
    for number, (text, value) in enumerate(accepted.items()):
        got = row_of(table, f"n:{number}")["metrics"]["v"]["at_export"]
        assert got == pytest.approx(value, rel=1e-9) if isinstance(value, float) else got == value, text
    for number in range(len(accepted), len(accepted) + len(refused)):
        assert row_of(table, f"n:{number}")["state"] == "damaged"
    print(f"{len(accepted)} numbers kept, {len(refused)} refused, JSON strict, {lost(table)} lost neighbours")
    assert lost(table) == 0


def test_manifests_of_the_future_are_shown_as_such(world: World) -> None:
    world.raw("new/1", b'{"schemaVersion":3,"model":"new","number":"1"}')
    world.raw(
        "new/2",
        b'{"schemaVersion":1,"model":"new","number":"2","carbon":{"g":1},"metrics":[{"name":"a","source":"DREAMT","goal":9}]}',
    )
    catalog = CatalogReader(roots_of("", [str(world.models)])).refresh()
    first, second = catalog.by_model["new"]
    assert first.state == "damaged"
    assert "has schema 3; this tb_versions reads up to schema 2" in first.notice
    assert second.state == "unchecked"
    assert "fields that this version does not know: carbon" in second.notice
    assert (world.models / "new" / "2" / MANIFEST_NAME).read_bytes().endswith(b'"goal":9}]}')


EMPTY = [{}] * 300_000
TOO_MANY: dict[str, dict[str, Any]] = {
    "files": {"files": EMPTY},
    "savedModel.metaGraphs": {"savedModel": {"metaGraphs": EMPTY}},
    "savedModel.variables": {"savedModel": {"variables": EMPTY}},
    "hardware.gpus": {"hardware": {"gpus": EMPTY}},
    "savedModel.metaGraphs.signatures": {"savedModel": {"metaGraphs": [{"signatures": EMPTY}]}},
    "code.arguments": {"code": {"arguments": [""] * 300_000}},
    "savedModel.variables.shape.dimensions": {"savedModel": {"variables": [{"shape": {"dimensions": [1] * 400_000}}]}},
    "seeds": {"seeds": {str(n): 1 for n in range(80_000)}},
    'The field "future"': {"future": EMPTY},
}


def test_lists_of_empty_objects_are_refused_with_the_field_and_its_limit(world: World) -> None:
    for number, fields in enumerate(TOO_MANY.values()):
        world.raw(
            f"bomb/{number}", orjson.dumps({"schemaVersion": 1, "model": "bomb", "number": str(number), **fields})
        )
    tab = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    tab.settle()
    table = tab.json("/versions")
    assert lost(table) == 0
    for number, field in enumerate(TOO_MANY):
        told = tab.json(f"/version?ref=bomb:{number}")
        assert (told["state"], told["manifest"]) == ("damaged", None)
        assert field in told["notice"]
        assert "entries; at most" in told["notice"]
    compared = tab.json("/compare?" + "&".join(f"member=bomb:{number}" for number in range(len(TOO_MANY))))
    assert len(compared["problems"]) == len(TOO_MANY)
