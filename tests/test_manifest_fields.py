"""Adding a field to the manifest touches four places, as CONTRIBUTING.md says: no other file lists all fields."""

from __future__ import annotations

import re
from pathlib import Path

from tb_versions.core.fields import fields_of
from tb_versions.core.manifest import VersionManifest

ROOT = Path(__file__).resolve().parent.parent
PLACES = {
    "tb_versions/core/proto/manifest.proto",
    "tb_versions/core/manifest.py",
    "docs/manifest-format.md",
    "tests/compat/1/full.json",
}
"""`tests/unit/core/test_fields.py`, `test_docs.py` and `tests/compat` hold that these four agree, field by field."""

GENERATED = ("_pb2.py", "_pb2.pyi")
TEXTS = {".py", ".proto", ".md", ".yaml", ".json"}


def spells_every_field(path: Path) -> bool:
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return all(words & {field.name, field.json_name} for field in fields_of(VersionManifest))


def test_four_places_and_no_fifth_spell_every_field() -> None:
    folders = [ROOT / name for name in ("tb_versions", "docs", "tests/compat")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in TEXTS]
    ours = [
        path
        for path in files
        if not path.name.endswith(GENERATED) and not {"static", "out", "published"} & set(path.parts)
    ]
    found = {path.relative_to(ROOT).as_posix() for path in ours if spells_every_field(path)}
    assert found == PLACES
