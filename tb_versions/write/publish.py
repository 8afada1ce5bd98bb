"""Publishes a version: into `<models>/<model>/<number>/` in one step, or not at all.

The version is built in a temporary folder: saved, parsed, digested, its manifest written last, all of it
on disk. Then one `rename` gives the folder its number. So TensorFlow Serving, which takes every integer
folder for a version, and the Versions tab see nothing or everything, whenever the process dies.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest, check_model_name, check_number
from tb_versions.core.metadata import announcement_pb
from tb_versions.core.storage import create_if_absent, fsync_folder, fsync_tree, local_path, read_capped, write_file
from tb_versions.errors import StorageError, TbVersionsError, VersionExistsError
from tb_versions.write import numbers
from tb_versions.write.announcer import Announcer, default_step, find_announcer, inside_tf_function, relative_location
from tb_versions.write.complete import complete, with_parents_digests
from tb_versions.write.facts import Facts, check_names, draft
from tb_versions.write.failures import report
from tb_versions.write.published import PublishedVersion
from tb_versions.write.savers import Saver, saver_of
from tb_versions.write.temporary import scratch_path

if TYPE_CHECKING:
    from typing_extensions import Unpack

_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def publish(
    model: object,
    models_dir: str | os.PathLike[str],
    *,
    name: str,
    number: int | None = None,
    writer: object = None,
    run_dir: str | os.PathLike[str] | None = None,
    keras_archive: bool = True,
    signatures: object = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> PublishedVersion | None:
    """Publishes a model as its next version and announces it in the run.

    What is wrong with the arguments raises at once, before anything is written. Anything that fails later
    (a full disk, an export) becomes one `TbVersionsWarning`, and training goes on. It does not train,
    evaluate or load anything, and does not move or change a folder given as the model.

    Args:
        model: A Keras model, a tf.Module, or the path of a folder: a SavedModel, or any other files.
        models_dir: Folder of all models; made where it is missing. The version's folder becomes
            `<models_dir>/<name>/<number>`.
        name: Name of the model, [A-Za-z0-9._-].
        number: The version's number; one more than the largest ever used by default.
        writer: Summary writer to announce with: of tf.summary, TensorBoard, PyTorch or tensorboardX.
            By default TensorFlow's default writer, if one is set.
        run_dir: Folder of the run's event file. Where there is no writer, the announcement goes into a
            folder of its own, `<run_dir>/versions`; without both the version is not announced.
        keras_archive: Whether to add a Keras model's native archive, from which training can go on.
        signatures: For a tf.Module, as in `tf.saved_model.save`.
        strict: Whether to raise where otherwise a warning is given.
        **facts: Metrics, hyperparameters, step and more, see `Facts`.

    Returns:
        The version; None where it could not be published (never with `strict`).

    Raises:
        TypeError: An unknown keyword, model or writer, or a value of the wrong type.
        InvalidNameError: The name breaks the naming rule.
        InvalidManifestError: A fact breaks a rule.
        VersionExistsError: The given number is taken.
        ModelExportError: The model has no weights yet; with `strict`, also where the export failed.
        StorageError: With `strict`: writing failed.
    """
    check_names(facts, "publish")
    refuse_tracing("publish")
    announcer = find_announcer(writer, run_dir)
    saver = saver_of(model, keras_archive=keras_archive, signatures=signatures)
    root = local_path(models_dir)
    folder = root / check_model_name(name)
    in_place = _number_in_place(saver, folder)
    if in_place is not None:
        number = _agreed(number, in_place)
    first = prepare_draft(name, 1 if number is None else number, facts, announcer)
    if in_place is not None:
        check_no_manifest(folder / saver.folder.name)  # type: ignore[union-attr]
    elif number is not None and numbers.is_taken(os.fspath(folder), number):
        raise VersionExistsError(f"{name}:{number} exists or existed in {root}; numbers are never reused.")
    try:
        with storage_errors():
            first = with_parents_digests(first, root)
            if in_place is not None:
                path, manifest, data = record(cast("Path", saver.folder), first, facts)
            else:
                path, manifest, data = _place(saver, folder, first, facts, wanted=number, strict=strict)
    except Exception as error:  # noqa: BLE001 -- nothing that fails here may stop a training
        report(error, f"A version of {name} was not published in {root}", strict=strict)
        return None
    announced = announce(announcer, manifest, data, path, strict=strict)
    return PublishedVersion(name, manifest.number, path, manifest, announced)


def prepare_draft(name: str, number: int, facts: Facts, announcer: Announcer | None) -> VersionManifest:
    """Returns the draft manifest; the step and the run come from the summary writer where not given."""
    if facts.get("step") is None:
        facts = cast("Facts", {**facts, "step": default_step()})
    return draft(name, check_number(number), facts, run_dir=None if announcer is None else announcer.run_dir)


def record(folder: Path, first: VersionManifest, facts: Facts) -> tuple[Path, VersionManifest, bytes]:
    """Writes the manifest of a folder that stands at its place already.

    Returns:
        The folder, its manifest, and the manifest's bytes.

    Raises:
        VersionExistsError: Another writer was faster.
        StorageError: Writing failed.
        OSError: Writing failed.
    """
    model_folder = os.fspath(folder.parent)
    manifest = complete(first, folder, facts.get("capture"))
    data = codec.encode(manifest)
    fsync_tree(folder)
    if folder.parent.name == first.model:  # the layout of publish(): keep the number, leave no litter
        numbers.prepare(model_folder)
        with scratch_path(model_folder) as scratch:
            os.mkdir(scratch)
            created = create_if_absent(folder / MANIFEST_NAME, data, temporary_folder=scratch)
            numbers.keep(model_folder, manifest.number)
    else:
        created = create_if_absent(folder / MANIFEST_NAME, data)
    if not created:
        check_no_manifest(folder)
    return folder, manifest, data


def check_no_manifest(folder: str | os.PathLike[str]) -> None:
    """Raises VersionExistsError if the folder has a manifest."""
    if os.path.lexists(os.path.join(folder, MANIFEST_NAME)):
        raise VersionExistsError(
            f"{os.fspath(folder)} has a manifest already, and versions are immutable: publish a new version instead."
        )


def announce(
    announcer: Announcer | None, manifest: VersionManifest, data: bytes, folder: Path, *, strict: bool
) -> bool:
    """Announces a version; a failure is a warning unless strict.

    Returns:
        Whether it was announced.
    """
    if announcer is None:
        return False
    location = relative_location(folder, announcer.run_dir)
    summary = announcement_pb(manifest.model, manifest.number, data, location=location)
    try:
        with storage_errors():
            return announcer.write(summary, _announcement_step(manifest))
    except Exception as error:  # noqa: BLE001 -- as above
        report(error, f"{manifest.reference} was published, but not announced in its run", strict=strict)
        return False


def refuse_tracing(caller: str) -> None:
    """Raises RuntimeError inside a tf.function."""
    if inside_tf_function():
        raise RuntimeError(
            f"{caller}() was called inside a tf.function, where it would run once at tracing and never again: "
            "call it from the Python code around."
        )


def _announcement_step(manifest: VersionManifest) -> int:
    return next((run.step for run in manifest.runs if run.step is not None), None) or 0


def _number_in_place(saver: Saver, folder: Path) -> int | None:
    """The number of a folder which stands where its version belongs."""
    if saver.folder is None or os.path.abspath(saver.folder.parent) != os.path.abspath(folder):
        return None
    return numbers.parse_number(saver.folder.name)


def _agreed(given: int | None, found: int) -> int:
    if given not in (None, found):
        raise VersionExistsError(f"The folder to publish is version {found} already; number={given} contradicts.")
    return found


def _place(
    saver: Saver, folder: Path, first: VersionManifest, facts: Facts, *, wanted: int | None, strict: bool
) -> tuple[Path, VersionManifest, bytes]:
    """Builds the version in a temporary folder and gives it its place."""
    model_folder = os.fspath(folder)
    _make_folder(folder)
    numbers.prepare(model_folder)
    with scratch_path(model_folder) as built:
        saver.save(built)
        manifest = complete(first, built, facts.get("capture"))
        fsync_tree(built, own_names=False)
        while True:
            number = _take_number(model_folder, wanted)
            manifest = replace(manifest, number=number)
            try:
                data = codec.encode(manifest)
                if _move(built, model_folder, number, data):
                    break
            except BaseException:
                numbers.release(model_folder, number)
                raise
    try:
        fsync_folder(model_folder)
    except OSError as error:
        what = f"{manifest.reference} is in place in {model_folder}, but the disk did not confirm it"
        if strict:
            raise StorageError(f"{what}: {error.strerror}.") from error
        report(error, what, strict=False)
    if wanted is None:
        numbers.remember(model_folder, number)
    return folder / str(number), manifest, data


def _take_number(model_folder: str, wanted: int | None) -> int:
    if wanted is None:
        return numbers.reserve(model_folder)
    if not numbers.claim(model_folder, wanted):
        raise VersionExistsError(f"Another writer took the number {wanted} in {model_folder}.")
    return wanted


def _move(built: str, model_folder: str, number: int, manifest: bytes) -> bool:
    """Writes the manifest and renames the finished folder to its number; False where that name is taken."""
    path, target = os.path.join(built, MANIFEST_NAME), os.path.join(model_folder, str(number))
    write_file(path, manifest)
    fsync_folder(built)
    # rename() would replace an empty folder, so look first; onto anything else it fails.
    if not os.path.lexists(target):
        try:
            os.rename(built, target)
            return True
        except OSError as error:
            if _was_moved(built, target, manifest):
                return True
            if error.errno not in _TAKEN:
                raise
    os.unlink(path)
    return False


def _was_moved(built: str, target: str, manifest: bytes) -> bool:
    """Whether a rename was done although it failed: a network file system may lose the answer and ask again."""
    if os.path.lexists(built):
        return False
    try:
        return read_capped(os.path.join(target, MANIFEST_NAME), len(manifest)) == manifest
    except (TbVersionsError, OSError):
        return False


def _make_folder(folder: Path) -> None:
    """Creates a folder and its missing parents, and waits until the disk has their names."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    fsync_folder(folder.parent)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turns OSError into StorageError with the file's name."""
    try:
        yield
    except TbVersionsError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise StorageError(f"{where}{error.strerror or error}.") from error
