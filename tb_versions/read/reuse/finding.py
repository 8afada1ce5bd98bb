"""Finds the version that a reference names, opening no other: by its place in a models folder, or by its path.

Only `<models>/<model>/<number>` counts: a manifest that somebody put elsewhere must not decide what is loaded.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from tb_versions.core import storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, check_model_name, shown, visible
from tb_versions.core.mirror import mirror_of
from tb_versions.core.references import Reference, is_path, parse_reference, version_folder
from tb_versions.errors import (
    DamagedLogError,
    InvalidNameError,
    InvalidReferenceError,
    NewerLogError,
    StorageError,
    TbVersionsError,
    TbVersionsWarning,
    UnreadableFolderError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Catalog, Version, identify, in_layout
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.folders.stores import existing_models
from tb_versions.read.holders import check_manifest, check_not_removed, holder_of
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.misplaced import what_to_do
from tb_versions.read.reuse.registered import (
    OpenRegistry,
    open_registry,
    open_remote_registry,
    with_given_versions,
)
from tb_versions.registry.state import EMPTY, State

_MOST_DIGITS = 40
"""Longest name of a version's folder: `007` is version 7 too, as for TensorFlow Serving."""


def find(reference: str | os.PathLike[str], models_dir: str | os.PathLike[str] | None = None) -> Version:
    """Returns the version that a reference or path names, for loading.

    Args:
        reference: `digits:3`, `digits:1.4.0`, `digits@production`, `digits` for the newest that is there; or the path
            of a version's folder or of its manifest, with a slash or as a `Path`.
        models_dir: Folder of models; not needed for a path.

    Raises:
        InvalidReferenceError: It is no reference; or a models folder is needed.
        VersionNotFoundError: It names no version; the message lists the nearest.
        VersionRemovedError: The version was removed.
        VersionDamagedError: The manifest of an alias's version is not the one that was promoted.
        DamagedLogError: What the alias names is not known: the log is damaged, or was cut or rewritten.
        AmbiguousVersionError: It names several.
        UnreadableFolderError: A folder does not exist.
        StorageError: The model's folder can't be listed.
    """
    if isinstance(reference, os.PathLike) or is_path(reference):
        return at_path(os.fspath(reference))
    if models_dir is None:
        parse_reference(reference)
        raise InvalidReferenceError(
            f"{reference} is looked for in a models folder: pass models_dir=, or the path of the version's folder "
            "with a slash."
        )
    parsed = parse_reference(reference)
    root = root_of(models_dir)
    if parsed.alias:
        return _aliased(parsed, root)
    if root.is_remote:
        _bring(parsed, root)
    found = _direct(parsed, root)
    if parsed.semantic_version:
        found = with_given_versions(found, _state(parsed.model, root))
    if not found:
        return _searched(reference, parsed, root)
    version = Catalog(versions=tuple(identify(found))).find(str(replace(parsed, mark="")))
    if parsed.number is None and not parsed.semantic_version:
        _warn_of_newer(version, found)
    return version


def _aliased(reference: Reference, root: Root) -> Version:
    """The version that an alias names, if it is the one that was promoted."""
    opened = registry_in(reference.model, root)
    if opened is None:
        return _searched(reference.model, Reference(reference.model), root)
    state = opened.state()
    holder = holder_of(reference, state)
    check_not_removed(reference.model, holder.version, state)
    version = find(f"{reference.model}:{holder.version}", root.given)
    check_manifest(version.id, version.manifest_digest, holder)
    return version


def root_of(models_dir: str | os.PathLike[str]) -> Root:
    """Returns a models folder, or the copy of one in an object store.

    Raises:
        TbVersionsError: As `existing_models`.
    """
    (root,) = roots_of("", [existing_models(models_dir)]).allowed
    return root


def _bring(reference: Reference, root: Root) -> None:
    """Copies the manifests that a reference may mean; raises StorageError."""
    mirror = mirror_of(root.shown)
    if reference.number is not None:
        mirror.bring(reference.model, [reference.number])
    else:
        mirror.look(model=reference.model, registry=False)


def registry_in(model: str, root: Root) -> OpenRegistry | None:
    """Returns the registry of a model that lies in a models folder, or is that folder itself; None without folder."""
    try:
        above = _model_folders(check_model_name(model), root)
    except InvalidNameError:
        return None
    if root.is_remote:
        return open_remote_registry(model, root.shown)
    folders = [os.path.join(root.path, name).rstrip(os.sep) for name in above]
    there = [f for f in folders if os.path.isdir(f) and (f == root.path or not os.path.islink(f))]
    return open_registry(model, there[0]) if there else None


def _state(model: str, root: Root) -> State:
    opened = registry_in(model, root)
    return opened.state() if opened else EMPTY


def _warn_of_newer(version: Version, found: Iterable[Version]) -> None:
    """Says to who calls `load`, `path` or `verify` that the newest version was passed over."""
    newer = sorted({other.number for other in found if other.number > version.number}, reverse=True)
    if newer:
        said = f"{version.model} is {version.id}; {version.model}:{newer[0]} is newer, but its manifest can't be read."
        warnings.warn(said, TbVersionsWarning, stacklevel=4)


def at_path(path: str) -> Version:
    """Returns the version in a folder, given its path or that of its manifest.

    Raises:
        UnreadableFolderError: There is no such folder.
        InvalidReferenceError: There is none, and it looks like a reference.
        VersionNotFoundError: It holds no manifest.
    """
    if storage.is_remote(path):
        return _at_url(version_folder(path))
    given = os.path.expanduser(version_folder(path))
    try:
        folder = os.path.abspath(storage.existing_folder(given, "The version's folder"))
    except UnreadableFolderError as error:
        raise _no_folder(path, given, error) from error
    if not os.path.lexists(os.path.join(folder, MANIFEST_NAME)):
        raise VersionNotFoundError(f"{visible(path)} is no version: it holds no {MANIFEST_NAME}.{_inside(given)}")
    (version,) = identify([_read(Place(Root(folder, given, "models_dir"), folder))])
    return version


def _at_url(url: str) -> Version:
    above, _, number = url.rstrip("/").rpartition("/")
    models, _, model = above.rpartition("/")
    if not _is_number(number) or not storage.is_remote(models):
        raise InvalidReferenceError(f"{shown(url)} is not the URL of a version: s3://bucket/models/digits/3.")
    return find(f"{model}:{int(number)}", models)


def _no_folder(path: str, folder: str, error: UnreadableFolderError) -> TbVersionsError:
    """The error about a path that leads nowhere, where it may be a reference that was spelled wrong."""
    model, _, number = folder.strip(os.sep).rpartition(os.sep)
    if ":" in number:
        return InvalidReferenceError(f"{shown(path)} is neither a reference, like digits:3, nor a folder.")
    if _is_number(number) and model and os.sep not in model:
        return UnreadableFolderError(
            f"{error} Version {number} of {visible(model)} is written {visible(model)}:{number}."
        )
    return error


def _inside(folder: str) -> str:
    """Names versions in a folder that is none."""
    try:
        numbers = sorted(filter(_is_number, os.listdir(folder)), key=int)
    except OSError:
        return ""
    there = [name for name in numbers if os.path.lexists(os.path.join(folder, name, MANIFEST_NAME))]
    return f" There are versions in it: {os.path.join(folder, there[-1])}, for example." if there else ""


def _direct(reference: Reference, root: Root) -> tuple[Version, ...]:
    """What a reference may name, read without looking at other models."""
    if reference.number is not None:
        versions = _read_all(reference.model, _spellings(reference.model, reference.number, root), root)
        if reference.mark:
            return tuple(v for v in versions if v.manifest_digest.rpartition(":")[2].startswith(reference.mark))
        return tuple(versions)
    folders = _folders(reference.model, root)
    if reference.semantic_version:
        return tuple(_read_all(reference.model, (folder for _, folder in folders), root))
    damaged: list[Version] = []
    for _, same in groupby(folders, key=itemgetter(0)):  # the newest number first, until one can be read
        of_number = tuple(_read_all(reference.model, (folder for _, folder in same), root))
        if any(version.listing for version in of_number):
            return (*of_number, *damaged)
        damaged += of_number
    return tuple(damaged)


def _folders(model: str, root: Root) -> list[tuple[int, str]]:
    """(number, path below the models folder) of everything that may be a version of a model, the newest first."""
    found = []
    for above in _model_folders(model, root):
        folder = os.path.join(root.path, above)
        if os.path.isdir(folder) and not (above and os.path.islink(folder)):
            prefix = os.path.join(above, "")
            try:
                names = os.listdir(folder)
            except OSError as error:
                raise StorageError(f"{folder} can't be listed: {error.strerror}.") from error
            found += [(int(name), prefix + name) for name in filter(_is_number, names)]
    return sorted(found, reverse=True)


def numbers_of(model: str, models_dir: str) -> list[int]:
    """Returns the number of each version of a model in a models folder, ascending; opens none of them.

    Raises:
        UnreadableFolderError: The models folder does not exist.
    """
    folder = storage.existing_folder(models_dir, "The models folder")
    (root,) = roots_of("", [str(folder)]).allowed
    return sorted({number for number, path in _folders(model, root) if _is_there(root.path, path)})


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS


def _model_folders(model: str, root: Root) -> list[str]:
    """Where versions of a model lie: `<models>/<model>`, and the folder itself where it is the model's own."""
    return [model] + [""] * (os.path.basename(os.path.realpath(root.path)) == model)


def _spellings(model: str, number: int, root: Root) -> Iterator[str]:
    """Every path that a version may have; nothing is listed, for a model may have 100,000 versions."""
    for above in _model_folders(model, root):
        for width in range(len(str(number)), _MOST_DIGITS):
            yield os.path.join(above, f"{number:0{width}}")


def _read_all(model: str, folders: Iterable[str], root: Root) -> Iterator[Version]:
    """The versions in some folders of a model that lie where their manifests say."""
    for relative in folders:
        if _is_there(root.path, relative):
            version = _read(Place(root, os.path.join(root.path, relative)))
            if (version.model, version.number) == (model, int(os.path.basename(relative))):
                yield version


def _is_there(root: str, relative: str) -> bool:
    """Whether a folder holds a manifest; no symlink leads there."""
    if not os.path.lexists(os.path.join(root, relative, MANIFEST_NAME)):
        return False
    return not any(os.path.islink(os.path.join(root, part)) for part in (relative, os.path.dirname(relative)) if part)


def _read(place: Place) -> Version:
    """What the manifest in a folder says; its files are not looked at, and no cache is asked."""
    try:
        data = storage.read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)
        listing = read_listing(data)
    except (TbVersionsError, OSError) as error:
        above, name = (visible(part) for part in place.folder.split(os.sep)[-2:])
        number = int(name) if _is_number(name) else 0
        notice = place.as_shown(str(error))
        return Version(model=above, number=number, held_in=place, state="damaged", notice=notice)
    return Version(
        model=listing.model,
        number=listing.number,
        listing=listing,
        manifest_digest=manifest_digest(data),
        held_in=place,
        state="unchecked",
    )


def _searched(reference: str, parsed: Reference, root: Root) -> Version:
    """Looks everywhere in the models folder for what is not in its place, so that the message can say what there is."""
    if parsed.number is not None and not parsed.mark:
        with contextlib.suppress(DamagedLogError, NewerLogError, StorageError):
            check_not_removed(parsed.model, parsed.number, _state(parsed.model, root))
    everything = CatalogReader(roots_of("", [root.given])).refresh()
    try:
        return Catalog(versions=tuple(in_layout(everything.versions)), problems=everything.problems).find(reference)
    except VersionNotFoundError as error:
        raise VersionNotFoundError(f"{error}{_elsewhere(everything, parsed, root)}") from error


def _elsewhere(catalog: Catalog, parsed: Reference, root: Root) -> str:
    """Says where else a manifest claims to be what was asked for, and how to load that."""
    link = os.path.join(root.path, parsed.model)
    if os.path.islink(link):
        real = os.path.realpath(link)
        return f" {link} is a symlink, which is not followed: pass models_dir={str(Path(real).parent)!r}."
    claims = catalog.candidates(parsed)
    if not claims:
        return ""
    place, name = claims[-1].places[0], f"{parsed.model}:{claims[-1].number}"
    more = f" and in {len(claims) - 1:,} more folders" if len(claims) > 1 else ""
    above = "" if _is_own_folder(parsed.model, root) else parsed.model
    layout = os.path.join(root.shown, above, str(claims[-1].number))
    said = (
        f" A manifest in {place.shown}{more} says that it is {name}, but by that name only {layout} is found: anybody "
        "may have put it elsewhere. If it is the one, "
    )
    if root.is_remote:
        return f"{said}move its objects to {layout}."
    beside = os.path.join(root.path, above).rstrip(os.sep)
    path = place.shown if is_path(place.shown) else os.path.join(".", place.shown)
    remedy = what_to_do(place.folder, parsed.model, claims[-1].number, beside=beside)
    return f"{said}load it by its path, {path}; to promote it or record anything, {remedy}"


def _is_own_folder(model: str, root: Root) -> bool:
    """Whether the folder that was given for models is the one of the model itself."""
    return "" in _model_folders(model, root) and not os.path.isdir(os.path.join(root.path, model))
