"""A TFX component that publishes the model of a pipeline as a version.

    from tb_versions.tfx import VersionPublisher

    publisher = VersionPublisher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        evaluation=evaluator.outputs["evaluation"],
        models_dir="/srv/models",
        name="taxi",
    )

Importing this module does not load TFX; `VersionPublisher` and its `Executor` do when they are first used.
"""

from __future__ import annotations

import functools
import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from tb_versions.core import storage
from tb_versions.core.manifest import Metric, Scalar
from tb_versions.errors import MissingDependencyError, NotAModelError, TbVersionsWarning
from tb_versions.interop.tfx.evaluation import read_evaluation, sentences
from tb_versions.interop.tfx.metrics import as_many_as_fit, to_metrics
from tb_versions.interop.tfx.origins import best_hyperparameters
from tb_versions.interop.tfx.places import serving_folder
from tb_versions.write.publish import publish

_CLASSES = ("Executor", "VersionPublisher")
_Artifacts = Mapping[str, Sequence[Any]]
_BLESSINGS = ("model_blessing", "infra_blessing")


def __getattr__(name: str) -> Any:
    """Makes the classes when they are asked for: TFX finds an executor by the name of its module and class."""
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _classes()[name]


@functools.cache
def _classes() -> Mapping[str, Any]:
    try:
        from tfx.dsl.components.base import base_component, base_executor, executor_spec
        from tfx.types import Channel, component_spec, standard_artifacts
    except ImportError as error:
        raise MissingDependencyError(f"tb_versions.tfx needs TFX, which can't be imported: {error}") from error

    class Executor(base_executor.BaseExecutor):  # type: ignore[misc] # TFX has no types
        """Publishes a model unless it is not blessed."""

        def Do(  # noqa: N802 - TFX's name
            self, input_dict: _Artifacts, output_dict: _Artifacts, exec_properties: Mapping[str, Any]
        ) -> None:
            context = getattr(self, "_context", None)
            labels = {
                "tfx.pipeline": getattr(getattr(context, "pipeline_info", None), "id", "") or "",
                "tfx.pipeline_run": getattr(context, "pipeline_run_id", "") or "",
            }
            _publish(input_dict, output_dict["pushed_model"][0], exec_properties, labels=labels)

    def optional(kind: Any) -> Any:
        return component_spec.ChannelParameter(type=kind, optional=True)

    class Spec(component_spec.ComponentSpec):  # type: ignore[misc]
        """What goes into the component and comes out."""

        PARAMETERS: ClassVar = {
            "models_dir": component_spec.ExecutionParameter(type=str),
            "name": component_spec.ExecutionParameter(type=str),
        }
        INPUTS: ClassVar = {
            "model": component_spec.ChannelParameter(type=standard_artifacts.Model),
            "model_blessing": optional(standard_artifacts.ModelBlessing),
            "infra_blessing": optional(standard_artifacts.InfraBlessing),
            "evaluation": optional(standard_artifacts.ModelEvaluation),
            "hyperparameters": optional(standard_artifacts.HyperParameters),
        }
        OUTPUTS: ClassVar = {"pushed_model": component_spec.ChannelParameter(type=standard_artifacts.PushedModel)}

    class VersionPublisher(base_component.BaseComponent):  # type: ignore[misc]
        """Publishes the model of a pipeline as a version.

        Args:
            model: Channel of the Trainer's model.
            models_dir: Folder of all models; local, on the machine that runs the component.
            name: Name of the model here.
            model_blessing: Channel of the Evaluator's blessing: without one that blesses, nothing is published.
            infra_blessing: Channel of the InfraValidator's, likewise.
            evaluation: Channel of the Evaluator's results: its metrics, by slice, become those of the version.
            hyperparameters: Channel of the Tuner's best hyperparameters.

        Its output `pushed_model` says where the version is, in the properties of TFX's own Pusher: `pushed`,
        `pushed_destination`, `pushed_version`.
        """

        SPEC_CLASS = Spec
        EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

        def __init__(
            self,
            model: Any,
            *,
            models_dir: str | os.PathLike[str],
            name: str,
            model_blessing: Any = None,
            infra_blessing: Any = None,
            evaluation: Any = None,
            hyperparameters: Any = None,
        ) -> None:
            spec = Spec(
                model=model,
                models_dir=os.fspath(models_dir),
                name=name,
                model_blessing=model_blessing,
                infra_blessing=infra_blessing,
                evaluation=evaluation,
                hyperparameters=hyperparameters,
                pushed_model=Channel(type=standard_artifacts.PushedModel),
            )
            super().__init__(spec=spec)

    found = {"Executor": Executor, "VersionPublisher": VersionPublisher}
    for name, made in found.items():
        made.__qualname__ = name  # TFX finds it again by this name
    return found


def _publish(given: _Artifacts, pushed: Any, properties: Mapping[str, Any], *, labels: Mapping[str, str]) -> None:
    """Publishes the model that an executor was given, and says in its output where; raises where that fails."""
    if not _is_blessed(given):
        pushed.set_int_custom_property("pushed", 0)
        return
    base = _folder(given, "model")
    folder = serving_folder(base)
    if not folder:
        raise NotAModelError(f"{base} has no model that could be served.")
    version = publish(
        folder,
        properties["models_dir"],
        name=properties["name"],
        strict=True,
        metrics=_metrics(given),
        hyperparameters=_hyperparameters(given),
        labels={key: value for key, value in labels.items() if value},
    )
    assert version is not None  # `strict` raises
    pushed.set_int_custom_property("pushed", 1)
    pushed.set_string_custom_property("pushed_destination", os.fspath(version.path))
    pushed.set_string_custom_property("pushed_version", str(version.number))


def _is_blessed(given: _Artifacts) -> bool:
    """Whether every blessing that the component is connected with was given."""
    blessings = [artifact for key in _BLESSINGS for artifact in given.get(key, ())]
    return all(blessing.get_int_custom_property("blessed") == 1 for blessing in blessings)


def _folder(given: _Artifacts, key: str) -> str:
    """The real path of the only artifact under a key; "" without one."""
    artifacts = given.get(key) or ()
    if not artifacts:
        return ""
    if len(artifacts) > 1:
        raise NotAModelError(f"There are {len(artifacts)} artifacts under {key!r} where there can be one.")
    return os.path.realpath(storage.existing_folder(artifacts[0].uri.removeprefix("file://"), f"The folder of {key}"))


def _metrics(given: _Artifacts) -> list[Metric]:
    folder = _folder(given, "evaluation")
    if not folder:
        return []
    evaluation = read_evaluation(folder, within=folder)
    left_out: Counter[str] = Counter()
    found = to_metrics(evaluation.measured, "eval", evaluation.candidates, left_out)
    notes = [*evaluation.notes, *sentences(left_out)]
    found = as_many_as_fit(found, notes)
    for note in notes:
        warnings.warn(note, TbVersionsWarning, stacklevel=2)
    return [replace(metric, source="evaluated") for metric in found]


def _hyperparameters(given: _Artifacts) -> dict[str, Scalar]:
    folder = _folder(given, "hyperparameters")
    return best_hyperparameters(folder, within=folder) if folder else {}
