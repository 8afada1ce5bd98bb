"""Reads a file of rules, TOML or YAML, within limits that are checked before it is parsed."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections import Counter
from typing import Any

from msgspec import Struct

from tb_versions.core.manifest import check_text, shown, visible
from tb_versions.core.storage import is_remote, read_capped
from tb_versions.errors import (
    InvalidManifestError,
    InvalidQueryError,
    MissingDependencyError,
    StorageError,
    UnsafeFileError,
    UnsupportedStorageError,
)
from tb_versions.gates.rules import Rules, rules_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_BYTES = 64 * 1_024
"""Most bytes of a file of rules; checked before it is read."""

MAX_DEPTH = 16
"""Most lists and mappings in each other."""

_MANY_DOTS = re.compile(rf"(?:\.[^.\n]{{0,64}}){{{MAX_DEPTH + 1}}}")  # tomllib takes the square of a key's parts


class RuleFile(Struct, frozen=True):
    """Rules as a file has them.

    Attributes:
        rules: What it says.
        digest: "sha256:<hex>" of its bytes.
        shown: Its path, for messages.
        text: What it is written as.
    """

    rules: Rules
    digest: str
    shown: str
    text: str


def read_rules(path: str | os.PathLike[str]) -> RuleFile:
    """Returns the rules in a file.

    Args:
        path: A plain file of at most 64 KiB whose name ends in .toml, .yaml or .yml.

    Raises:
        InvalidQueryError: There is none, it is too large, or what it says is no set of rules.
        MissingDependencyError: YAML needs a package.
        StorageError: It can't be read.
    """
    name = os.fspath(path)
    if is_remote(name):
        raise UnsupportedStorageError(f"{visible(name)}: rules are read from a file of this computer.")
    try:
        data = read_capped(os.path.expanduser(name), MAX_BYTES)
    except FileNotFoundError:
        raise InvalidQueryError(f"There is no file {shown(name)}; rules are given like --rules gates.toml.") from None
    except (InvalidManifestError, UnsafeFileError, StorageError, ValueError) as error:
        raise InvalidQueryError(f"The rules can't be read: {error}") from error
    try:
        text = data.decode("utf-8-sig")
        check_text(text, "The file", limit=MAX_BYTES, newlines=True)
        rules = rules_of(_parsed(text, name))
    except UnicodeDecodeError as error:
        raise InvalidQueryError(f"{visible(name)} is not UTF-8.") from error
    except (InvalidQueryError, InvalidManifestError) as error:
        raise InvalidQueryError(f"{visible(name)}: {error}") from error
    return RuleFile(rules, f"sha256:{hashlib.sha256(data).hexdigest()}", name, text)


def _parsed(text: str, name: str) -> Any:
    ending = os.path.splitext(name)[1].lower()
    if ending == ".toml":
        return _toml(text)
    if ending in (".yaml", ".yml"):
        return _yaml(text)
    raise InvalidQueryError("the name of a file of rules ends in .toml, .yaml or .yml.")


def _toml(text: str) -> Any:
    if _MANY_DOTS.search(text):
        raise InvalidQueryError(f"a line has more than {MAX_DEPTH} dots, close together; no key of rules has any.")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InvalidQueryError(_TOO_DEEP) from None
    except (tomllib.TOMLDecodeError, ValueError) as error:  # a number of more than 4,300 digits
        raise InvalidQueryError(f"it is no TOML: {visible(str(error))[:200]}.") from error


_TOO_DEEP = f"it has more than {MAX_DEPTH} lists or tables in each other; rules need two."


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise MissingDependencyError(
            "Rules in YAML need PyYAML: pip install 'tensorboard-plugin-versions[yaml]'; or write them as TOML."
        ) from error
    loader = _plain_loader(yaml)
    try:
        _check_events(yaml, text)
        return yaml.load(text, Loader=loader)  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, InvalidQueryError):
            raise
        said = " ".join((str(error).strip() or type(error).__name__).split())
        raise InvalidQueryError(f"it is no YAML: {visible(said)[:200]}.") from error


def _check_events(yaml: Any, text: str) -> None:
    """Looks at what a parser sees, before anything is made of it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidQueryError("anchors and aliases (& and *) are not read; write it out.")
        if getattr(event, "tag", None):
            raise InvalidQueryError(f"tags like {shown(event.tag)} are not read; leave it out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidQueryError(_TOO_DEEP)


def _plain_loader(yaml: Any) -> Any:
    """PyYAML's safe loader, which takes the last of two equal keys, made to refuse them."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc] # it has no types
        """Refuses a key that is there twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            counted = Counter(key.value for key, _ in node.value if isinstance(key.value, str))
            twice = next((key for key, count in counted.items() if count > 1), None)
            if twice is not None:
                raise InvalidQueryError(f"the key {shown(twice)} is there twice.")
            return super().construct_mapping(node, deep=deep)

    return Loader
