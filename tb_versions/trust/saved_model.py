"""What a SavedModel contains that runs code or reaches out of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import orjson

from tb_versions.core.manifest import SavedModel, visible
from tb_versions.errors import NotASavedModelError
from tb_versions.formats import opened
from tb_versions.formats.keras_code import code_in
from tb_versions.savedmodel import function_names, read_graphs, read_saved_model
from tb_versions.savedmodel.wire import BYTES, Source, WireError
from tb_versions.trust.findings import Finding, Part
from tb_versions.trust.ops import judge_op

GRAPH = "saved_model.pb"
KERAS_METADATA = "keras_metadata.pb"
OTHER_FORMS = ("saved_model.pbtxt", "saved_model.cpb")
_MAX_METADATA = 16 << 20
_NODES, _METADATA = 1, 5  # of SavedMetadata, its SavedObject


def inspect_saved_model(folder: str, within: str) -> tuple[Part, list[Finding]]:
    """Returns what a SavedModel says and what is to be said of it.

    Args:
        folder: What holds saved_model.pb.
        within: Its path below the inspected folder; "" for that itself.

    Raises:
        NotASavedModelError: It is damaged.
    """
    file = os.path.join(within, GRAPH)
    findings = []
    try:
        model = read_saved_model(folder)
    except NotASavedModelError as error:
        model = SavedModel(meta_graphs=read_graphs(folder))
        findings.append(Finding("unread", file, "", f"its variables are not known: {str(error).rstrip('.')}"))
    versions = sorted({graph.tensorflow_version for graph in model.meta_graphs if graph.tensorflow_version})
    part = Part(
        file=file,
        format="saved_model",
        size=os.stat(os.path.join(folder, GRAPH)).st_size,
        model=model,
        software=f"TensorFlow {visible(', '.join(versions))}" if versions else "",
    )
    return part, [*findings, *_of_ops(folder, model, file)]


def _of_ops(folder: str, model: SavedModel, file: str) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for graph in model.meta_graphs:
        counts.update(graph.ops)
    judged = [(op, found) for op in counts if (found := judge_op(op)) is not None]
    functions = function_names(folder) if any(kind == "custom" for _, (kind, _) in judged) else frozenset()
    for op, (kind, why) in judged:
        if kind != "custom" or op not in functions:
            yield Finding(kind, file, visible(op), why, counts[op])


def inspect_metadata(path: str, file: str) -> Iterator[Finding]:
    """Yields what is code in `keras_metadata.pb`, which Keras 2 wrote beside a SavedModel and reads when it loads one.

    Raises:
        NotAModelError: It is damaged or too large.
    """
    with opened(path) as data:
        size = os.fstat(data.fileno()).st_size
        if size > _MAX_METADATA:
            raise WireError(f"it has {size:,} bytes, and at most {_MAX_METADATA:,} are read")
        for node in Source(data, size).message().each(_NODES):
            for field, kind, start, end in node.fields():
                if field == _METADATA and kind == BYTES and end > start:
                    for how, name, why in code_in(orjson.loads(node.source.read(start, end))):
                        yield Finding(how, file, name, why)
