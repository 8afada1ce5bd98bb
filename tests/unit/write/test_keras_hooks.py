"""Hooks stand before and after all other callbacks, and nothing is skipped or left behind."""

from __future__ import annotations

from typing import Any

import pytest

from tb_versions.write.keras_hooks import Hooks, driving_list, may_swap_weights, members

pytestmark = [pytest.mark.tensorflow]


def noting(name: str, said: list[str], **methods: Any) -> Any:
    """A callback that notes when an epoch ends."""
    import keras

    return type(name, (keras.callbacks.Callback,), {"on_epoch_end": lambda *_: said.append(name), **methods})()


def listed(*callbacks: Any) -> Any:
    import keras

    return keras.callbacks.CallbackList(list(callbacks))


def test_hooks_added_in_the_middle_of_a_call_skip_nobody() -> None:
    import keras

    said: list[str] = []
    first = {"on_epoch_end": lambda *_: said.append("first")}
    last = {"on_epoch_end": lambda *_: said.append("last")}
    hooks: list[Hooks] = []

    def hook(self: Any, logs: Any = None) -> None:
        said.append("begins")
        hooks.append(Hooks(driving_list(), (keras.callbacks.Callback,), first=first, last=last))

    begins = {"on_train_begin": lambda *_: said.append("begins too")}
    driver = listed(noting("a", said), noting("ours", said, on_train_begin=hook), noting("b", said, **begins))
    driver.on_train_begin()
    driver.on_epoch_end(0)
    hooks[0].remove()
    driver.on_epoch_end(1)
    assert said == ["begins", "begins too", "first", "a", "ours", "b", "last", "a", "ours", "b"]


def test_the_outermost_of_nested_lists_is_found_but_not_that_of_another_training() -> None:
    found: list[Any] = []
    looking = noting("looking", [], on_train_begin=lambda *_: found.append(driving_list()))
    inner = listed(looking)
    outer = listed(inner)
    outer.on_train_begin()
    assert found.pop() is outer
    another = listed(noting("starts", [], on_train_begin=lambda *_: inner.on_train_begin()))
    another.on_train_begin()
    assert found.pop() is inner
    looking.on_train_begin()
    assert found.pop() is None


def test_a_list_that_is_not_there_has_no_members() -> None:
    assert members(None) == []


def test_only_known_callbacks_leave_the_weights_alone_for_an_evaluation() -> None:
    import keras

    callbacks = keras.callbacks
    model = keras.Sequential([keras.layers.Dense(1)])
    harmless = [callbacks.TensorBoard("logs"), callbacks.EarlyStopping(), callbacks.ProgbarLogger(), noting("own", [])]
    assert not may_swap_weights(model, harmless)
    acting = noting("acting", [], on_test_begin=lambda *_: None)
    for other in (callbacks.SwapEMAWeights(), acting, callbacks.LambdaCallback(on_test_end=print)):
        assert may_swap_weights(model, [*harmless, other])

    class Evaluating(keras.Model):
        def evaluate(self, *arguments: Any, **options: Any) -> Any:
            return super().evaluate(*arguments, **options)

    assert may_swap_weights(Evaluating(), [])
