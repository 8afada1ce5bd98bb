from __future__ import annotations

from pathlib import Path

from tb_versions.core.manifest import Run
from tb_versions.documents import facts
from tests.support.documented import subject_in
from tests.support.world import World


def test_every_fact_of_a_version_has_a_label_a_text_and_a_source(known: World) -> None:
    subject = subject_in(known, "digits:2")
    groups = (facts.identity, facts.model, facts.data, facts.training, facts.code, facts.environment, facts.checks)
    found = [fact for group in groups for fact in group(subject)]
    assert len(found) >= 25
    assert all(all(fact) for fact in found)


def test_what_is_known_is_not_listed_as_missing(known: World) -> None:
    missing = facts.not_known(subject_in(known, "digits:2"))
    assert "hyperparameters" not in missing
    assert "the training curve" not in missing
    assert "how precise each metric is (an interval)" in missing
    assert "golden outputs" in missing


def test_of_a_bare_version_almost_all_is_missing(known: World) -> None:
    known_of_it = facts.KNOWABLE.keys() - facts.not_known(subject_in(known, "bare:7"))
    assert known_of_it == {"the list of its files"}


def test_a_run_without_a_name_is_said_to_have_none(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1, runs=(Run(step=3),))
    (run,) = (fact for fact in facts.training(subject_in(world, "digits:1")) if fact.label == "run")
    assert run.text == "its name is not recorded, exported at step 3"


def test_gaps_are_counted_in_words() -> None:
    assert facts.gaps_in_words(12, 31) == "12 of 31 points are not known."
    assert facts.gaps_in_words(1, 31) == "1 of 31 points is not known."
    assert "each of 31" in facts.gaps_in_words(0, 31)


def test_the_code_s_changes_are_told_even_where_their_names_are_not(known: World) -> None:
    told = {fact.label: fact.text for fact in facts.code(subject_in(known, "digits:2"))}
    assert told["uncommitted changes"] == "there were some"
    assert "repository" not in told
