"""Reads manifests: what the table shows of each, kept for the next process, and compared with its files."""
