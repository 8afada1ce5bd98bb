"""A repository of somebody else: it is read, and nothing that it names runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.interop.gto import repository as module
from tb_versions.interop.gto.reading import read_repository
from tb_versions.interop.gto.repository import Repository
from tests.support.git_repositories import Registry, digits


def test_no_program_of_the_repository_runs(tmp_path: Path) -> None:
    registry, mark = digits(tmp_path / "repo"), tmp_path / "mark"
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    program.chmod(0o755)
    hooks = registry.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "diff.external"),
        *("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "gpg.program", "alias.for-each-ref"),
        *("alias.cat-file", "uploadpack.packObjectsHook", "core.alternateRefsCommand", "pager.for-each-ref"),
    ):
        registry.git("config", key, f"!{program}" if key.startswith("alias") else str(program))
    (registry.folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    before = {path: path.read_bytes() for path in registry.folder.rglob("*") if path.is_file()}
    assert len(read_repository(str(registry.folder)).versions) == 3
    assert not mark.exists()
    assert {path: path.read_bytes() for path in registry.folder.rglob("*") if path.is_file()} == before


def test_what_is_missing_is_not_fetched(tmp_path: Path) -> None:
    registry = digits(tmp_path / "repo")
    mark = tmp_path / "mark"
    registry.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{registry.folder}", f"{tmp_path}/lazy")
    lazy = Registry.__new__(Registry)
    lazy.folder, lazy.minute = tmp_path / "lazy", 0
    lazy.git("config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
    looked = read_repository(str(lazy.folder))
    assert not mark.exists()
    assert len(looked.versions) == 3


def test_links_and_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry(tmp_path / "repo")
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    os.symlink(tmp_path / "secret.yaml", registry.folder / "params.yaml")
    commit = registry.commit(metrics__json='{"acc": ' + "1" * 100 + "}", a="x")
    monkeypatch.setattr(module, "MAX_FILE", 64)
    opened = Repository(str(registry.folder))
    assert opened.files(commit, ["params.yaml", "a", "nothing"]) == {"a": "x"}
    with pytest.raises(ValueError, match=r"metrics\.json has more than"):
        opened.files(commit, ["metrics.json"])
    with pytest.raises(ValueError, match="is no commit"):
        opened.files("--output=/tmp/x", ["a"])


def test_a_message_with_every_character_stays_one_tag(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "repo")
    commit = registry.commit()
    registry.tag("d@v1.0.0", "subject ✓\n\nbody %00 \x01\x1b[31m\nd@v2.0.0")
    registry.tag("e@v1.0.0", "x")
    tags = Repository(str(registry.folder)).tags()
    assert [(tag.name, tag.commit, tag.tagger) for tag in tags] == [
        ("d@v1.0.0", commit, "Änna"),
        ("e@v1.0.0", commit, "Änna"),
    ]
    assert tags[0].message == "subject ✓\n\nbody %00 \x01\x1b[31m\nd@v2.0.0"
