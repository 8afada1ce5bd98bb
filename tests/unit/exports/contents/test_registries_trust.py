"""What an export says of trust: what was checked is told, who checked and who signed is not."""

from __future__ import annotations

import json
from pathlib import Path

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.registry.registry import Registry
from tests.support.logs import append, store_of
from tests.support.world import World


def test_an_export_tells_what_was_checked_and_masks_who(tmp_path: Path) -> None:
    """Also of a manifest from which something is taken out, so that its digest is not told."""
    world = World(tmp_path)
    folder = world.version("digits", 1, description="ask jane.doe@corp-mail.example")
    manifest = codec.manifest_digest((folder / MANIFEST_NAME).read_bytes())
    registry = Registry(store_of(world.models))
    said = {"ok": True, "bundle": f"sha256:{'b' * 64}", "identity": "jane.doe@corp-mail.example", "issuer": "https://i"}
    append(registry, "signature_checked", manifest=manifest, actor="anna-maria", **said)
    append(registry, "verified", ok=True, manifest=manifest, actor="anna-maria")
    append(registry, "replayed", ok=True, tensorflow="2.21.0", device="CPU", manifest=manifest, actor="anna-maria")
    seen = {"formats": ("keras",), "files": 2, "dangerous": 1, "found": "Lambda of jane.doe@corp-mail.example"}
    append(registry, "inspected", manifest=manifest, actor="anna-maria", **seen)
    out = tmp_path / "site"
    export(out, models_dir=world.models, format="site")
    found = read_export(out)
    names = [name for name in ("versions", "details/0", "history", "measured") if name in found.names]
    held = json.dumps([found.section(name) for name in names])
    assert [private for private in ("jane.doe", "anna-maria", manifest) if private in held] == []
    (one,) = found.section("details/0")
    assert {row["what"]: row["state"] for row in one["trust"]} == {
        "files": "verified",
        "signature": "verified",
        "inspection": "dangerous",
        "replay": "same answers",
    }
    assert all("by person 1" in row["words"] for row in one["trust"])
