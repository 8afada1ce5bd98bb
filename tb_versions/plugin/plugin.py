"""The HTTP routes: parse a request, call the code that answers it, respond. docs/http-api.md describes each."""

from __future__ import annotations

import logging
import mimetypes
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_versions import payload
from tb_versions.core.elsewhere import binding, bound, parse_sources, split_sources
from tb_versions.core.manifest import one_form, shown
from tb_versions.core.metadata import PLUGIN_NAME
from tb_versions.errors import InvalidQueryError, StorageError
from tb_versions.payload import details
from tb_versions.plugin.actions import ActionRoutes
from tb_versions.plugin.answers import app, attachment, conditional, error
from tb_versions.plugin.catalogs import Catalogs
from tb_versions.plugin.guard import Guard
from tb_versions.plugin.indexed import IndexedFolders, Service
from tb_versions.plugin.registries import RegistryRoutes
from tb_versions.plugin.serving import ServingRoutes
from tb_versions.plugin.tables import Tables
from tb_versions.plugin.windows import CHOICE, WindowRoutes
from tb_versions.read.curves.curve_reader import SAMPLE, SCALARS, CurveReader
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.live import LiveCatalog
from tb_versions.read.manifests.cache import users_cache
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.reader import CatalogReader
from tb_versions.read.replays import installed_tensorflow

STATIC = Path(__file__).parent.parent / "static"
"""The built front end."""

MAX_SERIES = 5_000
"""Most curves of one /scalars request."""

COMPARING_WAITS = 10
"""Seconds that a /compare request waits for another one."""

READING_WAITS = 10
"""Seconds that a /version request waits for others."""

READERS = 2
"""How many /version requests are answered at a time."""

MAX_ANSWER = 32 << 20
"""Most bytes of a comparison's answer."""

EXPORTING_WAITS = 2
"""Seconds that an /export request waits for another one."""

_TYPES = {".js": "application/javascript", ".css": "text/css", ".map": "application/json", ".svg": "image/svg+xml"}
_LOGGER = logging.getLogger("tensorboard")
_PORT = 6006  # TensorBoard's own
_OWN_SITES = ("same-origin", "none")


class VersionsPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The Versions tab."""

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        """Begins to read in the background.

        Args:
            context: TensorBoard's context: its flags and its data provider.
        """
        flags = context.flags
        named = getattr(flags, "versions_sources", None)
        sources = parse_sources(split_sources(",".join(named))) if named else bound()
        models_dirs = getattr(flags, "versions_models_dir", None) or ()
        with binding(sources):
            roots = roots_of(
                getattr(flags, "logdir", None) or context.logdir or "",
                models_dirs,
                getattr(flags, "logdir_spec", None) or "",
            )
            of_models = roots_of(models_dirs=models_dirs)
        kept = _kept(getattr(flags, "samples_per_plugin", None) or {})
        self._curves = CurveReader(context.data_provider, kept=kept)
        self._tables = Tables()
        self._comparing = threading.Lock()
        self._exporting = threading.Lock()
        self._reading = threading.BoundedSemaphore(READERS)
        reader = CatalogReader(roots, context.data_provider, kept=kept, cache=users_cache(), waits=False)
        self._indexed = IndexedFolders(
            of_models.allowed,
            getattr(flags, "versions_index", None) or "",
            above=flags.versions_index_above,
            opens=_opens,
        )
        self.live = LiveCatalog(reader, self._tables.prepare, self._indexed.problems)
        self._catalogs = Catalogs(self.live, self._indexed, roots, context.data_provider, kept=kept)
        self._windows = WindowRoutes(self._catalogs, self._indexed, roots.allowed)
        self._registries = RegistryRoutes(self._catalogs)
        guard = Guard(flags.versions_allowed_origin) if getattr(flags, "versions_allow_changes", False) else None
        self._actions = ActionRoutes(self._catalogs, self._registries.timelines, models_dirs, guard, sources=sources)
        self._serving = ServingRoutes(
            self._catalogs,
            getattr(flags, "versions_serving_config", None) or "",
            getattr(flags, "versions_serving_status", None) or (),
        )
        if guard is not None:
            _LOGGER.warning("Versions may be changed by whoever has this link: %s", _link(flags, guard.token))
        self._indexed.start(otherwise=self.live.start)

    def get_plugin_apps(self) -> dict[str, Any]:
        """Returns the routes below /data/plugin/versions."""
        return {
            "/models": app(self._serve_models, ("model",)),
            "/versions": app(self._serve_versions, ("since",)),
            "/version": app(self._serve_version, ("ref",)),
            "/compare": app(self._serve_compare, ("member", "baseline", "goal")),
            "/export": app(self._serve_export, ("format", "ref", "view", "title", *CHOICE)),
            "/scalars": app(self._serve_scalars, ("run", "tag", "max_points")),
            "/static/*": app(_serve_static, None),
            **self._windows.apps(),
            **self._registries.apps(),
            **self._actions.apps(),
            **self._serving.apps(),
        }

    def is_active(self) -> bool:
        """Whether there is something to show or the first look is not finished; instant."""
        catalog = self.live.catalog
        if self._indexed.now() is not None:
            return True
        return bool(catalog.loading or catalog.versions or catalog.problems or catalog.unregistered)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Returns the tab's name and its module."""
        return base_plugin.FrontendMetadata(es_module_path="/static/index.js", tab_name="Versions")

    def _serve_versions(self, request: wrappers.Request) -> wrappers.Response:
        now = self._indexed.now()
        if now is not None:
            return self._windows.versions(request, now)
        body, revision = self._tables.versions(self.live.current(), request.args.get("since"))
        return conditional(request, body, revision=revision)

    def _serve_models(self, request: wrappers.Request) -> wrappers.Response:
        asked = request.args.getlist("model")
        catalog = self._catalogs.of_named(asked).catalog
        if not asked:
            body, revision = self._tables.models(catalog)
            return conditional(request, body, revision=revision)
        some, revision = payload.with_revision(payload.models_payload(catalog, [*map(one_form, asked)]))
        return conditional(request, some, revision=revision)

    def _serve_version(self, request: wrappers.Request) -> wrappers.Response:
        reference = request.args.get("ref", "")
        if not reference:
            raise InvalidQueryError("Say which version: version?ref=model:3.")
        reading = self._catalogs.of_references([reference])
        version = reading.catalog.find(reference)
        parents = {parent.model for parent in version.listing.parents} if version.listing else set()
        if reading.models is not None and parents:
            reading = self._catalogs.of_references([reference], beside=sorted(parents))
        if not self._reading.acquire(timeout=READING_WAITS):
            return error(request, 503, "Other versions are still being read; try again in a moment.")
        try:
            found = details(reading.catalog, version, reading.manifest_bytes, tensorflow=installed_tensorflow())
            if reading.models is not None:
                found["lineage"]["looked_in"] = list(reading.models)
            body, revision = payload.with_revision(found)
        finally:
            self._reading.release()
        return conditional(request, body, revision=revision)

    def _serve_compare(self, request: wrappers.Request) -> wrappers.Response:
        # Importing these takes as long as all the rest, and TensorBoard's start would wait for it.
        from tb_versions.comparison.loading import RUN, Source, compare_in
        from tb_versions.payload.comparison import compare_payload

        goals = dict(_goal(goal) for goal in request.args.getlist("goal"))
        members, baseline = request.args.getlist("member"), request.args.get("baseline")
        if not self._comparing.acquire(timeout=COMPARING_WAITS):
            return error(request, 503, "Another comparison is still running; try again in a moment.")
        try:
            refs = [*members, *([baseline] if baseline else [])]
            reading = self._catalogs.of_references([ref for ref in refs if not ref.startswith(RUN)])
            source = Source(reading.catalog, reading.manifest_bytes, self._curves, is_bounded=True)
            comparison = compare_in(source, members, baseline=baseline, goals=goals)
            body, revision = payload.with_revision(compare_payload(comparison))
        finally:
            self._comparing.release()
        if len(body) > MAX_ANSWER:
            raise InvalidQueryError(
                f"The answer would have {len(body):,} bytes, and at most {MAX_ANSWER:,} are sent; ask for fewer "
                "members, or use the command tb-versions compare."
            )
        return conditional(request, body, revision=revision)

    def _serve_export(self, request: wrappers.Request) -> wrappers.Response:
        from tb_versions.exports.contents.selection import RUN
        from tb_versions.exports.download import MAX_VERSIONS, Request, download

        if request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES:
            return error(request, 403, "A page of another site asked for this export; ask for it in TensorBoard's tab.")
        asked = request.args
        if not self._exporting.acquire(timeout=EXPORTING_WAITS):
            return error(request, 503, "Another export is still running; try again in a moment.")
        try:
            refs, wanted = self._windows.chosen(request, most=MAX_VERSIONS)
            reading = self._catalogs.of_references([ref for ref in refs if not ref.startswith(RUN)])
            if reading.catalog.loading:
                raise StorageError("The folders are still being read; try again in a moment.")
            question = Request(
                format=asked.get("format", "html"),
                refs=refs,
                filter=wanted,
                view=asked.get("view", ""),
                title=asked.get("title", ""),
            )
            made = download(reading.catalog, reading.manifest_bytes, self._curves, request=question)
        finally:
            self._exporting.release()
        return attachment(request, made.data, made.name)

    def _serve_scalars(self, request: wrappers.Request) -> wrappers.Response:
        runs = list(dict.fromkeys(request.args.getlist("run")))
        tags = list(dict.fromkeys(request.args.getlist("tag")))
        points = _max_points(request.args.get("max_points"))
        if not runs or not tags:
            raise InvalidQueryError("Say which curves: scalars?run=NAME&tag=NAME; both can be given several times.")
        if len(runs) * len(tags) > MAX_SERIES:
            raise InvalidQueryError(
                f"{len(runs) * len(tags):,} curves were asked for; at most {MAX_SERIES:,} are served at once."
            )
        try:
            read = self._curves.read(dict.fromkeys(runs, tags), most=points)
            curves = {run: of for some in read for run, of in some.items()}
        except Exception as failure:  # noqa: BLE001 - whatever the provider raises, the viewer gets a sentence
            return error(request, 503, f"TensorBoard could not read these curves: {failure}")
        body = payload.dump(
            payload.scalars_payload(runs, tags, curves, is_sampled=lambda one: bool(self._curves.sample(one, points)))
        )
        return conditional(request, body, revision=payload.revision_of(body))


def _opens(models_dir: str, tables: str | None, above: int) -> Service:
    """Makes what asks tables; it is imported only where there are some."""
    from tb_versions.fleet.windows.service import Service as Opened

    return Opened(models_dir, tables, above=above)


def _link(flags: Any, token: str) -> str:
    """The tab's address with the token behind the #, which a browser sends nowhere."""
    host = getattr(flags, "host", None) or "localhost"
    port = getattr(flags, "port", None) or _PORT
    prefix = (getattr(flags, "path_prefix", None) or "").strip("/")
    return f"http://{host}:{port}/{prefix + '/' if prefix else ''}#versions&p.versions.token={token}"


def _kept(samples: Mapping[str, int]) -> int | None:
    """Returns how many points of a curve TensorBoard keeps (--samples_per_plugin); None if all."""
    return samples.get(SCALARS, SAMPLE) or None


def _goal(text: str) -> tuple[str, KnownGoal]:
    name, _, goal = text.rpartition("=")
    if not name or goal not in ("max", "min"):
        raise InvalidQueryError(f"A goal is written like val_loss=min, not {shown(text)}.")
    return name, "max" if goal == "max" else "min"


def _max_points(text: str | None) -> int:
    if text is None:
        return SAMPLE
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and int(text) > 0):
        raise InvalidQueryError(f"max_points must be an integer from 1 to 999999, not {shown(text)}.")
    return int(text)


def _serve_static(request: wrappers.Request) -> wrappers.Response:
    name = request.path.partition("/static/")[2]
    path = _static_files().get(name)
    if path is None:
        return error(request, 404, f"There is no file {shown(name)}.")
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    body = path.read_bytes()
    return conditional(request, body, revision=payload.revision_of(body), kind=kind)


def _static_files() -> Mapping[str, Path]:
    """The files that may be served: a request picks from this list, it never makes a path."""
    inside = STATIC.resolve()
    return {
        path.relative_to(STATIC).as_posix(): path
        for path in STATIC.rglob("*")
        if path.is_file() and path.resolve().is_relative_to(inside)
    }
