"""Small trainings by Hugging Face's Trainer, for test_transformers.py; runs in requirements/transformers.txt.

Models are made from a configuration; nothing is fetched. Prints one JSON object: what became of each training, and the
numbers that the published folders have when they are loaded.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainerCallback, TrainingArguments
from transformers.integrations import TensorBoardCallback

from tb_versions import Capture
from tb_versions.integrations.transformers import PublishVersions
from tb_versions.write import failures

transformers.logging.set_verbosity_error()
torch.set_num_threads(1)  # so small a model gains nothing by more
CONFIG = BertConfig(
    vocab_size=20,
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=16,
    max_position_embeddings=16,
)


def rows(seed: int, count: int) -> list[dict[str, Any]]:
    """Sentences of six words; the class is whether the first is large, but for some noise."""
    generator = np.random.default_rng(seed)
    words = generator.integers(0, 20, size=(count, 6))
    classes = (words[:, 0] >= 10) ^ (generator.random(count) < 0.2)
    return [
        {"input_ids": [int(word) for word in line], "attention_mask": [1] * 6, "labels": int(label)}
        for line, label in zip(words, classes, strict=True)
    ]


TRAIN, HELD, OTHER = rows(0, 48), rows(1, 40), rows(2, 40)


class Plain(torch.nn.Module):
    """A module that is no model of transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = BertForSequenceClassification(CONFIG)

    def forward(self, input_ids: Any, attention_mask: Any, labels: Any) -> Any:
        return dict(self.inner(input_ids=input_ids, attention_mask=attention_mask, labels=labels))


def measured(folder: Path, plain: bool, data: Any = None) -> dict[str, float]:
    """Loss and accuracy of a published folder, computed without the Trainer."""
    if plain:
        from safetensors.torch import load_model

        model: Any = Plain()
        load_model(model, folder / "model.safetensors")
    else:
        model = BertForSequenceClassification.from_pretrained(folder)
    model.eval()
    held = data or HELD
    batch = {key: torch.tensor([row[key] for row in held]) for key in held[0]}
    with torch.no_grad():
        out = model(**batch)
    right = (out["logits"].argmax(dim=1) == batch["labels"]).float().mean()
    return {"loss": float(out["loss"]), "accuracy": float(right)}


def score(prediction: Any) -> dict[str, float]:
    return {"accuracy": float((prediction.predictions.argmax(axis=1) == prediction.label_ids).mean())}


def train(
    where: str,
    *others: Any,
    save: str = "end",
    plain: bool = False,
    resume: Any = None,
    held: Any = None,
    first: Any = (),
    **options: Any,
) -> dict[str, Any]:
    """Trains in a folder of that name, and tells what came of it."""
    failures._reported.clear()
    transformers.set_seed(3)
    os.makedirs(where, exist_ok=True)
    quiet = Capture(code=False, environment=False, hardware=False)
    publishing = PublishVersions(f"{where}/models", name="net", save=save, capture=quiet)  # type: ignore[arg-type]
    os.environ["TENSORBOARD_LOGGING_DIR"] = f"{where}/logs/run"
    given = {
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "logging_strategy": "epoch",
        "num_train_epochs": 6,
        "learning_rate": 0.2,
        "lr_scheduler_type": "constant",
        "hub_token": "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
        "report_to": ["tensorboard"],
        **options,
    }
    arguments = TrainingArguments(
        f"{where}/out", use_cpu=True, disable_tqdm=True, per_device_train_batch_size=8, seed=3, **given
    )
    model = Plain() if plain else BertForSequenceClassification(CONFIG)
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=TRAIN,
        eval_dataset=HELD if held is None else held,
        compute_metrics=score,
        callbacks=[*first, publishing, *others],
    )
    error = ""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            trainer.train(resume_from_checkpoint=resume)
        except RuntimeError as raised:
            error = str(raised)
    history = [entry for entry in trainer.state.log_history if any(name.startswith("eval_") for name in entry)]
    return {
        "error": error,
        "history": history,
        "best_step": int((trainer.state.best_model_checkpoint or "-0").rpartition("-")[2]) or None,
        "best_metric": trainer.state.best_metric,
        "warnings": [str(w.message) for w in caught if w.category.__name__ == "TbVersionsWarning"],
        "versions": [
            {
                "number": version.number,
                "metrics": version.metrics,
                "step": next((run.step for run in version.manifest.runs), None),
                "measured": measured(version.path, plain),  # type: ignore[arg-type]
                "measured_other": measured(version.path, plain, OTHER),  # type: ignore[arg-type]
            }
            for version in publishing.versions
        ],
    }


class Fails(TrainerCallback):
    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 15:
            raise RuntimeError("as asked")


class Blocks(TrainerCallback):
    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        Path("blocked/models").write_text("")


class Spoils(TrainerCallback):
    """Changes the weights behind the Trainer's back, when the training has ended."""

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.epoch == 6:
            control.should_evaluate = False
            control.should_save = False


class Averages(TrainerCallback):
    """Evaluates other weights than it trains and saves, as averaging callbacks do."""

    kept: Any = None

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        model = kwargs["model"]
        self.kept = {name: value.clone() for name, value in model.state_dict().items()}
        model.load_state_dict({name: value * 0.5 for name, value in self.kept.items()})

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        kwargs["model"].load_state_dict(self.kept)


def writer_of_its_own() -> Any:
    from torch.utils.tensorboard import SummaryWriter

    return TensorBoardCallback(SummaryWriter("own_writer/logs/elsewhere"))


def steps(where: str) -> list[str]:
    return sorted(os.listdir(f"{where}/out"), key=lambda name: int(name.partition("-")[2]) if "-" in name else 0)


def main() -> None:
    if len(sys.argv) > 1:  # one of several processes
        train(sys.argv[1], num_train_epochs=2)
        return
    best = {"load_best_model_at_end": True, "metric_for_best_model": "loss"}
    told = {
        "end": train("end"),
        "best": train("best", **best, save_total_limit=1),
        "accuracy": train("accuracy", load_best_model_at_end=True, metric_for_best_model="accuracy"),
        "lowest": train(
            "lowest", load_best_model_at_end=True, metric_for_best_model="eval_accuracy", greater_is_better=False
        ),
        "each": train("each", save="checkpoint", num_train_epochs=3),
        "unevaluated": train("unevaluated", eval_strategy="no"),
        "unevaluated_end": train("unevaluated_end", Spoils()),
        "apart": train(
            "apart",
            save="checkpoint",
            eval_strategy="steps",
            eval_steps=4,
            save_strategy="steps",
            save_steps=6,
            num_train_epochs=2,
        ),
        "two_sets": train("two_sets", held={"held": HELD, "other": OTHER}, num_train_epochs=2),
        "own_writer": train("own_writer", writer_of_its_own(), report_to=[], num_train_epochs=2),
        "no_board": train("no_board", report_to=[], num_train_epochs=1),
        "plain": train("plain", plain=True, num_train_epochs=2),
        "averaged": train("averaged", first=[Averages()], save="checkpoint", num_train_epochs=2),
        "failing": train("failing", Fails(), save="checkpoint"),
        "blocked": train("blocked", Blocks(), num_train_epochs=1),
        "stopped": train("stopped", transformers.EarlyStoppingCallback(1), **best),
    }
    train("resumed", **best, num_train_epochs=5)
    told["resumed"] = train("resumed", **best, num_train_epochs=6, resume=True)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
