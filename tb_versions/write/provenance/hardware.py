"""The machine that made a version, without its name."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import sys
from typing import Any

import psutil

from tb_versions.core.manifest import Gpu, Hardware
from tb_versions.privacy.scrub import printable
from tb_versions.write.provenance._programs import ask, find_program

TIMEOUT = 5.0
"""Time limit in seconds for one helper program."""

_MEBIBYTE = 1 << 20
_NVIDIA_QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")


def capture_hardware(*, timeout: float = TIMEOUT) -> Hardware:
    """Captures processor, memory and graphics processors of this machine.

    Cores and memory are those of the machine, not the share of a container. If the program has loaded TensorFlow, GPUs
    are those that TensorFlow sees; nothing is initialised on them. Otherwise `nvidia-smi` is run, once per process.

    Args:
        timeout: Time limit in seconds for one helper program.

    Returns:
        The facts; 0, "" and no GPUs for what is unknown.
    """
    return Hardware(
        cpu=printable(_cpu(timeout)),
        cores=_cores(),
        logical_cores=os.cpu_count() or 0,
        memory_bytes=_memory(),
        gpus=_gpus(timeout),
    )


@functools.cache
def _cpu(timeout: float) -> str:
    """The processor's marketing name."""
    if sys.platform == "darwin":
        return _ask_line("sysctl", "-n", "machdep.cpu.brand_string", timeout=timeout)
    return _cpu_from_proc() or platform.processor() or platform.machine()


def _cpu_from_proc() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            fields = (line.partition(":") for line in lines)
            return next((value.strip() for name, _, value in fields if name.strip() == "model name"), "")
    except OSError:
        return ""


@functools.cache
def _cores() -> int:
    return psutil.cpu_count(logical=False) or 0


def _memory() -> int:
    try:
        return int(psutil.virtual_memory().total)
    except (OSError, RuntimeError):
        return 0


def _gpus(timeout: float) -> tuple[Gpu, ...]:
    """The GPUs that TensorFlow sees, with their memory from nvidia-smi; else all GPUs of nvidia-smi."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return ()
    installed = _nvidia_gpus(timeout)
    memory = {gpu.name: gpu.memory_bytes for gpu in installed}
    seen = tuple(Gpu(name=name, memory_bytes=memory.get(name, 0)) for name in _tensorflow_gpus())
    return seen or installed


def _tensorflow_gpus() -> list[str]:
    """Names of the GPUs that a loaded TensorFlow sees; creates no device and allocates no memory."""
    tensorflow: Any = sys.modules.get("tensorflow")
    names: list[str] = []
    with contextlib.suppress(Exception):
        for device in tensorflow.config.list_physical_devices("GPU"):
            details = tensorflow.config.experimental.get_device_details(device)
            names.append(printable(str(details.get("device_name", "GPU"))))
    return names


@functools.cache
def _nvidia_gpus(timeout: float) -> tuple[Gpu, ...]:
    program = find_program("nvidia-smi")
    answer = ask((program, *_NVIDIA_QUERY), timeout=timeout) if program else None
    gpus = (_nvidia_gpu(line) for line in answer.text.splitlines()) if answer else ()
    return tuple(gpu for gpu in gpus if gpu is not None)


def _nvidia_gpu(line: str) -> Gpu | None:
    """Parses "NVIDIA A100-SXM4-80GB, 81920" (MiB); the memory is "[N/A]" if the GPU shares the machine's memory."""
    name, comma, memory = line.rpartition(",")
    size = memory.strip()
    if not comma:
        return None
    return Gpu(name=printable(name.strip()), memory_bytes=int(size) * _MEBIBYTE if size.isdecimal() else 0)


def _ask_line(program: str, *arguments: str, timeout: float) -> str:
    path = find_program(program)
    answer = ask((path, *arguments), timeout=timeout) if path else None
    return answer.text.strip() if answer else ""
