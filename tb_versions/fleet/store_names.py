"""Looks at a models folder in an object store by names: a request for each thousand versions of each model."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as _Late

import numpy as np

from tb_versions.core.manifest import hidden_character, visible
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.fleet.names import Seen, TooLongError
from tb_versions.fleet.paths import Paths

_AT_A_TIME = 8
_MOST_DIGITS = 40


class StoreNames:
    """Looks at a store again and again; each look lists everything."""

    def __init__(self, url: str) -> None:
        """Makes no request.

        Args:
            url: Of the models folder.

        Raises:
            UnsupportedStorageError, MissingDependencyError, StorageError: See `open_store`.
        """
        self._store = open_store(url)

    def look(self, paths: Paths, *, until: float = float("inf")) -> Seen:
        """Returns what is there that the table does not have, and what is gone; of logs nothing.

        Args:
            paths: Of the table.
            until: Give up at this `time.monotonic()`.

        Raises:
            StorageError: The store can't be read.
            TooLongError: It took too long.
        """
        there = self._numbers([name for name in self._store.listed().folders if _is_plain(name)], until)
        seen = Seen()
        gone = [np.zeros(0, np.int64)]
        known: set[str] = set()
        for above in paths.folders:
            names = paths.names(above)
            known.update(f"{above}/{name}" for name in names)
            is_there = there.get(above, set())
            gone.append(paths.rows(above)[[name not in is_there for name in names]])
        seen.gone = np.concatenate(gone)
        seen.new = sorted(
            path for model, numbers in there.items() for number in numbers if (path := f"{model}/{number}") not in known
        )
        return seen

    def _numbers(self, models: Iterable[str], until: float) -> dict[str, set[str]]:
        """The numbered folders of each model."""
        pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="tb_versions_names")
        try:
            asked = {pool.submit(_numbers_of, self._store, model): model for model in models}
            left = until - time.monotonic()
            return {
                visible(asked[one]): one.result() for one in as_completed(asked, None if left == float("inf") else left)
            }
        except _Late as late:
            raise TooLongError from late
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _numbers_of(store: ObjectStore, model: str) -> set[str]:
    return {
        name for name in store.listed(model).folders if name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS
    }


def _is_plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and hidden_character(name) is None and "\\" not in name
