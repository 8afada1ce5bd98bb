"""What `tb-versions list` and `show` say of aliases, approvals, deprecated and removed versions, and later metrics."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli.program import main
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def models(tmp_path: Path) -> str:
    world = World(tmp_path)
    for number in (1, 2, 3, 4):
        world.version(
            "digits", number, labels={"team": "vision"}, description="# First", semantic_version=f"1.{number}.0"
        )
    digits = Chronicle(world.models / "digits")
    digits.say("alias_set", 2, events.AliasSet("production"), reason="better")
    digits.say("alias_set", 2, events.AliasSet("canary"))
    digits.say("approved", 2, actor="ben", reason="fine")
    digits.say("deprecated", 1, reason="old")
    digits.say("label_set", 2, events.LabelSet("team", "speech"))
    digits.say("described", 2, events.Text("# Corrected"))
    digits.say("noted", 2, events.Text("seen in shop"))
    digits.say("semantic_version_given", 2, events.SemanticVersionGiven("2.0.0"))
    digits.say("removed", 4, events.Removed(by="prune"), reason="room")
    digits.remove(4)
    digits.measure(2, accuracy=0.5, dataset="2026-11", source="monitoring")
    return str(world.models)


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == status, result.output
    return result


def ids(*arguments: str) -> list[str]:
    return [row["id"] for row in json.loads(run("list", "--json", *arguments).stdout)]


def test_deprecated_and_removed_versions_are_hidden_and_counted(models: str) -> None:
    result = run("list", "--models-dir", models)
    assert "digits:1" not in result.stdout
    assert "digits:4" not in result.stdout
    assert "Hidden: 1 deprecated, 1 removed; --all shows them." in result.stderr
    assert "aliases" in result.stdout.splitlines()[0] + result.stdout.splitlines()[1]
    assert "production, canary" in result.stdout


def test_what_reading_every_file_found_stands_beside_the_files_that_have_their_sizes(tmp_path: Path) -> None:
    world = World(tmp_path)
    folders = [world.version("digits", number) for number in (1, 2, 3)]
    (folders[1] / "saved_model.pb").write_bytes(b"DIGITS 2")
    places = ("--models-dir", str(world.models))
    assert "verified" not in run("list", *places).stdout
    run("verify", "digits:1", "digits:2", "--record", *places, status=1)
    head, *rows = run("list", *places).stdout.splitlines()
    at = head.index("verified")
    assert [row[at:].split(" ")[0] for row in rows] == ["verified", "changed", ""]
    assert all("present" in row for row in rows)
    told = json.loads(run("list", "--json", *places).stdout)
    assert [row["verified"] for row in told] == ["verified", "changed", None]


@pytest.mark.parametrize("refs", [(), ("digits",), ("digits:2",), ("digits:2..3",)])
def test_a_log_that_is_gone_is_told_also_where_one_model_is_listed(models: str, refs: tuple[str, ...]) -> None:
    run("promote", "digits:3", "--alias", "staging", "--reason", "x", "--models-dir", models)
    shutil.rmtree(Path(models) / "digits" / ".versions")
    told = run("list", *refs, "--models-dir", models)
    assert "/digits/.versions/log was cut: it ends at event 0" in told.stderr


def test_of_a_model_that_is_not_listed_nothing_is_told(models: str) -> None:
    run("promote", "digits:3", "--alias", "staging", "--reason", "x", "--models-dir", models)
    World(Path(models).parent).version("faces", 1)
    shutil.rmtree(Path(models) / "digits" / ".versions")
    assert "was cut" not in run("list", "faces", "--models-dir", models).stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["digits:2", "digits:3"]),
        (("--all",), ["digits:1", "digits:2", "digits:3", "digits:4"]),
        (("digits",), ["digits:2", "digits:3"]),
        (("digits:1",), ["digits:1"]),
        (("digits@production",), ["digits:2"]),
        (("digits:4", "digits:3"), ["digits:4", "digits:3"]),
        (("--filter", "deprecated"), ["digits:1"]),
        (("--filter", "removed"), ["digits:4"]),
        (("--filter", "state = removed"), ["digits:4"]),
        (("--filter", "model = digits"), ["digits:2", "digits:3"]),
        (("--filter", "alias = production"), ["digits:2"]),
        (("--filter", "measured.accuracy = 0.5"), ["digits:2"]),
        (("--filter", "team = speech"), ["digits:2"]),
    ],
)
def test_what_was_asked_for_is_never_hidden(models: str, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert ids(*arguments, "--models-dir", models) == expected


def test_json_says_what_was_said_later(models: str) -> None:
    (row,) = json.loads(run("list", "digits@production", "--json", "--models-dir", models).stdout)
    assert (row["aliases"], row["approved_by"], row["deprecated"]) == (["production", "canary"], ["ben"], None)
    assert (row["labels"], row["semantic_version"]) == ({"team": "speech"}, "2.0.0")
    assert row["measured"] == {"accuracy [2026-11] (monitoring)": 0.5}


def test_columns_can_be_named_and_sorted_by(models: str) -> None:
    names = "alias,approved,measured.accuracy"
    result = run("list", "--all", "--columns", names, "--sort", "-measured.accuracy", "--models-dir", models)
    first = result.stdout.splitlines()[1:3]
    assert any("production, canary" in line and "ben" in line and "0.5" in line for line in first)


def test_show_has_who_when_and_why(models: str) -> None:
    shown = " ".join(run("show", "digits@production", "--models-dir", models).stdout.split())
    for words in ("production, canary", "ben, 2026-11-24", "fine", "seen in shop", "2.0.0", "Corrected", "speech"):
        assert words in shown
    assert "measured accuracy" in shown
    removed = " ".join(run("show", "digits:4", "--models-dir", models).stdout.split())
    assert "room" in removed
    assert "by prune" in removed
    assert '"digits:4"' in run("show", "digits:4", "--json", "--models-dir", models).stdout


def test_a_damaged_log_is_told_and_hides_nothing(models: str) -> None:
    Chronicle(Path(models) / "digits").damage(10, b"{")
    result = run("list", "--models-dir", models)
    assert "digits:2" in result.stdout
    assert "Event 10 is damaged" in result.stderr
    assert "production" not in result.stdout
    run("show", "digits@production", "--models-dir", models, status=4)
    assert "last that is known" in run("show", "digits:2", "--models-dir", models).stdout.replace("\n", " ")


@pytest.fixture
def replaced(tmp_path: Path) -> str:
    """Two versions in production and canary, of which the first is another model than was promoted."""
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    run("promote", "digits:1", "--alias", "production", "--reason", "good", "--models-dir", str(world.models))
    run("promote", "digits:2", "--alias", "canary", "--reason", "good", "--models-dir", str(world.models))
    world.version("digits", 1, description="another model")
    return str(world.models)


def test_a_version_that_is_not_what_was_promoted_is_told_by_list_and_show(replaced: str) -> None:
    listed = run("list", "--models-dir", replaced)
    first, second = listed.stdout.splitlines()[-2:]
    assert "production (not what was promoted)" in first
    assert "canary " in second
    assert "not what was" not in second
    assert listed.stderr == (
        "digits:1 is not what was promoted to production: its manifest is another one. "
        "tb-versions fsck says what to do.\n"
    )
    shown = run("show", "digits:1", "--models-dir", replaced).stdout
    assert "production (not what was promoted)" in shown
    assert "not what was promoted" not in run("show", "digits:2", "--models-dir", replaced).stdout


def test_whichever_columns_are_shown_it_is_said_which_version_is_not_what_was_promoted(replaced: str) -> None:
    for options in (["--columns", "alias"], ["--json"]):
        assert (
            "digits:1 is not what was promoted to production" in run("list", "--models-dir", replaced, *options).stderr
        )
    assert run("list", "digits:2", "--models-dir", replaced).stderr == ""


def test_of_many_versions_that_are_not_what_was_promoted_some_are_named(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(1, 8):
        world.version("digits", number)
        chosen = ("--alias", f"a{number}", "--reason", "good", "--models-dir", str(world.models))
        run("promote", f"digits:{number}", *chosen)
        world.version("digits", number, description="another model")
    said = run("list", "--models-dir", str(world.models)).stderr.splitlines()
    assert (len(said), said[-1]) == (6, "So it is with 2 more.")


def test_an_approval_of_another_manifest_is_told_apart_and_counts_for_no_filter(tmp_path: Path) -> None:
    world = World(tmp_path)
    places = ("--models-dir", str(world.models))
    for number in (1, 2):
        world.version("digits", number)
        run("approve", f"digits:{number}", "--actor", "ben", "--reason", "fine", *places)
    world.version("digits", 1, description="another model")
    run("approve", "digits:1", "--actor", "carla", *places)
    first, second = run("list", *places).stdout.splitlines()[-2:]
    assert "carla, ben (of another manifest) " in first
    assert "of another manifest" not in second
    rows = json.loads(run("list", "--json", *places).stdout)
    assert [(row["approved_by"], row["approved_by_of_another_manifest"]) for row in rows] == [
        (["carla"], ["ben"]),
        (["ben"], []),
    ]
    shown = run("show", "digits:1", *places).stdout
    assert [line.split()[:2] for line in shown.splitlines() if "approved" in line] == [
        ["approved", "carla,"],
        ["approved", "before"],
    ]
    assert "fine (of another manifest)" in shown
    assert ids(*places, "--filter", "approved = ben") == ["digits:2"]
    assert ids(*places, "--filter", "approved") == ["digits:1", "digits:2"]
