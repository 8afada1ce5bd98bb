"""Where this package keeps its own files in a model's folder. TensorFlow Serving and the tab never look there."""

from __future__ import annotations

PRIVATE_FOLDER = ".versions"
"""Folder inside a model's folder for this package's own files."""

UNFINISHED = f"{PRIVATE_FOLDER}/unfinished"
"""Folder with a file for each version that is put into its place file by file, while that goes on."""
