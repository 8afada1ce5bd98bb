"""What a model's registry says of references: which version an alias names, which has a semantic version given later.

It opens the log of that model and no other, and refuses one that was cut or rewritten since this user last saw it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.mirror import mirror_of
from tb_versions.core.store import LocalStore, Store
from tb_versions.errors import RewrittenLogError
from tb_versions.read.catalog import Version
from tb_versions.registry.registry import Registry
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import State


@dataclass(frozen=True)
class OpenRegistry:
    """The registry of one model.

    Attributes:
        model: Its name.
        folder: Real path of the model's folder, or its URL.
    """

    model: str
    folder: str
    store: Store
    registry: Registry
    seen: Seen

    def state(self) -> State:
        """Returns the state as it is now, and remembers that it was seen.

        Raises:
            RewrittenLogError: The log was cut or rewritten since it was seen here.
            DamagedLogError: It is damaged.
            NewerLogError: A newer version of this package wrote an event that can't be ignored.
            StorageError: It can't be read.
        """
        self.registry.known()
        self.check_seen()
        self.seen.remember({self.model: self.registry.state.head})
        return self.registry.state

    def check_seen(self) -> None:
        """Raises RewrittenLogError where the log is not the one that was seen here before.

        Another process of this user may append and remember an event after the log was read here: then it is read on.
        """
        head = self.registry.state.head
        try:
            self.seen.check(self.model, self.registry.log, head)
        except RewrittenLogError:
            if self.registry.known().head.number <= head.number:
                raise
            self.check_seen()


def open_registry(model: str, folder: str) -> OpenRegistry:
    """Returns the registry of a model; reads nothing yet.

    Args:
        model: Its name.
        folder: Of the model; the models folder is the one above.
    """
    models = os.path.realpath(os.path.dirname(folder))
    real = os.path.join(models, os.path.basename(folder))
    store = LocalStore(os.path.join(real, PRIVATE_FOLDER), within=models)
    return OpenRegistry(model, real, store, Registry(store), Seen(models))


def open_remote_registry(model: str, url: str) -> OpenRegistry:
    """Returns the registry of a model in an object store; makes no request.

    Args:
        model: Its name.
        url: Of the models folder.
    """
    mirror = mirror_of(url)
    models = mirror.store.below(model)
    store = models.below(PRIVATE_FOLDER)
    return OpenRegistry(model, models.shown, store, Registry(store), Seen(mirror.identity))


def with_given_versions(found: Iterable[Version], state: State) -> tuple[Version, ...]:
    """Returns versions with the semantic versions that they were given later, which hide those of their manifests."""
    return tuple(
        replace(version, listing=replace(version.listing, semantic_version=given))
        if version.listing and (given := state.version(version.number).semantic_version)
        else version
        for version in found
    )
