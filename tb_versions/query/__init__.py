"""The filter language of the tab, in Python: the same words find the same versions. Pure.

It mirrors `frontend/src/model/query`, with the same columns as the page's table, so a filter that was copied out of
the tab means the same here; tests/contract/filters.json holds the two together. docs/guides/filter.md explains the
language.
"""

from tb_versions.query.compiling import compile_filter

__all__ = ["compile_filter"]
