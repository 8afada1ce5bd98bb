"""Files of a version: what they are, their SHA-256 digests, and how they differ from a manifest.

A version has only plain files with plain names. Nothing else is opened: symlinks are not followed, fifos are not waited
for, devices are not read. Empty folders, permissions and times are not part of a version.
"""

from tb_versions.core.digest.changes import Changes, compare
from tb_versions.core.digest.files import MAX_FILES, REGISTRY_FOLDER, FileEntry, UnsafeFile, list_files
from tb_versions.core.digest.hashing import Progress, digest_files, version_digest
from tb_versions.core.digest.lists import LIST_LIMIT, check_amount, check_file_list, read_list, separated

__all__ = [
    "LIST_LIMIT",
    "MAX_FILES",
    "REGISTRY_FOLDER",
    "Changes",
    "FileEntry",
    "Progress",
    "UnsafeFile",
    "check_amount",
    "check_file_list",
    "compare",
    "digest_files",
    "list_files",
    "read_list",
    "separated",
    "version_digest",
]
