"""A manifest loses the fields that tell of machines and people, and its digest where it lost anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Code, Dataset, FilesElsewhere
from tb_versions.core.proto.manifest_pb2 import VersionManifest as VersionManifestProto
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.exports.manifests import read_manifests
from tb_versions.exports.redaction.fields import Included, is_of_the_format
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.shareable import shareable, shared_digest
from tb_versions.privacy.patterns import compile_patterns
from tests.support.world import World

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "kind", ["patterns", "secrets", "hosts", "paths", "arguments", "code diff", "packages", "texts"]
)
def test_of_a_manifest_without_all_its_fields_there_is_no_digest(kind: str) -> None:
    assert shared_digest(DIGEST, [kind]) == ""
    assert shared_digest(DIGEST, []) == DIGEST


CODE = {
    "commit": "c" * 40,
    "branch": "main",
    "dirty": True,
    "entryPoint": "train.py",
    "remote": "https://git.example.org/secret-project.git",
    "dirtyFiles": ["clients/acme.py"],
    "arguments": ["--data", "x"],
    "diff": "+password",
    "diffTruncated": True,
}


def test_whole_numbers_which_json_writes_as_texts_stay_numbers() -> None:
    """A pattern that matches a digit left a seed that nobody could read any more, and so no manifest."""
    messages = [VersionManifestProto.DESCRIPTOR]
    names = set()
    for message in messages:
        names |= {field.json_name for field in message.fields if field.cpp_type == field.CPPTYPE_INT64}
        inner = [field.message_type for field in message.fields if field.message_type]
        known = {each.full_name for each in messages} | {"google.protobuf.Timestamp"}  # which JSON has as one text
        messages += [each for each in inner if each.full_name not in known and not each.GetOptions().map_entry]
    made, _ = shareable({"seeding": {"seed": "7"}}, Redactor(patterns=compile_patterns(["[0-9]"])))
    assert made == {"seeding": {"seed": "7"}}
    assert {name for name in names if not is_of_the_format("12", name)} == set()


@pytest.mark.parametrize(
    ("include", "gone"),
    [
        ([], ["arguments", "code diff", "dirty files", "remote"]),
        (["arguments"], ["code diff", "dirty files", "remote"]),
        (["code-diff"], ["arguments", "dirty files", "remote"]),
        (["paths"], ["arguments", "code diff", "remote"]),
        (["hosts"], ["arguments", "code diff", "dirty files"]),
        (["arguments", "code-diff", "hosts", "paths"], []),
    ],
)
def test_fields_that_tell_of_machines_and_people_are_left_out(include: list[Included], gone: list[str]) -> None:
    redactor = Redactor(include=include)
    made, taken = shareable({"code": CODE}, redactor)
    assert made is not None
    assert [kind for kind in taken if kind != "secrets"] == gone
    names = {"arguments": ["arguments"], "code diff": ["diff", "diffTruncated"], "dirty files": ["dirtyFiles"]}
    names["remote"] = ["remote"]
    assert CODE.keys() - made["code"].keys() == {name for kind in gone for name in names[kind]}
    assert all(redactor.counts[kind] == 1 for kind in gone)


def test_fields_with_nothing_in_them_are_not_called_left_out() -> None:
    manifest = {"code": {"commit": "c" * 40, "arguments": [], "diff": "", "remote": ""}}
    assert shareable(manifest, Redactor()) == (manifest, [])


def test_included_arguments_lose_their_secrets() -> None:
    manifest = {"code": {"arguments": ["--authtoken", "Zq9Leak7x", "--lr", "0.1", "--host", "trainbox"]}}
    made, taken = shareable(manifest, Redactor(include=["arguments"]))
    assert made == {"code": {"arguments": ["--authtoken", "***", "--lr", "0.1", "--host", "[host]"]}}
    assert taken == ["secrets"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.version("digits", 1, description="for acme-corp")
    made.version("digits", 2, description="on gpu7.corp")
    made.version("digits", 3, labels={"api_key": "hunter2"})
    made.version("digits", 4, labels={"team": "red"})
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
def test_an_export_holds_the_digests_of_whole_manifests_only(world: World, form: str) -> None:
    assert [bool(one["manifest_digest"]) for one in held(world, form)] == [False, False, False, True]


ORDINARY: list[dict[str, Any]] = [
    {"description": "see #results, **bold**, 1e-3 → 3e-4"},
    {"hyperparameters": {"pad_token": "[PAD]", "eos_token": "</s>", "mask_token_id": "4", "auth": "none"}},
    {"hyperparameters": {"max_token": "512", "num_tokens": 3, "keyboard": "azerty"}, "labels": {"cls_token": "[CLS]"}},
    {"description": "python -u pkg.mod:main; agent.policy.net"},
    {"datasets": (Dataset(name="d", uri="s3://bucket/x"),), "code": Code(commit="c" * 40, branch="main")},
]


def test_of_ordinary_facts_nothing_is_taken_out(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, facts in enumerate(ORDINARY, 1):
        world.version("digits", number, **facts)
    out = tmp_path / "share.html"
    export(out, models_dir=world.models)
    assert [one.redacted for one in read_manifests(read_export(out))] == [()] * len(ORDINARY)


@pytest.mark.parametrize("included", [False, True])
def test_where_files_lie_below_a_source_does_not_leave_with_an_export(included: bool, tmp_path: Path) -> None:
    """Neither in the manifest, nor in the details, nor in the sentence that says that they are elsewhere."""
    world = World(tmp_path)
    elsewhere = FilesElsewhere(source="nas", path="jane.doe/secret project/digits_v11")
    world.version("digits", 1, files_elsewhere=elsewhere, description="path planning of source code, a/b")
    (world.models / "digits/1/saved_model.pb").unlink()
    out = tmp_path / "site"
    export(out, models_dir=world.models, format="site", include=["paths"] if included else [])
    found = read_export(out)
    held = json.dumps([found.section(name) for name in ("versions", "details/0")])
    assert ("jane.doe" in held) == included
    (one,) = found.section("details/0")
    assert one["manifest"]["filesElsewhere"] == {"source": "nas", "path": elsewhere.path if included else "[path]"}
    assert one["elsewhere"]["path"] == (elsewhere.path if included else "[path]")
    assert f"path {elsewhere.path if included else '[path]'} of source nas" in one["notice"]
    assert one["manifest"]["description"] == "path planning of source code, a/b"
    assert ("paths" in one["redacted"]) == (not included)
    read_manifests(found)
