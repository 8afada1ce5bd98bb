"""The filter language of the tab, in Python: the same words find the same versions. Pure.

It mirrors `frontend/src/model/query` and works on the same columns that the page gets, so a filter that was
copied out of the tab means here what it meant there; tests/contract/filters.json holds the two together.
docs/guides/filter.md explains the language.
"""

from tb_versions.query.compiling import compile_filter

__all__ = ["compile_filter"]
