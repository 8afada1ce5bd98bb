"""YAML as plain values. Nothing of it is run, and nothing in it refers to anything else in it."""

from __future__ import annotations

import re
from typing import Any

from tb_versions.errors import MissingDependencyError

# YAML 1.2's core schema, which DVC reads: `yes` and `1:30` are texts, `1e-3` is a number and 012 is twelve.
_CORE: tuple[tuple[str, str, str], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
)


def read_yaml(text: str, *, aliases: bool = False, core: bool = False) -> Any:
    """Returns what YAML says, as dicts, lists, texts, numbers and dates.

    Args:
        text: The caller has a cap on it.
        aliases: Whether `*name` may stand for what `&name` marked: a few lines of them can mean billions of values.
        core: Whether plain words mean what YAML 1.2's core schema says, and not what YAML 1.1 did.

    Raises:
        ValueError: It is no YAML, has tags of other kinds, or aliases.
        MissingDependencyError: PyYAML is not installed.
        RecursionError: It is nested too deeply.
    """
    try:
        import yaml
    except ImportError as error:
        raise MissingDependencyError(
            "Reading YAML needs PyYAML: pip install 'tensorboard-plugin-versions[yaml]'."
        ) from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C: 10 times as fast
    if core:
        loader = _core(loader)
    try:
        if not aliases and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise ValueError("it has aliases (*name), which are not followed")
        return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _core(loader: Any) -> Any:
    """A loader that takes plain words as YAML 1.2's core schema."""
    made: Any = type("CoreLoader", (loader,), {"yaml_implicit_resolvers": {}})
    for name, pattern, first in _CORE:
        firsts = [*first, ""] if name == "null" else list(first)
        made.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(f"(?:{pattern})\\Z"), firsts)
    made.add_constructor("tag:yaml.org,2002:int", lambda own, node: _integer(own.construct_scalar(node)))
    made.add_constructor("tag:yaml.org,2002:float", lambda own, node: _float(own.construct_scalar(node)))
    return made


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text[2:] if base != 10 else text, base)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
