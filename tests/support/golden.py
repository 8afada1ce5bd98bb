"""Versions with golden outputs, made without TensorFlow: for what comes before a model is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import tb_versions as tbv
from tb_versions.core.golden.file import Asked, key_of, write
from tb_versions.core.manifest import Golden
from tb_versions.write.savers import Saver, copy_folder
from tests.support.publishing import published
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model

DATA = write({"serving_default": Asked({"x": np.ones((2, 4), "float32")}, {"y": np.ones((2, 1), "float32")})})


def with_golden(base: Path, *, data: bytes = DATA, claimed: bytes | None = None) -> tbv.PublishedVersion:
    """Publishes a SavedModel that can't be loaded, with the golden outputs of `data`.

    Args:
        base: Gets the folder `models`.
        data: The file.
        claimed: What the manifest has the digest of, if it is something else.
    """
    content = graph("MatMul") + signature(x=tensor("x:0", 1, shape(-1, 4)))
    source = write_model(base / "model", saved_model(info("serve") + content))
    golden = Golden(digest=f"sha256:{hashlib.sha256(claimed or data).hexdigest()}", size=len(data))
    saver = Saver(lambda target: copy_folder(source, target), ask=lambda folder: golden)
    version = published(saver, base / "models")  # type: ignore[arg-type]
    path = base / "models/digits/.versions" / key_of(version.number)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return version


def answering(
    source: Path, models: Path, asked: Mapping[str, Asked] | None = None, *, data: bytes = b""
) -> tbv.PublishedVersion:
    """Publishes a SavedModel with golden inputs that nobody asked it; None: without any.

    Args:
        source: Its folder.
        models: Folder of models.
        asked: By signature.
        data: The file, in place of one that says that.
    """
    if asked is None:
        return published(source, models)
    data = data or write(asked)
    golden = Golden(digest=f"sha256:{hashlib.sha256(data).hexdigest()}", size=len(data))
    saver = Saver(lambda target: copy_folder(source, target), ask=lambda folder: golden)
    version = published(saver, models)  # type: ignore[arg-type]
    path = models / "digits/.versions" / key_of(version.number)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return version
