from __future__ import annotations

from tb_versions.payload.wire import wire_number
from tests.support.documented import said, subject_in
from tests.support.world import World


def test_each_number_says_where_it_came_from(known: World) -> None:
    origins = {number.key: number.origin for number in subject_in(known, "digits:2").numbers}
    assert origins == {
        "val_accuracy": "training log (run mlp, tag val_accuracy, step 300)",
        "tiny": "typed in, or not said",
        "broken": "typed in, or not said",
        "accuracy [digits-test]": "evaluated on the export",
    }


def test_numbers_are_those_of_the_manifest(known: World) -> None:
    found = {number.key: str(wire_number(number.value)) for number in subject_in(known, "digits:2").numbers}
    assert found == {"val_accuracy": "0.8", "tiny": "1e-07", "broken": "NaN", "accuracy [digits-test]": "0.81"}


def test_a_value_that_only_the_curve_has_is_that_of_the_export(world: World) -> None:
    world.version("digits", 3, run="mlp", step=200)
    (number,) = subject_in(world, "digits:3").numbers
    assert (number.name, round(number.value, 6), number.source, number.step) == ("val_accuracy", 0.7, "run", 200)
    assert number.origin == "from the run (run mlp, tag val_accuracy, step 200)"


def test_what_was_measured_later_is_told_with_time_and_source(world: World) -> None:
    said(world, "record", "digits:2", "accuracy=0.7", "--dataset", "clinic", "--source", "monitoring",
         "--actor", "jane", "--time", "2026-11-29T10:00Z")  # fmt: skip
    later = [number for number in subject_in(world, "digits:2").numbers if number.source == "measured"]
    assert [(number.key, number.value) for number in later] == [("accuracy [clinic]", 0.7)]
    assert later[0].origin == "measured later (monitoring, person 1, 2026-11-29 10:00:00 UTC)"


def test_slices_are_worst_first(known: World) -> None:
    assert [number.slice for number in subject_in(known, "digits:2").slices] == ["one", "zero"]


def test_what_must_not_leave_does_not(known: World) -> None:
    told = repr(subject_in(known, "digits:2"))
    for secret in ("s3cr3t", "jane", "git.internal", "a.py", str(known.models)):
        assert secret not in told, secret


def test_what_was_taken_out_is_said(known: World) -> None:
    told = " ".join(subject_in(known, "digits:2").left_out)
    for kind in ("Addresses of repositories", "Names of changed files", "Passwords, tokens", "Paths and home folders"):
        assert kind in told, kind


def test_what_is_included_on_purpose_stays(known: World) -> None:
    code = subject_in(known, "digits:2", include=("hosts",)).manifest.code
    assert code is not None
    assert "git.internal.corp" in code.remote


def test_a_pattern_of_the_author_masks_every_text(known: World) -> None:
    told = repr(subject_in(known, "digits:2", redact=["adam", "mlp"]))
    assert "adam" not in told
    assert "mlp" not in told


def test_people_are_numbers_in_events(world: World) -> None:
    said(world, "promote", "digits:2", "--alias", "production", "--reason", "jane is sure", "--actor", "jane")
    (event,) = subject_in(world, "digits:2").events
    assert (event.actor, event.words, event.reason) == (
        "person 1", "was given the alias production", "person 1 is sure",
    )  # fmt: skip


def test_the_curve_is_that_of_the_lead_metric(known: World) -> None:
    curve = subject_in(known, "digits:2").curve
    assert curve is not None
    assert (curve.name, curve.run, curve.step, len(curve.points.steps)) == ("val_accuracy", "mlp", 300, 21)


def test_of_a_version_of_which_nothing_is_known_nothing_is_told(known: World) -> None:
    subject = subject_in(known, "bare:7")
    assert (subject.numbers, subject.curve, subject.before, subject.hyperparameters) == ((), None, None, {})


def test_an_alias_of_a_version_that_is_not_what_was_promoted_is_told_with_that(world: World) -> None:
    said(world, "promote", "digits:2", "--alias", "production", "--reason", "x", "--actor", "jane")
    assert subject_in(world, "digits:2").aliases == ("production",)
    world.version("digits", 2, description="another model")
    assert subject_in(world, "digits:2").aliases == ("production (not what was promoted)",)


def test_approvals_and_verifications_of_another_manifest_are_not_told(world: World) -> None:
    said(world, "approve", "digits:2", "--reason", "x", "--actor", "jane")
    said(world, "verify", "digits:2", "--record")
    assert {"approvals", "verified"} <= subject_in(world, "digits:2").said.keys()
    world.version("digits", 2, description="another model")
    assert not {"approvals", "verified"} & subject_in(world, "digits:2").said.keys()


def test_a_log_that_can_not_be_read_is_said(world: World) -> None:
    said(world, "promote", "digits:2", "--alias", "production", "--reason", "x", "--actor", "jane")
    (event,) = (world.models / "digits/.versions/log").glob("*.json")
    event.write_text("{")
    subject = subject_in(world, "digits:2")
    assert subject.aliases == ()
    assert "the last that is known" in " ".join(subject.problems)


def test_who_removed_a_version_is_a_number(world: World) -> None:
    said(world, "remove", "digits:2", "--reason", "jane saw it fail", "--actor", "jane")
    subject = subject_in(world, "digits:2")
    assert subject.state == "removed"
    assert "person 1 removed its files" in subject.notice
    assert "jane" not in repr(subject)
