"""The digest of a manifest leaves only where no guess at what was masked can be checked with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Dataset
from tb_versions.exports.checking.agreement import agreement
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.exports.manifests import read_manifests
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.shareable import shareable, shared_digest
from tb_versions.privacy.patterns import compile_patterns
from tb_versions.read.reader import open_catalog
from tests.support.world import World

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize("kind", ["patterns", "secrets", "unknown fields", "repeated fields"])
def test_where_a_guess_could_be_checked_there_is_no_digest(kind: str) -> None:
    assert shared_digest(DIGEST, ["hosts", kind]) == ""


@pytest.mark.parametrize("taken", [[], ["hosts", "paths", "users", "links"], ["code diff"], ["packages"]])
def test_else_the_digest_stays(taken: list[str]) -> None:
    assert shared_digest(DIGEST, taken) == DIGEST


def test_a_digest_that_an_import_wrote_goes_too() -> None:
    manifest = {"createdBy": f"tb_versions 0.1.0; imported from an export without paths; published as {DIGEST}"}
    assert shareable(manifest, Redactor())[0] == manifest
    told, taken = shareable({**manifest, "description": "acme"}, Redactor(patterns=compile_patterns(["acme"])))
    assert taken == ["patterns"]
    assert told == {
        "createdBy": "tb_versions 0.1.0; imported from an export without paths",
        "description": "[redacted]",
    }


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.version("digits", 1, description="for acme-corp")
    made.version("digits", 2, description="on gpu7.corp")
    made.version("digits", 3, labels={"api_key": "hunter2"})
    return made


def held(world: World, form: str) -> list[dict[str, Any]]:
    out = world.base / "out"
    export(out, models_dir=world.models, format=form, redact=["acme-[a-z]+"])
    if form == "tensorboard-dev":
        (index,) = out.glob("*/tb_versions.json")
        versions: list[dict[str, Any]] = json.loads(index.read_bytes())["versions"]
        return versions
    return list(read_export(out).section("details/0"))


@pytest.mark.parametrize("form", ["site", "tensorboard-dev"])
def test_an_export_holds_only_the_digests_that_confirm_no_word(world: World, form: str) -> None:
    assert [bool(one["manifest_digest"]) for one in held(world, form)] == [False, True, False]


def test_without_a_digest_agreement_is_unknown(world: World) -> None:
    held(world, "site")
    found = list(read_manifests(read_export(world.base / "out")))
    told = agreement(found, open_catalog("", [str(world.models)]))
    assert (told.agree, told.unknown) == (("digits:2",), ("digits:1", "digits:3"))
    assert not told.holds


ORDINARY: list[dict[str, Any]] = [
    {"description": "see https://github.com/o/r/blob/main/README.md#results"},
    {"description": "see [the run](https://github.com/o/r/issues?page=2) in /root/x"},
    {"hyperparameters": {"data_dir": "/root/data"}, "datasets": (Dataset(name="d", uri="/root/data"),)},
    {"hyperparameters": {"pad_token": "[PAD]", "eos_token": "</s>", "mask_token_id": "4", "auth": "none"}},
    {"hyperparameters": {"max_token": "512", "num_tokens": 3}, "labels": {"host": "all", "cls_token": "[CLS]"}},
    {"description": "python -u pkg.mod:main; agent.policy.net\r\nat gpu7.corp"},
]


def test_ordinary_facts_agree_with_what_was_published(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, facts in enumerate(ORDINARY, 1):
        world.version("digits", number, **facts)
    out = tmp_path / "share.html"
    export(out, models_dir=world.models)
    found = list(read_manifests(read_export(out)))
    assert [one.redacted for one in found] == [(), ("links", "paths"), ("paths",), (), (), ("hosts",)]
    told = agreement(found, open_catalog("", [str(world.models)]))
    assert len(told.agree) == len(ORDINARY)
    assert told.holds
