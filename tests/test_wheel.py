"""From wheel to tab: a clean environment, no TensorFlow, no Node, a real `tensorboard`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.effort import HANGS
from tests.support.servers import tensorboard

ROOT = Path(__file__).resolve().parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(HANGS)]


def run(*command: str | os.PathLike[str], **options: object) -> str:
    """Runs a command without Node on PATH; returns what it printed."""
    done = subprocess.run(
        [os.fspath(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=path_without_node(),
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout[-4000:]}"
    return str(done.stdout)


def path_without_node() -> dict[str, str]:
    """The environment, with every PATH folder left out that has Node."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    without = [f for f in folders if not (Path(f) / "node").exists()]
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "PATH": os.pathsep.join(without)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is committed or would be."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "tb_versions", source / "tb_versions", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", target, source)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Python of a new environment that has the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel)
    yield python
    shutil.rmtree(folder, ignore_errors=True)


def test_wheel_holds_the_front_end_and_no_sources_of_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tb_versions/static/index.js" in names
    assert "tb_versions/core/proto/manifest.proto" in names
    assert "tb_versions/py.typed" in names
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"tb_versions"}
    assert not [name for name in names if name.endswith((".ts", ".tsx")) or "node_modules" in name]


def test_installed_package_needs_neither_tensorflow_nor_node(clean_python: Path) -> None:
    installed = run(clean_python, "-m", "pip", "list", "--format=freeze").lower()
    assert not [line for line in installed.splitlines() if line.startswith(("tensorflow", "keras", "torch", "nodejs"))]
    run(clean_python, "-m", "pip", "check")
    assert shutil.which("node", path=path_without_node()["PATH"]) is None
    run(clean_python, "-c", "import tb_versions; [getattr(tb_versions, name) for name in ('publish', 'summary')]")


@pytest.mark.parametrize("flags", [(), ("--load_fast=false",), ("--path_prefix=/team/tb",)], ids=" ".join)
def test_tab_is_served_from_the_wheel(clean_python: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with tensorboard(logs, *flags, log_file=tmp_path / "log", python=str(clean_python)) as server:
        listed = server.get_json("data/plugins_listing")["versions"]
        path = urllib.parse.urlsplit(server.url).path
        assert listed["loading_mechanism"] == {
            "type": "IFRAME",
            "module_path": f"{path}data/plugin/versions/static/index.js",
        }
        module = server.get("data/plugin/versions/static/index.js")
        assert b"render" in module
        assert server.get_json("data/plugin/versions/versions")["schema_version"] == 2
        assert "Traceback" not in server.log


def test_tab_is_served_beside_the_profile_plugin(clean_python: Path, tmp_path: Path) -> None:
    run(clean_python, "-m", "pip", "install", "--quiet", "tensorboard-plugin-profile")
    (tmp_path / "logs").mkdir()
    with tensorboard(tmp_path / "logs", log_file=tmp_path / "log", python=str(clean_python)) as server:
        assert {"versions", "profile"} <= set(server.get_json("data/plugins_listing"))
        assert b"render" in server.get("data/plugin/versions/static/index.js")
