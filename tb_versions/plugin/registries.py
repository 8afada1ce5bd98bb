"""The routes that read what was said of versions later. docs/http-api.md describes each."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

from werkzeug import wrappers

from tb_versions import payload
from tb_versions.core.manifest import MAX_NUMBER, one_form, shown, visible
from tb_versions.errors import InvalidQueryError, VersionNotFoundError
from tb_versions.plugin.answers import app, conditional, error
from tb_versions.plugin.catalogs import Catalogs
from tb_versions.read.catalog import Catalog
from tb_versions.read.registries import ModelRegistry, nothing_said
from tb_versions.read.timeline import Timelines

MOST_LISTED = 500
"""Most events of one /history answer."""

READING_WAITS = 10
"""Seconds that a request which reads logs waits for another one."""

_LISTED = 100
_LATEST = 253_402_300_799_999  # the end of the year 9999


class RegistryRoutes:
    """Answers what logs say, now and at another time.

    Attributes:
        timelines: What was read of logs.
    """

    def __init__(self, catalogs: Catalogs) -> None:
        """Reads nothing yet.

        Args:
            catalogs: Reads the versions.
        """
        self._catalogs = catalogs
        self.timelines = Timelines()
        self._reading = threading.Lock()

    def apps(self) -> dict[str, Any]:
        """Returns the routes."""
        return {
            "/registry": app(self._serve_registry, ("at", "model")),
            "/history": app(self._serve_history, ("model", "folder", "before", "limit", "version")),
            "/measured": app(self._serve_measured, ("model", "folder", "version")),
        }

    def _serve_registry(self, request: wrappers.Request) -> wrappers.Response:
        at = _integer(request, "at", most=_LATEST)
        asked = request.args.getlist("model")
        catalog = self._catalogs.of_named(asked).catalog
        if asked:
            wanted = set(map(one_form, asked))
            some = {model: found for model, found in catalog.registries.items() if model in wanted}
            catalog = dataclasses.replace(catalog, registries=some)
        if at is not None:
            if not self._reading.acquire(timeout=READING_WAITS):
                return error(request, 503, "Other logs are still being read; try again in a moment.")
            try:
                catalog = dataclasses.replace(catalog, registries=self.timelines.at(catalog.registries, at))
            finally:
                self._reading.release()
        body, revision = payload.with_revision(
            {"schema_version": payload.SCHEMA_VERSION, "registry": payload.registry_payload(catalog, at=at)}
        )
        return conditional(request, body, revision=revision)

    def _serve_history(self, request: wrappers.Request) -> wrappers.Response:
        registry = self._registry(request)
        limit = _integer(request, "limit", most=MOST_LISTED) or _LISTED
        before, version = _integer(request, "before"), _integer(request, "version")
        if not self._reading.acquire(timeout=READING_WAITS):
            return error(request, 503, "Other logs are still being read; try again in a moment.")
        try:
            found, more = self.timelines.page(registry, before=before, limit=limit, version=version)
        finally:
            self._reading.release()
        told = [payload.event_payload(x.event, effective_ms=x.effective_ms, skewed=x.skewed) for x in found]
        head, problem = registry.state.head.number, registry.problem
        body, revision = payload.with_revision(
            payload.history_payload(registry.model, head=head, problem=problem, told=told, more=more)
        )
        return conditional(request, body, revision=revision)

    def _serve_measured(self, request: wrappers.Request) -> wrappers.Response:
        registry = self._registry(request)
        version = _integer(request, "version")
        if version is None:
            raise InvalidQueryError("Say which version: measured?model=NAME&version=3.")
        body, revision = payload.with_revision(
            payload.measured_payload([each for each in registry.measured if each.version == version])
        )
        return conditional(request, body, revision=revision)

    def _registry(self, request: wrappers.Request) -> ModelRegistry:
        """The registry of the model that is asked for.

        Raises:
            InvalidQueryError: No model is asked for.
            VersionNotFoundError: As `_in_folder`.
        """
        name = one_form(request.args.get("model", ""))
        if not name:
            raise InvalidQueryError(f"Say which model: {request.path.rpartition('/')[2]}?model=NAME.")
        return _in_folder(self._catalogs.of([name]).catalog, name, request.args.get("folder"))


def _in_folder(catalog: Catalog, name: str, folder: str | None) -> ModelRegistry:
    """The registry of a model in a folder; an empty one where nothing was said of it.

    Raises:
        VersionNotFoundError: There is no such model, or nothing was said of it in that folder.
    """
    for registry in catalog.registries.get(name, ()):
        if folder is None or visible(registry.place.shown) == folder:
            return registry
    if folder is None and name in catalog.by_model:
        return nothing_said(name)
    where = "" if folder is None else f" in {shown(folder)}"
    raise VersionNotFoundError(f"There is no model {shown(name)}{where}.")


def _integer(request: wrappers.Request, name: str, *, most: int = MAX_NUMBER) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= most):
        raise InvalidQueryError(f"{name} must be an integer from 0 to {most:,}, not {shown(text)}.")
    return int(text)
