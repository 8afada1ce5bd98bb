"""Adding a field to the manifest touches the four places that CONTRIBUTING.md names; a test notices each omission."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import VersionManifest
from tests.support.effort import HANGS

ROOT = Path(__file__).resolve().parent.parent
PROTO = "tb_versions/core/proto/manifest.proto"
CLASSES = "tb_versions/core/manifest.py"
DOCS = "docs/manifest-format.md"
SAMPLE = "tests/compat/1/licence.json"

NOTICED_BY = {
    PROTO: "tests/unit/core/test_fields.py::test_a_class_has_the_fields_of_its_message",
    CLASSES: "tests/unit/core/test_fields.py::test_a_class_has_the_fields_of_its_message",
    DOCS: "tests/test_docs.py::test_every_manifest_field_is_documented",
    SAMPLE: "tests/compat/test_written_earlier.py::test_every_field_has_a_sample",
}
"""Each place with the test that fails where a field is missing there."""

# Of pytest's plugins only the one that pyproject.toml has a setting for: all of them take seconds in each process.
QUICK = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

GENERATED = ("_pb2.py", "_pb2.pyi")
TEXTS = {".py", ".proto", ".md", ".yaml"}

WRITE_AND_READ = """
import orjson
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tb_versions.exports.redaction.schema import pruned
from tb_versions.read.manifests.listing import read_listing

data = codec.encode(VersionManifest(model="m", number=1, licence="MIT"))
assert codec.decode(data).licence == "MIT"
assert read_listing(data).notices == ()
assert pruned(orjson.loads(data)) == (orjson.loads(data), 0)
"""


def spells_every_field(path: Path) -> bool:
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return all(words & {field.name, field.json_name} for field in fields_of(VersionManifest))


def test_no_fourth_file_of_code_and_docs_spells_every_field() -> None:
    files = [path for name in ("tb_versions", "docs") for path in (ROOT / name).rglob("*") if path.suffix in TEXTS]
    ours = [path for path in files if not path.name.endswith(GENERATED) and not {"static", "out"} & set(path.parts)]
    assert {path.relative_to(ROOT).as_posix() for path in ours if spells_every_field(path)} == {PROTO, CLASSES, DOCS}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what reads, writes and describes manifests, and of its tests."""
    for name in ("tb_versions", "docs", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("static", "browser", "__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def insert(path: Path, line: str, *, below: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(below) == 1
    path.write_text(text.replace(below, below + line), encoding="utf-8")


def add_field(project: Path, *, without: str = "") -> None:
    """Adds the field `licence` to a copy of the project: the four steps of CONTRIBUTING.md, or three of them."""
    if without != PROTO:
        insert(project / PROTO, "  string licence = 999;\n", below="  string created_by = 23;\n")
        run(project, "-m", "grpc_tools.protoc", "-I", ".", "--python_out=.", "--pyi_out=.", PROTO)
    if without != CLASSES:
        insert(project / CLASSES, '    licence: str = ""\n', below='    created_by: str = ""\n')
    if without != DOCS:
        below = '| `created_by` | text | Program that wrote the manifest. | `"tb_versions 0.1.0"` |\n'
        insert(project / DOCS, '| `licence` | text | Who may use it. | `"MIT"` |\n', below=below)
    if without != SAMPLE:
        (project / SAMPLE).write_text('{"licence": "MIT", "model": "digits", "schemaVersion": 1}')


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=project, env=QUICK, capture_output=True, text=True, check=False, timeout=HANGS)


def run_tests(project: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    return run(project, "-m", "pytest", "-q", "-p", "pytest_timeout", *tests)


@pytest.mark.slow
def test_a_field_in_four_places_is_written_and_read(project: Path) -> None:
    add_field(project)
    done = run(project, "-c", WRITE_AND_READ)
    assert done.returncode == 0, done.stderr
    tested = run_tests(project, "tests/compat/test_released_schemas.py", *NOTICED_BY.values())
    assert tested.returncode == 0, tested.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("place", "test"), NOTICED_BY.items())
def test_a_field_that_is_missing_in_one_of_the_four_places_is_noticed(project: Path, place: str, test: str) -> None:
    add_field(project, without=place)
    tested = run_tests(project, test)
    assert f"FAILED {test}" in tested.stdout
