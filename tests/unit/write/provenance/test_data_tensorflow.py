"""Digests of a sample of a `tf.data.Dataset`."""

from __future__ import annotations

from typing import Any

import pytest

from tb_versions.core.manifest import Dataset
from tb_versions.errors import InvalidManifestError
from tb_versions.write.provenance import digest_array, digest_dataset

pytestmark = pytest.mark.tensorflow

tf: Any = None


@pytest.fixture(autouse=True, scope="module")
def tensorflow() -> None:
    """Imports TensorFlow when a test of this file runs: collecting the file costs nothing."""
    global tf
    tf = pytest.importorskip("tensorflow")


def of(ds: Any, **options: Any) -> str:
    """Digest of a dataset."""
    return digest_dataset(ds, **options).digest


def test_the_same_elements_have_the_same_digest() -> None:
    ds = tf.data.Dataset.range(10)
    described = digest_dataset(ds, sample=4, name="x", split="train", uri="gs://u@b/x")
    assert described == Dataset(
        name="x",
        uri="gs://b/x",
        split="train",
        rows=10,
        digest=of(tf.data.Dataset.from_tensor_slices(tf.range(10, dtype=tf.int64)), sample=4),
        digest_of="sample of 4 elements",
    )


def test_a_short_dataset_says_how_many_elements_it_has() -> None:
    described = digest_dataset(tf.data.Dataset.range(3))
    assert (described.digest_of, described.rows) == ("sample of 3 elements", 3)


def test_other_elements_types_shapes_and_names_have_other_digests() -> None:
    ds = tf.data.Dataset.range(8)
    others = [
        ds,
        ds.map(lambda x: x + 1),
        ds.map(lambda x: tf.cast(x, tf.int32)),
        ds.map(lambda x: tf.cast(x, tf.bfloat16)),
        ds.map(tf.strings.as_string),
        ds.map(lambda x: {"x": x}),
        ds.map(lambda x: {"y": x}),
        ds.map(lambda x: (x, x)),
        ds.batch(2),
        ds.batch(4),
        ds.skip(1),
        tf.data.Dataset.from_tensor_slices([["ab", "c"]]),
        tf.data.Dataset.from_tensor_slices([["a", "bc"]]),
    ]
    assert len({of(other) for other in others}) == len(others)


def test_unknown_and_infinite_sizes_are_no_rows() -> None:
    ds = tf.data.Dataset.range(8)
    assert digest_dataset(ds.repeat(), sample=2).rows is None
    assert digest_dataset(ds.filter(lambda x: x > 2), sample=2).rows is None


def test_the_dataset_can_be_iterated_afterwards() -> None:
    ds = tf.data.Dataset.range(5)
    digest_dataset(ds)
    assert [int(x) for x in ds] == [0, 1, 2, 3, 4]


def test_sparse_and_ragged_elements_count_by_their_parts() -> None:
    def sparse(value: int) -> Any:
        return tf.data.Dataset.from_tensors(tf.sparse.from_dense([[0, value]]))

    def ragged(*rows: list[int]) -> Any:
        return tf.data.Dataset.from_tensors(tf.ragged.constant(rows))

    assert of(sparse(1)) == of(sparse(1)) != of(sparse(2))
    assert of(ragged([1], [2, 3])) == of(ragged([1], [2, 3])) != of(ragged([1, 2], [3]))


def test_what_has_no_tensors_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="not a plain tensor"):
        digest_dataset(tf.data.Dataset.range(4).window(2))
    with pytest.raises(InvalidManifestError, match="0 or more"):
        digest_dataset(tf.data.Dataset.range(4), sample=-1)


def test_a_tensor_has_the_digest_of_its_array() -> None:
    assert digest_array(tf.range(3)) == digest_array(tf.range(3).numpy())
