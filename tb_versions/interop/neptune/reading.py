"""An export of Neptune as versions: each model version of Neptune 2 is one; runs are where that is wanted."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tb_versions.core.manifest import FilesElsewhere, Metric, Relation, check_path_elsewhere, visible
from tb_versions.core.storage import existing_folder, is_inside
from tb_versions.errors import InvalidManifestError, InvalidQueryError, MissingDependencyError, TbVersionsError
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.importing.looked import Looked, because, few
from tb_versions.interop.neptune.exported import MODELS, VERSIONS, Exported, complete, hyperparameters, read_exported

TRACKER = "neptune"

_STAGES = ("production", "staging")
_NUMBER = re.compile(r"(?P<model>.+)-(?P<number>[0-9]{1,15})")


@dataclass(frozen=True)
class Files:
    """Where the exporter put files.

    Attributes:
        root: Real path of its `--files-path`; "" where it is not at hand.
        source: Label under which readers find it.
    """

    root: str = ""
    source: str = "neptune"


def read_export(data: str, files: Files, *, runs: bool = False) -> Looked:
    """Reads what Neptune Exporter wrote. Nothing in it is changed.

    Args:
        data: The exporter's `--data-path`, or the folder of one project in it.
        files: Where files are.
        runs: Whether each run is a version, too.

    Raises:
        UnreadableFolderError: The folder does not exist.
        InvalidQueryError: Nothing that is complete is in it.
        MissingDependencyError: pyarrow is not installed.
    """
    root, looked = os.path.realpath(existing_folder(data, "The exported data")), Looked()
    count = 0
    for folder in _projects(root):
        for scope in ("", VERSIONS):
            exports = _exports(os.path.join(folder, scope), root)
            count += len(exports)
            found = _all(exports, root, looked)
            if scope:
                models = {one.id: one for one in _all(_exports(os.path.join(folder, MODELS), root), root, looked)}
                looked.versions += _model_versions(found, models, os.path.basename(folder), files)
            elif runs:
                looked.versions += [_of_run(one, os.path.basename(folder), files) for one in _by_time(found)]
            else:
                looked.note_runs([f"{one.id} of {one.project}" for one in found], what="no place in Neptune's registry")
    if not count:
        raise InvalidQueryError(
            f"{visible(root)} has no export that is complete: name the folder that was given to neptune-exporter as "
            "--data-path."
        )
    return looked


def _projects(root: str) -> list[str]:
    """Folders of projects; the folder itself where it is one."""
    if complete(root) or any(os.path.isdir(os.path.join(root, scope)) for scope in (MODELS, VERSIONS)):
        return [root]
    with os.scandir(root) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))


def _exports(folder: str, root: str) -> dict[str, list[str]]:
    return complete(folder) if os.path.isdir(folder) and is_inside(folder, root) else {}


def _all(exports: Mapping[str, list[str]], root: str, looked: Looked) -> list[Exported]:
    found = []
    for name, paths in exports.items():
        try:
            one = read_exported(paths)
        except MissingDependencyError:
            raise
        except (TbVersionsError, OSError) as error:
            looked.skipped.append((name, because(error, without=root)))
            continue
        if one.id and one.project:
            found.append(one)
        else:
            looked.skipped.append((name, "it names no run and no project."))
    return found


def _by_time(found: list[Exported]) -> list[Exported]:
    return sorted(found, key=lambda one: (str(one.time("sys/creation_time") or ""), one.id))


def _model_versions(
    found: list[Exported], models: Mapping[str, Exported], folder: str, files: Files
) -> Iterator[Foreign]:
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found:
        holders[_model_id(one), one.text("sys/stage")].append(one.id)
    for one in sorted(found, key=lambda one: (_model_id(one), _number(one) or 0)):
        model_id, stage = _model_id(one), one.text("sys/stage")
        model = models.get(model_id, Exported())
        base, notes = _base(one, folder, files), list[str]()
        said: tuple[Said, ...] = ()
        if stage in _STAGES:
            if len(holders[model_id, stage]) == 1:
                said = (Said("alias_set", stage),)
            else:
                notes.append(f"Several versions are in the stage {stage}, which an alias can't say; its label does.")
        yield replace(
            base,
            model=model_id,
            number=_number(one),
            version=one.id,
            said=said,
            model_description=model.text("sys/description"),
            model_labels={"neptune.name": model.text("sys/name")} if model.text("sys/name") else {},
            notes=(*base.notes, *notes),
        )


def _model_id(one: Exported) -> str:
    match = _NUMBER.fullmatch(one.id)
    return one.text("sys/model_id") or (match["model"] if match else one.id)


def _number(one: Exported) -> int | None:
    match = _NUMBER.fullmatch(one.id)
    return int(match["number"]) if match else None


def _of_run(one: Exported, folder: str, files: Files) -> Foreign:
    base = _base(one, folder, files)
    name, parent = one.text("sys/name"), one.text("sys/forking/parent")
    parents: dict[str, Relation] = {f"run/{parent}": "derived_from"} if parent else {}
    return replace(
        base, key=f"run/{one.id}", model=one.project, version=f"{one.id} {name}".strip(), parent_keys=parents
    )


def _base(one: Exported, folder: str, files: Files) -> Foreign:
    tags = one.single.get("sys/tags")
    labels = {
        "neptune.project": one.project,
        "neptune.id": one.id,
        "neptune.name": one.text("sys/name"),
        "neptune.custom_id": one.text("sys/custom_run_id"),
        "neptune.stage": one.text("sys/stage"),
        "neptune.parent": one.text("sys/forking/parent"),
        "neptune.tags": ", ".join(map(str, tags)) if isinstance(tags, list) else "",
    }
    place, elsewhere, only = _place(one, folder, files)
    return Foreign(
        tracker=TRACKER,
        store=hashlib.sha256(f"neptune {one.project}".encode("utf-8", "surrogatepass")).hexdigest()[:16],
        key=one.id,
        model=one.project,
        number=None,
        created=one.time("sys/creation_time"),
        created_of="the time when it was made in Neptune",
        description=one.text("sys/description"),
        labels={key: text for key, text in labels.items() if text},
        metrics=tuple(Metric(name=path, value=value, step=step) for path, (value, step) in sorted(one.series.items())),
        hyperparameters=hyperparameters(one),
        folder=place,
        only=only,
        elsewhere=elsewhere,
        notes=tuple(_notes(one, bool(place))),
    )


def _notes(one: Exported, has_files: bool) -> Iterator[str]:
    if one.left_out:
        yield f"Series of texts or histograms were left out: {few(one.left_out)}."
    if one.odd_steps:
        yield f"Steps that are unknown or no integers were left out: {few(one.odd_steps)}."
    if one.files and not has_files:
        yield "Its files are not at hand: name the exporter's folder with --files-path."


def _place(one: Exported, folder: str, files: Files) -> tuple[str, FilesElsewhere | None, str]:
    """The folder that all files of an export have in common, below the exporter's folder of files."""
    if not one.files or not files.root:
        return "", None, ""
    stored = [path for path in one.files if not os.path.isabs(path) and ".." not in path.split("/")]
    for base in (os.path.join(files.root, folder), files.root):
        paths = [os.path.join(base, path) for path in stored]
        if not paths or not all(os.path.lexists(path) for path in paths):
            continue
        single = len(paths) == 1 and os.path.isfile(paths[0])
        common = os.path.realpath(os.path.dirname(paths[0]) if single else os.path.commonpath(paths))
        if not is_inside(common, files.root) or common == files.root or not os.path.isdir(common):
            return "", None, ""
        only = os.path.basename(paths[0]) if single else ""
        relative = os.path.relpath(os.path.join(common, only) if only else common, files.root).replace(os.sep, "/")
        try:
            return common, FilesElsewhere(source=files.source, path=check_path_elsewhere(relative)), only
        except InvalidManifestError:
            return "", None, ""
    return "", None, ""
