"""Three versions of two models and a run without a version: every group says what the demo wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.tab import Tab
from tests.browser.test_compare import chart, differences, wait

VERSIONS = ("digits:9", "digits:13", "digits-tiny:4")
RUN = "run:mlp-diverged"
GROUPS = {
    "Metrics",
    "Metrics, measured later",
    "Slices",
    "Hyperparameters",
    "Signature",
    "Graph and weights",
    "Data",
    "Code",
    "Environment",
    "Hardware",
    "Files and sizes",
    "Labels",
    "Lineage",
}

Shown = Mapping[tuple[str, str], list[str]]


def manifest_of(demo: Demo, reference: str) -> dict[str, Any]:
    """What lies beside the model."""
    model, number = reference.split(":")
    path = Path(demo.arguments[-1]) / model / number / "version_manifest.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def everything_shown(tab: Tab) -> Shown:
    """Group and row to the texts of the cells, as they stand in the page."""
    rows = differences(tab).evaluate(
        """table => [...table.tBodies].flatMap(body => {
            const group = body.querySelector('[scope=rowgroup]').innerText.trim();
            return [...body.rows].filter(row => row.querySelector('[scope=row]')).map(row => [
                group,
                (row.querySelector('[scope=row] bdi') ?? row.querySelector('[scope=row]')).innerText.trim(),
                [...row.cells].slice(1).map(cell => cell.innerText.trim()),
            ]);
        })"""
    )
    return {(group, name): texts for group, name, texts in rows}


@pytest.fixture
def compared(demo_tab: Tab) -> Tab:
    """The comparison, equal rows shown."""
    for reference in VERSIONS:
        demo_tab.select(reference)
    demo_tab.inside.get_by_role("button", name=f"Compare {len(VERSIONS)}", exact=True).click()
    wait(demo_tab)
    demo_tab.inside.get_by_role("button", name="+ add version or run").click()
    demo_tab.inside.get_by_role("combobox", name="Find a version or a run").fill("diverged")
    demo_tab.page.keyboard.press("Enter")
    demo_tab.page.keyboard.press("Escape")
    demo_tab.inside.get_by_role("button", name="differences only").click()
    demo_tab.wait_for_state(cmp=",".join([*VERSIONS, RUN]), all="1")
    expect(differences(demo_tab).get_by_role("columnheader")).to_have_count(len(VERSIONS) + 2)
    expect(differences(demo_tab).get_by_role("button", name="all rows")).to_be_visible()
    return wait(demo_tab)


def test_every_group_says_what_the_demo_wrote(demo: Demo, compared: Tab) -> None:
    differences(compared).get_by_role("button", name=re.compile("^Show .* more packages$")).click()
    shown = everything_shown(compared)
    assert {group for group, _ in shown} == GROUPS
    manifests = [manifest_of(demo, reference) for reference in VERSIONS]
    for column, manifest in enumerate(manifests):
        written = demo.versions[VERSIONS[column]]
        _check_numbers(shown, column, written)
        _check_model(shown, column, manifest)
        _check_origin(shown, column, manifest)
    for row, texts in shown.items():
        if row[0] not in ("Metrics", "Metrics, measured later", "Hyperparameters", "Lineage"):
            assert texts[-1] == "not known", row
    assert shown["Lineage", "run"][-1] == "mlp-diverged"
    assert "(last)" in shown["Metrics", "val_loss"][-1]


def _check_numbers(shown: Shown, column: int, written: Mapping[str, Any]) -> None:
    for name, value in written["metrics"].items():
        assert float(re.findall(r"\d\S*", shown["Metrics", name][column])[0]) == pytest.approx(value, rel=1e-4), name
    for name, value in written["hyperparameters"].items():
        text = shown["Hyperparameters", name][column]
        assert text == value or float(text) == pytest.approx(value), name
    assert written["digest"].startswith("sha256:" + shown["Files and sizes", "content"][column].split()[0])


def _check_model(shown: Shown, column: int, manifest: Mapping[str, Any]) -> None:
    saved_model = manifest["savedModel"]
    parameters = shown["Graph and weights", "parameters"][column].replace(",", "")
    assert int(parameters.split()[0]) == int(saved_model["parameterCount"])
    assert int(shown["Graph and weights", "variables"][column].split()[0]) == len(saved_model["variables"])
    verdicts = [shown["Graph and weights", "graph and weights"][place] for place in (1, 2)]
    assert verdicts == ["same architecture, other weight files", "different architecture"]
    keys = ", ".join(signature["key"] for signature in saved_model["metaGraphs"][0]["signatures"])
    assert shown["Signature", "all signatures"][column] == keys + (" identical" if column else "")
    files = shown["Files and sizes", "files"][column]
    assert files.startswith(f"{len(manifest['files'])} files")


def _check_origin(shown: Shown, column: int, manifest: Mapping[str, Any]) -> None:
    for dataset in manifest["datasets"]:
        text = shown["Data", f"{dataset['name']} ({dataset['split']})"][column]
        assert dataset["digest"][7:19] in text
        assert f"{int(dataset['rows']):,} rows" in text
    code, environment = manifest["code"], manifest["environment"]
    assert code["commit"].startswith(shown["Code", "commit"][column].split()[0])
    assert shown["Code", "script"][column] == code["entryPoint"]
    assert shown["Environment", "TensorFlow"][column] == environment["tensorflow"]
    assert shown["Environment", "Python"][column] == environment["python"]
    for package in ("absl-py", "grpcio", "protobuf"):
        assert shown["Environment", package][column] == environment["packages"][package]
    assert shown["Hardware", "processor"][column] == manifest["hardware"]["cpu"]
    assert shown["Labels", "stage"][column] == manifest.get("labels", {}).get("stage", "–")
    parents = [f"{p['model']}:{p['number']}" for p in manifest.get("parents", [])]
    assert shown["Lineage", "made from"][column].endswith(parents[0] if parents else "–")
    assert shown["Lineage", "run"][column] == manifest["runs"][0]["name"]
    assert shown["Lineage", "exported at step"][column] == manifest["runs"][0]["step"]
    assert shown["Lineage", "semantic version"][column] == manifest["semanticVersion"]


def test_the_marks_of_the_demo_stand_at_the_steps_and_values_of_the_exports(demo: Demo, compared: Tab) -> None:
    for tag, metric in (("epoch_accuracy", "val_accuracy"), ("epoch_loss", "val_loss")):
        words = chart(compared, tag).plot.get_attribute("aria-label") or ""
        marks = re.findall(r"([\w-]+ \d+) ([\d.e+-]+) at step (\d+)", words)
        for reference in VERSIONS:
            steps = {step for name, _, step in marks if name == reference.replace(":", " ")}
            values = [float(value) for name, value, _ in marks if name == reference.replace(":", " ")]
            assert steps == {manifest_of(demo, reference)["runs"][0]["step"]}
            assert pytest.approx(demo.versions[reference]["metrics"][metric], rel=1e-3) in values, (tag, reference)
