"""One output of two models: flips, moves, labels, and numbers that are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_versions.core.times import EPOCH
from tb_versions.registry import events
from tb_versions.registry.behaviour_facts import MovedOutput, RightCounts
from tb_versions.registry.events import BehaviourCompared, Event
from tb_versions.trust.behaviour.inputs import Labels
from tb_versions.trust.behaviour.outputs import Answers, labels_that_do_not_fit, moved, why_not


def compared(before: Any, after: Any, *, labels: Any = None, counted: Any = None, **more: Any) -> MovedOutput:
    first, second = (each if isinstance(each, np.ndarray) else np.array(each) for each in (before, after))
    count = np.ones(len(first), bool) if counted is None else np.array(counted)
    answers = Answers("serve", "y", first, second, count, **more)
    of = None if labels is None else Labels(np.array(labels), np.ones(len(first), bool))
    found = moved(answers, of)
    found.check()
    return found


def texts(*values: str) -> Any:
    made = np.empty(len(values), object)
    made[:] = [each.encode() for each in values]
    return made


def test_an_example_flips_where_its_largest_score_is_at_another_position() -> None:
    found = compared([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], [[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]])
    assert (found.rule, found.flipped, found.examples, found.count) == ("largest", 1, 3, 6)
    assert found.max == pytest.approx(0.3)
    assert found.mean == pytest.approx((0.1 * 4 + 0.3 * 2) / 6)
    assert sum(found.bins) == 6
    first, *others = found.listed
    assert (first.example, first.flipped, first.before, first.after) == (1, True, 0, 1)
    assert first.moved == pytest.approx(0.3)
    assert {each.example for each in others} == {0, 2}


def test_labels_say_which_way_it_flipped() -> None:
    before, after = [[1, 0], [1, 0], [0, 1], [1, 0]], [[0, 1], [0, 1], [0, 1], [0, 1]]
    found = compared(np.array(before, "float32"), np.array(after, "float32"), labels=[1, 0, 1, 1])
    assert found.right == RightCounts(both=1, lost=1, won=2, neither=0)
    assert {each.example: each.right for each in found.listed if each.flipped} == {0: "won", 1: "lost", 3: "won"}


def test_a_single_score_flips_only_where_somebody_said_at_which_threshold() -> None:
    before, after = np.array([[0.4], [0.6]]), np.array([[0.6], [0.7]])
    assert (compared(before, after).rule, compared(before, after).flipped) == ("", None)
    found = compared(before, after, threshold=0.5, labels=[1, 1])
    assert (found.rule, found.threshold, found.flipped) == ("threshold", 0.5, 1)
    assert found.right == RightCounts(both=1, won=1)


def test_whole_numbers_texts_and_booleans_flip_where_they_differ_and_have_no_amounts() -> None:
    found = compared(np.array([1, 2, 3]), np.array([1, 5, 3]), labels=[1, 5, 4])
    assert (found.rule, found.flipped, found.count, found.max) == ("equal", 1, 0, None)
    assert found.right == RightCounts(both=1, won=1, neither=1)
    assert (found.listed[0].before, found.listed[0].after) == (2, 5)
    assert compared(np.array([[1, 2], [3, 4]]), np.array([[1, 2], [3, 5]])).flipped == 1
    assert compared(np.array([True, False]), np.array([True, True])).flipped == 1


def test_texts_are_never_in_what_is_kept() -> None:
    found = compared(texts("secret", "a"), texts("other", "a"), labels=texts("other", "b"))
    assert found.flipped == 1
    assert found.right == RightCounts(won=1, neither=1)
    assert (found.listed[0].before, found.listed[0].after) == (None, None)


def test_scores_that_are_no_numbers_are_no_answer_and_never_right() -> None:
    before = np.array([[0.1, 0.9], [np.nan, 0.5], [0.2, 0.8]])
    after = np.array([[np.nan, 0.9], [np.nan, 0.5], [0.2, np.inf]])
    found = compared(before, after, labels=[1, 0, 1])
    assert found.flipped == 1
    assert found.right == RightCounts(both=1, lost=1, won=0, neither=1)
    assert found.not_finite == 2
    assert (found.listed[0].before, found.listed[0].after, found.listed[0].moved) == (1, None, None)


def test_infinities_that_stay_do_not_move() -> None:
    masked = np.array([[-np.inf, 1.0], [-np.inf, 2.0]])
    found = compared(masked, masked)
    assert (found.max, found.not_finite, found.flipped, found.listed) == (0.0, 0, 0, ())


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "complex64"])
def test_numbers_as_large_and_small_as_can_be_are_counted(kind: str) -> None:
    edge = np.finfo(kind).max
    tiny = np.finfo(kind).smallest_subnormal
    for before, after in (([[edge, -edge]], [[-edge, edge]]), ([[0.0, 0.0]], [[tiny, 0.0]])):
        found = compared(np.array(before, kind), np.array(after, kind))
        assert found.count + found.not_finite == 2


def test_examples_that_do_not_count_are_nowhere_and_positions_stay() -> None:
    before, after = np.eye(3), np.eye(3)[[0, 0, 0]]
    found = compared(before, after, counted=[False, True, True], labels=[0, 1, 2])
    assert (found.examples, found.flipped) == (2, 2)
    assert {each.example for each in found.listed} == {1, 2}
    assert found.right == RightCounts(lost=2)


def test_an_output_without_examples_has_moves_only() -> None:
    answers = Answers("serve", "loss", np.array(0.5), np.array(0.75), np.ones(4, bool))
    found = moved(answers)
    assert (found.rule, found.flipped, found.examples, found.max, found.listed) == ("", None, 0, 0.25, ())
    none = moved(Answers("serve", "y", np.ones((3, 2)), np.zeros((3, 2)), None))
    assert (none.rule, none.examples, none.max) == ("", 0, 1.0)


@pytest.mark.parametrize("part", ["values", "row splits 1", "indices", "shape"])
def test_parts_of_ragged_and_sparse_answers_have_no_examples_whatever_their_size(part: str) -> None:
    found = moved(Answers("serve", f"y ({part})", np.eye(3), np.eye(3)[[1, 0, 2]], np.ones(3, bool)))
    assert (found.rule, found.examples, found.flipped, found.max) == ("", 0, None, 1.0)


def test_scores_with_more_axes_are_not_called_flipped() -> None:
    found = compared(np.zeros((2, 5, 3)), np.ones((2, 5, 3)))
    assert (found.rule, found.flipped, found.max) == ("", None, 1.0)


def test_no_examples_at_all_are_no_error() -> None:
    found = compared(np.zeros((0, 3)), np.zeros((0, 3)))
    assert (found.flipped, found.count, found.max) == (0, 0, None)
    assert compared(np.zeros((2, 0)), np.zeros((2, 0))).flipped is None


def test_equal_answers_have_no_move_and_no_example() -> None:
    found = compared(np.full((4, 2), 0.1, "float32"), np.full((4, 2), 0.1, "float32"))
    assert (found.max, found.mean, found.flipped, found.listed, sum(found.bins)) == (0.0, 0.0, 0, (), 8)


def test_at_most_fifty_examples_are_listed_and_the_farthest_first() -> None:
    before, after = np.zeros((500, 2)), np.zeros((500, 2))
    before[:, 0] = 1
    after[:, 1] = np.linspace(2, 3, 500)
    found = compared(before, after)
    assert found.flipped == 500
    assert len(found.listed) <= 50
    assert found.listed[0].example == 499


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), "has the shape [2, 3] in the first and [2, 4] in the second"),
        (np.ones(2), np.ones(2, int), "is of another kind"),
        (texts("a"), np.ones(1), "is of another kind"),
        (np.ones(2, "float32"), np.ones(2, "float64"), ""),
        (np.ones(2, "int32"), np.ones(2, "uint8"), ""),
    ],
)
def test_what_can_not_be_compared_says_why(before: Any, after: Any, words: str) -> None:
    assert why_not(before, after).startswith(words)
    assert bool(words) == bool(why_not(before, after))


def test_labels_that_do_not_fit_say_why() -> None:
    scores = Answers("s", "y", np.ones((2, 3)), np.ones((2, 3)), np.ones(2, bool))
    known = np.ones(2, bool)
    assert labels_that_do_not_fit(scores, Labels(np.array([0, 2]), known)) == ""
    assert "from 0 to 3, and there are 3 classes" in labels_that_do_not_fit(scores, Labels(np.array([0, 3]), known))
    assert "texts" in labels_that_do_not_fit(scores, Labels(texts("a", "b"), known))
    words = Answers("s", "y", texts("a", "b"), texts("a", "b"), np.ones(2, bool))
    assert "whole numbers" in labels_that_do_not_fit(words, Labels(np.array([0, 1]), known))


NUMBERS = st.one_of(
    st.sampled_from(["float16", "float32", "float64"]).map(np.dtype),
    st.sampled_from(["int8", "uint64", "bool"]).map(np.dtype),
)


@given(st.data())
def test_whatever_two_models_answer_is_an_event_that_is_read_back(data: st.DataObject) -> None:
    kind = data.draw(NUMBERS)
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
    before, after = (data.draw(hnp.arrays(kind, shape)) for _ in range(2))
    counted = data.draw(hnp.arrays(bool, shape[:1]))
    answers = Answers("serve", "y", before, after, counted, data.draw(st.sampled_from([None, 0.5])))
    labels = Labels(data.draw(hnp.arrays("int64", shape[:1])), data.draw(hnp.arrays(bool, shape[:1])))
    found = moved(answers, labels if answers.has_classes else None)
    event = Event(
        format=1,
        critical=False,
        number=1,
        id="0" * 32,
        prev="",
        actor="anna",
        tool="t",
        time=EPOCH,
        kind="behaviour_compared",
        version=5,
    )
    said = BehaviourCompared("digits:3", outputs=(found,))
    assert events.said(events.decode(events.encode(event, said), 1)) == said
    assert found.examples in (0, np.count_nonzero(counted))
    assert all(counted[each.example] for each in found.listed)
