"""Files of a version: what they are, their SHA-256 digests, and how they differ from a manifest.

A version has only plain files with plain names. Nothing else is opened: symlinks are not followed, fifos are not waited
for, devices are not read. Empty folders, permissions and times are not part of a version.
"""

from tb_versions.core.digest.changes import Changes, compare
from tb_versions.core.digest.files import MAX_FILES, REGISTRY_FOLDER, FileEntry, UnsafeFile, list_files
from tb_versions.core.digest.hashing import Progress, digest_files, version_digest

__all__ = [
    "MAX_FILES",
    "REGISTRY_FOLDER",
    "Changes",
    "FileEntry",
    "Progress",
    "UnsafeFile",
    "compare",
    "digest_files",
    "list_files",
    "version_digest",
]
