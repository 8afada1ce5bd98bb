"""The paragraph on top says what the rows say, and no more."""

from __future__ import annotations

from tb_versions.comparison import Sibling, compare_members
from tb_versions.core.manifest import Dataset, Environment, MetaGraph, SavedModel, Shape, Variable, VersionManifest
from tests.unit.comparison.making import member, metric, run_member, seeds, signature, tensor

SIGNATURE = signature([tensor("x", "float32", -1, 8)], [tensor("y", "float32", -1, 3)])


def manifest(number, *, tensorflow, digest="sha256:" + "d" * 64, signatures=(SIGNATURE,)):
    return VersionManifest(
        model="digits",
        number=number,
        digest=f"sha256:{number}",
        datasets=(Dataset(name="digits", split="train", digest=digest),),
        environment=Environment(tensorflow=tensorflow),
        saved_model=SavedModel(
            meta_graphs=(MetaGraph(tags=("serve",), ops={"MatMul": 1}, signatures=signatures),),
            variables=(Variable(name="kernel", dtype="float32", shape=Shape(dimensions=(8, 3))),),
        ),
    )


def version(number, value, *, others=(), lr=0.001, tensorflow="2.20.0", **fields):
    return member(
        f"digits:{number}",
        metric("loss", 1.0 / value, goal="min"),
        metric("val_accuracy", value),
        manifest=manifest(number, tensorflow=tensorflow, **fields),
        hyperparameters={"learning_rate": lr, "epochs": 3},
        siblings=seeds("val_accuracy", *others),
    )


def summary(*members, **options):
    return compare_members(members, **options).summary


def test_a_better_version_in_one_sentence():
    one = version(9, 0.9800, others=(0.9801, 0.9799))
    two = version(14, 0.9878, others=(0.9879, 0.9877), lr=0.0003, tensorflow="2.21.0")
    assert summary(one, two) == (
        "digits 14 has 0.78 points higher val_accuracy than digits 9, better, beyond seed noise, "
        "and 0.79 % lower loss, better, but how much of it is noise is not known; same architecture; "
        "learning_rate 0.001 → 0.0003; "
        "trained on the same data; with TensorFlow 2.21.0 instead of 2.20.0; serving clients are unaffected."
    )


def test_two_metrics_with_one_judgement_share_its_words():
    def made(number, accuracy):
        values = {"val_accuracy": accuracy, "val_auc": accuracy}
        siblings = tuple(
            Sibling(f"s{step}", {name: value + step for name, value in values.items()}) for step in (0.0001, -0.0001)
        )
        return member(f"m:{number}", *(metric(name, value) for name, value in values.items()), siblings=siblings)

    assert summary(made(1, 0.95), made(2, 0.97)).startswith(
        "m 2 has 2 points higher val_accuracy than m 1 and 2 points higher val_auc, both better, beyond seed noise"
    )


def test_older_software_is_named_like_newer():
    text = summary(version(1, 0.9, tensorflow="2.21.0"), version(2, 0.9, tensorflow="2.20.0"))
    assert "with TensorFlow 2.20.0 instead of 2.21.0" in text


def test_a_breaking_signature_is_named_with_its_reason():
    text = summary(version(1, 0.9), version(2, 0.9, signatures=()))
    assert "it breaks serving clients (serving_default: the signature is gone" in text


def test_equal_values_and_other_data():
    text = summary(version(1, 0.9), version(2, 0.9, digest="sha256:" + "e" * 64))
    assert "the same val_accuracy as digits 1, 0.9" in text
    assert "trained on data of the same name with other content" in text


def test_the_named_metrics_do_not_depend_on_how_they_came_out():
    worse, better = version(2, 0.5), version(3, 0.99)
    assert "lower val_accuracy" in summary(version(1, 0.9), worse)
    assert "higher val_accuracy" in summary(version(1, 0.9), better)


def test_where_nothing_is_known_it_says_so():
    assert summary(run_member("a"), run_member("b")) == "run b and run a have nothing in common that can be compared."


def test_more_members_have_a_sentence_each_and_the_rest_is_counted():
    text = summary(*(version(i, 0.9 + i / 100) for i in range(1, 7)))
    assert text.count(" has ") == 3
    assert text.endswith("2 more are in the table.")
    assert summary(*(version(i, 0.9 + i / 100) for i in range(1, 6))).endswith("1 more is in the table.")


def test_many_changed_hyperparameters_are_counted():
    one = member("m:1", hyperparameters=dict.fromkeys("abcde", 1))
    two = member("m:2", hyperparameters=dict.fromkeys("abcde", 2))
    assert "a 1 → 2, b 1 → 2, c 1 → 2 and 2 more hyperparameters" in summary(one, two)


def test_hostile_names_stay_text():
    text = summary(member("<b>\u202e:1", metric("acc", 0.5)), member("m:2", metric("acc", 0.6)))
    assert "<b>\\u{202e}" in text


def led(name, lead, *metrics):
    model, _, number = name.partition(":")
    return member(name, *metrics, manifest=VersionManifest(model=model, number=int(number), lead_metric=lead))


def test_the_lead_metric_of_the_baseline_is_named_first():
    def pair(lead, other=""):
        metrics = [metric("val_accuracy", 0.5), metric("f1", 0.5, dataset="test"), metric("cost", 2, goal="min")]
        return led("m:1", lead, *metrics), led("m:2", other, *metrics)

    for lead, other, first in (("cost", "", "cost"), ("", "cost", "cost"), ("f1", "cost", "f1 [test]")):
        assert summary(*pair(lead, other)).startswith(f"m 2 has the same {first} as m 1"), lead
    for lead in ("", "gone"):
        assert summary(*pair(lead)).startswith("m 2 has the same val_accuracy as m 1"), lead


def test_a_tensorflow_that_is_only_installed_is_not_told_of_other_models():
    members = [
        member(f"m:{n}", manifest=VersionManifest(model="m", number=n, environment=Environment(tensorflow=f"2.2{n}.0")))
        for n in (1, 2)
    ]
    assert "TensorFlow" not in summary(*members)
