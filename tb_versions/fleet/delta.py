"""One Delta Lake table, read and written through `deltalake`.

Two indexers may write at the same time. Every commit names itself the next transaction of "tb_versions"; of two commits
that name the same one, Delta's protocol refuses the second, which then looks at the table again before it tries anew.
So no row comes twice, and none is lost. An interrupted commit leaves files that no version of the table names.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.core.store_connection import parts_of
from tb_versions.errors import ConflictError, MissingDependencyError, StorageError, UnsupportedStorageError
from tb_versions.fleet.reading import dataset_of, matching, schema_of, table_of
from tb_versions.fleet.schema import SCHEMA, WRITER
from tb_versions.fleet.untrusted import Files

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

IDS_AT_A_TIME = 1_000
"""Most rows that one commit takes away."""

_TRIES = 50
_LONGEST_WAIT = 0.5
_LONGEST_REASON = 300
_UNFIT = frozenset("%[\\]^|")  # `deltalake` takes %20 for a space and \ for a slash, and panics at the others
_ROWS_A_GROUP = 2_000  # so that a few manifests are found by reading some megabytes and not all of a file


class Delta:
    """A table under a folder or URL; it need not exist.

    Attributes:
        name: Of the table, and of its folder.
        url: Of that folder.
        commits: How many were made here.
    """

    def __init__(self, above: str, name: str, columns: Callable[[], pa.Schema] | None = None) -> None:
        """Reads nothing yet.

        Args:
            above: Folder or URL that holds the tables.
            name: Of this one, and of its folder.
            columns: Returns those that it must have; what else is in it is not looked at.

        Raises:
            MissingDependencyError: deltalake is not installed.
            UnsupportedStorageError: There are no tables under such a URL.
        """
        self.name = name
        self.url = f"{above.rstrip('/')}/{name}"
        self.commits = 0
        self._options = _options(above)
        self._columns = columns
        self._files = Files(self.url)
        try:
            import deltalake  # noqa: F401
            import pyarrow as pa  # noqa: F401
        except ImportError as error:
            raise MissingDependencyError(
                "Tables need packages that are not installed: pip install 'tensorboard-plugin-versions[fleet]'."
            ) from error

    def open(self) -> DeltaTable | None:
        """Returns the table as it is now; None where there is none.

        Raises:
            StorageError: It can't be read, is no table of this package, or of a newer version of it.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        with self.explained():
            self._files.check()
            try:
                table = DeltaTable(self.url, storage_options=self._options)
            except TableNotFoundError:
                return None
            said = table.metadata()
        if said.name != f"{WRITER}.{self.name}":
            raise StorageError(f"{self.url} is a table, but not one that tb-versions index made. Give another --to.")
        number = (said.description or "").removeprefix("schema ")
        if not (number.isascii() and number.isdigit() and len(number) < 10) or int(number) > SCHEMA:
            raise StorageError(
                f"{self.url} was made by a newer version of tb_versions; this one "
                f"knows schema {SCHEMA}: pip install --upgrade tensorboard-plugin-versions, or give another --to."
            )
        with self.explained():
            self._check_columns(table)
        return table

    def change(self, what: Callable[[DeltaTable | None], _Change | None]) -> None:
        """Changes the table, in one commit; asks again where another commit came between.

        Args:
            what: Gets the table as it is, None where there is none; returns the change, None for nothing.

        Raises:
            ConflictError: Others always came first.
            StorageError: It can't be written.
        """
        from deltalake.exceptions import CommitFailedError, DeltaError
        from pyarrow import ArrowException

        for attempt in range(_TRIES):
            table = self.open()
            with self.explained():
                change = what(table)
            if change is None:
                return
            self._check_writable()
            try:
                with _panics_told():
                    change(self, table)
                self.commits += 1
                return
            except CommitFailedError:
                time.sleep(random.uniform(0, min(_LONGEST_WAIT, 0.01 * 2**attempt)))  # noqa: S311 - only for waiting
            except DeltaError as error:
                if table is not None or self.open() is None:  # else another has made the table meanwhile
                    raise self._trouble(error) from error
            except (OSError, ArrowException) as error:
                raise self._trouble(error) from error
        raise ConflictError(
            f"{self.url} was changed by others {_TRIES} times in a row. Run it again when they are done."
        )

    def existing(self) -> DeltaTable:
        """Returns the table as it is now; raises StorageError where there is none, and as `open`."""
        table = self.open()
        if table is None:
            raise StorageError(f"{self.url} does not exist. Make it: tb-versions index.")
        return table

    def columns(self, names: Sequence[str], table: DeltaTable | None = None) -> pa.Table:
        """Returns some columns of all rows, of the table as it is now or was when it was opened.

        Raises:
            StorageError: There is no table, it can't be read, or its rows would take more memory than they can.
        """
        table = self.existing() if table is None else table
        with self.explained():
            return table_of(table, names)

    def count(self, table: DeltaTable | None = None) -> int:
        """Returns how many rows there are, as `columns`; none is read."""
        table = self.existing() if table is None else table
        with self.explained():
            return sum(fragment.count_rows() for fragment in dataset_of(table).get_fragments())

    def rows(self, names: Sequence[str], ids: Sequence[str], table: DeltaTable) -> pa.Table:
        """Returns some columns of the rows that have one of some ids, in any order; raises StorageError."""
        with self.explained():
            return matching(table, "id", ids, names)

    def properties(self, table: DeltaTable | None) -> Any:
        """What makes a commit the next one."""
        from deltalake import CommitProperties, Transaction

        last = 0 if table is None else table.transaction_version(WRITER) or 0
        return CommitProperties(app_transactions=[Transaction(WRITER, last + 1)], max_commit_retries=0)

    def write(self, rows: Any, table: DeltaTable | None, *, overwrite: bool = False, only: str | None = None) -> None:
        """Writes rows in one commit; raises what `deltalake` raises.

        Args:
            rows: A table, or a reader of batches.
            table: The table as it was looked at; None makes it.
            overwrite: Whether they take the place of all rows, and their columns of all columns.
            only: They take the place of the rows that this condition names, and it holds for them.
        """
        from deltalake import WriterProperties, write_deltalake

        replaces = overwrite or only is not None
        mode: Any = "error" if table is None else "overwrite" if replaces else "append"
        write_deltalake(
            self.url if table is None else table,
            rows,
            mode=mode,
            schema_mode="overwrite" if mode == "overwrite" and only is None else None,
            predicate=None if table is None else only,
            name=f"{WRITER}.{self.name}",
            description=f"schema {SCHEMA}",
            storage_options=self._options,
            writer_properties=WriterProperties(compression="ZSTD", max_row_group_size=_ROWS_A_GROUP),
            commit_properties=self.properties(table),
            configuration={"delta.dataSkippingStatsColumns": ",".join(_ranged(rows.schema))} if table is None else None,
        )

    def _check_writable(self) -> None:
        """Refuses a folder in which this user can't write: `deltalake` would tell it by a panic."""
        if is_remote(self.url):
            return
        for folder in (self.url, f"{self.url}/_delta_log"):
            there = folder
            while not os.path.lexists(there) and there != os.path.dirname(there):
                there = os.path.dirname(there)
            if os.path.isdir(there) and not os.access(there, os.W_OK | os.X_OK):
                raise StorageError(
                    f"{visible(folder)} can't be written: you may not write in {visible(there)}. Give another --to, or "
                    "ask whoever owns that folder."
                )

    def _check_columns(self, table: DeltaTable) -> None:
        """Refuses a table that others have changed, before anything is read out of it or added to it."""
        there = schema_of(table)
        for column in self._columns() if self._columns else ():
            found = _kind(there.field(column.name).type) if there.names.count(column.name) == 1 else "missing"
            if found != _kind(column.type):
                raise StorageError(
                    f"{self.url} is not as tb-versions index made it: its column {column.name} is {found}, not "
                    f"{_kind(column.type)}. Delete that folder, and make it anew: tb-versions index."
                )

    def _trouble(self, error: Exception) -> StorageError:
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        reason = " ".join(said.split())[:_LONGEST_REASON]
        remedy = ""
        if isinstance(error, FileNotFoundError) or "not found" in reason:
            remedy = ". If files of it were removed, tb-versions index --rebuild makes it anew."
        return StorageError(f"{self.url} can't be read or written: {visible(reason)}{remedy}")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Makes one sentence, a StorageError, of whatever goes wrong with the table."""
        from deltalake.exceptions import DeltaError
        from pyarrow import ArrowException

        try:
            with _panics_told():
                yield
        except (DeltaError, OSError, ArrowException) as error:
            raise self._trouble(error) from error


@contextmanager
def _panics_told() -> Iterator[None]:
    """Makes an OSError of a panic inside of `deltalake`, whose class has no name in Python and is no Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise OSError(f"a mistake in deltalake, {error}") from error


_Change = Callable[[Delta, "DeltaTable | None"], None]


def appended(rows: pa.Table) -> _Change | None:
    """Returns the change that adds rows; None for no rows."""
    return (lambda delta, table: delta.write(rows, table)) if rows.num_rows else None


def replaced(rows: Any) -> _Change:
    """Returns the change that puts rows in the place of all."""
    return lambda delta, table: delta.write(rows, table, overwrite=True)


def deleted(ids: Sequence[str]) -> _Change | None:
    """Returns the change that takes rows away, up to a thousand; None for none.

    Args:
        ids: Of the rows: hexadecimal digits, so that no text of a manifest gets into a query.
    """
    some = _in_order(ids)[:IDS_AT_A_TIME]
    if not some:
        return None
    condition = _having(some)

    def change(delta: Delta, table: DeltaTable | None) -> None:
        if table is not None:
            table.delete(condition, commit_properties=delta.properties(table))

    return change


def exchanged(rows: pa.Table, ids: Sequence[str]) -> _Change | None:
    """Returns the change that puts rows in the place of all that have some ids; None for no ids.

    Args:
        rows: With these ids and no others.
        ids: As of `deleted`, of any number.
    """
    if not ids:
        return None
    condition = _having(_in_order(ids))
    return lambda delta, table: delta.write(rows, table, only=condition)


def _in_order(ids: Sequence[str | None]) -> list[str]:
    """Ids of rows, ascending; whoever planted a row may have given it any other text, or none."""
    found = [each for each in ids if each is not None and len(each) == 32 and set(each) <= set("0123456789abcdef")]
    if len(found) < len(ids):
        raise StorageError(
            "The table has rows with ids that this package does not write. Make it anew: tb-versions index --rebuild."
        )
    return sorted(found)


def _having(ids: Sequence[str]) -> str:
    """The condition that a row has one of some ids."""
    wanted = ", ".join([f"'{each}'" for each in ids])
    return f"id IN ({wanted})"


def _kind(type_: pa.DataType) -> str:
    """A type without the names inside of it, which engines choose: map, list, int64."""
    return str(type_).partition("<")[0]


def _ranged(schema: pa.Schema) -> list[str]:
    """Columns of which the table keeps the range in each file.

    None of numbers that may be NaN or infinite: of those `deltalake` writes null, and pyarrow skips the file.
    """
    return [each.name for each in schema if str(each.type) != "double" and each.name.isidentifier()]


def _options(above: str) -> dict[str, str]:
    if not is_remote(above):
        _check_path(above)
        return {}
    parts = parts_of(above)
    if parts.scheme == "memory":
        raise UnsupportedStorageError("A table can't be kept in memory://. Give a folder or a bucket as --to.")
    options = {"conditional_put": "etag"} if parts.scheme == "s3" else {}
    if os.environ.get("AWS_ENDPOINT_URL_S3", os.environ.get("AWS_ENDPOINT_URL", "")).startswith("http://"):
        options["allow_http"] = "true"
    return options


def _check_path(above: str) -> None:
    """Refuses a folder that `deltalake` takes for another one, or fails with; it follows links before."""
    real = os.path.realpath(above)
    unfit = next((character for character in real if _is_unfit(character)), None)
    if unfit is None:
        return
    leads = "" if unfit in above else f", which leads to {visible(real)},"
    raise UnsupportedStorageError(
        f"{visible(above)}{leads} can't hold tables, for {_named(unfit)} is in its path. Keep them in another folder: "
        "tb-versions index --to DIR. Whatever reads them takes --tables DIR."
    )


def _is_unfit(character: str) -> bool:
    return (
        character in _UNFIT
        or (character.isascii() and not character.isprintable())
        or "\ud800" <= character <= "\udfff"
    )


def _named(character: str) -> str:
    if character in _UNFIT:
        return character
    return f"a control character ({visible(character)})" if character.isascii() else "what is no UTF-8"
