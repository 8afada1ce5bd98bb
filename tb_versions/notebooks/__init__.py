"""Versions in notebooks and other Python programs: a collection over a catalog that shows itself and gives data frames.

Nothing here finds anything out: rows are those of `tb-versions list --json` and `show --json`, columns those of
exported tables, and the page in a cell is an export.
"""
