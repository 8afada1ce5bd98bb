"""The callback for PyTorch Lightning that publishes versions, under both of its names.

`lightning` and `pytorch_lightning` are two packages with classes of their own. The callback is one of each that the
program has loaded.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from tb_versions.core.manifest import Goal
from tb_versions.core.storage import is_remote
from tb_versions.errors import InvalidManifestError, StorageError
from tb_versions.integrations.fitted import needs
from tb_versions.integrations.publisher import Place, Publisher, guarded
from tb_versions.integrations.torch_files import FORMAT, tell_safetensors, tensors
from tb_versions.write.facts import Facts
from tb_versions.write.failures import warn
from tb_versions.write.keras_class import new_callback, plain_class
from tb_versions.write.published import PublishedVersion
from tb_versions.write.savers import Saver, Told
from tb_versions.write.weights import checksum

if TYPE_CHECKING:
    from lightning.pytorch import Callback as _Callback
    from typing_extensions import Unpack
else:
    _Callback = object

__all__ = ["PublishVersions"]

_Save = Literal["best", "checkpoint", "end"]
_PACKAGES = ("lightning.pytorch", "pytorch_lightning")
_CHECKPOINT_FILE = "model.ckpt"


class PublishVersions(_Callback):
    """Publishes versions of the module that a `Trainer` trains: `Trainer(callbacks=[PublishVersions("models", …)])`.

    A version has the numbers of the validation that measured its very weights, found by their bits. So a checkpoint
    from the middle of an epoch does not get the numbers of the validation before it, and one of averaged weights gets
    those of the averaged weights. Weights that no validation measured have none, with a warning.

    The module's and the data module's `hparams` become hyperparameters, with secrets masked. Versions are announced in
    the run of the `TensorBoardLogger`. Only the process with global rank 0 publishes. A failure never stops a training;
    a training that ends with an exception publishes nothing more. `fast_dev_run` publishes nothing.

    Args:
        models_dir: As in `publish`.
        name: As in `publish`.
        save: "best" publishes once, when training has ended: the file that `ModelCheckpoint` calls the best; the last
            that it saved if it monitors nothing; the weights at the end if there is no `ModelCheckpoint`. "checkpoint"
            publishes each file that `ModelCheckpoint` saves. "end" publishes the weights that training ends with, as
            safetensors where that is installed.
        strict: As in `publish`.
        **facts: As in `publish`, the same for every version.

    Attributes:
        versions: Published versions, oldest first.

    Raises:
        MissingDependencyError: Lightning is not installed.
        TypeError, InvalidNameError, InvalidManifestError: As `publish`; or save is none of these.
    """

    def __new__(cls, *args: object, **kwargs: object) -> PublishVersions:
        """Creates an object whose class is also one of Lightning's callbacks."""
        del args, kwargs
        return cast("PublishVersions", new_callback(cls, _callback_classes))

    def __init__(
        self,
        models_dir: str | os.PathLike[str],
        *,
        name: str,
        save: _Save = "best",
        strict: bool = False,
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__()
        if save not in ("best", "checkpoint", "end"):
            raise InvalidManifestError(f'save must be "best", "checkpoint" or "end", not {save!r}.')
        several = save == "checkpoint"
        self._publisher = Publisher(models_dir, name=name, several=several, strict=strict, facts=facts)
        self._save = save
        self._validated: bytes | None = None
        self._logged_before: Mapping[str, Any] = {}
        self._seen: set[tuple[str, int, int]] = set()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles as an object of the class that can be found by its name; launchers of processes pickle callbacks."""
        return new_callback, (plain_class(self), _callback_classes), self.__dict__

    @property
    def versions(self) -> list[PublishedVersion]:
        """Published versions, oldest first."""
        return self._publisher.versions

    @guarded
    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Notes the hyperparameters, and which files are there already."""
        if trainer.is_global_zero and trainer.fast_dev_run:
            warn(f'fast_dev_run is a trial run, so no version of "{self._publisher.name}" is published.')
        if not _publishes(trainer):
            return
        self._publisher.begin({**_hparams(trainer.datamodule), **_hparams(pl_module)})
        self._seen = {_state(path) for callback in _checkpoints(trainer) for path in _files(callback)}

    @guarded
    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:
        """Notes what was logged before the validation."""
        del pl_module  # what was just saved waits for this validation, which may measure its very weights
        self._validated, self._logged_before = None, dict(trainer.callback_metrics)

    @guarded
    def on_validation_batch_start(self, trainer: Any, pl_module: Any, *args: Any, **kwargs: Any) -> None:
        """Notes the weights that are validated: another callback may have swapped them, and swaps them back."""
        del args, kwargs
        if self._validated is None and _publishes(trainer) and not trainer.sanity_checking:
            self._validated = checksum(pl_module) or b""

    @guarded
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Notes what was measured."""
        del pl_module
        if trainer.sanity_checking or not _publishes(trainer):
            return
        before = self._logged_before
        numbers = {k: _plain(v) for k, v in trainer.callback_metrics.items() if v is not before.get(k)}
        if numbers:
            self._publisher.measured.add(trainer.global_step, self._validated or None, numbers)

    @guarded
    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Publishes what was saved after the batch before."""
        del pl_module, batch, batch_idx
        self._catch_up(trainer)

    @guarded
    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
        """Publishes what was saved at the end of the epoch before."""
        del pl_module
        self._catch_up(trainer)

    @guarded
    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Publishes what the training has ended with; all other callbacks have acted."""
        if not _publishes(trainer):
            return
        self._catch_up(trainer)
        callbacks = _checkpoints(trainer)
        if self._save == "end" or (self._save == "best" and not callbacks):
            self._publish_end(trainer, pl_module)
        elif self._save == "best":
            decides = next((callback for callback in callbacks if callback.monitor), callbacks[0])
            path = decides.best_model_path or decides.last_model_path
            if path:
                self._publish_file(trainer, decides, path)
            else:
                self._publisher.warn_once(
                    "nothing",
                    f'ModelCheckpoint has saved nothing, so no version of "{self._publisher.name}" is published. '
                    'save="end" publishes the weights at the end.',
                )

    def _catch_up(self, trainer: Any) -> None:
        """Publishes the files that were saved since the last call."""
        if self._save != "checkpoint" or not _publishes(trainer):
            return
        for callback in _checkpoints(trainer):
            for path in _files(callback):
                state = _state(path)
                if state not in self._seen and (state[1] >= 0 or is_remote(path)):
                    self._seen.add(state)
                    self._publish_file(trainer, callback, path)

    def _publish_file(self, trainer: Any, callback: Any, path: str) -> None:
        problem = _problem(trainer, path)
        if problem:
            self._publisher.failed(StorageError(problem), f"A version of {self._publisher.name} was not published")
            return
        saved = {} if os.path.isdir(path) else self._read(path)
        state = saved.get("state_dict")
        saver = Saver(lambda folder: _copy(path, folder), tell=lambda _: _told(state))
        self._publisher.publish(
            saver,
            weights=None if state is None else checksum(state),
            step=saved.get("global_step"),
            place=_place(trainer),
            monitor=callback.monitor or "",
            goal=_goal(callback),
        )

    def _read(self, path: str) -> Mapping[str, Any]:
        """What this training wrote into a checkpoint, read by PyTorch's loader of plain values, which runs no code."""
        torch = sys.modules["torch"]
        try:
            return cast("Mapping[str, Any]", torch.load(path, map_location="cpu", weights_only=True))
        except Exception as error:  # noqa: BLE001 -- what can't be read is not known
            self._publisher.warn_once(
                "weights",
                f"{os.path.basename(path)} holds more than plain values ({type(error).__name__}), so its weights are "
                "not read, and its version has no numbers. save_hyperparameters(ignore=[…]) keeps objects out of it.",
            )
            return {}

    def _publish_end(self, trainer: Any, pl_module: Any) -> None:
        callback = next(iter(callback for callback in _checkpoints(trainer) if callback.monitor), None)
        saver = Saver(
            lambda folder: _write(folder, trainer, pl_module), tell=lambda folder: _told_of(folder, pl_module)
        )
        self._publisher.publish(
            saver,
            weights=checksum(pl_module),
            step=trainer.global_step,
            place=_place(trainer),
            monitor=callback.monitor if callback else "",
            goal=_goal(callback) if callback else "",
        )


def _callback_classes() -> tuple[type, ...]:
    """The class of callbacks of each package that is loaded; if none is, that of the first that is installed."""
    loaded = [name for name in _PACKAGES if name in sys.modules]
    if not loaded:
        try:
            loaded = [importlib.import_module(_PACKAGES[1]).__name__]
        except ImportError:
            loaded = [needs(_PACKAGES[0], extra="lightning").__name__]
    return tuple(importlib.import_module(name).Callback for name in loaded)


def _publishes(trainer: Any) -> bool:
    """Whether this process publishes what is trained now."""
    return bool(trainer.is_global_zero) and not trainer.fast_dev_run and trainer.state.fn == "fit"


def _hparams(owner: Any) -> dict[str, Any]:
    return dict(getattr(owner, "hparams", None) or {})


def _checkpoints(trainer: Any) -> list[Any]:
    """The callbacks that save files and rank them."""
    return [callback for callback in trainer.checkpoint_callbacks if hasattr(callback, "best_model_path")]


def _files(callback: Any) -> Iterable[str]:
    """The files that a `ModelCheckpoint` keeps now."""
    return list(callback.best_k_models) or [p for p in (callback.best_model_path or callback.last_model_path,) if p]


def _state(path: str) -> tuple[str, int, int]:
    """Tells a file from another that was written to the same path; the time is -1 if there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return path, -1, 0
    return path, found.st_mtime_ns, found.st_ino


def _problem(trainer: Any, path: str) -> str:
    """Why a file that was saved can't be published, as a sentence; "" if it can."""
    if "Async" in type(trainer.strategy.checkpoint_io).__name__:
        return (
            "This training writes checkpoints in the background, so a file may not be complete yet. Publish its folder "
            "after the training: tb_versions.publish(folder, …)."
        )
    if is_remote(path):
        return f"{path} is not on this machine. Give ModelCheckpoint a local dirpath; models_dir may be remote."
    return "" if os.path.lexists(path) else f"ModelCheckpoint saved {path}, but it is not there any more."


def _goal(callback: Any) -> Goal:
    return cast("Goal", callback.mode) if callback.monitor and callback.mode in ("min", "max") else ""


def _plain(value: Any) -> Any:
    """A number that does not change when the tensor does."""
    return value.item() if hasattr(value, "item") and not getattr(value, "shape", ()) else value


def _place(trainer: Any) -> Place:
    """Where the training logs: the run of its first `TensorBoardLogger`."""
    for logger in trainer.loggers:
        if any(cls.__name__ == "TensorBoardLogger" for cls in type(logger).__mro__):
            return Place(os.fspath(logger.log_dir), logger.experiment)
    return Place()


def _copy(path: str, folder: str) -> None:
    if os.path.isdir(path):
        shutil.copytree(path, folder)
        return
    os.mkdir(folder)
    shutil.copy2(path, os.path.join(folder, _CHECKPOINT_FILE))


def _told(state: Mapping[str, Any] | None) -> Told:
    return Told(FORMAT, None if state is None else tensors(state))


def _told_of(folder: str, module: Any) -> Told:
    return tell_safetensors(folder) if "model.safetensors" in os.listdir(folder) else _told(module.state_dict())


def _write(folder: str, trainer: Any, module: Any) -> None:
    """Writes the weights in memory."""
    if trainer.world_size > 1 and "DDP" not in type(trainer.strategy).__name__:
        raise StorageError(
            'With this strategy no process holds all weights. Use save="best" with a ModelCheckpoint, or publish what '
            "trainer.save_checkpoint() wrote: tb_versions.publish(folder, …)."
        )
    os.mkdir(folder)
    try:
        from safetensors.torch import save_model
    except ImportError:
        sys.modules["torch"].save(module.state_dict(), os.path.join(folder, "model.pt"))
    else:
        save_model(module, os.path.join(folder, "model.safetensors"))
