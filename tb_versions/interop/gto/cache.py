"""Files of models in DVC's cache, where each is named by its MD5.

files/md5/4a/8a08f0…            a file               (of DVC 2: 4a/8a08f0…)
files/md5/1f/0c77a1….dir        a folder: JSON, a list of {"md5": …, "relpath": …}
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re

from tb_versions.core.storage import is_inside, read_capped
from tb_versions.errors import NotAModelError
from tb_versions.interop.importing.assembling import Part

_MD5 = re.compile(r"[0-9a-f]{32}")
_LAYOUTS = ("files/md5/", "")
_MAX_LIST = 16 << 20
_MOST_FILES = 100_000


class Cache:
    """A cache of DVC.

    Attributes:
        root: Real path of its folder.
    """

    def __init__(self, folder: str) -> None:
        """Opens nothing.

        Args:
            folder: Its folder; it need not exist.
        """
        self.root = os.path.realpath(folder)

    def parts(self, path: str, digest: str) -> list[Part]:
        """Returns the files of an output.

        Args:
            path: Of the output, with slashes.
            digest: Its MD5 as DVC has it; with `.dir` behind it for a folder.

        Raises:
            NotAModelError: They are not in the cache, or its list of a folder's files is damaged.
        """
        if not digest.endswith(".dir"):
            return [Part(posixpath.basename(path), self._stored(digest), "md5", digest, None)]
        name = digest.removesuffix(".dir")
        stored = os.path.join(self.root, self._stored(name, ".dir"))
        if not is_inside(stored, self.root):
            raise NotAModelError("DVC's cache leads out of its folder.")
        data = read_capped(stored, _MAX_LIST)
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != name:
            raise NotAModelError("DVC's list of its files is not what was recorded.")
        return [Part(relative, self._stored(md5), "md5", md5, None) for relative, md5 in _listed(data)]

    def _stored(self, digest: str, ending: str = "") -> str:
        if not _MD5.fullmatch(digest):
            raise NotAModelError("DVC names no MD5 of it.")
        for layout in _LAYOUTS:
            stored = f"{layout}{digest[:2]}/{digest[2:]}{ending}"
            if os.path.isfile(os.path.join(self.root, stored)):
                return stored
        raise NotAModelError("they are not in DVC's cache here.")


def _listed(data: bytes) -> list[tuple[str, str]]:
    try:
        entries = json.loads(data)
        found = [(str(entry["relpath"]), str(entry["md5"])) for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotAModelError("DVC's list of its files is damaged.") from error
    if not 0 < len(found) <= _MOST_FILES:
        raise NotAModelError(f"DVC lists {len(found):,} files of it.")
    return found
