"""`tb-versions replay REF REF`: arguments, and what it prints. tests/unit/trust/behaviour has what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tb_versions.cli import main, replay_two, text
from tb_versions.core.golden.file import Asked
from tb_versions.registry.behaviour_facts import MovedOutput
from tb_versions.registry.events import BehaviourCompared
from tb_versions.trust.behaviour.comparing import Behaviour
from tb_versions.trust.behaviour.inputs import Labels
from tb_versions.trust.behaviour.outputs import Answers, moved
from tests.support.golden import with_golden

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["replay", *arguments])
    return result.exit_code, result.output


def behaviour() -> Behaviour:
    before, after = np.eye(3, dtype="float32"), np.eye(3, dtype="float32")[[0, 2, 2]]
    labels = Labels(np.array([0, 1, 2]), np.ones(3, bool))
    output = moved(Answers("serve", "y\u202e", before, after, np.ones(3, bool)), labels)
    lone = MovedOutput(
        signature="serve", name="score", examples=3, count=3, max=0.5, mean=0.5, quantiles=(0.5,) * 3, bins=(0, 3)
    )
    said = BehaviourCompared(
        "digits:1", inputs=("before",), labels="golden", tensorflow="2.21.0", device="CPU", outputs=(output, lone)
    )
    inputs = {"serve": {"x": np.arange(6.0).reshape(3, 2)}}
    return Behaviour(
        "digits:1", "digits:2", said, inputs, {"serve": (Asked({}, {"y\u202e": before}), Asked({}, {"y\u202e": after}))}
    )


def test_it_prints_flips_the_test_its_power_and_examples_with_their_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    replay_two.show(behaviour())
    said = capsys.readouterr().out
    assert "digits:1 and digits:2, asked on TF 2.21.0 / CPU: golden inputs of digits:1" in said
    assert "1 of 3" in said
    assert "largest score at another position" in said
    assert "not claimed" in said
    assert "Whether it is better is not known from 3 examples (0 became right, 1 became wrong; p = 1)." in said
    assert "It takes 6 changes that all go one way" in said
    assert "right, wrong" in said
    assert "x: 2, 3" in said
    assert "\u202e" not in said
    assert "\\u{a}" not in said
    assert "\nserve: y\\u{202e}\n  Whether it is better" in said
    assert "\nExamples of serve: y\\u{202e}, 1 of 1\n" in said


def test_json_has_the_same_with_inputs_and_answers() -> None:
    told = json.loads(text.json_of(replay_two.as_json(behaviour())))
    assert (told["before"], told["after"], told["inputs"], told["event"]) == ("digits:1", "digits:2", ["before"], None)
    first, second = told["outputs"]
    assert first["name"] == "y\\u{202e}"
    assert first["test"]["verdict"] == "not_known"
    assert first["listed"][0]["inputs"] == "x: 2, 3"
    assert first["listed"][0]["answers"] == ["0, 1, 0", "0, 0, 1"]
    assert (second["flipped"], second["test"]) == (None, None)


@pytest.mark.parametrize("option", ["--inputs=x.npz", "--labels=y.npy", "--threshold=0.5"])
def test_options_for_two_versions_need_two(option: str, tmp_path: Path) -> None:
    code, said = run("digits:1", option, "--models-dir", str(tmp_path))
    assert code == 2
    assert f"{option.partition('=')[0]} is for two versions: tb-versions replay REF REF" in said


def test_a_tolerance_is_for_one_version(tmp_path: Path) -> None:
    code, said = run("digits:1", "digits:2", "--tolerance=0.1", "--models-dir", str(tmp_path))
    assert code == 2
    assert "--tolerance is for one version" in said


def test_two_that_can_not_be_asked_are_a_sentence(tmp_path: Path) -> None:
    with_golden(tmp_path)
    with_golden(tmp_path)
    code, said = run(
        "digits:1", "digits:2", "--models-dir", str(tmp_path / "models"), "--timeout", "1", "--memory", "0.1"
    )
    assert code == 1
    assert said.startswith("tb-versions: digits:1 gave no answer. It was stopped")
    assert said.endswith("Nothing was compared.\n")
