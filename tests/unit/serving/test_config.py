"""The configuration as text: what the real message reads, what is kept, and what is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import InvalidServingConfigError, StorageError
from tb_versions.serving import config
from tb_versions.serving.config import ServedModel, dump, parse, read, replace_file
from tests.support.serving_api import model_server_config

NAUGHTY = ["a", "q\"uo'te", "back\\slash", "nl\nnl", "ünï", "\u202e", "# no comment", "}", "\x00", "𝒳"]
NUMBER = st.integers(min_value=0, max_value=2**63 - 1)
TEXT = st.one_of(st.sampled_from(NAUGHTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
MODEL = st.builds(
    ServedModel,
    TEXT,
    TEXT,
    st.sets(NUMBER, max_size=4).map(sorted).map(tuple),
    st.dictionaries(TEXT, NUMBER, max_size=3),
    platform=TEXT,
)


@given(st.lists(MODEL, max_size=3, unique_by=lambda model: model.name), TEXT)
def test_the_real_message_reads_what_is_written(models: list[ServedModel], comment: str) -> None:
    made = {model.name: model for model in models}
    text = dump(made, [comment])
    assert parse(text, "file") == {**made}
    found = model_server_config(text).model_config_list.config
    assert [model.name for model in found] == sorted(made)
    for model in found:
        wanted = made[model.name]
        assert (model.base_path, model.model_platform) == (wanted.base_path, wanted.platform)
        assert tuple(model.model_version_policy.specific.versions) == wanted.versions
        assert dict(model.version_labels) == wanted.labels


def test_the_text_is_the_same_whatever_the_order() -> None:
    models = [ServedModel(name, f"/m/{name}", (1, 2), {"b": 1, "a": 2}) for name in ("x", "y")]
    turned = [ServedModel(name, f"/m/{name}", (1, 2), {"a": 2, "b": 1}) for name in ("y", "x")]
    assert dump({m.name: m for m in models}) == dump({m.name: m for m in turned})


def test_policies_and_logging_of_others_are_kept() -> None:
    text = """
    model_config_list: { config: [
      { name: 'all', base_path: "/a", model_platform: "tensorflow", model_version_policy { all {} } },
      { name: 'two', base_path: "/b", model_platform: "tensorflow", model_version_policy { latest { num_versions: 2 } },
        logging_config { log_collector_config { type: "x" filename_prefix: "/p" }
                         sampling_config { sampling_rate: 0.1 } } },
      { name: 'usual', base_path: "/c", model_platform: "tensorflow" }  # a comment
    ] }
    """
    found = parse(text, "file")
    assert [(model.policy, model.latest) for model in found.values()] == [("all", 0), ("latest", 2), ("latest", 0)]
    assert model_server_config(dump(found)) == model_server_config(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("model_config_list { config { nam: 'x' } }", "nam"),
        ("custom_model_config { }", "custom_model_config"),
        ("model_config_list { config { name: 'x' } config { name: 'x' } }", "twice"),
        ("model_config_list {", "Expected"),
        ("{" * 5_000, "can be read here"),
        ("model_config_list { config { version_labels { key: 'a' value: 99999999999999999999 } } }", "out of range"),
    ],
)
def test_what_can_not_be_kept_is_refused_with_a_sentence(text: str, why: str) -> None:
    with pytest.raises(InvalidServingConfigError, match=why):
        parse(text, "models.config")


def test_a_file_is_replaced_as_a_whole_and_keeps_link_and_permissions(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    replace_file(str(link), b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_hostile_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(str(tmp_path / "absent")) is None
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"#" * 100)
    monkeypatch.setattr(config, "LIMIT", 99)
    for name in ("fifo", "bytes", "large"):
        with pytest.raises(InvalidServingConfigError, match=name):
            read(str(tmp_path / name))
    with pytest.raises(StorageError, match="can't be written"):
        replace_file(str(tmp_path / "absent/file"), b"")


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(StorageError, match="no plain file"):
            replace_file(str(path), b"")
    assert pipe.is_fifo()


def test_a_refusal_is_sentences_with_one_full_stop_each() -> None:
    with pytest.raises(InvalidServingConfigError, match=r"[^.]\. It was not changed\.$"):
        parse("x: 1", "file")
