"""publish: a version appears whole, with the next number, or training goes on without it."""

from __future__ import annotations

import dataclasses
import os
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.write import failures, numbers
from tests.support import publishing
from tests.support.publishing import published


def test_a_folder_becomes_version_1_and_stays_where_it_is(source: Path, models: Path) -> None:
    version = published(source, models, metrics={"accuracy": np.float32(0.5)}, step=3, semantic_version="1.0.0")
    assert (version.model, version.number, version.reference) == ("digits", 1, "digits:1")
    assert version.path == models / "digits" / "1"
    assert sorted(os.listdir(version.path)) == [MANIFEST_NAME, "weights.bin"]
    assert codec.decode((version.path / MANIFEST_NAME).read_bytes()) == version.manifest
    assert (source / "weights.bin").read_bytes() == b"weights"
    assert os.listdir(source) == ["weights.bin"]


def test_a_version_that_no_run_will_show_says_so_once(source: Path, models: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(failures, "_said", set())
    with pytest.warns(tbv.TbVersionsWarning, match="no run in TensorBoard will show it") as caught:
        published(source, models)
    assert caught[0].filename == publishing.__file__  # where `publish` was called
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        published(source, models)


def test_a_version_that_a_run_shows_says_nothing(source: Path, models: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(failures, "_said", set())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert published(source, models, run_dir=models.parent / "logs").announced


def test_a_published_version_is_frozen(source: Path, models: Path) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        published(source, models).number = 2  # type: ignore[misc]


def test_numbers_go_on_and_are_never_reused(source: Path, models: Path) -> None:
    first, second = published(source, models), published(source, models)
    assert (first.number, second.number) == (1, 2)
    for path in (second.path, first.path):
        for name in os.listdir(path):
            (path / name).unlink()
        path.rmdir()
    assert published(source, models).number == 3


def test_a_number_can_be_chosen_once(source: Path, models: Path) -> None:
    assert published(source, models, number=41).number == 41
    assert published(source, models).number == 42
    for taken in (41, 42):
        with pytest.raises(tbv.VersionExistsError, match="never reused"):
            published(source, models, number=taken, strict=False)
    assert published(source, models, number=7).number == 7
    assert published(source, models).number == 43


def test_a_folder_in_its_place_gets_its_manifest_there(source: Path, models: Path) -> None:
    place = models / "digits" / "5"
    place.parent.mkdir(parents=True)
    source.rename(place)
    assert published(place, models).path == place
    assert sorted(os.listdir(place)) == [MANIFEST_NAME, "weights.bin"]
    with pytest.raises(tbv.VersionExistsError, match="immutable"):
        published(place, models)
    with pytest.raises(tbv.VersionExistsError, match="contradicts that"):
        published(place, models, number=6)
    assert published(models / "digits" / "5", models / "other").number == 1


def test_threads_publish_at_once(source: Path, models: Path) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.extend(published(source, models).number for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 21))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": "../x"}, tbv.InvalidNameError),
        ({"metrics": ["high"]}, TypeError),
        ({"metric": {"a": 1}}, TypeError),
        ({"semantic_version": "one"}, tbv.InvalidManifestError),
        ({"number": -1}, tbv.InvalidManifestError),
        ({"number": "1"}, tbv.InvalidManifestError),
        ({"writer": object()}, TypeError),
    ],
)
def test_mistakes_raise_before_anything_is_written(
    source: Path, models: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        tbv.publish(source, models, **{"name": "digits", **options})
    assert not models.exists()


def test_a_url_of_no_store_is_refused(source: Path) -> None:
    with pytest.raises(tbv.UnsupportedStorageError):
        tbv.publish(source, "ftp://host/models", name="digits")


@pytest.mark.parametrize("strict", [False, True])
def test_a_broken_disk_is_one_warning_or_an_error(source: Path, models: Path, strict: bool) -> None:
    models.write_text("a file where the folder should be")
    if strict:
        with pytest.raises(tbv.StorageError):
            tbv.publish(source, models, name="digits", strict=True)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [tbv.publish(source, models, name="digits") for _ in range(3)] == [None] * 3
    (warning,) = caught
    assert warning.category is tbv.TbVersionsWarning
    assert warning.filename == __file__
    assert "digits was not published" in str(warning.message)


def test_a_symlink_is_refused_and_leaves_nothing(source: Path, models: Path) -> None:
    (source / "link").symlink_to("/etc/hostname")
    with pytest.raises(tbv.UnsafeFileError, match="symlink"):
        published(source, models)
    with pytest.warns(tbv.TbVersionsWarning, match="symlink"):
        assert tbv.publish(source, models, name="digits") is None
    assert os.listdir(models / "digits") == [".versions"]
    assert os.listdir(models / "digits" / ".versions" / "tmp") == []


def test_parents_in_the_folder_are_recorded_with_their_digest(source: Path, models: Path) -> None:
    first = published(source, models)
    second = published(source, models, fine_tuned_from="digits:1", distilled_from=first)
    assert [(p.number, p.digest, p.relation) for p in second.manifest.parents] == [
        (1, first.manifest.digest, "fine_tuned_from"),
        (1, first.manifest.digest, "distilled_from"),
    ]
    assert first.manifest.digest == second.manifest.digest, "the manifest is outside the digest"


def test_the_next_number_does_not_need_the_folder_to_be_listed(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(source, models)
    monkeypatch.setattr(numbers, "list_numbers", lambda folder: pytest.fail(f"{folder} was listed"))
    assert published(source, models).number == 2


@pytest.mark.tensorflow
def test_a_keras_model_is_published_and_loads_again(models: Path) -> None:
    import keras
    import tensorflow as tf

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    version = published(model, models)  # type: ignore[arg-type]
    assert version.manifest.saved_model is not None
    assert version.manifest.saved_model.parameter_count == 9
    assert version.manifest.format == "saved_model"
    x = np.ones((1, 2), "float32")
    loaded = tf.saved_model.load(str(version.path))
    served = loaded.serve(x)
    restored = keras.models.load_model(version.path / "assets.extra" / "model.keras")(x)
    np.testing.assert_allclose(served, model(x), rtol=1e-5)
    np.testing.assert_allclose(restored, model(x), rtol=1e-5)


@pytest.mark.tensorflow
def test_publishing_inside_a_tf_function_is_refused(source: Path, models: Path) -> None:
    import tensorflow as tf

    @tf.function(autograph=False)
    def step() -> None:
        tbv.publish(source, models, name="digits")

    with pytest.raises(RuntimeError, match=r"inside a tf\.function"):
        step()
    assert not models.exists()


@pytest.mark.tensorflow
def test_a_failing_export_is_one_warning(models: Path) -> None:
    import tensorflow as tf

    with pytest.warns(tbv.TbVersionsWarning, match=r"tf\.Module can't be saved"):
        assert tbv.publish(tf.Module(), models, name="digits", signatures=3) is None
    assert os.listdir(models / "digits") == [".versions"]
