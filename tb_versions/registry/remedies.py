"""The commands that messages about a log name: whoever types one as it stands is understood."""

from __future__ import annotations

import shlex

from tb_versions.core.store import Store


def fsck(store: Store, options: str = "") -> str:
    """Returns the command that looks a model's registry over; it names the model and the models folder.

    Args:
        store: The folder `.versions` of the model.
        options: What stands before the model, like "--repair".
    """
    return about("fsck", store.shown.rstrip("/").rpartition("/")[0], options)


def about(command: str, model_folder: str, options: str = "") -> str:
    """Returns a command about one model.

    Args:
        command: Its name, like "prune".
        model_folder: Path or URL of the model's folder; the one above is the models folder.
        options: What stands before the model.
    """
    models, _, model = model_folder.rpartition("/")
    words = ["tb-versions", command, options, shlex.quote(model), "--models-dir", shlex.quote(models)]
    return " ".join(filter(None, words))
