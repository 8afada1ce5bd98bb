"""Exports: what the Versions tab shows, without a server. docs/export-format.md is the contract of the bytes."""
