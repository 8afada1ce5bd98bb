"""A store's small files, copied into this user's cache and laid out as a models folder that is read as any other.

Manifests, lists of files and entries of logs never change, so each is fetched once; where a number was given anew, as
in a bucket that was emptied and filled again, its reservation is another, and its manifest is fetched again. A look
costs two requests for each thousand versions, some for each model, and one for each new file; however many files a
version has makes no difference.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import orjson

from tb_versions.core import storage
from tb_versions.core.digest import LIST_LIMIT
from tb_versions.core.layout import NUMBERS, PRIVATE_FOLDER
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_LIMIT, MANIFEST_NAME, visible
from tb_versions.core.object_store import Entry, open_store
from tb_versions.core.store_connection import parts_of
from tb_versions.core.user_folders import cache_folder, is_safe
from tb_versions.errors import StorageError, TbVersionsError

CHECKED_AGAIN = 16
"""Known manifests of which a look asks whether they are still the same."""

_MODELS_AT_A_TIME = 8
_MOST_DIGITS = 40
_LOG = f"{PRIVATE_FOLDER}/log"
_KEPT = (f"{PRIVATE_FOLDER}/measured", f"{PRIVATE_FOLDER}/removed")
_POLICY = f"{PRIVATE_FOLDER}/policy.toml"
_RESERVED, _LAST_OF_LOG = ".numbers", ".log"
_MOST_RESERVED = 64 << 20
_UNUSED_S = 30 * 86_400


class Mirror:
    """The copy of one models folder under a URL. Looks of several processes do not disturb each other.

    Attributes:
        store: The models folder in its store.
        url: Its URL, as messages show it.
        models: The copy, a models folder on this disk.
        problems: (where, why) for what the last look could not copy.
    """

    def __init__(self, url: str, *, folder: str) -> None:
        """Makes no request; `mirror_of` knows the folder.

        Args:
            url: Of the models folder.
            folder: Where the copy is; made by the first look.

        Raises:
            TbVersionsError: There are no versions under such a URL; see `open_store`.
        """
        self.store = open_store(url)
        self.url = self.store.shown
        self._folder = folder
        self.models = os.path.join(self._folder, "models")
        self._tags = os.path.join(self._folder, "etags")
        self._next_check = time.time_ns() // 1_000  # each process begins elsewhere, as most look only once
        self.problems: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> str:
        """What tells the folder from others: its URL, and the server's, for two may have buckets of one name."""
        return "\n".join(filter(None, (self.url, os.environ.get("AWS_ENDPOINT_URL"))))

    @property
    def looked_at(self) -> float | None:
        """When a whole look last succeeded, in seconds since 1970, by this process or another; None if none did."""
        try:
            return os.stat(os.path.join(self._folder, "looked")).st_mtime
        except OSError:
            return None

    def look(self, *, model: str = "", registry: bool = True) -> None:
        """Copies what is new, and removes what is gone.

        Args:
            model: Only this model; all by default.
            registry: Whether what its registry says is copied too.

        Raises:
            StorageError: The store can't be read, or the cache not written; what was copied before stays.
        """
        self._prepare()
        problems: list[tuple[str, str]] = []
        with _writing(self.models):
            if model and _is_plain(model):
                self._look_at(model, problems, registry=registry)
            elif not model:
                self._look_at_all(problems)
        self.problems = tuple(problems)
        if not model:
            with _writing(self._folder):
                _replace(os.path.join(self._folder, "looked"), b"")

    def bring(self, model: str, numbers: Iterable[int]) -> None:
        """Copies the manifests of some versions of a model, as far as they are there; raises as `look`."""
        self._prepare()
        if not _is_plain(model):
            return  # no model is called so
        with _writing(self.models):
            self._fetch(model, [str(number) for number in numbers], [])

    def _prepare(self) -> None:
        with _writing(self._folder):
            for folder in (os.path.dirname(self._folder), self._folder, self.models, self._tags):
                os.makedirs(folder, mode=0o700, exist_ok=True)
            if not is_safe(os.lstat(self._folder)):
                raise StorageError(f"{self._folder} is not used for copies: others may write there. Remove it.")

    def _look_at_all(self, problems: list[tuple[str, str]]) -> None:
        there = [name for name in self.store.listed().folders if _is_plain(name)]
        with ThreadPoolExecutor(_MODELS_AT_A_TIME, thread_name_prefix="tb_versions_look") as pool:
            list(pool.map(lambda model: self._look_at(model, problems), there))
        for name in set(_names(self.models)) - set(there):
            shutil.rmtree(os.path.join(self.models, name), ignore_errors=True)
            shutil.rmtree(os.path.join(self._tags, name), ignore_errors=True)
        self._check_again(there)

    def _look_at(self, model: str, problems: list[tuple[str, str]], *, registry: bool = True) -> None:
        listed = self.store.listed(model)
        there = {name for name in listed.folders if _is_number(name)}
        known = set(_names(os.path.join(self._tags, model)))
        for name in known - there:
            self._forget(model, name)
        has_registry = PRIVATE_FOLDER in listed.folders
        reservations = self._reserved(model) if has_registry and there else {}  # before the manifests that they are of
        reserved = {name: reservations.get(str(int(name)), "") for name in sorted(there)}
        before = self._reserved_before(model)
        given_anew = {name for name in there & known if reserved[name] != before.get(name)}
        self._fetch(model, sorted((there - known) | given_anew, key=int), problems)
        if reserved != before:
            os.makedirs(os.path.join(self._tags, model), mode=0o700, exist_ok=True)
            _replace(os.path.join(self._tags, model, _RESERVED), orjson.dumps(reserved))
        if not registry:
            return
        if has_registry:
            self._look_at_registry(model)
        else:
            shutil.rmtree(os.path.join(self.models, model, PRIVATE_FOLDER), ignore_errors=True)

    def _reserved(self, model: str) -> dict[str, str]:
        """What tells the reservation of each number from an earlier one of the same number."""
        listed = self.store.listed(f"{model}/{NUMBERS}").files
        return {name: _short(f"{entry.etag} {entry.modified}") for name, entry in listed.items() if _is_number(name)}

    def _reserved_before(self, model: str) -> dict[str, str]:
        try:
            data = storage.read_capped(os.path.join(self._tags, model, _RESERVED), _MOST_RESERVED)
            known = orjson.loads(data)
        except (OSError, TbVersionsError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}  # of a damaged file nothing: all is fetched once more

    def _fetch(self, model: str, names: Sequence[str], problems: list[tuple[str, str]]) -> None:
        """Copies the manifests of versions; one without a manifest is not finished, or no version."""
        keys = [f"{model}/{name}/{MANIFEST_NAME}" for name in names]
        for name, (_, found) in zip(names, self.store.read_all(keys, MANIFEST_LIMIT), strict=True):
            if isinstance(found, StorageError):
                raise found
            if isinstance(found, Exception):
                self._forget(model, name)
            if isinstance(found, FileNotFoundError):
                continue
            if isinstance(found, Exception):  # too large
                problems.append((f"{self.url}/{model}/{name}", visible(str(found))))
                continue
            self._keep(model, name, *found)

    def _keep(self, model: str, name: str, data: bytes, etag: str) -> None:
        folder = os.path.join(self.models, model, name)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if b'"fileList"' in data or b'"file_list"' in data:
            with contextlib.suppress(FileNotFoundError, TbVersionsError):  # whoever reads the version misses it
                listed = self.store.read(f"{model}/{name}/{FILE_LIST_NAME}", LIST_LIMIT)
                _replace(os.path.join(folder, FILE_LIST_NAME), listed)
        _replace(os.path.join(folder, MANIFEST_NAME), data)
        os.makedirs(os.path.join(self._tags, model), mode=0o700, exist_ok=True)
        _replace(os.path.join(self._tags, model, name), etag.encode())

    def _forget(self, model: str, name: str) -> None:
        shutil.rmtree(os.path.join(self.models, model, name), ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._tags, model, name))

    def _check_again(self, models: Sequence[str]) -> None:
        """Asks of some known manifests, others at each look, whether they are still the same."""
        known = [(model, name) for model in models for name in _names(os.path.join(self._tags, model))]
        start = self._next_check % len(known) if known else 0
        some = (known[start:] + known[:start])[:CHECKED_AGAIN]
        self._next_check = start + len(some)
        with ThreadPoolExecutor(CHECKED_AGAIN, thread_name_prefix="tb_versions_look") as pool:
            entries = pool.map(lambda of: self.store.entry(f"{of[0]}/{of[1]}/{MANIFEST_NAME}"), some)
        for (model, name), entry in zip(some, entries, strict=True):
            if entry is None or entry.etag.encode() != _content(os.path.join(self._tags, model, name)):
                self._forget(model, name)
                self._fetch(model, [name], [])

    def _look_at_registry(self, model: str) -> None:
        private = self.store.listed(f"{model}/{PRIVATE_FOLDER}")
        folder = os.path.join(self.models, model)
        policy = private.files.get(os.path.basename(_POLICY))
        self._same(model, _POLICY, policy)
        for kept in _KEPT:
            if os.path.basename(kept) in private.folders:
                self._add(model, kept)
            else:
                shutil.rmtree(os.path.join(folder, kept), ignore_errors=True)
        if os.path.basename(_LOG) in private.folders:
            self._append(model)
        else:
            shutil.rmtree(os.path.join(folder, _LOG), ignore_errors=True)

    def _same(self, model: str, key: str, entry: Entry | None) -> None:
        """Makes a file that may be replaced the same as in the store."""
        path, tag = os.path.join(self.models, model, key), os.path.join(self._tags, model, "." + key.replace("/", "_"))
        if entry is None:
            for gone in (path, tag):
                with contextlib.suppress(OSError):
                    os.unlink(gone)
        elif not entry.etag or entry.etag.encode() != _content(tag):
            with contextlib.suppress(FileNotFoundError):
                data, etag = self.store.read_tagged(f"{model}/{key}", MANIFEST_LIMIT)
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                os.makedirs(os.path.dirname(tag), mode=0o700, exist_ok=True)
                _replace(path, data)
                _replace(tag, etag.encode())

    def _add(self, model: str, kept: str) -> None:
        """Copies the new ones of files that are independent of each other."""
        folder = os.path.join(self.models, model, kept)
        there = {name for name in self.store.listed(f"{model}/{kept}").files if _is_plain(name)}
        known = set(_names(folder))
        for name in known - there:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))
        self._copy(f"{model}/{kept}", sorted(there - known), folder)

    def _append(self, model: str) -> None:
        """Copies the new entries of a log, in order; the whole log at once where it is not the one that is known.

        A log that is being copied for the first time is not seen before it is whole: half of it names another version
        as production.
        """
        folder = os.path.join(self.models, model, _LOG)
        known = sorted(name for name in _names(folder) if _is_plain(name))
        last = known[-1] if known else ""
        tag = os.path.join(self._tags, model, _LAST_OF_LOG)
        # From the last known entry on, which must still be there, with the same bytes.
        after = last[:-1] + chr(ord(last[-1]) - 1) + "~" if last else ""
        there = {entry.key: entry for entry in self.store.entries(f"{model}/{_LOG}", after=after)}
        there = {name: entry for name, entry in there.items() if _is_plain(name)}
        if last and last in there and _tag_of_log(there[last]) == _content(tag):
            self._copy(f"{model}/{_LOG}", [name for name in there if name > last], folder)
            if max(there) > last:
                _replace(tag, _tag_of_log(there[max(there)]))
            return
        if last:
            there = {e.key: e for e in self.store.entries(f"{model}/{_LOG}") if _is_plain(e.key)}
        whole = os.path.join(self._folder, f"log-{uuid.uuid4().hex}")
        try:
            self._copy(f"{model}/{_LOG}", list(there), whole)
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
            with contextlib.suppress(OSError):  # another process was faster, or there is nothing
                os.rename(whole, folder)
                if there:
                    os.makedirs(os.path.dirname(tag), mode=0o700, exist_ok=True)
                    _replace(tag, _tag_of_log(there[max(there)]))
        finally:
            shutil.rmtree(whole, ignore_errors=True)

    def _copy(self, key: str, names: Sequence[str], folder: str) -> None:
        if names:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        for name, (_, found) in zip(
            names, self.store.read_all([f"{key}/{name}" for name in names], MANIFEST_LIMIT), strict=True
        ):
            if isinstance(found, StorageError):
                raise found
            # What is too large to be read leaves a file that is as damaged here as it is there.
            data = b"" if isinstance(found, Exception) else found[0]
            _replace(os.path.join(folder, name), data)


def _tag_of_log(entry: Entry) -> bytes:
    return f"{entry.key} {entry.etag or entry.modified}".encode()


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def mirror_of(url: str) -> Mirror:
    """Returns the copy of a models folder under a URL; the same for the same settings. Raises as `Mirror`."""
    parts = parts_of(url)
    return _mirror(parts.shown, parts.place, cache_folder())


@lru_cache(maxsize=64)
def _mirror(url: str, place: object, cache: str) -> Mirror:
    del place  # another place is another mirror
    return Mirror(url, folder=_folder_of(url, "" if url.startswith("memory://") else cache))


def _folder_of(url: str, cache: str) -> str:
    """Where the copy of a URL is; in a folder of this process where there is no cache, or the store is its own."""
    if cache:
        name = f"{url}\n{os.environ.get('AWS_ENDPOINT_URL', '')}"
        return os.path.join(cache, "stores", hashlib.sha256(name.encode()).hexdigest()[:32])
    folder = tempfile.mkdtemp(prefix="tb-versions-store-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return os.path.join(folder, "store")


def remove_unused() -> None:
    """Removes copies of stores that nobody looked at for 30 days. A failure is harmless."""
    above = os.path.join(cache_folder() or os.devnull, "stores")
    for name in _names(above):
        with contextlib.suppress(OSError):
            if time.time() - os.stat(os.path.join(above, name, "looked")).st_mtime > _UNUSED_S:
                shutil.rmtree(os.path.join(above, name), ignore_errors=True)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS


def _is_plain(name: str) -> bool:
    """Whether a name of a store can be a file's here."""
    return not name.startswith(".") and name.isprintable() and "\\" not in name and len(os.fsencode(name)) < 255


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError:
        return []


def _content(path: str) -> bytes:
    try:
        return storage.read_capped(path, 1_024)
    except (OSError, TbVersionsError):
        return b""


def _replace(path: str, data: bytes) -> None:
    """Writes a file, whole for whoever reads it meanwhile. Raises OSError."""
    temporary = os.path.join(os.path.dirname(path), f".tmp-{uuid.uuid4().hex}")
    try:
        storage.write_file(temporary, data, durable=False)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _writing(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"What is read from a store can't be kept in {where}: {error.strerror}.") from error
