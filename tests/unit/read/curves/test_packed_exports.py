"""The exports from a run, packed."""

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.packed_exports import ITEM, ExportIndex, pack

STEPS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 3))
TIMES = st.one_of(st.none(), st.floats(allow_nan=False), st.sampled_from([0.0, 1.5]))
EXPORTS = st.frozensets(st.builds(Export, STEPS, TIMES), max_size=20)


@given(EXPORTS, st.builds(Export, STEPS, TIMES))
def test_each_export_is_found_and_no_other_is(exports: frozenset[Export], other: Export) -> None:
    index = ExportIndex(pack(exports))
    in_order = list(index)
    assert frozenset(in_order) == exports
    assert len(index.packed) == ITEM * len(exports) == ITEM * len(index)
    assert [index.find(export) for export in in_order] == list(range(len(exports)))
    assert (index.find(other) >= 0) is (other in exports)
    assert index.steps == {export.step for export in exports}


@given(EXPORTS)
def test_equal_exports_are_packed_to_equal_bytes(exports: frozenset[Export]) -> None:
    assert pack(exports) == pack(sorted(exports, key=repr, reverse=True))
