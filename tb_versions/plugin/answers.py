"""Wraps handlers of routes, and makes their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tensorboard.backend import http_util
from werkzeug import wrappers

from tb_versions import payload
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import (
    AmbiguousVersionError,
    DamagedLogError,
    InvalidQueryError,
    NewerLogError,
    StorageError,
    TbVersionsError,
    VersionDamagedError,
    VersionNotFoundError,
    VersionRemovedError,
)
from tb_versions.plugin.tables import Body, Bytes

_COMPRESS_ABOVE = 1_024

Handler = Callable[[wrappers.Request], wrappers.Response]


def app(handler: Handler, known: tuple[str, ...] | None) -> Any:
    """Wraps a handler: GET and HEAD only, known parameters only, errors as a sentence."""

    @wrappers.Request.application
    def answer(request: wrappers.Request) -> wrappers.Response:
        if request.method not in ("GET", "HEAD"):
            message = f"{request.method} is not served here; the tab is read-only."
            return error(request, 405, message, {"Allow": "GET, HEAD"})
        try:
            _check_parameters(request.args, known)
            return handler(request)
        except (VersionNotFoundError, VersionRemovedError) as failure:
            return error(request, 404, str(failure))
        except (AmbiguousVersionError, DamagedLogError, NewerLogError, VersionDamagedError) as failure:
            return error(request, 409, str(failure))
        except StorageError as failure:
            return error(request, 503, str(failure))
        except TbVersionsError as failure:
            return error(request, 400, str(failure))

    return answer


def _check_parameters(arguments: Mapping[str, str], known: tuple[str, ...] | None) -> None:
    unknown = [name for name in arguments if known is not None and name not in known]
    if unknown:
        having = f"known are {', '.join(known)}" if known else "there are none here"
        raise InvalidQueryError(f"The parameter {shown(unknown[0])} is not known; {having}.")


class _NotModified(wrappers.Response):
    """Keeps its Content-Type, which werkzeug takes from a 304: TensorBoard logs a warning for each response without."""

    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        headers["Content-Type"] = self.headers["Content-Type"]
        return headers


def conditional(
    request: wrappers.Request,
    body: bytes | Body,
    *,
    revision: str,
    kind: str = "application/json",
) -> wrappers.Response:
    """Responds with an ETag, or with 304 where the client has this revision."""
    headers = [("ETag", f'"{revision}"'), ("Vary", "Accept-Encoding")]
    if request.if_none_match.contains_weak(revision):
        headers += [("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache, must-revalidate")]
        return _NotModified(status=304, headers=headers, content_type=kind)
    content = Bytes(body) if isinstance(body, bytes) else body
    if not request.accept_encodings.quality("gzip") or content.size <= _COMPRESS_ABOVE:
        return respond(request, content.plain(), kind, headers=headers)
    return respond(request, content.gzipped(), kind, headers=headers, content_encoding="gzip")


def attachment(request: wrappers.Request, body: bytes, name: str) -> wrappers.Response:
    """Responds with a file to keep, never to be shown: an export is a page with a script of its own."""
    headers = [("Content-Disposition", f'attachment; filename="{name}"'), ("ETag", f'"{payload.revision_of(body)}"')]
    return respond(request, body, "application/octet-stream", headers=headers)


def error(
    request: wrappers.Request, status: int, message: str, headers: Mapping[str, str] | None = None
) -> wrappers.Response:
    """Responds with a sentence."""
    body = payload.dump({"error": visible(message)})
    return respond(request, body, "application/json", code=status, headers=list((headers or {}).items()))


def respond(request: wrappers.Request, body: bytes, kind: str, **options: Any) -> wrappers.Response:
    """Responds as TensorBoard does."""
    response: wrappers.Response = http_util.Respond(request, body, kind, **options)
    return response
