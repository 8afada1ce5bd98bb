"""Publishes a version: checks the arguments, saves the model into its place, announces it in the run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from tb_versions.core.manifest import VersionManifest, check_number
from tb_versions.core.metadata import announcement_pb
from tb_versions.core.storage import is_remote
from tb_versions.errors import InvalidManifestError, StorageError
from tb_versions.write.announcer import Announcer, default_step, find_announcer, inside_tf_function, relative_location
from tb_versions.write.facts import Facts, check_names, draft
from tb_versions.write.failures import report, warn_once
from tb_versions.write.golden.inputs import EXAMPLES
from tb_versions.write.golden.recording import Recorder, keep
from tb_versions.write.homes import home_of
from tb_versions.write.inputs import warn_of_automatic_names
from tb_versions.write.leaving_out import recordable_facts
from tb_versions.write.placement import Placed
from tb_versions.write.published import PublishedVersion
from tb_versions.write.savers import saver_of
from tb_versions.write.sharing import how_to_share
from tb_versions.write.warmup import with_warmup

if TYPE_CHECKING:
    from typing_extensions import Unpack


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
    warmup: object = None,
    golden: object = None,
    golden_examples: int = EXAMPLES,
    golden_labels: object = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> PublishedVersion | None:
    """Publishes a model as its next version and announces it in the run.

    A mistake in the arguments raises at once, before anything is written. A failure after that (a full disk, a
    failed export) becomes one `TbVersionsWarning`, and training goes on. A metric that is not a number, and other
    facts that can't be recorded, are left out with a warning, unless `strict`. `publish` does not train, evaluate or
    load anything, and does not move or change a folder given as the model.

    Args:
        model: A Keras model, a tf.Module, or the path of a folder: a SavedModel, or any other files.
        models_dir: Folder of all models, or its URL (`s3://bucket/models`, `gs://bucket/models`); created if it is
            missing. The version's folder is `<models_dir>/<name>/<number>`.
        name: Name of the model, [A-Za-z0-9._-].
        number: The version's number. Default: one more than the largest number ever used.
        writer: Summary writer to announce with: of tf.summary, TensorBoard, PyTorch or tensorboardX.
            Default: TensorFlow's default writer, if one is set.
        run_dir: Folder of the run's event file. Without a writer, the announcement is written to a separate
            folder, `<run_dir>/versions`. Without both, the version is not announced.
        keras_archive: Whether to add a Keras model's native archive, from which training can be resumed. One that
            can't be saved is left out with a warning, unless `strict`.
        signatures: For a tf.Module, as in `tf.saved_model.save`.
        warmup: Sample inputs, with which TensorFlow Serving warms the model up when it loads it: a mapping from names
            of inputs to arrays, a list of at most 1,000 such mappings, or an array for a model with one input. They
            become a file of the version, so give nothing that may not be known. Samples that do not fit the model are
            left out with a warning, unless `strict`.
        golden: Inputs whose answers are kept, so that `tb-versions replay` can ask again: an array for a model with one
            input, a mapping from names of inputs to arrays, one from signatures to such mappings, or a
            tf.data.Dataset of inputs or of (inputs, targets). The export is loaded in a process of its own on the CPU,
            which takes seconds, and asked; an export that answers otherwise than the model in memory is reported, and
            with `strict` not published. At most 16 MiB. They are kept outside of the version, in
            `.versions/golden/<number>/`, so give nothing that readers of the models folder may not know.
        golden_examples: How many examples are taken from a dataset.
        golden_labels: The right answers to the inputs of `golden`, one whole number or text for each example, or a
            mapping from names of outputs to such arrays; True takes the targets of a dataset. With them
            `tb-versions replay REF REF` says which of two versions is right more often. Kept with the inputs.
        strict: Whether to raise an error instead of issuing a warning.
        **facts: Metrics, hyperparameters, step and more, see `Facts`.

    Returns:
        The version; None if it could not be published (never with `strict`).

    Raises:
        TypeError: A keyword, model or writer is unknown, or a value has the wrong type.
        InvalidNameError: The name breaks the naming rule.
        InvalidManifestError: A fact breaks a rule; or the folder holds versions, or is inside of one; or it is in its
            place already and `warmup` or `golden` is given.
        UnsafeFileError: The model's folder is a symlink.
        VersionExistsError: The given number is taken, or the semantic version is.
        ModelExportError: The model has no weights yet; with `strict`, also if the export failed.
        UnsupportedStorageError, MissingDependencyError: The URL is of no store, or the package for it is missing.
        StorageError: With `strict`: writing failed.
    """
    check_names(facts, "publish")
    refuse_tracing("publish")
    if not strict:
        facts = recordable_facts(facts)
    announcer = find_announcer(writer, run_dir)
    saver = saver_of(model, keras_archive=keras_archive, signatures=signatures, strict=strict)
    saver = with_warmup(saver, warmup, model=name, strict=strict)
    recorder = Recorder(
        name, golden, model, signatures=signatures, examples=golden_examples, labels=golden_labels, strict=strict
    )
    saver = recorder.beside(saver)
    where = os.fspath(models_dir)
    try:
        with storage_errors():
            home = home_of(models_dir, name)
            where = home.shown
            number = home.check(saver, number)
            if home.is_in_place:
                _refuse_in_place(warmup=warmup, golden=golden)
            drafted = prepare_draft(name, 1 if number is None else number, facts, announcer)
            home.check_draft(saver, drafted, number=number)
    except StorageError as error:  # of the disk, not of the arguments
        report(error, f"A version of {name} was not published in {where}", strict=strict)
        return None
    try:
        with storage_errors():
            placed = home.place(saver, drafted, facts=facts, number=number, strict=strict)
    except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
        report(error, f"A version of {name} was not published in {where}", strict=strict)
        return None
    keep(home, placed.manifest.number, recorder, strict=strict)
    announced = announce(announcer, placed, strict=strict)
    if announcer is None:
        warn_of_no_run(
            f"{placed.manifest.reference} is published",
            "Give writer= or run_dir= to publish(), or a TensorBoard callback to fit().",
        )
    warn_of_automatic_names(placed.manifest)
    return PublishedVersion(name, placed.manifest.number, placed.folder, placed.manifest, announced)


def warn_of_no_run(done: str, remedy: str) -> None:
    """Warns once in a process that no run shows what was done, which is said without a full stop."""
    warn_once(
        "no writer",
        f"{done}, but no run in TensorBoard will show it, because there is no summary writer to announce it with. "
        f"{remedy} The Versions tab finds it by --versions_models_dir.",
    )


def _refuse_in_place(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise InvalidManifestError(
                f"{name}= adds a file, and the folder to publish is in its place already and stays as it is. Publish "
                f"it from elsewhere, or leave out {name}=."
            )


def prepare_draft(name: str, number: int, facts: Facts, announcer: Announcer | None) -> VersionManifest:
    """Returns the draft of the manifest; a step or run that was not given is taken from the summary writer."""
    if "step" not in facts:
        facts = cast("Facts", {**facts, "step": default_step()})
    if announcer is None:
        return draft(name, check_number(number), facts)
    announcer.flush()
    return draft(name, check_number(number), facts, run_dir=announcer.run_dir)


def announce(announcer: Announcer | None, placed: Placed, *, strict: bool) -> bool:
    """Announces a version; a failure is a warning unless strict.

    Returns:
        Whether it was announced.
    """
    if announcer is None:
        return False
    manifest = placed.manifest
    step = next((run.step for run in manifest.runs if run.step is not None), 0)
    try:
        with storage_errors():
            is_local = not is_remote(placed.folder)
            location = relative_location(placed.folder, announcer.run_dir) if is_local else ""
            return announcer.write(
                announcement_pb(manifest.model, manifest.number, placed.data, location=location), step
            )
    except Exception as error:  # noqa: BLE001 -- no failure here may stop a training
        report(error, f"{manifest.reference} was published, but not announced in its run", strict=strict)
        return False


def refuse_tracing(caller: str) -> None:
    """Raises RuntimeError inside a tf.function."""
    if inside_tf_function():
        raise RuntimeError(
            f"{caller}() was called inside a tf.function, where it would run once, when the function is traced: "
            "call it outside, from plain Python code."
        )


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turns OSError into StorageError with the file's name, and says how users share a folder where that is amiss."""
    try:
        yield
    except StorageError as error:
        error.args = (f"{error}{how_to_share(error.__cause__)}",)
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        if isinstance(error, FileNotFoundError) and not error.filename:  # as os.getcwd() raises it
            raise StorageError(
                "The current folder was deleted, so relative paths name nothing. Give absolute paths, or change to a "
                "folder that is there."
            ) from error
        raise StorageError(f"{where}{error.strerror or error}.{how_to_share(error)}") from error
