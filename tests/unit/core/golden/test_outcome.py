"""What the process that asks hands over."""

from __future__ import annotations

import pytest

from tb_versions.core.golden.outcome import Outcome, Output, decode, encode
from tb_versions.errors import InvalidManifestError


def output(*, ok: bool = True, error: float | None = 0.0, agreement: float | None = None) -> Output:
    return Output("serve", "y", ok=ok, count=1, max_error=error, agreement=agreement)


def test_nothing_compared_is_not_ok() -> None:
    assert not Outcome(tensorflow="2.21.0").ok
    assert not Outcome((output(),), problem="It crashed.").ok
    assert Outcome((output(),)).ok
    assert not Outcome((output(), output(ok=False))).ok


def test_the_largest_error_and_the_smallest_agreement_count() -> None:
    found = Outcome((output(error=1e-7, agreement=1.0), output(error=3e-7), output(error=None, agreement=0.5)))
    assert (found.max_error, found.agreement) == (3e-7, 0.5)
    assert (Outcome().max_error, Outcome().agreement) == (None, None)
    assert Outcome(tensorflow="2.21.0").where == "TF 2.21.0 / CPU"


def test_it_comes_back_as_it_was_and_anything_else_is_refused() -> None:
    found = Outcome((output(),), answered=("serve",), notes=("ü",))
    assert decode(encode(found)) == found
    for data in (b"", b"[]", b'{"outputs": 3}', b'{"kind": "other"}'):
        with pytest.raises(InvalidManifestError, match="can't be read"):
            decode(data)
