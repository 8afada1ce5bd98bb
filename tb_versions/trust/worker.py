"""The process that loads a model and asks it. `core.golden.running` starts it, with limits of time and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tb_versions.core.golden import file
from tb_versions.core.golden.file import FILE_LIMIT, Array, Asked
from tb_versions.core.golden.outcome import Outcome, Output, Tolerance, encode
from tb_versions.core.golden.running import Job
from tb_versions.core.manifest import shown
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidManifestError, MissingDependencyError, TbVersionsError
from tb_versions.read.reuse.model_loading import SAVED_MODEL, HowToLoad, load_model
from tb_versions.trust.answering import NoAnswerHereError, answers_of
from tb_versions.trust.comparing import compare

_Answers = tuple[dict[str, Array], dict[str, str]]


def main(arguments: Sequence[str]) -> None:
    """Does the job that the only argument describes, and writes what came of it."""
    job = msgspec.json.decode(arguments[0], type=Job)
    outcome = _outcome(job)
    with open(job.outcome, "xb") as written:
        written.write(encode(outcome))


def _outcome(job: Job) -> Outcome:
    try:
        asked = file.read(read_capped(job.golden, FILE_LIMIT))
    except TbVersionsError as error:
        return Outcome(problem=str(error), kind="golden")
    try:
        loaded = load_model(job.called, job.folder, has=frozenset({SAVED_MODEL}), keras="", how=HowToLoad())
    except MissingDependencyError as error:
        return Outcome(problem=str(error), kind="dependency")
    except TbVersionsError as error:
        return Outcome(problem=str(error), kind="model", tensorflow=_tensorflow())
    return _asked(job, loaded.model, asked)


def _asked(job: Job, model: Any, asked: Mapping[str, Asked]) -> Outcome:
    outputs: list[Output] = []
    unstable: list[str] = []
    notes: list[str] = []
    kept: dict[str, Asked] = {}
    for key, one in asked.items():
        try:
            answers, types = answers_of(model, key, one)
            again, _ = answers_of(model, key, one) if job.answers else (answers, types)
        except NoAnswerHereError as error:
            notes.append(str(error))
            outputs += [Output(key, name, ok=False, why=str(error)) for name in one.outputs]
            continue
        changing = _changing(key, answers, again)
        unstable += [f"{key}: {name}" for name in sorted(changing)]
        stable = {name: value for name, value in answers.items() if name not in changing}
        kept[key] = Asked(one.inputs, stable, one.labels)
        recorded = {name: value for name, value in one.outputs.items() if name not in changing}
        outputs += _compared(key, recorded, (answers, types), job.tolerance)
    outcome = Outcome(tuple(outputs), tuple(kept), _tensorflow(), "CPU", tuple(unstable), tuple(notes))
    return _kept(job, outcome, kept) if job.answers else outcome


def _compared(key: str, recorded: Mapping[str, Array], found: _Answers, tolerance: Tolerance) -> list[Output]:
    answers, types = found
    compared = []
    for name, before in recorded.items():
        if name not in answers:
            compared.append(Output(key, name, ok=False, why=f"The output {shown(name)} is not there any more."))
        else:
            compared.append(
                compare(key, name, before=before, now=answers[name], dtype=types[name], tolerance=tolerance)
            )
    return compared


def _changing(key: str, first: Mapping[str, Array], second: Mapping[str, Array]) -> set[str]:
    """The outputs that are not the same when the model is asked twice: they are random, or count calls."""
    return {name for name in first if not compare(key, name, before=first[name], now=second[name]).ok}


def _kept(job: Job, outcome: Outcome, kept: Mapping[str, Asked]) -> Outcome:
    """Writes the answers; signatures without any that stay the same are left out."""
    answered = {key: one for key, one in kept.items() if one.outputs}
    if not answered:
        return msgspec.structs.replace(outcome, answered=(), problem=_nothing(outcome), kind="model")
    try:
        data = file.write(answered)
    except InvalidManifestError as error:
        return msgspec.structs.replace(outcome, answered=(), problem=str(error), kind="golden")
    with open(job.answers, "xb") as written:
        written.write(data)
    return msgspec.structs.replace(outcome, answered=tuple(sorted(answered)))


def _nothing(outcome: Outcome) -> str:
    if outcome.unstable:
        return f"Every answer changes from call to call, as random ones do: {', '.join(outcome.unstable[:3])}."
    return " ".join(outcome.notes[:3]) or "It was asked nothing."


def _tensorflow() -> str:
    import tensorflow as tf

    return str(tf.__version__)
