"""The callback for Hugging Face's `Trainer` that publishes versions."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from tb_versions.core.manifest import Goal
from tb_versions.errors import InvalidManifestError, StorageError
from tb_versions.integrations.fitted import needs
from tb_versions.integrations.publisher import Place, Publisher, guarded
from tb_versions.integrations.torch_files import tell_safetensors
from tb_versions.write.facts import Facts
from tb_versions.write.keras_class import new_callback
from tb_versions.write.published import PublishedVersion
from tb_versions.write.savers import Saver
from tb_versions.write.weights import checksum

if TYPE_CHECKING:
    from transformers import TrainerCallback as _TrainerCallback
    from typing_extensions import Unpack
else:
    _TrainerCallback = object

__all__ = ["PublishVersions"]

_Save = Literal["end", "checkpoint"]

_SPEEDS = (
    "_runtime",
    "_samples_per_second",
    "_steps_per_second",
    "_tokens_per_second",
    "_jit_compilation_time",
    "_model_preparation_time",
)
"""Ends of the names of numbers that are about the machine and not about the weights."""

_PLACES = ("output_dir", "logging_dir", "run_name", "hub_model_id", "local_rank")
"""Arguments that are no hyperparameters."""


class PublishVersions(_TrainerCallback):
    """Publishes versions of the model that a `Trainer` trains: `Trainer(…, callbacks=[PublishVersions("models", …)])`.

    A version is the folder that `save_pretrained` writes: weights as safetensors, configuration, tokenizer. It has the
    numbers of the evaluation that measured its very weights, found by their bits. So with `load_best_model_at_end` they
    are those of the best checkpoint, and weights that nobody evaluated have none, with a warning.

    The training arguments become hyperparameters, with tokens and other secrets masked. Versions are announced in the
    run of the `TensorBoardCallback`. Only the main process publishes. A failure never stops a training.

    Args:
        models_dir: As in `publish`.
        name: As in `publish`.
        save: "end" publishes once, when training has ended; "checkpoint" each time that the `Trainer` saves.
        strict: As in `publish`.
        **facts: As in `publish`, the same for every version.

    Attributes:
        versions: Published versions, oldest first.

    Raises:
        MissingDependencyError: transformers is not installed.
        TypeError, InvalidNameError, InvalidManifestError: As `publish`; or save is neither.
    """

    def __new__(cls, *args: object, **kwargs: object) -> PublishVersions:
        """Creates an object whose class is also a `TrainerCallback`."""
        del args, kwargs
        return cast("PublishVersions", new_callback(cls, _callback_classes))

    def __init__(
        self,
        models_dir: str | os.PathLike[str],
        *,
        name: str,
        save: _Save = "end",
        strict: bool = False,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__()
        if save not in ("end", "checkpoint"):
            raise InvalidManifestError(f'save must be "end" or "checkpoint", not {save!r}.')
        self._publisher = Publisher(models_dir, name=name, several=save != "end", strict=strict, facts=facts)
        self._save = save
        self._place = Place()
        self._evaluated: bytes | None = None

    @property
    def versions(self) -> list[PublishedVersion]:
        """Published versions, oldest first."""
        return self._publisher.versions

    @guarded
    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Looks at the training. One that is resumed begins with weights that were evaluated before."""
        del control
        if not state.is_world_process_zero:
            return
        found = args.to_dict()
        self._publisher.begin({key: value for key, value in found.items() if key not in _PLACES})
        self._place = _place(Place())
        self._evaluated = None
        if state.global_step:
            self._remember(checksum(kwargs.get("model")), _evaluated_at(state, state.global_step), state.global_step)

    @guarded
    def on_prediction_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Notes the weights that are evaluated: another callback may have swapped them, and swaps them back."""
        del args, control
        if self._evaluated is None and state.is_world_process_zero:
            self._evaluated = checksum(kwargs.get("model")) or b""

    @guarded
    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Notes what was measured, and on which weights."""
        del args, control
        if state.is_world_process_zero:
            self._place = _place(self._place)
            self._remember(self._evaluated or None, kwargs.get("metrics") or {}, state.global_step)
        self._evaluated = None

    @guarded
    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any, **kwargs: Any) -> None:
        """A prediction is no evaluation."""
        del args, state, control, metrics, kwargs
        self._evaluated = None

    @guarded
    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Publishes the weights that the `Trainer` has just saved."""
        del control
        if state.is_world_process_zero and self._save == "checkpoint":
            self._publish(args, kwargs, step=state.global_step)

    @guarded
    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Publishes the weights that training has ended with: the best, if the `Trainer` has loaded them."""
        del control
        if not state.is_world_process_zero or self._save != "end":
            return
        model, step = kwargs.get("model"), state.global_step
        if args.load_best_model_at_end and state.best_model_checkpoint:
            step = self._best_step(model, state)
        self._publish(args, kwargs, step=step)

    def _best_step(self, model: Any, state: Any) -> int | None:
        """The step of the weights that were loaded; None if they are not those of the best checkpoint.

        A training that was resumed may load a checkpoint that an earlier process evaluated.
        """
        weights = checksum(model)
        if self._publisher.measured.epoch_of(weights) is not None:
            return None
        folder = Path(state.best_model_checkpoint)
        number = folder.name.removeprefix("checkpoint-")
        if not number.isdecimal() or not _holds(folder, model):
            return None
        self._remember(weights, _evaluated_at(state, int(number)), int(number))
        return int(number)

    def _remember(self, weights: bytes | None, metrics: Mapping[str, Any], step: int) -> None:
        numbers = {name: value for name, value in metrics.items() if name != "epoch" and not name.endswith(_SPEEDS)}
        if numbers:
            self._publisher.measured.add(step, weights, numbers)

    def _publish(self, args: Any, given: Mapping[str, Any], *, step: int | None) -> None:
        model = given.get("model")
        self._place = _place(self._place)
        saver = Saver(lambda folder: _write(folder, args, given), tell=tell_safetensors)
        monitor, goal = _monitor(args)
        self._publisher.publish(
            saver, weights=checksum(model), step=step, place=self._place, monitor=monitor, goal=goal
        )


def _callback_classes() -> tuple[type, ...]:
    return (needs("transformers", extra="transformers").TrainerCallback,)


def _monitor(args: Any) -> tuple[str, Goal]:
    """The number that decides which checkpoint is the best, as an evaluation calls it, and its direction."""
    name = args.metric_for_best_model
    if not name:
        return "", ""
    name = name if name.startswith("eval_") else f"eval_{name}"
    goal: Goal = "" if args.greater_is_better is None else "max" if args.greater_is_better else "min"
    return name, goal


def _evaluated_at(state: Any, step: int) -> dict[str, Any]:
    """What the evaluation at a step measured, by the state that a checkpoint carries."""
    found: dict[str, Any] = {}
    for entry in state.log_history:
        if entry.get("step") == step:
            found.update({name: value for name, value in entry.items() if name.startswith("eval_")})
    return found


def _holds(folder: Path, model: Any) -> bool:
    """Whether the safetensors in a checkpoint are, bit for bit, the weights in a model."""
    safetensors = needs("safetensors.torch", extra="transformers")
    torch = sys.modules["torch"]
    try:
        state, names = model.state_dict(), set()
        for file in sorted(folder.glob("*.safetensors")):
            for name, tensor in safetensors.load_file(file).items():
                names.add(name)
                if name not in state or not torch.equal(state[name].cpu(), tensor):
                    return False
        return bool(names)
    except Exception:  # noqa: BLE001 -- a checkpoint that can't be read proves nothing
        return False


def _write(folder: str, args: Any, given: Mapping[str, Any]) -> None:
    """Writes what `Trainer.save_model` writes of a whole model."""
    model: Any = given.get("model")
    processor: Any = given.get("processing_class")
    if getattr(args, "fsdp", None) or getattr(args, "deepspeed", None):
        raise StorageError(
            "With FSDP or DeepSpeed no process holds all weights. Call trainer.save_model() and publish the folder: "
            "tb_versions.publish(folder, …)."
        )
    os.mkdir(folder)
    if hasattr(model, "save_pretrained"):
        model.save_pretrained(folder)
    else:
        needs("safetensors.torch", extra="transformers").save_model(model, os.path.join(folder, "model.safetensors"))
    if hasattr(processor, "save_pretrained"):
        processor.save_pretrained(folder)


def _place(known: Place) -> Place:
    """Where the training logs: the run of the TensorBoard callback that is called beside this one.

    When training has ended, that callback has closed its writer. Its `logging_dir` need not be the folder of a writer
    that it was given, so a folder that is known counts more.
    """
    for callback in _callbacks():
        if type(callback).__name__ == "TensorBoardCallback":
            writer = callback.tb_writer
            folder = getattr(writer, "log_dir", None) or getattr(writer, "logdir", None)
            folder = folder or known.run_dir or callback.logging_dir
            return Place(os.fspath(folder) if folder else None, writer, _tag)
    return known


def _callbacks() -> list[Any]:
    """The callbacks that are called now. transformers hands no callback the others, so the calling frames tell."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if type(owner).__name__ == "CallbackHandler":
            with contextlib.suppress(AttributeError, TypeError):
                return list(owner.callbacks)
        frame = frame.f_back
    return []


def _tag(name: str) -> str:
    """The tag under which the TensorBoard callback logs a number: "eval/loss" for "eval_loss"."""
    for prefix in ("eval_", "test_"):
        if name.startswith(prefix):
            return f"{prefix[:-1]}/{name.removeprefix(prefix)}"
    return f"train/{name}"
