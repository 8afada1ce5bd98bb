"""What a training was told, as short texts."""

from __future__ import annotations

import json

import pytest

from tb_versions.errors import InvalidManifestError
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.read.manifests.recipes import is_seed, recipe_of, seeds_of


@pytest.mark.parametrize(
    "name", ["seed", "random_seed", "np.seed", "seeds", "dataSeed", "SEED", "random_state", "model/seed", "rng"]
)
def test_names_of_seeds(name):
    assert is_seed(name)


@pytest.mark.parametrize("name", ["seedling", "learning_rate", "reseeded", "state", "wrong", "loss"])
def test_names_of_others(name):
    assert not is_seed(name)


def test_a_recipe_has_no_seeds_and_needs_hyperparameters():
    assert recipe_of("m", {"lr": 1, "seed": 1}, ()) == recipe_of("m", {"seed": 2, "lr": 1}, ())
    assert recipe_of("m", {"lr": 1}, ("commit",)) != recipe_of("m", {"lr": 1}, ("other",))
    assert recipe_of("m", {"lr": 1}, ()) != recipe_of("m", {"lr": 2}, ())
    assert recipe_of("m", {}, ()) == recipe_of("m", None, ()) == ""


TRAINING = {
    "schemaVersion": 1,
    "model": "digits",
    "number": "1",
    "hyperparameters": {"lr": 0.1, "seed": 1},
    "seeds": {"numpy": "1"},
    "savedModel": {"parameterCount": "640"},
    "code": {"commit": "a" * 40, "dirty": True, "diff": "+x", "branch": "main"},
    "datasets": [
        {"name": "digits", "split": "train", "digest": "sha256:" + "d" * 64},
        {"name": "digits", "split": "test", "digest": "sha256:" + "e" * 64},
    ],
}


def listing(**fields: object) -> Listing:
    return read_listing(json.dumps({**TRAINING, **fields}).encode())


def test_seeds_number_and_what_was_measured_are_no_part_of_a_recipe() -> None:
    other = listing(
        number="2",
        hyperparameters={"lr": 0.1, "seed": 2},
        seeds={"numpy": "2"},
        metrics=[{"name": "loss", "value": 1.0}],
        datasets=TRAINING["datasets"][:1],
    )
    assert other.recipe == listing().recipe != ""
    assert other.recipe is listing().recipe, "thousands share one text"
    assert other.seeds != listing().seeds


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "other"},
        {"hyperparameters": {"lr": 0.2, "seed": 1}},
        {"savedModel": {"parameterCount": "641"}},
        {"code": {"commit": "b" * 40, "dirty": True, "diff": "+x"}},
        {"code": {"commit": "a" * 40, "dirty": False, "diff": "+x"}},
        {"code": {"commit": "a" * 40, "dirty": True, "diff": "+y"}},
        {"code": {}},
        {"datasets": [{"name": "digits", "split": "Train", "digest": "sha256:" + "f" * 64}]},
        {"datasets": [{"name": "digits", "digest": "sha256:" + "d" * 64}, TRAINING["datasets"][1]]},
    ],
)
def test_code_data_size_and_model_are_part_of_a_recipe(fields: dict[str, object]) -> None:
    assert listing(**fields).recipe not in ("", listing().recipe)


def test_without_hyperparameters_there_is_no_recipe_and_without_seeds_no_seeds() -> None:
    assert listing(hyperparameters={}).recipe == ""
    assert listing(hyperparameters={"lr": 1}, seeds={}).seeds == ""
    assert seeds_of(None, {}) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"code": []},
        {"code": {"commit": 1}},
        {"code": {"diff": {}}},
        {"code": {"dirty": "yes"}},
        {"seeds": []},
        {"seeds": {"numpy": "x"}},
        {"seeds": {"numpy": [[[]]]}},
    ],
)
def test_what_breaks_the_schema_has_no_recipe_but_is_listed(fields: dict[str, object]) -> None:
    assert (listing(**fields).recipe, listing(**fields).model) == ("", "digits")


def test_a_deep_value_costs_nothing() -> None:
    deep = json.dumps(TRAINING).encode().replace(b"true", b"[" * 200 + b"]" * 200)
    assert (read_listing(deep).recipe, read_listing(deep).model) == ("", "digits")


def test_a_manifest_that_is_nested_too_deep_is_refused_in_a_sentence() -> None:
    deep = json.dumps(TRAINING).encode().replace(b"true", b"[" * 1_020 + b"]" * 1_020)
    with pytest.raises(InvalidManifestError, match=r"nested too deep|not JSON"):
        read_listing(deep)
