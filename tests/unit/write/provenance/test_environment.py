"""What is known of the software."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tb_versions.write.provenance import environment


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that is all of `sys.path`; nothing is remembered before or after."""

    def forget() -> None:
        environment._packages.cache_clear()
        environment._versions.cache_clear()

    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    for module in ("tensorflow", "keras", "numpy"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    forget()
    yield tmp_path
    forget()


def install(folder: Path, name: str, version: str, direct_url: Any = None) -> None:
    """Writes the metadata of a distribution."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(json.dumps(direct_url))


def test_this_environment_is_captured() -> None:
    captured = environment.capture_environment()
    assert captured.python.endswith(platform.python_version())
    assert platform.system() in captured.os
    assert captured.numpy == importlib.metadata.version("numpy")
    assert captured.packages["numpy"] == captured.numpy


def test_packages_are_sorted_without_regard_to_case() -> None:
    names = [name.lower().replace("_", "-").replace(".", "-") for name in environment.capture_environment().packages]
    assert names == sorted(names)
    assert len(names) == len(set(names))


def test_the_hosts_name_is_not_captured() -> None:
    captured = environment.capture_environment()
    assert platform.node() not in f"{captured.os} {captured.python}".split()


@pytest.mark.parametrize(
    "name", ["tensorflow", "tensorflow-cpu", "tensorflow_macos", "tf-nightly", "Intel-TensorFlow", "tensorflow-rocm"]
)
def test_every_distribution_of_tensorflow_has_its_version_recorded(installed: Path, name: str) -> None:
    install(installed, name, "2.99.1")
    assert environment.capture_environment().tensorflow == "2.99.1"


def test_a_loaded_module_is_believed_more_than_metadata(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(installed, "tensorflow", "2.1.0")
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(__version__="2.2.0"))
    assert environment.capture_environment().tensorflow == "2.2.0"


def test_of_two_with_one_name_the_first_on_the_path_counts(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(installed / "a", "Some.Package", "1")
    install(installed / "b", "some-package", "2")
    monkeypatch.setattr(sys, "path", [str(installed / "a"), str(installed / "b")])
    assert environment.capture_environment().packages == {"Some.Package": "1"}


def left_in(project: Path, name: str, version: str, below: str = ".") -> Path:
    """Writes the metadata that setuptools leaves in an editable project; returns the folder that has the code."""
    info = project / below / f"{name}.egg-info"
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n")
    return info.parent


@pytest.mark.parametrize("below", [".", "src"])
def test_an_editable_project_says_so_whether_its_folder_is_on_the_path_or_not(
    installed: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    project = installed / "project"
    code = left_in(project, "mine", "1.0", below)
    site = project / ".venv" / "site-packages"
    install(site, "mine", "1.0", {"url": project.as_uri(), "dir_info": {"editable": True}})
    for path in ([site], [code, site], [site, code]):
        monkeypatch.setattr(sys, "path", [str(folder) for folder in path])
        environment._packages.cache_clear()
        assert environment.capture_environment().packages == {"mine": "1.0 (editable)"}, path


def test_a_project_on_the_path_counts_before_another_that_is_installed(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = left_in(installed / "project", "mine", "2.0")
    install(installed / "a", "mine", "1.0")
    other = {"url": (installed / "project2").as_uri(), "dir_info": {"editable": True}}
    install(installed / "b", "mine", "1.0", other)
    monkeypatch.setattr(sys, "path", [str(code), str(installed / "a"), str(installed / "b")])
    assert environment.capture_environment().packages == {"mine": "2.0"}


def test_an_installation_in_a_projects_own_environment_is_not_the_project(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = installed / "project"
    install(project / ".venv", "mine", "1.0")
    install(installed / "b", "mine", "2.0", {"url": project.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.setattr(sys, "path", [str(project / ".venv"), str(installed / "b")])
    assert environment.capture_environment().packages == {"mine": "1.0"}


def test_an_editable_package_says_so_without_its_path(installed: Path) -> None:
    install(installed, "mine", "1.0", {"url": "file:///home/me/mine", "dir_info": {"editable": True}})
    assert environment.capture_environment().packages == {"mine": "1.0 (editable)"}


def test_a_package_from_a_local_file_hides_the_path(installed: Path) -> None:
    install(installed, "mine", "1.0", {"url": "file:///home/me/mine.whl", "archive_info": {}})
    assert environment.capture_environment().packages == {"mine": "1.0"}


def test_a_package_from_git_has_its_commit_and_no_token(installed: Path) -> None:
    url = {"url": "https://me:s3cr3t@host/o/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}}
    install(installed, "keras", "3.0", url)
    captured = environment.capture_environment()
    assert captured.packages == {"keras": "3.0 @ git+https://host/o/r.git@abc123"}
    assert captured.keras == "3.0"


def test_a_damaged_distribution_is_left_out(installed: Path) -> None:
    install(installed, "good", "1.0")
    install(installed, "odd", "1.0", ["no", "object"])
    (installed / "empty-1.0.dist-info").mkdir()
    (installed / "binary-1.0.dist-info").mkdir()
    (installed / "binary-1.0.dist-info" / "METADATA").write_bytes(b"\xff\xfe\x00")
    assert environment.capture_environment().packages == {"good": "1.0"}


def test_a_loaded_tensorflow_adds_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    info = {"cuda_version": "12.5.1", "cudnn_version": "9", "is_cuda_build": True}
    tensorflow = SimpleNamespace(__version__="2.21.0", sysconfig=SimpleNamespace(get_build_info=lambda: info))
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    captured = environment.capture_environment()
    assert (captured.cuda, captured.cudnn) == ("12.5.1", "9")


def test_a_half_loaded_tensorflow_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace())
    assert environment.capture_environment().cuda == ""
