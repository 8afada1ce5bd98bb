from __future__ import annotations

import pytest

from tb_versions.read.goals import infer_goal


@pytest.mark.parametrize(
    ("goal", "names"),
    [
        (
            "min",
            "loss val_loss epoch_loss train/loss mean_squared_error RMSE valMAE log_loss perplexity nll latency_ms WER",
        ),
        (
            "max",
            "accuracy val_accuracy top_5_accuracy AUC rocAuc recall f1 F1Score r2 val_f1_score mAP BLEU reward",
        ),
        ("unknown", "temperature lr learning_rate epoch step samples a count validation train 123"),
    ],
)
def test_names_tell_which_direction_is_better(goal: str, names: str) -> None:
    assert {name: infer_goal(name) for name in names.split()} == dict.fromkeys(names.split(), goal)


def test_the_last_telling_word_decides() -> None:
    assert infer_goal("loss_accuracy") == "max"
    assert infer_goal("accuracy_loss") == "min"


@pytest.mark.parametrize("name", ["", " ", "\0", "é" * 1_000, "_" * 10_000, "A" * 10_000, "aA" * 5_000])
def test_any_text_has_an_answer(name: str) -> None:
    assert infer_goal(name) in ("max", "min", "unknown")
