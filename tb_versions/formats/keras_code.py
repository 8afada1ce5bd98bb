"""What in a model's configuration of Keras is code, or leads to code. Pure; the configuration may be anything."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tb_versions.core.manifest import visible
from tb_versions.savedmodel.wire import WireError

MAX_VALUES = 2_000_000
"""Most values of a configuration that are looked at."""

Code = tuple[Literal["dangerous", "custom"], str, str]
"""Whether it runs code or needs code from elsewhere, its name, and the reason."""

_RUNS = {
    "Lambda": "a layer of Python code, which runs when the model is built or called",
    "__lambda__": "Python bytecode in the file",
    "TorchModuleWrapper": "a layer that unpickles a module of PyTorch",
    "TFSMLayer": "a layer that loads a SavedModel from a path in the file",
}
_OF_KERAS = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp", "tf_keras", "tensorflow"})
_NO_LAYERS = frozenset({"utils", "saving", "config", "models", "datasets", "preprocessing"})
_PACKAGES_OF_KERAS = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp", "builtins"})
_LONGEST = 256


def code_in(config: object) -> Iterator[Code]:
    """Yields what is code, or leads to code.

    Args:
        config: A JSON value: `config.json` of an archive, `model_config` of a `.h5` file, or what Keras 2 wrote.

    Raises:
        WireError: It has more than 2,000,000 values.
    """
    pending, left = [config], MAX_VALUES
    while pending:
        value = pending.pop()
        left -= 1
        if left < 0:
            raise WireError(f"its configuration has more than {MAX_VALUES:,} values")
        if isinstance(value, dict):
            yield from _of_object(value)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _of_object(value: Mapping[str, Any]) -> Iterator[Code]:
    name, module, registered = (value.get(key) for key in ("class_name", "module", "registered_name"))
    if not isinstance(name, str):
        return
    own = value.get("config")
    if name in _RUNS:
        yield "dangerous", name, _RUNS[name]
    if isinstance(own, dict) and _is_file(own.get("vocabulary")):
        yield "dangerous", _cut(name), "a layer that reads a file, or an address, that the model names"
    if isinstance(module, str) and module:
        what = own if name == "function" and isinstance(own, str) else name
        yield from _of_module(module, what, is_function=name == "function")
    package = next((text.partition(">")[0] for text in (registered, name) if isinstance(text, str) and ">" in text), "")
    if package and package not in _PACKAGES_OF_KERAS:
        yield "custom", _cut(registered if isinstance(registered, str) else name), "needs a class of your own"


def _of_module(module: str, name: str, *, is_function: bool) -> Iterator[Code]:
    """What a name in a module means: Keras imports it, in releases before 3.9 whatever it is."""
    parts = module.split(".")
    if module == "builtins":
        if hasattr(builtins, name):
            yield "dangerous", _cut(f"{module}.{name}"), "a function of Python itself, which Keras may call"
    elif parts[0] not in _OF_KERAS:
        yield "dangerous", _cut(f"{module}.{name}"), "Keras may import this module and call what is named"
    elif is_function and _NO_LAYERS & set(parts):
        yield "dangerous", _cut(f"{module}.{name}"), "a function that is no part of a model, which Keras may call"


def _is_file(vocabulary: object) -> bool:
    return isinstance(vocabulary, str) and bool(vocabulary)


def _cut(text: str) -> str:
    return visible(text)[:_LONGEST]
