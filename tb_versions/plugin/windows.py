"""The routes that ask a table which stands for a models folder. docs/http-api.md describes each."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug import wrappers

from tb_versions import payload
from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError, StorageError, TbVersionsError, VersionNotFoundError
from tb_versions.payload.windowed import windowed_payload
from tb_versions.plugin.answers import app, conditional
from tb_versions.plugin.catalogs import Catalogs
from tb_versions.plugin.indexed import IndexedFolders, Opening, Window
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.scan import Root

LISTS = ("model", "alias", "run", "state")
"""Parameters of the sidebar's ticks, each several times."""

CHOICE = ("filter", *LISTS, "brush", "all")
"""Parameters that say which rows."""

_WINDOW = (*CHOICE, "sort", "group", "facets", "first", "count")
_DENSITY = (*CHOICE, "x", "y", "bins", "xlog", "ylog")


class WindowRoutes:
    """Answers what a table is asked."""

    def __init__(self, catalogs: Catalogs, indexed: IndexedFolders, roots: Sequence[Root]) -> None:
        """Asks nothing yet.

        Args:
            catalogs: Says which table stands for a folder.
            indexed: The folders that may have tables.
            roots: All allowed folders.
        """
        self._catalogs = catalogs
        self._indexed = indexed
        self._roots = roots
        self._last: tuple[object, Mapping[str, Any]] = (None, {})

    def apps(self) -> dict[str, Any]:
        """Returns the routes."""
        return {"/window": app(self._serve_window, _WINDOW), "/density": app(self._serve_density, _DENSITY)}

    def versions(self, request: wrappers.Request, now: Window | Opening) -> wrappers.Response:
        """Responds with the head of a table whose rows come by window, or which is being opened."""
        if isinstance(now, Opening):
            catalog = Catalog(roots=tuple((root, _exists(root)) for root in self._roots), loading=True)
            body = windowed_payload(catalog, {}, _no_window())
        else:
            told, problem = self._head(now)
            catalog = Catalog(roots=((now.root, _exists(now.root)),), problems=self._problems(now))
            body = windowed_payload(catalog, told, _window(now, problem))
        return conditional(request, body, revision=payload.revision_of(body))

    def chosen(self, request: wrappers.Request, *, most: int) -> tuple[list[str], str]:
        """Returns the references of an export, and the filter that is left to ask; a table answers what it can.

        Args:
            request: With references, or with some of `CHOICE`.
            most: Most versions that a table may choose.

        Raises:
            VersionNotFoundError: None passes.
            InvalidQueryError: More do, or a parameter is wrong.
            StorageError: The table can't be asked.
        """
        refs, wanted = list(dict.fromkeys(request.args.getlist("ref"))), request.args.get("filter", "")
        window = self._catalogs.window()
        ticks = [name for name in CHOICE if name != "filter" and name in request.args]
        if ticks and (refs or window is None):
            raise InvalidQueryError(
                f"{ticks[0]} chooses among the rows of a table: "
                + ("leave it out, or ref." if refs else "none stands for a models folder here. Give ref or filter.")
            )
        if refs or window is None:
            return refs, wanted
        question = {**_question(request, CHOICE), "count": str(most)}
        answer = _object(window.service.ask("ids", question))
        found, ids = answer["found"], answer["ids"]
        if not found:
            raise VersionNotFoundError("No version passes; choose others or clear the filter.")
        if found > most:
            raise InvalidQueryError(
                f"{found:,} versions are more than the {most:,} of one download; select fewer or use the command "
                "tb-versions export."
            )
        return list(ids), ""

    def _serve_window(self, request: wrappers.Request) -> wrappers.Response:
        return self._ask(request, "window", _WINDOW)

    def _serve_density(self, request: wrappers.Request) -> wrappers.Response:
        return self._ask(request, "density", _DENSITY)

    def _ask(self, request: wrappers.Request, what: str, known: Sequence[str]) -> wrappers.Response:
        window = self._catalogs.window()
        if window is None:
            raise InvalidQueryError(
                f"No table with more than {self._indexed.above:,} versions stands for a models folder here: "
                "versions has all rows."
            )
        body = window.service.ask(what, _question(request, known))
        return conditional(request, body, revision=payload.revision_of(body))

    def _head(self, window: Window) -> tuple[Mapping[str, Any], str]:
        """What the table says of itself, and why it can't be asked; then it is what it said last."""
        last = self._last[1] if self._last[0] is window.service else {}
        if window.told.state != "windowed":
            return last, window.told.problem or "The table is being opened again; try again in a moment."
        try:
            found = _object(window.service.ask("head", {}))
        except TbVersionsError as error:
            return last, str(error)
        self._last = (window.service, found)
        return found, ""

    def _problems(self, window: Window) -> tuple[tuple[str, str], ...]:
        """Which folders are not shown, and why."""
        others = [root for root in self._roots if root is not window.root and root.path != window.root.path]
        if not others:
            return ()
        count = "1 other folder is" if len(others) == 1 else f"{len(others)} other folders are"
        named = ", ".join(visible(root.shown) for root in others)
        reason = (
            f"{count} not searched for versions ({named}), and nothing failed: beside a table of more than "
            f"{self._indexed.above:,} versions none is. To see others too, start TensorBoard without this folder, or "
            "with a larger --versions_index_above."
        )
        return ((window.root.shown, reason),)


def _question(request: wrappers.Request, known: Sequence[str]) -> dict[str, Any]:
    """The parameters of a request: lists for those that count several times."""
    arguments = request.args
    return {
        name: arguments.getlist(name) if name in (*LISTS, "sort") else arguments[name]
        for name in known
        if name in arguments
    }


def _object(answer: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(answer)
    except ValueError as error:
        raise StorageError("The table gave no answer that can be understood; try again in a moment.") from error
    if not isinstance(found, dict):
        raise StorageError("The table gave no answer that can be understood; try again in a moment.")
    return found


def _window(window: Window, problem: str) -> dict[str, Any]:
    told = window.told
    return {
        "rows": window.rows,
        "indexed": told.indexed_ms,
        "newer": told.newer,
        "gone": told.gone,
        "looked": told.looked_ms,
        "problem": visible(problem or told.problem),
    }


def _no_window() -> dict[str, Any]:
    return {"indexed": None, "newer": 0, "gone": 0, "looked": None, "problem": ""}


def _exists(root: Root) -> bool:
    return root.is_remote or os.path.isdir(root.path)
