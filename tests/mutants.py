"""Mutation testing: `make mutants ARGS="tb_versions/read/scan.py --most 50"`.

cosmic-ray changes one place of a module at a time, in a copy of the project, and runs the unit tests of that module:
`tests/unit/read/test_scan*.py`, or those that `--tests` names. A change that no test notices is printed. Not a part of
CI: a module takes minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COSMIC_RAY = ROOT / ".venv-mutants" / "bin" / "cosmic-ray"

# Of pytest's plugins only the one that pyproject.toml has a setting for: all of them take 4 s in each process.
ENVIRONMENT = "env TB_VERSIONS_EFFORT=quick PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "pytest_timeout", "-m", "not tensorflow and not slow")

# By place, because names of jobs are made up by chance: so the same changes are chosen again.
_IN_ORDER = (
    "SELECT job_id, operator_name FROM mutation_specs "
    "ORDER BY start_pos_row, start_pos_col, operator_name, operator_args, occurrence"
)

# Annotations are strings here, so changes in them (`str | None` to `str & None`) say nothing of the tests.
_OF_ANNOTATIONS = ("BinaryOperator_BitOr",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants ARGS=", description=__doc__)
    parser.add_argument("modules", nargs="+", type=Path, help="like tb_versions/read/scan.py")
    parser.add_argument("--most", type=int, default=10_000, help="changes tried in each module, chosen by chance")
    parser.add_argument("--tests", nargs="+", help="test files, instead of those that bear the module's name")
    options = parser.parse_args()
    for module in options.modules:
        survivors, tried = survivors_of(module, options.most, options.tests or tests_of(module))
        print(f"{module}: {tried - len(survivors)} of {tried} changes were noticed", flush=True)
        for change in survivors:
            print(change, flush=True)
    return 0


def survivors_of(module: Path, most: int, tests: list[str]) -> tuple[list[str], int]:
    """Returns the changes that no test noticed, as diffs, and how many changes were tried."""
    if not tests:
        print(f"{module}: no unit test bears its name", file=sys.stderr)
        return [], 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "project")
        copy_project(copy)
        session, config = Path(folder, "session.sqlite"), Path(folder, "config.toml")
        config.write_text(configuration(module, tests))
        # Fails if the tests fail without any change: they would "notice" all of them.
        cosmic_ray(copy, "baseline", config)
        cosmic_ray(copy, "init", config, session)
        tried = choose(session, most)
        cosmic_ray(copy, "exec", config, session)
        return list(survivors(cosmic_ray(copy, "dump", session))), tried


def tests_of(module: Path) -> list[str]:
    """Returns `tests/unit/core/test_codec*.py`; for a package whose tests are one file, that file."""
    folder = ROOT / "tests" / "unit" / module.parent.relative_to("tb_versions")
    stem = module.parent.name if module.stem == "__init__" else module.stem.removeprefix("_")
    found = [*folder.glob(f"test_{stem}*.py")] or [*folder.parent.glob(f"test_{folder.name}*.py")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def copy_project(copy: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)


def configuration(module: Path, tests: list[str]) -> str:
    words = " ".join(f"'{word}'" for word in (sys.executable, *PYTEST, *tests))
    return (
        "[cosmic-ray]\n"
        f'module-path = "{module}"\n'
        "timeout = 120.0\n"
        "excluded-modules = []\n"
        f"test-command = {json.dumps(f'{ENVIRONMENT} {words}')}\n"
        "[cosmic-ray.distributor]\n"
        'name = "local"\n'
    )


def choose(session: Path, most: int) -> int:
    """Keeps at most so many of the session's changes, chosen by chance; returns how many."""
    with sqlite3.connect(session) as database:
        found = database.execute(_IN_ORDER).fetchall()
        jobs = [job for job, operator in found if not any(word in operator for word in _OF_ANNOTATIONS)]
        kept = set(random.Random(1).sample(jobs, min(most, len(jobs))))
        for job, _ in found:
            if job not in kept:
                database.execute("DELETE FROM mutation_specs WHERE job_id = ?", (job,))
                database.execute("DELETE FROM work_items WHERE job_id = ?", (job,))
    return len(kept)


def cosmic_ray(copy: Path, *arguments: object) -> str:
    command = [str(COSMIC_RAY), *map(str, arguments)]
    return subprocess.run(command, cwd=copy, stdout=subprocess.PIPE, text=True, check=True).stdout


def survivors(dump: str) -> Iterator[str]:
    for line in dump.splitlines():
        _, result = json.loads(line)
        if result is not None and outcome(result) == "survived":
            yield result["diff"]


def outcome(result: dict[str, Any]) -> str:
    return str(result["test_outcome"]).rpartition(".")[2].lower()


if __name__ == "__main__":
    raise SystemExit(main())
