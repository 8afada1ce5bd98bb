"""Names the versions of a models folder, of a share of them; opens no manifest."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.fleet.found import Here, Shard, look


@dataclass(frozen=True)
class Listed:
    """The versions of a share.

    Attributes:
        paths: Of their folders below the models folder, sorted.
        here: The models folder as it is.
        share: The share.
    """

    paths: tuple[str, ...]
    here: Here
    share: Shard

    def is_gone(self, path: str) -> bool:
        """Whether a version of this share was removed."""
        return has(self.share, path) and path not in self.here.versions and self.here.is_known(path)


def listed(models_dir: str, share: Shard) -> Listed:
    """Returns the versions of a share.

    Args:
        models_dir: Folder of models, or its URL.
        share: Which of them.

    Raises:
        TbVersionsError: The models folder can't be read.
    """
    here = look(models_dir)
    return Listed(tuple(path for path in sorted(here.versions) if has(share, path)), here, share)


def has(share: Shard, name: str) -> bool:
    """Returns whether a share has what bears a name."""
    return share.has(visible(name))


def absolute(models_dir: str) -> str:
    """Returns a models folder as workers reach it: an absolute path, or the URL."""
    return models_dir.rstrip("/") if is_remote(models_dir) else os.path.abspath(os.path.expanduser(models_dir))


def joined(models_dir: str, path: str) -> str:
    """Returns the path or URL of a version, with a slash in it.

    Args:
        models_dir: As `absolute` returns it.
        path: Below it; "" for the folder itself.
    """
    return f"{models_dir.rstrip('/')}/{path}".rstrip("/") if path else models_dir
