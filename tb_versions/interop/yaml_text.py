"""YAML as plain values. Nothing of it is run, and nothing in it refers to anything else in it."""

from __future__ import annotations

from typing import Any

from tb_versions.errors import MissingDependencyError


def read_yaml(text: str, *, aliases: bool = False) -> Any:
    """Returns what YAML says, as dicts, lists, texts, numbers and dates.

    Args:
        text: The caller has a cap on it.
        aliases: Whether `*name` may stand for what `&name` marked: a few lines of them can mean billions of values.

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
    try:
        if not aliases and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            raise ValueError("it has aliases (*name), which are not followed")
        return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
