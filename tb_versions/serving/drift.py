"""What is served against what the registry says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tb_versions.errors import InvalidServingConfigError
from tb_versions.registry.state import State
from tb_versions.serving import config as files
from tb_versions.serving.config import Config, ServedModel
from tb_versions.serving.served import available
from tb_versions.serving.status import Server
from tb_versions.serving.wanted import Wanted


@dataclass(frozen=True)
class Difference:
    """Something that is served in another way than the registry says.

    Attributes:
        model: The model.
        what: "label production", "version 3", "model", "folder" or "policy".
        wanted: What the registry says, as a phrase.
        served: What is served, as a phrase.
        where: The file or the server's address.
    """

    model: str
    what: str
    wanted: str
    served: str
    where: str


@dataclass(frozen=True)
class Drift:
    """What was found.

    Attributes:
        differences: By place, model and what.
        looked_at: The file and the servers.
        models: How many models the registry wants to be served.
        not_known: Sentences about what could not be found out.
    """

    differences: tuple[Difference, ...]
    looked_at: tuple[str, ...]
    models: int
    not_known: tuple[str, ...] = ()


def drift(wanted: Wanted, *, file: str = "", servers: Sequence[Server] = (), labels: bool = True) -> Drift:
    """Compares what is served with what the registry wants.

    Args:
        wanted: What the registry wants.
        file: A configuration; "" for none.
        servers: Those that are asked.
        labels: Whether aliases are served as labels.

    Raises:
        InvalidServingConfigError: There is no such file, or it can't be understood.
        StorageError: It can't be read.
        NoAnswerError: A server does not answer.
    """
    found: list[Difference] = []
    not_known: list[str] = []
    if file:
        said = files.read(file)
        if said is None:
            raise InvalidServingConfigError(f"There is no file {file}.")
        found += _of_file(wanted, said[0], file, labels=labels)
    for server in servers:
        found += _of_server(wanted, server, labels=labels)
        not_known.append(
            f"{server.url} can't be asked for all that it serves: models and labels that the registry does not name "
            "are not found."
        )
    looked_at = tuple([file] * bool(file) + [server.url for server in servers])
    return Drift(tuple(found), looked_at, len(wanted.models), tuple(not_known))


def _of_file(wanted: Wanted, config: Config, where: str, *, labels: bool) -> Iterator[Difference]:
    for name in sorted({*wanted.models, *config}):
        model, served = wanted.models.get(name), config.get(name)
        if served is None:
            yield Difference(name, "model", "served", "not served", where)
        elif model is None:
            said = "nothing: no alias" if name in wanted.heads else "no such model"
            yield Difference(name, "model", said, "served", where)
        else:
            yield from _model(model, served, wanted.states[name], where, labels=labels)


def _model(model: ServedModel, served: ServedModel, state: State, where: str, *, labels: bool) -> Iterator[Difference]:
    if served.base_path.rstrip("/") != model.base_path.rstrip("/"):
        yield Difference(model.name, "folder", model.base_path, served.base_path, where)
    if served.policy != "specific":
        yield Difference(model.name, "policy", _numbers(model.versions), f"{served.policy}, whatever is there", where)
    else:
        yield from _versions(model, served.versions, state, where)
    if labels:
        for label in sorted({*model.labels, *served.labels}):
            yield from _label(model, label, served.labels.get(label), where)


def _of_server(wanted: Wanted, server: Server, *, labels: bool) -> Iterator[Difference]:
    for name in sorted(wanted.heads):
        model = wanted.models.get(name)
        versions = available(server, name)
        if model is None:
            if versions:
                yield Difference(name, "model", "nothing: no alias", _numbers(versions), server.url)
            continue
        yield from _versions(model, versions, wanted.states[name], server.url)
        for label in model.labels if labels else ():
            yield from _label(model, label, server.labelled(name, label), server.url)


def _versions(model: ServedModel, served: Sequence[int], state: State, where: str) -> Iterator[Difference]:
    for number in sorted({*model.versions, *served}):
        if number not in served:
            yield Difference(model.name, f"version {number}", "served", "not served", where)
        elif number not in model.versions:
            version = state.version(number)
            why = "removed" if version.removed else "deprecated" if version.deprecated else "not served"
            yield Difference(model.name, f"version {number}", why, "served", where)


def _label(model: ServedModel, label: str, served: int | None, where: str) -> Iterator[Difference]:
    if model.labels.get(label) != served:
        yield Difference(model.name, f"label {label}", _lead(model.labels.get(label)), _lead(served), where)


def _lead(number: int | None) -> str:
    return "no label" if number is None else f"version {number}"


def _numbers(numbers: Sequence[int]) -> str:
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else "nothing"
