"""Offline runs of W&B as versions: each model artifact that a run logged is one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from tb_versions.core.manifest import Code, Environment, Metric, visible
from tb_versions.core.storage import existing_folder, read_capped
from tb_versions.errors import InvalidQueryError, TbVersionsError
from tb_versions.interop.importing.assembling import Assembly, Part
from tb_versions.interop.importing.flattening import flatten, read_json
from tb_versions.interop.importing.foreign import Foreign, Said
from tb_versions.interop.importing.looked import Looked, because, few
from tb_versions.interop.wandb.records import read_run
from tb_versions.interop.wandb.runs import Artifact, ArtifactFile, Run, Value, time_of

TRACKER = "wandb"
MODEL = "model"
"""The type of artifacts that are models."""

_FOLDER = re.compile(r"(?:offline-)?run-[0-9]{8}_[0-9]{6}-.+")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]{1,200})==([^\s;#]{1,100})")
_MOST_FOLDERS = 100_000
_AUTOMATIC = ("latest",)
_STAY = "Its files stay in W&B's staging folder, under other names; --copy-files copies them."


@dataclass(frozen=True)
class Wanted:
    """What is wanted of runs.

    Attributes:
        runs: Whether a run without a model is a version, too.
        staging: Real paths of folders with the copies that W&B made of files.
        assembly: Where versions' folders are made.
    """

    runs: bool = False
    staging: Sequence[str] = ()
    assembly: Assembly = field(default_factory=Assembly)


def default_staging() -> list[str]:
    """Returns real paths of the folders into which W&B copies files of artifacts here, where they exist."""
    own = os.environ.get("WANDB_DATA_DIR", "")
    base = own or os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "wandb")
    return [os.path.realpath(path) for path in (os.path.join(base, "artifacts", "staging"),) if os.path.isdir(path)]


def read_runs(folder: str, wanted: Wanted) -> Looked:
    """Reads the runs in a folder. Nothing in it is changed.

    Args:
        folder: W&B's folder `wandb`, the one above it, or one run's.
        wanted: What is wanted.

    Raises:
        UnreadableFolderError: It does not exist.
        InvalidQueryError: It has no run.
    """
    looked, runs = Looked(), list[tuple[Run, str]]()
    root = os.path.realpath(existing_folder(folder, "The folder of runs"))
    for path in _folders(root):
        try:
            runs.append((_read(path), path))
        except (TbVersionsError, OSError) as error:  # noqa: PERF203 - the others stay possible
            looked.skipped.append((os.path.basename(path), because(error, without=root)))
    if not runs and not looked.skipped:
        raise InvalidQueryError(
            f"{visible(root)} has no run of W&B: name the folder wandb with its offline-run-… folders."
        )
    runs.sort(key=lambda each: each[0].start)
    _versions(runs, wanted, looked)
    return looked


def _folders(root: str) -> list[str]:
    """Folders of runs; links such as `latest-run` are passed over."""
    if _FOLDER.fullmatch(os.path.basename(root)):
        return [root]
    found = []
    for folder in (root, os.path.join(root, "wandb")):
        if os.path.isdir(folder) and not (folder != root and os.path.islink(folder)):
            with os.scandir(folder) as entries:
                found += [
                    entry.path
                    for entry in entries
                    if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
                ]
    return sorted(found, key=os.path.basename)[:_MOST_FOLDERS]


def _read(folder: str) -> Run:
    names = sorted(name for name in os.listdir(folder) if name.startswith("run-") and name.endswith(".wandb"))
    if not names:
        raise InvalidQueryError("it has no record file run-….wandb.")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(os.path.join(folder, names[0]), flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InvalidQueryError(f"{names[0]} is no plain file.")
        return read_run(file)


def _versions(runs: Sequence[tuple[Run, str]], wanted: Wanted, looked: Looked) -> None:
    by_key: dict[tuple[str, str, str], Foreign] = {}
    without: list[str] = []
    for run, folder in runs:
        models = [artifact for artifact in run.artifacts if artifact.kind == MODEL and artifact.name]
        for place, artifact in enumerate(models):
            is_last = not any(later.name == artifact.name for later in models[place + 1 :])
            version = _of_artifact(run, artifact, folder, is_last=is_last)
            before = by_key.get(version.identity)
            if before is None:  # W&B keeps content that is the same as one version, and only gives it the aliases
                by_key[version.identity] = wanted.assembly.with_files(
                    version, partial(_parts, artifact), wanted.staging, stay=_STAY
                )
            else:
                by_key[version.identity] = replace(before, said=(*before.said, *version.said))
        if not models and wanted.runs:
            version = _of_run(run, folder)
            by_key[version.identity] = _resumed(by_key.get(version.identity), version)
        elif not models:
            without.append(f"{run.name or run.run_id} of {run.project}")
    looked.versions = list(by_key.values())
    looked.note_runs(without, what="no artifact of type model")


def _base(run: Run, folder: str) -> Foreign:
    store = hashlib.sha256(f"wandb {run.entity}/{run.project}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    labels = {
        "wandb.project": run.project,
        "wandb.run_id": run.run_id,
        "wandb.run_name": run.name,
        "wandb.group": run.group,
        "wandb.job_type": run.job_type,
        "wandb.sweep": run.sweep,
        "wandb.tags": ", ".join(run.tags),
    }
    code = Code(commit=run.commit, remote=run.remote, entry_point=run.entry_point)
    return Foreign(
        tracker=TRACKER,
        store=store,
        key=f"run/{run.run_id}",
        model=run.project or "uncategorized",
        number=None,
        created=time_of(run.start),
        created_of="the time when its run began",
        labels={key: text for key, text in labels.items() if text},
        hyperparameters=run.config,
        code=code if code != Code() else None,
        environment=Environment(python=run.python, os=run.os, packages=_packages(folder)),
        notes=tuple(_lost(run)),
    )


def _of_run(run: Run, folder: str) -> Foreign:
    return replace(
        _base(run, folder),
        version=run.name or run.run_id,
        description=run.notes,
        metrics=_metrics(run.values),
    )


def _resumed(before: Foreign | None, version: Foreign) -> Foreign:
    """A run that was resumed has a folder for each part: it began with the first, and the last has the last values."""
    if before is None:
        return version
    metrics = {metric.name: metric for metric in (*before.metrics, *version.metrics)}
    config = {**before.hyperparameters, **version.hyperparameters}
    return replace(version, created=before.created, metrics=tuple(metrics.values()), hyperparameters=config)


def _of_artifact(run: Run, artifact: Artifact, folder: str, *, is_last: bool) -> Foreign:
    base = _base(run, folder)
    time = time_of(artifact.time)
    values, late = dict(artifact.values), []
    if is_last:
        late = sorted(run.values.keys() - values.keys())
        values |= {name: run.values[name] for name in late}
    notes = [*base.notes]
    if late:
        notes.append(f"Logged after the artifact, and taken from the run's end: {few(late)}.")
    labels = {f"metadata.{name}": str(value) for name, value in _metadata(artifact, notes).items()}
    labels |= {"wandb.artifact_tags": ", ".join(artifact.tags)} if artifact.tags else {}
    return replace(
        base,
        key=f"{artifact.name}/{artifact.digest}",
        model=f"{run.project}/{artifact.name}" if run.project else artifact.name,
        version=artifact.digest[:12],
        created=time,
        created_of="the last time that the run had told before the artifact was logged",
        description=artifact.description,
        labels={**labels, **base.labels},
        metrics=_metrics(values),
        said=tuple(Said("alias_set", alias, time=time) for alias in artifact.aliases if alias not in _AUTOMATIC),
        notes=tuple(notes),
    )


def _metadata(artifact: Artifact, notes: list[str]) -> dict[str, object]:
    try:
        return dict(flatten(read_json(artifact.metadata))) if artifact.metadata else {}
    except ValueError:
        notes.append("The artifact's metadata is no JSON and was left out.")
        return {}


def _metrics(values: dict[str, Value]) -> tuple[Metric, ...]:
    return tuple(Metric(name=name, value=value, step=step) for name, (value, step) in sorted(values.items()))


def _lost(run: Run) -> Iterator[str]:
    damage = run.damage
    if not run.has_ended:
        yield "Its run had not ended, or was killed."
    if damage.is_cut:
        yield "The run's record ends amid an entry; what is before it was read."
    if damage.blocks:
        yield f"{damage.blocks:,} damaged places of the run's record were passed over, so values may be older ones."
    if damage.large or run.unread:
        count = damage.large + run.unread
        yield f"{count:,} entries of the run's record are too large or damaged, and were passed over."
    if run.left_out:
        yield f"Logged and no numbers (texts, tables, media), so left out: {few(run.left_out)}."


def _packages(folder: str) -> dict[str, str]:
    """The packages in `files/requirements.txt`."""
    try:
        data = read_capped(os.path.join(folder, "files", "requirements.txt"), 1 << 20, within=folder)
    except (TbVersionsError, OSError):
        return {}
    lines = data.decode("utf-8", "replace").splitlines()
    return {match[1]: match[2] for line in lines if (match := _REQUIREMENT.fullmatch(line.strip()))}


def _parts(artifact: Artifact) -> list[Part]:
    if not artifact.has_files or not artifact.files:
        raise InvalidQueryError("the record has no list of them.")
    if any(file.reference for file in artifact.files):
        raise InvalidQueryError("some are references to other places.")
    return [_part(file) for file in artifact.files]


def _part(file: ArtifactFile) -> Part:
    """W&B names a copy at random, so it is looked for by that name in the staging folders, and known by its MD5."""
    try:
        digest = base64.b64decode(file.digest, validate=True).hex()
    except (binascii.Error, ValueError):
        digest = ""
    return Part(file.path, os.path.basename(file.local), "md5", digest, file.size)
