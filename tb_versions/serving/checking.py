"""Looks versions over before they are handed to TensorFlow Serving: what would not load, what clients may stumble on.

Only manifests and the names of folders are read; no model is loaded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct, field

from tb_versions.core import codec, storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, visible
from tb_versions.errors import InvalidQueryError, RefusedError, TbVersionsError
from tb_versions.registry.state import Holder, State
from tb_versions.savedmodel.known_ops import KNOWN_OPS_OF, known_ops
from tb_versions.serving.policy import number_of
from tb_versions.serving.wanted import Wanted
from tb_versions.write.inputs import is_automatic

GRAPH = "saved_model.pb"
DEFAULT = "serving_default"

REST_TYPES = frozenset(
    {"bool", "string", "int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", "float32", "float64"}
)
"""Data types that TensorFlow Serving's REST interface can read: `AddValueToTensor` in its util/json_tensor.cc."""

_MOST_NAMED = 5
_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(\..{0,40})?", re.ASCII)


_WORD = re.compile(r"[A-Za-z0-9_]+", re.ASCII)  # g3doc/serving_config.md, "REST Usage"
_MOST_TOLD = 20


@dataclass(frozen=True)
class Finding:
    """What was found of a version or a model.

    Attributes:
        model: The model.
        number: Of the version; None where it is about the model's folder.
        what: A sentence that begins with "it" or with a name.
        blocks: Whether the server could not serve it.
    """

    model: str
    number: int | None
    what: str
    blocks: bool = False

    def __str__(self) -> str:
        return f"{visible(self.model)}{'' if self.number is None else f':{self.number}'}: {self.what}"


def check_loadable(found: Sequence[Finding]) -> None:
    """Raises RefusedError where a version could not be served; it names the first 20 reasons."""
    blocking = [finding for finding in found if finding.blocks]
    if blocking:
        more = f" And {len(blocking) - _MOST_TOLD:,} more." if len(blocking) > _MOST_TOLD else ""
        said = " ".join(map(str, blocking[:_MOST_TOLD]))
        raise RefusedError(
            f"Nothing is written, because a server could not load what aliases name. {said}{more} Mend this, or leave "
            "models out with --without."
        )


class _Tensor(Struct, rename="camel"):
    name: str = ""
    dtype: str = ""
    tensor: str = ""


class _Signature(Struct, rename="camel"):
    key: str = ""
    inputs: list[_Tensor] = field(default_factory=list)


class _MetaGraph(Struct, rename="camel"):
    tags: list[str] = field(default_factory=list)
    tensorflow_version: str = ""
    signatures: list[_Signature] = field(default_factory=list)
    ops: dict[str, int] = field(default_factory=dict)


class _SavedModel(Struct, rename="camel"):
    meta_graphs: list[_MetaGraph] = field(default_factory=list)


class _Environment(Struct, rename="camel"):
    keras: str = ""


class _Elsewhere(Struct, rename="camel"):
    source: str = ""


class _Manifest(Struct, rename="camel"):
    format: str = ""
    saved_model: _SavedModel | None = None
    environment: _Environment | None = None
    files_elsewhere: _Elsewhere | None = None


_DECODER = msgspec.json.Decoder(_Manifest)


def findings(wanted: Wanted, *, server_version: str = "") -> list[Finding]:
    """Returns what is to be said of the versions that are to be served, by model and number.

    Args:
        wanted: What is to be served.
        server_version: Version of TensorFlow Serving, like "2.18"; "" where it is not known.

    Raises:
        InvalidQueryError: That is no version.
    """
    server = _version(server_version) if server_version else None
    if server_version and server is None:
        raise InvalidQueryError(f"{visible(server_version)} is no version of TensorFlow Serving, like 2.18.")
    return [finding for name in sorted(wanted.models) for finding in _of_model(wanted, name, server)]


def _of_model(wanted: Wanted, name: str, server: tuple[int, int] | None) -> Iterator[Finding]:
    labels = sorted(label for label in wanted.models[name].labels if not _WORD.fullmatch(label))
    if labels:
        yield Finding(
            name, None, f"REST promises labels of letters, digits and _ only: {_listed(labels)} may not work."
        )
    folder = os.path.join(wanted.root.path, name)
    names: Mapping[int, list[str]] = {}
    if not wanted.root.is_remote:
        names = _numbered(folder)
        yield from _skipped(name, folder)
    for number in wanted.models[name].versions:
        of_number = names.get(number, [] if not wanted.root.is_remote else [str(number)])
        if len(of_number) > 1:
            both = " and ".join(map(visible, of_number))
            yield Finding(name, number, f"the folders {both} have this number, and the server takes one of them.", True)
        elif not of_number:
            yield Finding(name, number, "its folder is not there.", True)
        else:
            where = os.path.join(folder, of_number[0])
            yield from _of_version(wanted, name, number, where=where, server=server)


def _numbered(folder: str) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            number = number_of(entry.name)
            if number is not None and entry.is_dir():
                found.setdefault(number, []).append(entry.name)
    return found


def _skipped(name: str, folder: str) -> Iterator[Finding]:
    """Folders that hold a version and that the server skips, because their name is no number."""
    with os.scandir(folder) as entries:
        others = sorted(
            e.name for e in entries if not e.name.startswith(".") and number_of(e.name) is None and e.is_dir()
        )
    held = [n for n in others if any(os.path.lexists(os.path.join(folder, n, one)) for one in (GRAPH, MANIFEST_NAME))]
    if held:
        yield Finding(name, None, f"the server skips {_listed(held)}: a version's folder is named by its number.")


def _of_version(
    wanted: Wanted, name: str, number: int, *, where: str, server: tuple[int, int] | None
) -> Iterator[Finding]:
    try:
        data = storage.read_capped(os.path.join(where, MANIFEST_NAME), MANIFEST_LIMIT, within=wanted.root.path)
        manifest = _parsed(data)
    except FileNotFoundError:
        yield Finding(name, number, "it has no manifest.", True)
        return
    except (TbVersionsError, OSError) as error:
        yield Finding(name, number, f"its manifest can't be read: {error}", True)
        return
    promoted = _holder(wanted.states[name], number)
    if promoted and promoted.manifest not in ("", manifest_digest(data)):
        yield Finding(name, number, f"its manifest is not the one that was promoted (event {promoted.event}).", True)
    if manifest.files_elsewhere is not None:
        yield Finding(name, number, "its files lie elsewhere; serve a copy that has them (tb-versions copy).", True)
        return
    is_there = wanted.root.is_remote or os.path.isfile(os.path.join(where, GRAPH))
    if manifest.saved_model is None or not manifest.saved_model.meta_graphs or not is_there:
        yield Finding(name, number, f"it is no SavedModel ({manifest.format or 'of unknown format'}).", True)
        return
    yield from (Finding(name, number, what) for what in _of_graph(manifest, server))


def _holder(state: State, number: int) -> Holder | None:
    held = (alias.stack[-1] for alias in state.aliases.values())
    return next((holder for holder in held if holder.version == number), None)


def _parsed(data: bytes) -> _Manifest:
    """What a manifest says of the model; in another spelling than ours the whole manifest is decoded."""
    try:
        manifest = _DECODER.decode(data)
        is_ours = manifest.saved_model or not re.search(rb'"saved_?[mM]odel"', data)
        if is_ours and b'"files_elsewhere"' not in data:
            return manifest
    except msgspec.MsgspecError:
        pass
    return msgspec.convert(codec.decode(data), _Manifest, from_attributes=True)


def _of_graph(manifest: _Manifest, server: tuple[int, int] | None) -> Iterator[str]:
    assert manifest.saved_model is not None
    graphs = manifest.saved_model.meta_graphs
    graph = next((graph for graph in graphs if "serve" in graph.tags), None)
    if graph is None:
        yield "no graph has the tag serve, which the server loads by default (--saved_model_tags)."
        graph = graphs[0]
    yield from _of_inputs(graph, manifest.environment.keras if manifest.environment else "")
    made_with = _version(graph.tensorflow_version)
    if server is not None and made_with is None:
        yield "the TensorFlow that exported it is not known."
    elif server is not None and made_with is not None and made_with > server:
        yield (
            f"TensorFlow {visible(graph.tensorflow_version)} exported it, and the server has {server[0]}.{server[1]}: "
            "it may not load there."
        )
    unknown = sorted(op for op in graph.ops if op not in known_ops())
    if unknown:
        yield (
            f"TensorFlow {KNOWN_OPS_OF} does not have {_listed(unknown)}: the server needs a build with "
            f"{'it' if len(unknown) == 1 else 'them'} (its usual build also has those of TensorFlow Text and Decision "
            "Forests)."
        )


def _of_inputs(graph: _MetaGraph, keras: str) -> Iterator[str]:
    signature = next((signature for signature in graph.signatures if signature.key == DEFAULT), None)
    if signature is None:
        yield f"it has no signature {DEFAULT}, so each call must name one."
        return
    automatic = [each.name for each in signature.inputs if is_automatic(each.name, keras)]
    if automatic:
        yield f"Keras chose the name of {_listed(automatic)}, which changes when the model is built again."
    composite = [each.name for each in signature.inputs if ", " in each.tensor]
    if composite:
        yield f"{_listed(composite)} is ragged or sparse, which REST can't take; gRPC clients send its parts."
    text = [each.name for each in signature.inputs if each.dtype == "string"]
    if text:
        yield f'{_listed(text)} is of strings: REST takes UTF-8 text; other bytes as {{"b64": "…"}}.'
    others = [f"{each.name} ({each.dtype})" for each in signature.inputs if each.dtype not in REST_TYPES]
    if others and not composite:
        yield f"REST can't take {_listed(others)}; gRPC can."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(visible, names[:_MOST_NAMED])) + more


def _version(text: str) -> tuple[int, int] | None:
    found = _VERSION.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None
