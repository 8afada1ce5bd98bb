from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from tb_versions.errors import AmbiguousVersionError, InvalidReferenceError, VersionNotFoundError
from tb_versions.read.announced import announced_in
from tb_versions.read.catalog import Catalog, Version, identify
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.runs.run_links import RunLinker

ROOT = Root("/models", "models", "models_dir")


def place(relative: str) -> Place:
    return Place(ROOT, f"{ROOT.path}/{relative}")


def record(model: str, number: int, digest: str = "", *, folder: str = "", **fields: Any) -> Version:
    listing = read_listing(orjson.dumps({"schemaVersion": 1, "model": model, "number": str(number), **fields}))
    return Version(
        model=model,
        number=number,
        listing=listing,
        manifest_digest="sha256:" + (digest or str(number)) * 16,
        held_in=place(folder or f"{model}/{number}"),
        state="present",
    )


def announced(
    model: str, number: int, digest: str, *, run: str = "r", wall_time: float = 0.0, **fields: Any
) -> Version:
    made = record(model, number, digest, **fields)
    a = announced_in(
        run,
        f"versions/{model}/{number}",
        (model, number),
        digest=made.manifest_digest,
        location="",
        wall_time=wall_time,
    )
    return replace(made, held_in=(), announcements=a, state="missing")


def damaged(model: str, number: int, folder: str) -> Version:
    return Version(model=model, number=number, held_in=place(folder), state="damaged", notice="It is broken.")


def catalog_of(records: Iterable[Version], known: Iterable[str] = ()) -> Catalog:
    linker = RunLinker(known)
    return Catalog(versions=tuple(linker.link(version) for version in identify(records)))


def ids(records: Iterable[Version]) -> list[str]:
    return [version.id for version in identify(records)]


def test_versions_are_sorted_by_model_and_number() -> None:
    assert ids([record("b", 2), record("a", 10), record("a", 9)]) == ["a:9", "a:10", "b:2"]


def test_of_several_claims_the_one_on_disk_has_the_plain_name() -> None:
    assert ids([announced("m", 1, "aaaa"), record("m", 1, "bbbb")]) == ["m:1", "m:1~aaaaaaaa"]


def test_several_claims_on_disk_are_all_marked() -> None:
    found = identify([record("m", 1, "aaaa"), record("m", 1, "bbbb"), announced("m", 1, "cccc"), record("m", 2)])
    assert [version.id for version in found] == ["m:1~aaaaaaaa", "m:1~bbbbbbbb", "m:1~cccccccc", "m:2"]
    assert [version.notice.partition(". Each")[0] for version in found] == [
        *["3 different manifests claim m:1. They are in models/m/1, run r"] * 3,
        "",
    ]
    assert "move its folder out of the models folder, or leave out its run" in found[0].notice


def test_of_several_claims_on_disk_the_one_that_lies_in_its_place_has_the_plain_name() -> None:
    here, copy = record("m", 1000, "aaaa"), record("m", 1000, "bbbb", folder="backup/1000")
    renamed = record("m", 1000, "cccc", folder="m/1001")
    for group in ([here, copy, renamed], [renamed, copy, here]):
        assert sorted(ids(group)) == ["m:1000", "m:1000~bbbbbbbb", "m:1000~cccccccc"]
        assert next(v for v in identify(group) if v.id == "m:1000").manifest_digest == here.manifest_digest
    assert sorted(ids([copy, renamed])) == ["m:1000~bbbbbbbb", "m:1000~cccccccc"]


def test_of_announcements_only_the_newest_has_the_plain_name() -> None:
    found = ids([announced("m", 1, "aaaa", wall_time=5.0), announced("m", 1, "bbbb", wall_time=9.0)])
    assert found == ["m:1", "m:1~aaaaaaaa"]


def test_every_id_is_unique_whatever_the_digests_are() -> None:
    records = [
        damaged("m", 1, "a/1"),
        damaged("m", 1, "b/1"),
        record("m", 1, "aaaa"),
        record("m", 1, "aaaa", folder="x"),
    ]
    found = ids(records)
    assert len(set(found)) == 4
    catalog = catalog_of(records)
    assert [catalog.find(i).id for i in found] == found


def catalog() -> Catalog:
    return catalog_of(
        [
            record("digits", 1, semanticVersion="1.0.0"),
            record("digits", 2, semanticVersion="1.1.0+build.7"),
            record("digits", 3, semanticVersion="1.2.0"),
            record("digits", 4, semanticVersion="1.2.0"),
            damaged("digits", 9, "digits/9"),
            record("a/b", 1),
            damaged("broken", 1, "broken/1"),
        ]
    )


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("digits:1", "digits:1"),
        ("digits:01", "digits:1"),
        ("digits:1.0.0", "digits:1"),
        ("digits:1.1.0", "digits:2"),
        ("digits:1.1.0+build.7", "digits:2"),
        ("digits", "digits:4"),
        ("digits:9", "digits:9"),
        ("a/b:1", "a/b:1"),
        ("broken", "broken:1"),
    ],
)
def test_references_find_their_version(reference: str, found: str) -> None:
    assert catalog().find(reference).id == found


@pytest.mark.parametrize(
    ("reference", "error", "words"),
    [
        ("digits:5", VersionNotFoundError, 'digits has no version "5"; it has 9, 4 (1.2.0), 3 (1.2.0)'),
        ("digits:7.7.7", VersionNotFoundError, 'digits has no version "7.7.7"'),
        ("digit", VersionNotFoundError, "Did you mean digits?"),
        ("digits:1.2.0", AmbiguousVersionError, "names 2 versions: digits:3, digits:4"),
        ("digits@best", VersionNotFoundError, 'digits has no alias "best"; it has no aliases'),
        ("digits:", InvalidReferenceError, "is not a reference"),
    ],
)
def test_references_that_fail_say_why(reference: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        catalog().find(reference)
    assert words in str(caught.value)


def test_a_mark_names_one_of_several_claims_by_its_digest() -> None:
    found = catalog_of([record("m", 1000, "aaaabbbb"), record("m", 1000, "aaaacccc"), record("m", 2)])
    assert [version.id for version in found.versions] == ["m:2", "m:1000~aaaabbbb", "m:1000~aaaacccc"]
    assert found.find("m:01000~aaaabbbb").id == "m:1000~aaaabbbb"
    with pytest.raises(VersionNotFoundError):
        found.find("m:1000~dddddddd")


@pytest.mark.parametrize(
    ("count", "listed"), [(8, "8, 7, 6, 5, 4, 3, 2, 1."), (9, "9, 8, 7, 6, 5, 4, 3, 2 and 1 more.")]
)
def test_eight_versions_are_named_and_the_others_counted(count: int, listed: str) -> None:
    found = catalog_of([record("m", number) for number in range(1, count + 1)])
    with pytest.raises(VersionNotFoundError, match=f"it has {listed}$"):
        found.find("m:99")


def test_a_manifest_that_only_an_event_holds_is_said_to_be_from_there() -> None:
    on_disk, broken = record("m", 1), damaged("m", 2, "m/2")
    assert not on_disk.from_event
    assert not broken.from_event
    assert announced("m", 3, "aaaa").from_event
    assert replace(on_disk, state="damaged").from_event  # the announcement's manifest stands for the damaged one
    assert not replace(on_disk, state="changed").from_event


def test_an_empty_catalog_has_no_models() -> None:
    with pytest.raises(VersionNotFoundError, match="there are no versions"):
        Catalog().find("digits")


def test_a_newest_version_that_two_claim_is_ambiguous() -> None:
    found = catalog_of([record("m", 1), record("m", 2, "aaaa"), record("m", 2, "bbbb")])
    for reference in ("m", "m:2"):
        with pytest.raises(AmbiguousVersionError, match="m:2~aaaaaaaa, m:2~bbbbbbbb"):
            found.find(reference)
    assert found.find("m:2~bbbbbbbb").manifest_digest == "sha256:" + "bbbb" * 16


def test_a_newest_version_that_disk_and_event_claim_is_the_one_on_disk() -> None:
    found = catalog_of([record("m", 2, "aaaa"), announced("m", 2, "bbbb")])
    assert {found.find(reference).id for reference in ("m", "m:2", "m:02")} == {"m:2"}


def test_relations_are_indexed() -> None:
    parent = {"model": "m", "number": "1", "relation": "FINE_TUNED_FROM"}
    found = catalog_of([record("m", 1, digest="aaaa"), record("m", 2, parents=[parent], runs=[{"name": "r"}])], ["r"])
    assert [(child.id, how) for child, how in found.children[("m", 1)]] == [("m:2", "fine-tuned from")]
    assert [version.id for version in found.by_run["r"]] == ["m:2"]
    assert list(found.by_model) == ["m"]


def test_versions_are_found_by_the_digest_of_their_content_and_by_their_recipe() -> None:
    def made(number: int, digest: str, seed: int) -> Version:
        version = record("m", number, hyperparameters={"lr": 1, "seed": seed})
        assert version.listing is not None
        return replace(version, listing=replace(version.listing, packed_digest=bytes.fromhex(digest * 64)))

    found = catalog_of([made(3, "a", 1), made(1, "a", 2), made(2, "b", 3)])
    assert [[v.number for v in group] for group in found.by_digest.values()] == [[1, 3], [2]]
    assert [[v.number for v in group] for group in found.by_recipe.values()] == [[1, 2, 3]]
    assert catalog_of([damaged("m", 1, "m/1"), record("m", 2, code=3)]).by_recipe == {}
    assert catalog_of([damaged("m", 1, "m/1"), record("m", 2)]).by_digest == {}


def test_a_folder_of_another_number_is_noticed() -> None:
    (version,) = identify([record("m", 1, folder="m/9")])
    assert version.notice == "The folder is called 9, but the manifest says 1."
    (version,) = identify([record("m", 1, folder="m/latest")])
    assert version.notice == ""


def test_a_version_is_immutable() -> None:
    (version,) = identify([record("m", 1)])
    assert isinstance(version, Version)
    with pytest.raises(AttributeError):
        version.number = 2  # type: ignore[misc]


@pytest.mark.parametrize("reference", ["digits:1.1.0+build.8", "digits:1.0.0+cuda12", "digits:1.1.0+build"])
def test_another_build_of_a_version_is_not_that_version(reference: str) -> None:
    with pytest.raises(VersionNotFoundError, match="digits has no version"):
        catalog().find(reference)


def test_the_lead_metric_of_a_model_is_that_of_its_newest_version_that_names_one() -> None:
    found = catalog_of(
        [
            record("m", 1, leadMetric="loss"),
            record("m", 2, leadMetric="val_auc"),
            record("m", 3),
            record("n", 1, leadMetric="a\u202eb"),
            record("o", 1),
        ]
    )
    assert found.lead_metrics == {"m": "val_auc", "n": "a\\u{202e}b"}


@pytest.mark.parametrize("where", ["models/m/1", "models/m/001"])
def test_what_keeps_a_version_from_being_found_is_said(where: str) -> None:
    problems = (("models/m/11", "is too large."), (where, "can't be read: Permission denied."))
    catalog = Catalog(versions=tuple(identify([record("m", 2)])), problems=problems)
    with pytest.raises(VersionNotFoundError, match=f"it has 2. {where} can't be read: Permission denied.$"):
        catalog.find("m:1")
    with pytest.raises(VersionNotFoundError, match=r"it has 2\.$"):
        catalog.find("m:3")
