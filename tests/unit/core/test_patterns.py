from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.patterns import is_pattern, loadable


@pytest.mark.parametrize("path", ["/models/[old]/m/1", "/[a-z]/m", "m/[!x]y/1", "a\\b", "/a/[b/c]/1"])
def test_what_tensorflow_takes_for_a_pattern_is_reached_by_a_symlink(tmp_path: Path, path: str) -> None:
    assert is_pattern(path)
    folder = tmp_path / path.lstrip("/")
    folder.mkdir(parents=True)
    (folder / "file").write_text("x")
    link = loadable(str(folder))
    assert not is_pattern(link)
    assert os.listdir(link) == ["file"]


@pytest.mark.parametrize("path", ["/models/m/1", "a*b", "a?b", "a[b", "a]b[", "a{b,c}", "a b", "é"])
def test_other_paths_stay_as_they_are(path: str) -> None:
    assert not is_pattern(path)
    assert loadable(path) == path


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", ["[old]", "a\\b", "[a]/[b]", "a*b", "a?b", "a[b"])
def test_a_model_is_loaded_from_such_a_folder(tmp_path: Path, name: str) -> None:
    import tensorflow as tf

    import tb_versions as tbv

    class Doubling(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.factor = tf.Variable([2.0])
            (tmp_path / "words").write_text("one")
            self.words = tf.saved_model.Asset(str(tmp_path / "words"))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])  # type: ignore[untyped-decorator]
        def __call__(self, x: object) -> object:
            return x * self.factor

    models = tmp_path / name
    tbv.publish(Doubling(), models, name="m", strict=True, capture=tbv.Capture(code=False))
    loaded = tbv.load("m", models_dir=models)
    assert loaded(tf.constant([4.0])).numpy().tolist() == [8.0]
    tbv.publish(loaded, models, name="again", strict=True, capture=tbv.Capture(code=False))
    assert tbv.load("again", models_dir=models)(tf.constant([4.0])).numpy().tolist() == [8.0]
