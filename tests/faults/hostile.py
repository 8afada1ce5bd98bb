"""Makes hostile manifests: structure-aware mutations of a good one, and broken bytes."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Iterator
from typing import Any

import orjson

from tb_versions import payload
from tb_versions.core import codec
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import Catalog, Version, identify
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.read.runs.run_links import RunLinker

DEEP = b'{"schemaVersion":1,"model":"m","number":"1","labels":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 0.5, -0.0, 1e308, 5e-324,
    "", " ", "a", "NaN", "Infinity", "-Infinity", "nan", "1e400", "9" * 19, "9" * 400, "-1", "+1", "1.0", "0x10", "１",
    "MAX", "LOG", "FINE_TUNED_FROM", "2026-11-23T08:15:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
    "10000-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T08:15:00+99:99", "yesterday", "sha256:" + "0" * 64,
    "__proto__", "constructor", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "a:b", "a~b", "\x00",
    "\x1b[31m",
    "\u202e", "\u200b", "\u2028", "\ufeff", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 2_000,
    "<script>alert(1)</script>", "[red]", "%s%n", "{0}", [], {}, [[]], [{}], [None], {"": ""}, {"a": {"b": {"c": []}}},
    [1, "a", None, {}], {"name": "x", "value": 1}, [{"name": "x"}] * 3, {"path": "../x", "size": -1}, ["a"] * 1_200,
)  # fmt: skip

KEYS = (
    "schemaVersion", "schema_version", "model", "number", "semanticVersion", "semantic_version", "created",
    "description",
    "labels", "metrics", "hyperparameters", "runs", "parents", "datasets", "code", "environment", "hardware", "seeds",
    "trainingSeconds", "format", "savedModel", "saved_model", "files", "digest", "sizeBytes", "createdBy", "name",
    "value",
    "goal", "step", "dataset", "slice", "source", "run", "tag", "wallTime", "relation", "path", "size", "metaGraphs",
    "tensorflowVersion", "parameterCount", "signatures", "ops", "", "__proto__", "\x00", "x" * 1_100,
)  # fmt: skip


def good(model: str, number: int) -> dict[str, Any]:
    """A manifest with every kind of field, as JSON."""
    return {
        "schemaVersion": 1, "model": model, "number": str(number), "semanticVersion": "1.0.0",
        "created": "2026-11-23T08:15:00Z", "description": "text", "labels": {"a": "b"},
        "metrics": [{"name": "loss", "value": 0.5, "goal": "MIN", "step": "3", "source": "LOG", "run": "r",
        "tag": "t"}],
        "hyperparameters": {"lr": 0.1, "opt": "adam", "on": True}, "runs": [{"name": "r", "step": "3",
        "wallTime": "2026-11-23T08:15:00Z"}], "parents": [{"model": "m", "number": "1", "relation": "DERIVED_FROM"}],
        "datasets": [{"name": "d", "rows": "3"}], "code": {"commit": "c", "dirty": True, "arguments": ["a"]},
        "environment": {"tensorflow": "2", "packages": {"a": "1"}}, "hardware": {"cores": 2, "gpus": [{"name": "g"}]},
        "seeds": {"numpy": "7"}, "trainingSeconds": 1.5, "format": "saved_model",
        "savedModel": {"metaGraphs": [{"tags": ["serve"], "tensorflowVersion": "2", "ops": {"A": 1}}],
        "parameterCount": "3"},
        "files": [{"path": "a", "size": "1", "digest": "sha256:00"}], "digest": "sha256:00", "sizeBytes": "1",
    }  # fmt: skip


def hostile(random_: random.Random, model: str, number: int) -> bytes:
    """One hostile manifest: nine of ten are JSON, four of ten read as manifests."""
    fields = good(model, number)
    for _ in range(random_.choice((1, 1, 1, 2, 3, 8))):
        mutate(random_, fields)
    data = orjson.dumps(fields)
    kind = random_.random()
    if kind < 0.04:
        data = data[: random_.randrange(len(data))]
    elif kind < 0.08:
        broken = bytearray(data)
        for _ in range(random_.choice((1, 2, 20))):
            broken[random_.randrange(len(broken))] ^= 1 << random_.randrange(8)
        data = bytes(broken)
    elif kind < 0.1:
        data = random_.randbytes(random_.randrange(200))
    return data


def mutate(random_: random.Random, fields: dict[str, Any]) -> None:
    """Replaces, removes, repeats or adds something somewhere."""
    node: Any = fields
    while True:
        keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = random_.choice(keys)
        child = node[key]
        if isinstance(child, (dict, list)) and random_.random() < 0.7:
            node = child
            continue
        action = random_.random()
        if action < 0.15:
            del node[key]
        elif action < 0.3 and isinstance(node, list):
            node.append(child)
        else:
            node[key] = copy.deepcopy(random_.choice(VALUES))
        break
    if isinstance(node, dict) and random_.random() < 0.3:
        node[random_.choice(KEYS)] = copy.deepcopy(random_.choice(VALUES))


def batch(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """(folder, manifest) of hostile versions."""
    random_ = random.Random(seed)
    for number in range(count):
        yield f"h{seed}/{number}", hostile(random_, f"h{seed}", number)


def catalog_of(good: list[bytes], bad: list[bytes]) -> Catalog:
    """A catalog of manifests as the reader makes it, without the disk; those that can't be read are damaged."""
    versions = []
    for position, data in enumerate([*good, *bad]):
        place = Place(Root("/m", "m", "models_dir"), f"/m/a/{position}")
        try:
            listing: Listing | None = read_listing(data)
            reason = ""
        except TbVersionsError as error:
            listing, reason = None, str(error)
        model, number = (listing.model, listing.number) if listing else ("damaged", position)
        versions.append(
            Version(
                model=model,
                number=number,
                listing=listing,
                manifest_digest=codec.manifest_digest(data),
                held_in=place,
                state="present" if listing else "damaged",
                notice=reason,
            )
        )
    linker = RunLinker(())
    return Catalog(versions=tuple(linker.link(version) for version in identify(versions)))


def read_every_way(data: bytes) -> bool:
    """Reads bytes as a manifest with all readers and encodes what came out; whether they were one.

    Anything but this package's own errors escapes.
    """
    for read in (codec.load_json, codec.decode):
        with contextlib.suppress(TbVersionsError):
            read(data)
    try:
        read_listing(data)
    except TbVersionsError as error:
        return len(str(error)) > 1_000
    catalog = catalog_of([], [data])
    (version,) = catalog.versions
    for made in (
        payload.versions_payload(catalog),
        payload.models_payload(catalog),
        payload.version_payload(catalog, version, data),
        payload.rows(catalog, [version]),
    ):
        orjson.loads(payload.dump(made))
    assert catalog.find(version.id) is version
    return True
