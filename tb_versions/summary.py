"""Makes folders that other code exported into versions, with functions like those of `tf.summary`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tb_versions.core import codec
from tb_versions.core.digest import separated
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, VersionManifest, check_model_name, shown
from tb_versions.core.metadata import announcement_pb
from tb_versions.core.storage import existing_folder, is_remote, read_capped
from tb_versions.errors import InvalidNameError, VersionExistsError
from tb_versions.write.announcer import Announcer, find_announcer
from tb_versions.write.complete import complete, with_parents_digests
from tb_versions.write.existing import check_semantic_version
from tb_versions.write.facts import Facts, check_names
from tb_versions.write.failures import report
from tb_versions.write.homes import home_of
from tb_versions.write.inputs import warn_of_automatic_names
from tb_versions.write.leaving_out import recordable_facts
from tb_versions.write.model_folder import check_version_folder, warn_of_pattern
from tb_versions.write.numbers import parse_number
from tb_versions.write.origin import has_graph
from tb_versions.write.placement import Placed, check_no_manifest, place_manifest
from tb_versions.write.publish import announce, prepare_draft, refuse_tracing, storage_errors, warn_of_no_run
from tb_versions.write.remote import place_manifest_at, version_at
from tb_versions.write.surroundings import check_above, check_below

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from typing_extensions import Unpack

__all__ = ["version", "version_pb"]


def version(
    folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    number: int | None = None,
    writer: object = None,
    run_dir: str | os.PathLike[str] | None = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> bool:
    """Makes an exported folder a version: writes a manifest into it and announces it in the run.

    Needs no TensorFlow. Moves and changes no file in the folder. Must not be called inside a tf.function.

    Args:
        folder: A SavedModel, or any other files; best `<models>/<name>/<number>`. In an object store its URL, which
            must be of that form; its files are fetched to be read.
        name: Name of the model. Default: the name of the parent folder.
        number: Version number. Default: the folder's name.
        writer: As in `publish`.
        run_dir: As in `publish`.
        strict: Whether to raise an error instead of issuing a `TbVersionsWarning`.
        **facts: Metrics, hyperparameters, step and more, see `Facts`.

    Returns:
        Whether the version was announced. Without a writer it is False, as for `tf.summary.write`; the manifest is
        written all the same, and the Versions tab finds it in the models folder; a warning says so, once.

    Raises:
        TypeError: A keyword or writer is unknown, or a value has the wrong type.
        InvalidNameError: The name breaks the naming rule, or the folder's name is not a version number.
        InvalidManifestError: A fact breaks a rule; or the folder holds versions, or is inside of one.
        UnreadableFolderError: The folder does not exist.
        UnsafeFileError: The folder, or its model's, is a symlink.
        VersionExistsError: The folder has a manifest already, or another version of the model has the semantic version.
        TbVersionsError: With `strict`: writing failed.
    """
    check_names(facts, "version")
    refuse_tracing("version")
    if not strict:
        facts = recordable_facts(facts)
    announcer = find_announcer(writer, run_dir)
    if is_remote(folder):
        return _remote_version(os.fspath(folder), announcer, facts, strict=strict, given=(name, number))
    path = existing_folder(folder, "The version's folder")
    model, known = _identity(path, name, number)
    if path.absolute().parent.name == model:
        check_version_folder(path.absolute())
    drafted = prepare_draft(model, known, facts, announcer)
    check_no_manifest(path)
    check_semantic_version(drafted.semantic_version, path.absolute().parent)
    check_below(path)
    check_above(path)
    if has_graph(path):
        warn_of_pattern(path)
    models_dir = path.absolute().parent.parent
    try:
        with storage_errors():
            drafted = with_parents_digests(drafted, models_dir)
            placed = place_manifest(path, drafted, facts)
    except VersionExistsError:
        raise
    except Exception as error:  # noqa: BLE001 -- nothing that fails here may stop a training
        report(error, f"{path} did not become a version", strict=strict)
        return False
    return _announced(announcer, placed, strict=strict)


def _announced(announcer: Announcer | None, placed: Placed, *, strict: bool) -> bool:
    announced = announce(announcer, placed, strict=strict)
    if announcer is None:
        warn_of_no_run(
            f"{placed.manifest.reference} is a version now",
            "Give writer= or run_dir=, or call it below a writer's as_default().",
        )
    warn_of_automatic_names(placed.manifest)
    return announced


def _remote_version(
    url: str, announcer: Announcer | None, facts: Facts, *, strict: bool, given: tuple[str | None, int | None]
) -> bool:
    """`version` of a folder in an object store."""
    models, model, known = version_at(url, *given)
    drafted = prepare_draft(model, known, facts, announcer)
    home = home_of(models, model)
    try:
        with storage_errors():
            check_semantic_version(drafted.semantic_version, home.known() if drafted.semantic_version else Path())
            placed = place_manifest_at(url, drafted, facts)
    except VersionExistsError:
        raise
    except Exception as error:  # noqa: BLE001 -- nothing that fails here may stop a training
        report(error, f"{url} did not become a version", strict=strict)
        return False
    return _announced(announcer, placed, strict=strict)


def version_pb(
    folder: str | os.PathLike[str], *, name: str | None = None, number: int | None = None, **facts: Unpack[Facts]
) -> Summary:
    """Builds the summary that announces a version. Writes nothing.

    Args:
        folder: As in `version`. If it has a manifest already, that one is announced, and no facts may be given.
        name: As in `version`.
        number: As in `version`.
        **facts: As in `version`.

    Returns:
        A `Summary` with one value, for `Event(step=…, summary=…)`.

    Raises:
        TbVersionsError: As `version` with `strict`.
        TypeError: A keyword is unknown, or a value has the wrong type.
    """
    check_names(facts, "version_pb")
    path = existing_folder(folder, "The version's folder")
    model, known = _identity(path, name, number)
    if os.path.lexists(path / MANIFEST_NAME):
        manifest, data = _existing(path, facts)
    else:
        manifest, _ = separated(complete(prepare_draft(model, known, facts, None), path, facts))
        data = codec.encode(manifest)
    return announcement_pb(manifest.model, manifest.number, data)


def _existing(path: Path, facts: Facts) -> tuple[VersionManifest, bytes]:
    if facts:
        check_no_manifest(path)
    data = read_capped(path / MANIFEST_NAME, MANIFEST_LIMIT)
    return codec.decode(data), data


def _identity(folder: Path, name: str | None, number: int | None) -> tuple[str, int]:
    """The model and number of a folder: as given, else from its path `<name>/<number>`."""
    path = folder.absolute()
    if number is None:
        number = parse_number(path.name)
    if number is None:
        raise InvalidNameError(
            f"{shown(path.name)} is not a version number. Use a folder like models/digits/7, or give number=."
        )
    return check_model_name(path.parent.name if name is None else name), number
