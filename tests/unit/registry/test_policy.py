from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.manifest import check_text
from tb_versions.core.store import LocalStore
from tb_versions.errors import InvalidManifestError, RefusedError
from tb_versions.registry import policy
from tb_versions.registry.events import digest_of
from tb_versions.registry.policy import Policy, Rule
from tb_versions.registry.state import By, VersionState
from tests.support.logs import store_of
from tests.support.signatures import FINGERPRINT, PEM, POLICY

TEXT = """
[aliases.production]
approvals = 2
approvers = ["anna", "ben", "carl"]
verified = true
gates = ["release"]
rollback_gates = true

[aliases.canary]
approvals = 1
"""
PRODUCTION = Rule(2, ("anna", "ben", "carl"), True, ("release",), True)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    store = store_of(tmp_path / "models")
    os.makedirs(store.shown)
    return store


def approved(*actors: str) -> VersionState:
    return VersionState(approvals={actor: By(1, 0, actor) for actor in actors})


def test_a_policy_says_what_an_alias_needs(store: LocalStore) -> None:
    Path(store.shown, "policy.toml").write_text(TEXT)
    found = policy.read(store)
    assert found.policy.rule("production") == PRODUCTION
    assert found.policy.rule("canary") == Rule(approvals=1)
    assert found.policy.rule("other") == Rule()
    assert (found.digest, found.text) == (digest_of(TEXT.encode()), TEXT)


def test_without_a_file_nothing_is_asked_for(store: LocalStore) -> None:
    assert policy.read(store) == policy.PolicyFile()


@pytest.mark.parametrize(
    "text",
    [
        "[aliases.production]\napproval = 1",
        "[alias.production]\napprovals = 1",
        "[aliases.production]\napprovals = -1",
        "[aliases.production]\napprovals = 1.5",
        "[aliases.production]\nverified = 1",
        "[aliases.production]\napprovers = 'anna'",
        "[aliases.latest]\napprovals = 1",
        "[aliases.v1]\napprovals = 1",
        "[aliases.'a\\u202eb']\napprovals = 1",
        "aliases = 1",
        "aliases = [[[",
        "[aliases.production",
        "a = " + "[" * 10_000,
        "\x00",
    ],
)
def test_a_policy_that_can_not_be_understood_allows_nothing(store: LocalStore, text: str) -> None:
    with pytest.raises(InvalidManifestError):
        policy.parse(text)
    Path(store.shown, "policy.toml").write_text(text)
    with pytest.raises(RefusedError, match="policy"):
        policy.read(store)


def test_a_policy_that_can_not_be_read_allows_nothing(store: LocalStore, tmp_path: Path) -> None:
    path = Path(store.shown, "policy.toml")
    (tmp_path / "lax").write_text("")
    for make in (
        lambda: path.write_bytes(b"\xff"),
        lambda: path.write_bytes(b"#" * 65_537),
        lambda: path.symlink_to(tmp_path / "lax"),
        lambda: os.mkfifo(path),
    ):
        make()
        with pytest.raises(RefusedError):
            policy.read(store)
        path.unlink()


def test_what_is_missing_is_counted_without_ones_own_approval() -> None:
    rule = Rule(approvals=2, approvers=("anna", "ben"))
    assert policy.missing(rule, approved("anna", "ben"), promoter="carl") == ()
    assert policy.missing(rule, approved("anna", "ben", "carl"), promoter="carl") == ()
    assert policy.missing(rule, approved("anna", "carl"), promoter="carl") == (
        "1 more approval of anna, ben (one's own does not count)",
    )
    assert policy.missing(rule, approved(), promoter="carl") == ("2 more approvals of anna, ben",)
    assert policy.missing(rule, approved("anna", "ben"), promoter="anna") == (
        "1 more approval of anna, ben (one's own does not count)",
    )
    assert policy.missing(Rule(approvals=1), approved("dora"), promoter="carl") == ()
    assert policy.missing(Rule(), approved(), promoter="carl") == ()


def test_whose_approval_counts_is_told() -> None:
    counted = policy.counted_approvals(PRODUCTION, approved("anna", "ben", "dora"), promoter="ben")
    assert list(counted) == ["anna"]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (PRODUCTION, []),
        (Rule(3, ("anna",), True, ("release", "speed"), True), []),
        (
            Rule(1, ("anna", "ben", "carl"), True, ("release",), True),
            ["production needs 1 approvals; before it were 2."],
        ),
        (Rule(2, ("anna", "dora"), True, ("release",), True), ["Approvals of dora count for production."]),
        (Rule(2, (), True, ("release",), True), ["Approvals of anybody count for production."]),
        (Rule(2, ("anna",), False, ("release",), True), ["production needs no verified files."]),
        (Rule(2, ("anna",), True, (), True), ["production needs no gate release."]),
        (Rule(2, ("anna",), True, ("release",), False), ["Rollback of production needs no gates."]),
    ],
)
def test_a_loosened_rule_is_told(after: Rule, words: list[str]) -> None:
    found = policy.loosened(Policy({"production": PRODUCTION}), Policy({"production": after, "new": Rule(1)}))
    assert list(found) == words


def test_a_rule_that_is_gone_is_loosened() -> None:
    assert len(policy.loosened(policy.parse(TEXT), Policy())) == 6


def test_however_long_a_sentence_on_loosened_rules_fits_an_event() -> None:
    before = Policy({"production": Rule(approvals=1, approvers=("anna",), gates=("x\u202e" * 600,))})
    after = Policy({"production": Rule(approvals=1, approvers=tuple(f"person number {n}\n" for n in range(100)))})
    sentences = policy.loosened(before, after)
    assert len(sentences) == 2
    for sentence in sentences:
        check_text(sentence, "A sentence")


def test_a_policy_that_no_event_could_hold_allows_nothing(store: LocalStore) -> None:
    Path(store.shown, "policy.toml").write_text("# \u202e\n")
    with pytest.raises(RefusedError, match=r"policy\.toml can't be understood.*U\+202E"):
        policy.read(store)


def test_keys_stand_in_the_policy_and_are_checked_there() -> None:
    found = policy.parse(POLICY)
    assert found.rule("production").signed
    assert [(key.name, key.fingerprint) for key in found.trusted_keys()] == [("release", FINGERPRINT)]
    for text in (
        "[trust.keys]\nrelease = 'keys/release.pub'",
        "[trust]\nkeys = ['a']",
        f"[trust.keys]\nv1 = '''{PEM}'''",
    ):
        with pytest.raises(InvalidManifestError):
            policy.parse(text)


def test_a_key_that_counts_only_now_is_told_where_signatures_were_needed() -> None:
    other = PEM.replace("OaVf", "PaVf")
    more = policy.parse(POLICY + f"night = '''\n{other}'''\n")
    assert [each[:31] for each in policy.loosened(policy.parse(POLICY), more)] == ["Signatures by the key night (sh"]
    assert policy.loosened(more, policy.parse(POLICY)) == ()
    renamed = policy.parse(POLICY.replace("release", "main"))
    assert policy.loosened(policy.parse(POLICY), renamed) == ()
    assert policy.loosened(Policy(), more) == ()
    assert policy.loosened(policy.parse(POLICY), Policy()) == ("production needs no signature.",)
