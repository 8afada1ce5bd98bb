"""Guesses from a metric's name whether higher or lower is better. Pure.

A wrong guess puts a star on the worst version, so a name has to say it plainly: what it ends in, without what only says
where, when or how it was measured, must be a word that is known and that stands for nothing else.

    val_top_5_accuracy_epoch   …accuracy                      max
    images_per_second          so many in a time              max
    loss_scale, bar_2          no word that is known          unknown
    loss_accuracy              the words don't agree          unknown
    neg_log_loss, std_reward   another word turns the meaning unknown
    -elbo, steps_to_accuracy   a sign, or a count of steps    unknown
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Sequence
from typing import Literal

KnownGoal = Literal["max", "min", "unknown"]

_DIGITS = "0123456789"
_LONGEST = 300
"""Characters of a name that are looked at."""

_CHUNK = re.compile(r"[A-Za-z0-9]+")
_SIGNED = re.compile(r"\s*(1\s*)?[-−]")
"""A sign before the name: "-elbo", and what is left to 1, "1-accuracy"."""

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MIN = _set(
    "loss losses error errors err mse mae rmse mape smape mase msle rmsle nll perplexity ppl bpd divergence kld "
    "crossentropy logloss latency wer cer ter fid regret brier ece eer hinge logcosh huber lpips"
)
_MAX = _set(
    "accuracy accuracies acc auc roc prc auroc auprc aucpr precision recall specificity f1 f1score "
    "fbeta fscore bleu chrf rouge rougel meteor ndcg mrr iou miou dice jaccard r2 r2score rsquared psnr ssim "
    "throughput mcc pearson spearman likelihood elbo fps qps"
)
_ALONE: dict[str, KnownGoal] = {
    **dict.fromkeys(
        _set("score reward rewards return returns map correlation kappa similarity hits sensitivity"), "max"
    ),
    **dict.fromkeys(_set("cost"), "min"),
}
"""Words that mean a metric only where all others say how it was measured: "val_map", but not "feature_map"."""

_HOW = _set(
    "train training val valid validation dev test testing eval evaluation evaluate holdout epoch epochs step "
    "steps batch batches iteration iterations episode episodic final last best current total sum mean avg average "
    "median max min top micro macro weighted samples overall all smoothed running ema k p cosine cohen cohens "
    "inception f a b s ms us ns sec secs second seconds db percent pct metric metrics raw"
)
"""Words behind a metric that say how, when or in which unit it was measured."""

_FORM = _set("score rate value")
"""Words behind a metric that add nothing: "f1_score" is an f1, "error_rate" an error."""

_COEFFICIENT = _set("coef coefficient index")
_COEFFICIENTS = _set("dice jaccard iou miou ssim pearson spearman kappa mcc")
"""What such a word adds nothing to. A "loss_coef" is the weight of a loss."""

_CUTS = _set("at on for by vs with over in of")
_TURNS = _set(
    "neg negative minus inverse inv not non no one anti std stddev sd var variance grad gradient norm weight "
    "weights scale delta diff difference change target threshold ratio gap baseline limit noise margin smoothing "
    "num number count stdev stderr standard sem ci iqr reverse reversed reciprocal complement false wrong incorrect "
    "bias biased signed param params parameter parameters mixed floating numeric numerical drop dropped lost increase "
    "decrease reduction improvement degradation"
)
"""Words anywhere in a name that turn its meaning, or make it no measure of quality."""

_TIMES = _set("s sec secs second seconds ms us ns min mins minute minutes hour hours")
_DURATIONS = _set("ms us ns sec secs second seconds")
"""Units behind a metric to maximise that make it the time that it takes: "auc_seconds"."""

_WORK = _set(
    "images image examples example samples sample tokens token words characters chars frames frame steps step batches "
    "batch items records rows queries requests inferences predictions sentences sequences utterances documents docs "
    "pages videos clips pixels graphs nodes iterations iters updates episodes transitions transactions flops mflops "
    "gflops tflops ops bytes kb mb gb kib mib gib bits"
)
"""What is the better the more of it is done in a time; of failures, dollars or joules nobody wants more."""

_WASTE = _set("dropped lost failed failing skipped rejected missed wasted evicted retried padding padded error errors")
_SPENT = _WORK | _TIMES | _set("time epoch epochs days evaluations trials")
_GOAL_OF_TIME = _set("to until till")
_EXTREMES = _set("best min max lowest highest")
_COUNTED = _set("epoch epochs step steps iteration iterations batch episode")
_SIMILARITIES = _set("dice jaccard iou miou ssim")
"""What is also a loss, with the word "loss" behind it."""


@functools.lru_cache(maxsize=4_096)
def infer_goal(name: str) -> KnownGoal:
    """Returns "min" for names like `val_loss`, "max" for names like `top_5_accuracy`, and "unknown" where in doubt.

    Args:
        name: A metric's name or a scalar's tag, in snake_case, camelCase or with slashes.
    """
    words = _words(name[:_LONGEST])
    if _SIGNED.match(name) or _is_place(words) or words[-2:] == ["mean", "error"]:  # of which signs may cancel out
        return "unknown"
    if "per" in words:
        at = words.index("per")
        return _of_rate(words[:at], words[at + 1 :])
    if words[-3:] in (["negative", "log", "likelihood"], ["neg", "log", "likelihood"]):
        return "min"
    cut = next((place for place, word in enumerate(words) if word in _CUTS), len(words))
    if "vs" in words[cut:] and _of_words(words[cut + 1 :]) != "unknown":  # one metric drawn over another
        return "unknown"
    return _of_words(words[:cut])


def _of_rate(what: Sequence[str], each: Sequence[str]) -> KnownGoal:
    """Of "images_per_second", "ms_per_image", "bits_per_dim", "loss_per_token"."""
    if not what or not each:
        return "unknown"
    if each[0] in _TIMES:
        return "max" if what[-1] in _WORK and not _WASTE.intersection(what) else "unknown"
    if what[-1] in _TIMES or what[-1] == "bits":
        return "min"
    return _of_words(what)


def _is_place(words: Sequence[str]) -> bool:
    """Whether a name says when a value was reached: "steps_to_accuracy", "best_accuracy_epoch"."""
    if _EXTREMES.intersection(words) and words[-1] in _COUNTED:
        return True
    return any(a in _SPENT and b in _GOAL_OF_TIME for a, b in itertools.pairwise(words))


def _of_words(words: Sequence[str]) -> KnownGoal:
    if _TURNS.intersection(words):
        return "unknown"
    goal = _of_sound_words(words)
    return "unknown" if goal == "max" and words[-1] in _DURATIONS else goal


def _of_sound_words(words: Sequence[str]) -> KnownGoal:
    left = [word for word in words if not word.isdigit()]
    while left and _goal(left) == "unknown" and (_is_how(left[-1]) or _adds_nothing(left)):
        left.pop()
    goals = {_goal(left[: place + 1]) for place in range(len(left))} - {"unknown"}
    if left and left[-1] == "loss" and _SIMILARITIES.intersection(left):
        return "min"
    if len(goals) == 1 and (goal := _goal(left)) != "unknown":
        return goal
    others = [word for word in words if not _is_how(word)]
    return _ALONE.get(others[0], "unknown") if len(others) == 1 else "unknown"


def _adds_nothing(words: Sequence[str]) -> bool:
    """Whether the last word only says that the one before it is a number."""
    if words[-1] in _COEFFICIENT:
        return words[-2:-1] != [] and words[-2] in _COEFFICIENTS
    return words[-1] in _FORM and len(words) > 1


def _is_how(word: str) -> bool:
    return word.rstrip(_DIGITS) in _HOW or word.isdigit()  # "top5", "p99", "2"


def _goal(words: Sequence[str]) -> KnownGoal:
    """What the last word means, or the last two where they are written apart: "cross_entropy"."""
    for word in ("".join(words[-2:]), *words[-1:]):
        known = word if word in _MIN or word in _MAX else word.rstrip(_DIGITS)
        if known in _MIN:
            return "min"
        if known in _MAX:
            return "max"
    return "unknown"


def _words(name: str) -> list[str]:
    """A name's words in small letters; digits stay with the letters before them: F1Score → f1, score."""
    words = []
    for chunk in _CHUNK.findall(name):
        whole = chunk.lower()
        known = whole.rstrip(_DIGITS)
        if known in _MIN or known in _MAX or known in _ALONE:
            words.append(known if whole not in _MAX else whole)
        else:
            words += [part.lower() for part in _PART.findall(chunk)]
    return words
