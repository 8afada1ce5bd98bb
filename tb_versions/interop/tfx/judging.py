"""What a pipeline says of a model after it was trained: metrics, blessings, pushes."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tb_versions.core.manifest import Metric, Scalar, visible
from tb_versions.interop.imports import Said
from tb_versions.interop.tfx.evaluation import Evaluation, read_evaluation, sentences
from tb_versions.interop.tfx.graph import Artifact, Execution, Graph, Link
from tb_versions.interop.tfx.metrics import as_many_as_fit, to_metrics
from tb_versions.interop.tfx.places import OutputFolder

_BLESSINGS = {"ModelBlessing": ("BLESSED", "NOT_BLESSED"), "InfraBlessing": ("INFRA_BLESSED", "INFRA_NOT_BLESSED")}


@dataclass
class Judged:
    """What was said of a model.

    Attributes:
        metrics: Of all evaluations; of the whole data first.
        said: Approvals, withdrawals and notes, oldest first.
        pushed: Properties of the last push that was one, {} without.
        pushed_links: Pushed copies, the last first.
        notes: What could not be taken over.
        evaluations: By the execution that made each.
    """

    metrics: list[Metric] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    pushed: dict[str, Scalar] = field(default_factory=dict)
    pushed_links: list[Link] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evaluations: dict[int, Evaluation] = field(default_factory=dict)


def judge(graph: Graph, output: OutputFolder, model: Artifact) -> Judged:
    """Returns what a pipeline said of a model.

    Raises:
        NotAModelError: A file of TFMA's results is damaged.
        TbVersionsError: A file can't be read.
        OSError: Likewise.
    """
    judged = Judged()
    _evaluate(graph, output, model, judged)
    judged.metrics = as_many_as_fit(judged.metrics, judged.notes)
    _bless(graph, output, model, judged)
    _push(graph, model, judged)
    return judged


def _evaluate(graph: Graph, output: OutputFolder, model: Artifact, judged: Judged) -> None:
    seen: list[tuple[str, str, int]] = []
    for link in graph.made.get("ModelEvaluation", ()):
        if not _is_about(graph, link.execution, model):
            continue
        dataset = _dataset(graph, link.execution, seen)  # also where the results are not at hand, or names would change
        folder = output.find(link)
        if not folder:
            judged.notes.append(f"The results of {_called(link)} are not at hand.")
            continue
        config = _json(link.execution.properties.get("eval_config"))
        evaluation = read_evaluation(folder, within=output.root, config=config)
        left_out: Counter[str] = Counter()
        judged.metrics += to_metrics(evaluation.measured, dataset, evaluation.candidates, left_out)
        judged.notes += [*evaluation.notes, *sentences(left_out)]
        judged.evaluations[link.execution.id] = evaluation


def _is_about(graph: Graph, execution: Execution, model: Artifact) -> bool:
    candidate = graph.input_of(execution, "model")
    return candidate is not None and candidate.id == model.id


def _called(link: Link) -> str:
    return f"{visible(link.execution.node) or 'a component'} (execution {link.execution.id})"


def _dataset(graph: Graph, execution: Execution, seen: list[tuple[str, str, int]]) -> str:
    """What an evaluation was made on: "eval" for the first; later ones say what is different.

    The name of the first must not change when a second comes.
    """
    splits = _json(execution.properties.get("example_splits"))
    names = [name for name in splits if isinstance(name, str)] if isinstance(splits, list) else []
    split = "+".join(names) or "eval"  # TFX's default
    examples = graph.input_of(execution, "examples")
    this = (split, execution.node, examples.id if examples else 0)
    earlier = [each for each in seen if each[0] == split]
    seen.append(this)
    if not earlier:
        return split
    if all(each[1] != this[1] for each in earlier):
        return f"{split} ({execution.node})"
    if all(each[1:] != this[1:] for each in earlier):
        return f"{split} ({execution.node}, examples {this[2]})"
    return f"{split} ({execution.node}, execution {execution.id})"


def _bless(graph: Graph, output: OutputFolder, model: Artifact, judged: Judged) -> None:
    """Blessings become approvals by the component; what it does not bless any more loses its approval."""
    approved: set[str] = set()
    links = [
        link for kind in _BLESSINGS for link in graph.made.get(kind, ()) if _is_about(graph, link.execution, model)
    ]
    for link in sorted(links, key=lambda link: link.artifact.id):
        blessed = _blessed(link, output, judged)
        actor, when = actor_of(link), link.artifact.created
        evaluation = judged.evaluations.get(link.execution.id)
        why = f"{evaluation.verdict.words}." if evaluation and evaluation.verdict else ""
        if blessed:
            approved.add(actor)
            judged.said.append(Said("approved", reason=f"Blessed. {why}".strip(), actor=actor, time=when))
        elif blessed is not None:
            if actor in approved:
                judged.said.append(Said("approval_withdrawn", reason=f"Not blessed. {why}", actor=actor, time=when))
            approved.discard(actor)
            text = f"Not blessed by {link.execution.node}."
            judged.said.append(Said("noted", text=text, reason=why, actor=actor, time=when))


def _blessed(link: Link, output: OutputFolder, judged: Judged) -> bool | None:
    """Whether a model is blessed; None where the pipeline does not say, or says two things."""
    stated = link.artifact.properties.get("blessed")
    folder = output.find(link)
    yes, no = (bool(folder) and os.path.isfile(os.path.join(folder, name)) for name in _BLESSINGS[link.artifact.type])
    if stated not in (0, 1):
        if yes or no:
            judged.notes.append(f"{_called(link)} left a file that says whether it blessed, and the store does not.")
        return None
    if (stated == 1 and no) or (stated == 0 and yes):
        judged.notes.append(f"{_called(link)} says one thing in the store and another in its folder; it was left out.")
        return None
    return stated == 1


def _push(graph: Graph, model: Artifact, judged: Judged) -> None:
    for link in graph.made.get("PushedModel", ()):
        properties = link.artifact.properties
        if properties.get("pushed") == 1 and _pushed_model(graph, link.execution) == model.id:
            judged.pushed = dict(properties)
            judged.pushed_links.insert(0, link)
            text = f"Pushed by {link.execution.node} to {_destination(properties)}."
            judged.said.append(Said("noted", text=text, actor=actor_of(link), time=link.artifact.created))
    judged.said.sort(key=lambda said: said.time.timestamp() if said.time else 0.0)


def actor_of(link: Link) -> str:
    """Returns who says what a component says."""
    return f"{link.execution.node} of {link.execution.pipeline} (TFX)"


def _destination(properties: Mapping[str, Scalar]) -> str:
    """The last two names of the path that it was pushed to; what is above tells of the machine."""
    path = str(properties.get("pushed_destination") or "").rstrip("/")
    return "/".join(path.split("/")[-2:]) or "a place that the store does not name"


def _pushed_model(graph: Graph, execution: Execution) -> int | None:
    """The model that was pushed: the pusher's own input, or that of the validator whose warmed-up copy it took."""
    model = graph.input_of(execution, "model")
    if model is not None:
        return model.id
    blessing = graph.input_of(execution, "infra_blessing")
    maker = graph.made_by.get(blessing.id) if blessing else None
    model = graph.input_of(maker.execution, "model") if maker else None
    return model.id if model else None


def _json(value: object) -> object:
    """What a property says as JSON; None where it is none."""
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
