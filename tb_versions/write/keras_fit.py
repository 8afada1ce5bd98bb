"""Facts about a running `model.fit`, as far as a callback can find them.

Keras gives a callback its model and little else. The rest (the batch size, the optimizer's name …) is read from calling
frames and private attributes. Each fact is guarded: if Keras changes, that fact is missing, and training goes on.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from tb_versions.core.manifest import Goal, Scalar
from tb_versions.core.storage import is_remote
from tb_versions.write.announcer import Announcer, in_own_folder, through_tensorflow
from tb_versions.write.values import plain_number

_MOST_FRAMES = 12
_HIGH_IN_KERAS_2 = ("acc", "accuracy", "auc")
"""Ends of names that `EarlyStopping` of Keras 2 takes for the better the higher."""


def callback_classes() -> tuple[type, ...]:
    """Returns the class of callbacks of each Keras that the program has loaded: Keras 3, Keras 2 (`tf_keras`), or both.

    If none is loaded, the one that `tf.keras` will be is loaded.
    """
    default = "tf_keras" if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true") else "keras"
    loaded: list[str] = [name for name in ("keras", "tf_keras") if name in sys.modules]
    return tuple(importlib.import_module(f"{name}.callbacks").Callback for name in loaded or [default])


def tensorboard_callback(callbacks: Iterable[object]) -> Any:
    """Returns the first Keras TensorBoard callback, or None."""
    for callback in callbacks:
        if any(cls.__name__ == "TensorBoard" and "keras" in cls.__module__ for cls in type(callback).__mro__):
            return callback
    return None


def announcer_of(tensorboard: Any) -> Announcer | None:
    """Returns how to announce in the run of a TensorBoard callback.

    While the callback's writer is open, it is used. When training has ended it is closed; then the announcement goes to
    a separate folder, because the callback may start another event file in the run's folder. None if that is remote.
    """
    run_dir = os.path.join(os.fspath(tensorboard.log_dir), "train")
    with contextlib.suppress(AttributeError):
        writer = tensorboard._train_writer
        if not getattr(writer, "_closed", False):
            return through_tensorflow(writer, run_dir)
    return None if is_remote(run_dir) else in_own_folder(run_dir)


def goal_of(model: Any, log: str) -> Goal:
    """Returns which direction of a log is better, by Keras' rules: a loss is low, a metric has its own direction.

    "" if the metric has none, as all of Keras 2.
    """
    name = log.removeprefix("val_")
    if name == "loss" or _is_loss_of_output(model, name):
        return "min"
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        for log_name, metric in _by_log_name(model.metrics):
            if log_name == name and hasattr(metric, "_direction"):
                return "max" if metric._direction == "up" else "min"
    return ""


def goal_by_name(model: Any, log: str) -> Goal:
    """Returns which direction of a log the callbacks of Keras 2 take for better, which go by its name alone.

    "" for a model of Keras 3, whose callbacks don't, and where they say "min" only because they know no better.
    """
    if _is_of_keras_2(model) and log.removeprefix("val_").endswith(_HIGH_IN_KERAS_2):
        return "max"
    return ""


def _is_of_keras_2(model: Any) -> bool:
    modules = (cls.__module__ for cls in type(model).__mro__ if cls.__name__ == "Model")
    return any(module.startswith(("tf_keras.", "keras.engine.", "keras.src.engine.")) for module in modules)


def _is_loss_of_output(model: Any, name: str) -> bool:
    """Whether a log is the loss of one of several outputs: "digit_loss" of the output "digit"."""
    outputs = getattr(model, "output_names", None)
    if not isinstance(outputs, (list, tuple)) or len(outputs) < 2:
        return False
    return name.endswith("_loss") and name.removesuffix("_loss") in outputs


def _by_log_name(metrics: Iterable[Any], output: str = "") -> Iterable[tuple[str, Any]]:
    """Each metric with the name that it has in the logs, which begins with the output where there are several."""
    for metric in metrics:
        yield f"{output}_{metric.name}" if output else metric.name, metric
        lists = _lists_of_outputs(metric)
        for each in lists:
            yield from _by_log_name(each.metrics, getattr(each, "output_name", None) or "")
        if not lists:
            yield from _by_log_name(getattr(metric, "metrics", ()), output)


def _lists_of_outputs(metric: Any) -> list[Any]:
    """For what Keras 3 makes of all metrics that `compile` got: the lists of them, each of one output."""
    found = (*getattr(metric, "_flat_metrics", ()), *getattr(metric, "_flat_weighted_metrics", ()))
    return [each for each in found if each is not None]


def evaluate(model: Any, data: Any) -> dict[str, float]:
    """Evaluates a model in the middle of a `fit`.

    Args:
        model: A compiled Keras model.
        data: As for `validation_data` of `fit`: a dataset, or (x, y) or (x, y, sample_weight).

    Returns:
        Numbers by name, named as in the logs of `fit`: "val_loss" …
    """
    names = ("x", "y", "sample_weight")
    is_parts = isinstance(data, (list, tuple)) and len(data) <= len(names)  # Keras takes [x, y] as (x, y) there
    arguments = dict(zip(names, data, strict=False)) if is_parts else {"x": data}
    results = model.evaluate(**arguments, verbose=0, return_dict=True)
    return {f"val_{name}": float(value) for name, value in results.items()}


def compiled_hyperparameters(model: Any, params: Mapping[str, Any] | None) -> dict[str, Scalar]:
    """Returns optimizer, learning_rate, loss, epochs and batch_size, each if it is known."""
    found: dict[str, Scalar | None] = {
        "optimizer": _guarded(lambda: _optimizer_name(_inner_optimizer(model))),
        "learning_rate": _guarded(lambda: _learning_rate(_inner_optimizer(model))),
        "loss": _guarded(lambda: _loss(model.loss)),
        "epochs": _guarded(lambda: int((params or {})["epochs"])),
        "batch_size": _guarded(_batch_size),
    }
    return {key: value for key, value in found.items() if value is not None}


def hparams_of(callbacks: Iterable[Any]) -> dict[str, Any]:
    """Returns the hyperparameters given to an `hp.KerasCallback`."""
    found = {}
    for callback in callbacks:
        if type(callback).__module__.startswith("tensorboard.plugins.hparams"):
            for key, value in getattr(callback, "_hparams", {}).items():
                found[str(getattr(key, "name", key))] = value
    return found


def _guarded(read: Any) -> Scalar | None:
    """The result of `read`; None if it fails, because this Keras keeps the fact elsewhere."""
    try:
        value: Scalar | None = read()
        return value
    except Exception:  # noqa: BLE001 -- private attributes of Keras; a missing fact must not stop a training
        return None


def _inner_optimizer(model: Any) -> Any:
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _optimizer_name(optimizer: Any) -> str:
    """The optimizer's name without the counter ("adam_3") by which Keras distinguishes optimizers of one process."""
    name = str(optimizer.name)
    base = re.sub(r"_[0-9]+$", "", name)
    return base if base.replace("_", "") == type(optimizer).__name__.lower() else name


def _learning_rate(optimizer: Any) -> Scalar | None:
    """The current rate, rounded to the precision of float32; the name of a schedule."""
    schedule = getattr(optimizer, "_learning_rate", None)
    if hasattr(schedule, "get_config") and callable(schedule):
        return type(schedule).__name__
    rate = plain_number(optimizer.learning_rate)
    if rate is None:
        rate = plain_number(optimizer.learning_rate.numpy())
    return None if rate is None else float(f"{rate:.7g}")


def _loss(loss: Any) -> str | None:
    if loss is None or isinstance(loss, str):
        return loss
    if isinstance(loss, Mapping):
        loss = list(loss.values())
    if isinstance(loss, (list, tuple)):
        return ", ".join(str(_loss(part)) for part in loss)
    name = getattr(loss, "name", None) or getattr(loss, "__name__", None)
    return str(name or type(loss).__name__)


def _batch_size() -> int | None:
    for frame in _calling_frames():
        iterator, handler = (frame.f_locals.get(name) for name in ("epoch_iterator", "data_handler"))
        if iterator is not None:
            return _whole(iterator.data_adapter.batch_size)
        if handler is not None:  # Keras 2
            return _whole(handler._adapter.batch_size())
    return None


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _calling_frames() -> Iterable[Any]:
    frame: Any = sys._getframe(1)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        yield frame
        frame = frame.f_back
