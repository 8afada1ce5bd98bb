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
    models, model = store.shown.rstrip("/").rsplit("/", 2)[:2]
    return " ".join(
        ["tb-versions fsck", *([options] if options else []), shlex.quote(model), "--models-dir", shlex.quote(models)]
    )
