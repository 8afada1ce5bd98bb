from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import yaml

from tb_versions.core.manifest import Metric
from tb_versions.documents.card import card_of, eval_results, metadata
from tests.support.documented import said, subject_in
from tests.support.world import World


def load(card: str) -> object:
    """Hugging Face's own reader."""
    huggingface_hub = pytest.importorskip("huggingface_hub")
    return huggingface_hub.ModelCard(card)


def results(card: str) -> dict[tuple[str, str], object]:
    """Each result as Hugging Face reads it, by data set and metric."""
    return {(each.dataset_type, each.metric_name): each for each in load(card).data.eval_results}  # type: ignore[attr-defined]


def test_hugging_face_reads_every_number_as_it_is(known: World, tmp_path: Path) -> None:
    subject = subject_in(known, "digits:2")
    read = {key: each.metric_value for key, each in results(card_of(subject)).items()}  # type: ignore[attr-defined]
    wanted = {(n.dataset or "unknown", n.name): n.value for n in subject.numbers if math.isfinite(n.value)}
    assert read == wanted
    assert type(read["unknown", "tiny"]) is float


def test_hugging_face_writes_them_again_without_a_loss(known: World, tmp_path: Path) -> None:
    card = card_of(subject_in(known, "digits:2"))
    load(card).save(tmp_path / "README.md")  # type: ignore[attr-defined]
    again = (tmp_path / "README.md").read_text()
    values = [
        {key: (each.metric_value, each.metric_args, each.verified) for key, each in results(text).items()}  # type: ignore[attr-defined]
        for text in (card, again)
    ]
    assert values[0] == values[1]


def test_every_result_says_where_it_came_from_and_none_is_called_verified(known: World) -> None:
    found = results(card_of(subject_in(known, "digits:2")))
    assert found["digits-test", "accuracy"].metric_args == {"source": "evaluated on the export"}  # type: ignore[attr-defined]
    assert {each.verified for each in found.values()} == {False}  # type: ignore[attr-defined]
    assert {each.verify_token for each in found.values()} == {None}  # type: ignore[attr-defined]
    assert "verifyToken" not in card_of(subject_in(known, "digits:2"))


def test_labels_fill_what_has_no_other_source(known: World) -> None:
    found = metadata(subject_in(known, "digits:2"))
    assert (found["license"], found["pipeline_tag"]) == ("mit", "image-classification")
    assert found["model-index"][0]["results"][0]["task"] == {"type": "image-classification"}


def test_what_nobody_said_is_unknown_in_the_metadata_and_not_made_up(known: World) -> None:
    found = metadata(subject_in(known, "digits:1"))
    assert "license" not in found
    (result,) = found["model-index"][0]["results"]
    assert (result["task"], result["dataset"]) == ({"type": "unknown"}, {"name": "unknown", "type": "unknown"})


def test_without_a_number_there_is_no_model_index_and_the_card_says_so(known: World) -> None:
    card = card_of(subject_in(known, "bare:7"))
    assert "model-index" not in card
    assert "No metric over whole data is known" in card
    assert "A description is not known." in card


def test_what_is_no_number_is_in_the_text_and_not_in_the_metadata(known: World) -> None:
    card = card_of(subject_in(known, "digits:2"))
    head, body = card.split("\n---\n", 1)
    assert "broken" not in head
    assert "| broken | NaN |" in body


def test_a_hostile_description_stays_a_quotation(known: World) -> None:
    card = card_of(subject_in(known, "digits:2"))
    head, body = re.fullmatch(r"---\n(.*?)\n---\n(.*)", card, re.DOTALL).groups()  # type: ignore[union-attr]
    assert yaml.safe_load(head)["model-index"] != []
    assert "<script" not in body
    assert "![x](" not in body
    assert "> \\---" in body


def test_what_is_not_known_is_counted_and_listed(known: World) -> None:
    card = card_of(subject_in(known, "bare:7"))
    count, of = re.search(r"(\d+) of (\d+) points are not known", card).groups()  # type: ignore[union-attr]
    listed = card.split("## What is not known\n\n")[1].split("\n\n")[0].splitlines()
    assert len(listed) == int(count) < int(of)


def test_the_comparison_says_with_what_and_whether_it_is_noise(known: World) -> None:
    card = card_of(subject_in(known, "digits:2"))
    assert "With digits:1: this version is fine-tuned from it." in card
    assert "20 points higher val\\_accuracy than digits 1" in card
    assert re.search(r"noise", card.split("## Compared")[1])


def test_a_picture_is_named_where_there_is_one(known: World) -> None:
    subject = subject_in(known, "digits:2")
    assert "](training-curve.svg)" in card_of(subject, picture="training-curve.svg")
    assert "![" not in card_of(subject)


def test_a_deprecated_version_says_so_above_all(world: World) -> None:
    said(world, "deprecate", "digits:2", "--reason", "wrong labels", "--actor", "jane")
    assert "**This version is deprecated**" in card_of(subject_in(world, "digits:2")).split("## ")[0]


def test_a_version_whose_files_changed_says_so_above_all(world: World) -> None:
    (world.models / "digits/2/saved_model.pb").write_bytes(b"other than was published")
    assert "**The files of this version are changed.**" in card_of(subject_in(world, "digits:2")).split("## ")[0]


def test_a_score_of_a_benchmark_is_a_file_that_hugging_face_reads(known: World) -> None:
    files = eval_results(subject_in(known, "digits:2"), {"cais/hle:default": "accuracy [digits-test]"})
    ((path, data),) = files.items()
    assert path == ".eval_results/cais-hle-default.yaml"
    (entry,) = yaml.safe_load(data)
    assert entry == {
        "dataset": {"id": "cais/hle", "task_id": "default"},
        "value": 0.81,
        "date": "2026-11-23",
        "notes": "accuracy: evaluated on the export",
    }
    hub = pytest.importorskip("huggingface_hub")
    (read,) = hub.parse_eval_result_entries([entry])
    assert (read.dataset_id, read.task_id, read.value, read.verify_token) == ("cais/hle", "default", 0.81, None)


def test_one_state_gives_one_card(known: World) -> None:
    assert card_of(subject_in(known, "digits:2")) == card_of(subject_in(known, "digits:2"))


def test_a_label_that_the_metadata_can_not_hold_is_said(world: World) -> None:
    world.version("digits", 4, labels={"license": "our own, see LICENSE", "task": "image-classification"})
    card = card_of(subject_in(world, "digits:4"))
    assert "license" not in metadata(subject_in(world, "digits:4"))
    assert "The label license is &quot;our own, see LICENSE&quot;, which is no word of the Hub" in card


def test_a_number_of_which_nobody_says_where_it_came_from_is_told_as_everywhere(world: World) -> None:
    world.version("digits", 4, metrics=(Metric(name="accuracy", value=0.9),))
    said = "typed in, or not said"
    row = f"| accuracy | 0.9 | not known | not known | higher (guessed) | {said} |"
    assert row in card_of(subject_in(world, "digits:4"))


def test_slices_are_told_where_nothing_else_is_known(world: World) -> None:
    slices = tuple(Metric(name="accuracy", value=at / 50, dataset="d", slice=f"s{at}", goal="max") for at in range(30))
    world.version("digits", 4, metrics=slices)
    card = card_of(subject_in(world, "digits:4"))
    assert "model-index" not in card
    assert "accuracy \\[d/s0\\]" in card
    assert "And 10 more, which are not in this card." in card
