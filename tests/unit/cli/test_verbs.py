"""The registry's verbs on the command line: a story, and what goes wrong. An error is one line, and changes nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.actions.target import open_target
from tb_versions.cli import main, program
from tb_versions.errors import TbVersionsError
from tests.support.logs import append
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """`digits:1` to `digits:3`."""
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("digits", number)
    return world.models


@pytest.fixture
def verb(models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over the models folder: `verb("promote", "digits:1", …)`."""
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", str(models))
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "anna")

    def run(*arguments: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions", input=stdin)
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result

    return run


def promote(verb: Run, number: int, **more: Any) -> Result:
    return verb("promote", f"digits:{number}", "--alias", "production", "--reason", f"reason {number}", **more)


def log(models: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (models / "digits/.versions").glob("log/*")}


def test_promote_conflict_and_roll_back_twice(verb: Run) -> None:
    assert promote(verb, 1).stdout == "digits@production: version 1.\n"
    assert promote(verb, 2).stdout == "digits@production: version 1 → 2.\n"
    stale = ("promote", "digits:3", "--alias", "production", "--reason", "x", "--expect", "digits:1")
    assert "is digits:2 since 20" in verb(*stale, code=3).stderr
    promote(verb, 3)
    assert "version 3 → 2, rolled back" in verb("rollback", "digits", "--alias", "production").stdout
    assert "version 2 → 1, rolled back" in verb("rollback", "digits", "--alias", "production").stdout
    refused = verb("rollback", "digits", "--alias", "production", code=1)
    assert "there is nothing to roll back to" in refused.stderr
    told = json.loads(verb("history", "digits", "--json").stdout)
    assert [event["kind"] for event in told] == ["alias_set"] * 3 + ["alias_rolled_back"] * 2
    assert [event["from"] for event in told] == [None, 1, 2, 3, 2]


def test_what_already_is_so_exits_with_0_and_says_so(verb: Run, models: Path) -> None:
    promote(verb, 1)
    verb("approve", "digits:1")
    verb("deprecate", "digits:2")
    verb("label", "digits:1", "stage=clinic")
    before = log(models)
    assert "already" in promote(verb, 1).stdout
    assert "already" in verb("approve", "digits:1").stdout
    assert "already" in verb("deprecate", "digits:2").stdout
    assert "already" in verb("label", "digits:1", "stage=clinic").stdout
    assert "not deprecated" in verb("restore", "digits:1").stdout
    assert log(models) == before


CHANGES = [
    ("promote", "digits:1", "--alias", "production", "--reason", "x"),
    ("rollback", "digits", "--alias", "staging"),
    ("unalias", "digits", "--alias", "staging"),
    ("approve", "digits:1"),
    ("withdraw", "digits:3"),
    ("deprecate", "digits:1"),
    ("restore", "digits:2"),
    ("label", "digits:1", "a=b"),
    ("note", "digits:1", "text"),
    ("describe", "digits:1", "text"),
    ("record", "digits:1", "accuracy=0.9"),
    ("bump", "digits:1", "minor"),
]


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_a_dry_run_of_every_verb_writes_nothing(verb: Run, models: Path, command: tuple[str, ...]) -> None:
    for number in (1, 2):
        verb("promote", f"digits:{number}", "--alias", "staging", "--reason", "x")
    verb("approve", "digits:3")
    verb("deprecate", "digits:2")
    before = {path: path.read_bytes() for path in models.rglob("*") if path.is_file()}
    assert "Nothing was written." in verb(*command, "--dry-run").stdout
    dry = json.loads(verb(*command, "--dry-run", "--json").stdout)
    assert (dry[0] if isinstance(dry, list) else dry)["dry_run"] is True
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} == before
    assert "Nothing was written." not in verb(*command).stdout
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} != before


def test_several_references_and_ranges_where_more_than_one_makes_sense(verb: Run, models: Path) -> None:
    shutil.rmtree(models / "digits/2")
    assert verb("approve", "digits:1..3").stdout == "digits:1: approved by anna.\ndigits:3: approved by anna.\n"
    verb("label", "digits:1", "digits:3", "a=b", "url=http://x/y")
    told = json.loads(verb("history", "digits", "--json").stdout)
    assert [(one["version"], one.get("key"), one.get("value")) for one in told[2:]] == [
        (1, "a", "b"),
        (1, "url", "http://x/y"),
        (3, "a", "b"),
        (3, "url", "http://x/y"),
    ]
    assert verb("verify", "digits:1..9").stdout.endswith("2 of 2 versions are as published.\n")
    assert [row["id"] for row in json.loads(verb("list", "digits:2..3", "digits:1", "--json").stdout)] == [
        "digits:3",
        "digits:1",
    ]


def test_nothing_is_changed_where_one_of_several_references_is_none(verb: Run, models: Path) -> None:
    verb("approve", "digits:1", "digits:x", code=2)
    verb("approve", "digits:1", "digits:7..9", code=1)
    assert log(models) == {}


def test_a_path_needs_no_models_folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TB_VERSIONS_MODELS_DIR", raising=False)
    monkeypatch.chdir(models / "digits")
    result = CliRunner().invoke(main, ["approve", "./1", "--actor", "ben"])
    assert (result.exit_code, result.stdout) == (0, "digits:1: approved by ben.\n")


def test_of_several_models_folders_the_one_with_the_model_counts(verb: Run, models: Path, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    other.version("faces", 1)
    both = ("--models-dir", str(models), "--models-dir", str(other.models))
    verb("approve", "faces:1", *both)
    assert (other.models / "faces/.versions/log").is_dir()
    assert "There is no model" in verb("approve", "cats:1", *both, code=1).stderr
    other.version("digits", 1)
    assert "give one --models-dir" in verb("approve", "digits:1", *both, code=2).stderr


def test_a_note_is_read_from_the_input(verb: Run) -> None:
    verb("note", "digits:1", "-", stdin="# Good\n\non *all* slices\n")
    (event,) = json.loads(verb("history", "digits", "--json").stdout)
    assert event["text"] == "# Good\n\non *all* slices"
    verb("note", "digits:1", "-", stdin="x" * 70_000, code=2)


def test_changed_answers_with_its_exit_code(verb: Run) -> None:
    assert verb("changed", "digits", "--since", "0").stdout == "Nothing happened.\n"
    promote(verb, 1)
    assert len(json.loads(verb("changed", "digits", "--since", "0", "--json", code=1).stdout)) == 1
    assert json.loads(verb("changed", "--since", "2020-01-01", "--json", code=1).stdout)[0]["model"] == "digits"
    assert json.loads(verb("changed", "digits", "--since", "1", "--json").stdout) == []
    assert verb("changed", "--since", "9999-01-01").stdout == "Nothing happened.\n"
    assert "ends at event 1, before event 2" in verb("changed", "digits", "--since", "2", code=4).stderr


def test_the_head_can_be_pinned(verb: Run) -> None:
    assert verb("history", "digits", "--head").stdout == "0\n"
    promote(verb, 1)
    number, digest = verb("history", "digits", "--head").stdout.split()
    assert json.loads(verb("history", "digits", "--head", "--json").stdout) == {
        "model": "digits",
        "number": int(number),
        "digest": digest,
    }


def test_which_answers_on_one_screen(verb: Run) -> None:
    promote(verb, 1)
    promote(verb, 2)
    screen = verb("which", "digits@production").stdout
    for line in ("digits@production is digits:2", "put there by  anna", "reason 2", "digits:1", "sha256:", "digits/2"):
        assert line in screen
    found = json.loads(verb("which", "digits@production", "--json").stdout)
    assert (found["number"], found["replaced"], found["actor"], found["gate"]) == (
        2,
        1,
        "anna",
        "no result was recorded",
    )
    assert json.loads(verb("which", "digits@production~1", "--json").stdout)["number"] == 1


BAD_ALIASES = (
    "",
    " ",
    "latest",
    "v1",
    "7",
    "a b",
    "a/b",
    "..",
    "__proto__",
    "constructor",
    "CON",
    "x" * 129,
    "é",
    "\x1b[31m",
    "-a-",
)
BAD_TEXTS = ("\x00", "\x1b[31m", "\u202e", "x" * 70_000)
BAD_DATES = ("", "yesterday", "2026-13-01", "2026-11-24T25:00", "1e9", "\u202e", "24.11.2026", "2026-11-24Z+01:00")
BAD_REFS = (
    "",
    "digits:",
    "digits:x",
    "digits:1:2",
    "@a",
    "digits@",
    "a/b",
    "digits:9..1",
    "digits:1..",
    "x" * 5_000,
)


def bad_commands() -> Iterator[list[str]]:
    """What is typed wrong."""
    for alias in BAD_ALIASES:
        yield ["promote", "digits:1", "--reason", "x", f"--alias={alias}"]
        yield ["rollback", "digits", f"--alias={alias}"]
        yield ["unalias", "digits", f"--alias={alias}"]
        yield ["history", "digits", f"--alias={alias}"]
    for text in BAD_TEXTS:
        yield ["promote", "digits:1", "--alias", "production", "--reason", text]
        yield ["approve", "digits:1", "--reason", text]
        yield ["approve", "digits:1", "--actor", text]
        yield ["note", "digits:1", text]
        yield ["describe", "digits:1", text]
        yield ["label", "digits:1", f"key={text}"]
        yield ["label", "digits:1", f"{text}=value"]
        yield ["record", "digits:1", "accuracy=1", "--dataset", text]
        yield ["record", "digits:1", f"{text}=1"]
    for date in BAD_DATES:
        yield ["which", "digits@production", f"--at={date}"]
        yield ["history", "digits", f"--at={date}"]
        yield ["changed", "digits", f"--since={date}"]
        yield ["record", "digits:1", "accuracy=1", f"--time={date}"]
    for ref in BAD_REFS:
        for verb in ("approve", "deprecate", "restore", "withdraw"):
            yield [verb, "--", ref]
        yield ["promote", "--alias", "production", "--reason", "x", "--", ref]
        yield ["bump", "--", ref]
        yield ["note", "--", ref, "text"]
        yield ["which", "--", ref]
    for ref in ("digits", "digits:1", "digits:1.0.0"):
        yield ["which", ref]
    for expect in ("digits:x", "faces:1", "@"):
        yield ["promote", "digits:1", "--alias", "production", "--reason", "x", "--expect", expect]
    for model in ("", "digits:1", "a/b", "..", "\u202e", "x" * 200):
        yield ["rollback", "--alias", "production", "--", model]
        yield ["history", "--", model]
    for value in ("accuracy", "=1", "accuracy=", "accuracy=x", "accuracy=1,5", "accuracy=1_0", "accuracy=\u0661"):
        yield ["record", "digits:1", value]
    yield ["record", "digits:1", "a=1", "--time", "2999-01-01"]
    yield ["record", "digits:1", "a=1", "--examples", "1_0"]
    yield ["record", "digits:1", "a=1", "a=2"]
    yield ["record", "digits:1", "a=1", "--goal", "a=up"]
    yield ["record", "digits:1", "a=1", "--goal", "b=max"]
    yield ["record", "digits:1", "a=1", "--goal", "a"]
    yield ["bump", "digits:1", "huge"]
    yield ["label", "digits:1"]
    yield ["label", "key=value"]
    yield ["promote", "digits:1", "--alias", "production"]
    yield ["promote", "digits:1", "--reason", "x"]
    yield ["promote"]
    yield ["history", "--head"]
    yield ["changed", "--since", "3"]
    yield ["changed", "digits"]
    yield ["changed", "digits", "--since", "-1"]
    yield ["note", "digits:1", " "]
    yield ["approve"]
    yield ["approve", "digits:1", "--actor", " "]
    yield ["rollback", "digits", "--alias", "production", "--to", "faces:1"]
    yield ["approve", "digits:1", "--models-dir", "/no-such-folder"]


def test_what_is_typed_wrong_exits_with_2_and_one_line(verb: Run, models: Path) -> None:
    verb("promote", "digits:1", "--alias", "production", "--reason", "x")
    before = log(models)
    wrong = []
    commands = list(bad_commands())
    for arguments in commands:
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions")
        lines = result.stderr.splitlines()
        ours = len(lines) == 1 or (lines and lines[0].startswith("Usage:"))
        printable = all(c.isprintable() or c == "\n" for c in result.output)
        if result.exit_code != 2 or not ours or not printable or "Traceback" in result.output:
            wrong.append((arguments, result.exit_code, result.output))
    assert wrong == []
    assert log(models) == before
    print(f"{len(commands)} bad command lines, 0 tracebacks")
    assert len(commands) >= 40


def test_an_unmet_policy_exits_with_1_and_names_what_is_missing(verb: Run, models: Path) -> None:
    (models / "digits/.versions").mkdir()
    (models / "digits/.versions/policy.toml").write_text('[aliases.production]\napprovals = 1\napprovers = ["ben"]\n')
    assert "1 more approval of ben" in promote(verb, 1, code=1).stderr
    verb("approve", "digits:1", "--actor", "ben")
    promote(verb, 1)
    verb("withdraw", "digits:1", code=1)


def test_a_damaged_version_exits_with_4(verb: Run, models: Path) -> None:
    (models / "digits/1/saved_model.pb").unlink()
    assert "is not what was published" in promote(verb, 1, code=4).stderr
    assert log(models) == {}


def test_a_damaged_log_exits_with_4_and_a_newer_one_with_5(verb: Run, models: Path) -> None:
    for number in (1, 2, 3):
        promote(verb, number)
    path = models / "digits/.versions/log/00000000000000000002.json"
    sound = path.read_bytes()
    path.write_bytes(b"{")
    promote(verb, 1, code=4)
    verb("which", "digits@production", code=4)
    path.write_bytes(sound.replace(b'"format": 1', b'"format": 99'))
    promote(verb, 1, code=5)


def test_a_log_that_was_cut_exits_with_4_until_it_is_acknowledged(verb: Run, models: Path) -> None:
    promote(verb, 1)
    promote(verb, 2)
    (models / "digits/.versions/log/00000000000000000002.json").unlink()
    refused = promote(verb, 3, code=4)
    assert "tb-versions fsck --acknowledge digits" in refused.stderr
    verb("which", "digits@production", code=4)
    verb("history", "digits", code=4)
    verb("changed", "digits", "--since", "1", code=4)


def test_the_remedy_of_a_cut_log_works_as_it_is_typed(verb: Run, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    promote(verb, 1)
    promote(verb, 2)
    (models / "digits/.versions/log/00000000000000000002.json").unlink()
    monkeypatch.delenv("TB_VERSIONS_MODELS_DIR")
    refused = verb("which", "digits@production", "--models-dir", str(models), code=4)
    command = shlex.split(refused.stderr.rpartition("with: tb-versions ")[2])
    assert verb(*command).stdout == "digits: accepted as it is, up to event 1.\n"
    verb("which", "digits@production", "--models-dir", str(models))


def test_storage_that_fails_exits_with_5(models: Path) -> None:
    command = f"{sys.executable} -m tb_versions.cli promote digits:1 --alias a --reason x --models-dir {models}"
    done = subprocess.run(["bash", "-c", f"ulimit -f 0; {command}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (5, "", 1), done.stderr
    assert log(models) == {}


def test_what_nobody_expected_is_one_sentence_and_5(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = {"broken": ("no_such_module:broken", "Fails.")}
    monkeypatch.setattr(program, "_COMMANDS", commands)
    result = CliRunner().invoke(main, ["broken"])
    assert result.exit_code == 5
    assert result.stderr.startswith("tb-versions: There is no answer, for a mistake in tb_versions at ")
    assert len(result.stderr.splitlines()) == 1


def test_every_error_has_an_exit_code_of_the_table() -> None:
    def kinds(kind: type[TbVersionsError]) -> Iterator[type[TbVersionsError]]:
        yield kind
        for below in kind.__subclasses__():
            yield from kinds(below)

    codes = {kind.__name__: program._code_of(kind.__new__(kind)) for kind in kinds(TbVersionsError)}
    assert codes["ConflictError"] == 3
    assert codes["RewrittenLogError"] == codes["VersionDamagedError"] == 4
    assert codes["StorageError"] == codes["NewerLogError"] == 5
    assert codes["RefusedError"] == codes["VersionRemovedError"] == codes["VersionNotFoundError"] == 1
    assert set(codes.values()) <= {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("words", "expected"), [("tb-versions pro", "promote"), ("tb-versions promote --al", "--alias")]
)
def test_the_shell_completes_commands_and_options(words: str, expected: str) -> None:
    environment = {
        **os.environ,
        "_TB_VERSIONS_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    script = "from tb_versions.cli import run; run()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert f"plain,{expected}" in done.stdout.splitlines()


SOUND = "Nothing is wrong with the registries. Manifests and files: tb-versions verify --all.\n"


def test_fsck_finds_mends_and_accepts(verb: Run, models: Path) -> None:
    assert verb("fsck").stdout == SOUND
    for number in (1, 2):
        promote(verb, number)
    assert verb("fsck", "digits").stdout == SOUND
    stray = models / "digits/.versions/log/00000000000000000002 (copy).json"
    stray.write_text("{}")
    assert "is no event" in verb("fsck", code=1).stdout
    stray.unlink()
    (models / "digits/.versions/log/00000000000000000002.json").unlink()
    (found,) = json.loads(verb("fsck", "digits", "--json", code=4).stdout)
    assert (found["model"], found["kind"], found["mended"]) == ("digits", "cut", None)
    assert verb("fsck", "--acknowledge", "digits", "--dry-run").stdout.endswith(
        "up to event 1.\nNothing was written.\n"
    )
    promote(verb, 3, code=4)
    assert "up to event 1" in verb("fsck", "--acknowledge", "digits").stdout
    assert "version 1 → 3" in promote(verb, 3).stdout


def test_fsck_finds_a_registry_that_was_removed_as_a_whole(verb: Run, models: Path) -> None:
    promote(verb, 1)
    shutil.rmtree(models / "digits/.versions")
    told = verb("fsck", code=4).stdout
    assert told == verb("fsck", "digits", code=4).stdout
    assert "The log ends at event 0; event 1 was seen here before." in told


def test_fsck_finds_a_version_that_is_not_what_was_promoted_and_its_remedies_work(verb: Run, models: Path) -> None:
    promote(verb, 1)
    promote(verb, 2)
    World(models.parent).version("digits", 2, description="another model")
    (found,) = json.loads(verb("fsck", "--json", code=1).stdout)
    assert (found["kind"], found["event"], found["version"], found["repairable"]) == ("another_manifest", 2, 2, False)
    back, again = (shlex.split(command) for command in re.findall(r"tb-versions ([^;]*)", found["what"]))
    assert (back[0], again[0]) == ("rollback", "promote")
    verb(*back)
    assert verb("fsck").stdout == SOUND
    promote(verb, 3)
    World(models.parent).version("digits", 3, description="another model")
    (found,) = json.loads(verb("fsck", "--json", code=1).stdout)
    verb(*shlex.split(found["what"].rpartition("tb-versions ")[2]))
    assert verb("fsck").stdout == SOUND


def test_fsck_joins_two_copies_and_asks_where_aliases_conflict(verb: Run, models: Path, tmp_path: Path) -> None:
    promote(verb, 1)
    other = tmp_path / "copy"
    shutil.copytree(models, other)
    promote(verb, 2)
    verb("promote", "digits:3", "--alias", "production", "--reason", "x", "--models-dir", str(other))
    conflict = verb("fsck", "digits", "--merge", str(other), code=3)
    assert "Both copies moved the same alias" in conflict.stderr
    before = log(models)
    tried = verb("fsck", "digits", "--merge", str(other), "--prefer", "theirs", "--dry-run")
    assert "Appended: 1; " in tried.stdout
    assert log(models) == before
    joined = verb("fsck", "digits", "--merge", str(other), "--prefer", "theirs")
    assert "both copies begin with the same events: 1. Appended: 1; here already: 0." in joined.stdout
    assert json.loads(verb("which", "digits@production", "--json").stdout)["number"] == 3
    os.remove(models / f"digits/.versions/log/{len(log(models)):020}.json")
    assert "was cut" in verb("which", "digits@production", code=4).stderr, "the merged log was seen"
    for wrong in (["--merge", str(other)], ["digits", "--prefer", "ours"], ["--repair", "--acknowledge", "digits"]):
        verb("fsck", *wrong, code=2)


@pytest.fixture
def mixed(verb: Run, models: Path, tmp_path: Path) -> Path:
    """A copy of the models folder; both went on, and then what is only in the copy was put into the models folder."""
    promote(verb, 1)
    other = tmp_path / "copy"
    shutil.copytree(models, other)
    promote(verb, 2)
    for alias in ("canary", "staging"):
        verb("promote", "digits:3", "--alias", alias, "--reason", "x", "--models-dir", str(other))
    last = "digits/.versions/log/00000000000000000003.json"
    shutil.copy(other / last, models / last)
    return other


def test_fsck_sets_the_end_of_another_copy_aside_and_joins_it(verb: Run, models: Path, mixed: Path) -> None:
    promote(verb, 3, code=4)
    assert "(--repair mends it)" in verb("fsck", code=4).stdout
    assert "Event 3 is set aside" in verb("fsck", "--repair", "--dry-run").stdout
    assert "Event 3 is set aside, in .versions/damaged of the model." in verb("fsck", "--repair").stdout
    assert verb("fsck").stdout == SOUND
    assert len(list((models / "digits/.versions/damaged").iterdir())) == 1
    verb("fsck", "digits", "--merge", str(mixed))
    assert json.loads(verb("which", "digits@staging", "--json").stdout)["number"] == 3
    promote(verb, 3)


def test_fsck_merge_by_itself_joins_what_was_mixed(verb: Run, models: Path, mixed: Path) -> None:
    before = log(models)
    assert "Event 3 is set aside" in verb("fsck", "digits", "--merge", str(mixed), "--dry-run").stdout
    assert log(models) == before
    assert json.loads(verb("fsck", "digits", "--merge", str(mixed), "--json").stdout)["set_aside"] == [3]
    assert json.loads(verb("which", "digits@production", "--json").stdout)["number"] == 2
    assert verb("fsck").stdout == SOUND


@pytest.mark.parametrize("as_json", [True, False])
def test_what_follows_nothing_is_set_aside_for_who_accepts_the_log(
    verb: Run, models: Path, mixed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, as_json: bool
) -> None:
    monkeypatch.setenv("TB_VERSIONS_STATE_DIR", str(tmp_path / "another user's state"))
    told = verb("fsck", "--repair", code=4).stdout
    command = shlex.split(told.rpartition("(tb-versions ")[2].rpartition(")")[0])
    if as_json:
        accepted = json.loads(verb(*command, "--json").stdout)
        assert (accepted["number"], accepted["set_aside"]) == (2, [3])
    else:
        assert verb(*command).stdout.splitlines() == [
            "digits: Event 3 is set aside, in .versions/damaged of the model.",
            "digits: accepted as it is, up to event 2.",
        ]
    assert verb("fsck").stdout == SOUND
    promote(verb, 3)


def test_removed_versions_do_not_fail_verify_unless_named(verb: Run, models: Path) -> None:
    append(open_target("digits", models).opened.registry, "removed", 2, by="prune")
    kept = models / "digits/.versions/removed/2.json"
    kept.parent.mkdir()
    os.replace(models / "digits/2/version_manifest.json", kept)
    shutil.rmtree(models / "digits/2")
    assert "2 of 2 versions are as published. Left out: 1 removed." in verb("verify").stdout
    assert "2 of 2 versions are as published." in verb("verify", "digits:1..3").stdout
    assert "digits:2 was removed" in verb("verify", "digits:2", code=1).stdout
    assert "digits:2 was removed by prune" in verb("approve", "digits:2", code=1).stderr


def test_fsck_finishes_a_removal_that_was_interrupted(verb: Run, models: Path) -> None:
    registry = open_target("digits", models).opened.registry
    append(registry, "removed", 2)
    assert "its folder is still there" in verb("fsck", code=1).stdout
    assert "its folder is still there" in verb("fsck", "--repair", "--dry-run", code=1).stdout
    assert (models / "digits/2").exists()
    assert verb("fsck", "--repair").stdout.endswith("Its files are in the trash now.\n")
    assert not (models / "digits/2").exists()
    assert (models / "digits/.versions/trash/2/saved_model.pb").exists()
    assert verb("fsck").stdout == SOUND


@pytest.mark.parametrize("kind", ["file", "symlink"])
def test_what_is_no_registry_is_not_taken_for_none(verb: Run, models: Path, tmp_path: Path, kind: str) -> None:
    promote(verb, 1)
    own = models / "digits/.versions"
    own.rename(tmp_path / "elsewhere")
    if kind == "file":
        own.write_text("")
    else:
        own.symlink_to(tmp_path / "elsewhere")
    looked = verb("fsck", code=5)
    assert "digits: " in looked.stderr
    assert looked.stdout == ""
    verb("history", code=4)
    verb("changed", "--since", "2020-01-01", code=4)


def test_fsck_looks_the_others_over_where_one_can_not_be_read(verb: Run, models: Path) -> None:
    World(models.parent).version("faces", 1)
    (models / "faces/.versions/log").mkdir(parents=True)
    (models / "faces/.versions/log/00000000000000000002.json").write_text("{}")
    (models / "digits/.versions").mkdir()
    (models / "digits/.versions/log").write_text("")
    looked = verb("fsck", code=4)
    assert "digits" in looked.stderr
    assert "Event 1 is missing" in looked.stdout


@pytest.mark.parametrize("value", ["1e999", "-" + "9" * 400])
def test_a_number_that_is_too_large_is_not_recorded_as_infinity(verb: Run, value: str) -> None:
    assert "too large for a double" in verb("record", "digits:1", f"a={value}", code=2).stderr
    verb("record", "digits:1", "a=inf", "--dry-run")


def test_a_note_from_an_input_that_is_closed_or_no_text_is_a_line(models: Path) -> None:
    command = [sys.executable, "-m", "tb_versions.cli", "note", "digits:1", "-", "--models-dir", str(models)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    wrong = subprocess.run(command, input=b"a\xffb", capture_output=True, check=False, env=environment)
    assert (wrong.returncode, b"The input is no text in utf-8." in wrong.stderr) == (2, True)
    closed = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, check=False)
    assert (closed.returncode, b"There is no input" in closed.stderr) == (2, True)


def test_a_removed_version_that_came_back_from_a_backup_is_removed_as_fsck_says(
    verb: Run, models: Path, tmp_path: Path
) -> None:
    shutil.copytree(models / "digits/2", tmp_path / "2")
    verb("remove", "digits:2", "--reason", "x")
    shutil.copytree(tmp_path / "2", models / "digits/2")
    told = verb("fsck", "--repair", code=1)
    _, empty, repair = told.stderr.split("tb-versions ")[-3:]
    verb(*shlex.split(empty.rpartition(" and then run:")[0]))
    assert verb(*shlex.split(repair)).stdout.endswith("Its files are in the trash now.\n")
    assert verb("fsck").stdout == SOUND
