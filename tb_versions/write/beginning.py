"""A model that begins anew where one of its name was before: what was seen of the old one's log no longer counts."""

from __future__ import annotations

import os
from collections.abc import Callable

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import visible
from tb_versions.write.failures import warn


def forget_earlier_in(model_folder: str, *, has_versions: bool) -> None:
    """Calls `forget_earlier` for a folder on this disk: it is a new model's if it has neither a version nor a log."""
    log = os.path.join(model_folder, PRIVATE_FOLDER, "log")
    models, model = os.path.split(os.path.realpath(model_folder))
    forget_earlier(models, model, is_new=lambda: not has_versions and not os.path.lexists(log))


def forget_earlier(models: str, model: str, *, is_new: Callable[[], bool]) -> None:
    """Forgets the log of an earlier model of that name, and says so, where this user saw one.

    Else the new model's log would count as the old one that somebody cut. If it can't be forgotten, that stays so.

    Args:
        models: What the models folder is remembered by: its real path, or `Mirror.identity`.
        model: Name of the model's folder.
        is_new: Asked where a log was seen: whether no version, number or event of the model is there.
    """
    from tb_versions.registry.remedies import about
    from tb_versions.registry.seen import Seen
    from tb_versions.registry.state import Head

    seen = Seen(models)
    events = seen.heads().get(model, Head()).number
    if not events or not is_new():
        return
    where = visible(models.partition("\n")[0])
    words = (
        f"{model} in {where} begins anew: when it was seen here before, it had a history of {events:,} "
        f"{'event' if events == 1 else 'events'}, and now nothing is there."
    )
    if seen.forget(model):
        warn(words)
    else:
        warn(
            f"{words} That can't be remembered, so aliases of {model} are refused until you accept its new history: "
            f"{about('fsck', f'{where}/{model}', '--acknowledge')}"
        )
