"""What was checked counts for one manifest, one bundle and one key, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tb_versions.registry.checked import files_word, signature_now, trusted_keys
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import State
from tests.support.logs import append, store_of
from tests.support.signatures import FINGERPRINT, POLICY

M1, M2 = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
B1, B2 = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
OTHER = f"sha256:{'c' * 64}"
TRUSTED = frozenset({FINGERPRINT})


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(store_of(tmp_path / "models"))


def signature(registry: Registry, manifest: str = M1, trusted: frozenset[str] = TRUSTED) -> str:
    return signature_now(registry.refresh().version(1), manifest, trusted)[0]


def checked(registry: Registry, *, ok: bool = True, bundle: str = B1, key: str = FINGERPRINT, **more: Any) -> None:
    append(registry, "signature_checked", ok=ok, bundle=bundle, key=key, manifest=M1, **more)


def test_files_were_verified_quickly_looked_at_or_changed(registry: Registry) -> None:
    def word(manifest: str = M1) -> str:
        return files_word(registry.refresh().version(1), manifest)

    assert word() == ""
    append(registry, "verified", ok=True, how="sizes", manifest=M1)
    assert word() == "quick"
    append(registry, "verified", ok=True, manifest=M1)
    assert word() == "verified"
    assert word(M2) == ""
    assert word("") == ""
    append(registry, "verified", ok=False, manifest=M1)
    assert word() == "changed"


def test_a_signature_is_claimed_until_it_is_checked(registry: Registry) -> None:
    assert signature(registry) == ""
    append(registry, "signed", bundle=B1, key=FINGERPRINT, manifest=M1)
    assert signature(registry) == "claimed"
    checked(registry, ok=False, found="another key signed it")
    assert signature(registry) == "refused"
    checked(registry)
    assert signature(registry) == "verified"
    append(registry, "signed", bundle=B1, key=FINGERPRINT, manifest=M1)
    assert signature(registry) == "verified"  # it was kept once more, and is the same one


def test_a_check_counts_for_its_manifest_only(registry: Registry) -> None:
    checked(registry)
    assert signature(registry, M2) == ""
    assert signature(registry, "") == ""
    append(registry, "signed", bundle=B1, key=FINGERPRINT, manifest=M2)  # an old signature, put beside new files
    assert signature(registry, M2) == "claimed"
    assert signature(registry, M1) == ""


def test_a_check_counts_for_its_bundle_only(registry: Registry) -> None:
    checked(registry, ok=False, bundle=B1)
    append(registry, "signed", bundle=B2, key=FINGERPRINT, manifest=M1)
    assert signature(registry) == "refused"  # nobody checked the new one, and the last check of any said no
    checked(registry, bundle=B2)
    assert signature(registry) == "verified"


def test_a_key_that_the_policy_does_not_name_is_said_as_that(registry: Registry) -> None:
    checked(registry, key=OTHER)
    assert signature(registry) == "other key"
    assert signature(registry, trusted=frozenset()) == "verified"
    append(registry, "signature_checked", ok=True, bundle=B2, identity="anna", issuer="https://i", manifest=M1)
    assert signature(registry) == "other key"
    checked(registry, bundle=B1)
    assert signature(registry) == "verified"


def test_a_signature_says_nothing_of_files_that_were_found_changed_later(registry: Registry) -> None:
    append(registry, "verified", ok=False, manifest=M1)
    checked(registry)
    assert signature(registry) == "verified"  # they were put right before
    append(registry, "verified", ok=False, manifest=M1)
    assert signature(registry) == "changed"


def test_what_a_promotion_checked_counts_as_checked(registry: Registry) -> None:
    by = {"bundle": B1, "key": FINGERPRINT, "name": "release"}
    append(registry, "alias_set", alias="production", signature=registry_signature(by), manifest=M1)
    word, one = signature_now(registry.refresh().version(1), M1, TRUSTED)
    assert word == "verified"
    assert one is not None
    assert one.who == f"the key release ({FINGERPRINT[:19]}…)"


def registry_signature(fields: dict[str, str]) -> Any:
    from tb_versions.registry.events import SignedBy

    return SignedBy(**fields)


def test_the_last_twenty_signatures_are_kept_in_mind(registry: Registry) -> None:
    for number in range(25):
        append(registry, "signed", bundle=f"sha256:{number:064}", manifest=M1)
    assert [int(each[7:]) for each in registry.refresh().version(1).signatures] == list(range(5, 25))


def test_keys_are_those_of_the_policy_that_the_log_saw_last(registry: Registry) -> None:
    assert trusted_keys(State()) == frozenset()
    append(registry, "policy_changed", None, rules=POLICY)
    assert trusted_keys(registry.refresh()) == TRUSTED
    append(registry, "policy_changed", None, rules="newer = true")
    assert FINGERPRINT not in trusted_keys(registry.refresh())
    assert trusted_keys(registry.refresh())  # nothing is trusted, and not everything
