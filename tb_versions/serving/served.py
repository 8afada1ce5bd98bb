"""What is served now: what a file says, and what servers answer where there are some."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tb_versions.core.manifest import visible
from tb_versions.errors import RefusedError
from tb_versions.serving.config import Config, ServedModel
from tb_versions.serving.policy import folders_of, resolved
from tb_versions.serving.status import AVAILABLE, Server


def available(server: Server, model: str) -> tuple[int, ...]:
    """Returns the versions of a model that a server answers calls with, ascending. Raises NoAnswerError."""
    return tuple(sorted(n for n, status in server.statuses(model).items() if status.state == AVAILABLE))


def by_folders(config: Config, folders: Mapping[str, str]) -> Config:
    """Returns a configuration in which models of some folders have numbers instead of a policy.

    Args:
        config: What a file says.
        folders: The folder of each model that is to be looked at.

    Raises:
        StorageError: A folder can't be listed.
    """
    return {
        name: resolved(model, folders_of(name, folders[name]))
        if name in folders and model.policy != "specific"
        else model
        for name, model in config.items()
    }


def by_servers(config: Config, servers: Sequence[Server], wanted: Mapping[str, Collection[str]]) -> Config:
    """Returns what servers serve, for whom a file that they refused, or did not read yet, does not count.

    Args:
        config: What the file says.
        servers: Those that read it.
        wanted: The models to ask for, and the labels that they will have.

    Raises:
        RefusedError: The servers disagree about a label, and no version that it may lead to is there on all of them.
        NoAnswerError: One does not answer.
    """
    found = dict(config)
    for name, labels in wanted.items():
        each = [_of_server(server, name, {*labels, *_labels(config, name)}) for server in servers]
        versions = tuple(sorted({number for one in each for number in one[0]}))
        if name in config or versions:
            known = config.get(name, ServedModel(name, ""))
            agreed = _agreed(name, [one[1] for one in each], [one[0] for one in each])
            named = known.versions if known.policy == "specific" else ()
            both = tuple(sorted({*versions, *named}))
            found[name] = replace(known, versions=both, labels=agreed, policy="specific", latest=0)
    return found


def _labels(config: Config, name: str) -> Collection[str]:
    return config[name].labels if name in config else ()


def _of_server(server: Server, model: str, labels: Collection[str]) -> tuple[tuple[int, ...], Mapping[str, int]]:
    versions = available(server, model)
    return versions, server.labels(model, sorted(labels)) if versions else {}


def _agreed(model: str, labels: Sequence[Mapping[str, int]], versions: Sequence[Collection[int]]) -> dict[str, int]:
    """Where each label leads on all servers; of several places one that is there on all of them."""
    agreed = {}
    for label in sorted({label for one in labels for label in one}):
        places = {one[label] for one in labels if label in one}
        everywhere = [number for number in sorted(places) if all(number in one for one in versions)]
        if len(places) == 1:  # a server that has just been started will come to it
            everywhere = list(places)
        if not everywhere:
            raise RefusedError(
                f"The servers disagree: the label {visible(label)} of {visible(model)} leads to "
                f"{', '.join(map(str, sorted(places)))}, and none of them is available on all. Roll out one by one."
            )
        agreed[label] = everywhere[-1]
    return agreed
