"""Small trainings by PyTorch Lightning, for test_lightning.py; runs in the environment of requirements/lightning.txt.

Prints one JSON object: what became of each training, and the numbers that Lightning's own module computes of the
published files.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import torch

from tb_versions import Capture
from tb_versions.integrations.lightning import PublishVersions
from tb_versions.write import failures

PACKAGE = sys.argv[1]
pl: Any = importlib.import_module(PACKAGE)
callbacks: Any = importlib.import_module(f"{PACKAGE}.callbacks")
loggers: Any = importlib.import_module(f"{PACKAGE}.loggers")

torch.set_num_threads(1)  # so small a model gains nothing by more
torch.manual_seed(0)
X = torch.randn(40, 3)
Y = X.sum(dim=1, keepdim=True) + 0.5 * torch.randn(40, 1)
HELD_X, HELD_Y = X[28:], Y[28:]


class Net(pl.LightningModule):  # type: ignore[misc]
    def __init__(self, rate: float = 0.1, api_key: str = "k3y-9f8e7d6c5b4a", extra: Any = None) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(3, 1)
        self.fails_at = -1

    def loss(self, batch: Any) -> Any:
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def training_step(self, batch: Any, index: int) -> Any:
        if self.global_step == self.fails_at:
            raise RuntimeError("as asked")
        loss = self.loss(batch)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        self.log("batch_loss", loss, on_step=True, on_epoch=False)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log("val_loss", self.loss(batch))
        self.log("val_score", -self.loss(batch))

    def configure_optimizers(self) -> Any:
        # Larger and larger steps: the best epoch is in the middle.
        optimizer = torch.optim.SGD(self.parameters(), lr=self.hparams.rate)
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.ExponentialLR(optimizer, 1.6)}


def loader(x: Any, y: Any, batch: int) -> Any:
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch)


def measured(folder: Path) -> float:
    """The validation loss of published files, computed without Lightning's loops."""
    net = Net()
    if (folder / "model.safetensors").exists():
        from safetensors.torch import load_file

        state = load_file(folder / "model.safetensors")
    else:
        state = torch.load(folder / "model.ckpt", weights_only=False)["state_dict"]  # made above
    net.load_state_dict(state)
    with torch.no_grad():
        return float(net.loss((HELD_X, HELD_Y)))


def train(
    where: str, *others: Any, save: str = "best", epochs: int = 8, module: Any = None, fit: Any = None, **options: Any
) -> dict[str, Any]:
    """Trains in a folder of that name, and tells what came of it."""
    failures._reported.clear()
    os.makedirs(where, exist_ok=True)
    quiet = Capture(code=False, environment=False, hardware=False)
    publishing = PublishVersions(
        f"{where}/models",
        name="net",
        save=save,
        capture=quiet,
        logdir=f"{where}/logs",  # type: ignore[arg-type]
    )
    given = {"logger": loggers.TensorBoardLogger(f"{where}/logs", name="run", version=0), **options}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer = pl.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            enable_progress_bar=False,
            enable_model_summary=False,
            log_every_n_steps=1,
            callbacks=[publishing, *others],
            default_root_dir=where,
            **given,
        )
        error = ""
        try:
            trainer.fit(module or Net(), loader(X[:28], Y[:28], 7), loader(HELD_X, HELD_Y, 5), **(fit or {}))
        except RuntimeError as raised:
            error = str(raised)
    return {
        "error": error,
        "last_loss": float(trainer.callback_metrics.get("val_loss", float("nan"))),
        "best": float(getattr(trainer.checkpoint_callback, "best_model_score", None) or float("nan")),
        "warnings": [str(w.message) for w in caught if w.category.__name__ == "TbVersionsWarning"],
        "versions": [
            {
                "number": version.number,
                "metrics": version.metrics,
                "step": next((run.step for run in version.manifest.runs), None),
                "measured": measured(version.path),  # type: ignore[arg-type]
            }
            for version in publishing.versions
        ],
    }


def checkpoint(where: str, **options: Any) -> Any:
    return callbacks.ModelCheckpoint(**{"dirpath": f"{where}/kept", "monitor": "val_loss", **options})


class RemovesTheBest(callbacks.Callback):  # type: ignore[misc]
    def on_train_end(self, trainer: Any, module: Any) -> None:
        os.unlink(trainer.checkpoint_callback.best_model_path)


class Blocks(callbacks.Callback):  # type: ignore[misc]
    """Puts a file where the folder of the models is to be."""

    def on_fit_start(self, trainer: Any, module: Any) -> None:
        Path("blocked/models").write_text("")


def failing() -> Any:
    module = Net()
    module.fails_at = 18
    return module


class Kills(callbacks.Callback):  # type: ignore[misc]
    def on_train_batch_end(self, trainer: Any, *args: Any) -> None:
        if trainer.global_step == 10:
            os.kill(os.getpid(), signal.SIGKILL)


class Holds(dict):  # type: ignore[type-arg]
    """An object that a loader of plain values refuses."""


def resumed() -> dict[str, Any]:
    train("resumed", checkpoint("resumed", save_last=True), epochs=4)
    return train(
        "resumed", checkpoint("resumed", save_last=True), epochs=7, fit={"ckpt_path": "resumed/kept/last.ckpt"}
    )


def in_two_processes() -> dict[str, Any]:
    return train(
        "two", checkpoint("two"), devices=2, strategy="ddp_spawn", logger=False, epochs=3, num_sanity_val_steps=0
    )


def main() -> None:
    if len(sys.argv) > 2:
        train("killed", checkpoint("killed", save_top_k=-1), Kills(), save="checkpoint")
    told = {
        "best": train("best", checkpoint("best")),
        "score": train("score", checkpoint("score", monitor="val_score", mode="max")),
        "weights_only": train("weights_only", checkpoint("weights_only", save_weights_only=True)),
        "each": train("each", checkpoint("each", save_top_k=2), save="checkpoint"),
        "same_path": train(
            "same_path", checkpoint("same_path", filename="m", enable_version_counter=False), save="checkpoint"
        ),
        "middle": train(
            "middle",
            checkpoint("middle", every_n_train_steps=3, monitor=None, save_top_k=-1),
            save="checkpoint",
            epochs=3,
        ),
        "end": train("end", save="end", enable_checkpointing=False),
        "without": train("without", enable_checkpointing=False),
        "usual": train("usual", epochs=3),
        "removed": train("removed", checkpoint("removed"), RemovesTheBest()),
        "blocked": train("blocked", checkpoint("blocked"), Blocks()),
        "failing": train("failing", checkpoint("failing"), save="checkpoint", module=failing()),
        "objects": train("objects", checkpoint("objects"), module=Net(extra=Holds(a=1)), epochs=2),
        "train_loss": train("train_loss", checkpoint("train_loss", monitor="train_loss"), epochs=2),
        "twice": train("twice", checkpoint("twice"), val_check_interval=2, save="checkpoint", epochs=1),
        "two": in_two_processes(),
        "fast": train("fast", fast_dev_run=True),
        "stopped": train("stopped", checkpoint("stopped"), callbacks.EarlyStopping("val_loss", patience=1), epochs=12),
        "resumed": resumed(),
    }
    if hasattr(callbacks, "WeightAveraging"):
        averaged = callbacks.WeightAveraging
        told["averaged"] = train("averaged", averaged(), checkpoint("averaged"), epochs=4)
        told["averaged_end"] = train("averaged_end", averaged(), save="end", enable_checkpointing=False, epochs=4)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
