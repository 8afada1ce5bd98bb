"""Facts are understood in every form that people give them, or refused in a sentence before anything is written."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from tb_versions.core.manifest import Dataset, Parent, Run, VersionManifest
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidReferenceError
from tb_versions.write.facts import Facts, check_names, draft


def drafted(**facts: object) -> VersionManifest:
    return draft("digits", 1, Facts(**facts))  # type: ignore[typeddict-item]


def test_unknown_facts_name_the_nearest() -> None:
    with pytest.raises(TypeError, match="Did you mean 'metrics'"):
        check_names({"metric": {}}, "publish")
    with pytest.raises(TypeError, match="Known are"):
        check_names({"zzz": {}}, "publish")


def test_parents_say_how_they_are_related() -> None:
    version = SimpleNamespace(manifest=VersionManifest(model="big", number=7, digest="sha256:" + "0" * 64))
    parents = drafted(fine_tuned_from="digits:3", distilled_from=version, parents=[Parent(model="x", number=1)]).parents
    assert [(p.model, p.number, p.relation) for p in parents] == [
        ("digits", 3, "fine_tuned_from"),
        ("big", 7, "distilled_from"),
        ("x", 1, "derived_from"),
    ]
    assert parents[1].digest
    with pytest.raises(InvalidReferenceError, match="must have a number"):
        drafted(parents="digits")
    with pytest.raises(TypeError, match="A parent"):
        drafted(parents=3)


def test_a_parent_keeps_its_own_relation_unless_another_is_given() -> None:
    parent = Parent(model="x", number=1, relation="distilled_from")
    assert [p.relation for p in drafted(parents=parent).parents] == ["distilled_from"]
    assert [p.relation for p in drafted(fine_tuned_from=parent).parents] == ["fine_tuned_from"]
    related = Parent(model="x", number=1, relation="fine_tuned_from")
    assert [p.relation for p in drafted(distilled_from=related).parents] == ["distilled_from"]


def test_without_facts_nothing_is_known_but_the_time() -> None:
    manifest = drafted()
    assert manifest.created is not None
    assert manifest == VersionManifest(model="digits", number=1, created=manifest.created)


def test_datasets_lose_credentials() -> None:
    sets = drafted(datasets=["mnist", Dataset(name="b", uri="s3://me:secret@bucket/x?token=abc")]).datasets
    assert sets[0].name == "mnist"
    assert "secret" not in sets[1].uri
    assert "abc" not in sets[1].uri
    with pytest.raises(TypeError, match="A dataset"):
        drafted(datasets=[3])


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"metrics": 3}, TypeError),
        ({"metrics": [1, 2]}, TypeError),
        ({"labels": "x"}, TypeError),
        ({"labels": {"a": 1}}, InvalidManifestError),
        ({"description": b"x"}, TypeError),
        ({"semantic_version": "1"}, InvalidManifestError),
        ({"training_seconds": -1}, InvalidManifestError),
        ({"training_seconds": math.nan}, InvalidManifestError),
        ({"seeds": {"a": 1.5}}, TypeError),
        ({"metrics": {"__proto__": 1}}, InvalidManifestError),
        ({"hyperparameters": [1]}, TypeError),
    ],
)
def test_wrong_facts_are_refused(facts: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        drafted(**facts)


def test_wrong_model_names_are_refused() -> None:
    with pytest.raises(InvalidNameError):
        draft("a/b", 1, Facts())


def test_the_lead_metric_is_a_name() -> None:
    assert drafted(lead_metric="val_auc").lead_metric == "val_auc"
    assert drafted().lead_metric == ""
    with pytest.raises(TypeError, match="lead_metric must be a string"):
        drafted(lead_metric=3)
    for name in ("constructor", "a\nb", "x" * 300):
        with pytest.raises(InvalidManifestError, match="lead metric"):
            drafted(lead_metric=name)


@pytest.mark.parametrize("identity", ["x", "sha256:zz", "sha256:" + "A" * 64, "md5:" + "0" * 32])
def test_an_identity_of_a_run_is_a_digest(identity: str) -> None:
    with pytest.raises(InvalidManifestError, match="identity must be sha256"):
        drafted(runs=Run(name="a", identity=identity))
