from __future__ import annotations

import json
from typing import Any

import pytest

from tb_versions.documents.bom import bom_of
from tests.support.documented import subject_in
from tests.support.world import World


def bom(world: World, ref: str) -> dict[str, Any]:
    """The bill of a version, valid by an independent checker."""
    data = bom_of(subject_in(world, ref))
    validation = pytest.importorskip("cyclonedx.validation.json")
    schema = pytest.importorskip("cyclonedx.schema")
    problem = validation.JsonStrictValidator(schema.SchemaVersion.V1_7).validate_str(data.decode())
    assert problem is None, problem
    made: dict[str, Any] = json.loads(data)
    return made


def properties(of: dict[str, Any]) -> dict[str, str]:
    return {each["name"].removeprefix("tb-versions:"): each["value"] for each in of["properties"]}


@pytest.mark.parametrize("ref", ["digits:1", "digits:2", "bare:7"])
def test_a_strict_validator_takes_it(known: World, ref: str) -> None:
    made = bom(known, ref)
    assert made["metadata"]["component"]["type"] == "machine-learning-model"


def test_one_state_gives_the_same_bytes_and_another_version_another_serial_number(known: World) -> None:
    one, again = (bom_of(subject_in(known, "digits:2")) for _ in range(2))
    assert one == again
    assert json.loads(one)["serialNumber"] != bom(known, "digits:1")["serialNumber"]


def test_every_file_has_its_hash(known: World) -> None:
    model = bom(known, "digits:2")["metadata"]["component"]
    files = {file.path: file.digest.removeprefix("sha256:") for file in subject_in(known, "digits:2").files or ()}
    assert {each["name"]: each["hashes"][0]["content"] for each in model["components"]} == files


def test_every_metric_is_there_with_value_interval_and_source(known: World) -> None:
    model = bom(known, "digits:2")["metadata"]["component"]["modelCard"]
    metrics = model["quantitativeAnalysis"]["performanceMetrics"]
    assert {"type": "tiny", "value": "1e-07"} in metrics
    assert {"type": "broken", "value": "NaN"} in metrics
    interval = {"lowerBound": "0.7", "upperBound": "0.9"}
    assert {"type": "accuracy", "value": "0.81", "slice": "digits-test", "confidenceInterval": interval} in metrics
    assert properties(model)["source of accuracy [digits-test]"] == "evaluated on the export"


def test_only_the_digest_of_a_file_is_a_hash(known: World) -> None:
    data = {each["name"]: each for each in bom(known, "digits:2")["components"] if each["type"] == "data"}
    assert data["train.csv"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert "hashes" not in data["digits-test"]
    assert properties(data["digits-test"])["digest of"] == "array"


def test_packages_have_urls_and_are_not_said_to_be_needed(known: World) -> None:
    packages = {each["name"]: each for each in bom(known, "digits:2")["components"] if each["type"] == "library"}
    assert packages["numpy"]["purl"] == "pkg:pypi/numpy@2.4.0"
    assert packages["Odd_Name"]["purl"] == "pkg:pypi/odd-name@1%2Bcu12"
    assert {each["scope"] for each in packages.values()} == {"optional"}


def test_parents_and_commit_are_its_pedigree(known: World) -> None:
    pedigree = bom(known, "digits:2")["metadata"]["component"]["pedigree"]
    assert pedigree["ancestors"] == [{"type": "machine-learning-model", "name": "digits", "version": "1"}]
    assert pedigree["commits"][0]["uid"].startswith("c0ffee")


def test_the_time_is_the_version_s(known: World) -> None:
    assert bom(known, "digits:2")["metadata"]["timestamp"] == "2026-11-23T08:02:00Z"


def test_what_is_not_known_is_a_limitation(known: World) -> None:
    model = bom(known, "bare:7")["metadata"]["component"]["modelCard"]
    assert "Not known: any metric." in model["considerations"]["technicalLimitations"]


def test_files_that_are_not_listed_are_not_called_complete(world: World) -> None:
    world.version("listless", 1)
    path = world.models / "listless/1/version_manifest.json"
    fields = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in fields.items() if name not in ("files", "digest")}))
    assert bom(world, "listless:1")["compositions"][0]["aggregate"] == "unknown"


def test_secrets_are_not_in_it(known: World) -> None:
    told = bom_of(subject_in(known, "digits:2")).decode()
    for secret in ("s3cr3t", "git.internal", "/home/jane"):
        assert secret not in told
