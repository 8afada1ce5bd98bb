"""The wire contract: what the payloads say. The front end's tests read the same files.

`pytest tests/contract --update-goldens` writes them anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

import tb_versions as tbv
from tb_versions import payload
from tb_versions._version import __version__
from tb_versions.core.manifest import (
    MANIFEST_NAME,
    Code,
    Dataset,
    Environment,
    Fingerprint,
    Gpu,
    Hardware,
    MetaGraph,
    Metric,
    Parent,
    Run,
    SavedModel,
    Shape,
    Signature,
    Tensor,
    Variable,
)
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.fleet.asking import Question, ask
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.indexing import index
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.standing import Standing
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.manifests.files_at import files_at
from tb_versions.read.manifests.integrity import compare_sizes, listed_files
from tb_versions.read.reader import CatalogReader
from tb_versions.read.timeline import Timelines
from tb_versions.registry import events
from tests.support.chronicle import Chronicle, begin_ms
from tests.support.goldens import check_golden
from tests.support.world import World, moment

HERE = Path(__file__).parent
NAN, INFINITY = float("nan"), float("inf")
BIG = 2**63 - 1

FULL: dict[str, Any] = {
    "semantic_version": "1.4.0-rc.1+build.5",
    "lead_metric": "val_accuracy",
    "description": "# The **third** one\n\nWith [a link](https://example.org) and <script>alert(1)</script>.\n",
    "labels": {"team": "vision", "note": "<img src=x onerror=alert(1)>", "empty": ""},
    "metrics": (
        Metric(
            name="val_accuracy",
            value=0.984375,
            goal="max",
            step=300,
            source="log",
            run="cnn/validation",
            tag="epoch_accuracy",
        ),
        Metric(name="accuracy", value=0.96875, goal="max", dataset="digits-test", slice="digit=8", source="evaluated"),
        Metric(name="val_loss", value=0.123456789012345, source="typed", step=300),
        Metric(name="nan", value=NAN),
        Metric(name="up", value=INFINITY, goal="max"),
        Metric(name="down", value=-INFINITY, goal="min"),
        Metric(name="tiny", value=5e-324),
        Metric(name="huge", value=1.7976931348623157e308),
        Metric(name="minus zero", value=-0.0),
    ),
    "hyperparameters": {
        "learning_rate": 0.001,
        "optimizer": "adam",
        "batch_size": 32,
        "nesterov": False,
        "seed": 2**60,
        "rate": INFINITY,
        "text": "two\nlines",
        "__count__": 0,
        "toString": "x",
    },
    "runs": (
        Run(name="cnn/train", step=300, wall_time=moment(300)),
        Run(name="cnn/validation", step=300, wall_time=moment(300)),
    ),
    "parents": (Parent(model="digits", number=1, relation="fine_tuned_from"), Parent(model="gone", number=9)),
    "datasets": (
        Dataset(
            name="digits",
            uri="s3://bucket/digits",
            digest="sha256:" + "a" * 64,
            rows=1437,
            split="train",
            digest_of="array",
        ),
    ),
    "code": Code(
        commit="4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        branch="main",
        remote="https://example.org/team/digits.git",
        dirty=True,
        dirty_files=("train.py",),
        diff="--- a\n+++ b\n",
        diff_truncated=True,
        entry_point="train.py",
        arguments=("--epochs", "30", "--token", "***"),
    ),
    "environment": Environment(
        python="3.11.7",
        os="Linux 6.1 x86_64",
        tensorflow="2.21.0",
        keras="3.15.1",
        numpy="2.4.6",
        cuda="12.9",
        cudnn="9.8",
        packages={"absl-py": "2.5.1", "keras": "3.15.1"},
    ),
    "hardware": Hardware(
        cpu="A processor", cores=2, logical_cores=4, memory_bytes=2**34, gpus=(Gpu(name="A GPU", memory_bytes=2**34),)
    ),
    "seeds": {"numpy": 7, "split": 0},
    "training_seconds": 84.25,
    "saved_model": SavedModel(
        meta_graphs=(
            MetaGraph(
                tags=("serve",),
                tensorflow_version="2.21.0",
                signatures=(
                    Signature(
                        key="serving_default",
                        method="tensorflow/serving/predict",
                        inputs=(
                            Tensor(name="pixels", dtype="float32", shape=Shape(dimensions=(-1, 64)), tensor="pixels:0"),
                        ),
                        outputs=(Tensor(name="any", dtype="string", shape=Shape(unknown_rank=True), tensor="out:0"),),
                    ),
                ),
                ops={"MatMul": 3, "Softmax": 1},
            ),
        ),
        variables=(Variable(name="dense/kernel", dtype="float32", shape=Shape(dimensions=(64, 10)), trainable=True),),
        variables_omitted=1,
        parameter_count=650,
        fingerprint=Fingerprint(saved_model_checksum="18446744073709551615", checkpoint_hash="1"),
    ),
    "created_by": "tb_versions 0.1.0",
}

HOSTILE_NAMES = (
    "__proto__",
    "constructor",
    "toString",
    "..",
    "CON",
    "a/b",
    "a\\\\b",
    "a%2fb",
    "a#b",
    "a?b",
    "nul\\u0000",
    "rtl\\u202eexe",
    "zero\\u200bwidth",
    "-lead",
    "\\ud83d\\ude00",
    "<b>bold</b>",
    "\\u001b[31mred",
    "a:b~c@d",
    "\\u0430",
    "x" * 300,
)
WITH_COLUMNS = (0, 1, 2, 11, 15)
"""Positions of the names that labels, hyperparameters and metrics have too: a golden is to be read."""


@pytest.fixture(scope="module")
def catalog_and_reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, CatalogReader]]:
    """Every state, every kind of value; folders as a user types them, so that no path of a machine gets in."""
    base = tmp_path_factory.mktemp("contract")
    before = Path.cwd()
    os.chdir(base)
    world = World(Path())
    try:
        _write(world)
        reader = CatalogReader(roots_of("logs", ["models", "nowhere"]), provider_of("logs"))
        catalog = reader.refresh()
        unchecked = {os.path.abspath("models/digits/10")}
        reader.check(folders=[p.folder for v in catalog.versions for p in v.places if p.folder not in unchecked])
        catalog = reader.refresh_curves()
        yield _with_unreachable(catalog), reader
    finally:
        world.close()
        os.chdir(before)


def _write(world: World) -> None:
    world.scalars("cnn/train", "epoch_loss", [(100, 0.5), (200, 0.25), (300, 0.375), (400, 0.3125)])
    world.scalars("cnn/validation", "epoch_accuracy", [(100, 0.5), (200, 0.9921875), (300, 0.984375)])
    world.scalars("cnn/validation", "epoch_loss", [(100, NAN), (300, 0.5), (2**60, INFINITY)])
    digits = {number: world.version("digits", number, run="cnn/train", step=number * 100) for number in (1, 2)}
    world.version("digits", 3, **FULL)
    for number in (4, 5, 6, 7, 8, 9, 10):
        digits[number] = world.version("digits", number, run="gone/run" if number == 8 else "")
    (digits[4] / "saved_model.pb").unlink()
    (digits[4] / "extra.txt").write_text("x")
    world.announce("mlp", digits[5], location="../../models/digits/5")
    shutil.rmtree(digits[5])
    outside = world.version("digits", 6, folder=Path("elsewhere/6"), description="outside")
    shutil.rmtree(digits[6])
    world.announce("mlp", outside, location="../../elsewhere/6")
    (digits[7] / MANIFEST_NAME).write_bytes(b'{"schemaVersion": 1, "model": "digits", "num')
    world.announce("mlp", digits[9], location="../../models/digits/9")
    (digits[9] / MANIFEST_NAME).write_bytes(b"")
    world.raw("digits/11", b'{"schemaVersion": 3, "model": "digits", "number": "11"}')
    world.version("digits", BIG, metrics=(Metric(name="val_loss", value=1.0, step=BIG),), run="cnn/train", step=BIG)
    for number, text in ((1, "one"), (1, "two")):
        world.version("twins", number, folder=world.models / text / "1", description=text)
    for position, name in enumerate(HOSTILE_NAMES):
        # Written by hand, for no writer of ours lets such names through.
        columns = (
            f'"labels":{{"{name}":"{name}"}},"hyperparameters":{{"{name}":"{name}"}},'
            f'"metrics":[{{"name":"{name}","value":1}}],'
        )
        world.raw(
            f"hostile/{position}",
            f'{{"schemaVersion":1,"model":"{name}","number":"{position}",{columns if position in WITH_COLUMNS else ""}'
            f'"runs":[{{"name":"{name}"}}],"description":"{name}","unknownField":true}}'.encode(),
        )
    (world.models / "plain" / "1").mkdir(parents=True)
    (world.models / "plain" / "1" / "saved_model.pb").write_bytes(b"x")
    (world.models / "link").symlink_to("/")
    _register(world)


def _register(world: World) -> None:
    """A log that says everything, one that is damaged, one that is too new, and metrics from later."""
    world.version("digits", 12, description="to be removed", parents=(Parent(model="digits", number=3),))
    digits = Chronicle(world.models / "digits")
    digits.say("alias_set", 1, events.AliasSet("production"), reason="the first")
    digits.say("approved", 2, actor="ben")
    digits.say("alias_set", 2, events.AliasSet("production", 1), actor="ben", reason="better on 8s\nand faster")
    digits.say("approved", 3, actor="ben", reason="looks good")
    digits.say("approved", 3, actor="carla")
    digits.say("approval_withdrawn", 3, actor="carla")
    digits.say(
        "policy_changed",
        None,
        events.PolicyChanged(digest="sha256:" + "d" * 64, rules="[aliases.production]\napprovals = 1\n"),
    )
    digits.say("alias_set", 3, events.AliasSet("production", 2, verified="digests"), reason="<b>bold</b>")
    digits.say("alias_set", 9, events.AliasSet("canary"))
    digits.say("alias_rolled_back", 2, events.AliasRolledBack("production", 3), reason="too slow")
    digits.say("alias_set", 3, events.AliasSet("candidate"))
    digits.say("deprecated", 1, reason="too old")
    digits.say("deprecated", 2)
    digits.say("restored", 2)
    digits.say("label_set", 3, events.LabelSet("team", "speech"))
    digits.say("label_set", 3, events.LabelSet("approved by", "the board"))
    digits.say("label_removed", 3, events.LabelRemoved("empty"))
    digits.say("described", 3, events.Text("# Corrected\n\n**later** <img src=x onerror=alert(1)>"))
    digits.say("noted", 3, events.Text("Seen in [production](https://example.org)."), minutes=-30)
    digits.say("semantic_version_given", 2, events.SemanticVersionGiven("1.3.0"))
    digits.say("verified", 3, events.Verified(ok=True, digest="sha256:" + "c" * 64))
    digits.say("deployed", 3, events.Deployed("serving.example.org", "stable"))
    digits.say("copied", 10, events.Copied("elsewhere digits:4"))
    digits.say("gate_passed", 3, raw=b'{"gate":"release","odd":"a\\u202eb"}')
    digits.say("removed", 12, events.Removed(size=1234, by="keep=3"), reason="not among the best")
    digits.remove(12)
    digits.measure(3, accuracy=0.93, source="monitoring", dataset="2026-11")
    digits.measure(3, accuracy=0.91, source="monitoring", dataset="2026-11", minutes=5)
    digits.measure(2, accuracy=0.9, source="monitoring", dataset="2026-11", minutes=6)
    digits.measure(2, latency_ms=float("nan"), minutes=7)
    world.version("broken", 1)
    broken = Chronicle(world.models / "broken")
    broken.say("alias_set", 1, events.AliasSet("production"))
    broken.damage(2, b'{"format": 1, "number": 2, "kind": "\xe2\x80\xae"')
    world.version("newer", 1)
    newer = Chronicle(world.models / "newer")
    newer.say("alias_set", 1, events.AliasSet("production"))
    newer.say("alias_shared", 1, raw=b"{}", critical=True)


def _with_unreachable(catalog: Catalog) -> Catalog:
    """Root, which tests may run as, enters every folder."""
    versions = [
        msgspec.structs.replace(v, state="unreachable", notice="Its folder can't be read.", held_in=v.places[:1])
        if v.id == "digits:8"
        else v
        for v in catalog.versions
    ]
    return dataclasses.replace(catalog, versions=tuple(versions))


def test_versions_are_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    catalog, _ = catalog_and_reader
    table = payload.sealed(payload.table_payload(catalog))
    states = set(payload.whole(table)["columns"]["state"]["values"])
    assert states == {"present", "changed", "missing", "unreachable", "outside", "damaged", "unchecked", "removed"}
    check_golden(HERE / "versions.json", payload.dump(table), update=update_goldens)


def test_models_are_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    check_golden(
        HERE / "models.json",
        payload.with_revision(payload.models_payload(catalog_and_reader[0]))[0],
        update=update_goldens,
    )


def test_a_version_is_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    catalog, reader = catalog_and_reader
    version = catalog.find("digits:3")
    data = reader.manifest_bytes(version)
    listed = listed_files(orjson.loads(data))
    changes = compare_sizes(files_at(version.places[0], None), listed)
    checked = payload.checked_in_words(len(listed))
    details = payload.version_payload(catalog, version, data, changes=changes, checked=checked)
    check_golden(HERE / "version.json", payload.with_revision(details)[0], update=update_goldens)


@pytest.mark.parametrize("number", [4, 5, 7, 9, 12])
def test_a_troubled_version_is_as_agreed(catalog_and_reader: Any, update_goldens: bool, number: int) -> None:
    catalog, reader = catalog_and_reader
    version = catalog.find(f"digits:{number}")
    data = reader.manifest_bytes(version)
    changes = None
    if version.state == "changed":
        changes = compare_sizes(files_at(version.places[0], None), listed_files(orjson.loads(data)))
    details = payload.version_payload(catalog, version, data, changes=changes, checked=None)
    check_golden(
        HERE / f"version-{version.state}-{number}.json", payload.with_revision(details)[0], update=update_goldens
    )


def test_a_registry_of_another_day_is_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    catalog, _ = catalog_and_reader
    at = begin_ms(75)  # after the eighth event
    then = dataclasses.replace(catalog, registries=Timelines().at(catalog.registries, at))
    told = check_golden(HERE / "registry.json", _registry_payload(then, at), update=update_goldens)
    assert [alias["number"] for alias in told["registry"]["models"]["digits"]["aliases"]] == [3]


def _registry_payload(catalog: Catalog, at: int | None) -> bytes:
    told = {"schema_version": payload.SCHEMA_VERSION, "registry": payload.registry_payload(catalog, at=at)}
    return payload.with_revision(told)[0]


@pytest.mark.parametrize("model", ["digits", "broken"])
def test_a_history_is_as_agreed(catalog_and_reader: Any, update_goldens: bool, model: str) -> None:
    (registry,) = catalog_and_reader[0].registries[model]
    found, more = Timelines().page(registry, limit=100)
    told = [payload.event_payload(x.event, effective_ms=x.effective_ms, skewed=x.skewed) for x in found]
    for event in told:
        event["tool"] = event["tool"].replace(__version__, "1.0.0")
    head, problem = registry.state.head.number, registry.problem
    whole = payload.history_payload(model, head=head, problem=problem, told=told, more=more)
    check_golden(HERE / f"history-{model}.json", payload.with_revision(whole)[0], update=update_goldens)


def test_what_was_measured_later_is_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    said = catalog_and_reader[0].said["digits:3"]
    whole = payload.measured_payload(said.measured)
    check_golden(HERE / "measured.json", payload.with_revision(whole)[0], update=update_goldens)


def test_scalars_are_as_agreed(catalog_and_reader: Any, update_goldens: bool) -> None:
    runs, tags = ["cnn/train", "cnn/validation", "gone"], ["epoch_loss", "epoch_accuracy"]
    (curves,) = CurveReader(provider_of("logs")).read(dict.fromkeys(runs, tags), most=3)
    scalars = payload.scalars_payload(runs, tags, curves, is_sampled=lambda points: len(points.steps) >= 3)
    check_golden(HERE / "scalars.json", payload.dump(scalars), update=update_goldens)


def test_filters_find_what_was_agreed(
    catalog_and_reader: Any, update_goldens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To add a filter, write `{"filter": "…"}` into the file and update."""
    catalog, _ = catalog_and_reader
    agreed = orjson.loads((HERE / "filters.json").read_bytes())
    with in_time_zone(agreed["time_zone"], monkeypatch):
        answers = [_answer(each["filter"], catalog, agreed["now"]) for each in agreed["filters"]]
    check_golden(HERE / "filters.json", orjson.dumps({**agreed, "filters": answers}), update=update_goldens)


def test_filters_find_in_the_table_what_they_find_in_the_files(
    catalog_and_reader: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has no version whose manifest can't be read, and no removed one; what it does not know it refuses."""
    agreed = orjson.loads((HERE / "filters.json").read_bytes())
    index("models", str(tmp_path))
    standing, catalog, engine = Standing("models", str(tmp_path)), tbv.open_catalog(models_dir="models"), Engine()
    columns, compared = Columns(standing), 0
    with in_time_zone(agreed["time_zone"], monkeypatch):
        for each in agreed["filters"]:
            wanted = _answer(each["filter"], catalog, agreed["now"])
            question = Question(each["filter"], now=agreed["now"])
            try:
                found = ask(standing, question, columns=columns, engine=engine)
                told = {"filter": each["filter"], "finds": [standing.ids[row] for row in found.rows]}
            except InvalidFilterError as error:
                told = {"filter": each["filter"], "error": error.reason, "at": error.at, "end": error.end}
                told["fix"] = error.fix
            except InvalidQueryError as error:
                told = {"filter": each["filter"], "error": str(error)}
            if " table " in f" {told.get('error', '').lower()}":
                continue
            compared += 1
            if "finds" in wanted:
                there = set(standing.ids) - {v.id for v in catalog.versions if _is_hidden(catalog, v)}
                wanted["finds"] = [each for each in wanted["finds"] if each in there]
            assert told == wanted
    assert compared > 0.85 * len(agreed["filters"])


def _is_hidden(catalog: Catalog, version: Version) -> bool:
    said = catalog.said.get(version.id)
    return said is not None and said.state.deprecated is not None


def _answer(text: str, catalog: Catalog, now: int) -> dict[str, Any]:
    try:
        test = compile_filter(text, catalog, now=now)
    except InvalidFilterError as error:
        return {"filter": text, "error": error.reason, "at": error.at, "end": error.end, "fix": error.fix}
    return {"filter": text, "finds": [version.id for version in catalog.versions if test(version)]}


@contextlib.contextmanager
def in_time_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def test_revisions_follow_the_content_only(catalog_and_reader: Any) -> None:
    catalog, _ = catalog_and_reader

    def revision(catalog: Catalog) -> str:
        told: str = payload.sealed(payload.table_payload(catalog))["revision"]
        return told

    assert revision(dataclasses.replace(catalog)) == revision(catalog)
    assert revision(dataclasses.replace(catalog, unregistered=9)) != revision(catalog)
