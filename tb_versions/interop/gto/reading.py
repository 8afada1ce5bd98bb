"""GTO's tags as versions: each registration is one, stages are aliases over time."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from tb_versions.core.manifest import Code, Metric, shown
from tb_versions.core.storage import is_inside
from tb_versions.errors import InvalidQueryError, NotAModelError, TbVersionsError
from tb_versions.interop.gto.cache import Cache
from tb_versions.interop.gto.project import Project, read_project, tracked
from tb_versions.interop.gto.repository import Repository
from tb_versions.interop.gto.tags import Version, moves, read_tags
from tb_versions.interop.importing.assembling import Assembly, Part
from tb_versions.interop.importing.foreign import Foreign, Kind, Said
from tb_versions.interop.importing.looked import Looked, because, few

TRACKER = "gto"

_NOTHING = Assembly()
_STAY = "Its files stay in DVC's cache, which names them by digests; --copy-files copies them."

_OF_GTO = ("Registering artifact", "Assigning stage", "Deregistering artifact", "Unassigning stage", "Deprecating")
"""How messages begin that GTO writes itself: they say what the tag says."""


def read_repository(
    folder: str, artifacts: Collection[str] = (), *, cache: str = "", assembly: Assembly = _NOTHING
) -> Looked:
    """Reads what a repository's tags say, and DVC's files at their commits. Nothing is written or checked out.

    Args:
        folder: The repository.
        artifacts: Names of artifacts; empty for all.
        cache: Folder of DVC's cache; by default `.dvc/cache` in the repository.
        assembly: Where versions' folders are made.

    Raises:
        TbVersionsError: It is no repository that git reads, an artifact is not there, or PyYAML is missing.
    """
    repository, looked = Repository(folder), Looked()
    tagged = read_tags(repository.tags())
    looked.skipped = tagged.skipped
    if tagged.lightweight:
        looked.notes.append(
            f"Lightweight tags have no time and no author, and are passed over, as by GTO: {few(tagged.lightweight)}."
        )
    versions = [version for version in tagged.versions if not artifacts or version.artifact in artifacts]
    for name in artifacts:
        if not any(version.artifact == name for version in versions):
            raise InvalidQueryError(f"No tag of GTO is of an artifact {shown(name)}.")
    store = repository.identity() if versions else ""
    dvc_cache = Cache(cache or _own_cache(folder))
    projects: dict[tuple[str, str], Project] = {}
    artifacts_at = {(_project(version.artifact), version.commit, version.artifact) for version in versions}
    beside = Counter((project, commit) for project, commit, _ in artifacts_at)
    for version in versions:
        at = (_project(version.artifact), version.commit)
        if at not in projects:
            projects[at] = _read(repository, *at)
        made = _foreign(version, store, projects[at], beside=beside[at])
        parts = partial(_parts, repository, dvc_cache, version, projects[at])
        looked.versions.append(assembly.with_files(made, parts, [dvc_cache.root], stay=_STAY))
    return looked


def _own_cache(folder: str) -> str:
    """The cache in a repository. A link out of it is not followed: what is there may be anybody's."""
    path = os.path.join(folder, ".dvc", "cache")
    if not is_inside(path, folder):
        raise InvalidQueryError(".dvc/cache leads out of the repository. Name DVC's cache: --cache DIR.")
    return path


def _parts(repository: Repository, cache: Cache, version: Version, project: Project) -> list[Part]:
    """The files of an artifact, which DVC keeps; says how to get them where they are not at hand."""
    path = _about(version, project).get("path")
    if not isinstance(path, str) or not path:
        raise NotAModelError("dvc.yaml names no path of it.")
    whole = posixpath.normpath(posixpath.join(_project(version.artifact), path))
    digest = project.outputs.get(whole, ("", ""))[1]
    digest = digest or tracked(lambda paths: repository.files(version.commit, paths), whole)
    try:
        return cache.parts(whole, digest)
    except (TbVersionsError, OSError) as error:
        command = f"dvc get . {shlex.quote(whole)} --rev {shlex.quote(version.made.tag.name)}"
        raise NotAModelError(f"{because(error, without=cache.root)} To get them: {command}") from error


def _about(version: Version, project: Project) -> dict[str, Any]:
    """What dvc.yaml says of an artifact."""
    return project.artifacts.get(version.artifact.rpartition(":")[2], {})


def _read(repository: Repository, folder: str, commit: str) -> Project:
    return read_project(lambda paths: repository.files(commit, paths), folder)


def _project(artifact: str) -> str:
    """The folder of an artifact's project: of `models:digits`, models."""
    folder = artifact.rpartition(":")[0].strip("/")
    return "" if {"..", "."} & set(folder.split("/")) else folder


def _foreign(version: Version, store: str, project: Project, *, beside: int) -> Foreign:
    about = _about(version, project)
    notes = [*project.notes, *_notes(version, project, beside=beside)]
    labels = {"gto.artifact": version.artifact, "gto.tag": version.made.tag.name, "gto.author": version.made.tag.tagger}
    labels |= {f"dvc.{key}": str(about[key]) for key in ("type", "path") if isinstance(about.get(key), str)}
    words = about.get("labels")
    if isinstance(words, list) and words:
        labels["dvc.labels"] = ", ".join(map(str, words[:100]))
    return Foreign(
        tracker=TRACKER,
        store=store,
        key=f"{version.artifact}@{version.version or 'commit'}/{version.commit}",
        model=version.artifact,
        number=None,
        version=f"v{version.version}" if version.version else version.commit[:12],
        semantic_version=version.version,
        created=version.made.time,
        created_of=f"the time of the tag {version.made.tag.name}",
        description=_own_words(version.made.tag.message) if version.made.action == "register" else "",
        labels={key: text for key, text in labels.items() if text},
        metrics=tuple(Metric(name=name, value=value) for name, value in project.metrics.items()),
        hyperparameters=project.hyperparameters,
        datasets=tuple(project.datasets),
        code=Code(commit=version.commit),
        said=tuple(_said(version)),
        model_description=str(about.get("desc") or ""),
        notes=tuple(notes),
    )


def _notes(version: Version, project: Project, *, beside: int) -> Iterator[str]:
    if not version.version:
        yield "It was never registered: a stage was given to its commit."
    if beside > 1 and project.metrics:
        yield f"{beside} artifacts are of one project at its commit; metrics and parameters are the project's."


def _said(version: Version) -> Iterator[Said]:
    for stage, is_set, act in moves(version):
        kind: Kind = "restored" if is_set else "deprecated"
        if stage:
            kind = "alias_set" if is_set else "alias_removed"
        reason = _own_words(act.tag.message)
        yield Said(kind, stage, reason=reason, actor=act.tag.tagger, time=act.time, order=act.counter)


def _own_words(message: str) -> str:
    return "" if message.startswith(_OF_GTO) else message
