"""Steps from times alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tb_versions.interop.planning import Times
from tb_versions.interop.steps import Training, infer_steps

START = 1_700_000_000.0


def training(count: int = 10, *, name: str = "mlp", gap: float = 10, **fields: object) -> Training:
    times = tuple(START + 10 + gap * step for step in range(count))
    made = Training(name, START, tuple(range(count)), times, times, clocks_agree=True)
    return replace(made, **fields)  # type: ignore[arg-type]


def written(at: float, *, lasting: float = 0.5, **fields: object) -> Times:
    times = Times(START + at, START + at + lasting, START + at + lasting, "saved_model.pb", START + at, were_set=False)
    return replace(times, **fields)  # type: ignore[arg-type]


def test_an_export_soon_after_a_step_was_made_after_it() -> None:
    found = infer_steps({"a": written(51)}, [training()])["a"]
    assert (found.run, found.step) == ("mlp", 4)
    assert found.words.startswith("files written 2023-11-14 22:14:11 UTC, between steps 4 and 5 of run mlp")


def test_an_export_that_ends_just_before_a_step_is_logged_is_of_that_step() -> None:
    found = infer_steps({"a": written(59)}, [training()])["a"]
    assert found.step == 5
    assert found.words.endswith("exports before its step was logged")


def test_one_export_that_tells_decides_for_all_of_its_training() -> None:
    exports = {"middle": written(55, lasting=1), "soon": written(81)}
    assert {key: step.step for key, step in infer_steps(exports, [training()]).items()} == {"middle": 4, "soon": 7}


@pytest.mark.parametrize(
    ("exports", "words"),
    [
        ({"a": written(54, lasting=2)}, "nothing tells which of them"),
        ({"a": written(51), "b": written(79)}, "there is evidence for both"),
        ({"a": written(51), "b": written(52)}, "as those of other versions"),
        ({"a": written(48, lasting=4)}, "while a step of run mlp was logged"),
        ({"a": written(-5)}, "outside of every run"),
        ({"a": written(200)}, "outside of every run"),
        ({"a": written(51, were_set=True)}, "set after they were written"),
        ({"a": written(51, changed=START + 75)}, "while a step of run mlp was logged"),
    ],
)
def test_times_that_may_lie_or_are_ambiguous_infer_nothing(exports: dict[str, Times], words: str) -> None:
    found = infer_steps(exports, [training()])
    assert {step.step for step in found.values()} == {None}
    assert words in found["a"].words


@pytest.mark.parametrize(("agree", "words"), [(False, "the clock of the file system"), (None, "were copied")])
def test_a_log_whose_clock_is_another_or_not_known_infers_nothing(agree: bool | None, words: str) -> None:
    unsure = training(clocks_agree=agree)
    assert words in infer_steps({"a": written(51)}, [unsure])["a"].words
    assert infer_steps({"a": written(51)}, [unsure], trusts_times=True)["a"].step == 4


def test_two_runs_at_one_time_are_both_named() -> None:
    found = infer_steps({"a": written(51)}, [training(), training(name="cnn")])["a"]
    assert found.step is None
    assert "several runs were logged (mlp, cnn)" in found.words


def test_an_export_after_the_last_step_is_not_of_a_run_when_another_began_since() -> None:
    """A quick training after a slow one: the export is outside of its own run, and still within the slow one's."""
    began = START + 102
    quick = training(3, name="quick", began=began, first=(began,) * 3, last=(began, began + 0.1, began + 0.2))
    found = infer_steps({"a": written(104)}, [training(), quick])["a"]
    assert (found.run, found.step) == ("", None)
    assert found.words.endswith("after the last step of run mlp, when run quick had begun")
    assert infer_steps({"a": written(104)}, [training()])["a"].step == 9
    assert infer_steps({"a": written(104)}, [training(), quick], stated={"a": "mlp"})["a"].step == 9
    assert infer_steps({"a": written(91)}, [training(), replace(quick, began=START + 95)])["a"].step == 8


def test_exports_at_each_step_need_the_first_or_the_last() -> None:
    every = {str(step): written(11 + 10 * step, lasting=8) for step in range(10)}
    assert {key: step.step for key, step in infer_steps(every, [training()]).items()} == {k: int(k) for k in every}
    some = {key: every[key] for key in map(str, range(9))}
    del some["8"]
    some["8"] = every["8"]
    assert {step.step for step in infer_steps(some, [training(9 + 1)]).values()} == {None}


@pytest.mark.parametrize("at", [49.995, 50.0])
def test_files_written_in_the_tick_of_a_step_are_of_that_step(at: float) -> None:
    found = infer_steps({"a": written(at, lasting=0.002)}, [training()])["a"]
    assert found.step == 4
    assert "in the moment in which step 4 of run mlp was logged" in found.words


def test_two_exports_in_one_tick_have_no_step() -> None:
    exports = {"a": written(49.995, lasting=0.001), "b": written(49.997, lasting=0.001)}
    assert {step.step for step in infer_steps(exports, [training()]).values()} == {None}


def test_a_time_in_a_folders_name_needs_no_clock() -> None:
    named = Times(START + 51, START + 51.999, 0, "", START + 51, were_set=False, is_named=True)
    found = infer_steps({"a": named}, [training(clocks_agree=None)])["a"]
    assert found.step == 4
    assert found.words.startswith("named by the time 2023-11-14 22:14:11 UTC")
