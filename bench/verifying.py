"""What `verify` costs for each byte, beside `openssl dgst -sha256` of the same files, and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Peer, Report, Sample, Subject, interleave, median, timed
from bench.make_data import OUT, ROOT
from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.read.reuse.api import verify

SLOWER, MEMORY = 1.3, 100_000_000
_FILES, _MEGABYTES = 4, 512
_CODE = (
    "import sys; from tb_versions.cli import main; main(sys.argv[1:], standalone_mode=False); "
    "print(open('/proc/self/status').read())"
)


def _make() -> Path:
    """A models folder with one version of 2 GiB; made once."""
    models = OUT / "verifying"
    folder = models / "weights" / "1"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"weights-{index}.bin" for index in range(_FILES)]
    for path in paths:
        if not path.exists() or path.stat().st_size != _MEGABYTES << 20:
            path.write_bytes(os.urandom(1 << 20) * _MEGABYTES)
            (folder / MANIFEST_NAME).unlink(missing_ok=True)
    if not (folder / MANIFEST_NAME).exists():
        files = digest_files(folder, list_files(folder))
        manifest = VersionManifest(model="weights", number=1, files=files, digest=version_digest(files))
        (folder / MANIFEST_NAME).write_bytes(codec.encode(manifest))
    return models


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the seconds of both and their ratio, and the most memory of the command; files are in the page cache."""
    models = _make()
    paths = sorted((models / "weights" / "1").glob("*.bin"))
    ours = timed(lambda: verify("weights:1", models_dir=models))
    samples, theirs = interleave(runs, ours, _process(["openssl", "dgst", "-sha256", *map(str, paths)]))
    note = f"{_FILES} files of {_MEGABYTES} MiB"
    by = Peer("openssl dgst -sha256", median(theirs), runs)
    report.add("verify.seconds", samples, peer=by, note=note)
    wall = [median(samples) / median(theirs)]
    report.add("verify.wall", wall, unit="×", limit=SLOWER, limit_of="of openssl's time for each byte", note=note)
    cpu = [sum(each.cpu or 0 for each in samples) / sum(each.cpu or 0 for each in theirs)]
    report.add("verify.cpu", cpu, unit="×", limit=SLOWER, limit_of="of openssl's CPU for each byte", note=note)
    command = [sys.executable, "-c", _CODE, "verify", "weights:1", "--models-dir", str(models)]
    most = [_memory(command) for _ in range(3)]
    report.add("verify.memory", most, unit="bytes", limit=MEMORY, limit_of="most memory of the command", note=note)


def _process(command: Sequence[str]) -> Subject:
    def measure_one() -> Sample:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, command
        return Sample(time.perf_counter() - began, used.ru_utime + used.ru_stime)

    return measure_one


def _memory(command: Sequence[str]) -> float:
    """Most bytes that a process held; `ru_maxrss` would begin with what this one holds."""
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    (most,) = [line for line in done.stdout.splitlines() if line.startswith("VmHWM")]
    return int(most.split()[1]) * 1024.0
