from __future__ import annotations

import os
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.data_ingester import _parse_event_files_spec

from tb_versions.read.folders.roots import roots_of


def test_folders_are_absolute_and_shown_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    roots = roots_of("logs", ["~/models", "/abs/models", "logs"])
    assert [(root.path, root.shown, root.kind) for root in roots.allowed] == [
        (str(tmp_path / "logs"), "logs", "logdir"),
        (str(tmp_path / "home" / "models"), "~/models", "models_dir"),
        ("/abs/models", "/abs/models", "models_dir"),
    ]


def test_remote_folders_are_kept_apart() -> None:
    roots = roots_of("gs://bucket/logs", ["ftp://host/models", "s3://bucket//models/", "/models"])
    assert [url for url, _ in roots.remote] == ["gs://bucket/logs", "ftp://host/models"]
    assert [root.shown for root in roots.allowed] == ["s3://bucket/models", "/models"]
    assert roots.stores == ("s3://bucket/models",)
    assert roots.resolve("run", "../x") is None


@pytest.mark.parametrize(
    "spec",
    ["/a", "one:/a", "one:/a,two:/b", "one:/a,/c", "/foo:bar/baz", "one:/a:b", "a b:/c d", "x:rel/a"],
)
def test_a_logdir_spec_is_read_as_tensorboard_reads_it(spec: str) -> None:
    expected = {(name or "", path) for path, name in _parse_event_files_spec(spec).items()}
    assert {(name, os.path.realpath(path)) for name, path in roots_of(logdir_spec=spec).run_folders} == expected


def test_locations_are_resolved_from_the_runs_folder() -> None:
    roots = roots_of("/logs", ["/models"])
    assert roots.resolve("cnn/train", "../../../models/digits/3") == "/models/digits/3"
    assert roots.resolve(".", "models/m/1") == "/logs/models/m/1"
    for location in ("", "/etc/passwd", "a\0b"):
        assert roots.resolve("cnn", location) is None


def test_locations_are_resolved_from_the_named_part_of_a_spec() -> None:
    for spec in ("one:/a,/c", "/c,one:/a"):
        roots = roots_of(logdir_spec=spec)
        assert roots.resolve("one/train", "x") == "/a/train/x"
        assert roots.resolve("one", "x") == "/a/x"
        assert roots.resolve("onetrain", "x") == "/c/onetrain/x"
    roots = roots_of(logdir_spec="one:/a,two:/b")
    assert roots.resolve("two/train", "x") == "/b/train/x"
    assert [roots.resolve(run, "x") for run in ("abc", "zzz", "onetrain")] == [None, None, None]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/models", True),
        ("/models/a", True),
        ("/models2", False),
        ("/", False),
        ("/model", False),
        ("/logs/../etc", True),
    ],
)
def test_only_what_lies_inside_is_allowed(path: str, allowed: bool) -> None:
    """Paths come normalised from `resolve`; the last row shows why they must."""
    assert roots_of("/logs", ["/models"]).is_allowed(path) is allowed


def test_a_root_of_all_allows_all() -> None:
    assert roots_of("/").is_allowed("/etc")
