"""A class becomes a Keras callback when it is used; what it was made from can be found by its name."""

from __future__ import annotations

import pytest

from tb_versions.write.keras_class import new_callback, plain_class

pytestmark = [pytest.mark.tensorflow]


class Plain:
    """Says what it is."""


def test_the_made_class_is_both() -> None:
    import keras

    made = new_callback(Plain)
    assert isinstance(made, Plain)
    assert isinstance(made, keras.callbacks.Callback)
    assert (type(made).__name__, type(made).__module__, type(made).__doc__) == ("Plain", __name__, Plain.__doc__)
    assert type(new_callback(Plain)) is type(made)
    assert plain_class(made) is Plain


def test_a_class_that_is_a_callback_already_stays_itself() -> None:
    import keras

    class Mine(Plain, keras.callbacks.Callback):
        pass

    made = new_callback(Mine)
    assert type(made) is Mine or issubclass(type(made), Mine)
    assert plain_class(made) is Mine
