"""Rules with answers that are known beforehand, over real manifests, logs and measurements on disk."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Code, Dataset, Metric, Parent
from tests.support.gating import DIGEST, OTHER_DIGEST, accuracy, checked, saved_model
from tests.support.logs import append, store_of
from tests.support.world import World

NAN, INF = float("nan"), float("inf")
TRAIN = (Dataset(name="digits", split="train", digest=DIGEST),)
OTHER_TRAIN = (Dataset(name="digits", split="train", digest=OTHER_DIGEST),)
UNKNOWN_TRAIN = (Dataset(name="digits", split="train"),)
VOCABULARY = {"saved_model.pb": b"graph", "assets/words.txt": b"one"}
PLAIN = {"files": {"model.bin": b"x"}}
OTHER_VOCABULARY = {"saved_model.pb": b"graph", "assets/words.txt": b"two"}


@dataclass(frozen=True)
class Case:
    """A rule, what versions 1 and 2 say, and what comes of it for version 2."""

    rule: str
    verdict: str
    why: str = ""
    old: Mapping[str, Any] = field(default_factory=dict)
    new: Mapping[str, Any] = field(default_factory=dict)
    head: str = 'against = "digits:1"'


def of(*metrics: Metric, **more: Any) -> dict[str, Any]:
    return {"metrics": metrics, **more}


def night(value: float, **more: Any) -> Metric:
    return accuracy(value, dataset="test", slice="night", **more)


CASES = {
    # A value.
    "value at the limit": Case('metric = "accuracy"\nat_least = 0.95', "passed", new=of(accuracy(0.95))),
    "value above": Case('metric = "accuracy"\nabove = 0.95', "failed", new=of(accuracy(0.95))),
    "value below": Case('metric = "accuracy"\nbelow = 0.95', "passed", new=of(accuracy(0.9))),
    "value too high": Case('metric = "loss"\nat_most = 0.1', "failed", new=of(Metric(name="loss", value=0.2))),
    "unknown metric": Case(
        'metric = "f1"\nat_least = 0.9', "not known", "digits:2 has no metric f1.", new=of(accuracy(0.9))
    ),
    "NaN": Case('metric = "accuracy"\nat_least = 0.9', "failed", "no finite number", new=of(accuracy(NAN))),
    "NaN is not below": Case('metric = "accuracy"\nat_most = 0.9', "failed", "no finite number", new=of(accuracy(NAN))),
    "infinite": Case('metric = "accuracy"\nat_least = 0.9', "failed", "no finite number", new=of(accuracy(INF))),
    "missing slice": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nat_least = 0.9',
        "not known",
        "it has accuracy [test/day]",
        new=of(accuracy(0.95, dataset="test", slice="day")),
    ),
    "slice": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nat_least = 0.9',
        "passed",
        new=of(accuracy(0.95, dataset="test", slice="night")),
    ),
    "worse on a slice": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nworse_by_at_most = 0.01',
        "failed",
        "0.9 against 0.95 of digits:1: 0.05 worse.",
        old=of(night(0.95)),
        new=of(night(0.9)),
    ),
    "worse on a slice within its intervals": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nworse_by_at_most = 0\nbeyond_noise = true',
        "passed",
        "The intervals overlap",
        old=of(night(0.95, lower=0.9, upper=0.98, confidence=0.95)),
        new=of(night(0.94, lower=0.89, upper=0.97, confidence=0.95)),
    ),
    "worse on a slice without intervals": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nworse_by_at_most = 0\nbeyond_noise = true',
        "not known",
        "neither value has an interval",
        old=of(night(0.95)),
        new=of(night(0.94)),
    ),
    "slices of other sources": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "night"\nworse_by_at_most = 0',
        "not known",
        "different origins",
        old=of(night(0.95)),
        new=of(night(0.96, source="log")),
    ),
    "other dataset": Case(
        'metric = "accuracy"\ndataset = "test"\nat_least = 0.9',
        "not known",
        "it has accuracy [validation]",
        new=of(accuracy(0.95, dataset="validation")),
    ),
    "dataset that no rule asked for": Case(
        'metric = "accuracy"\nat_least = 0.9',
        "not known",
        "it has accuracy [validation]",
        new=of(accuracy(0.95, dataset="validation")),
    ),
    # A change.
    "better": Case('metric = "accuracy"\nbetter_by = 0', "passed", old=of(accuracy(0.9)), new=of(accuracy(0.91))),
    "equal is not better": Case(
        'metric = "accuracy"\nbetter_by = 0', "failed", old=of(accuracy(0.9)), new=of(accuracy(0.9))
    ),
    "better by too little": Case(
        'metric = "accuracy"\nbetter_by = 0.02', "failed", old=of(accuracy(0.9)), new=of(accuracy(0.91))
    ),
    "better by just enough": Case(
        'metric = "accuracy"\nbetter_by = 0.01', "passed", old=of(accuracy(0.94)), new=of(accuracy(0.95))
    ),
    "better by a share": Case(
        'metric = "accuracy"\nbetter_by = "10 %"', "passed", old=of(accuracy(0.5)), new=of(accuracy(0.55))
    ),
    "equal is not worse": Case(
        'metric = "accuracy"\nworse_by_at_most = 0', "passed", old=of(accuracy(0.9)), new=of(accuracy(0.9))
    ),
    "worse by just what is allowed": Case(
        'metric = "accuracy"\nworse_by_at_most = 0.01', "passed", old=of(accuracy(0.95)), new=of(accuracy(0.94))
    ),
    "worse by a share": Case(
        'metric = "accuracy"\nworse_by_at_most = "1 %"', "failed", old=of(accuracy(0.9)), new=of(accuracy(0.88))
    ),
    "a lower loss is better": Case(
        'metric = "loss"\nbetter_by = 0.05',
        "passed",
        "guessed from the name",
        old=of(Metric(name="loss", value=0.3)),
        new=of(Metric(name="loss", value=0.2)),
    ),
    "unknown direction": Case(
        'metric = "wibble"\nworse_by_at_most = 0',
        "not known",
        "add goal",
        old=of(Metric(name="wibble", value=1.0)),
        new=of(Metric(name="wibble", value=2.0)),
    ),
    "direction that the rule says": Case(
        'metric = "wibble"\ngoal = "min"\nworse_by_at_most = 0',
        "failed",
        old=of(Metric(name="wibble", value=1.0)),
        new=of(Metric(name="wibble", value=2.0)),
    ),
    "manifests that disagree on the direction": Case(
        'metric = "wibble"\nworse_by_at_most = 0',
        "not known",
        "disagree",
        old=of(Metric(name="wibble", value=1.0, goal="min")),
        new=of(Metric(name="wibble", value=2.0, goal="max")),
    ),
    "unknown noise": Case(
        'metric = "accuracy"\nbetter_by = 0\nbeyond_noise = true',
        "not known",
        "The noise is not known",
        old=of(accuracy(0.9)),
        new=of(accuracy(0.99)),
    ),
    "worse, and the noise is not known": Case(
        'metric = "accuracy"\nworse_by_at_most = 0\nbeyond_noise = true',
        "not known",
        "The noise is not known",
        old=of(accuracy(0.9)),
        new=of(accuracy(0.89)),
    ),
    "metric that the baseline lacks": Case(
        'metric = "accuracy"\nbetter_by = 0', "not known", "digits:1 has no metric accuracy", new=of(accuracy(0.9))
    ),
    "NaN of the baseline": Case(
        'metric = "accuracy"\nbetter_by = 0', "not known", "NaN", old=of(accuracy(NAN)), new=of(accuracy(0.9))
    ),
    "NaN against a number": Case(
        'metric = "accuracy"\nworse_by_at_most = 1', "failed", "NaN", old=of(accuracy(0.9)), new=of(accuracy(NAN))
    ),
    "measured on other data of one name": Case(
        'metric = "val_accuracy"\nbetter_by = 0',
        "not known",
        "different data",
        old=of(
            Metric(name="val_accuracy", value=0.8), datasets=(Dataset(name="d", split="validation", digest=DIGEST),)
        ),
        new=of(
            Metric(name="val_accuracy", value=0.9),
            datasets=(Dataset(name="d", split="validation", digest=OTHER_DIGEST),),
        ),
    ),
    "numbers of different origin": Case(
        'metric = "accuracy"\nbetter_by = 0',
        "not known",
        "different origins",
        old=of(accuracy(0.8, source="log")),
        new=of(accuracy(0.9, source="evaluated")),
    ),
    "no slice at all": Case(
        'metric = "accuracy"\ndataset = "test"\nslice = "*"\nat_least = 0.5',
        "not known",
        "of a slice",
        new=of(accuracy(1)),
    ),
    "no baseline named": Case(
        'metric = "accuracy"\nbetter_by = 0', "not known", "add against", new=of(accuracy(0.9)), head=""
    ),
    "empty alias": Case(
        'metric = "accuracy"\nbetter_by = 0',
        "not known",
        "digits@production names no version.",
        new=of(accuracy(0.9)),
        head='against = "production"',
    ),
    "empty alias that is allowed": Case(
        'metric = "accuracy"\nbetter_by = 0',
        "passed",
        "that is allowed",
        new=of(accuracy(0.9)),
        head='against = "production"\nwithout_baseline = "pass"',
    ),
    "the version is the baseline": Case(
        'metric = "accuracy"\nworse_by_at_most = 0',
        "not known",
        "digits:2 itself",
        new=of(accuracy(0.9)),
        head='against = "digits:2"',
    ),
    "baseline that never was": Case(
        'metric = "accuracy"\nworse_by_at_most = 0',
        "not known",
        "no version",
        new=of(accuracy(0.9)),
        head='against = "digits:9"\nwithout_baseline = "pass"',
    ),
    "parent": Case(
        'metric = "accuracy"\nbetter_by = 0',
        "passed",
        "of digits:1",
        old=of(accuracy(0.8)),
        new=of(accuracy(0.9), parents=(Parent(model="digits", number=1, relation="fine_tuned_from"),)),
        head='against = "parent"',
    ),
    "no parent": Case(
        'metric = "accuracy"\nbetter_by = 0', "not known", "no parent", new=of(accuracy(0.9)), head='against = "parent"'
    ),
    # What it is.
    "small enough": Case('fact = "size"\nat_most = "1 kB"', "passed"),
    "too large": Case('fact = "size"\nat_most = 3', "failed", "bytes"),
    "grew too much": Case(
        'fact = "size"\ngrows_by_at_most = "5 %"',
        "failed",
        old={"files": {"saved_model.pb": b"x" * 100}},
        new={"files": {"saved_model.pb": b"x" * 106}},
    ),
    "shrank": Case(
        'fact = "size"\ngrows_by_at_most = 0',
        "passed",
        old={"files": {"saved_model.pb": b"x" * 100}},
        new={"files": {"saved_model.pb": b"x" * 50}},
    ),
    "number of files": Case('fact = "files"\nat_most = 1', "failed"),
    "parameters": Case('fact = "parameters"\nat_most = 1000', "passed", new={"saved_model": saved_model("x")}),
    "unknown parameters": Case('fact = "parameters"\nat_most = 1000', "not known", "parameters"),
    # What must not change.
    "same signature": Case(
        'unchanged = "signature"',
        "passed",
        old={"saved_model": saved_model("x")},
        new={"saved_model": saved_model("x")},
    ),
    "breaking signature": Case(
        'unchanged = "signature"',
        "failed",
        "digits:1",
        old={"saved_model": saved_model("x")},
        new={"saved_model": saved_model("x", "y")},
    ),
    "unknown signature": Case('unchanged = "signature"', "not known", new={"saved_model": saved_model("x")}),
    "no assets": Case('unchanged = "preprocessing"', "passed", "neither has any", old=PLAIN, new=PLAIN),
    "no SavedModels": Case(
        'unchanged = "preprocessing"',
        "not known",
        "Only SavedModels",
        old={**PLAIN, "format": "files"},
        new={**PLAIN, "format": "files"},
    ),
    "same vocabulary": Case(
        'unchanged = "preprocessing"', "passed", old={"files": VOCABULARY}, new={"files": VOCABULARY}
    ),
    "other vocabulary": Case(
        'unchanged = "preprocessing"',
        "failed",
        "assets/words.txt",
        old={"files": VOCABULARY},
        new={"files": OTHER_VOCABULARY},
    ),
    "same training data": Case('unchanged = "dataset"', "passed", old={"datasets": TRAIN}, new={"datasets": TRAIN}),
    "other training data": Case(
        'unchanged = "dataset"', "failed", old={"datasets": TRAIN}, new={"datasets": OTHER_TRAIN}
    ),
    "training data without digest": Case(
        'unchanged = "dataset"', "not known", "is not known", old={"datasets": TRAIN}, new={"datasets": UNKNOWN_TRAIN}
    ),
    # What must be there.
    "dataset digest": Case('required = "dataset_digest"', "passed", new={"datasets": TRAIN}),
    "no dataset digest": Case('required = "dataset_digest"', "not known", new={"datasets": UNKNOWN_TRAIN}),
    "clean commit": Case('required = "clean_commit"', "passed", new={"code": Code(commit="c" * 40, dirty=False)}),
    "dirty commit": Case('required = "clean_commit"', "failed", new={"code": Code(commit="c" * 40, dirty=True)}),
    "commit of an unknown tree": Case('required = "clean_commit"', "not known", new={"code": Code(commit="c" * 40)}),
    "no commit": Case('required = "clean_commit"', "not known"),
    "description": Case('required = "description"', "passed", new={"description": "Better."}),
    "no description": Case('required = "description"', "failed"),
    "owner": Case('required = "label:owner"', "passed", new={"labels": {"owner": "anna"}}),
    "no owner": Case('required = "label:owner"', "failed", "owner"),
    "verified files": Case("verified = true", "passed"),
    "no replay": Case("replayed = true", "not known", "not replayed"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_comes_out_as_it_must(case: Case, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1, **case.old)
    world.version("digits", 2, **case.new)
    (found,) = checked(world, case.rule, head=case.head).findings
    assert found.verdict == case.verdict, found
    assert case.why in f"{found.why} {found.found}"
    assert found.wanted


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`digits:1` to `digits:3`; the first is in production."""
    made = World(tmp_path)
    for number, value in enumerate((0.90, 0.95, 0.93), 1):
        made.version("digits", number, metrics=(accuracy(value),))
    tbv.promote("digits:1", made.models, alias="production")
    return made


PRODUCTION = 'against = "production"'
BETTER = 'metric = "accuracy"\nbetter_by = 0.01'


def test_the_alias_leads_to_the_version_that_has_it_now(world: World) -> None:
    (found,) = checked(world, BETTER, head=PRODUCTION).findings
    assert (found.verdict, found.baseline, round(found.margin or 0, 9)) == ("passed", "digits:1", 0.04)
    tbv.promote("digits:3", world.models, alias="production")
    (found,) = checked(world, 'metric = "accuracy"\nbetter_by = 0.03', head=PRODUCTION).findings
    assert (found.verdict, found.baseline) == ("failed", "digits:3")


def test_an_earlier_holder_can_be_the_baseline(world: World) -> None:
    tbv.promote("digits:2", world.models, alias="production")
    (found,) = checked(world, BETTER, head='against = "production~1"').findings
    assert (found.verdict, found.baseline) == ("passed", "digits:1")


def test_a_removed_baseline_is_not_known(world: World) -> None:
    tbv.unalias("digits", world.models, alias="production")
    tbv.promote("digits:3", world.models, alias="staging")
    tbv.unalias("digits", world.models, alias="staging")
    tbv.remove("digits:3", world.models)
    (found,) = checked(world, BETTER, head='against = "digits:3"').findings
    assert found.verdict == "not known"
    assert "removed" in found.why


def test_a_damaged_log_gives_no_answer(world: World) -> None:
    (entry,) = (world.models / "digits/.versions/log").glob("*.json")
    entry.write_text("{}")
    with pytest.raises(tbv.DamagedLogError):
        checked(world, BETTER, head=PRODUCTION)


def test_changed_files_are_not_verified(world: World) -> None:
    (world.models / "digits/2/saved_model.pb").write_bytes(b"digits X")
    (found,) = checked(world, "verified = true").findings
    assert (found.verdict, found.found) == ("failed", "no")
    assert "saved_model.pb" in found.why


def test_a_value_that_only_the_curve_has_is_not_known(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("run", "accuracy", [(step, 0.9) for step in range(1, 30)])
    world.version("digits", 1)
    world.version("digits", 2, run="run", step=20)
    (found,) = checked(world, 'metric = "accuracy"\nat_least = 0.5', logdir=world.logs).findings
    assert found.verdict == "not known"
    assert "Only the curve of its run" in found.why


@pytest.mark.parametrize(("value", "verdict"), [(0.99, "passed"), (0.9005, "failed")])
def test_beyond_noise_is_the_verdict_of_the_comparison(value: float, verdict: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, end in ((1, 0.9), (2, value)):
        wobble = [end + (0.004 if step * step % 7 > 3 else -0.004) for step in range(200)]
        world.scalars(f"run-{number}", "accuracy", enumerate([*wobble, end]))
        own = Metric(
            name="accuracy", value=end, goal="max", source="log", step=200, run=f"run-{number}", tag="accuracy"
        )
        world.version("digits", number, run=f"run-{number}", step=200, metrics=(own,), hyperparameters={"lr": number})
    (found,) = checked(world, 'metric = "accuracy"\nbetter_by = 0\nbeyond_noise = true', logdir=world.logs).findings
    assert found.verdict == verdict, found
    comparison = tbv.compare(["digits:1", "digits:2"], models_dir=world.models, logdir=world.logs)
    cell = comparison.row("metrics", "accuracy").cells[1]
    assert cell.details["noise"]["words"] in found.why
    assert (cell.verdict == "better") == (verdict == "passed")


def test_a_loss_within_noise_is_no_loss(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, end in ((1, 0.9005), (2, 0.9)):
        wobble = [end + (0.004 if step * step % 7 > 3 else -0.004) for step in range(200)]
        world.scalars(f"run-{number}", "accuracy", enumerate([*wobble, end]))
        own = Metric(
            name="accuracy", value=end, goal="max", source="log", step=200, run=f"run-{number}", tag="accuracy"
        )
        world.version("digits", number, run=f"run-{number}", step=200, metrics=(own,), hyperparameters={"lr": number})
    plain = 'metric = "accuracy"\nworse_by_at_most = 0'
    found = checked(world, plain, f"{plain}\nbeyond_noise = true", logdir=world.logs).findings
    assert [each.verdict for each in found] == ["failed", "passed"]


def test_every_slice_of_either_version_is_judged(tmp_path: Path) -> None:
    world = World(tmp_path)
    old = [accuracy(0.9, dataset="test", slice=part) for part in ("day", "night")]
    new = [accuracy(0.9, dataset="test", slice=part) for part in ("day", "fog")]
    world.version("digits", 1, metrics=tuple(old))
    world.version("digits", 2, metrics=tuple(new))
    found = checked(world, 'metric = "accuracy"\ndataset = "test"\nslice = "*"\nworse_by_at_most = 0').findings
    assert {each.rule: each.verdict for each in found} == {
        "accuracy [test/day]": "passed",
        "accuracy [test/fog]": "not known",
        "accuracy [test/night]": "not known",
    }


PARTS = 'metric = "accuracy"\ndataset = "test"\nslice = "*"'


def slices(*parts: str, dataset: str = "test", name: str = "accuracy") -> tuple[Metric, ...]:
    return tuple(Metric(name=name, value=0.9, goal="max", dataset=dataset, slice=part) for part in parts)


@pytest.mark.parametrize(
    "wanted", ["at_least = 0.6", "above = 0.6", "at_least = 0.6\nat_most = 1", "worse_by_at_most = 1"]
)
@pytest.mark.parametrize("against", ["digits:1", "production", "parent", "digits@production"])
def test_a_slice_that_only_the_baseline_has_is_not_known(tmp_path: Path, wanted: str, against: str) -> None:
    world = World(tmp_path)
    world.version(
        "digits", 1, metrics=(*slices("day", "night"), *slices("fog", dataset="other"), *slices("x", name="f1"))
    )
    world.version("digits", 2, metrics=slices("day"), parents=(Parent(model="digits", number=1),))
    tbv.promote("digits:1", world.models, alias="production")
    for head, rule in ((f'against = "{against}"', PARTS), ("", f'{PARTS}\nagainst = "{against}"')):
        result = checked(world, f"{rule}\n{wanted}", head=head)
        assert {(each.rule, each.verdict) for each in result.findings} == {
            ("accuracy [test/day]", "passed"),
            ("accuracy [test/night]", "not known"),
        }
        assert not result.passed
        assert [each.version for each in result.baselines] == ["digits:1"]


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("", ""),
        ('against = "production"', ""),
        ('against = "digits:2"', ""),
        ('against = "promotion"', ""),
        ('against = "parent"', "names no parent"),
        ('against = "prodution"', "Did you mean production?"),
        ('against = "digits:7"', 'no version "7"'),
    ],
)
def test_without_a_baseline_the_slices_of_the_version_count(tmp_path: Path, head: str, why: str) -> None:
    world = World(tmp_path)
    world.version("digits", 1, metrics=slices("day", "night"))
    world.version("digits", 2, metrics=slices("day"))
    result = checked(world, f"{PARTS}\nat_least = 0.6", head=head)
    assert [each.verdict for each in result.findings] == ["passed", *["not known"] * bool(why)]
    assert why in result.findings[-1].why


def test_too_many_slices_do_not_pass_unseen(tmp_path: Path) -> None:
    world = World(tmp_path)
    metrics = tuple(accuracy(0.9, dataset="test", slice=f"s{number}") for number in range(400))
    world.version("digits", 1)
    world.version("digits", 2, metrics=metrics)
    result = checked(world, 'metric = "accuracy"\ndataset = "test"\nslice = "*"\nat_least = 0.5')
    assert len(result.findings) == 300
    assert not result.passed
    assert "101 more results" in result.findings[-1].why


DAY = 86_400


def measured(world: World, value: float, days_ago: float, **more: Any) -> None:
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - days_ago * DAY))
    options = {"source": "monitoring", "goals": {"accuracy": "max"}, **more}
    tbv.record("digits:1", world.models, {"accuracy": value}, time=moment, **options)


MONITORED = 'metric = "accuracy"\nsource = "monitoring"\n'
SINCE = -0.001
"""Days ago, just after the promotion: within what clocks may differ."""

DRIFT = f'{MONITORED}worse_by_at_most = 0.02\nmax_age = "7d"\nagainst = "promotion"'


@pytest.mark.parametrize(
    ("value", "days_ago", "verdict"),
    [
        (0.89, SINCE, "passed"),
        (0.87, SINCE, "failed"),
        (0.95, 8, "not known"),
        (0.95, -0.9, "not known"),
        (NAN, SINCE, "failed"),
    ],
)
def test_monitoring_decides_against_the_promotion(value: float, days_ago: float, verdict: str, world: World) -> None:
    measured(world, value, days_ago)
    result = checked(world, DRIFT, ref="digits@production", head="", on="monitoring")
    (found,) = result.findings
    assert found.verdict == verdict, found
    assert result.passed == (verdict == "passed")


def test_a_value_from_before_the_promotion_is_not_compared_with_itself(world: World) -> None:
    measured(world, 0.1, 1)
    (found,) = checked(world, DRIFT, ref="digits@production", head="", on="monitoring").findings
    assert found.verdict == "not known"
    assert "Nothing was measured since the promotion" in found.why


def test_monitoring_compares_with_the_last_value_before_the_promotion(world: World) -> None:
    measured(world, 0.80, 1)  # before the promotion, which was just now
    measured(world, 0.79, -0.001)
    (found,) = checked(world, DRIFT, ref="digits@production", head="", on="monitoring").findings
    assert found.verdict == "passed", found
    assert "at promotion" in found.why


def test_a_newer_file_that_cannot_be_read_may_have_another_value(world: World) -> None:
    measured(world, 0.95, 1)
    folder = world.models / "digits/.versions/measured"
    (folder / f"{0:015}-{'0' * 32}.json").write_text("{")
    rule = f"{MONITORED}at_least = 0.5"
    assert checked(world, rule, ref="digits:1", head="").passed
    (folder / f"{time.time_ns() // 1_000_000:015}-{'0' * 32}.json").write_text("{")
    (found,) = checked(world, rule, ref="digits:1", head="").findings
    assert (found.verdict, "can't be read" in found.why) == ("not known", True), found


def test_data_at_promotion_are_not_those_of_another_name(world: World) -> None:
    measured(world, 0.80, 1, dataset="x")
    measured(world, 0.79, SINCE, dataset="y")
    (found,) = checked(world, DRIFT, ref="digits@production", head="", on="monitoring").findings
    assert found.verdict == "not known", found
    assert "different data" in found.why


@pytest.mark.parametrize(("goal", "said"), [("min", ""), ("", "max"), ("", "min")])
def test_the_goal_of_a_manifest_counts_before_a_guess_and_none_where_others_disagree(
    goal: str, said: str, tmp_path: Path
) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number, metrics=(Metric(name="score", value=0.2, goal=goal),))
    for number, value in ((1, 0.2), (2, 0.9)):
        tbv.record(
            f"digits:{number}", world.models, {"score": value}, source="s", goals={"score": said} if said else {}
        )
    (found,) = checked(world, 'metric = "score"\nsource = "s"\nworse_by_at_most = 0').findings
    assert found.verdict == ("passed" if said == "max" else "failed"), found
    (found,) = checked(
        world, f'metric = "score"\nsource = "s"\nworse_by_at_most = 0\ngoal = "{OTHER[goal or said]}"'
    ).findings
    assert (found.verdict, "disagree" in found.why) == ("not known", True), found


OTHER = {"max": "min", "min": "max"}


def test_a_rule_that_says_another_goal_than_the_manifest_passes_nothing(world: World) -> None:
    for rule in ("worse_by_at_most = 1", "better_by = 0"):
        (found,) = checked(world, f'metric = "accuracy"\n{rule}\ngoal = "min"').findings
        assert (found.verdict, "disagree" in found.why) == ("not known", True), found


def test_a_version_that_was_not_monitored_is_not_known(world: World) -> None:
    (found,) = checked(world, DRIFT, ref="digits@production", head="", on="monitoring").findings
    assert (found.verdict, found.why) == ("not known", 'accuracy was not measured by "monitoring".')


def test_another_source_does_not_count(world: World) -> None:
    measured(world, 0.95, 0, source="somebody")
    (found,) = checked(world, f"{MONITORED}at_least = 0.5", ref="digits:1", head="").findings
    assert found.verdict == "not known"
    assert "somebody" in found.why


def test_what_was_measured_of_another_manifest_does_not_count(world: World) -> None:
    measured(world, 0.95, 0)
    world.version("digits", 1, metrics=(accuracy(0.91),))
    (found,) = checked(world, f"{MONITORED}at_least = 0.5", ref="digits:1", head="").findings
    assert found.verdict == "not known"


def test_without_an_alias_there_is_no_promotion(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.9}, source="monitoring")
    (found,) = checked(world, DRIFT, head="").findings
    assert found.verdict == "not known"
    assert "no alias" in found.why


def test_other_data_of_the_baseline_is_not_compared(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.9}, source="offline", dataset="a")
    tbv.record("digits:1", world.models, {"accuracy": 0.8}, source="offline", dataset="b")
    rule = 'metric = "accuracy"\nsource = "offline"\nbetter_by = 0'
    (found,) = checked(world, rule).findings
    assert found.verdict == "not known"
    assert "different data" in found.why
    tbv.record("digits:1", world.models, {"accuracy": 0.8}, source="offline", dataset="a")
    (found,) = checked(world, rule).findings
    assert found.verdict == "passed"


@pytest.mark.parametrize(("data", "verdict"), [({"ok": True}, "passed"), ({"ok": False}, "failed")])
def test_the_last_replay_counts(data: dict[str, Any], verdict: str, world: World) -> None:
    """An event as another writer would leave it, which says no more than it must."""
    from tests.support.logs import write

    write(store_of(world.models), 2, kind="replayed", critical=False, version=2, data=data)
    (found,) = checked(world, "replayed = true").findings
    assert found.verdict == verdict


def test_a_replay_of_another_manifest_does_not_count(world: World) -> None:
    from tests.support.logs import write

    write(store_of(world.models), 2, kind="replayed", critical=False, version=2, data={"ok": True}, manifest=DIGEST)
    (found,) = checked(world, "replayed = true").findings
    assert found.verdict == "not known"


def test_labels_and_descriptions_that_were_given_later_count(world: World) -> None:
    tbv.label("digits:2", world.models, key="owner", value="ben")
    tbv.describe("digits:2", world.models, text="Better.")
    found = checked(world, 'required = "label:owner"', 'required = "description"').findings
    assert [each.verdict for each in found] == ["passed", "passed"]


def test_what_an_unknown_event_says_changes_no_verdict(world: World) -> None:
    from tb_versions.registry.registry import Registry

    append(Registry(store_of(world.models)), "noted", 2, text="Looked at it.")
    (found,) = checked(world, BETTER, head=PRODUCTION).findings
    assert found.verdict == "passed"
