"""Writes W&B's record files byte by byte, as `wandb` in offline mode does: messages in LevelDB's log."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.support.savedmodel_bytes import field

START = 1_750_000_000
HEADER = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
BLOCK = 32 * 1024


def framed(records: Iterable[bytes]) -> bytes:
    """A record file."""
    out = bytearray(HEADER)
    for record in records:
        rest, kind = record, 1
        while True:
            room = BLOCK - len(out) % BLOCK - 7
            if room < 0:
                out += bytes(room + 7)
                continue
            part, rest = rest[:room], rest[room:]
            begins = kind == 1
            kind = (1 if not rest else 2) if begins else (4 if not rest else 3)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part
            if not rest:
                break
            kind = 3
    return bytes(out)


def item(name: str | tuple[str, ...], value: Any) -> bytes:
    keys = field(1, name) if isinstance(name, str) else b"".join(field(2, part) for part in name)
    return keys + field(16, json.dumps(value))


def run(run_id: str = "r1", project: str = "mnist", *, at: int = START, config: Any = None, **texts: str) -> bytes:
    numbers = {"entity": 2, "group": 6, "job_type": 7, "name": 8, "notes": 9}
    items = b"".join(field(1, item(name, value)) for name, value in (config or {}).items())
    body = field(1, run_id) + field(3, project) + field(4, items) + field(17, field(1, at))
    body += b"".join(field(numbers[name], text) for name, text in texts.items())
    git = field(1, "https://me:hunter2@example.org/x.git") + field(2, "c" * 40)
    return field(17, body + field(10, "x") + field(10, "ÿ") + field(21, git))


def history(step: int, values: Mapping[str, Any], *, at: float = 0.0) -> bytes:
    items = [item((name,), value) for name, value in {"_timestamp": at or START + step, **values}.items()]
    return field(2, b"".join(field(1, one) for one in items) + field(2, field(1, step)))


def summary(**values: Any) -> bytes:
    return field(3, b"".join(field(1, item(name, value)) for name, value in values.items()))


def artifact(
    name: str,
    files: Mapping[str, bytes] | None = None,
    *,
    kind: str = "model",
    aliases: Iterable[str] = (),
    **more: str,
) -> bytes:
    """An artifact; each file's copy is named as its digest."""
    entries = b"".join(field(4, _entry(path, data)) for path, data in (files or {}).items())
    digest = hashlib.md5(entries).hexdigest()
    body = field(4, kind) + field(5, name) + field(6, digest) + b"".join(field(11, alias) for alias in aliases)
    body += field(7, more.get("description", "")) + field(8, more.get("metadata", ""))
    return field(8, body + field(12, field(1, 1) + entries))


def _entry(path: str, data: bytes) -> bytes:
    digest = hashlib.md5(data)
    stored = f"/home/anna/staging/tmp{digest.hexdigest()}"
    return field(1, path) + field(2, base64.b64encode(digest.digest())) + field(4, len(data)) + field(6, stored)


def stage(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Writes the copies of an artifact's files."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in files.values():
        (folder / f"tmp{hashlib.md5(data).hexdigest()}").write_bytes(data)
    return folder


EXIT = field(18, field(1, 0))


def write_run(folder: Path, *records: bytes, name: str = "offline-run-20250615_150640-r1", whole: bytes = b"") -> Path:
    """A run's folder below `wandb`."""
    run_folder = folder / "wandb" / name
    (run_folder / "files").mkdir(parents=True)
    data = whole or framed(records)
    (run_folder / f"run-{name.rpartition('-')[2]}.wandb").write_bytes(data)
    (run_folder / "files/requirements.txt").write_text("numpy==2.0.1\n# x\nodd line\n")
    return run_folder
