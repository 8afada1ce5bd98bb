"""The way from one configuration to another on which no call to a label fails: load beside, move the label, unload.

TensorFlow Serving refuses a label on a version that is not available, and then takes nothing of the whole file; and a
label that is in use can't be moved and its version swapped at once. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tb_versions.core.manifest import visible
from tb_versions.errors import RefusedError
from tb_versions.serving.config import Config, ServedModel


@dataclass(frozen=True)
class Phase:
    """A step of a rollout.

    Attributes:
        name: "load", "move" or "unload".
        what: What it does, a sentence.
        config: What the file says then.
    """

    name: str
    what: str
    config: Config


def phases_of(now: Config, then: Config) -> tuple[Phase, Phase, Phase]:
    """Returns the steps from one configuration to another.

    Args:
        now: What is served, each model with the numbers of its versions.
        then: What is to be served.
    """
    return (
        Phase("load", "New versions are loaded beside the old ones; labels stay.", _beside(now, then, moved=False)),
        Phase("move", "Labels move to the new versions, which are loaded.", _beside(now, then, moved=True)),
        Phase("unload", "Versions that nothing names any more are unloaded.", then),
    )


def _beside(now: Config, then: Config, *, moved: bool) -> Config:
    return {name: _both(now.get(name), then.get(name), moved=moved) for name in sorted({*now, *then})}


def _both(now: ServedModel | None, then: ServedModel | None, *, moved: bool) -> ServedModel:
    """A model between two states: the versions of both, and the labels of one."""
    if then is None:  # it goes in the last phase
        assert now is not None
        return now
    if now is None:
        return then if moved else replace(then, labels={})
    if now == then:
        return then
    versions = tuple(sorted({*now.versions, *then.versions}))
    labels = then.labels if moved else {name: to for name, to in now.labels.items() if to in versions}
    return replace(then, versions=versions, labels=labels)


def merged(now: Config, wanted: Mapping[str, ServedModel], *, gone: set[str]) -> Config:
    """Returns what is to be served: what a file says, with the models that are wanted changed.

    Args:
        now: What the file says.
        wanted: Models as the registry wants them.
        gone: Models that are not to be served any more.

    Raises:
        RefusedError: A model would get another folder.
    """
    then = {name: model for name, model in now.items() if name not in gone}
    for name, model in wanted.items():
        then[name] = _renewed(now[name], model) if name in now else model
    return then


def _renewed(now: ServedModel, model: ServedModel) -> ServedModel:
    if now.base_path.rstrip("/") != model.base_path.rstrip("/"):
        raise RefusedError(
            f"The file says that {visible(model.name)} lies in {visible(now.base_path)}, and it would lie in "
            f"{visible(model.base_path)}: the same number there may be another version. Say how the server sees the "
            "models folder with --base-path."
        )
    return replace(model, base_path=now.base_path, platform=now.platform or model.platform, rest=now.rest)
