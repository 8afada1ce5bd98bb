"""From what a tracker says of a version to a manifest without files."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from tb_versions._version import __version__
from tb_versions.core.manifest import (
    MAX_ITEMS,
    Environment,
    Files,
    FilesElsewhere,
    Imported,
    Inference,
    Parent,
    VersionManifest,
    check_key,
    check_path_elsewhere,
    check_text,
    is_semantic_version,
    validate,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.formats import Told, read_format
from tb_versions.formats.models import Model, format_of
from tb_versions.interop.importing import cleaning
from tb_versions.interop.importing.cleaning import Notes, line, prose
from tb_versions.interop.importing.foreign import Foreign
from tb_versions.write.origin import has_graph


@dataclass(frozen=True)
class Around:
    """What is known of other versions.

    Attributes:
        places: (model, number, digest) here of each version of the same store, by its key.
        semantic: Semantic versions that other versions of the model have.
    """

    places: Mapping[str, tuple[str, int, str]] = field(default_factory=dict)
    semantic: Set[str] = frozenset()


def draft_of(foreign: Foreign, place: tuple[str, int], *, files: Files, around: Around) -> VersionManifest:
    """Returns the manifest of a foreign version; its files and digest are missing.

    Args:
        foreign: The version.
        place: Model and number here.
        files: Where its files are.
        around: Other versions.

    Raises:
        InvalidManifestError: A value breaks a rule of manifests.
        NotAModelError: A file at hand is damaged.
        OSError: The folder at hand can't be listed.
    """
    notes = Notes(foreign.notes)
    told = Told("files") if files == "absent" else _told(foreign.folder, foreign.only)
    manifest = VersionManifest(
        model=place[0],
        number=place[1],
        semantic_version=_semantic_version(foreign.semantic_version, around.semantic, notes),
        created=None if foreign.created is None else foreign.created.astimezone(datetime.timezone.utc),
        description=prose(foreign.description),
        labels=cleaning.labels_of(foreign.labels, notes),
        metrics=cleaning.metrics_of(foreign.metrics, notes),
        hyperparameters=cleaning.hyperparameters_of(foreign.hyperparameters, notes),
        runs=tuple(replace(run, name=line(run.name)) for run in foreign.runs[:MAX_ITEMS]),
        parents=(*foreign.parents[:MAX_ITEMS], *_parents(foreign, around, notes)),
        datasets=cleaning.datasets_of(foreign.datasets, notes),
        code=cleaning.code_of(foreign.code),
        environment=_environment(foreign.environment) or told.environment,
        seeds=dict(foreign.seeds),
        training_seconds=foreign.training_seconds,
        format=told.format,
        saved_model=told.saved_model,
        lead_metric=_lead_metric(foreign.lead_metric),
        inferred=_inferred(foreign),
        created_by=f"tb_versions {__version__}",
    )
    elsewhere = None if files == "copied" else foreign.elsewhere or _somewhere(foreign)
    return validate(replace(manifest, files_elsewhere=elsewhere, imported=_imported(foreign, files, notes)))


def _somewhere(foreign: Foreign) -> FilesElsewhere:
    """A place by which people may bind files that are not at hand, where the tracker names none that can be bound."""
    path = "/".join(part for part in foreign.key.split("/") if part not in ("", ".", ".."))
    try:
        return FilesElsewhere(source=foreign.tracker, path=check_path_elsewhere(path))
    except InvalidManifestError:
        digest = hashlib.sha256(foreign.key.encode("utf-8", "surrogatepass")).hexdigest()
        return FilesElsewhere(source=foreign.tracker, path=digest)


def _imported(foreign: Foreign, files: Files, notes: Notes) -> Imported:
    for text, what in ((foreign.store, "store"), (foreign.key, "key there"), (foreign.model, "model's name there")):
        check_text(text, f"The {what}")
        if not text:
            raise InvalidManifestError(f"The {what} is empty, so the version could not be found again.")
    labels = cleaning.labels_of(foreign.model_labels, notes)
    return Imported(
        tracker=foreign.tracker,
        store=foreign.store,
        key=foreign.key,
        model=foreign.model,
        version=line(foreign.version or ("" if foreign.number is None else str(foreign.number))),
        files=files,
        model_description=prose(foreign.model_description),
        model_labels=labels,
        notes=notes.all(),
    )


def _told(folder: str, only: str) -> Told:
    """What the files of a folder at hand say; a SavedModel's own is read with its digest."""
    if not only and has_graph(folder):
        return Told("saved_model")
    names = [only] if only else sorted(os.listdir(folder))
    formats = {name: format_of(name) for name in names}
    found = [(name, told) for name, told in formats.items() if told]
    return read_format(Model(folder, found[0][1], found[0][0])) if len(found) == 1 else Told("files")


def _semantic_version(text: str, taken: Set[str], notes: Notes) -> str:
    if text and not is_semantic_version(text):
        notes.add(f"{line(text, 80)} is no semantic version.")
        return ""
    if text and text in taken:
        notes.add(f"The semantic version {text} was left out: another version here has it.")
        return ""
    return text


def _lead_metric(name: str) -> str:
    try:
        return check_key(line(name, 256), "The lead metric's name") if name else ""
    except InvalidManifestError:
        return ""


def _environment(given: Environment | None) -> Environment | None:
    if given is None:
        return None
    texts = ("python", "os", "tensorflow", "keras", "numpy", "cuda", "cudnn")
    packages = {line(name, 256): line(version, 256) for name, version in list(given.packages.items())[:5_000]}
    return replace(given, packages=packages, **{name: line(getattr(given, name), 256) for name in texts})


def _parents(foreign: Foreign, around: Around, notes: Notes) -> tuple[Parent, ...]:
    found = []
    for key, relation in list(foreign.parent_keys.items())[:MAX_ITEMS]:
        if key in around.places:
            model, number, digest = around.places[key]
            found.append(Parent(model=model, number=number, digest=digest, relation=relation))
        else:
            notes.add(f"It was made from {line(key, 200)}, which is no version here.")
    return tuple(found)


def _inferred(foreign: Foreign) -> tuple[Inference, ...]:
    found = []
    if foreign.created is not None and foreign.created_of:
        found.append(Inference(field="created", evidence=line(foreign.created_of)))
    names = [metric.name for metric in foreign.metrics if metric.source == "inferred"]
    if names:
        said = f"found by the reader of {foreign.tracker}: {', '.join(names)}"
        found.append(Inference(field="metrics", evidence=line(said)))
    return tuple(found)
