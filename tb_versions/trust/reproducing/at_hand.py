"""Compares data at hand with the digests in a manifest: each is digested as it was when the version was made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tb_versions.comparison.rows.data import datasets_of
from tb_versions.core.manifest import Dataset, VersionManifest, is_digest, shown, visible
from tb_versions.errors import InvalidQueryError
from tb_versions.write.provenance import digest_file, digest_folder

_DIGESTS: dict[str, Callable[[str], Dataset]] = {"file": digest_file, "folder": digest_folder}


@dataclass(frozen=True)
class AtHand:
    """A dataset of a manifest, and whether what is here is the same.

    Attributes:
        name: As comparisons call it: "digits (train)".
        dataset: As recorded.
        verdict: "same" or "differs"; "not checked" where nothing was given, or it can't be compared.
        why: Why it was not checked, a sentence; "".
        path: What was given; "".
    """

    name: str
    dataset: Dataset
    verdict: Literal["same", "differs", "not checked"]
    why: str = ""
    path: str = ""


def check_data(manifest: VersionManifest, given: Mapping[str, str]) -> tuple[AtHand, ...]:
    """Returns how the data of a version compare with files and folders.

    Args:
        manifest: Of the version.
        given: Paths by the name of a dataset, or by "name (split)" where several have one name.

    Raises:
        InvalidQueryError: A name is of no dataset, or of several.
        UnreadableFolderError: A path can't be read.
        UnsafeFileError: It is no plain file or folder.
    """
    known = datasets_of(manifest)
    paths = {_found(name, known): path for name, path in given.items()}
    return tuple(_checked(name, dataset, paths.get(name, "")) for name, dataset in known.items())


def _found(name: str, known: Mapping[str, Dataset]) -> str:
    if name in known:
        return name
    of_name = [key for key, dataset in known.items() if visible(dataset.name) == name]
    if len(of_name) == 1:
        return of_name[0]
    listed = ", ".join(of_name or known) or "none"
    many = "several data" if of_name else "no data"
    raise InvalidQueryError(f"--data {shown(name)} names {many} of this version. There is: {listed}.")


def _checked(name: str, dataset: Dataset, path: str) -> AtHand:
    if not path:
        return AtHand(name, dataset, "not checked", "No --data says where it is.")
    if not is_digest(dataset.digest):
        return AtHand(name, dataset, "not checked", "No digest of it is recorded.", path)
    digest = _DIGESTS.get(dataset.digest_of)
    if digest is None:
        kind = visible(dataset.digest_of)[:40] or "something that is not said"
        why = f"Its digest is over {_with_article(kind)}, which a file or folder does not give."
        return AtHand(name, dataset, "not checked", why, path)
    if os.path.isdir(path) != (dataset.digest_of == "folder"):
        return AtHand(
            name, dataset, "not checked", f"Its digest is over a {dataset.digest_of}, and this is none.", path
        )
    return AtHand(name, dataset, "same" if digest(path).digest == dataset.digest else "differs", path=path)


def _with_article(kind: str) -> str:
    return kind if kind.startswith("something") else f"a{'n' if kind[:1] in 'aeiou' else ''} {kind}"
