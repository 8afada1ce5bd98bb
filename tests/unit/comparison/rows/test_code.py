"""Commits, links to them, uncommitted changes."""

from __future__ import annotations

import pytest

from tb_versions.comparison import compare_members
from tb_versions.comparison.rows.code import commit_link, compare_link
from tb_versions.core.manifest import Code, VersionManifest
from tests.unit.comparison.making import member, run_member

OLD, NEW = "a" * 40, "b" * 40


def code(remote="", commit=OLD, **fields):
    return Code(remote=remote, commit=commit, **fields)


@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("https://github.com/o/r.git", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("https://github.com/o/r", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("git@github.com:o/r.git", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("github.com:o/r.git", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("ssh://git@github.com:22/o/r.git", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("http://GitHub.com/o/r/", f"https://github.com/o/r/compare/{OLD}...{NEW}"),
        ("https://gitlab.com/g/s/r.git", f"https://gitlab.com/g/s/r/-/compare/{OLD}...{NEW}"),
        ("git@bitbucket.org:o/r.git", f"https://bitbucket.org/o/r/branches/compare/{NEW}%0D{OLD}"),
        ("https://codeberg.org/o/r", f"https://codeberg.org/o/r/compare/{OLD}...{NEW}"),
        ("https://git.example.com/o/r.git", None),
        ("https://github.com.evil.example/o/r", None),
        ("https://evil.example/github.com/o/r", None),
        ("https://github.com@evil.example/o/r", None),
        ("https://github.com/o/../r", None),
        ("https://github.com/o/r?x=1", None),
        ('https://github.com/o/r"onclick="x', None),
        ("javascript:alert(1)//github.com/o/r", None),
        ("https://github.com/o/r\n", None),
        ("/home/somebody/r", None),
        ("", None),
    ],
)
def test_links_to_known_hosts_only(remote, link):
    assert compare_link(code(remote), code(remote, NEW)) == link


@pytest.mark.parametrize("commit", ["", "main", "abc", "A" * 40, "a" * 65, "a" * 39 + "/", "--upload-pack=x"])
def test_a_commit_that_is_none_makes_no_link(commit):
    assert commit_link(code("https://github.com/o/r", commit)) is None


@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("git@github.com:o/r.git", f"https://github.com/o/r/commit/{NEW}"),
        ("https://gitlab.com/g/s/r.git", f"https://gitlab.com/g/s/r/-/commit/{NEW}"),
        ("https://bitbucket.org/o/r", f"https://bitbucket.org/o/r/commits/{NEW}"),
        ("https://git.example.com/o/r.git", None),
    ],
)
def test_a_commit_of_a_known_host_has_a_link(remote, link):
    assert commit_link(code(remote, NEW)) == link


def test_no_range_between_two_repositories_or_within_one_commit():
    assert compare_link(code("https://github.com/o/r"), code("https://github.com/o/fork", NEW)) is None
    assert compare_link(code("https://github.com/o/r"), code("git@github.com:o/r.git")) is None


def test_one_repository_by_two_protocols_has_a_range():
    assert compare_link(code("https://github.com/o/r"), code("git@github.com:o/r.git", NEW)) is not None


def rows(*codes):
    members = [member(f"m:{i}", manifest=VersionManifest(model="m", number=i, code=c)) for i, c in enumerate(codes, 1)]
    return compare_members([*members, run_member("r")])


def test_commit_and_uncommitted_changes_are_rows():
    remote = "https://github.com/o/r"
    found = rows(code(remote, dirty=False), code(remote, NEW, dirty=True, dirty_files=("a.py",), diff="-x\n+y"))
    commit = found.row("code", "commit").cells
    assert (commit[1].verdict, commit[1].details["compare"]) == (
        "other commit",
        compare_link(code(remote), code(remote, NEW)),
    )
    assert not commit[2].known
    assert [c.text for c in found.row("code", "dirty").cells[:2]] == ["none", "1 file: a.py"]
    diff = found.row("code", "diff").cells
    assert diff[0].absent
    assert (diff[1].text, diff[1].value) == ("2 lines", "-x\n+y")


def test_commits_are_compared_and_linked_in_both_directions():
    remote = "https://github.com/o/r"
    for old, new in ((OLD, NEW), (NEW, OLD)):
        cell = rows(code(remote, old), code(remote, new)).row("code", "commit").cells[1]
        assert cell.verdict == "other commit"
        assert cell.details["compare"] == f"https://github.com/o/r/compare/{old}...{new}"
    cell = rows(code(remote), code(remote)).row("code", "commit").cells[1]
    assert (cell.verdict, cell.details["compare"]) == ("same commit", None)


def test_arguments_are_known_where_the_script_is():
    cells = rows(code(entry_point="train.py", arguments=("--lr", "1")), code()).row("code", "arguments").cells
    assert [(c.text, c.known) for c in cells[:2]] == [("--lr 1", True), ("not known", False)]


def test_changes_without_names_of_files_are_changes():
    cells = rows(code(dirty=True), code(dirty=False)).row("code", "dirty").cells
    assert [(c.text, c.value) for c in cells[:2]] == [("yes", True), ("none", False)]


def test_a_diff_that_was_not_recorded_is_not_known():
    found = rows(code(dirty=True), code(dirty=False, diff=""))
    assert ("code", "diff") not in {(row.group, row.key) for row in found.rows}


def test_hidden_characters_in_a_diff_are_spelled_out():
    found = rows(code(dirty=True, diff="a\u202eb\nc"), code())
    assert found.row("code", "diff").cells[0].value == "a\\u{202e}b\nc"
