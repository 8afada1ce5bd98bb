from __future__ import annotations

import pytest
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from tb_versions.core.codec import decode_announcement, manifest_digest
from tb_versions.core.metadata import announcement_pb, parse_tag, tag_of, training_of


def test_a_tag_names_a_version_and_is_read_back() -> None:
    assert tag_of("digits", 7) == "versions/digits/7"
    assert parse_tag("versions/digits/7") == ("digits", 7)
    assert parse_tag("versions/a/9223372036854775807") == ("a", 2**63 - 1)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "loss",
        "versions/digits",
        "versions/digits/x",
        "versions//1",
        "versions/a/b/1",
        "versions/a/99999999999999999999",
        "versions/a/9223372036854775808",
        "versions/a/-1",
        "versions/a/１",
        "Versions/a/1",
        "versions/a/1/",
        "x/versions/a/1",
    ],
)
def test_other_tags_name_none(tag: str) -> None:
    assert parse_tag(tag) is None


def test_an_announcement_carries_the_manifests_bytes_and_says_whose_it_is() -> None:
    manifest = b'{"a": "\xc3\xa9"}\n\0'
    (value,) = announcement_pb("digits", 7, manifest, location="../../models/digits/7").value
    assert value.tag == "versions/digits/7"
    assert tensor_util.make_ndarray(value.tensor).item() == manifest
    assert value.metadata.data_class == summary_pb2.DATA_CLASS_TENSOR
    assert value.metadata.plugin_data.plugin_name == "versions"
    content = decode_announcement(value.metadata.plugin_data.content)
    assert (content.schema_version, content.manifest_digest) == (1, manifest_digest(manifest))
    assert content.location == "../../models/digits/7"


def test_the_runs_that_keras_makes_are_one_training() -> None:
    assert training_of("a/mlp/train") == training_of("a/mlp/validation") == training_of("a/mlp") == "a/mlp"
    assert training_of("train") == "train"
