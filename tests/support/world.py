"""A log directory of real event files and a models folder of real manifests, and the real TensorBoard over them."""

from __future__ import annotations

import datetime
import json
import os
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

if "tensorflow" not in sys.modules:  # TensorBoard's own switch: not 3 s and 500 MB for a file system
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))

from tensorboard import program
from tensorboard.backend import application
from tensorboard.backend.event_processing.data_ingester import LocalDataIngester
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins import base_plugin
from tensorboard.plugins.core import core_plugin
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from werkzeug.test import Client, TestResponse

from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_NAME, Run, VersionManifest
from tb_versions.core.metadata import announcement_pb
from tb_versions.plugin.loader import VersionsLoader
from tb_versions.plugin.plugin import VersionsPlugin
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.scan import Place, Root
from tests.support.effort import HANGS
from tests.support.tables import whole

START = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.timezone.utc)
PREFIX = "/data/plugin/versions"
ROUTES = ("/models", "/versions", "/version", "/scalars")


def moment(step: int) -> datetime.datetime:
    """When a step of any run of a world was done."""
    return START + datetime.timedelta(seconds=step % 1_000_000)


class World:
    """Writes below one folder: `logs/` and `models/`."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.logs = base / "logs"
        self.models = base / "models"
        self._writers: dict[str, EventFileWriter] = {}
        self.logs.mkdir(parents=True, exist_ok=True)
        self.models.mkdir(exist_ok=True)

    def manifest_of(self, folder: Path, model: str, number: int, **fields: Any) -> VersionManifest:
        """A manifest that tells the truth of the files in a folder."""
        files = digest_files(folder, list_files(folder))
        fields.setdefault("created", START + datetime.timedelta(minutes=min(number, 10_000)))
        return VersionManifest(
            model=model,
            number=number,
            files=files,
            digest=version_digest(files),
            size_bytes=sum(file.size for file in files),
            **fields,
        )

    def version(
        self,
        model: str,
        number: int,
        *,
        folder: Path | None = None,
        files: Mapping[str, bytes] | None = None,
        run: str = "",
        step: int | None = None,
        **fields: Any,
    ) -> Path:
        """Writes a version: a small fake SavedModel and its manifest. Returns its folder."""
        path = folder or self.models / model / str(number)
        contents = files or {"saved_model.pb": f"{model} {number}".encode(), "variables/variables.index": b"index"}
        for name, content in contents.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
        if run:
            fields.setdefault("runs", (Run(name=run, step=step, wall_time=moment(step or 0)),))
        (path / MANIFEST_NAME).write_bytes(codec.encode(self.manifest_of(path, model, number, **fields)))
        return path

    def raw(self, folder: str | Path, data: bytes) -> Path:
        """Writes any bytes as a manifest."""
        path = self.models / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / MANIFEST_NAME).write_bytes(data)
        return path

    def event(self, run: str, summary: summary_pb2.Summary, step: int = 0) -> None:
        """Adds a summary to a run's one event file, and flushes it."""
        if run not in self._writers:
            self._writers[run] = EventFileWriter(os.path.join(self.logs, run))
        event = event_pb2.Event(wall_time=moment(step).timestamp(), step=step, summary=summary)
        self._writers[run].add_event(event)
        self._writers[run].flush()

    def scalars(self, run: str, tag: str, points: Iterable[tuple[int, float]]) -> None:
        """Adds points of a curve."""
        for step, value in points:
            self.event(run, summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)]), step)

    def announce(self, run: str, folder: Path, *, location: str | None = None, step: int = 0) -> None:
        """Announces the manifest in a folder, as a writer of that run would."""
        data = (folder / MANIFEST_NAME).read_bytes()
        manifest = codec.decode(data)
        if location is None:
            location = os.path.relpath(folder, self.logs / run)
        self.event(run, announcement_pb(manifest.model, manifest.number, data, location=location), step)

    def close(self) -> None:
        """Closes every event file."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()


class _Loader(VersionsLoader):
    """The real loader; keeps the plugin it made."""

    plugin: VersionsPlugin

    def load(self, context: base_plugin.TBContext) -> Any:
        self.plugin = super().load(context)
        return self.plugin


class Site:
    """The real TensorBoard application over a world, with the multiplexer as its data provider."""

    def __init__(self, *arguments: str, wrap: Callable[[Any], Any] | None = None) -> None:
        loader = _Loader()
        tensorboard = program.TensorBoard(plugins=[core_plugin.CorePluginLoader(), loader])
        tensorboard.configure(
            ["tensorboard", "--load_fast=false", "--reload_task=blocking", "--reload_interval=0", *arguments]
        )
        self._ingester = LocalDataIngester(tensorboard.flags)
        self._ingester.start()
        provider = self._ingester.data_provider
        self.provider = provider if wrap is None else wrap(provider)
        self.app = application.TensorBoardWSGIApp(tensorboard.flags, [loader], data_provider=self.provider)
        self.plugin = loader.plugin
        self.prefix = tensorboard.flags.path_prefix + PREFIX
        self.client = Client(self.app)

    def reload(self) -> None:
        """Reads the event files again, as TensorBoard does every few seconds."""
        self._ingester.start()

    def settle(self, until: Callable[[Catalog], bool] = lambda catalog: True) -> Catalog:
        """Lets the plugin's thread work until everything was looked at and a condition holds."""
        for _ in range(20_000):
            catalog = self.plugin.live.current(patience=HANGS, fresh=0)
            linked = {run.name for version in catalog.versions for run in version.runs if run.known}
            checked = all(version.state != "unchecked" for version in catalog.versions)
            if not catalog.loading and checked and linked <= catalog.curves.keys() and until(catalog):
                return catalog
        raise AssertionError(f"never came: {catalog}")

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET below the plugin's routes; the catalog is what `settle` left."""
        return self.client.get(self.prefix + path, **options)

    def json(self, path: str, status: int = 200, **options: Any) -> Any:
        """The strict JSON of a GET; of a table in blocks each column as one."""
        response = self.get(path, **options)
        assert response.status_code == status, (path, response.status, response.get_data()[:300])
        return whole(strict(response.get_data()))

    def row(self, version_id: str) -> dict[str, Any]:
        """One version of the table, columns turned into a row; codes and run indexes are resolved."""
        table = self.json("/versions")
        return row_of(table, version_id)


def place_at(folder: str | os.PathLike[str]) -> Place:
    """A version's folder that was named by its path."""
    path = os.fspath(folder)
    return Place(Root(path, path, "models_dir"), path)


def row_of(table: Mapping[str, Any], version_id: str) -> dict[str, Any]:
    columns = table["columns"]
    position = columns["id"].index(version_id)
    row = {name: _at(column, position) for name, column in columns.items()}
    row["run"] = table["runs"][row["run"]] if row["run"] >= 0 else None
    row["metrics"] = {
        column["key"]: {name: _at(column[name], position) for name in _METRIC_PARTS if name in column}
        for column in table["metrics"]
    }
    row["hyperparameters"] = {column["name"]: column["values"][position] for column in table["hyperparameters"]}
    row["labels"] = {column["name"]: column["values"][position] for column in table["labels"]}
    return row


_METRIC_PARTS = ("at_export", "source", "best", "best_step", "last", "regret")


def _at(column: Any, position: int) -> Any:
    if isinstance(column, dict):
        code = column["codes"][position]
        return None if code < 0 else column["values"][code]
    return column[position]


def strict(data: bytes) -> Any:
    """Parses JSON as a browser does: NaN and Infinity are errors."""

    def refuse(word: str) -> Any:
        raise AssertionError(f"{word} in {data[:200]!r}")

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


def tree_hash(folder: Path) -> str:
    """Of every name, kind, size, time of change and content below a folder."""
    import hashlib

    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        total.update(repr((path, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)).encode())
        if path.is_file() and not path.is_symlink():
            total.update(path.read_bytes())
    return total.hexdigest()
