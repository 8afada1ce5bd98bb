"""Names of metrics say what distinguishes them."""

from __future__ import annotations

import pytest

from tb_versions.interop.tfx.metric_keys import MetricKey, key_of
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import message

_OWN = frozenset({"", "candidate"})


def test_every_part_of_a_key_is_read() -> None:
    sub = field(1, field(1, 3)) + field(2, field(1, 2)) + field(3, field(1, 5))
    data = field(1, "auc") + field(4, "m") + field(2, "head") + field(3, sub) + field(6, field(3, 1)) + field(5, 1)
    key = key_of(message(data + field(7, field(1, 1))))
    assert key == MetricKey("auc", "m", "head", 3, 2, 5, "weighted macro average", True, True)
    assert key_of(None) == MetricKey("")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (MetricKey("auc"), "auc"),
        (MetricKey("auc", "candidate"), "auc"),
        (MetricKey("auc", "baseline"), "auc (model baseline)"),
        (MetricKey("auc", output_name="head", class_id=0), "auc (output head, class 0)"),
        (MetricKey("auc", weighted=True, is_diff=True), "auc (weighted, difference to the baseline)"),
        (MetricKey("auc", weighted=False), "auc"),
        (MetricKey("ndcg", top_k=5, element="cutoff 3"), "ndcg (top 5, cutoff 3)"),
    ],
)
def test_a_name_leaves_out_what_is_as_usual(key: MetricKey, name: str) -> None:
    assert key.called(_OWN) == name


def test_unweighted_is_said_only_beside_one_whose_weights_are_not_known() -> None:
    assert MetricKey("auc", weighted=False).called(_OWN, says_unweighted=True) == "auc (unweighted)"
    assert MetricKey("auc").called(_OWN, says_unweighted=True) == "auc"


def test_a_flag_set_to_false_and_an_absent_weight_say_nothing() -> None:
    assert key_of(message(field(1, "a") + field(6, field(1, 0)))).aggregation == ""
    assert key_of(message(field(1, "a"))).weighted is None
    assert key_of(message(field(1, "a") + field(7, b""))).weighted is False
