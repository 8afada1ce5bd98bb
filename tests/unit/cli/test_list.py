from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import Result

from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tests.support.world import World, strict

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


def test_every_version_is_listed(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split()[:5] == ["version", "created", "files", "run", "step"]
    assert [line.split()[0] for line in lines[1:]] == ["digits:1", "digits:2", "faces:7"]
    assert "(1.0.0)" in lines[1]
    assert "0.9" in lines[1]
    assert "nan" in lines[2]


def test_one_model_or_one_version_is_listed(run: Run) -> None:
    assert [row["id"] for row in json.loads(run("list", "digits", "--json").stdout)] == ["digits:1", "digits:2"]
    assert [row["id"] for row in json.loads(run("list", "digits:1.1.0", "--json").stdout)] == ["digits:2"]


def test_json_has_the_promised_fields(run: Run, world: World) -> None:
    rows = strict(run("list", "--json").stdout.encode())
    promised = "model number semantic_version digest created run step metrics hyperparameters labels aliases path state"
    assert all(set(promised.split()) <= row.keys() for row in rows)
    first, second, _ = rows
    assert first == {
        "id": "digits:1",
        "model": "digits",
        "number": 1,
        "semantic_version": "1.0.0",
        "digest": first["digest"],
        "created": 1795420860000,
        "run": "cnn",
        "step": 1,
        "metrics": {"val_accuracy": 0.9, "val_loss": 0.5},
        "sources": {"val_accuracy": "typed", "val_loss": "run"},
        "not_known": {},
        "samples": {},
        "hyperparameters": {"lr": 0.1, "optimizer": "adam"},
        "hyperparameters_from": None,
        "labels": {"team": "vision"},
        "lead_metric": None,
        "elsewhere": None,
        "aliases": [],
        "aliases_of_another_manifest": [],
        "approved_by": [],
        "approved_by_of_another_manifest": [],
        "deprecated": None,
        "gates": [],
        "verified": None,
        "removed": None,
        "measured": {},
        "path": str(world.models / "digits" / "1"),
        "state": "present",
        "notice": None,
    }
    assert first["digest"].startswith("sha256:")
    assert second["metrics"] == {"nan": "NaN", "val_loss": 0.75}


def test_an_unknown_model_is_an_answer_no(run: Run) -> None:
    result = run("list", "digitz")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr == 'tb-versions: There is no model "digitz"; the models are digits, faces. Did you mean digits?\n'
    )


def test_a_damaged_manifest_is_reported_and_the_rest_listed(run: Run, world: World) -> None:
    world.raw("digits/9", b"{")
    result = run("list", "--json")
    assert result.exit_code == 0
    assert "digits/9: The manifest is not JSON" in result.stderr
    assert [(row["id"], row["state"]) for row in json.loads(result.stdout)][2] == ("digits:9", "damaged")


def test_announced_versions_need_the_log_directory(run: Run, world: World) -> None:
    world.announce("cnn", world.models / "faces" / "7")
    shutil.rmtree(world.models / "faces")
    (row,) = json.loads(run("list", "faces", "--json").stdout)
    assert (row["state"], row["path"], row["run"]) == ("missing", None, "cnn")
    assert run("list", "faces", "--models-dir", str(world.models), where=False).exit_code == 1


def test_nothing_found_says_where_was_looked(run: Run, world: World) -> None:
    (world.base / "empty").mkdir()
    result = run("list", "--models-dir", str(world.base / "empty"), where=False)
    assert (result.exit_code, result.stdout) == (0, f"No versions in {world.base / 'empty'}.\n")
    assert run("list", "--json", "--models-dir", str(world.base / "empty"), where=False).stdout == "[]\n"
    result = run("list", "--filter", "sources = log", "--models-dir", str(world.base / "empty"), where=False)
    assert result.stdout == f"No versions in {world.base / 'empty'}.\n"


def test_control_characters_never_reach_the_terminal(run: Run, world: World) -> None:
    bad = "\\u001b[31mred\\u009b2J\\u202e\\u0007"
    world.raw(
        "x/1",
        f'{{"schemaVersion":1,"model":"{bad}","number":"1","description":"{bad}","labels":{{"{bad}":"{bad}"}},'
        f'"metrics":[{{"name":"{bad}","value":1}}],"runs":[{{"name":"{bad}"}}],"createdBy":"{bad}"}}'.encode(),
    )
    world.scalars("cnn", "\x1b[31mloss\u202e", [(1, 1.0)])
    world.raw("\x1b[31m/2", b"{")
    for arguments in (["list"], ["list", "--json"], ["show", "digits:1"], ["show", "digits:1", "--json"], ["verify"]):
        result = run(*arguments)
        raw = [c for c in result.output if c != "\n" and not c.isprintable()]
        assert raw == [], (arguments, raw)
    listed = json.loads(run("list", "--json").stdout)
    (row,) = [row for row in listed if "red" in row["model"]]
    shown = run("show", row["id"], "--json")
    assert json.loads(shown.stdout)["manifest"]["description"] == "\x1b[31mred\x9b2J\u202e\x07"
    assert all(c.isprintable() or c == "\n" for c in shown.output)


def test_a_real_process_lists_without_tensorflow(world: World) -> None:
    script = (
        "import sys\nfrom tb_versions.cli import run\n"
        "try:\n    run()\nexcept SystemExit as end:\n    assert not end.code\nprint('tensorflow' in sys.modules)"
    )
    where = ["--logdir", str(world.logs), "--models-dir", str(world.models)]
    done = subprocess.run([sys.executable, "-c", script, "list", *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
    assert "digits:2" in done.stdout


def test_a_reader_that_goes_away_is_no_error(world: World) -> None:
    script = f"{sys.executable} -m tb_versions.cli list --json --models-dir {world.models} | head -c 1"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[", "")


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59Z"],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_any_time_prints_in_any_zone(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, moment: str, zone: str
) -> None:
    import time

    world.raw("t/1", b'{"schemaVersion":1,"model":"t","number":"1","created":"%s"}' % moment.encode())
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        result = run("list", "t")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert result.exit_code == 0
    assert "t:1" in result.stdout


def test_a_filter_of_the_tab_works_here(run: Run) -> None:
    def ids(*arguments: str) -> list[str]:
        return [row["id"] for row in json.loads(run("list", "--json", *arguments).stdout)]

    assert ids("--filter", "val_accuracy > 0.8 or model = faces") == ["digits:1", "faces:7"]
    assert ids("digits", "--filter", "missing label.team") == ["digits:2"]
    assert run("list", "--filter", "version > 7").stdout == "No version passes the filter.\n"


def test_a_wrong_filter_is_wrong_usage(run: Run) -> None:
    result = run("list", "--filter", "modle = \x1b[31mx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "tb-versions: The filter, at character 1: No column is called modle. Did you mean model?\n"
    )


def test_a_filter_for_values_of_runs_without_a_log_directory_says_what_is_missing(run: Run, world: World) -> None:
    wanted = ["list", "--filter", "best.val_loss < 0.1", "--models-dir", str(world.models)]
    assert "from --logdir, which was not given" in run(*wanted, where=False).stderr
    assert run(*wanted).exit_code == 0
    assert "--logdir" not in run("list", "--filter", "hp.none = 1", *wanted[3:], where=False).stderr


def test_models_are_not_all_named_twice(run: Run, world: World) -> None:
    world.version("digits-tiny", 1)
    (world.models / "faces").rename(world.base / "gone")
    assert run("list", "digit").stderr.endswith("the models are digits, digits-tiny. Did you mean digits?\n")
    assert run("list", "nothing").stderr.endswith("the models are digits, digits-tiny.\n")


def test_the_lead_metric_of_a_model_stands_first(run: Run, world: World) -> None:
    metrics = tuple(Metric(name=name, value=0.5) for name in ("a", "b", "c", "d", "e", "f1"))
    world.version("led", 1, metrics=metrics, lead_metric="a")
    world.version("led", 2, metrics=metrics, lead_metric="f1")
    assert run("list", "led").stdout.splitlines()[0].split()[5:] == ["f1", "a", "b", "c", "d"]
    assert [row["lead_metric"] for row in json.loads(run("list", "led", "--json").stdout)] == ["a", "f1"]
    assert "lead metric" in run("show", "led:2").stdout


def test_a_model_is_read_from_its_own_folder(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tb_versions.core import storage

    opened: list[str] = []
    read_in = storage.read_in

    def noting(folder: int, name: str, limit: int, path: str) -> object:
        opened.extend([path] * (name == MANIFEST_NAME and path.startswith(f"{world.models}/")))  # no other test's
        return read_in(folder, name, limit, path)

    world.version("m", 1, folder=world.models / "digits" / "inner" / "3")
    monkeypatch.setattr(storage, "read_in", noting)
    assert [row["id"] for row in json.loads(run("list", "digits", "--json").stdout)] == ["digits:1", "digits:2"]
    assert [row["id"] for row in json.loads(run("list", "faces:7", "--json").stdout)] == ["faces:7"]
    assert {path.removeprefix(f"{world.models}/").split("/")[0] for path in opened[:3]} == {"digits"}
    assert len(opened) == 3 + 1


def test_a_model_whose_versions_lie_elsewhere_is_listed_whole(run: Run, world: World) -> None:
    world.version("digits", 5, folder=world.base / "elsewhere" / "5")
    world.announce("cnn", world.base / "elsewhere" / "5")
    moved = world.models / "archive" / "deep" / "4"
    world.version("digits", 4, folder=moved)
    world.announce("cnn", moved)
    rows = json.loads(run("list", "digits", "--json").stdout)
    states = {row["id"]: row["state"] for row in rows}
    assert states == {"digits:1": "present", "digits:2": "present", "digits:4": "present", "digits:5": "outside"}
    (world.models / "faces" / "7").rename(world.models / "digits" / "7")
    assert [row["id"] for row in json.loads(run("list", "faces", "--json").stdout)] == ["faces:7"]


def test_only_versions_that_are_shown_are_compared_with_their_files(run: Run, world: World) -> None:
    for number in (1, 2):
        (world.models / "digits" / str(number) / "saved_model.pb").unlink()
    lines = run("list", "--limit", "1").stdout.splitlines()

    assert "changed" in lines[1]
    assert "changed" in run("list", "--filter", "number = 2").stdout
    assert "digits:1" in run("list", "--filter", "state = changed").stdout
    assert "changed" in run("list", "--sort", "state", "--columns", "state").stdout
    assert json.loads(run("list", "--limit", "1", "--json").stdout)[0]["state"] == "changed"
    assert "digits:1" in run("list", "--columns", "created").stdout


def test_a_table_in_a_pipe_has_a_line_for_each_version_however_long(run: Run, world: World) -> None:
    world.version("long", 1, run="x" * 500, step=1, metrics=(Metric(name="数字", value=0.5),))
    lines = run("list").stdout.splitlines()
    assert len(lines) == 5
    assert lines[4].split()[0] == "long:1"
    assert "x" * 500 in lines[4]
    assert len(lines[1]) < 200
