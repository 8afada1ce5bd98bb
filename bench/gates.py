"""`tb-versions gate check` with 50 rules in a new process, beside `import click`, which any command needs."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench.commands import process
from bench.figures import Report, interleave
from tb_versions.core import codec
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import MANIFEST_NAME, Metric, VersionManifest

LIMIT = 0.5
"""Seconds, with the start of the process."""

RULES, VERSIONS = 50, 100


def measure(report: Report, *, runs: int = 9) -> None:
    """Adds the figures: a check that passes, recorded and not."""
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        models, rules = _made(Path(folder)), _rules(Path(folder))
        nothing = {"TB_VERSIONS_STATE_DIR": f"{folder}/state", "TB_VERSIONS_CACHE_DIR": f"{folder}/cache"}
        command = [sys.executable, "-m", "tb_versions.cli", "gate", "check", f"digits:{VERSIONS}"]
        command += ["--rules", str(rules), "--models-dir", str(models)]
        click = process([sys.executable, "-c", "import click"], {})
        subjects = (click, process(command, nothing), process([*command, "--record"], nothing))
        floor, check, record = interleave(runs, *subjects)
    least = statistics.median(sample.cpu or 0 for sample in floor)
    for name, samples in (("gates.check", check), ("gates.record", record)):
        over = statistics.median(sample.cpu or 0 for sample in samples) / least
        note = f"{RULES} rules, {VERSIONS} versions; CPU {over:.1f} × `import click`"
        limit = LIMIT if name == "gates.check" else None
        report.add(name, samples, limit=limit, limit_of="with start", versions=VERSIONS, note=note)
        cpu = [sample.cpu or 0 for sample in samples]  # what a busy machine hardly changes
        report.add(f"{name}_cpu", cpu, limit=limit, limit_of="CPU, with start", versions=VERSIONS)


def _made(folder: Path) -> Path:
    for number in range(1, VERSIONS + 1):
        path = folder / "models" / "digits" / str(number)
        path.mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(os.urandom(1_000))
        files = digest_files(path, list_files(path))
        metrics = tuple(
            Metric(name=f"metric_{n}", value=0.5 + number / 1_000, goal="max", dataset="test", slice=f"s{n}")
            for n in range(RULES)
        )
        manifest = VersionManifest(
            model="digits",
            number=number,
            metrics=metrics,
            files=files,
            digest=version_digest(files),
            size_bytes=1_000,
        )
        (path / MANIFEST_NAME).write_bytes(codec.encode(manifest))
    return folder / "models"


def _rules(folder: Path) -> Path:
    rules = (
        f'[[rules]]\nmetric = "metric_{n}"\ndataset = "test"\nslice = "s{n}"\nat_least = 0.5\nworse_by_at_most = 0\n'
        for n in range(RULES)
    )
    path = folder / "gates.toml"
    path.write_text('name = "release"\nagainst = "digits:1"\n' + "\n".join(rules))
    return path
