"""Sample inputs as arrays that a model takes; test_warmup.py has what is refused."""

from __future__ import annotations

import numpy as np

from tb_versions.core.manifest import Shape, Tensor
from tb_versions.write.samples import fitted


def wanted(dtype: str) -> Tensor:
    return Tensor(name="x", dtype=dtype, tensor="x:0", shape=Shape(unknown_rank=True))


def test_numbers_get_the_type_of_the_input_and_texts_become_bytes() -> None:
    assert fitted([[1, 2]], wanted("int8")).dtype == np.int8
    assert fitted(["a", "ü"], wanted("string")).tolist() == [b"a", "ü".encode()]
    assert fitted("a", wanted("string")).tolist() == b"a"
