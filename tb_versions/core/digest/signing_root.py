"""The digest that OpenSSF Model Signing gives a model, from the list of files that a manifest has. Pure.

The version's own digest is taken over paths, sizes and digests; this one over the digests alone, in the order of paths.
So it does not tell files apart that changed places, and identifies nothing here: it only finds a version among
signatures. Source: the Payload of model-signing 1.1.1 with its method "files" and SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from tb_versions.core.manifest import File

_PREFIX = "sha256:"


def signing_root(files: Iterable[File]) -> str:
    """Returns the root digest, `sha256:<hex>`, of what a signature of these files is about.

    Args:
        files: Those of a version, in any order.
    """
    found = hashlib.sha256()
    # Parts of paths are compared, not texts: "a/b" comes before "a-b" there.
    for file in sorted(files, key=lambda file: PurePosixPath(file.path).parts):
        found.update(bytes.fromhex(file.digest.removeprefix(_PREFIX)))
    return _PREFIX + found.hexdigest()
