"""A models folder for manifests whose files stay elsewhere, and which source each of these is a part of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.core.elsewhere import checked_sources
from tb_versions.core.manifest import FilesElsewhere, check_path_elsewhere
from tb_versions.core.storage import is_inside, local_path
from tb_versions.errors import InvalidManifestError, InvalidQueryError, UnsafeFileError
from tb_versions.formats.models import Model
from tb_versions.interop.finding import Found, find_models
from tb_versions.interop.naming import name_for


@dataclass(frozen=True)
class Into:
    """Where manifests go, and what their files are parts of.

    Attributes:
        models_dir: Absolute path of the models folder; it need not exist.
        sources: Names of sources and the real paths of their folders.
    """

    models_dir: str
    sources: Mapping[str, str]

    def elsewhere(self, model: Model) -> FilesElsewhere:
        """Returns what a manifest says of a model's files.

        Raises:
            UnsafeFileError: No path of the format leads to them.
        """
        path = os.path.realpath(model.path)
        within = [label for label, root in self.sources.items() if path.startswith(root.rstrip(os.sep) + os.sep)]
        if not within:
            raise UnsafeFileError(
                "it is the folder of its source itself. Bind a folder above it: --source LABEL=DIR, like nas=/mnt/nas."
            )
        label = max(within, key=lambda each: len(self.sources[each]))
        below = os.path.relpath(path, self.sources[label]).replace(os.sep, "/")
        try:
            return FilesElsewhere(source=label, path=check_path_elsewhere(below))
        except InvalidManifestError as error:
            raise UnsafeFileError(str(error)) from error

    def is_known(self, model: Model, found: Found) -> bool:
        """Whether a manifest that was found says that its files are those of a model."""
        try:
            elsewhere = self.elsewhere(model)
        except UnsafeFileError:
            return False
        return (elsewhere.source, elsewhere.path) in found.elsewhere

    def joined(self, found: Found) -> Found:
        """Returns what was found with the versions that the models folder has already."""
        if not os.path.isdir(self.models_dir):
            return found
        there = find_models([self.models_dir])
        return replace(
            found,
            taken={**there.taken, **found.taken},
            semantic={**there.semantic, **found.semantic},
            elsewhere={**there.elsewhere, **found.elsewhere},
        )


def into(models_dir: str, folders: Sequence[str], labels: Sequence[str], *, known: Mapping[str, str]) -> Into:
    """Returns where the manifests of models below some folders go.

    Args:
        models_dir: Folder of models.
        folders: Those that are searched.
        labels: What the user says of sources: `LABEL=DIR`, or `LABEL` alone for the one folder that is searched.
        known: Sources that are bound anyway, by a variable or the settings file.

    Raises:
        InvalidQueryError: It is not clear what source a folder is a part of; or one lies in the models folder.
        UnsupportedStorageError: The models folder is remote.
    """
    real = {folder: os.path.realpath(os.path.expanduser(folder)) for folder in folders}
    home = os.path.abspath(local_path(models_dir))
    for folder, path in real.items():
        if is_inside(path, home):
            raise InvalidQueryError(f"{folder} lies in {models_dir}: leave --models-dir out, and manifests lie there.")
    pairs = dict(text.partition("=")[::2] for text in labels if "=" in text)
    alone = [text for text in labels if "=" not in text]
    sources = {label: os.path.realpath(root) for label, root in (checked_sources({**known, **pairs}) or {}).items()}
    free = [path for path in real.values() if not any(is_inside(path, root) for root in sources.values())]
    if len(alone) > 1 or (alone and len(set(free)) > 1):
        raise InvalidQueryError("Say which folder each source is: --source LABEL=DIR, like nas=/mnt/nas.")
    for path in dict.fromkeys(real.values() if alone else free):
        label = alone[0] if alone else name_for(os.path.basename(path))
        if sources.setdefault(label, path) != path:
            raise InvalidQueryError(
                f"The source {label} would be {sources[label]} and {path}. Say which it is: --source LABEL=DIR."
            )
    checked_sources(sources)
    return Into(home, sources)
