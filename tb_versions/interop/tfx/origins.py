"""What went into a model: its data, its hyperparameters, the models it was made from, its TensorBoard runs."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping

from tb_versions.core.manifest import MAX_ITEMS, Dataset, Relation, Run, Scalar, visible
from tb_versions.core.run_identity import identity_in
from tb_versions.core.storage import read_capped
from tb_versions.errors import NotAModelError, TbVersionsError
from tb_versions.interop.tfx.evaluation import JSON_LIMIT, read_json
from tb_versions.interop.tfx.graph import Execution, Graph, Link
from tb_versions.interop.tfx.places import OutputFolder, run_folders
from tb_versions.savedmodel.wire import Source, WireError

_BEST = "best_hyperparameters.txt"
_STATISTICS = "FeatureStats.pb"
_DATASETS, _EXAMPLES = 1, 2  # of DatasetFeatureStatisticsList, and of DatasetFeatureStatistics
_SAMPLING = ("sample_rate_by_split", "stats_options_json")
_SPOKEN_OF = frozenset({"module_file", "module_path", "run_fn", "trainer_fn", "tuner_fn", "hyperparameters"})
"""Properties of executions that name code, or what is read from a file."""

_DEEPEST = 5
_MOST_DATASETS = 200


def datasets_of(graph: Graph, output: OutputFolder, training: Execution) -> tuple[Dataset, ...]:
    """Returns the examples, by split, and schemas that went into a training, directly or not."""
    found: list[Dataset] = []
    for link in graph.before(training):
        if link.artifact.type == "Examples":
            found += _examples(graph, output, link)
        elif link.artifact.type == "Schema":
            found.append(_schema(output, link))
        if len(found) >= _MOST_DATASETS:
            break
    return tuple(found)


def _examples(graph: Graph, output: OutputFolder, link: Link) -> Iterator[Dataset]:
    properties = link.artifact.properties
    where, fingerprint = _where(output, link), str(properties.get("input_fingerprint") or "")
    for split in _splits(properties.get("split_names")) or [""]:
        yield Dataset(
            name=_name(link),
            uri=f"{where}/Split-{split}" if split else where,
            digest=fingerprint,
            digest_of="TFX's fingerprint of the input" if fingerprint else "",
            rows=_rows(graph, output, link, split) if split else None,
            split=split,
        )


def _name(link: Link) -> str:
    return f"{link.execution.node}.{link.key}".strip(".") or f"artifact {link.artifact.id}"


def _where(output: OutputFolder, link: Link) -> str:
    """Relative to the output folder where it is there; else as the store says."""
    folder = output.find(link)
    return output.relative(folder) if folder else link.artifact.uri


def _splits(names: Scalar | None) -> list[str]:
    try:
        found = json.loads(names) if isinstance(names, str) and names.startswith("[") else []
    except (ValueError, RecursionError):
        return []
    return [name for name in found if isinstance(name, str) and name][:MAX_ITEMS]


def _rows(graph: Graph, output: OutputFolder, examples: Link, split: str) -> int | None:
    """How many examples a split has, where StatisticsGen counted all of them; None where that is not known."""
    for link in graph.made.get("ExampleStatistics", ()):
        source = graph.input_of(link.execution, "examples")
        is_sampled = any(link.execution.properties.get(name) not in (None, "", "null") for name in _SAMPLING)
        folder = output.find(link)
        if source is None or source.id != examples.artifact.id or is_sampled or not folder:
            continue
        path = os.path.join(folder, f"Split-{split}", _STATISTICS)
        try:
            return _counted(read_capped(path, JSON_LIMIT, within=output.root))
        except (TbVersionsError, OSError, WireError):
            continue
    return None


def _counted(data: bytes) -> int | None:
    datasets = list(Source(io.BytesIO(data), len(data)).message().each(_DATASETS))
    if len(datasets) != 1:  # statistics of slices lie beside that of all
        return None
    counted = datasets[0].scalars(numbers=(_EXAMPLES,)).get(_EXAMPLES)
    return int(counted) if counted is not None else None


def _schema(output: OutputFolder, link: Link) -> Dataset:
    folder, digest = output.find(link), ""
    if folder:
        try:
            data = read_capped(os.path.join(folder, "schema.pbtxt"), JSON_LIMIT, within=output.root)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        except (TbVersionsError, OSError):
            digest = ""
    return Dataset(
        name=_name(link), uri=_where(output, link), digest=digest, digest_of="file" if digest else "", split="schema"
    )


def hyperparameters_of(graph: Graph, output: OutputFolder, training: Execution, notes: list[str]) -> dict[str, Scalar]:
    """Returns what a training was given: the Tuner's best hyperparameters, then the component's own parameters.

    Args:
        graph: The store.
        output: The output folder.
        training: The execution that made the model.
        notes: What could not be taken over is added.
    """
    found: dict[str, Scalar] = {}
    tuned = graph.input_of(training, "hyperparameters")
    if tuned is not None and tuned.id in graph.made_by:
        found |= _tuned(output, graph.made_by[tuned.id], notes)
    for name, value in sorted(training.properties.items()):
        for inner, scalar in _flat(name, value):
            if inner in found:
                notes.append(f"The parameter {inner} of {training.node} has the name of a hyperparameter; left out.")
            found.setdefault(inner, scalar)
    return found


def _tuned(output: OutputFolder, link: Link, notes: list[str]) -> dict[str, Scalar]:
    folder = output.find(link)
    try:
        if folder:
            return best_hyperparameters(folder, within=output.root)
        notes.append(f"The hyperparameters that {link.execution.node} found are not at hand.")
    except (TbVersionsError, OSError) as error:
        notes.append(f"The hyperparameters that {link.execution.node} found can't be read: {error}")
    return {}


def best_hyperparameters(folder: str, *, within: str) -> dict[str, Scalar]:
    """Returns the values that a Tuner wrote into its folder.

    Args:
        folder: The folder of its `best_hyperparameters`.
        within: A folder above it, or itself, from which no symlink leads out.

    Raises:
        NotAModelError: The file does not say what KerasTuner writes.
        FileNotFoundError: There is no such file.
        TbVersionsError: It is no plain file, too large, or can't be read.
    """
    path = os.path.join(folder, _BEST)
    said = read_json(path, within=within)
    values = said.get("values") if isinstance(said, dict) else None
    if not isinstance(values, dict):
        raise NotAModelError(f"{visible(path)} has no values as KerasTuner writes them.")
    return dict(_parts("", values, 1))


def _flat(name: str, value: Scalar) -> Iterator[tuple[str, Scalar]]:
    """A property of an execution; one that is JSON, such as `train_args`, part by part: `train_args.num_steps`."""
    if name in _SPOKEN_OF or name.startswith("__"):
        return
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        if value != "null":
            yield name, value
        return
    try:
        yield from _parts(name, json.loads(value), _DEEPEST)
    except (ValueError, RecursionError):
        yield name, value


def _parts(name: str, value: object, deepest: int) -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, dict) and deepest:
        for key, inner in value.items():
            yield from _parts(f"{name}.{key}" if name else key, inner, deepest - 1)
    elif isinstance(value, (str, int, float, bool)):
        yield name, value
    elif value is not None and value not in ([], {}):
        yield name, json.dumps(value, sort_keys=True)


def parents_of(graph: Graph, training: Execution) -> Mapping[str, Relation]:
    """Returns the keys of models that a training began from; TFX does not say how it used them."""
    inputs = graph.inputs.get(training.id, ())
    return {key_of(link.artifact.id): "derived_from" for link in inputs if link.artifact.type == "Model"}


def key_of(artifact: int) -> str:
    """What identifies an artifact in its store."""
    return f"artifacts/{artifact}"


def runs_of(graph: Graph, output: OutputFolder, training: Execution) -> tuple[Run, ...]:
    """Returns the TensorBoard runs of a training, named as TensorBoard does over the output folder."""
    links = [link for link in graph.outputs.get(training.id, ()) if link.artifact.type in ("ModelRun", "Model")]
    folders = dict.fromkeys(path for link in links if (folder := output.find(link)) for path in run_folders(folder))
    return tuple(Run(name=output.relative(path), identity=identity_in(path)) for path in folders)
