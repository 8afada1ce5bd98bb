"""Writes Trackio's databases and blobs as its release 0.43 does."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,
  run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT, space_id TEXT);
CREATE TABLE configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, run_name TEXT NOT NULL,
  config TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(run_id));
CREATE TABLE artifacts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
  description TEXT, created_at TEXT NOT NULL);
CREATE TABLE artifact_versions (id INTEGER PRIMARY KEY AUTOINCREMENT, artifact_id INTEGER NOT NULL,
  version INTEGER NOT NULL, manifest_digest TEXT NOT NULL, manifest TEXT NOT NULL, metadata TEXT,
  size_bytes INTEGER NOT NULL, producer_run_id TEXT, producer_run_name TEXT, created_at TEXT NOT NULL);
CREATE TABLE artifact_aliases (artifact_id INTEGER NOT NULL, alias TEXT NOT NULL, artifact_version_id INTEGER NOT NULL,
  PRIMARY KEY (artifact_id, alias));
CREATE TABLE run_artifact_links (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT, run_name TEXT,
  artifact_version_id INTEGER NOT NULL, direction TEXT NOT NULL, created_at TEXT NOT NULL);
"""

TIME = "2026-01-02T03:04:05.678901+00:00"


class Store:
    """A project's database and blobs, closed after each change."""

    def __init__(self, folder: Path, project: str = "mnist") -> None:
        self.folder, self.project = folder, project
        folder.mkdir(parents=True, exist_ok=True)
        self.execute("PRAGMA journal_mode = WAL", script=SCHEMA)

    @property
    def path(self) -> Path:
        return self.folder / f"{self.project}.db"

    def execute(self, statement: str, *values: Any, script: str = "") -> int:
        connection = sqlite3.connect(self.path)
        try:
            found = connection.execute(statement, values).lastrowid or 0
            connection.executescript(script) if script else None
            connection.commit()
            return found
        finally:
            connection.close()

    def run(self, run_id: str, name: str, config: Mapping[str, Any], logs: Iterable[Mapping[str, Any]]) -> None:
        own = json.dumps({**config, "_Username": "anna", "_Created": TIME}).encode()
        self.execute("INSERT INTO configs VALUES (NULL, ?, ?, ?, ?)", run_id, name, own, TIME)
        for step, values in enumerate(logs):
            row = (run_id, TIME, name, step, json.dumps(values).encode(), f"{run_id}{step}", None)
            self.execute("INSERT INTO metrics VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", *row)

    def artifact(self, name: str, kind: str = "model", description: str = "") -> int:
        return self.execute("INSERT INTO artifacts VALUES (NULL, ?, ?, ?, ?)", name, kind, description, TIME)

    def version(self, artifact: int, number: int, files: Mapping[str, bytes], *, run: str = "", **metadata: Any) -> int:
        entries = []
        for path, data in files.items():
            digest = hashlib.sha256(data).hexdigest()
            blob = self.folder / "artifacts" / self.project / "blobs/sha256" / digest[:2] / digest
            blob.parent.mkdir(parents=True, exist_ok=True)
            blob.write_bytes(data)
            entries.append({"path": path, "digest": digest, "size": len(data)})
        manifest = json.dumps(entries)
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        row = (artifact, number, digest, manifest, json.dumps(metadata), 1, run or None, None, TIME)
        return self.execute("INSERT INTO artifact_versions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)

    def alias(self, artifact: int, alias: str, version: int) -> None:
        self.execute("INSERT OR REPLACE INTO artifact_aliases VALUES (?, ?, ?)", artifact, alias, version)
