"""DuckDB with its limits: in this process, without files, extensions or the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import visible
from tb_versions.errors import MissingDependencyError, StorageError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

MEMORY = "1GB"
"""Most memory that the engine takes, beside the columns."""

THREADS = 2
"""Most threads of the engine."""

_LONGEST_REASON = 300


class Engine:
    """DuckDB in this process, over one relation at a time: it reads and writes nothing else, and can't be told to."""

    def __init__(self, *, remedy: str = "Leave out --from-table.") -> None:
        """Starts it.

        Args:
            remedy: What to do where it can't answer, a sentence; or "".

        Raises:
            MissingDependencyError: DuckDB is not installed.
        """
        try:
            import duckdb
        except ImportError as error:
            raise MissingDependencyError(
                "Asking tables needs a package that is not installed: pip install 'tensorboard-plugin-versions[fleet]'."
            ) from error
        self._error = duckdb.Error
        self._remedy = remedy
        off = ("autoload_known_extensions", "autoinstall_known_extensions", "allow_community_extensions")
        self._connection = duckdb.connect(":memory:", config=dict.fromkeys(off, "false"))
        for name, value in (
            ("memory_limit", MEMORY),
            ("threads", THREADS),
            ("temp_directory", ""),
            ("enable_external_access", False),
            ("lock_configuration", True),
        ):
            self._connection.execute(f"SET {name} = ?", [value])

    def look_at(self, relation: pa.Table) -> None:
        """Makes a table of Arrow what `versions` means."""
        self._connection.register("versions", relation)

    def look_away(self) -> None:
        """Lets go of what `versions` means."""
        self._connection.unregister("versions")

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Returns the rows of an answer.

        Args:
            sql: With `?` for each value.
            values: The values.

        Raises:
            StorageError: The engine refuses it, or has not enough memory.
        """
        with self._explained():
            found: list[tuple[Any, ...]] = self._connection.execute(sql, list(values)).fetchall()
        return found

    def numbers(self, sql: str, values: Sequence[Any]) -> NDArray[np.int64]:
        """Returns the only column of an answer, of whole numbers; raises as `rows`."""
        import numpy as np

        with self._explained():
            (found,) = self._connection.execute(sql, list(values)).fetchnumpy().values()
        return np.asarray(found, np.int64)

    def interrupt(self) -> None:
        """Makes what another thread asks just now fail."""
        self._connection.interrupt()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            reason = visible(" ".join(str(error).split())[:_LONGEST_REASON])
            raise StorageError(f"The table can't be asked: {reason}. {self._remedy}".rstrip()) from error
