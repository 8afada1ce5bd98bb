"""What the demo trains: the history of a small project, one commit after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Setting = dict[str, Any]

_MLP: Setting = {"model": "digits", "network": "perceptron", "units": 32, "batch_size": 32, "seed": 1}
_CNN: Setting = {
    "model": "digits",
    "network": "convolutional",
    "filters": 16,
    "units": 32,
    "batch_size": 64,
    "optimizer": "adam",
    "learning_rate": 0.003,
    "epochs": 14,
    "seed": 1,
    "save": "evaluated",
}
_TINY: Setting = {
    "model": "digits-tiny",
    "network": "perceptron",
    "batch_size": 32,
    "optimizer": "adam",
    "learning_rate": 0.005,
    "epochs": 12,
    "seed": 1,
}


@dataclass(frozen=True)
class Stage:
    """One state of the project and the runs trained with it.

    Attributes:
        message: Of the commit; "" leaves the change uncommitted: the tree is dirty.
        settings: Added to `settings.json`, by run.
    """

    message: str
    settings: dict[str, Setting] = field(default_factory=dict)


STAGES = (
    Stage(
        "A perceptron",
        {
            "mlp-sgd": dict(
                _MLP,
                optimizer="sgd",
                learning_rate=0.2,
                epochs=12,
                save="epoch",
                every=4,
                labels={"stage": "baseline"},
                description="A first try: one hidden layer, plain SGD. Published every four epochs.",
            ),
            "mlp-adam": dict(
                _MLP,
                optimizer="adam",
                learning_rate=0.005,
                epochs=10,
                save="best",
                monitor="val_accuracy",
                min_delta=0.01,
                labels={"stage": "baseline"},
                description="The same network with Adam. Published whenever `val_accuracy` rose by 0.01.",
            ),
            "mlp-diverged": dict(_MLP, optimizer="sgd", learning_rate=25.0, epochs=4, save="never"),
        },
    ),
    Stage(
        "A convolutional network",
        {
            "cnn/seed-1": dict(
                _CNN,
                golden=64,
                semantic_version="1.0.0",
                labels={"stage": "release", "reviewed": "yes"},
                description="# First release\n\nA **convolutional** network.\n\n"
                "- one layer of 16 filters\n- `test_accuracy` was measured on the *exported* model\n\n"
                "Siblings with other seeds show how much is luck.",
            ),
            "cnn/seed-2": dict(_CNN, seed=2, labels={"stage": "experiment"}),
            "cnn/seed-3": dict(_CNN, seed=3, labels={"stage": "experiment"}),
            "cnn/few-rows": dict(
                _CNN,
                rows=120,
                epochs=40,
                save="end",
                semantic_version="1.0.1",
                labels={"stage": "experiment"},
                description="Trained on 120 rows only: **worse** than the version before.",
            ),
        },
    ),
    Stage(
        "Fine-tune on moved digits; small students",
        {
            "cnn/fine-tuned": dict(
                _CNN,
                shifted=True,
                epochs=8,
                learning_rate=0.001,
                fine_tuned_from="digits:1.0.0",
                golden=64,
                semantic_version="1.1.0",
                labels={"stage": "release"},
                description="Fine-tuned from 1.0.0 on images moved by one pixel in each direction.",
            ),
            "tiny/8-units": dict(
                _TINY,
                units=8,
                save="evaluated",
                semantic_version="0.1.0",
                description="Eight hidden units. *Its folder was deleted*: what is shown is what the run announced.",
            ),
            "tiny/16-units": dict(_TINY, units=16, save="epoch", every=6),
            "tiny/student": dict(
                _TINY,
                units=12,
                shifted=True,
                batch_size=64,
                learning_rate=0.01,
                epochs=12,
                save="evaluated",
                distilled_from="digits:1.1.0",
                semantic_version="0.2.0",
                labels={"target": "microcontroller"},
                description="Twelve hidden units, distilled: they learned what digits 1.1.0 says of moved images.",
            ),
        },
    ),
    Stage(
        "",
        {
            "cnn/dropout": dict(
                _CNN,
                dropout=0.4,
                epochs=12,
                labels={"stage": "experiment"},
                description="Dropout, tried in a hurry: `settings.json` was changed and not committed.",
            ),
        },
    ),
)
"""The project's history, oldest first."""

DELETED = ("digits-tiny", 1)
"""The version whose folder is deleted at the end."""

DAMAGED = ("digits-tiny", 2)
"""The version of which one bit is changed at the end: sizes and names stay, so that only reading its files tells."""
