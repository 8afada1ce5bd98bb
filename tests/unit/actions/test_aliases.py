from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.actions.aliases import promote, rollback, unalias
from tb_versions.actions.target import open_target
from tb_versions.registry.events import said
from tests.support.logs import append
from tests.support.world import World

PRODUCTION: dict[str, Any] = {"alias": "production"}


def log(models: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (models / "digits/.versions").glob("log/*")}


def production(models: Path) -> list[int]:
    """What the alias named, the oldest first."""
    state = open_target("digits", models).opened.state()
    return [holder.version for holder in state.aliases["production"].stack] if state.aliases else []


def policy(models: Path, text: str) -> None:
    (models / "digits/.versions").mkdir(exist_ok=True)
    (models / "digits/.versions/policy.toml").write_text(text)


def test_promote_says_what_it_changed_and_who_did_it(models: Path) -> None:
    promote("digits:1", models, **PRODUCTION)
    change = promote("digits:2", models, **PRODUCTION, reason="better on digits 8", actor="ben")
    assert (change.before, change.after, change.number) == (1, 2, 2)
    assert change.event is not None
    assert (change.event.actor, change.event.reason, change.event.version) == ("ben", "better on digits 8", 2)
    assert said(change.event).verified == "sizes"
    assert str(change) == "digits@production: version 1 → 2."


@pytest.mark.parametrize("verified", ["true", "false"])
def test_a_file_that_was_added_counts_as_for_loading_however_files_are_compared(models: Path, verified: str) -> None:
    policy(models, f"[aliases.production]\nverified = {verified}\n")
    folder = models / "digits/2"
    (folder / "notes.txt").write_text("added later")
    (folder / ".DS_Store").write_text("x")
    assert promote("digits:2", models, **PRODUCTION).event
    unalias("digits", models, alias="production")
    (folder / "variables").mkdir(exist_ok=True)
    (folder / "variables" / "variables.index").write_text("another checkpoint")
    with pytest.raises(tbv.VersionDamagedError, match="is not what was published"):
        promote("digits:2", models, **PRODUCTION)


def test_promoting_what_holds_the_alias_changes_nothing(models: Path) -> None:
    promote("digits:1", models, **PRODUCTION)
    before = log(models)
    change = promote("digits:1", models, **PRODUCTION)
    assert change.event is None
    assert "is digits:1 already since" in str(change)
    assert log(models) == before


def test_rollback_walks_a_stack_until_it_is_empty(models: Path) -> None:
    for number in (1, 2, 3):
        promote(f"digits:{number}", models, **PRODUCTION)
    assert rollback("digits", models, **PRODUCTION).after == 2
    assert rollback("digits", models, **PRODUCTION).after == 1
    before = log(models)
    with pytest.raises(tbv.RefusedError, match="nothing to roll back to"):
        rollback("digits", models, **PRODUCTION)
    assert log(models) == before


def test_after_a_rollback_and_a_promotion_the_stack_has_no_gap(models: Path) -> None:
    for number in (1, 2):
        promote(f"digits:{number}", models, **PRODUCTION)
    rollback("digits", models, **PRODUCTION)
    promote("digits:3", models, **PRODUCTION)
    assert production(models) == [1, 3]


def test_rollback_to_a_version_leaves_out_those_between(models: Path) -> None:
    for number in (1, 2, 3):
        promote(f"digits:{number}", models, **PRODUCTION)
    assert rollback("digits", models, **PRODUCTION, to="digits:1").after == 1
    assert production(models) == [1]


def test_rollback_to_what_the_alias_never_named_is_refused(models: Path) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    with pytest.raises(tbv.RefusedError, match=r"was never digits:4.*before, it was digits:1"):
        rollback("digits", models, **PRODUCTION, to="digits:4")


def test_rollback_reads_every_file_first(models: Path, world: World) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    path = models / "digits/1/saved_model.pb"
    data = path.read_bytes()
    path.write_bytes(b"X" * len(data))  # the same size
    before = log(models)
    with pytest.raises(tbv.VersionDamagedError, match=r"of another content: saved_model\.pb"):
        rollback("digits", models, **PRODUCTION)
    assert log(models) == before
    path.write_bytes(data)
    event = rollback("digits", models, **PRODUCTION).event
    assert event is not None
    assert said(event).verified == "digests"


def test_rollback_to_a_deleted_version_is_refused(models: Path) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    shutil.rmtree(models / "digits/1")
    before = log(models)
    with pytest.raises(tbv.VersionNotFoundError, match='has no version "1"'):
        rollback("digits", models, **PRODUCTION)
    assert log(models) == before


@pytest.mark.parametrize(
    ("expect", "is_met"),
    [(1, True), ("digits:1", True), ("digits@production", True), (2, False), ("digits:2", False), (None, False)],
)
def test_expect_compares_before_it_swaps(models: Path, expect: Any, is_met: bool) -> None:
    promote("digits:1", models, **PRODUCTION, reason="the first", actor="ben")
    before = log(models)
    if is_met:
        assert promote("digits:3", models, **PRODUCTION, expect=expect).after == 3
        return
    with pytest.raises(tbv.ConflictError) as caught:
        promote("digits:3", models, **PRODUCTION, expect=expect)
    assert "digits@production is digits:1 since 20" in str(caught.value)
    assert 'by ben ("the first")' in str(caught.value)
    assert (caught.value.number, caught.value.actor) == (1, "ben")
    assert log(models) == before


def test_nothing_may_be_expected(models: Path) -> None:
    assert promote("digits:3", models, **PRODUCTION, expect=None).after == 3
    with pytest.raises(tbv.ConflictError, match="names nothing, and digits:1 was expected"):
        promote("digits:3", models, alias="staging", expect=1)


@pytest.mark.parametrize("verb", [rollback, unalias])
def test_the_other_verbs_expect_too(models: Path, verb: Callable[..., Any]) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    with pytest.raises(tbv.ConflictError):
        verb("digits", models, **PRODUCTION, expect=1)
    assert verb("digits", models, **PRODUCTION, expect=2).before == 2


def test_unalias_leaves_nothing_to_roll_back_to(models: Path) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    assert unalias("digits", models, **PRODUCTION).before == 2
    with pytest.raises(tbv.VersionNotFoundError, match='has no alias "production"; it has no aliases'):
        rollback("digits", models, **PRODUCTION)


def test_a_dry_run_checks_and_writes_nothing(models: Path) -> None:
    change = promote("digits:1", models, **PRODUCTION, dry_run=True)
    assert (change.event, change.dry_run, change.after) == (None, True, 1)
    assert not (models / "digits/.versions").exists()
    (models / "digits/1/saved_model.pb").unlink()
    with pytest.raises(tbv.VersionDamagedError):
        promote("digits:1", models, **PRODUCTION, dry_run=True)


@pytest.mark.parametrize("alias", ["", "latest", "v3", "3", "a b", "a/b", "__proto__", "CON", "x" * 129, "é"])
def test_an_alias_that_is_no_name_is_refused(models: Path, alias: str) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        promote("digits:1", models, alias=alias)
    assert log(models) == {}


def test_the_policy_names_everything_that_is_missing(models: Path) -> None:
    policy(models, '[aliases.production]\napprovals = 2\nverified = true\ngates = ["release"]\n')
    path = models / "digits/1/saved_model.pb"
    path.write_bytes(b"X" * len(path.read_bytes()))
    with pytest.raises(tbv.RefusedError) as caught:
        promote("digits:1", models, **PRODUCTION)
    assert "2 more approvals" in str(caught.value)
    assert (
        "a result of the gate release (none was recorded: tb-versions gate check digits:1 --rules FILE --record)"
        in str(caught.value)
    )
    assert "sound files (digits:1" in str(caught.value)
    assert production(models) == []


def test_a_changed_policy_is_an_event_before_the_promotion(models: Path) -> None:
    policy(models, "[aliases.production]\nverified = true\n")
    event = promote("digits:1", models, **PRODUCTION).event
    assert event is not None
    assert event.number == 2
    assert said(event).verified == "digests"
    noticed = open_target("digits", models).opened.registry.event(1)
    assert noticed.kind == "policy_changed"
    assert said(event).policy == said(noticed).digest != ""
    policy(models, "")
    promote("digits:2", models, **PRODUCTION)
    assert said(open_target("digits", models).opened.registry.event(3)).loosened == (
        "production needs no verified files.",
    )


def test_a_policy_that_cannot_be_read_allows_nothing(models: Path) -> None:
    policy(models, "[aliases.production]\napproval = 1\n")
    with pytest.raises(tbv.RefusedError, match="can't be understood"):
        promote("digits:1", models, **PRODUCTION)
    assert log(models) == {}


def test_a_log_that_was_cut_is_not_written_to(models: Path) -> None:
    for number in (1, 2):
        promote(f"digits:{number}", models, **PRODUCTION)
    os.unlink(models / "digits/.versions/log/00000000000000000002.json")
    before = log(models)
    for act in (promote, rollback):
        with pytest.raises(tbv.RewrittenLogError, match="was cut"):
            act("digits:3" if act is promote else "digits", models, **PRODUCTION)
    assert log(models) == before


def test_rollback_to_a_removed_version_is_refused_by_name(models: Path) -> None:
    for number in (1, 2, 3):
        promote(f"digits:{number}", models, **PRODUCTION)
    append(open_target("digits", models).opened.registry, "removed", 2, by="prune")
    before = log(models)
    with pytest.raises(tbv.VersionRemovedError, match=r"digits:2 was removed by prune .* with --to"):
        rollback("digits", models, **PRODUCTION)
    with pytest.raises(tbv.VersionRemovedError):
        rollback("digits", models, **PRODUCTION, to="digits:2")
    assert log(models) == before
    assert rollback("digits", models, **PRODUCTION, to="digits:1").after == 1


@pytest.mark.parametrize(("rollback_gates", "is_allowed"), [("false", True), ("true", False)])
def test_rollback_needs_gates_only_where_the_policy_says_so(
    models: Path, rollback_gates: str, is_allowed: bool
) -> None:
    promote("digits:1", models, **PRODUCTION)
    promote("digits:2", models, **PRODUCTION)
    policy(models, f'[aliases.production]\napprovals = 9\ngates = ["release"]\nrollback_gates = {rollback_gates}\n')
    if is_allowed:
        assert rollback("digits", models, **PRODUCTION).after == 1
        return
    with pytest.raises(tbv.RefusedError, match="lacks a result of the gate release"):
        rollback("digits", models, **PRODUCTION)
    assert production(models) == [1, 2]


def test_an_approval_counts_for_the_manifest_that_was_approved(models: Path, world: World) -> None:
    policy(models, "[aliases.production]\napprovals = 1\n")
    tbv.approve("digits:1", models, actor="ben")
    world.version("digits", 1, description="put there later")
    with pytest.raises(tbv.RefusedError, match="1 more approval"):
        promote("digits:1", models, **PRODUCTION)
    tbv.approve("digits:1", models, actor="ben")
    event = promote("digits:1", models, **PRODUCTION).event
    assert event is not None
    assert said(event).allowed_by == (3,)


def test_a_version_of_another_model_is_not_expected(models: Path) -> None:
    for wrong in ("faces:1", "3"):
        with pytest.raises(tbv.InvalidQueryError, match=r"is no version of digits; write digits:3\."):
            promote("digits:1", models, **PRODUCTION, expect=wrong)


def test_a_policy_that_newer_versions_wrote_before_is_not_compared(models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    append(registry, "policy_changed", None, digest="sha256:" + "0" * 64, rules="[aliases.production]\nquorum = 3\n")
    promote("digits:1", models, **PRODUCTION)
    assert "is not known" in said(registry.event(2)).loosened[0]


def test_a_manifest_that_was_replaced_is_not_rolled_back_to_before_it_is_promoted_again(
    models: Path, world: World
) -> None:
    policy(models, "[aliases.production]\napprovals = 1\n")
    for number in (1, 2):
        tbv.approve(f"digits:{number}", models, actor="ben")
        promote(f"digits:{number}", models, **PRODUCTION)
    world.version("digits", 1, description="put there later")
    before = log(models)
    with pytest.raises(tbv.VersionDamagedError, match="digits:1 is not what was promoted"):
        rollback("digits", models, **PRODUCTION)
    with pytest.raises(tbv.VersionDamagedError, match="digits:1 is not what was promoted"):
        rollback("digits", models, to="digits:1", **PRODUCTION)
    assert log(models) == before
    with pytest.raises(tbv.RefusedError, match="1 more approval"):
        promote("digits:1", models, **PRODUCTION)


def test_promoting_again_accepts_a_manifest_that_was_replaced(models: Path, world: World) -> None:
    promote("digits:1", models, **PRODUCTION)
    world.version("digits", 1, description="put there later")
    with pytest.raises(tbv.VersionDamagedError, match="Promote the version again if this is right"):
        tbv.path("digits@production", models_dir=models)
    assert promote("digits:1", models, **PRODUCTION).event is not None
    assert tbv.path("digits@production", models_dir=models) == models / "digits/1"
    assert production(models) == [1]
    assert promote("digits:1", models, **PRODUCTION).event is None
