"""What an export holds to compare its members: nothing that must not leave is in a finished cell."""

from __future__ import annotations

import json
from pathlib import Path

from tb_versions.core.manifest import Code, Environment
from tb_versions.exports.export import export
from tb_versions.exports.page.html import read_html
from tests.support.world import World

SECRET = "hunter2hunter2"


def exported(world: World, out: Path, **wishes: object) -> tuple[list[dict], dict]:
    """Details of the versions, and the facts."""
    world.close()
    export(out, logdir=world.logs, models_dir=world.models, **wishes)  # type: ignore[arg-type]
    made = read_html(out)
    return made.section("details/0"), made.section("facts")


def test_cells_are_made_of_what_leaves_and_of_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    code = Code(
        commit="a" * 40,
        remote=f"https://user:{SECRET}@internal.example/repo.git",
        entry_point="/home/anna/train.py",
        arguments=("--token", SECRET),
        dirty=True,
        dirty_files=("a.py",),
        diff=f"+password = '{SECRET}'",
    )
    fields = {"labels": {"api_token": SECRET}, "hyperparameters": {"password": SECRET, "lr": 0.1}}
    world.version("digits", 1, code=code, run="jobs/anna@gpu17.corp/train", **fields)
    details, facts = exported(world, tmp_path / "share.html")
    text = json.dumps([details, facts])
    assert SECRET not in text
    assert "/home/anna" not in text
    parts = details[0]["comparing"]["parts"]
    assert dict(parts["labels"])["api_token"] == {"value": "***"}
    assert dict(parts["hyperparameters"]) == {"lr": {"text": "0.1", "value": 0.1}, "password": {"value": "***"}}
    assert dict(facts["shared"]["parts"]["code"][parts["code"]])["diff"] is None


def test_packages_that_are_left_out_are_in_no_facts(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version(
        "digits", 1, environment=Environment(python="3.11.7", packages={f"package-{i}": "1" for i in range(99)})
    )
    details, facts = exported(world, tmp_path / "whole.html")
    assert len(facts["shared"]["parts"]["packages"][0]) == 99
    script = (tmp_path / "whole.html").stat().st_size
    details, facts = exported(world, tmp_path / "small.html", max_size=script - 200)
    assert "packages" not in facts["shared"]["parts"]
    assert details[0]["comparing"]["packages"] is None


def test_the_hyperparameters_of_a_damaged_version_and_of_a_run_are_masked_too(tmp_path: Path) -> None:
    from tensorboard.plugins.hparams import summary_v2 as hparams

    world = World(tmp_path)
    world.event("lonely", hparams.hparams_pb({"password": SECRET, "lr": 0.1}))
    world.scalars("lonely", "loss", [(1, 0.5)])
    fields = {"schemaVersion": 1, "model": "m", "number": 1, "hyperparameters": {"password": SECRET}, "code": [1]}
    world.raw("m/1", json.dumps(fields).encode())
    details, facts = exported(world, tmp_path / "share.html")
    assert SECRET not in json.dumps(facts)
    assert dict(facts["runs"]["run:lonely"]["parts"]["hyperparameters"])["password"] == {"value": "***"}
    assert dict(details[0]["comparing"]["parts"]["hyperparameters"] or [])["password"] == {"value": "***"}
