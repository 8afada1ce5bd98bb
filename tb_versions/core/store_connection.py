"""Connections to object stores through obstore: which URLs there are, time limits, credentials, errors in sentences."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tb_versions.errors import MissingDependencyError, StorageError, TbVersionsError, UnsupportedStorageError

TIMEOUT = "TB_VERSIONS_STORE_TIMEOUT"
"""Variable: seconds that a request to a store may take; 30 without it."""

_SCHEMES = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "memory": "memory"}
_EXTRAS = {"s3": "s3", "gs": "gcs", "memory": "s3"}
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,221}")
_CREDENTIALS = ("AWS_", "GOOGLE_", TIMEOUT)
_RETRIES = 6
_NO_CREDENTIALS = ("/latest/api/token", "metadata.google.internal", "169.254.169.254")
_LONGEST_REASON = 300

_connections: dict[object, Any] = {}
_lock = threading.Lock()
_process = 0  # that first used a store: obstore hangs in a process that was forked from it later


@dataclass(frozen=True)
class Parts:
    """A URL of a store.

    Attributes:
        scheme: "s3", "gs" or "memory".
        bucket: The bucket, or the name of a store in memory.
        path: Below it, without slashes around, or "".
    """

    scheme: str
    bucket: str
    path: str

    @property
    def shown(self) -> str:
        """The URL in one spelling."""
        return f"{self.scheme}://{self.bucket}" + (f"/{self.path}" if self.path else "")

    @property
    def place(self) -> object:
        """What tells the bucket from others, of which only one may be called so at an endpoint."""
        return (self.scheme, self.bucket, _settings())


def parts_of(url: str) -> Parts:
    """Returns the parts of a URL.

    Raises:
        UnsupportedStorageError: There are no versions under such a URL; the message says why, without its secrets.
    """
    scheme, separator, rest = url.partition("://")
    named = f"{scheme}://…"
    if not separator:
        raise UnsupportedStorageError(f"{url} is no URL; a store is written s3://bucket/models.")
    if "::" in url:
        raise UnsupportedStorageError(f"{named} is a chain of URLs, with ::. Give one URL, like s3://bucket/models.")
    if scheme.lower() in ("http", "https"):
        raise UnsupportedStorageError(
            f"{named} is no store: http only reads. Give the bucket, like s3://bucket/models, and the server as "
            "AWS_ENDPOINT_URL."
        )
    known = _SCHEMES.get(scheme.lower())
    if known is None:
        raise UnsupportedStorageError(f"{named} is no store that is known; known are s3://, gs:// and memory://.")
    if "@" in rest.partition("/")[0]:
        raise UnsupportedStorageError(f"{named} has a user or password in it. Set them as variables, not in the URL.")
    bucket, _, path = rest.partition("/")
    names = [name for name in path.split("/") if name]
    if not _BUCKET.fullmatch(bucket) or any(name in (".", "..") or not name.isprintable() for name in names):
        raise UnsupportedStorageError(f"{url} names no bucket and folder; write {known}://bucket/models.")
    if "?" in path or "#" in path:
        raise UnsupportedStorageError(f"{named} has ? or # in it; write {known}://bucket/models.")
    return Parts(known, bucket, "/".join(names))


def connect(parts: Parts) -> Any:
    """Returns the store of a bucket; the same object for the same settings.

    Raises:
        MissingDependencyError: obstore is not installed.
        StorageError: It can't be opened, or this process was forked from one that used it.
    """
    global _process
    try:
        import obstore  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            f"{parts.scheme}:// needs a package that is not installed: "
            f"pip install 'tensorboard-plugin-versions[{_EXTRAS[parts.scheme]}]'."
        ) from error
    with _lock:
        _check_not_forked()
        _process = os.getpid()
        key = (parts.scheme, parts.bucket, () if parts.scheme == "memory" else _settings())
        if key not in _connections:
            with explained(parts.shown):
                _connections[key] = _connected(parts)
        return _connections[key]


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turns what obstore raises into this package's errors; FileNotFoundError passes.

    Args:
        what: URL of what is read or written.

    Raises:
        FileNotFoundError: There is no such object.
        StorageError: Anything else.
    """
    from obstore import exceptions

    _check_not_forked()
    try:
        yield
    except TbVersionsError:
        raise
    except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError) as error:
        raise StorageError(
            f"{what}: access was denied. Check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE; "
            f"GOOGLE_APPLICATION_CREDENTIALS) and what they allow. {_reason(error)}"
        ) from error
    except exceptions.PreconditionError as error:
        raise StorageError(f"{what} was replaced while it was read.") from error
    except (exceptions.BaseError, ValueError) as error:
        if any(sign in str(error) for sign in _NO_CREDENTIALS):
            raise StorageError(
                f"{what}: no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE "
                "where boto3 is installed; for gs:// GOOGLE_APPLICATION_CREDENTIALS."
            ) from error
        if "404 Not Found" in str(error):
            raise StorageError(f"{what}: there is no such bucket. Make it first, or check its name.") from error
        raise StorageError(f"{what} can't be reached or used: {_reason(error)}") from error


def _connected(parts: Parts) -> Any:
    from obstore import store

    if parts.scheme == "memory":
        return store.MemoryStore()
    seconds = _timeout()
    options: Any = {
        "client_options": {"timeout": f"{seconds}s", "connect_timeout": f"{min(seconds, 5)}s", **_plain_http()},
        "retry_config": {"max_retries": _RETRIES, "retry_timeout": datetime.timedelta(seconds=seconds)},
    }
    if parts.scheme == "gs":
        return store.GCSStore(parts.bucket, **options)
    return store.S3Store(parts.bucket, **options, **_profile())


def _profile() -> dict[str, Any]:
    """Credentials of a profile in ~/.aws, where boto3 is installed to read it and no variable has a key."""
    if os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_SKIP_SIGNATURE"):
        return {}
    try:
        import boto3
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError:
        return {}
    session = boto3.Session()
    if session.get_credentials() is None:
        return {}
    found: dict[str, Any] = {"credential_provider": Boto3CredentialProvider(session)}
    return {**found, "region": session.region_name} if session.region_name else found


def _plain_http() -> dict[str, Any]:
    """Allows http where the user names such an endpoint, as of a server on this machine."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
    return {"allow_http": True} if endpoint.startswith("http://") or "STORAGE_EMULATOR_HOST" in os.environ else {}


def _timeout() -> int:
    text = os.environ.get(TIMEOUT, "30")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 100_000):
        raise StorageError(f"{TIMEOUT} must be a number of seconds from 1 to 99999, not {text!r}.")
    return int(text)


def _settings() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in os.environ.items() if item[0].startswith(_CREDENTIALS)))


def _check_not_forked() -> None:
    if _process not in (0, os.getpid()):
        raise StorageError(
            "This process was forked from one that used an object store, and such a connection does not survive that. "
            'Start processes with multiprocessing\'s "spawn" or "forkserver".'
        )


def _reason(error: Exception) -> str:
    """The first line of an error, without the store's own debugging text."""
    text = str(error).partition("\n")[0].partition(": <")[0].strip() or type(error).__name__
    return text[:_LONGEST_REASON] + ("" if text.endswith(".") else ".")
