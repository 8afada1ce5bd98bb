"""Where this package keeps its own files in a model's folder. TensorFlow Serving and the tab never look there."""

from __future__ import annotations

PRIVATE_FOLDER = ".versions"
"""Folder inside a model's folder for this package's own files."""

UNFINISHED = f"{PRIVATE_FOLDER}/unfinished"
"""Folder with a file for each version that is put into its place file by file, while that goes on."""

NUMBERS = f"{PRIVATE_FOLDER}/numbers"
"""Folder with a file for each number that was ever given."""

SCRATCH = f"{PRIVATE_FOLDER}/tmp"  # noqa: S108 - not the system's
"""Folder with versions that are being built."""

REMOVED = f"{PRIVATE_FOLDER}/removed"
"""Folder with the manifest of each version that was removed, `<number>.json`."""

TRASH = f"{PRIVATE_FOLDER}/trash"
"""Folder with the files of removed versions, until the trash is emptied."""

COPYING = f"{PRIVATE_FOLDER}/copying"
"""Folder with versions that are being copied here; an interrupted copy goes on from what is there."""

ATTESTATIONS = "attestations"
"""Folder in the private one with the signatures of each version, `<number>/<16 hexadecimal digits>.sigstore.json`."""

TABLES = ".index"
"""Folder inside a models folder for the tables of all versions, which `tb-versions index` makes."""

GOLDEN = "golden"
"""Folder in the private one with the golden outputs of each version, `<number>/golden.npz`: they are users' data."""
