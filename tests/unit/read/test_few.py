"""One thing without a tuple around it."""

from tb_versions.read.few import few, many


def test_none_one_and_several_come_back_and_one_is_kept_alone() -> None:
    for some in ((), ("a",), ("a", "b")):
        assert many(few(some)) == some
    assert few(("a",)) == "a"
