"""The workflows of the guide "Gate a release in CI": their YAML is read, and the shell of each step is run.

What GitHub and GitLab do between the steps (outputs, variables, the composite action, the component) is done here as
their documentation says. `pip` and `gh`, which would ask the network, only note what they were asked.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import tb_versions as tbv
from tb_versions.registry.events import said

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "guides" / "gate-a-release.md").read_text()
CI = ROOT / "docs" / "ci"
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', GUIDE, re.MULTILINE | re.DOTALL))

_SHIMS = {
    "pip": 'echo "pip $*" >> "$ASKED"',
    "gh": 'echo "gh $*" >> "$ASKED"; test -s gate.md',
    "python": f'exec {sys.executable} "$@"',
    "tb-versions": f'exec {sys.executable} -m tb_versions.cli "$@"',
}


def read(text: str) -> Any:
    """YAML in which `on` is no truth value."""
    return yaml.load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE), Loader=yaml.SafeLoader)


class Shop:
    """A repository with the guide's files, and a shell in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models = folder / "models"
        self.models.mkdir()
        (folder / "bin").mkdir()
        for name, line in _SHIMS.items():
            path = folder / "bin" / name
            path.write_text(f"#!/bin/bash\n{line}\n")
            path.chmod(0o755)
        for name in ("gates.toml", "live.toml", "train.py"):
            (folder / name).write_text(FILES[name])
        self.variables = {"MODELS_DIR": str(self.models), "ASKED": str(folder / "asked"), "SEED": "0"}

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a step as GitHub's bash does."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI"))}
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**plain, "PYTHONPATH": str(ROOT), "PATH": path, **self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> str:
        path = self.folder / "asked"
        return path.read_text() if path.exists() else ""

    def protect(self) -> None:
        (self.models / "digits/.versions").mkdir(parents=True, exist_ok=True)
        (self.models / "digits/.versions/policy.toml").write_text(FILES["policy.toml"])


class GitHub:
    """Does between the steps of a job what GitHub does."""

    def __init__(self, shop: Shop, **event: str) -> None:
        self.shop = shop
        self.values = {"vars.MODELS_DIR": str(shop.models), "github.actor": "anna", "github.token": "x", **event}
        self.summary = shop.folder / "summary.md"

    def job(self, workflow: str, job: str) -> list[tuple[str, int]]:
        """Runs a job; returns the exit code of each step that ran."""
        whole = read(FILES[workflow])
        shared = self.filled(whole.get("env", {}))
        codes: list[tuple[str, int]] = []
        for step in whole["jobs"][job]["steps"]:
            is_failed = any(code for _, code in codes)
            if is_failed and step.get("if") != "always()":
                continue
            for script, variables in self.scripts(step):
                codes.append((step.get("name", "?"), self.step(script, step.get("id", ""), {**shared, **variables})))
        return codes

    def scripts(self, step: Mapping[str, Any]) -> list[tuple[str, dict[str, str]]]:
        if step.get("uses", "").startswith("./"):
            action = read((CI / "action.yml").read_text())
            given = self.filled(step["with"])
            assert set(given) <= set(action["inputs"])
            inputs = {
                f"inputs.{name}": given.get(name, one.get("default", "")) for name, one in action["inputs"].items()
            }
            self.values |= inputs
            return [(each["run"], self.filled(each["env"])) for each in action["runs"]["steps"]]
        return [(step["run"], self.filled(step.get("env", {})))] if "run" in step else []

    def step(self, script: str, name: str, variables: Mapping[str, str]) -> int:
        output = self.shop.folder / "output"
        output.write_text("")
        known = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_ACTIONS": "true"}
        run = {"GITHUB_WORKFLOW": "Train and gate", "GITHUB_RUN_ID": "1"}
        done = self.shop.run(script, **known, **run, **variables)
        for line in output.read_text().splitlines():
            key, _, value = line.partition("=")
            self.values[f"steps.{name}.outputs.{key}"] = value
        self.said = done.stdout + done.stderr
        return done.returncode

    def filled(self, texts: Mapping[str, Any]) -> dict[str, str]:
        pattern = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
        return {name: pattern.sub(lambda m: self.values[m[1]], str(text)) for name, text in texts.items()}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


TRAIN, PROMOTE = ".github/workflows/train.yml", ".github/workflows/promote.yml"


def test_a_pull_request_is_trained_judged_commented_and_promoted_when_it_is_merged(shop: Shop) -> None:
    shop.protect()
    github = GitHub(shop, **{"github.event.number": "7"})
    assert github.job(TRAIN, "gate") == [("Install", 0), ("Train and publish", 0), ("Gate", 0), ("Comment", 0)]
    assert "digits:1 passes release" in github.summary.read_text().replace("\\", "")
    assert "gh pr comment 7 --body-file gate.md" in shop.asked
    assert github.job(PROMOTE, "promote")[-1] == ("Promote", 0)
    found = tbv.which("digits@production", shop.models)
    assert (found.number, found.actor) == (1, "anna")
    assert found.gate.startswith("release passed at promotion")


def test_a_worse_version_is_refused_everywhere_and_says_why(shop: Shop) -> None:
    shop.protect()
    first = GitHub(shop, **{"github.event.number": "7"})
    first.job(TRAIN, "gate")
    first.job(PROMOTE, "promote")
    gates = shop.folder / "gates.toml"
    gates.write_text(gates.read_text().replace("at_least = 0.80", "at_least = 0.999"))
    second = GitHub(shop, **{"github.event.number": "8"})
    codes = second.job(TRAIN, "gate")
    assert codes == [("Install", 0), ("Train and publish", 0), ("Gate", 1), ("Comment", 0)]
    assert "❌ failed" in (shop.folder / "gate.md").read_text()
    assert second.job(PROMOTE, "promote")[-1][1] != 0
    refused = shop.run('tb-versions promote digits:2 --alias production --reason x --models-dir "$MODELS_DIR"')
    assert refused.returncode == 1
    assert "the gate release passed (it did not:" in refused.stderr
    assert tbv.which("digits@production", shop.models).number == 1


def test_the_jobs_for_gitlab_run(shop: Shop) -> None:
    pipeline = read(FILES[".gitlab-ci.yml"])
    script = "\n".join(pipeline["train"]["script"])
    assert shop.run(script, PULL_REQUEST="7").returncode == 0
    version = (shop.folder / "train.env").read_text().strip().removeprefix("VERSION=")
    assert version == "digits:1"
    header, body = (CI / "gitlab-component.yml").read_text().split("---\n")
    inputs = read(header)["spec"]["inputs"]
    given = {**{name: one.get("default", "") for name, one in inputs.items()}}
    given |= {"ref": version, "models-dir": str(shop.models)}
    assert set(pipeline["include"][0]["inputs"]) <= set(inputs)
    job = read(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda m: given[m[1]] or '""', body))["gate"]
    variables = {name: str(value) for name, value in job["variables"].items()}
    done = shop.run("\n".join(job["script"]), **{**variables, "TB_VERSIONS_ACTOR": "ci"})
    assert done.returncode == 0, done.stderr
    reports = job["artifacts"]["reports"]
    for name in (*job["artifacts"]["paths"], reports["junit"], reports["metrics"]):
        assert (shop.folder / name).stat().st_size, name
    deploy = "\n".join(pipeline["promote"]["script"])
    assert shop.run(deploy, VERSION=version, CI_PIPELINE_ID="9").returncode == 0


def test_the_statement_is_split_for_githubs_attestations(shop: Shop) -> None:
    GitHub(shop, **{"github.event.number": "7"}).job(TRAIN, "gate")
    steps = read(re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)[0])
    assert shop.run(steps[0]["run"]).returncode == 0
    assert json.loads((shop.folder / "predicate.json").read_text())["result"] == "PASSED"


def test_monitoring_of_the_guide_notices_what_got_worse(shop: Shop) -> None:
    GitHub(shop, **{"github.event.number": "7"}).job(TRAIN, "gate")
    assert GitHub(shop, **{"github.event.number": "7"}).job(PROMOTE, "promote")[-1][1] == 0
    (command,) = re.findall(r"^tb-versions gate check digits@production .*$", GUIDE, re.MULTILINE)
    assert shop.run(command).returncode == 1  # nothing was measured
    tbv.record("digits:1", shop.models, {"val_accuracy": 0.5}, source="monitoring")
    done = shop.run(command)
    assert (done.returncode, "worse" in done.stdout) == (1, True), done.stdout + done.stderr
    tbv.record("digits:1", shop.models, {"val_accuracy": 1.0}, source="monitoring")
    assert shop.run(command).returncode == 0
    events = [told.event for told in tbv.history("digits", shop.models) if told.event.kind == "gate_checked"]
    assert [said(event).key for event in events][-1] == "live on monitoring"


def test_the_action_and_the_component_have_thirty_lines_at_most() -> None:
    assert [len((CI / name).read_text().splitlines()) <= 30 for name in ("action.yml", "gitlab-component.yml")] == [
        True,
        True,
    ]


def test_the_guide_names_every_key_of_a_rule() -> None:
    from tb_versions.gates.rules import Rule

    named = set(re.findall(r"`(\w+)", GUIDE)) | {"name"}
    assert set(Rule.__struct_fields__) - named == set()
