"""Writes the manifests of models that were made without this package. The models' files are read and not changed."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tb_versions.core.codec import load_json
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, MAX_TEXT, Inference, VersionManifest, validate
from tb_versions.core.storage import read_capped
from tb_versions.errors import TbVersionsError
from tb_versions.formats import read_format
from tb_versions.interop.finding import find_models
from tb_versions.interop.homes import Into
from tb_versions.interop.inferring import Inferred
from tb_versions.interop.locking import alone
from tb_versions.interop.planning import NumberFrom, Plan, Planned, make_plan
from tb_versions.read.manifests.files_at import elsewhere_of
from tb_versions.write.complete import complete
from tb_versions.write.model_folder import check_model_folder, check_version_folder
from tb_versions.write.placement import Placed, place_elsewhere, place_manifest


@dataclass(frozen=True)
class Adopted:
    """What became of a planned version.

    Attributes:
        planned: The version.
        manifest: What was recorded; None if it failed.
        failure: Why it failed, or "".
    """

    planned: Planned
    manifest: VersionManifest | None
    failure: str = ""


@contextlib.contextmanager
def planning(
    folders: Sequence[str],
    *,
    name: str = "",
    number_from: NumberFrom = "",
    into: Into | None = None,
    kept: Mapping[str, int] | None = None,
    is_share: bool = False,
) -> Iterator[Plan]:
    """Yields the plan for some folders; until the end no other process adopts what is in them.

    Args:
        folders: As of `find_models`.
        name: As of `make_plan`.
        number_from: As of `make_plan`.
        into: As of `make_plan`.
        kept: As of `make_plan`.
        is_share: Whether the models of a share will be adopted, while others do those of the other shares.

    Raises:
        UnreadableFolderError: A folder does not exist.
    """
    with contextlib.ExitStack() as stack:
        locked = [*folders, *([into.models_dir] if into else [])]
        for folder in sorted({os.path.realpath(os.path.expanduser(folder)) for folder in locked}):
            stack.enter_context(alone(folder, is_shared=is_share))
        found = find_models(folders, takes_loose=into is not None)
        joined = found if into is None else into.joined(found)
        yield make_plan(joined, name=name, number_from=number_from, into=into, kept=kept)


def adopt(plan: Plan, inferred: Mapping[str, Inferred]) -> Iterator[Adopted]:
    """Makes each planned model a version, and yields what became of it. What was done stays when this is interrupted.

    Args:
        plan: Of `planning`, inside its `with`.
        inferred: What a logdir or a table said of versions, by the paths of their models.
    """
    for planned in plan.versions:
        yield adopt_one(planned, inferred.get(planned.model.path, Inferred()))


def adopt_one(planned: Planned, inferred: Inferred) -> Adopted:
    """Makes a planned model a version, and returns what became of it.

    Args:
        planned: Of a plan.
        inferred: What a logdir or a table said of it.
    """
    try:
        return Adopted(planned, _adopt(planned, inferred).manifest)
    except (TbVersionsError, OSError) as error:
        return Adopted(planned, None, _reason(error, planned.model.path))


def is_adopted(planned: Planned) -> bool:
    """Returns whether a planned model is the version that it was to become, as after a worker was started again."""
    home = planned.model.folder if planned.elsewhere is None else os.path.join(planned.home, str(planned.number))
    try:
        fields = load_json(read_capped(os.path.join(home, MANIFEST_NAME), MANIFEST_LIMIT))
        same = (str(fields.get("model")), int(fields.get("number", 0))) == (planned.named.model, planned.number)
        return same and elsewhere_of(fields) == planned.elsewhere
    except (TbVersionsError, OSError, ValueError, TypeError):
        return False


def _adopt(planned: Planned, inferred: Inferred) -> Placed:
    folder = Path(os.path.abspath(planned.model.folder))
    if planned.elsewhere is not None:
        draft = replace(draft_of(planned, inferred), files_elsewhere=planned.elsewhere)
        manifest = complete(draft, folder, {}, adopts=True, only=planned.model.only)
        return place_elsewhere(Path(planned.home), manifest, number=planned.number)
    if folder.parent.name == planned.named.model:
        check_version_folder(folder)
        check_model_folder(folder.parent)
    return place_manifest(folder, draft_of(planned, inferred), {}, adopts=True)


def draft_of(planned: Planned, inferred: Inferred) -> VersionManifest:
    """Returns what is known of a version before its files are hashed.

    Raises:
        NotAModelError: Its file is damaged.
        InvalidManifestError: A value breaks a rule of manifests.
    """
    told = read_format(planned.model)
    made = datetime.datetime.fromtimestamp(planned.times.made, datetime.timezone.utc)
    runs = tuple(replace(run, wall_time=run.wall_time or made) for run in inferred.runs)
    said = f"the time of {planned.times.of}" if planned.times.of else f"the folder's name, {folder_name(planned)}"
    evidence = (Inference(field="created", evidence=said[:MAX_TEXT]),)
    return validate(
        VersionManifest(
            model=planned.named.model,
            number=planned.number,
            semantic_version=planned.named.semantic_version,
            created=inferred.created or made,
            description=inferred.description,
            labels=inferred.labels,
            metrics=inferred.metrics,
            hyperparameters=inferred.hyperparameters,
            runs=runs,
            environment=told.environment,
            format=told.format,
            saved_model=told.saved_model,
            inferred=(*(() if inferred.created else evidence), *inferred.evidence),
        )
    )


def folder_name(planned: Planned) -> str:
    """Returns the name of a model's folder, or of its file where that lies loose."""
    return os.path.basename(os.path.abspath(planned.model.path))


def _reason(error: Exception, folder: str) -> str:
    text = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return text.replace(os.path.abspath(folder), folder)
