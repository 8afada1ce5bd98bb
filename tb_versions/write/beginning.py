"""A model that begins anew where one of its name was before: what was seen of the old one's log no longer counts."""

from __future__ import annotations

from collections.abc import Callable

from tb_versions.core.manifest import visible
from tb_versions.write.failures import warn


def forget_earlier(models: str, model: str, *, is_new: Callable[[], bool]) -> None:
    """Forgets the log of an earlier model of that name, and says so, where this user saw one.

    Else the new model's log would count as the old one that somebody cut. If it can't be forgotten, that stays so.

    Args:
        models: Real path of the models folder, or its URL.
        model: Name of the model's folder.
        is_new: Asked where a log was seen: whether no version, number or event of the model is there.
    """
    from tb_versions.registry.seen import Seen
    from tb_versions.registry.state import Head

    seen = Seen(models)
    events = seen.heads().get(model, Head()).number
    if events and is_new() and seen.forget(model):
        warn(
            f"{model} in {visible(models)} begins anew: when it was seen here before, it had a history of {events:,} "
            f"{'event' if events == 1 else 'events'}, and now nothing is there."
        )
