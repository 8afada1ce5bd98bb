"""An MLflow store in plain files, `mlruns/`, read without MLflow. Follows no symlink; every file has a cap.

<experiment>/meta.yaml                      models/<name>/meta.yaml
<experiment>/<run>/meta.yaml                models/<name>/{tags,aliases}/<key>
<experiment>/<run>/{params,tags}/<key>      models/<name>/version-<n>/meta.yaml
<experiment>/<run>/metrics/<key>            models/<name>/version-<n>/tags/<key>
<experiment>/<run>/inputs/<id>/meta.yaml    <experiment>/datasets/<id>/meta.yaml
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidManifestError, InvalidQueryError, TbVersionsError
from tb_versions.interop.mlflow.records import (
    DELETED_STAGE,
    DatasetRecord,
    ModelRecord,
    RunRecord,
    VersionRecord,
    identity_of,
    latest,
)
from tb_versions.interop.yaml_text import read_yaml

_META = "meta.yaml"
_MAX_META = 1 << 20
_MAX_TEXT = 1 << 20
_MAX_CURVE = 32 << 20
_MOST_NAMES = 100_000
_MOST_KEYS = 5_000
_MOST_DEPTH = 8


class FileStore:
    """The folder `mlruns`."""

    def __init__(self, folder: str) -> None:
        """Looks whether it is one.

        Args:
            folder: Real path.

        Raises:
            InvalidQueryError: It is no MLflow store.
        """
        self._folder = folder
        self.problems: list[tuple[str, str]] = []
        has_experiment = any(os.path.isfile(os.path.join(folder, name, _META)) for name in self._names(""))
        if not has_experiment and not os.path.isdir(os.path.join(folder, "models")):
            raise InvalidQueryError(
                f"{visible(folder)} is no MLflow store: it has no folder of an experiment, with a {_META}. "
                "Newer MLflow keeps a database, and files in such a folder: give the database, like sqlite:///mlflow.db."
            )

    def identity(self) -> str:
        """Returns what identifies the store."""
        return identity_of((_integer(meta.get("creation_time")), name) for name, meta in self._experiments())

    def models(self, names: Collection[str]) -> Iterator[ModelRecord]:
        """Yields registered models by name; all of them without names."""
        for folder in self._names("models"):
            meta = self._meta(f"models/{folder}")
            if meta is None or (names and folder not in names):
                continue
            yield ModelRecord(
                name=folder,
                description=_text(meta.get("description")),
                tags=self._texts(f"models/{folder}/tags"),
                aliases=self._aliases(folder, meta),
                versions=tuple(self._versions(folder)),
            )

    def run(self, run_id: str) -> RunRecord | None:
        """Returns a run; None where it is not there any more."""
        where = self._runs.get(run_id)
        meta = None if where is None else self._meta(where)
        if where is None or meta is None:
            return None
        tags = self._texts(f"{where}/tags")
        return RunRecord(
            run_id=run_id,
            name=_text(meta.get("run_name")) or tags.get("mlflow.runName", ""),
            is_deleted=meta.get("lifecycle_stage") == "deleted",
            artifacts=_text(meta.get("artifact_uri")),
            metrics=self._metrics(f"{where}/metrics"),
            params=self._texts(f"{where}/params"),
            tags=tags,
            datasets=tuple(self._datasets(where)),
        )

    @cached_property
    def _runs(self) -> Mapping[str, str]:
        """Folder of each run by its id; an experiment's files may lie in a folder with the same names below it."""
        found = {}
        for experiment in self._folders():
            for name in self._names(experiment):
                where = f"{experiment}/{name}"
                if len(name) == 32 and os.path.lexists(os.path.join(self._folder, where, _META)):
                    found[name] = where
        return found

    def _folders(self) -> list[str]:
        """Folders that may be experiments, those in the trash too."""
        return [
            name
            for name in (*self._names(""), *(f".trash/{name}" for name in self._names(".trash")))
            if name != "models"
        ]

    def _experiments(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for folder in self._folders():
            if (meta := self._meta(folder)) is not None:
                yield folder.rpartition("/")[2], meta

    def _aliases(self, folder: str, meta: Mapping[str, Any]) -> dict[str, int]:
        """Aliases, from their files; they are in the model's own file, too."""
        texts = self._texts(f"models/{folder}/aliases")
        if not texts and isinstance(meta.get("aliases"), dict):
            texts = {str(name): _text(value) for name, value in list(meta["aliases"].items())[:_MOST_KEYS]}
        return {name: int(text) for name, text in texts.items() if text.strip().isdecimal() and len(text) < 19}

    def _versions(self, folder: str) -> Iterator[VersionRecord]:
        found = []
        for name in self._names(f"models/{folder}"):
            digits = name.removeprefix("version-")
            if name != digits and digits.isascii() and digits.isdigit() and len(digits) < 19:
                found.append((int(digits), f"models/{folder}/{name}"))
        for number, where in sorted(found):
            meta = self._meta(where)
            if meta is None or meta.get("current_stage") == DELETED_STAGE:
                continue
            yield VersionRecord(
                number=number,
                created=_integer(meta.get("creation_timestamp")),
                description=_text(meta.get("description")),
                source=_text(meta.get("source")),
                location=_text(meta.get("storage_location")),
                run_id=_text(meta.get("run_id")),
                stage=_text(meta.get("current_stage")),
                status=_text(meta.get("status")),
                tags=self._texts(f"{where}/tags"),
            )

    def _metrics(self, where: str) -> dict[str, tuple[float, int]]:
        found = {}
        for key, text in self._each_text(where, limit=_MAX_CURVE):  # one at a time: thousands may be that large
            point = latest(self._points(f"{where}/{key}", text))
            if point is not None:
                found[key] = point
        return found

    def _points(self, where: str, text: str) -> Iterator[tuple[int, int, float]]:
        """Step, time and value of each line `time value step`; what is none is said once."""
        damaged = 0
        for line in text.splitlines():
            words = line.split(" ")
            try:
                yield int(words[2]) if len(words) > 2 else 0, int(words[0]), float(words[1])
            except (ValueError, IndexError):
                damaged += 1
        if damaged:
            self.problems.append((where, f"{damaged:,} lines are no values of a metric, and were left out."))

    def _datasets(self, run: str) -> Iterator[DatasetRecord]:
        experiment = run.rpartition("/")[0]
        for name in self._names(f"{run}/inputs"):
            link = self._meta(f"{run}/inputs/{name}")
            source = _text((link or {}).get("source_id"))
            if link is None or link.get("source_type") != "DATASET" or not source.isalnum():
                continue
            meta = self._meta(f"{experiment}/datasets/{source}")
            if meta is not None:
                tags = link.get("tags")
                context = _text(tags.get("mlflow.data.context")) if isinstance(tags, dict) else ""
                texts = {key: _text(meta.get(key)) for key in ("name", "digest", "source", "profile")}
                yield DatasetRecord(**texts, context=context)

    def _meta(self, where: str) -> dict[str, Any] | None:
        path = os.path.join(self._folder, where, _META)
        try:
            found = read_yaml(read_capped(path, _MAX_META, within=self._folder).decode())
        except FileNotFoundError:
            return None
        except (TbVersionsError, ValueError, RecursionError) as error:
            self.problems.append((f"{where}/{_META}", _reason(error)))
            return None
        return found if isinstance(found, dict) else None

    def _texts(self, where: str) -> dict[str, str]:
        """Each file below a folder with its text, by its path there: MLflow's keys may hold slashes."""
        return dict(self._each_text(where, limit=_MAX_TEXT))

    def _each_text(self, where: str, *, limit: int) -> Iterator[tuple[str, str]]:
        count = 0
        for key in self._keys(where, "", 0):
            try:
                data = read_capped(os.path.join(self._folder, where, key), limit, within=self._folder)
                yield key, data.decode()
                count += 1
            except FileNotFoundError:
                continue
            except InvalidManifestError:
                self.problems.append((f"{where}/{key}", f"It has more than {limit:,} bytes, and was left out."))
            except (TbVersionsError, ValueError) as error:
                self.problems.append((f"{where}/{key}", _reason(error)))
            if count >= _MOST_KEYS:
                self.problems.append((where, f"More than {_MOST_KEYS:,} are there; the rest was left out."))
                break

    def _keys(self, where: str, below: str, depth: int) -> Iterator[str]:
        for name in self._names(os.path.join(where, below)):
            path = os.path.join(below, name)
            full = os.path.join(self._folder, where, path)
            if os.path.islink(full):
                self.problems.append((f"{where}/{path}", "It is a symlink, and none is followed."))
            elif os.path.isdir(full) and depth < _MOST_DEPTH:
                yield from self._keys(where, path, depth + 1)
            elif os.path.isfile(full):
                yield path

    def _names(self, where: str) -> list[str]:
        """Names in a folder below, sorted; none where it is not there, or a symlink is on the way."""
        where = where.rstrip("/")
        path = os.path.join(self._folder, where) if where else self._folder
        if os.path.realpath(path) != os.path.normpath(path):
            self.problems.append((where, "A symlink is on the way to it, and none is followed."))
            return []
        try:
            names = sorted(os.listdir(path))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.problems.append((where, f"It can't be read: {error.strerror}."))
            return []
        if len(names) > _MOST_NAMES:
            self.problems.append((where, f"It has {len(names):,} entries; the first {_MOST_NAMES:,} were read."))
        return [name for name in names[:_MOST_NAMES] if not name.startswith(".")]


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else 0


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
