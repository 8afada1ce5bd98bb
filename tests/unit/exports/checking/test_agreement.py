from __future__ import annotations

import getpass
import json
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Code, Dataset, Metric, Parent
from tb_versions.errors import VersionNotFoundError
from tb_versions.exports.checking.agreement import Agreement, agreement, chosen
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.exports.manifests import SharedManifest, read_manifests
from tb_versions.exports.page.frame import GENERATOR
from tb_versions.exports.redaction.fields import Included
from tb_versions.read.reader import open_reader
from tests.support import sharing
from tests.support.world import World

pytestmark = pytest.mark.slow

HEAD: dict[str, Any] = {"generator": GENERATOR, "included": []}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("digits", number, semantic_version=f"1.{number}.0")
    made.version("faces", 7)
    return made


def shared(world: World) -> list[SharedManifest]:
    return list(read_manifests(sharing.shared(sharing.details_of(world.models))))


def compared(found: Iterable[SharedManifest], world: World, head: Mapping[str, Any] = HEAD) -> Agreement:
    reader = open_reader("", [str(world.models)])
    return agreement(list(found), reader.catalog, reader.manifest_bytes, head=head)


def test_each_version_agrees_differs_or_is_gone(world: World) -> None:
    before = shared(world)
    assert compared(before, world).holds
    world.version("digits", 2, description="another")
    (world.models / "faces" / "7" / "version_manifest.json").unlink()
    world.version("faces", 8)
    found = compared(before, world)
    assert found.wire() == {
        "agree": ["digits:1", "digits:3"],
        "differ": ["digits:2"],
        "gone": ["faces:7"],
        "unknown": [],
        "taken_out": 0,
        "not_in_export": 1,
    }
    assert not found.holds


def test_a_version_that_was_damaged_agrees_with_nothing(world: World) -> None:
    world.raw("digits/2", b"{")
    found = compared(shared(world), world)
    assert found.unknown == ("digits:2",)
    assert not found.holds


REDACTED: dict[str, dict[str, Any]] = {
    "arguments": {"code": Code(commit="c" * 40, arguments=("--lr", "0.1"))},
    "remote": {"code": Code(commit="c" * 40, remote="https://git.example.org/x.git")},
    "dirty files": {"code": Code(commit="c" * 40, dirty=True, dirty_files=("a.py",))},
    "code diff": {"code": Code(commit="c" * 40, dirty=True, diff="+x")},
    "secrets": {"hyperparameters": {"api_key": "hunter2", "lr": 0.1}},
    "hosts": {"description": "on gpu7.corp"},
    "paths": {"description": "in /home/ada/x", "datasets": (Dataset(name="d", uri="/data/ada/x"),)},
    "users": {"labels": {"contact": "ada@example.org"}},
}


def exported(world: World, **options: Any) -> tuple[list[SharedManifest], Mapping[str, Any]]:
    out = world.base / "share.html"
    export(out, models_dir=world.models, force=True, **options)
    read = read_export(out)
    return list(read_manifests(read)), read.head


@pytest.mark.parametrize("kind", REDACTED)
def test_what_was_redacted_agrees_with_the_manifest_on_disk_redacted_alike(world: World, kind: str) -> None:
    world.version("redacted", 1, metrics=(Metric(name="acc", value=0.5),), **REDACTED[kind])
    found, head = exported(world)
    assert [kind in one.redacted for one in found if one.model == "redacted"] == [True]
    result = compared(found, world, head)
    assert (result.holds, result.taken_out) == (True, 1)


FORGED: list[Callable[[dict[str, Any]], object]] = [
    lambda fields: fields["metrics"][0].update(value=0.999),
    lambda fields: fields["metrics"].pop(),
    lambda fields: fields.pop("metrics"),
    lambda fields: fields["metrics"][0].update(name="other"),
    lambda fields: fields["hyperparameters"].update(lr=0.3),
    lambda fields: fields["hyperparameters"].update(more=1),
    lambda fields: fields["labels"].update(team="blue"),
    lambda fields: fields.update(description="much better, on [host]"),
    lambda fields: fields.update(created="2020-01-01T00:00:00Z"),
    lambda fields: fields.update(digest="sha256:" + "0" * 64),
    lambda fields: fields["files"][0].update(size="7"),
    lambda fields: fields["parents"][0].update(number="9"),
]


@pytest.mark.parametrize("change", FORGED)
def test_a_forged_manifest_differs_whatever_digest_it_claims(
    world: World, change: Callable[[dict[str, Any]], object]
) -> None:
    world.version(
        "redacted",
        1,
        metrics=(Metric(name="acc", value=0.5), Metric(name="loss", value=0.1)),
        hyperparameters={"lr": 0.1},
        labels={"team": "red"},
        description="good, on gpu7.corp",
        parents=(Parent(model="digits", number=1),),
    )
    found, head = exported(world)
    (mine,) = [one for one in found if one.model == "redacted"]
    (disk,) = [v for v in open_reader("", [str(world.models)]).catalog.versions if v.model == "redacted"]
    fields = json.loads(json.dumps(mine.fields))
    assert compared([mine], world, head).agree == ("redacted:1",)
    change(fields)
    for digest in ("", disk.manifest_digest):
        result = compared([replace(mine, fields=fields, digest=digest)], world, head)
        assert (result.agree, result.differ) == ((), ("redacted:1",))


def test_what_unknown_rules_redacted_is_unknown_unless_a_number_differs(world: World) -> None:
    world.version("redacted", 1, description="for acme, on gpu7.corp", metrics=(Metric(name="acc", value=0.5),))
    by_pattern, head = exported(world, redact=["acme"])
    by_rules, _ = exported(world)
    changed = [replace(one, fields={**(one.fields or {}), "description": "for acme, on ***"}) for one in by_rules]
    for found, told in (
        (by_pattern, head),
        (changed, {**head, "generator": "tb_versions 9.9"}),
        (changed, {name: value for name, value in head.items() if name != "included"}),
    ):
        assert compared(found, world, told).unknown == ("redacted:1",)
        forged = [
            replace(one, fields={**(one.fields or {}), "metrics": [{"name": "acc", "value": 0.9}]}) for one in found
        ]
        assert "redacted:1" in compared(forged, world, told).differ


@pytest.mark.parametrize(
    "include", [["hosts"], ["paths"], ["arguments"], ["code-diff"], ["hosts", "paths", "arguments"]]
)
def test_what_was_included_is_compared_too(world: World, include: list[Included]) -> None:
    for number, facts in enumerate(REDACTED.values(), 1):
        world.version("redacted", number, **{"hyperparameters": {"api_key": "hunter2"}, **facts})
    found, head = exported(world, include=include)
    assert compared(found, world, head).holds
    assert not compared(found, world, {**head, "included": []}).holds


def test_names_of_the_exporting_machine_are_any_word_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "trainbox7")
    monkeypatch.setattr(getpass, "getuser", lambda: "adalovelace")
    world.version(
        "redacted", 1, description="by adalovelace on trainbox7, acc 0.5", labels={"adalovelace": "trainbox7"}
    )
    found, head = exported(world)
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    monkeypatch.setattr(getpass, "getuser", lambda: "somebody")
    assert compared(found, world, head).holds
    (mine,) = [one for one in found if one.model == "redacted"]
    forged = replace(mine, fields={**(mine.fields or {}), "description": "by [user] on [host], acc 0.9"})
    assert compared([forged], world, head).differ == ("redacted:1",)


def test_references_mean_what_they_mean_elsewhere(world: World) -> None:
    found = shared(world)
    for references, ids in (
        (["digits"], ["digits:3"]),
        (["faces", "digits:1.1.0"], ["digits:1", "faces:7"]),
        (["digits:2", "digits:2"], ["digits:2"]),
    ):
        assert [one.id for one in chosen(found, references)] == ids
    with pytest.raises(VersionNotFoundError, match="digits has no version"):
        chosen(found, ["digits:9"])
