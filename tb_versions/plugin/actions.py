"""The routes that change something, for a TensorBoard that was started with --versions_allow_changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from werkzeug import wrappers

from tb_versions import payload
from tb_versions.actions import aliases, approving, deprecating, describing
from tb_versions.actions.target import Change
from tb_versions.core.elsewhere import Sources, binding
from tb_versions.core.manifest import MAX_NUMBER, check_model_name, shown, visible
from tb_versions.core.storage import is_remote
from tb_versions.errors import (
    ConflictError,
    DamagedLogError,
    FilesElsewhereError,
    InvalidNameError,
    InvalidQueryError,
    NewerLogError,
    RefusedError,
    StorageError,
    TbVersionsError,
    VersionDamagedError,
    VersionNotFoundError,
    VersionRemovedError,
)
from tb_versions.plugin.answers import app, conditional, error, respond
from tb_versions.plugin.catalogs import Catalogs
from tb_versions.plugin.guard import Guard
from tb_versions.read.timeline import Timelines

LIMIT = 512 << 10
"""Most bytes of a request."""

ACTING_WAITS = 10
"""Seconds that a request which changes something waits for another one."""

_OFF = "TensorBoard was started without --versions_allow_changes: the tab is read-only."


class _Of(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every request says: the model, and its folder as the tables have it where several hold the model."""

    model: str
    folder: str = ""


class _Promote(_Of, frozen=True, kw_only=True):
    number: int
    alias: str
    reason: str
    expect: int | None

    def act(self, models: str) -> Change:
        return aliases.promote(
            _reference(self.model, self.number), models, alias=self.alias, reason=self.reason, expect=self.expect
        )


class _Rollback(_Of, frozen=True, kw_only=True):
    alias: str
    reason: str
    expect: int

    def act(self, models: str) -> Change:
        return aliases.rollback(self.model, models, alias=self.alias, reason=self.reason, expect=self.expect)


class _Unalias(_Of, frozen=True, kw_only=True):
    alias: str
    reason: str
    expect: int

    def act(self, models: str) -> Change:
        return aliases.unalias(self.model, models, alias=self.alias, reason=self.reason, expect=self.expect)


class _Judge(_Of, frozen=True, kw_only=True):
    number: int
    reason: str

    def act_by(self, verb: Callable[..., Change], models: str) -> Change:
        return verb(_reference(self.model, self.number), models, reason=self.reason)


class _Approve(_Judge, frozen=True, kw_only=True):
    def act(self, models: str) -> Change:
        return self.act_by(approving.approve, models)


class _Withdraw(_Judge, frozen=True, kw_only=True):
    def act(self, models: str) -> Change:
        return self.act_by(approving.withdraw, models)


class _Deprecate(_Judge, frozen=True, kw_only=True):
    def act(self, models: str) -> Change:
        return self.act_by(deprecating.deprecate, models)


class _Restore(_Judge, frozen=True, kw_only=True):
    def act(self, models: str) -> Change:
        return self.act_by(deprecating.restore, models)


class _Label(_Of, frozen=True, kw_only=True):
    number: int
    key: str
    value: str | None
    reason: str

    def act(self, models: str) -> Change:
        reference = _reference(self.model, self.number)
        return describing.label(reference, models, key=self.key, value=self.value, reason=self.reason)


class _Note(_Of, frozen=True, kw_only=True):
    number: int
    text: str

    def act(self, models: str) -> Change:
        return describing.note(_reference(self.model, self.number), models, text=self.text)


class _Describe(_Of, frozen=True, kw_only=True):
    number: int
    text: str

    def act(self, models: str) -> Change:
        return describing.describe(_reference(self.model, self.number), models, text=self.text)


VERBS: Mapping[str, Any] = {
    "promote": _Promote,
    "rollback": _Rollback,
    "unalias": _Unalias,
    "approve": _Approve,
    "withdraw": _Withdraw,
    "deprecate": _Deprecate,
    "restore": _Restore,
    "label": _Label,
    "note": _Note,
    "describe": _Describe,
}
"""Every action and what its request says; docs/http-api.md has them."""


class ActionRoutes:
    """Answers requests that change something, one at a time."""

    def __init__(
        self,
        catalogs: Catalogs,
        timelines: Timelines,
        models_dirs: Sequence[str],
        guard: Guard | None,
        *,
        sources: Sources | None = None,
    ) -> None:
        """Does nothing yet.

        Args:
            catalogs: Read the versions again after each change.
            timelines: Read the event that was written.
            models_dirs: Folders of models that may be changed, as on the command line.
            guard: Decides who may; None: nobody.
            sources: What is bound while a change is made; see `core.elsewhere`.
        """
        self._catalogs = catalogs
        self._timelines = timelines
        self._models_dirs = [folder for folder in models_dirs if not is_remote(folder)]
        self._guard = guard
        self._sources = sources
        self._acting = threading.Lock()

    def apps(self) -> dict[str, Any]:
        """Returns the routes."""
        return {
            "/changes": app(self._serve_changes, ()),
            **{f"/actions/{verb}": self._action(kind) for verb, kind in VERBS.items()},
        }

    def _serve_changes(self, request: wrappers.Request) -> wrappers.Response:
        why = self._why_not(request)
        told = {
            "schema_version": payload.SCHEMA_VERSION,
            "allowed": not why,
            "why": why,
            "folders": [] if why else [visible(folder) for folder in self._models_dirs],
        }
        body, revision = payload.with_revision(told)
        return conditional(request, body, revision=revision)

    def _why_not(self, request: wrappers.Request) -> str:
        if self._guard is None:
            return _OFF
        if not self._models_dirs:
            return "No folder can be changed: name one with --versions_models_dir when TensorBoard is started."
        if not self._guard.is_known_host(request):
            return (
                "This address may change nothing: name it with --versions_allowed_origin when TensorBoard is started."
            )
        return ""

    def _action(self, kind: Any) -> Any:
        guard = self._guard
        if guard is None:
            return app(lambda request: error(request, 404, _OFF), None)

        @wrappers.Request.application
        def answer(request: wrappers.Request) -> wrappers.Response:
            if request.method != "POST":
                return error(request, 405, f"{request.method} is not served here.", {"Allow": "POST"})
            refusal = guard.refusal(request)
            if refusal:
                return error(request, 403, refusal)
            try:
                return self._act(request, kind)
            except TbVersionsError as failure:
                return _failed(request, failure)

        return answer

    def _act(self, request: wrappers.Request, kind: Any) -> wrappers.Response:
        asked = _asked(request, kind)
        models = self._models_folder(asked)
        if not self._acting.acquire(timeout=ACTING_WAITS):
            return error(request, 503, "Another change is still being made; try again in a moment.")
        try:
            with binding(self._sources):
                change = asked.act(models)
        finally:
            self._acting.release()
        told = {"event": self._event(change, models), "said": visible(change.said)}
        return respond(request, payload.dump(told), "application/json")

    def _event(self, change: Change, models: str) -> dict[str, Any] | None:
        """The event that was written, as /history has it; None if nothing was to be changed."""
        if change.event is None:
            return None
        catalog = self._catalogs.of([change.model], now=True).catalog
        folder = os.path.join(os.path.realpath(models), change.model)
        for registry in catalog.registries.get(change.model, ()):
            if os.path.realpath(registry.place.folder) == folder:
                found, _ = self._timelines.page(registry, before=change.event.number + 1, limit=1)
                for one in found:
                    if one.event.id == change.event.id:
                        return payload.event_payload(one.event, effective_ms=one.effective_ms, skewed=one.skewed)
        event = change.event
        return payload.event_payload(event, effective_ms=event.time_ms, skewed=False)

    def _models_folder(self, asked: _Of) -> str:
        """The models folder that holds the model.

        Raises:
            InvalidQueryError: The model's name is none, or several folders hold it.
            VersionNotFoundError: None of those that may be changed holds it.
        """
        try:
            check_model_name(asked.model)
        except InvalidNameError as problem:
            raise InvalidQueryError(str(problem)) from problem
        having = [folder for folder in self._models_dirs if os.path.isdir(os.path.join(folder, asked.model))]
        named = [folder for folder in having if asked.folder in ("", visible(os.path.join(folder, asked.model)))]
        if len(named) > 1:
            folders = ", ".join(visible(os.path.join(folder, asked.model)) for folder in named)
            raise InvalidQueryError(f"Several folders hold {asked.model}; name one of them as folder: {folders}.")
        if not named:
            raise VersionNotFoundError(
                f"No folder that may be changed holds {shown(asked.model)}; those given with --versions_models_dir may."
            )
        return named[0]


def _asked(request: wrappers.Request, kind: Any) -> Any:
    if request.args:
        raise InvalidQueryError("A change is asked for in the body; there are no parameters.")
    length = request.content_length
    if length is None or length > LIMIT:
        raise InvalidQueryError(f"A request must say its length, at most {LIMIT:,} bytes.")
    try:
        return msgspec.json.decode(request.stream.read(length), type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise InvalidQueryError(f"The request can't be understood: {visible(str(problem))}.") from problem


def _reference(model: str, number: int) -> str:
    if not 0 <= number <= MAX_NUMBER:
        raise InvalidQueryError(f"{number} is no version number.")
    return f"{model}:{number}"


def _failed(request: wrappers.Request, failure: TbVersionsError) -> wrappers.Response:
    if isinstance(failure, ConflictError):
        now = None
        if failure.ms is not None:
            number = None if failure.number is None else payload.wire_integer(failure.number)
            now = {"number": number, "actor": visible(failure.actor), "time": failure.ms}
        body = payload.dump({"error": visible(str(failure)), "now": now})
        return respond(request, body, "application/json", code=409)
    for status, kinds in _STATUS:
        if isinstance(failure, kinds):
            return error(request, status, str(failure))
    return error(request, 400, str(failure))


_STATUS: tuple[tuple[int, tuple[type[TbVersionsError], ...]], ...] = (
    (403, (RefusedError,)),
    (404, (VersionNotFoundError, VersionRemovedError)),
    (409, (DamagedLogError, NewerLogError, VersionDamagedError)),
    (503, (StorageError, FilesElsewhereError)),
)
