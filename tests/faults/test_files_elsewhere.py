"""Forged manifests that name files elsewhere: the system is asked which paths were opened, and none is outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tb_versions.core.manifest import MANIFEST_NAME, FilesElsewhere, VersionManifest
from tb_versions.write.complete import complete
from tb_versions.write.placement import place_elsewhere
from tests.support.effort import HANGS

ROOT = Path(__file__).resolve().parents[2]
FORGED = (
    *("../secret/x", "../secret", "digits/../../secret", "/etc", "/proc/self/environ", "digits/1/../../../secret"),
    *("out", "out/x", "digits/up/secret", "digits/fifo", "digits/device", "..\\secret", "%2e%2e/secret", "digits\0/1"),
    *("../nas-secret", "loop", "digits//1", "./digits/1", "", "a" * 4_000, "file:///etc/passwd", "digits/1\n"),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Somebody's tree, what must not be opened beside it, and a version for each forged path."""
    nas = tmp_path / "nas"
    (nas / "digits" / "1").mkdir(parents=True)
    (nas / "digits" / "1" / "model.onnx").write_bytes(b"1")
    for secret in ("secret", "nas-secret"):
        (tmp_path / secret).mkdir()
        (tmp_path / secret / "x").write_bytes(b"no")
    (nas / "out").symlink_to(tmp_path / "secret")
    (nas / "digits" / "up").symlink_to("../..")
    (nas / "loop").symlink_to("loop")
    os.mkfifo(nas / "digits" / "fifo")
    (nas / "digits" / "device").symlink_to("/dev/zero")
    draft = VersionManifest(model="digits", files_elsewhere=FilesElsewhere(source="nas", path="digits/1"))
    manifest = complete(draft, nas / "digits" / "1", {}, adopts=True)
    for number, path in enumerate(FORGED, 1):
        placed = place_elsewhere(tmp_path / "models" / "digits", manifest, number=number)
        fields = {**orjson.loads(placed.data), "filesElsewhere": {"source": "nas", "path": path}}
        (tmp_path / "models" / "digits" / str(number) / MANIFEST_NAME).write_bytes(orjson.dumps(fields))
    return tmp_path


def opened(log: Path) -> Iterator[str]:
    """Paths of calls that opened something, with what their descriptors were of."""
    for call in re.finditer(r"open\w*\((?:[^\"<]*<([^>]*)>, )?\"([^\"]*)\".*\) = \d+<([^>]*)>", log.read_text()):
        yield call[3]


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("command", ["list", "verify", "show"])
def test_no_path_outside_of_the_source_is_opened(shelf: Path, command: str) -> None:
    log = shelf / "log"
    tool = [sys.executable, "-m", "tb_versions.cli", command, *(["digits:1"] if command == "show" else [])]
    done = subprocess.run(
        [
            *("strace", "-f", "-qq", "-y", "-e", "trace=open,openat,openat2,connect", "-o", str(log)),
            *tool,
            *("--models-dir", str(shelf / "models"), "--source", f"nas={shelf / 'nas'}"),
        ],
        cwd=ROOT,
        env={**os.environ, "TB_VERSIONS_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    if "attach" in done.stderr or not log.exists():
        pytest.skip("strace can't run here")
    assert "Traceback" not in done.stderr
    paths = set(opened(log))
    assert any(path.startswith(str(shelf / "models")) for path in paths)
    wrong = {path for path in paths if path.startswith((str(shelf / "secret"), str(shelf / "nas-secret"), "/dev/zero"))}
    assert wrong == set()
    assert not {"/etc/passwd", "/proc/self/environ", str(shelf / "nas" / "digits" / "fifo")} & paths
    if command == "verify":
        assert done.returncode == 1
        assert f"0 of {len(FORGED)} versions are as published." in done.stdout
