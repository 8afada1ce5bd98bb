"""Each number belongs to the weights that it was measured on, and to no others."""

from __future__ import annotations

from tb_versions.write.epochs import Epochs


class Model:
    """Weights that anybody may change."""

    weights: bytes | None = b"start"


def recorder() -> tuple[Model, Epochs]:
    model = Model()
    return model, Epochs(lambda: model.weights)


def values(epochs: Epochs, weights: bytes | None) -> dict[str, tuple[object, int]]:
    return {name: (part.logs[name], part.epoch) for name, part in epochs.of(weights).items()}


def epoch(model: Model, epochs: Epochs, number: int, *, evaluated: bytes | None = None) -> None:
    """An epoch that leads to the weights b"0", b"1" …, with an evaluation of these or of others."""
    epochs.begin()
    model.weights = str(number).encode()
    epochs.test_begin()
    kept, model.weights = model.weights, evaluated or model.weights
    epochs.test_end()
    model.weights = kept
    epochs.end(number, {"loss": number, "val_loss": -number})
    epochs.close(number, {"loss": number, "val_loss": -number})


def test_restored_weights_have_the_numbers_of_their_epoch() -> None:
    model, epochs = recorder()
    for number in range(3):
        epoch(model, epochs, number)
    assert values(epochs, b"1") == {"loss": (1, 1), "val_loss": (-1, 1)}
    assert epochs.epoch_of(b"1") == 1
    assert epochs.latest() == {"loss": 2, "val_loss": -2}


def test_unknown_weights_have_no_numbers() -> None:
    model, epochs = recorder()
    epoch(model, epochs, 0)
    assert values(epochs, b"averages") == {}
    assert epochs.epoch_of(b"averages") is None


def test_weights_that_can_not_be_read_match_nothing() -> None:
    model, epochs = recorder()
    model.weights = None
    epochs.begin()
    epochs.end(0, {"loss": 1})
    assert values(epochs, None) == {}
    assert epochs.epoch_of(None) is None


def test_validation_on_other_weights_belongs_to_those() -> None:
    model, epochs = recorder()
    epoch(model, epochs, 0, evaluated=b"averages")
    assert values(epochs, b"0") == {"loss": (0, 0)}
    assert values(epochs, b"averages") == {"val_loss": (0, 0)}


def test_an_evaluation_that_begins_with_other_weights_leaves_the_training_metrics_unknown() -> None:
    model, epochs = recorder()
    epochs.begin()
    model.weights = b"averages"
    epochs.test_begin()
    epochs.test_end()
    model.weights = b"0"
    epochs.end(0, {"loss": 1, "val_loss": 2})
    assert values(epochs, b"0") == {}
    assert values(epochs, b"averages") == {"val_loss": (2, 0)}


def test_of_equal_weights_the_latest_epoch_counts() -> None:
    model, epochs = recorder()
    for number in range(2):
        epochs.begin()
        epochs.end(number, {"loss": number})
    assert values(epochs, model.weights) == {"loss": (1, 1)}


def test_logs_of_other_callbacks_count_if_the_weights_stayed() -> None:
    model, epochs = recorder()
    for number, changed in enumerate((False, True)):
        model.weights = str(number).encode()
        epochs.begin()
        epochs.end(number, {"loss": 1.0})
        if changed:
            model.weights = b"restored"
        epochs.close(number, {"loss": 1.0, "score": number})
    assert values(epochs, b"0") == {"loss": (1.0, 0), "score": (0, 0)}
    assert values(epochs, b"1") == {"loss": (1.0, 1)}
    assert values(epochs, b"restored") == {}


def test_weights_that_an_evaluation_left_behind_have_no_training_metrics_whichever_checksum_is_greater() -> None:
    for trained, left in ((b"a", b"b"), (b"b", b"a")):
        model, epochs = recorder()
        epochs.begin()
        model.weights = trained
        epochs.test_begin()
        model.weights = left
        epochs.test_end()
        epochs.end(0, {"loss": 1})
        assert values(epochs, trained) == values(epochs, left) == {}


def test_weights_are_compared_by_their_checksum_and_not_by_its_identity() -> None:
    epochs = Epochs(lambda: bytes(bytearray(b"equal each time")))
    epochs.begin()
    epochs.end(0, {"loss": 1.0})
    epochs.close(0, {"loss": 1.0, "score": 2.0})
    assert values(epochs, b"equal each time") == {"loss": (1.0, 0), "score": (2.0, 0)}


def test_numbers_that_another_callback_replaced_count_as_its_own() -> None:
    _, epochs = recorder()
    epochs.begin()
    epochs.end(0, {"loss": 1.0, "auc": 0.5, "f1": 0.5})
    epochs.close(0, {"loss": 0.5, "auc": 0.75, "f1": 0.5})
    assert values(epochs, b"start") == {"loss": (0.5, 0), "auc": (0.75, 0), "f1": (0.5, 0)}


def test_an_epoch_without_logs_is_still_known() -> None:
    model, epochs = recorder()
    epochs.begin()
    epochs.end(4, {})
    assert epochs.epoch_of(model.weights) == 4
    assert epochs.latest() == {}
