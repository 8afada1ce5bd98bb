"""Runs are found in every log directory: with symlinks in circles, and with folders that can't be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tensorboard.context import RequestContext

from tb_versions.read.curves import run_folders as searching
from tb_versions.read.curves.event_files import provider_of, reading
from tb_versions.read.curves.run_folders import LOOP, NO_FILE, run_folders
from tests.support.unprivileged import run_unprivileged
from tests.support.world import World

pytestmark = pytest.mark.slow


def run(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "events.out.tfevents.1.x").write_bytes(b"")
    return folder


def found(logdir: Path) -> tuple[list[str], list[tuple[str, str]]]:
    problems: list[tuple[str, str]] = []
    return sorted(name for name, _ in run_folders(str(logdir), problems)), sorted(problems)


def test_folders_with_event_files_are_runs_at_any_depth(tmp_path: Path) -> None:
    run(tmp_path / "a" / "train")
    run(tmp_path / "b")
    (tmp_path / "empty").mkdir()
    assert found(tmp_path) == (["a/train", "b"], [])
    (tmp_path / "events.out.tfevents.1.x").write_bytes(b"")
    assert found(tmp_path)[0] == [".", "a/train", "b"]


def test_a_symlink_names_the_run_once_more_as_in_tensorboard(tmp_path: Path) -> None:
    run(tmp_path / "logs" / "a")
    run(tmp_path / "elsewhere" / "c")
    (tmp_path / "logs" / "latest").symlink_to("a")
    (tmp_path / "logs" / "out").symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path / "logs") == (["a", "latest", "out/c"], [])


@pytest.mark.parametrize(
    "links",
    [
        {"self": "."},
        {"up": "../..", "up2": "../.."},
        {"x": "y", "y": "x"},
        {"itself": "itself"},
        {"dangling": "nowhere"},
    ],
    ids=" ".join,
)
def test_symlinks_in_circles_end(tmp_path: Path, links: dict[str, str]) -> None:
    folder = run(tmp_path / "logs" / "deep" / "a")
    for name, target in links.items():
        (folder / name).symlink_to(target)
    told = [(str(folder / name), LOOP) for name in links if name.startswith(("self", "up"))]
    assert found(tmp_path / "logs") == (["deep/a"], told)


def test_symlinks_between_two_folders_end(tmp_path: Path) -> None:
    run(tmp_path / "a")
    run(tmp_path / "b")
    (tmp_path / "a" / "to-b").symlink_to("../b")
    (tmp_path / "b" / "to-a").symlink_to("../a")
    names, problems = found(tmp_path)
    assert names == ["a", "a/to-b", "b", "b/to-a"]
    assert [why for _, why in problems] == [LOOP, LOOP]


def test_symlinks_that_multiply_are_left_out_beyond_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MAX_LINKED", 50)
    for depth in range(20):  # 2^20 paths to the last one
        (tmp_path / f"f{depth}").mkdir()
        (tmp_path / f"f{depth}" / "one").symlink_to(f"../f{depth + 1}")
        (tmp_path / f"f{depth}" / "two").symlink_to(f"../f{depth + 1}")
    run(tmp_path / "f20")
    names, problems = found(tmp_path)
    assert "f20" in names
    assert problems == [(str(tmp_path), "symlinks in it lead to more than 50 folders; others are left out.")]


@pytest.fixture
def barred(tmp_path: Path) -> Iterator[Path]:
    """A log directory with two readable runs, and one below a folder that nobody may enter."""
    world = World(tmp_path)
    world.scalars("mine", "loss", [(1, 0.5)])
    world.scalars("other", "loss", [(1, 0.25)])
    world.scalars("theirs/train", "loss", [(1, 0.5)])
    world.close()
    (world.logs / "theirs").chmod(0)
    yield world.logs
    (world.logs / "theirs").chmod(0o755)


@pytest.mark.parametrize(
    "command",
    [
        ["list", "--json"],
        ["compare", "run:mine", "run:other"],
        ["export", "--out", "{out}.html"],
        ["export", "--out", "{out}.csv"],
    ],
    ids=["list", "compare", "page", "table"],
)
def test_one_line_names_a_folder_that_can_not_be_read(barred: Path, command: list[str]) -> None:
    arguments = [argument.format(out=barred.parent / "out") for argument in command]
    done = run_unprivileged("-m", "tb_versions.cli", *arguments, "--logdir", str(barred))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    told = [line for line in done.stderr.splitlines() if "theirs" in line]
    assert told == [f"tb-versions: {barred}/theirs: can't be read: Permission denied."]


@pytest.mark.parametrize("program", ["provider_of(logdir, problems)", "reading(logdir, problems).__enter__()()"])
def test_both_readers_of_event_files_say_it_in_the_same_words(barred: Path, program: str) -> None:
    script = (
        "import sys\nfrom tensorboard.context import RequestContext\n"
        f"from {provider_of.__module__} import {provider_of.__name__}, {reading.__name__}\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\nwithout_tensorflow()\n"
        f"logdir, problems = sys.argv[1], []\nprovider = {program}\n"
        "print(sorted(run.run_name for run in provider.list_runs(RequestContext(), experiment_id='')), problems)\n"
    )
    done = run_unprivileged("-c", script, str(barred))
    assert done.stdout == f"['mine', 'other'] [('{barred}/theirs', \"can't be read: Permission denied.\")]\n", (
        done.stderr
    )


def test_the_data_server_says_a_loop_in_the_same_words(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("a", "loss", [(1, 0.5)])
    world.close()
    (world.logs / "a" / "up").symlink_to("..")
    for finish in (lambda problems: reading(str(world.logs), problems), None):
        problems: list[tuple[str, str]] = []
        if finish is None:
            provider_of(str(world.logs), problems)
        else:
            with finish(problems) as wait:
                wait()
        assert problems == [(str(world.logs / "a" / "up"), LOOP)]


ENDLESS: dict[str, Callable[[Path], object]] = {
    "a fifo": os.mkfifo,
    "a symlink to a fifo": lambda path: (os.mkfifo(path.parent / "pipe"), path.symlink_to("pipe")),
    "a symlink to a device": lambda path: path.symlink_to("/dev/zero"),
    "a socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),  # bind() takes only short paths
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_would_never_end_is_not_opened(tmp_path: Path, kind: str) -> None:
    world = World(tmp_path)
    world.scalars("good", "loss", [(1, 0.5)])
    (world.logs / "bad").mkdir()
    path = world.logs / "bad" / "events.out.tfevents.1.x"
    ENDLESS[kind](path)
    problems: list[tuple[str, str]] = []
    with reading(str(world.logs), problems) as finish:
        runs = [run.run_name for run in finish().list_runs(RequestContext(), experiment_id="")]
    assert runs == ["good"]
    assert problems == [(str(path), NO_FILE)]


def test_an_event_file_may_be_a_symlink(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("good", "loss", [(1, 0.5)])
    (world.logs / "linked").mkdir()
    (file,) = (world.logs / "good").iterdir()
    (world.logs / "linked" / file.name).symlink_to(file)
    (world.logs / "linked" / "events.out.tfevents.2.gone").symlink_to("nowhere")
    assert found(world.logs) == (["good", "linked"], [])
