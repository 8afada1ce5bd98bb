"""The start of `tb-versions mcp`, until it has answered a client's first request, beside importing the SDK alone."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.commands import process
from bench.figures import Report, Sample, interleave, peer
from bench.make_data import OUT, ROOT, ensure

LIMIT = 3.0
"""Seconds beside the SDK's own import."""

_HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}
_READY: dict[str, Any] = {"jsonrpc": "2.0", "method": "notifications/initialized"}
_FIND: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "find", "arguments": {"sort": "-created", "limit": 1}},
}


def measure(report: Report, *, size: int = 1_000, runs: int = 7) -> None:
    """Adds the figures: the start, and a question about many versions."""
    data = ensure(size)
    places = ["--models-dir", str(data.models)]
    sdk = process([sys.executable, "-c", "import mcp.server.lowlevel, mcp.server.stdio"], {})
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as cache:
        imported, started, answered = interleave(
            runs, sdk, lambda: _asked(places, cache), lambda: _asked(places, cache, find=True)
        )
    least = statistics.median(sample.wall for sample in imported)
    alone = peer("importing the SDK's server", imported)
    report.add("mcp.start", started, versions=size, peer=alone, note="to the answer of initialize")
    report.add("mcp.first_find", answered, versions=size, peer=alone, note="to the answer of a tool, nothing kept")
    beside = [Sample(sample.wall - least) for sample in started]
    report.add("mcp.start_beside_sdk", beside, limit=LIMIT, limit_of="start, beside the SDK's import", versions=size)


def _asked(places: list[str], cache: str, *, find: bool = False) -> Sample:
    """Seconds from the start of the process to an answer."""
    command = [sys.executable, "-m", "tb_versions.cli", "mcp", *places]
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(OUT / "bytecode")}
    variables = {**os.environ, **bytecode, "TB_VERSIONS_CACHE_DIR": cache}
    requests = [_HELLO, _READY, _FIND] if find else [_HELLO]
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(ROOT), env=variables
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("".join(json.dumps(each) + "\n" for each in requests))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for each in requests if "id" in each]
        wall = time.perf_counter() - begun
        server.stdin.close()
    assert server.returncode == 0
    assert all("result" in answer for answer in answers), answers
    return Sample(wall)
