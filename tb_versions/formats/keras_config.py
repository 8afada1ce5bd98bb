"""What a model's configuration of Keras says of its inputs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tb_versions.core.manifest import Shape, Tensor, visible

_MAX_INPUTS = 100


def inputs_of(config: dict[str, Any]) -> tuple[Tensor, ...]:
    """Returns the inputs that a model's configuration names; the configuration may be anything."""
    return tuple(islice(_inputs(config), _MAX_INPUTS))


def _inputs(config: dict[str, Any]) -> Iterator[Tensor]:
    """The input layers of a model's configuration; else the shape that it was built for."""
    found = list(_layers(config))
    if found:
        yield from found
        return
    build = config.get("build_config")
    shape = _shape(build.get("input_shape")) if isinstance(build, dict) else None
    if shape is not None:
        yield Tensor(name="input", shape=shape)


def _layers(config: dict[str, Any]) -> Iterator[Tensor]:
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        own = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(own, dict) or layer.get("class_name") != "InputLayer":
            continue
        shape = _shape(own.get("batch_shape", own.get("batch_input_shape")))
        dtype, name = own.get("dtype"), own.get("name")
        yield Tensor(
            name=visible(name)[:256] if isinstance(name, str) else "",
            dtype=visible(dtype)[:64] if isinstance(dtype, str) else "",
            shape=shape,
        )


def _shape(value: object) -> Shape | None:
    if not isinstance(value, list) or len(value) > 64:
        return None
    sizes = [-1 if size is None else size for size in value]
    if not all(isinstance(size, int) and not isinstance(size, bool) and -1 <= size < 2**63 for size in sizes):
        return None
    return Shape(dimensions=tuple(sizes))
