"""What DVC's files say at one commit: metrics, hyperparameters, data, and where the model of an artifact is.

dvc.yaml       which files have metrics and parameters; artifacts with description, labels and path
dvc.lock       parameters and data of the last `dvc repro`
params.yaml    parameters
metrics.json   metrics
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tomllib

from tb_versions.core.manifest import Dataset, Scalar, shown
from tb_versions.interop.importing.flattening import flatten, numbers, read_json
from tb_versions.interop.yaml_text import read_yaml

_DVC, _LOCK, _PARAMS, _METRICS = "dvc.yaml", "dvc.lock", "params.yaml", "metrics.json"
_CODE = (".py", ".ipynb", ".sh", ".r", ".jl")
_MOST_FILES = 50

Files = Callable[[Sequence[str]], Mapping[str, str]]
"""Returns the texts of the files of a commit that are there."""


@dataclass
class Project:
    """What the files say.

    Attributes:
        metrics: By name.
        hyperparameters: Likewise.
        datasets: What stages depend on and is no code.
        artifacts: What dvc.yaml says of each, by name.
        outputs: (algorithm, digest) of what stages make, by path from the repository's root.
        notes: What could not be read, in words.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    hyperparameters: dict[str, Scalar] = field(default_factory=dict)
    datasets: list[Dataset] = field(default_factory=list)
    artifacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_project(files: Files, folder: str) -> Project:
    """Returns what the files of a project say.

    Args:
        files: Of the commit.
        folder: Of the project below the repository's root; "" for the root.

    Raises:
        MissingDependencyError: A file is YAML, and PyYAML is not installed.
    """
    reader = _Reader(files, folder)
    reader.read()
    return reader.project


def tracked(files: Files, path: str) -> str:
    """Returns the digest in the file `<path>.dvc`, which `dvc add` writes; "" without one that can be read.

    Args:
        files: Of the commit.
        path: From the repository's root.
    """
    try:
        text = files([f"{path}.dvc"]).get(f"{path}.dvc", "")
        outs = _list(_mapping(read_yaml(text, core=True)).get("outs"))
    except (ValueError, RecursionError):
        return ""
    named = [out for out in map(_mapping, outs) if out.get("path") == posixpath.basename(path)]
    return _digest(named[0])[1] if len(named) == 1 else ""


class _Reader:
    def __init__(self, files: Files, folder: str) -> None:
        self.project = Project()
        self._files, self._folder = files, folder
        self._used: dict[str, dict[str, Scalar]] = {}

    def read(self) -> None:
        found = self._read([_DVC, _LOCK])
        dvc, lock = _mapping(found.get(_DVC)), _mapping(found.get(_LOCK))
        stages = list(_stages(dvc))
        metrics = self._named([dvc, *stages], "metrics") or [_METRICS]
        params = [_PARAMS, *self._named([dvc], "params"), *self._of_stages(stages)]
        documents = self._read([*metrics, *params])
        self._lock(lock)
        self.project.metrics = numbers(_apart(_values(metrics, documents)))
        self._params(params, documents)
        artifacts = _mapping(dvc.get("artifacts"))
        self.project.artifacts = {str(name): _mapping(about) for name, about in artifacts.items()}
        missing = [path for path in metrics if path not in documents and path != _METRICS]
        if missing:
            self.project.notes.append(f"{missing[0]} has metrics and is not in git: dvc pull brings it.")

    def _read(self, paths: Iterable[str]) -> dict[str, Any]:
        """The documents that are there, by their paths from the project's folder."""
        named = list(dict.fromkeys(paths))[:_MOST_FILES]
        wanted = {posixpath.normpath(posixpath.join(self._folder, path)): path for path in named}
        texts: dict[str, str] = {}
        for path in wanted:
            try:
                texts.update(self._files([path]))
            except ValueError as error:  # noqa: PERF203 - the others stay possible
                self.project.notes.append(f"{error}, so it was not read.")
        found = {}
        for path, text in texts.items():
            try:
                found[wanted[path]] = _document(path, text)
            except (ValueError, RecursionError) as error:  # noqa: PERF203 - the others stay possible
                why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
                self.project.notes.append(f"{path} was not read: {why}")
        return found

    def _named(self, documents: Iterable[Mapping[str, Any]], key: str) -> list[str]:
        """Paths of files in lists such as `metrics: [eval.json, {other.json: {cache: false}}]`."""
        found = []
        for document in documents:
            entries = document.get(key)
            for entry in entries if isinstance(entries, list) else []:
                path = next(iter(entry), "") if isinstance(entry, Mapping) else entry
                if isinstance(path, str) and (checked := self._checked(path)):
                    found.append(checked)
        return found

    def _of_stages(self, stages: Iterable[Mapping[str, Any]]) -> list[str]:
        """Files of parameters: in a stage, `{file.yaml: [lr]}` names one, `lr` is a name in params.yaml."""
        entries = [entry for stage in stages for entry in _list(stage.get("params")) if isinstance(entry, Mapping)]
        return [checked for entry in entries for path in entry if (checked := self._checked(str(path)))]

    def _checked(self, path: str) -> str:
        """A path below the repository; "" for one that leads out of it or is made of variables."""
        whole = posixpath.normpath(posixpath.join(self._folder, path))
        if "${" in path or "\0" in path or whole.startswith(("/", "..")) or len(path) > 1_000:
            self.project.notes.append(f"The path {shown(path)} in dvc.yaml was not followed.")
            return ""
        return posixpath.relpath(whole, self._folder or ".")

    def _params(self, paths: Sequence[str], documents: Mapping[str, Any]) -> None:
        """Parameters of the files, and those that dvc.lock says were used: they win, and are said where they differ."""
        files = _values(paths, documents)
        for path, used in self._used.items():
            own = files.setdefault(path, {})
            for name in sorted(name for name, value in used.items() if own.get(name, value) != value):
                self.project.notes.append(f"{name} is {shown(own[name])} in {path}; dvc.lock says what was used.")
            own.update(used)
        self.project.hyperparameters = _apart(files)

    def _lock(self, lock: Mapping[str, Any]) -> None:
        stages = [_mapping(stage) for stage in _mapping(lock.get("stages")).values()]
        for stage in stages:
            for path, values in _mapping(stage.get("params")).items():
                used = self._used.setdefault(str(path), {})
                used.update(flatten(_mapping(values)))
            for out in map(_mapping, _list(stage.get("outs"))):
                path = posixpath.normpath(posixpath.join(self._folder, str(out.get("path", ""))))
                self.project.outputs[path] = _digest(out)
        for stage in stages:
            for dep in map(_mapping, _list(stage.get("deps"))):
                self._dataset(dep)

    def _dataset(self, dep: Mapping[str, Any]) -> None:
        """A file that a stage read, which is no code and which no other stage made."""
        path = str(dep.get("path", ""))
        whole = posixpath.normpath(posixpath.join(self._folder, path))
        known = any(one.uri == whole for one in self.project.datasets)
        if not path or path.lower().endswith(_CODE) or whole in self.project.outputs or known:
            return
        algorithm, digest = _digest(dep)
        self.project.datasets.append(
            Dataset(name=posixpath.basename(whole), uri=whole, digest=digest, digest_of=f"{algorithm}, as DVC takes it")
        )


def _document(path: str, text: str) -> Any:
    if path.endswith(".json"):
        return read_json(text)
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith((".yaml", ".yml", ".lock")):
        return read_yaml(text, core=True)
    raise ValueError(f"files that end in {os.path.splitext(path)[1] or 'nothing'} are not known here")


def _stages(dvc: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Stages, and what a `foreach` or `matrix` does."""
    for stage in map(_mapping, _mapping(dvc.get("stages")).values()):
        yield _mapping(stage.get("do")) or stage


def _values(paths: Iterable[str], documents: Mapping[str, Any]) -> dict[str, dict[str, Scalar]]:
    return {path: flatten(documents[path]) for path in dict.fromkeys(paths) if path in documents}


def _apart(files: Mapping[str, Mapping[str, Scalar]]) -> dict[str, Scalar]:
    """Values of several files by their names; names that several files have get the file's before them."""
    count = Counter(name for values in files.values() for name in values)
    return {
        name if count[name] == 1 else f"{path}:{name}": value
        for path, values in files.items()
        for name, value in values.items()
    }


def _digest(entry: Mapping[str, Any]) -> tuple[str, str]:
    for algorithm in ("md5", "etag", "checksum"):
        if entry.get(algorithm):
            return algorithm, str(entry[algorithm])
    return "", ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
