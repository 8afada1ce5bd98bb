"""DVC's files at a commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tb_versions.interop.gto import project as module
from tb_versions.interop.gto.project import Project, read_project


def read(folder: str = "", **texts: str) -> Project:
    files = {name.replace("___", "/").replace("__", "."): text for name, text in texts.items()}

    def answer(paths: Sequence[str]) -> Mapping[str, str]:
        return {path: files[path] for path in paths if path in files}

    return read_project(answer, folder)


def test_a_project_without_dvc_yaml_has_the_usual_files() -> None:
    project = read(
        params__yaml="a: {b: [1, 2], c: null}\nd: 1:30\ne: 0o17\nf: .inf", metrics__json='{"x": 1, "y": true}'
    )
    assert project.hyperparameters == {"a.b": "[1, 2]", "d": "1:30", "e": 15, "f": float("inf")}
    assert project.metrics == {"x": 1.0}


def test_names_of_several_files_are_kept_apart() -> None:
    dvc = "metrics: [a.json, sub/b.yaml]"
    project = read(dvc__yaml=dvc, a__json='{"acc": 1, "only": 2}', sub___b__yaml="acc: 3")
    assert project.metrics == {"a.json:acc": 1.0, "only": 2.0, "sub/b.yaml:acc": 3.0}


def test_what_dvc_lock_says_was_used_wins_and_is_said() -> None:
    lock = "stages: {t: {params: {params.yaml: {lr: 0.5, opt.name: sgd}}}}"
    project = read(dvc__lock=lock, params__yaml="lr: 0.1\nseed: 3\nopt: {name: sgd}")
    assert project.hyperparameters == {"lr": 0.5, "opt.name": "sgd", "seed": 3}
    assert project.notes == ['lr is "0.1" in params.yaml; dvc.lock says what was used.']


def test_metrics_that_are_in_dvc_s_cache_are_missed_with_a_word() -> None:
    project = read(dvc__yaml="stages: {t: {metrics: [m.json]}}")
    assert project.notes == ["m.json has metrics and is not in git: dvc pull brings it."]


def test_a_project_in_a_folder_reads_there_and_not_above_the_repository() -> None:
    dvc = "metrics: [../shared.json, ../../etc/x.json, /etc/passwd, '${name}.json']"
    project = read("models", models___dvc__yaml=dvc, shared__json='{"acc": 1}')
    assert project.metrics == {"acc": 1.0}
    assert len([note for note in project.notes if "was not followed" in note]) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!!python/object/apply:os.system [touch /tmp/x]", "could not determine a constructor"),
        ("a: &a [x]\nb: [*a, *a]", "it has aliases"),
        ("[" * 5_000, "params.yaml was not read"),
        ("a: b: c", "params.yaml was not read"),
        ("<<: 1", "params.yaml was not read"),
    ],
)
def test_yaml_that_means_harm_is_a_note(text: str, words: str) -> None:
    project = read(params__yaml=text, metrics__json='{"acc": 1}')
    assert project.metrics == {"acc": 1.0}
    assert words in " ".join(project.notes) or (text == "<<: 1" and project.hyperparameters == {"<<": 1})


def test_very_many_values_and_deep_json_end() -> None:
    many = "{" + ", ".join(f'"k{n}": {n}' for n in range(12_000)) + "}"
    assert len(read(metrics__json=many).metrics) == 10_000
    assert read(metrics__json="[" * 200_000).notes
    assert read(metrics__json='{"a": ' + "9" * 5_000 + "}").notes
    assert module.read_project(lambda _: {}, "").metrics == {}


def test_what_has_another_form_than_dvc_s_is_passed_over() -> None:
    project = read(
        dvc__yaml="stages: [1]\nartifacts: x\nmetrics: {a: 1}\nparams: [3, {1: 2}]", dvc__lock="stages: {a: 1}"
    )
    assert (project.metrics, project.hyperparameters, project.datasets) == ({}, {}, [])
