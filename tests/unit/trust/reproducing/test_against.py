"""Two versions side by side: bytes, weights, numbers. Answers are in tests/faults, for they need TensorFlow."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.manifest import Metric, VersionManifest
from tb_versions.trust.reproducing.against import Against, Files, compare_with
from tests.support.checkpoints import checkpoint
from tests.support.savedmodel_bytes import small_model
from tests.unit.trust.reproducing.test_grading import COMPLETE


def files(folder: Path, *, weights: bytes = b"12345678", graph: bytes = b"", **changes: object) -> Files:
    """A SavedModel with one tensor, and its manifest."""
    checkpoint(folder, {"w": weights})
    (folder / "saved_model.pb").write_bytes(small_model() + graph)
    found = digest_files(folder, list_files(folder))
    manifest = replace(COMPLETE, format="saved_model", files=found, digest=version_digest(found), **changes)
    return Files(manifest, str(folder))


def metrics(**values: float) -> tuple[Metric, ...]:
    return tuple(Metric(name=name, value=value) for name, value in values.items())


def numbers(old: VersionManifest, new: VersionManifest, **options: object) -> Against:
    return compare_with(Files(old), Files(new), **options)  # type: ignore[arg-type]


def test_equal_files_are_the_same_bytes(tmp_path: Path) -> None:
    found = compare_with(files(tmp_path / "a"), files(tmp_path / "b"))
    assert (found.bytes, found.weights, found.ok, found.verdict, found.first) == (
        "same",
        "same",
        True,
        "the same bytes",
        "",
    )


def test_another_graph_with_equal_tensors_is_the_same_weights_and_the_file_is_named(tmp_path: Path) -> None:
    found = compare_with(files(tmp_path / "a"), files(tmp_path / "b", graph=b"\x82\x01\x00"))
    assert (found.bytes, found.weights, found.ok, found.verdict) == ("different", "same", True, "the same weights")
    assert found.weights_digests[0] == found.weights_digests[1] != ""
    assert any(note.startswith("saved_model.pb differs: an export may list its objects") for note in found.notes)
    assert any("equal weights alone do not prove" in note for note in found.notes)
    equal = compare_with(files(tmp_path / "c"), files(tmp_path / "d"))
    assert not any("equal weights alone" in note for note in equal.notes)


def test_other_tensors_are_other_weights_and_nothing_else_that_was_compared_makes_it_the_same(tmp_path: Path) -> None:
    found = compare_with(files(tmp_path / "a"), files(tmp_path / "b", weights=b"12345679"))
    assert (found.weights, found.ok, found.verdict) == ("different", False, "different")
    assert "1 of 1 tensors differ." in found.notes
    assert found.first.startswith("Nothing that is recorded differs but the results.")


def test_what_differs_first_is_named_with_what_is_not_known_before_it(tmp_path: Path) -> None:
    other = files(tmp_path / "b", weights=b"12345679", seeds={"set_seeds": 4}, datasets=())
    found = compare_with(files(tmp_path / "a"), other)
    assert found.first == (
        "What differs first is the seeds (whether data differed before is not known): set_seeds 3 → 4."
    )


def test_equal_numbers_make_it_the_same_metrics_where_files_are_not_here() -> None:
    old = replace(COMPLETE, metrics=metrics(accuracy=0.9, loss=math.nan))
    found = numbers(old, old)
    assert (found.weights, found.answers, found.ok) == ("not compared", "not compared", True)
    assert found.verdict == "the same metrics"


def test_nothing_to_compare_is_no_yes() -> None:
    found = numbers(COMPLETE, COMPLETE)
    assert (found.ok, found.verdict) == (False, "nothing was compared")


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        (0.9, 0.9 * (1 + 5e-7), "same"),
        (0.9, 0.9 * (1 + 5e-6), "different"),
        (0.0, 1e-12, "different"),
        (math.inf, 1.0, "different"),
        (1.0, math.inf, "different"),
        (1.0, math.nan, "different"),
        (math.inf, math.inf, "same"),
        (-math.inf, math.inf, "different"),
    ],
)
def test_a_metric_is_the_same_within_the_tolerance_only(before: float, now: float, verdict: str) -> None:
    old, new = (replace(COMPLETE, metrics=metrics(accuracy=value)) for value in (before, now))
    assert [number.verdict for number in numbers(old, new).numbers] == [verdict]


def test_a_difference_within_noise_is_no_difference_and_says_what_it_rests_on() -> None:
    old, new = (replace(COMPLETE, metrics=metrics(accuracy=value)) for value in (0.9, 0.91))
    found = numbers(old, new, noise={"accuracy": ("within noise", "By seeds.")})
    assert (found.ok, found.verdict, found.numbers[0].why) == (True, "metrics within noise", "By seeds.")
    found = numbers(old, new, noise={"accuracy": ("better", "By seeds.")})
    assert (found.ok, found.verdict) == (False, "different")


def test_a_metric_that_did_not_come_again_is_not_compared() -> None:
    found = numbers(replace(COMPLETE, metrics=metrics(accuracy=0.9)), COMPLETE)
    assert (found.numbers[0].verdict, found.ok, found.verdict) == ("not compared", False, "nothing was compared")


def test_slices_are_judged_by_their_intervals_and_decide_nothing() -> None:
    def of(value: float, **more: float) -> VersionManifest:
        part = Metric(name="accuracy", slice="digit:1", value=value, **more)  # type: ignore[arg-type]
        return replace(COMPLETE, metrics=(*metrics(accuracy=0.9), part))

    near = numbers(of(0.8, lower=0.7, upper=0.9), of(0.85, lower=0.75, upper=0.95))
    assert (near.numbers[1].verdict, near.ok) == ("within noise", True)
    far = numbers(of(0.2, lower=0.1, upper=0.3), of(0.85, lower=0.75, upper=0.95))
    assert (far.numbers[1].verdict, far.ok) == ("different", True)
    assert numbers(of(0.2), of(0.3)).numbers[1].verdict == "different"


def test_same_weights_with_other_metrics_are_not_ok(tmp_path: Path) -> None:
    first, second = files(tmp_path / "a", metrics=metrics(a=1.0)), files(tmp_path / "b", metrics=metrics(a=2.0))
    found = compare_with(first, second)
    assert (found.ok, found.verdict) == (False, "the same bytes, but different metrics")
