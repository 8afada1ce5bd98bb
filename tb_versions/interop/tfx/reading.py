"""A pipeline's metadata store and output folder, as versions: each trained model is one.

The Model that the Trainer made, the PushedModel, and the copy that is served are one version: the pipeline trained it
once. What was evaluated, blessed and pushed is said of it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from tb_versions.core.manifest import FilesElsewhere, check_path_elsewhere, shown, visible
from tb_versions.core.storage import existing_folder
from tb_versions.errors import InvalidManifestError, NotAModelError, TbVersionsError, UnreadableFolderError
from tb_versions.interop.imports import Foreign, Said
from tb_versions.interop.tfx.graph import DELETED, LIVE, MARKED_FOR_DELETION, Graph, Link, read_graph
from tb_versions.interop.tfx.judging import Judged, actor_of, judge
from tb_versions.interop.tfx.origins import datasets_of, hyperparameters_of, key_of, parents_of, runs_of
from tb_versions.interop.tfx.places import OutputFolder, difference, serving_folder

STORES = ("metadata.sqlite", "metadata.db")
"""Names under which a metadata store is looked for in the output folder."""

_TRAINER = "Trainer"
_STATES = (None, LIVE, MARKED_FOR_DELETION, DELETED)


@dataclass
class Pipelines:
    """What was read.

    Attributes:
        versions: Models, in the order in which they were made.
        skipped: (what, why) for models that can't become versions.
        notes: Sentences on the store as a whole.
    """

    versions: list[Foreign] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_pipelines(
    folder: str, *, metadata: str = "", name: str = "", source: str = "tfx", pushed_alias: str = ""
) -> Pipelines:
    """Reads what TFX pipelines left. Nothing is written, and no model is loaded.

    Args:
        folder: The output folder (`pipeline_root`), wherever it was copied to.
        metadata: The metadata store, an SQLite file; by default one of `STORES` in the folder.
        name: Name of the model that all are versions of; by default the pipeline's name for what its Trainer made, and
            `<pipeline>.<component>` for other components.
        source: Label under which readers find the folder, where the files stay where they are.
        pushed_alias: An alias that names the version that was pushed last; "" for none.

    Raises:
        UnreadableFolderError: The folder or the store does not exist.
        NotAModelError: The store is damaged, none of MLMD, or of another schema.
        TbVersionsError: As `read_graph`.
    """
    output = OutputFolder(os.fspath(existing_folder(folder, "The pipeline's folder")))
    graph = read_graph(metadata or _store_in(output.root))
    read = Pipelines(notes=list(graph.notes))
    for link in graph.made.get("Model", ()):
        try:
            read.versions.append(_version(graph, output, link, name=name, source=source, alias=pushed_alias))
        except (TbVersionsError, OSError) as error:  # noqa: PERF203 - the others stay possible
            why = str(error.strerror or error) if isinstance(error, OSError) else str(error)
            read.skipped.append((_called(link), visible(why.replace(output.root, "the pipeline's folder"))))
    unmade = [one for one in graph.artifacts.values() if one.type == "Model" and one.id not in graph.made_by]
    read.skipped += [(f"artifact {one.id}", "no execution that ended well made it.") for one in unmade]
    return read


def _store_in(folder: str) -> str:
    for name in STORES:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            if os.path.islink(path):
                raise UnreadableFolderError(f"{path} is a symlink. Name the metadata store with --metadata.")
            return path
    raise UnreadableFolderError(
        f"{folder} has no {' and no '.join(STORES)}. Name the pipeline's metadata store with --metadata."
    )


def _called(link: Link) -> str:
    return f"{_model_name(link)}, artifact {link.artifact.id}"


def _model_name(link: Link) -> str:
    """The pipeline's name; with the component's where that is not the Trainer, as a pipeline may have several."""
    execution = link.execution
    if execution.node == _TRAINER and link.key == "model":
        return execution.pipeline
    return ".".join(filter(None, (execution.pipeline, execution.node, "" if link.key == "model" else link.key)))


def _version(graph: Graph, output: OutputFolder, link: Link, *, name: str, source: str, alias: str) -> Foreign:
    artifact, training = link.artifact, link.execution
    if artifact.state not in _STATES:
        raise NotAModelError("its pipeline did not finish or keep it.")
    if not name and not training.pipeline:
        raise NotAModelError("the store does not say of which pipeline it is. Give the model a name with --name.")
    judged = judge(graph, output, artifact)
    notes = list(judged.notes)
    folder = _files(output, link, judged, notes)
    return Foreign(
        tracker="tfx",
        store=graph.identity,
        key=key_of(artifact.id),
        model=name or _model_name(link),
        number=None,
        version=f"artifact {artifact.id}",
        created=artifact.created,
        labels=_labels(link, judged),
        metrics=tuple(judged.metrics),
        hyperparameters=hyperparameters_of(graph, output, training, notes),
        runs=runs_of(graph, output, training),
        parent_keys=parents_of(graph, training),
        datasets=datasets_of(graph, output, training),
        folder=folder,
        elsewhere=_elsewhere(output, folder, source, notes),
        said=(*judged.said, *_aliases(judged, alias)),
        notes=tuple(notes),
    )


def _aliases(judged: Judged, alias: str) -> Sequence[Said]:
    """An alias set at each push, so that of several versions the last that was pushed has it."""
    if not alias:
        return ()
    pushes = [link for link in reversed(judged.pushed_links) if link.artifact.created]
    return [
        Said("alias_set", alias, reason="Pushed.", actor=actor_of(link), time=link.artifact.created) for link in pushes
    ]


def _files(output: OutputFolder, link: Link, judged: Judged, notes: list[str]) -> str:
    """The folder of the model that was trained; of its pushed copy where only that is at hand."""
    found = output.find(link)
    trained = serving_folder(found) if found else ""
    pushed = next(filter(None, map(output.find, judged.pushed_links)), "")
    if trained and pushed:
        unlike = difference(trained, pushed)
        if unlike:
            notes.append(f"The files that were pushed {unlike}; these are the trained ones.")
    elif pushed:
        notes.append("Its files are those that were pushed; the trained ones are not at hand.")
    elif not trained:
        notes.append(f"Its files are not at hand: {shown(link.artifact.uri)} is not below the pipeline's folder.")
    return trained or pushed


def _labels(link: Link, judged: Judged) -> dict[str, str]:
    labels = {
        "tfx.pipeline": link.execution.pipeline,
        "tfx.pipeline_run": link.execution.run,
        "tfx.node": link.execution.node,
        "tfx.version": str(link.artifact.properties.get("tfx_version") or ""),
        "tfx.pushed_version": str(judged.pushed.get("pushed_version") or ""),
    }
    return {key: value for key, value in labels.items() if value}


def _elsewhere(output: OutputFolder, folder: str, source: str, notes: list[str]) -> FilesElsewhere | None:
    if not folder:
        return None
    try:
        return FilesElsewhere(source=source, path=check_path_elsewhere(output.relative(folder)))
    except InvalidManifestError as error:
        notes.append(f"Its files can't be linked: {error}")
        return None
