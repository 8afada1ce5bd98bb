"""Versions and runs by chance, odd ones too, and comparisons of them: what the page must say as Python says it."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson
from tensorboard.plugins.hparams import summary_v2 as hparams

from tb_versions import payload
from tb_versions.comparison import Member, compare_members, loading
from tb_versions.comparison.loading import load_members, open_source
from tb_versions.core import codec
from tb_versions.core.manifest import (
    Code,
    Dataset,
    Environment,
    Fingerprint,
    Goal,
    Gpu,
    Hardware,
    MetaGraph,
    Metric,
    Parent,
    Run,
    SavedModel,
    Shape,
    Signature,
    Source,
    Tensor,
    Variable,
)
from tb_versions.payload.comparison import compare_payload
from tb_versions.payload.finished import Shared, finished_facts
from tb_versions.payload.portable import portable_facts
from tb_versions.payload.slices import slices_payload
from tb_versions.payload.version import metric_details
from tb_versions.read.catalog import Version
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.manifests.listing import read_listing
from tests.support.world import World, strict

VERSIONS, RUNS = 56, 10
GOALS: tuple[KnownGoal, ...] = ("max", "min")
NAN, INFINITY = float("nan"), float("inf")
NUMBERS = (0.0, -0.0, 0.5, 0.9516, 0.951649, 12344.5, 12345.5, 0.000012345, 99.95, 1e15, 1.7e308, -3.0, 5e-324)
ODD_NUMBERS = (NAN, INFINITY, -INFINITY)
METRICS = ("val_accuracy", "loss", "accuracy", "test/auc", "spikes", "constructor", "10", "od\u202ed \U0001f600")
NAMES = ("lr", "units", "seed", "10", "9", "__proto__", "\ue000", "\U0001f600", "Größe", "note\u200d")
SETTINGS = (
    0.0003,
    1e-7,
    32,
    -1,
    0,
    True,
    False,
    1,
    "adam",
    "<b>a|b</b>",
    "",
    2**60,
    2**53,
    1e20,
    0.1 + 0.2,
    "x\u2028y",
)
PACKAGES = ("numpy", "Keras", "absl-py", "zlib", "\U0001f600", "Ärger", "TensorFlow", "10", "9")
NUMBERED = ("1.2.3", "1.2.4", "1.3.0", "2.0.0", "0.1.0", "0.2", "2.21.0rc1", "2.21.0", "", "nightly", "1.2.3+cu12")
OPS = ("MatMul", "Relu", "Conv2D", "Identity", "NoOp", "Od\u202ed")
REMOTES = (
    "https://github.com/example/digits.git",
    "git@github.com:example/digits",
    "ssh://git@gitlab.com:22/a/b/c.git/",
    "https://bitbucket.org/a/..",
    "https://evil.example/a/b",
    "javascript:alert(1)//github.com/a/b",
    "",
)
LINES = "+one\r\n-two\x0bthree\x1cfour\u2028five\x85six\n"


def chance(r: random.Random, share: float, make: Callable[[], Any], otherwise: Any) -> Any:
    return make() if r.random() < share else otherwise


def some_of(r: random.Random, pool: Sequence[Any], most: int) -> list[Any]:
    return r.sample(pool, r.randint(0, min(most, len(pool))))


def digest(r: random.Random) -> str:
    return chance(r, 0.8, lambda: "sha256:" + r.choice("abc") * 64, "")


def number(r: random.Random) -> float:
    return r.choice(NUMBERS) if r.random() < 0.5 else round(r.gauss(0.9, 0.05), r.randint(2, 12))


def precision(r: random.Random, value: float) -> dict[str, Any]:
    """An interval, of all kinds, also of one end or without its confidence."""
    known: dict[str, Any] = {"examples": r.choice((None, 0, 12, 30, 2**60))}
    if r.random() < 0.8 and abs(value) < 1e300:
        wide = r.choice((0.0, 0.001, 0.01, 0.05))
        known["lower"] = r.choice((None, *(value - abs(r.gauss(0, wide)) for _ in range(7))))
        known["upper"] = r.choice((None, *(value + abs(r.gauss(0, wide)) for _ in range(7))))
        known["confidence"] = r.choice((None, *(0.95,) * 7, 0.9, 0.8, 1 - 1e-9))
    return known


def slices(r: random.Random) -> tuple[Metric, ...]:
    """Slices of a metric or two, some of them without goal, value or interval."""
    parts = (*(f"digit:{n}" for n in range(8)), "__proto__", "1", "\u202eodd", "a/b")
    values = [
        (name, part, r.choice(ODD_NUMBERS) if r.random() < 0.05 else number(r))
        for name in r.sample(("accuracy", "spikes"), r.choice((1, 2)))
        for part in some_of(r, parts, 12)
    ]
    goals: tuple[Goal, ...] = ("max", "min", "")
    sources: tuple[Source, ...] = ("evaluated", "evaluated", "evaluated", "typed")
    goal, source = r.choice(goals), r.choice(sources)
    return tuple(
        Metric(name=name, value=value, goal=goal, dataset="digits", slice=part, source=source, **precision(r, value))
        for name, part, value in values
    )


def metrics(r: random.Random, run: str) -> tuple[Metric, ...]:
    found = [replace(each, **precision(r, each.value)) if r.random() < 0.3 else each for each in _whole(r, run)]
    unique = {
        (each.name, each.dataset, each.slice): each for each in (*found, *(slices(r) if r.random() < 0.5 else ()))
    }
    return tuple(unique.values())


def _whole(r: random.Random, run: str) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            name=name,
            value=r.choice(ODD_NUMBERS) if r.random() < 0.08 else number(r),
            goal=r.choice(("max", "min", "", "")),
            step=r.choice((None, 30, 40)),
            dataset=r.choice(("",) * 6 + ("digits", "data2")),
            slice=r.choice(("",) * 6 + ("digit=8",)),
            source=r.choice(("log",) * 8 + ("typed", "evaluated", "")),
            run=run,
            tag=name if r.random() < 0.5 else "",
        )
        for name in [*(n for n in METRICS[:2] if r.random() < 0.6), *some_of(r, METRICS[2:], 2)]
    )


def settings(r: random.Random) -> dict[str, Any]:
    return {name: r.choice(SETTINGS) for name in some_of(r, NAMES, 4)}


def recipe(r: random.Random) -> dict[str, Any]:
    """One of a few recipes, with a seed: there must be siblings."""
    return {"lr": r.choice((0.1, 0.01)), "units": 32, "seed": r.randint(0, 5)}


def datasets(r: random.Random) -> tuple[Dataset, ...]:
    return tuple(
        Dataset(
            name=r.choice(("digits", "digits", "data2", "", "od\u202ed")),
            uri=r.choice(("", "gs://b/digits", "digits")),
            digest=digest(r),
            rows=r.choice((None, 1200, 2**60)),
            split=r.choice(("", "train", "Validation", "test", "odd")),
        )
        for _ in range(r.randint(0, 3))
    )


def code(r: random.Random) -> Code:
    dirty = r.choice((None, True, False))
    return Code(
        commit=r.choice(("a" * 40, "a" * 40, "b" * 40, "no commit")),
        branch=r.choice(("main", "")),
        remote=r.choice(REMOTES),
        dirty=dirty,
        dirty_files=tuple(some_of(r, ("train.py", "a\u202eb.py", "c", "d", "e"), 5)) if dirty else (),
        diff=r.choice(("", LINES, LINES * 30)),
        diff_truncated=r.random() < 0.3,
        entry_point=r.choice(("train.py", "")),
        arguments=tuple(some_of(r, ("--lr", "0.1", "\x1b[31m", ""), 3)),
    )


def environment(r: random.Random) -> Environment:
    fields = ("python", "tensorflow", "keras", "numpy", "os")
    return Environment(
        packages={name: r.choice(NUMBERED) for name in some_of(r, PACKAGES, 6)},
        **{name: r.choice(NUMBERED) for name in some_of(r, fields, 5)},
    )


def hardware(r: random.Random) -> Hardware:
    memory = (0, 999, 1000, 1_004_500, 16_000_000_000, 2**62)
    gpus = tuple(Gpu(name=r.choice(("A100", "")), memory_bytes=r.choice(memory)) for _ in range(r.randint(0, 2)))
    return Hardware(cpu=r.choice(("EPYC", "")), cores=r.choice((0, 2, 1200)), memory_bytes=r.choice(memory), gpus=gpus)


def shape(r: random.Random) -> Shape | None:
    dimensions = tuple(r.choice((-1, 8, 10, -2)) for _ in range(r.randint(0, 3)))
    return r.choice((Shape(dimensions=dimensions), Shape(dimensions=dimensions), Shape(unknown_rank=True), None))


def tensors(r: random.Random) -> tuple[Tensor, ...]:
    names = some_of(r, ("image", "probs", "\U0001f600", "\ue000", "a\u202eb"), 3)
    return tuple(
        Tensor(name=name, dtype=r.choice(("float32", "float32", "int64", "")), shape=shape(r)) for name in names
    )


def graph(r: random.Random) -> MetaGraph:
    methods = ("tensorflow/serving/predict", "tensorflow/serving/classify", "")
    keys = some_of(r, ("serving_default", "embed", "__saved_model_init_op", "a\u202eb"), 3)
    return MetaGraph(
        tags=r.choice((("serve",), ("serve", "gpu"), ("train",), ())),
        signatures=tuple(
            Signature(key=key, method=r.choice(methods), inputs=tensors(r), outputs=tensors(r)) for key in keys
        ),
        ops={op: r.choice((1, 2, 1200)) for op in some_of(r, OPS, 4)},
    )


WORDS = ("model/dense{}/kernel", "dense{}/kernel", "encoder{}/kernel", "m_3/a/dense{}/kernel_1", "od\u202ed{}")
COUNTERS = ("", "_1", "_2", "_10", "_010")
OF_ONE_SHAPE = Shape(dimensions=(8, 10))


def saved_model(r: random.Random) -> SavedModel:
    """Some have the same ops and shapes, so that only names differ."""
    is_plain = r.random() < 0.4
    words = r.sample(WORDS, r.choice((1, 1, 2)))
    names = {r.choice(words).format(r.choice(COUNTERS)) for _ in range(2 if is_plain else r.randint(0, 3))}
    prints = ("", "0", "1", "2")
    return SavedModel(
        meta_graphs=(MetaGraph(ops={"MatMul": 2}),) if is_plain else tuple(graph(r) for _ in range(r.randint(0, 2))),
        variables=tuple(
            Variable(name=n, dtype="float32", shape=OF_ONE_SHAPE if is_plain else shape(r)) for n in sorted(names)
        ),
        variables_omitted=r.choice((0, 0, 0, 7)),
        parameter_count=r.choice((0, 640, 2**60)),
        fingerprint=chance(
            r,
            0.6,
            lambda: Fingerprint(checkpoint_hash=r.choice(prints), saved_model_checksum=r.choice(prints)),
            None,
        ),
    )


def manifest_fields(r: random.Random, place: int) -> dict[str, Any]:
    """Fields of one version: each may be there or not, as of one recipe or by chance."""
    is_usual = r.random() < 0.5
    run = f"run-{r.randrange(VERSIONS)}" if r.random() < 0.8 else ""
    time = datetime.datetime(r.choice((1, 1969, 2026)), 11, 23, 8, 0, 0, 500_000, tzinfo=datetime.timezone.utc)
    return {
        "runs": (Run(name=run, step=r.choice((None, 29, 30, 59)), wall_time=time),) if run else (),
        "metrics": metrics(r, run),
        "lead_metric": chance(r, 0.5, lambda: r.choice([name for name in METRICS if name != "constructor"]), ""),
        "hyperparameters": recipe(r) if is_usual else settings(r),
        "seeds": chance(r, 0.5, lambda: {"numpy": place, "10": 2**62, "9": -1}, {}),
        "labels": {key: r.choice(("x", "y", "", "a\u202eb")) for key in some_of(r, ("stage", "10", "9"), 3)},
        "datasets": () if is_usual else datasets(r),
        "code": chance(r, 0.6, lambda: code(r), None) if not is_usual else None,
        "environment": chance(r, 0.7, lambda: environment(r), None),
        "hardware": chance(r, 0.5, lambda: hardware(r), None),
        "saved_model": chance(r, 0.8, lambda: saved_model(r), None) if not is_usual else None,
        "training_seconds": r.choice((0.0, 0.0001234, 59.95, 119.95, 150.0, 7_170.0, 1e9, 1e300, NAN, INFINITY)),
        "parents": tuple(
            Parent(model="m", number=r.randrange(8), relation=r.choice(("fine_tuned_from", "distilled_from", "")))
            for _ in range(r.randint(0, 2))
        ),
        "description": r.choice(("", "# One\ntwo", "\x1c\u3000\n##  \u00a0 line\u2028x", "\ufeffx" * 150)),
        "semantic_version": r.choice(("", "1.0.0", "1.0.0-rc.1+b\u202e")),
        "created": chance(r, 0.9, lambda: time, None),
        "format": r.choice(("saved_model", "files", "")),
    }


def files(r: random.Random) -> dict[str, bytes]:
    paths = ["saved_model.pb", *some_of(r, ("variables/variables.index", "assets/ä.txt", "b"), 3)]
    return {path: bytes([r.randrange(2)]) for path in paths}


FOREIGN: tuple[dict[str, Any], ...] = (
    {},
    {"semantic_version": "1.2.0", "size_bytes": 12, "saved_model": {"parameter_count": 640, "meta_graphs": [{}]}},
    {
        "parents": [
            {"model": "m", "number": 3, "relation": 1},
            {"model": "m", "number": "4", "relation": "DERIVED_FROM"},
        ]
    },
    {"code": {}, "environment": None, "hardware": {"cores": 4, "memory_bytes": 1e9}, "training_seconds": "Infinity"},
    {
        "metrics": [{"name": "loss", "value": "NaN"}, {"name": "loss", "value": 1}],
        "hyperparameters": {"b": 1, "a": 2.5},
    },
    {"files": [{"path": "x", "size": 3}], "savedModel": {"variables": [{"name": "v", "shape": {}}]}, "created": "x"},
    {"datasets": [{"name": "digits", "rows": 12}], "labels": {"b": "1", "a": "2"}, "seeds": {"z": 1, "a": "2"}},
)


def write(world: World, *, r: random.Random) -> None:
    for place in range(VERSIONS):
        world.version(r.choice("mn"), place, files=files(r), **manifest_fields(r, place))
    for place, fields in enumerate(FOREIGN):
        data = {"schemaVersion": 1, "model": "m", "number": 100 + place, "future": [1], **fields}
        world.raw(f"m/{100 + place}", orjson.dumps(data))
    world.raw("m/200", b"{")
    for place in range(VERSIONS):
        run = f"run-{place}" if place >= RUNS else r.choice((f"run-{place}/train", f"run-{place}"))
        if r.random() < 0.7:
            world.event(
                run,
                hparams.hparams_pb({"lr": r.choice((0.1, 0.2)), "seed": place % 4, "odd": 10.0 ** r.choice((2, 20))}),
            )
        for tag in sorted({"val_accuracy", r.choice(("loss", "epoch_loss")), *some_of(r, ("spikes", "10"), 1)}):
            world.scalars(run, tag, enumerate(curve(r)))


def curve(r: random.Random) -> Iterator[float]:
    level, noise, drift = r.uniform(-1, 1), r.choice((0.0, 0.01, 0.3)), r.choice((0.0, 0.01))
    for step in range(r.choice((1, 7, 30, 60, 60))):
        odd = r.random() < 0.01
        yield r.choice(ODD_NUMBERS) if odd else level + drift * step + r.gauss(0, noise)


def redacted(r: random.Random, member: Member, data: bytes) -> Member:
    """A member of whose manifest only some fields are left."""
    fields = orjson.loads(data)
    kept = {k: v for k, v in fields.items() if k in ("schemaVersion", "model", "number") or r.random() < 0.6}
    data = orjson.dumps(kept)
    return replace(member, manifest=codec.decode(data), hyperparameters=read_listing(data).hyperparameters or None)


def members_of(source: loading.Source, r: random.Random) -> Iterator[Member]:
    """Every version, and runs without one; of some the manifest is redacted."""
    catalog = source.catalog
    runs = [name for name in catalog.known_runs if name not in catalog.by_run][:RUNS]
    for member in load_members(source, [*(v.id for v in catalog.versions), *(f"run:{name}" for name in runs)], []):
        if member.manifest is not None and r.random() < 0.1:
            yield redacted(r, member, source.manifest_bytes(cast("Version", member.version)))
        else:
            yield member


def facts_of(member: Member, shared: Shared) -> dict[str, Any]:
    """What the page of an export reads of a member: `MemberFacts` of frontend/src/model/compare/engine."""
    return {
        "comparing": {**portable_facts(member), **finished_facts(member, shared)},
        "metrics": metric_details(member.metrics, member.manifest),
        "slices": slices_payload(member.manifest) if member.manifest else [],
        "files": {file.path: file.digest for file in member.manifest.files} if member.manifest else {},
    }


def comparison(
    members: Sequence[Member], places: Sequence[int], baseline: int, goals: Mapping[str, KnownGoal]
) -> dict[str, Any]:
    """A comparison of some of the members, and what Python says of it."""
    found = compare_members([members[place] for place in places], baseline=baseline, goals=goals)
    return {
        "members": list(places),
        "baseline": baseline,
        "goals": list(goals.items()),
        "payload": compare_payload(found),
    }


def by_chance(members: Sequence[Member], r: random.Random, groups: int) -> Iterator[dict[str, Any]]:
    """Comparisons of any members, with any baseline and goals."""
    names = [*sorted({name for m in members for v in m.metrics for name in (v.kind.key, v.kind.name)}), "no such"]
    for _ in range(groups):
        places = r.sample(range(len(members)), r.choice((2, 2, 3, 3, 4, 5)))
        goals = {name: r.choice(GOALS) for name in some_of(r, names, 2)} if r.random() < 0.5 else {}
        yield comparison(members, places, r.randrange(len(places)), goals)


def told(members: Sequence[Member], comparisons: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What the page reads: members as an export holds them, and comparisons of them."""
    shared = Shared()
    facts = [facts_of(member, shared) for member in members]
    return strict(payload.dump({"members": facts, "shared": shared.payload(), "comparisons": list(comparisons)}))


def generate(folder: Path, *, seed: int, groups: int) -> dict[str, Any]:
    """Writes a world, reads it, compares what is in it.

    Args:
        folder: An empty one.
        seed: Of everything that is by chance.
        groups: How many comparisons.
    """
    r = random.Random(seed)
    world = World(folder)
    write(world, r=r)
    world.close()
    members = list(members_of(open_source([str(world.models)], str(world.logs)), r))
    return told(members, by_chance(members, r, groups))
