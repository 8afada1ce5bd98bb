"""What a folder's place and name say: the model, a number, a semantic version, a step. Pure."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass

from tb_versions.core.manifest import MAX_NUMBER, check_model_name, is_model_name, is_semantic_version
from tb_versions.errors import InvalidNameError

_SEMANTIC = re.compile(
    r"(?P<base>.*?)[-_.]?v?(?P<version>(?:0|[1-9][0-9]*)\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?)", re.ASCII
)
_NUMBER = re.compile(
    r"(?:(?P<base>.*?)[-_.])?(?:v|version[-_.]?)(?P<number>[0-9]{1,18})(?:[-_].*)?", re.ASCII | re.IGNORECASE
)
_STEP = re.compile(r"(?:.*[-_.])?(?:step[-_=]?|checkpoint-)(?P<step>[0-9]{1,18})(?:[-_.].*)?", re.ASCII | re.IGNORECASE)
_SERIES = re.compile(
    r"(?:(?P<base>.*?)[-_.])?(?:(?:epoch|ep|step|iter|ckpt|checkpoint)[-_=]?[0-9]+(?:[-_.].*)?|v?[0-9]+\.[0-9]+)",
    re.ASCII | re.IGNORECASE,
)
_CHECKPOINT = re.compile(
    r"(?:(?P<base>.*?)[-_.])?(?:epoch[-_=]?)?(?P<epoch>[0-9]{1,6})[-_](?:[A-Za-z][A-Za-z_]*[-_=]?)?"
    r"(?P<value>[0-9]{1,6}\.[0-9]{1,12})",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = re.compile(r"(?:epoch|ep|iter)[-_=]?[0-9]+", re.ASCII | re.IGNORECASE)
_OF_NO_MODEL = frozenset({"", "weights", "model", "cp", "ckpt", "checkpoint", "epoch", "best"})
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Printed:
    """What a name of Keras's `ModelCheckpoint` says: an epoch, and a metric's value as it is printed, like "0.12"."""

    epoch: int
    value: str


@dataclass(frozen=True)
class Named:
    """What the path of a model's folder says.

    Attributes:
        model: A valid name of a model.
        number: In the folder's name; None without one.
        semantic_version: Likewise, or "".
        step: Likewise; None without one.
        printed: Likewise: an epoch and a metric's value.
    """

    model: str
    number: int | None = None
    semantic_version: str = ""
    step: int | None = None
    printed: Printed | None = None


def name_of(folder: str, name: str = "") -> Named:
    """Returns what the path of a folder says.

        serving/digits/00000123      digits, 123
        digits/v3                    digits, 3
        exports/digits_v1_2024_06_01 digits, 1
        exports/digits-1.4.0         digits, no number, 1.4.0
        run/checkpoint-300           run, no number, step 300
        exports/best                 best
        run/weights.03-0.12          run, no number, epoch 3 with 0.12

    Args:
        folder: Of the model.
        name: Name of the model where the user said it.

    Raises:
        InvalidNameError: No model can have the name.
    """
    path = os.path.abspath(folder)
    own, parent = os.path.basename(path), os.path.basename(os.path.dirname(path))
    step = _STEP.fullmatch(own)
    steps = int(step["step"]) if step else None
    if own.isascii() and own.isdigit() and len(own) <= 40 and int(own) <= MAX_NUMBER:
        return Named(name_for(name or parent), int(own))
    if (match := _SEMANTIC.fullmatch(own)) is not None and is_semantic_version(match["version"]):
        return Named(name_for(name or match["base"] or parent), None, match["version"])
    if (match := _CHECKPOINT.fullmatch(own)) is not None:
        base = match["base"] or ""
        model = name_for(name or (parent if base.lower() in _OF_NO_MODEL else base))
        return Named(model, None, "", steps, Printed(int(match["epoch"]), match["value"]))
    if (match := _NUMBER.fullmatch(own)) is not None:
        return Named(name_for(name or match["base"] or parent), int(match["number"]), "", steps)
    if (match := _SERIES.fullmatch(own)) is not None:
        base = "" if _EPOCH.fullmatch(match["base"] or "") else match["base"]
        return Named(name_for(name or base or parent), None, "", steps)
    return Named(name_for(name or own))


def model_name(text: str) -> str:
    """Returns a valid name for a model that has any name in another tracker; the same for the same name.

    digits       digits
    Modèle n° 2  Modele-n-2
    数字         model-6c8a9d
    latest       model-latest-2c7d7b
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    made = _NOT_IN_NAMES.sub("-", plain).strip("._-")[:128].strip("._-")
    if is_model_name(made):
        return made
    return marked_name(f"model-{made}".rstrip("-"), text)


def marked_name(name: str, text: str) -> str:
    """Returns a name of a model with a mark behind it that only one text has, where two would have the same name."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name[:121].rstrip('._-')}-{mark}"


def name_for(text: str) -> str:
    """Returns a text as a name: what may not be in one becomes `-`. Raises InvalidNameError."""
    made = _NOT_IN_NAMES.sub("-", text).strip("._-")[:128]
    try:
        return check_model_name(made)
    except InvalidNameError as error:
        raise InvalidNameError(f"{error} Say one: --name NAME.") from error
