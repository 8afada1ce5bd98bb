"""What records say."""

from __future__ import annotations

import contextlib
import io

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import NotAModelError
from tb_versions.interop.wandb.records import read_run
from tb_versions.interop.wandb.runs import Run
from tests.support.savedmodel_bytes import field
from tests.support.wandb_runs import EXIT, artifact, framed, history, item, run, summary


def read(*records: bytes) -> Run:
    return read_run(io.BytesIO(framed(records)))


def test_config_is_what_it_is_at_the_end() -> None:
    update = field(5, field(1, item("a", 2)) + field(1, item(("b", "c"), 3)) + field(2, field(1, "gone")))
    found = read(run(config={"a": 1, "gone": 1, "b": {"c": 1, "d": 2}}), update)
    assert found.config == {"a": 2, "b.c": 3, "b.d": 2}
    assert not found.has_ended


def test_a_summary_counts_where_there_is_no_history() -> None:
    nested = field(3, field(1, item(("acc", "max"), 0.9)) + field(1, item("note", "x")) + field(2, field(1, "gone")))
    found = read(run(), history(1, {"acc": 0.5}), summary(acc=7, gone=1), nested, EXIT)
    assert found.values == {"acc": (0.5, 1), "acc.max": (0.9, None)}
    assert (found.left_out, found.has_ended) == ({"note"}, True)


def test_what_can_t_be_read_is_counted() -> None:
    found = read(
        run(),
        history(1, {"acc": 1}),
        b"\xff\xff\xff",
        field(2, field(1, field(2, "bad") + field(16, "{not json"))),
        field(2, field(1, field(2, "huge") + field(16, "9" * 100_000))),
        field(2, field(1, field(2, "deep") + field(16, "[" * 60_000))),
        field(8, field(4, "model") + field(5, "m" * 70_000)),
        history(2, {"x": True, "none": None}),
    )
    assert (found.unread, found.values, found.artifacts) == (5, {"acc": (1.0, 1)}, [])


def test_an_artifact_s_list_in_another_file_is_none() -> None:
    body = field(4, "model") + field(5, "m") + field(12, field(1, 1) + field(5, "/etc/passwd"))
    (found,) = read(run(), field(8, body)).artifacts
    assert (found.files, found.has_files) == ((), False)
    assert read(run(), artifact("m", {"a": b"1"})).artifacts[0].has_files


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_any_bytes_are_read_or_refused_with_a_sentence(records: list[bytes]) -> None:
    with contextlib.suppress(NotAModelError):  # most name no run
        assert read(*records).run_id


@given(st.binary(max_size=80), st.integers(2, 30))
def test_any_message_in_a_known_field_is_read_or_counted(data: bytes, number: int) -> None:
    assert read(run(), field(number, data)).run_id
