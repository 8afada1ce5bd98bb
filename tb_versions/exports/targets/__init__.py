"""Writes an export to its place: a file, a folder or a bucket. An export is written completely or not at all."""
