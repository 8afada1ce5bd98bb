"""The route that says what is served: by a file and by servers that the command line names, and by nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from werkzeug import wrappers

from tb_versions import payload
from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidServingConfigError, StorageError, TbVersionsError
from tb_versions.plugin.answers import app, conditional
from tb_versions.plugin.catalogs import Catalogs
from tb_versions.read.catalog import Catalog
from tb_versions.serving import config as files
from tb_versions.serving.served import available
from tb_versions.serving.status import Server

FRESH = 5.0
"""Seconds for which an answer is given again; servers are not asked more often, however many pages are open."""

MOST_MODELS = 200
"""Most models of which a server is asked; it has to be asked for each model, and for each alias."""


class ServingRoutes:
    """Answers what is served."""

    def __init__(self, catalogs: Catalogs, config: str, urls: Sequence[str]) -> None:
        """Reads and asks nothing yet.

        Args:
            catalogs: Reads the versions.
            config: A configuration of TensorFlow Serving; "" for none.
            urls: Addresses of its REST interface.

        Raises:
            InvalidQueryError: One is no such address.
        """
        self._catalogs = catalogs
        self._config = config
        self._servers = [Server(url) for url in dict.fromkeys(urls)]
        self._asking = threading.Lock()
        self._last: tuple[float, list[dict[str, Any]]] | None = None

    def apps(self) -> dict[str, Any]:
        """Returns the routes."""
        return {"/served": app(self._serve, ())}

    def _serve(self, request: wrappers.Request) -> wrappers.Response:
        body, revision = payload.with_revision({"schema_version": payload.SCHEMA_VERSION, "places": self._places()})
        return conditional(request, body, revision=revision)

    def _places(self) -> list[dict[str, Any]]:
        """What each place serves; while somebody asks, what was found last."""
        if not (self._config or self._servers):
            return []
        if not self._asking.acquire(blocking=self._last is None):
            return self._last[1] if self._last else []
        try:
            if self._last is None or time.monotonic() - self._last[0] > FRESH:
                places = list(self._found())
                self._last = (time.monotonic(), places)
            return self._last[1]
        finally:
            self._asking.release()

    def _found(self) -> Iterator[dict[str, Any]]:
        window = self._catalogs.window()
        if window is None:
            catalog = self._catalogs.of(()).catalog
            return _places(catalog, self._config, self._servers)
        return _places_beside_table(lambda model: self._catalogs.has_folder(window, model), self._config, self._servers)


def _places(catalog: Catalog, config: str, servers: Sequence[Server]) -> Iterator[dict[str, Any]]:
    aliases: dict[str, set[str]] = {}
    for model, registries in catalog.registries.items():
        for registry in registries:
            aliases.setdefault(model, set()).update(registry.state.aliases)
    if config:
        yield _place(config, "file", partial(_of_file, config, catalog.by_model.__contains__))
    for server in servers:
        asked = sorted(name for name, labels in aliases.items() if labels)
        yield _place(server.url, "server", partial(_of_server, server, aliases, asked))


def _places_beside_table(
    has_folder: Callable[[str], bool], config: str, servers: Sequence[Server]
) -> Iterator[dict[str, Any]]:
    """What is served where a table stands for the folder: not all aliases are known then, so no server is asked."""
    if config:
        yield _place(config, "file", partial(_of_file, config, has_folder))
    for server in servers:
        yield _place(server.url, "server", _not_asked)


_Found = tuple[dict[str, Any], int]


def _place(where: str, kind: str, find: Callable[[], _Found]) -> dict[str, Any]:
    problem = ""
    models: dict[str, Any] = {}
    left_out = 0
    try:
        models, left_out = find()
    except TbVersionsError as error:
        problem = visible(str(error))
    return {"where": visible(where), "kind": kind, "problem": problem, "models": models, "left_out": left_out}


def _not_asked() -> _Found:
    raise StorageError("It is not asked, for a table stands for the models folder: its models are too many to ask for.")


def _of_file(config: str, is_known: Callable[[str], bool]) -> _Found:
    found = files.read(config)
    if found is None:
        raise InvalidServingConfigError(f"There is no file {config}.")
    models = {
        name: _told(model.versions, model.labels, model.policy) for name, model in found[0].items() if is_known(name)
    }
    return models, 0


def _of_server(server: Server, aliases: dict[str, set[str]], asked: list[str]) -> _Found:
    models = {}
    for name in asked[:MOST_MODELS]:
        versions = available(server, name)
        labels = server.labels(name, sorted(aliases[name])) if versions else {}
        models[name] = _told(versions, labels)
    return models, len(asked) - len(models)


def _told(versions: Sequence[int], labels: Mapping[str, int], policy: str = "specific") -> dict[str, Any]:
    numbers = {label: payload.wire_integer(number) for label, number in labels.items()}
    return {"policy": policy, "versions": [payload.wire_integer(number) for number in versions], "labels": numbers}
