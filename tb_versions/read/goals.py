"""Guesses from a metric's name whether higher or lower is better. Pure."""

from __future__ import annotations

import re
from typing import Literal

KnownGoal = Literal["max", "min", "unknown"]

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_MIN = frozenset(
    {
        "loss",
        "losses",
        "error",
        "errors",
        "err",
        "mse",
        "mae",
        "rmse",
        "mape",
        "msle",
        "rmsle",
        "nll",
        "perplexity",
        "ppl",
        "divergence",
        "kl",
        "kld",
        "crossentropy",
        "entropy",
        "latency",
        "duration",
        "wer",
        "cer",
        "fid",
        "regret",
        "brier",
        "ece",
        "eer",
        "hinge",
        "logcosh",
        "huber",
        "cost",
        "distance",
        "misses",
    }
)
_MAX = frozenset(
    {
        "accuracy",
        "acc",
        "auc",
        "roc",
        "prc",
        "auroc",
        "auprc",
        "precision",
        "recall",
        "sensitivity",
        "specificity",
        "f1",
        "fbeta",
        "fscore",
        "score",
        "bleu",
        "rouge",
        "meteor",
        "map",
        "ndcg",
        "mrr",
        "iou",
        "dice",
        "r2",
        "reward",
        "return",
        "similarity",
        "psnr",
        "ssim",
        "throughput",
        "kappa",
        "mcc",
        "jaccard",
        "correlation",
        "pearson",
        "spearman",
        "likelihood",
        "elbo",
        "accuracies",
        "hits",
    }
)


def infer_goal(name: str) -> KnownGoal:
    """Returns "min" for names like `val_loss`, "max" for names like `top_5_accuracy`, else "unknown".

    The last known word decides: `loss_accuracy` is an accuracy. `val`, `epoch`, numbers and other words are
    ignored.

    Args:
        name: A metric's name or a scalar's tag, in snake_case, camelCase or with slashes.
    """
    # "mAP" is one word, too: split at the case first, then at what is no letter.
    for word in (*reversed(_WORD.findall(name)), *reversed(_LETTERS.findall(name))):
        lowered = word.lower()
        if lowered in _MIN:
            return "min"
        if lowered in _MAX:
            return "max"
    # "F1" and "R2" split into letter and digit.
    compact = name.lower().replace("_", "")
    return "max" if compact.endswith(("f1", "f1score", "r2", "r2score")) else "unknown"
