"""What logs cost those who read: 1,000 models with logs, and the table with aliases beside the table without."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson

from bench.figures import Report, interleave, peer, timed
from bench.make_data import ensure
from tb_versions import payload
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, Metric, VersionManifest
from tb_versions.core.store import LocalStore
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.reader import CatalogReader
from tb_versions.read.registries import ModelRegistry
from tb_versions.registry.events import AliasSet
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.seen import STATE_DIR
from tb_versions.registry.state import AliasState, By, Head, Holder, State, VersionState

MODELS, VERSIONS, EVENTS = 1_000, 10, 10
MOST_OF_FLOOR, MOST_OF_TABLE = 4.0, 1.05


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the figures."""
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        before, os.environ[STATE_DIR] = os.environ.get(STATE_DIR), f"{folder}/state"
        try:
            _measure_models(report, _made(Path(folder) / "models"), runs)
        finally:
            os.environ.pop(STATE_DIR)
            os.environ.update({STATE_DIR: before} if before is not None else {})
    _measure_table(report, runs)


def _measure_models(report: Report, models: Path, runs: int) -> None:
    files = [*models.glob("*/*/version_manifest.json"), *models.glob("*/.versions/log/*.json")]

    def least() -> None:
        for path in files:
            with open(path, "rb") as file:
                orjson.loads(file.read())

    def cold() -> None:
        catalog = CatalogReader(roots_of("", [str(models)])).refresh()
        if len(catalog.versions) != MODELS * VERSIONS or len(catalog.registries) != MODELS:
            raise RuntimeError(f"{catalog} is not what was written.")

    floor, found = interleave(runs, timed(least), timed(cold))
    ratio = sum(s.cpu or 0 for s in found) / sum(s.cpu or 0 for s in floor)
    report.add(
        "said.models",
        found,
        limit=MOST_OF_FLOOR * peer("", floor).value,
        limit_of="4 × opening, reading and orjson.loads of manifests and events",
        peer=peer("open, read and orjson.loads", floor),
        versions=MODELS * VERSIONS,
        note=f"{MODELS:,} models; {ratio:.2f} × the floor's CPU",
    )
    reader = CatalogReader(roots_of("", [str(models)]))
    reader.refresh()
    (again,) = interleave(runs, timed(reader.refresh))
    report.add("said.models_again", again, versions=MODELS * VERSIONS, note="a look in which nothing is new")


def _measure_table(report: Report, runs: int) -> None:
    """Every tenth version was approved, every hundredth deprecated, and each model has three aliases."""
    bare = CatalogReader(roots_of("", [str(ensure(10_000).models)])).refresh()
    catalog = dataclasses.replace(bare, registries={model: (_registry(bare, model),) for model in bare.by_model})
    plain, said = (payload.TableEncoder().encode(each).whole for each in (bare, catalog))

    without, found = interleave(runs, timed(partial(_encoded, bare)), timed(partial(_encoded, catalog)))
    for name, value, least in (
        ("said.table_bytes", len(said.gzipped()), len(plain.gzipped())),
        ("said.table_json", said.size, plain.size),
        ("said.table_cpu", sum(s.cpu or 0 for s in found), sum(s.cpu or 0 for s in without)),
    ):
        report.add(
            name,
            [value / least],
            unit="×",
            limit=MOST_OF_TABLE,
            limit_of="1.05 × the answer without aliases",
            versions=len(bare.versions),
        )


def _encoded(catalog: Catalog) -> bytes:
    return payload.TableEncoder().encode(dataclasses.replace(catalog)).whole.gzipped()


def _registry(catalog: Catalog, model: str) -> ModelRegistry:
    versions = [version.number for version in catalog.by_model[model]]
    by = By(1, 1_795_510_800_000, "anna", "It is better on the shop's pictures.")
    said = {number: VersionState(approvals={"ben": by}, events=(1,)) for number in versions[::10]}
    said.update({number: VersionState(deprecated=by, events=(1,)) for number in versions[::100]})
    aliases = {name: AliasState((Holder(versions[-1], 1),), by) for name in ("production", "canary", "staging")}
    folder = os.path.dirname(catalog.by_model[model][0].places[0].folder)
    place = Place(Root(os.path.dirname(folder), "models", "models_dir"), folder)
    return ModelRegistry(model, place, State(Head(1, "sha256:"), by.ms, aliases, said))


def _always(draft: Draft) -> Callable[[State], Draft]:
    return lambda _: draft


def _made(models: Path) -> Path:
    for at in range(MODELS):
        model = f"model{at}"
        for number in range(1, VERSIONS + 1):
            folder = models / model / str(number)
            folder.mkdir(parents=True)
            metrics = tuple(Metric(name=f"metric{place}", value=number / 7, goal="max") for place in range(10))
            (folder / MANIFEST_NAME).write_bytes(
                codec.encode(VersionManifest(model=model, number=number, metrics=metrics))
            )
        registry = Registry(LocalStore(str(models / model / ".versions"), within=str(models)))
        for event in range(EVENTS):
            said = AliasSet("production", from_=event or None)
            draft = Draft(kind="alias_set", said=said, version=event % VERSIONS + 1, actor="anna", reason="better")
            registry.append(_always(draft))
    return models
