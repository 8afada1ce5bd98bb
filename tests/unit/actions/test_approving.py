from __future__ import annotations

from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.target import open_target


def approvals(models: Path, number: int = 1) -> list[str]:
    return list(open_target("digits", models).opened.state().version(number).approvals)


def policy(models: Path, text: str) -> None:
    (models / "digits/.versions").mkdir(exist_ok=True)
    (models / "digits/.versions/policy.toml").write_text(text)


def test_everybody_approves_once(models: Path) -> None:
    assert tbv.approve("digits:1", models, reason="good").after == "anna"
    again = tbv.approve("digits:1", models)
    assert again.event is None
    assert "approved by anna already" in str(again)
    tbv.approve("digits:1", models, actor="ben")
    assert approvals(models) == ["anna", "ben"]


def test_only_ones_own_approval_is_withdrawn(models: Path) -> None:
    tbv.approve("digits:1", models)
    with pytest.raises(tbv.RefusedError, match="ben has not approved digits:1; it is approved by anna"):
        tbv.withdraw("digits:1", models, actor="ben")
    tbv.withdraw("digits:1", models)
    assert approvals(models) == []
    with pytest.raises(tbv.RefusedError, match="nobody did"):
        tbv.withdraw("digits:1", models)


@pytest.mark.parametrize(
    ("rule", "approvers", "promoter", "lacks"),
    [
        ("approvals = 1", [], "anna", "1 more approval"),
        ("approvals = 1", ["anna"], "anna", "one's own does not count"),
        ("approvals = 1", ["ben"], "anna", ""),
        ("approvals = 2", ["ben", "anna"], "anna", "1 more approval"),
        ("approvals = 2", ["ben", "carl"], "anna", ""),
        ('approvals = 1\napprovers = ["carl"]', ["ben"], "anna", "1 more approval of carl"),
        ('approvals = 1\napprovers = ["carl"]', ["carl"], "anna", ""),
    ],
)
def test_a_protected_alias_needs_approvals_by_others(
    models: Path, rule: str, approvers: list[str], promoter: str, lacks: str
) -> None:
    policy(models, f"[aliases.production]\n{rule}\n")
    for name in approvers:
        tbv.approve("digits:1", models, actor=name)
    tbv.promote("digits:1", models, alias="staging", actor=promoter)  # is not protected
    if not lacks:
        assert tbv.promote("digits:1", models, alias="production", actor=promoter).after == 1
        return
    with pytest.raises(tbv.RefusedError, match=lacks):
        tbv.promote("digits:1", models, alias="production", actor=promoter)


def test_a_version_whose_manifest_is_damaged_is_not_approved(models: Path) -> None:
    (models / "digits/1/version_manifest.json").write_text("{")
    with pytest.raises(tbv.VersionDamagedError, match="can't be approved"):
        tbv.approve("digits:1", models)
