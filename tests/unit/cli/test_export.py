"""`tb-versions export`: what it says, what it takes, and that each wrong word is one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tb_versions.cli.export import in_bytes
from tb_versions.exports.checking.reading import read_export
from tests.support.tables import whole
from tests.support.world import World

Run = Callable[..., Result]


def test_it_says_what_it_wrote_and_the_digest(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "share.html"
    result = run("export", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert f"{out}: 3 versions, " in result.stdout
    assert re.search(r"^[0-9,.]+ (bytes|kB|MB) will be written\.$", result.stderr, re.MULTILINE)
    digest = re.search(r"^sha256:[0-9a-f]{64}$", result.stdout, re.MULTILINE)
    assert digest is not None
    assert digest[0].encode() in out.read_bytes()[-90:]
    assert run("verify", str(out), "--digest", digest[0]).exit_code == 0


def test_references_models_runs_and_filters_choose(run: Run, tmp_path: Path) -> None:
    def ids(*arguments: str) -> list[str]:
        out = tmp_path / "x.html"
        assert run("export", *arguments, "--out", str(out), "--force").exit_code == 0
        found: list[str] = whole(read_export(out).section("versions"))["columns"]["id"]
        return found

    assert ids() == ["digits:1", "digits:2", "faces:7"]
    assert ids("digits:2") == ["digits:2"]
    assert ids("--model", "faces") == ["faces:7"]
    assert ids("--filter", "model = digits") == ["digits:1", "digits:2"]


def test_an_introduction_is_read_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "intro.md").write_text("# Why")
    out = tmp_path / "share.html"
    run("export", "--out", str(out), "--introduction", str(tmp_path / "intro.md"), "--title", "T")
    head = read_export(out).head
    assert (head["introduction"], head["title"]) == ("# Why", "T")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--format", "exe"], 2, "exe"),
        (["--include", "everything"], 2, "can't be included"),
        (["--redact", "("], 2, "no regular expression"),
        (["--redact", "x*"], 2, "empty text"),
        (["--view", "http://x/"], 2, "#versions"),
        (["--tensorboard-url", "javascript:alert(1)"], 2, "http://host:6006"),
        (["--max-size", "lots"], 2, "15MB"),
        (["--max-size", "1kB"], 1, "The page alone has"),
        (["--max-points", "-1"], 2, "max-points"),
        (["--introduction", "/nowhere.md"], 2, "does not exist"),
        (["--alias", "production"], 1, "there are no aliases"),
        (["digits:99"], 1, "it has"),
        (["--run", "nope"], 1, "no run"),
        (["cnn"], 1, "is written run:cnn"),
        (["--filter", "a >"], 2, ""),
    ],
)
def test_each_wrong_word_is_a_line_and_leaves_nothing(
    run: Run, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    result = run("export", *arguments, "--out", str(tmp_path / "share.html"))
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "share.html").exists()


def test_an_ending_that_tells_no_format_names_the_formats(run: Run, tmp_path: Path) -> None:
    result = run("export", "--out", str(tmp_path / "share"))
    assert result.exit_code == 2
    assert "name one (--format): html, site" in result.stderr


def test_problems_are_said_without_hiding_the_rest(run: Run, world: World, tmp_path: Path) -> None:
    world.raw("bad/1", b"{")
    result = run("export", "--out", str(tmp_path / "share.html"))
    assert result.exit_code == 0
    assert "4 versions" in result.stdout
    assert "bad/1" in result.stderr


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (9_999, "9,999 bytes"), (12_345, "12 kB"), (14_250_000, "14.2 MB")]
)
def test_sizes_are_for_people(size: int, words: str) -> None:
    assert in_bytes(size) == words


def test_runs_that_made_no_version_are_counted_where_they_are_taken_along(
    run: Run, world: World, tmp_path: Path
) -> None:
    world.scalars("lonely", "val_loss", [(1, 1.0)])
    assert "3 versions and 1 run that made none, " in run("export", "--out", str(tmp_path / "a.html")).stdout
    told = run("export", "--out", str(tmp_path / "a.csv")).stdout
    assert "3 versions, " in told
    assert "Left out: 1 run that made no version: a table has rows of versions only." in told


def test_without_a_log_directory_it_says_that_there_are_no_curves(run: Run, world: World, tmp_path: Path) -> None:
    def told(name: str, *arguments: str) -> str:
        place = ["--models-dir", str(world.models), "--out", str(tmp_path / name)]
        result = run("export", *place, *arguments, where=False)
        return result.stdout + result.stderr

    assert "Left out: All runs and their curves: no --logdir was given." in told("a.html")
    assert "--logdir" not in told("a.csv")
    assert "which was not given" in told("b.html", "--run", "cnn-2")


def test_the_option_for_aliases_is_offered(run: Run) -> None:
    assert "--alias" in run("export", "--help", where=False).stdout


def test_a_table_goes_to_standard_output_and_what_is_said_to_stderr(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "table.csv"
    assert run("export", "--out", str(out)).exit_code == 0
    piped = run("export", "--format", "csv", "--out", "-")
    assert piped.exit_code == 0, piped.output
    assert piped.stdout_bytes == out.read_bytes()
    assert "standard output: 3 versions" in piped.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say which format goes to standard output"),
        (("--format", "site"), "The format site is a folder; name it with --out."),
    ],
)
def test_what_can_not_go_to_standard_output_says_so(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run("export", "--out", "-", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
