from __future__ import annotations

import pytest

from tb_versions.core.strays import is_ignored, is_of_a_model


@pytest.mark.parametrize(
    "path",
    [
        ".DS_Store",
        "variables/.DS_Store",
        "._saved_model.pb",
        "assets/._words.txt",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        ".directory",
        ".nfs000000000123abcd00000001",
        "variables/.nfs00000000a",
        ".fuse_hidden0000000300000001",
        ".__afs1234",
        ".AppleDouble/saved_model.pb",
        "variables/@eaDir/variables.index",
        "assets.extra/tf_serving_warmup_requests",
    ],
)
def test_what_file_managers_and_file_systems_leave_is_ignored_and_of_no_model(path: str) -> None:
    assert is_ignored(path)
    assert not is_of_a_model(path)


@pytest.mark.parametrize(
    "path",
    [
        "saved_model.pbtxt",
        "saved_model.cpb",
        "fingerprint.pb",
        "Fingerprint.PB",
        "keras_metadata.pb",
        "checkpoint",
        "variables/variables.index",
        "variables/variables.data-00001-of-00002",
        "variables/nfs",
        "assets/words.txt",
        "debug/saved_model_debug_info.pb",
        "assets.extra/model.keras",
        "assets.extra/saved_model_config.pb",
    ],
)
def test_what_tensorflow_or_keras_would_read_is_of_a_model(path: str) -> None:
    assert is_of_a_model(path)
    assert not is_ignored(path)


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "new",
        "eval/report.html",
        "assets.extra/notes.txt",
        ".nfs",
        "._",
        "a.DS_Store",
        "serving.log",
        "variables.txt",
    ],
)
def test_other_files_are_neither(path: str) -> None:
    assert not is_ignored(path)
    assert not is_of_a_model(path)
