"""Signatures beside a version: what is refused before a library is asked, and what a policy demands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.aliases import promote, rollback
from tb_versions.actions.signing import Wanted, check, keep, local_place
from tb_versions.actions.target import open_target
from tb_versions.core import codec
from tb_versions.core.manifest import File
from tb_versions.core.signing.bundle import read_bundle
from tb_versions.core.signing.keys import public_key
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import verify_place
from tests.support.signatures import PEM, POLICY, bundle
from tests.support.world import World

WANTED = Wanted((public_key("release", PEM),))


def files(models: Path, number: int = 1) -> tuple[File, ...]:
    version = find(f"digits:{number}", models)
    return verify_place(version, version.places[0]).files


def why_not(models: Path, number: int = 1, *, file: Path | None = None) -> str:
    version = find(f"digits:{number}", models)
    place = local_place(version)
    verified = verify_place(version, place)
    return check(version, place, verified, wanted=WANTED, file=None if file is None else str(file)).why_not


def kept(models: Path, number: int, data: bytes) -> None:
    version = find(f"digits:{number}", models)
    keep(version, local_place(version), read_bundle(data))


def folder(models: Path) -> Path:
    made = models / "digits/.versions/attestations/1"
    made.mkdir(parents=True, exist_ok=True)
    return made


def test_a_version_without_a_signature_is_not_signed(models: Path) -> None:
    assert why_not(models) == "no signature is kept beside it: tb-versions sign digits:1 makes one"


def test_a_kept_signature_is_outside_of_the_version_and_a_claim(models: Path) -> None:
    before = files(models)
    kept(models, 1, bundle(before))
    assert [path.suffixes[-2:] for path in folder(models).iterdir()] == [[".sigstore", ".json"]]
    assert files(models) == before
    (signature,) = open_target("digits", models).opened.state().version(1).signatures.values()
    assert signature.ok is None
    kept(models, 1, bundle(before))
    assert len(list(folder(models).iterdir())) == 1


def test_files_that_are_no_signatures_are_named_and_never_pass(models: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(bundle(files(models)))
    (folder(models) / "a-link.json").symlink_to(outside)
    os.mkfifo(folder(models) / "b-pipe")
    (folder(models) / "c-folder").mkdir()
    with (folder(models) / "d-huge").open("wb") as huge:
        huge.truncate(1 << 40)
    (folder(models) / "e-cut.json").write_bytes(outside.read_bytes()[:200])
    said = why_not(models)
    for name in ("a-link.json", "b-pipe", "c-folder", "d-huge", "e-cut.json"):
        assert f"attestations/1/{name} can't be read" in said


def test_a_folder_that_is_a_symlink_is_not_followed(models: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (models / "digits/.versions/attestations").mkdir(parents=True)
    (models / "digits/.versions/attestations/1").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(tbv.StorageError, match="is not used"):
        why_not(models)


def test_of_very_many_files_twenty_are_looked_at_and_no_more_are_kept(models: Path) -> None:
    for number in range(30):
        (folder(models) / f"{number:02}.json").write_bytes(b"{")
    assert "30 files are in" in why_not(models)
    with pytest.raises(tbv.RefusedError, match="at most 20 are"):
        kept(models, 1, bundle(files(models)))


def test_a_signature_of_another_version_is_told_as_that(models: Path) -> None:
    kept(models, 2, bundle(files(models, 2)))
    (theirs,) = (models / "digits/.versions/attestations/2").iterdir()
    assert why_not(models, file=theirs) == "it was recorded as the signature of digits:2"


def test_a_signature_of_an_earlier_manifest_is_told_as_that(models: Path, world: World) -> None:
    kept(models, 1, bundle(files(models)))
    (models / "digits/1/saved_model.pb").write_bytes(b"retrained")
    manifest = world.manifest_of(models / "digits/1", "digits", 1)
    (models / "digits/1/version_manifest.json").write_bytes(codec.encode(manifest))
    assert "earlier manifest of digits:1, whose files were others" in why_not(models)


def test_files_that_changed_are_never_signed(models: Path) -> None:
    kept(models, 1, bundle(files(models)))
    (models / "digits/1/saved_model.pb").write_bytes(b"DIGITS 1")
    assert "so no signature is of them: 1 file is of another content: saved_model.pb" in why_not(models)


def demand(models: Path, text: str = POLICY) -> None:
    (models / "digits/.versions").mkdir(exist_ok=True)
    (models / "digits/.versions/policy.toml").write_text(text)


@pytest.mark.parametrize("signed", [False, True])
def test_an_alias_that_needs_a_signature_is_never_given_without_one(models: Path, signed: bool) -> None:
    """The bundle names the right key and the right files, and nobody signed it; or there is no library to ask."""
    demand(models)
    if signed:
        kept(models, 1, bundle(files(models)))
    with pytest.raises(tbv.RefusedError, match=r"it lacks: a signature .* Nothing was changed"):
        promote("digits:1", models, alias="production")
    assert not open_target("digits", models).opened.state().aliases
    promote("digits:1", models, alias="staging")  # which the policy does not protect


def test_a_policy_that_names_no_key_is_never_satisfied(models: Path) -> None:
    demand(models, "[aliases.production]\nsigned = true\n")
    with pytest.raises(tbv.RefusedError, match=r"names none in \[trust.keys\]"):
        promote("digits:1", models, alias="production")


def test_rollback_needs_the_signature_too(models: Path) -> None:
    promote("digits:1", models, alias="production")
    promote("digits:2", models, alias="production")
    demand(models)
    with pytest.raises(tbv.RefusedError, match="is not rolled back: it lacks a signature"):
        rollback("digits", models, alias="production")
    assert open_target("digits", models).opened.state().aliases["production"].version == 2


def test_asking_for_no_signature_any_more_is_told_in_the_log(models: Path) -> None:
    demand(models)
    with pytest.raises(tbv.RefusedError):
        promote("digits:1", models, alias="production")
    demand(models, "[aliases.production]\n")
    promote("digits:1", models, alias="production")
    target = open_target("digits", models)
    said = [bytes(event.data) for event, _ in target.opened.registry.history() if event.kind == "policy_changed"]
    assert b"production needs no signature." in said[-1]
