"""Replaying versions: what is refused before a model is loaded, and real models in a process of their own."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.golden.file import key_of
from tb_versions.core.golden.outcome import Tolerance
from tb_versions.core.limited import Limits
from tb_versions.core.manifest import Golden
from tb_versions.errors import NoGoldenOutputsError, NotASavedModelError, VersionDamagedError
from tb_versions.registry import events
from tb_versions.trust.replaying import replay
from tb_versions.write.homes import home_of
from tb_versions.write.savers import Saver, copy_folder
from tests.support.golden import DATA, with_golden
from tests.support.publishing import published
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


def golden_of(models: Path) -> Path:
    return models / "digits/.versions" / key_of(1)


def test_a_version_without_golden_outputs_says_how_to_get_some(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a").write_bytes(b"a")
    published(tmp_path / "files", tmp_path / "models")
    with pytest.raises(NotASavedModelError, match="digits:1 is no SavedModel"):
        replay("digits:1", tmp_path / "models")
    version = with_golden(tmp_path)
    shutil.rmtree(tmp_path / "models/digits/.versions/golden")
    with pytest.raises(NoGoldenOutputsError, match=r"digits:2 are not here .*copies and exports leave them out"):
        replay(version.reference, tmp_path / "models")


def test_golden_outputs_that_are_not_those_of_the_manifest_are_not_opened(tmp_path: Path) -> None:
    with_golden(tmp_path, claimed=b"other")
    with pytest.raises(VersionDamagedError, match="not those that were kept"):
        replay("digits:1", tmp_path / "models")


def test_a_link_in_place_of_golden_outputs_is_not_followed(tmp_path: Path) -> None:
    with_golden(tmp_path)
    path = golden_of(tmp_path / "models")
    (tmp_path / "outside").write_bytes(DATA)
    path.unlink()
    path.symlink_to(tmp_path / "outside")
    with pytest.raises(tbv.UnsafeFileError):
        replay("digits:1", tmp_path / "models")


def test_a_changed_file_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    version = with_golden(tmp_path)
    with open(Path(version.path) / "saved_model.pb", "ab") as file:
        file.write(b"x")
    with pytest.raises(VersionDamagedError, match="not what was published"):
        replay("digits:1", tmp_path / "models")


def test_golden_outputs_in_an_object_store_are_found_and_the_result_is_recorded_there(tmp_path: Path) -> None:
    models = f"memory://bucket/{tmp_path.name}"
    content = graph("MatMul") + signature(x=tensor("x:0", 1, shape(-1, 4)))
    source = write_model(tmp_path / "model", saved_model(info("serve") + content))
    golden = Golden(digest=f"sha256:{hashlib.sha256(DATA).hexdigest()}", size=len(DATA))
    published(Saver(lambda target: copy_folder(source, target), ask=lambda folder: golden), models)  # type: ignore[arg-type]
    with pytest.raises(NoGoldenOutputsError, match="are not here"):
        replay("digits:1", models)
    home_of(models, "digits").keep_golden(1, DATA)
    found = replay("digits:1", models, limits=Limits(seconds=0.1))
    assert "It was stopped after 0.1 s" in str(found)
    assert [told.event.kind for told in tbv.history("digits", models)] == ["replayed"]


def test_a_hostile_file_is_a_sentence_and_nothing_is_recorded(tmp_path: Path) -> None:
    with_golden(tmp_path, data=b"PK\x05\x06" + bytes(18))
    with pytest.raises(VersionDamagedError, match=r"digits:1 can't be replayed. The golden outputs can't be read"):
        replay("digits:1", tmp_path / "models")
    assert list(tbv.history("digits", tmp_path / "models")) == []


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_real_version_is_replayed_and_recorded(tmp_path: Path) -> None:
    import tensorflow as tf

    class Doubled(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(tf.random.stateless_normal([4, 3], [1, 2]))

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
        def __call__(self, x: Any) -> Any:
            return tf.linalg.matmul(x, self.kernel)

    nothing = tbv.Capture(code=False, environment=False, hardware=False)
    module = Doubled()
    version = tbv.publish(
        module,
        tmp_path,
        name="digits",
        golden=[[1.0, 2.0, 3.0, 4.0]],
        signatures=module.__call__.get_concrete_function(),
        capture=nothing,
        strict=True,
    )
    assert version is not None
    assert version.manifest.golden is not None
    assert version.manifest.golden.compared == "same"
    tbv.promote("digits:1", tmp_path, alias="production")

    found = replay("digits@production", tmp_path, actor="anna", reason="after the upgrade")
    assert found.ok
    assert found.event is not None
    told = events.said(found.event)
    assert (told.ok, told.golden, told.device) == (True, version.manifest.golden.digest, "CPU")
    assert told.words == f"replayed on TF {tf.__version__} / CPU, max error {told.max_error:.2g}"
    assert told.words in tbv.which("digits@production", tmp_path).replayed

    stopped = replay("digits:1", tmp_path, limits=Limits(seconds=0.1), tolerance=Tolerance(0.5, 0.5))
    assert not stopped.ok
    assert "It was stopped after 0.1 s" in str(stopped)
    (*_, last) = tbv.history("digits", tmp_path)
    assert (events.said(last.event).ok, events.said(last.event).absolute) == (False, 0.5)
