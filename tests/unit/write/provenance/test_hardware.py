"""What is known of the machine."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tb_versions.core.manifest import Gpu
from tb_versions.write.provenance import hardware

InstallSmi = Callable[[str], None]


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No TensorFlow is loaded, every GPU is visible, and nothing is remembered."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    hardware._nvidia_gpus.cache_clear()
    yield
    hardware._nvidia_gpus.cache_clear()


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstallSmi:
    """Puts a shell script in nvidia-smi's place."""

    def install(body: str) -> None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def tensorflow_with(*names: str) -> SimpleNamespace:
    """What stands for a loaded TensorFlow that sees GPUs."""
    experimental = SimpleNamespace(get_device_details=lambda device: {"device_name": device})
    return SimpleNamespace(config=SimpleNamespace(list_physical_devices=lambda kind: names, experimental=experimental))


def test_this_machine_is_captured() -> None:
    captured = hardware.capture_hardware()
    assert captured.cpu
    assert captured.logical_cores == os.cpu_count()
    assert captured.memory_bytes == psutil.virtual_memory().total
    assert platform.node() not in captured.cpu


def test_nvidia_smi_names_gpus_and_memory_in_bytes(nvidia_smi: InstallSmi) -> None:
    nvidia_smi("echo 'NVIDIA A100-SXM4-80GB, 81920'; echo 'NVIDIA GB10, [N/A]'; echo nonsense")
    expected = (Gpu(name="NVIDIA A100-SXM4-80GB", memory_bytes=81_920 << 20), Gpu(name="NVIDIA GB10"))
    assert hardware.capture_hardware().gpus == expected


def test_nvidia_smi_runs_once(nvidia_smi: InstallSmi, tmp_path: Path) -> None:
    nvidia_smi(f"echo asked >> {tmp_path}/log; echo 'GPU, 1'")
    hardware.capture_hardware()
    hardware.capture_hardware()
    assert (tmp_path / "log").read_text() == "asked\n"


def test_a_broken_driver_is_no_gpu(nvidia_smi: InstallSmi) -> None:
    nvidia_smi("echo 'NVIDIA-SMI has failed, 1'; exit 9")
    assert hardware.capture_hardware().gpus == ()


def test_a_hanging_driver_does_not_stall(nvidia_smi: InstallSmi) -> None:
    nvidia_smi("while :; do sleep 60; done")
    assert hardware.capture_hardware(timeout=0.2).gpus == ()


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_hidden_gpus_are_not_recorded(nvidia_smi: InstallSmi, monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    nvidia_smi("echo 'GPU, 1'")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert hardware.capture_hardware().gpus == ()


def test_a_loaded_tensorflow_says_which_gpus_the_program_sees(
    nvidia_smi: InstallSmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvidia_smi("echo 'NVIDIA L4, 23034'; echo 'NVIDIA L4, 23034'")
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow_with("NVIDIA L4", "AMD MI300X"))
    expected = (Gpu(name="NVIDIA L4", memory_bytes=23_034 << 20), Gpu(name="AMD MI300X"))
    assert hardware.capture_hardware().gpus == expected
