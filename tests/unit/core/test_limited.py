"""A process with limits: of time, of memory, of what it may see."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tb_versions.core.limited import Limits, run_limited


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(tmp_path)

    def made(code: str, limits: Limits = Limits(60)) -> str:  # noqa: B008
        (tmp_path / "limited_program.py").write_text(f"import os, sys\ndef main(arguments):\n    {code}\n")
        return run_limited("limited_program", [str(tmp_path / "told")], limits)

    return made


def test_a_process_that_ends_well_is_told_what_it_was_given(program, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert program("open(arguments[0], 'w').write('done')") == ""
    assert (tmp_path / "told").read_text() == "done"


def test_memory_without_end_is_stopped(program) -> None:  # type: ignore[no-untyped-def]
    grows = "kept = []\n    while True: kept.append(bytearray(b'x' * (8 << 20)))"
    assert "used more than 0.2 GiB" in program(grows, Limits(60, 200 << 20))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.timeout(120)
def test_a_child_that_it_started_is_ended_with_it(program, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    starts = "import subprocess; open(arguments[0], 'w').write(str(subprocess.Popen(['sleep', '600']).pid))"
    assert program(starts) == ""
    pid = int((tmp_path / "told").read_text())
    while _runs(pid):  # a signal takes a moment to arrive; a child that was left would run for ten minutes
        pass


def test_secrets_and_the_current_folder_stay_outside(  # type: ignore[no-untyped-def]
    program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "TF_TOKEN_app_terraform_io", "TF_VAR_password"):
        monkeypatch.setenv(name, "planted")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    (tmp_path / "cwd/resource.py").write_text("raise SystemExit(9)")
    assert program("open(arguments[0], 'w').write(repr(dict(os.environ)) + repr(sys.path))") == ""
    told = (tmp_path / "told").read_text()
    assert "planted" not in told
    assert "'TF_ENABLE_ONEDNN_OPTS': '0'" in told
    assert "'CUDA_VISIBLE_DEVICES': '-1'" in told
    assert f"{tmp_path / 'cwd'}'" not in told


def test_a_file_without_end_is_stopped(program) -> None:  # type: ignore[no-untyped-def]
    fills = "file = open(arguments[0], 'wb')\n    while True: file.write(bytes(64 << 20))"
    assert "It ended" in program(fills)
