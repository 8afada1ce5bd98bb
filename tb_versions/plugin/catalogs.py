"""The versions that a request is about: all, or where a table stands for the folder those of the models it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tb_versions.core.manifest import one_form
from tb_versions.errors import InvalidQueryError, StorageError
from tb_versions.plugin.indexed import IndexedFolders, Opening, Window
from tb_versions.read.folders.roots import Roots
from tb_versions.read.live import LiveCatalog
from tb_versions.read.some_models import FRESH, Reading, SomeModels, models_of

_OPENING = "The table of the models folder is still being opened; try again in a moment."


class Catalogs:
    """Reads what a request needs.

    Attributes:
        live: The catalog of everything; it reads nothing as long as nobody asks for it.
    """

    def __init__(
        self, live: LiveCatalog, indexed: IndexedFolders, roots: Roots, provider: Any, *, kept: int | None
    ) -> None:
        """Reads nothing yet.

        Args:
            live: The catalog of everything.
            indexed: Says whether a table stands for a folder.
            roots: The allowed folders.
            provider: TensorBoard's DataProvider.
            kept: Most points of a curve that the provider has; see `CurveReader`.
        """
        self.live = live
        self._indexed = indexed
        self._roots = roots
        self._provider = provider
        self._points = kept
        self._some: SomeModels | None = None

    def window(self) -> Window | None:
        """Returns the table that stands for a folder; None where all files are read.

        Raises:
            StorageError: It is not known yet.
        """
        now = self._indexed.now()
        if isinstance(now, Opening):
            raise StorageError(_OPENING)
        return now

    def of(self, models: Iterable[str], *, beside: Iterable[str] = (), now: bool = False) -> Reading:
        """Returns the versions of some models; of all that there are where all files are read.

        Args:
            models: Their names.
            beside: Others that are wanted, if they are there.
            now: Whether to look at the folders now; else a look some seconds ago will do.

        Raises:
            StorageError: See `window`; or a folder can't be read.
            VersionNotFoundError, InvalidQueryError: As `SomeModels.read`.
        """
        window = self.window()
        if window is None:
            catalog = self.live.current(patience=5, fresh=0) if now else self.live.current()
            return Reading(catalog, self.live.manifest_bytes)
        return self._of(window).read(models, beside=beside, fresh=0 if now else FRESH)

    def of_references(self, references: Sequence[str], *, beside: Iterable[str] = ()) -> Reading:
        """Returns the versions of the models that references to versions name.

        Args:
            references: As `Catalog.find` takes them.
            beside: As of `of`.

        Raises:
            InvalidReferenceError: One is none; only where a table stands for the folder.
            StorageError, VersionNotFoundError, InvalidQueryError: As `of`.
        """
        return self.of(() if self.window() is None else models_of(references), beside=beside)

    def of_named(self, models: Sequence[str]) -> Reading:
        """Returns the versions of the models that a request names, as far as they are there.

        Args:
            models: Their names; may be none where all files are read.

        Raises:
            InvalidQueryError: There are none, and they may not be; or see `of`.
            StorageError: See `of`.
        """
        if not models and self.window() is not None:
            raise InvalidQueryError(
                "Say which models, with model=NAME, several times for several: a table stands for the models folder, "
                "and not all files are read."
            )
        return self.of((), beside=map(one_form, models))

    def has_folder(self, window: Window, model: str) -> bool:
        """Whether a model has a folder in that of a table."""
        return self._of(window).has_folder(model)

    def _of(self, window: Window) -> SomeModels:
        if self._some is None or self._some.root is not window.root:
            self._some = SomeModels(self._roots, window.root, self._provider, kept=self._points)
        return self._some
