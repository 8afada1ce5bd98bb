"""`tb-versions mcp` on a read-only mount, under strace, and over manifests full of naughty strings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_versions.cli.mcp.answers import USUAL
from tb_versions.cli.mcp.server import ToolError, call
from tb_versions.cli.mcp.tools import TOOLS, roots_of
from tests.support import hostile
from tests.support.asked import Call, ask, made_world, parameters, told
from tests.support.effort import FULL
from tests.support.world import World, tree_hash
from tests.system_tools import STRACE_HELP, find_strace

pytestmark = pytest.mark.faults

CALLS: tuple[Call, ...] = (
    ("find", {}),
    ("show", {"ref": "digits:4"}),
    ("compare", {"refs": ["digits@production", "digits:4"]}),
    ("history", {}),
    ("which", {"ref": "digits@production"}),
    ("gate_status", {"ref": "digits:4"}),
    ("curves", {"refs": ["digits:4"]}),
    ("export_text", {}),
)

WRITES = "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,"
WRITES += "utimensat,truncate,ftruncate,chmod,fchmodat,mknod,mknodat"
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TO_WRITE = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC)\b")
_NEVER_RAN = re.compile(r"^\d+ +\?+\( <detached \.\.\.>$")
"""Strace's line for a thread that ended on its way into a call: its registers could not be read, and nothing ran."""


def test_each_tool_is_asked() -> None:
    assert [name for name, _ in CALLS] == [tool.name for tool in TOOLS]


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[World]:
    """A world on a read-only mount."""
    made_world(tmp_path / "there")
    place = tmp_path / "mounted"
    place.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting needs root")
    bind = subprocess.run(["mount", "--bind", tmp_path / "there", place], capture_output=True, check=False)
    if bind.returncode:
        pytest.skip(f"mounting is refused here: {bind.stderr.decode().strip()}")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        with pytest.raises(OSError):
            (place / "x").write_text("x")
        world = World.__new__(World)
        world.base, world.logs, world.models = place, place / "logs", place / "models"
        yield world
    finally:
        subprocess.run(["umount", place], check=True)


def test_all_tools_work_on_a_read_only_mount_and_say_the_same(mounted: World, tmp_path: Path) -> None:
    before = tree_hash(tmp_path / "there")
    own = {"TB_VERSIONS_CACHE_DIR": str(tmp_path / "cache"), "TB_VERSIONS_STATE_DIR": str(tmp_path / "state")}
    _, results = ask(parameters(mounted, **own), CALLS)
    assert all(told(result)["answer"] for result in results)
    assert tree_hash(tmp_path / "there") == before
    assert not (tmp_path / "cache").exists()
    assert not (tmp_path / "state").exists()


def test_no_system_call_writes_but_below_the_temporary_folder(tmp_path: Path) -> None:
    strace = find_strace()
    if strace is None:
        pytest.skip(STRACE_HELP)
    world = made_world(tmp_path / "world")
    temporary, log = tmp_path / "temporary", tmp_path / "strace.log"
    temporary.mkdir()
    started = parameters(
        world,
        TB_VERSIONS_CACHE_DIR=str(tmp_path / "cache"),
        TB_VERSIONS_STATE_DIR=str(tmp_path / "state"),
        TMPDIR=str(temporary),
        PYTHONDONTWRITEBYTECODE="1",
    )
    traced = ["-f", "-y", "-qq", "-o", str(log), "-e", f"trace={WRITES}", started["command"], *started["args"]]
    before = tree_hash(tmp_path / "world")
    _, results = ask({**started, "command": strace, "args": traced}, CALLS)
    assert all(told(result)["answer"] for result in results)
    beyond = [line for line in log.read_text().splitlines() if _writes(line, str(temporary))]
    assert beyond == []
    assert log.read_text().count("open") > 1_000
    assert tree_hash(tmp_path / "world") == before
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"world", "temporary", "strace.log"}


@pytest.mark.parametrize(
    ("line", "is_write"),
    [
        ('7 openat(AT_FDCWD</w>, "/x", O_RDONLY|O_CLOEXEC) = 3</x>', False),
        ('7 openat(AT_FDCWD</w>, "/x", O_WRONLY|O_CREAT, 0666) = 3</x>', True),
        ('7 openat(AT_FDCWD</w>, "/x", O_RDWR <unfinished ...>', True),
        ('7 openat(AT_FDCWD</w>, "/x", O_RDWR <detached ...>', True),
        ("7 openat( <detached ...>", True),
        ("7 ???( <detached ...>", False),
        ('7 mkdir("/x/open", 0777) = 0', True),
        ('7 mkdir("/x", 0777) = -1 EROFS (Read-only file system)', False),
        ('7 mkdir("/mine/x", 0777) = 0', False),
        ('7 unlinkat(3</mine>, "x", 0) = 0', False),
        ('7 unlinkat(3</w>, "x", 0) = 0', True),
    ],
)
def test_a_line_of_strace_that_may_be_a_write_counts_as_one(line: str, is_write: bool) -> None:
    assert _writes(line, "/mine") == is_write


def _writes(line: str, temporary: str) -> bool:
    """Whether a system call changed something elsewhere than in the temporary folder and devices."""
    if " = -1 " in line or "resumed>" in line or line.rstrip().endswith("+++") or "---" in line:
        return False
    if _NEVER_RAN.match(line) or (", O_" in line and not _TO_WRITE.search(line)):
        return False
    paths = _PATH.findall(line)
    if paths and paths[-1].startswith("/"):
        return not paths[-1].startswith((temporary, "/dev/", "/proc/"))
    return f"<{temporary}" not in line  # the folder that a name is relative to


def test_naughty_strings_are_quoted_in_valid_json_of_the_usual_size(tmp_path: Path, test_data: Path) -> None:
    texts = hostile.strings("http://127.0.0.1:9", test_data)
    world = World(tmp_path)
    for number in (1, 2):
        manifest = hostile.manifest("victim", number, texts[number * 100 : number * 100 + 60])
        world.raw(f"victim/{number}", json.dumps(manifest).encode())
    before = tree_hash(tmp_path)
    roots = roots_of("", [str(world.models)], {})
    for name, given in (
        ("find", {"refs": ["victim"]}),
        ("show", {"ref": "victim:1"}),
        ("compare", {"refs": ["victim:1", "victim:2"]}),
        ("gate_status", {"ref": "victim:1"}),
        ("export_text", {}),
        *(("export_text", {"format": form}) for form in ("csv", "jsonl", "json", "latex")),
    ):
        answer = call(name, given, roots)
        assert len(answer.encode()) <= USUAL
        assert answer.isprintable() or not [c for c in answer if ord(c) < 32 or c in "\u202e\u2066\u200b"]
        assert json.loads(answer)["answer"]
    for text in texts if FULL else texts[::10]:  # as what is asked for, too
        for name, given in (("show", {"ref": text}), ("find", {"filter": text}), ("which", {"ref": text, "at": text})):
            _either(name, given, roots)
    assert tree_hash(tmp_path) == before


def _either(name: str, given: dict[str, Any], roots: list[str]) -> None:
    """A call answers, or has an error of one line that is no mistake of this package."""
    try:
        json.loads(call(name, given, roots))
        said = "an answer"
    except ToolError as error:
        said = str(error)
    assert said
    assert "mistake in tb_versions" not in said, (name, given, said)
    assert "\n" not in said
