"""Paths that tell whose machine it was leave a text; names and relative paths stay."""

from __future__ import annotations

import pytest

from tb_versions.exports.redaction.redactor import Redactor

TAKEN = {
    "/home/janedoe/My Documents/x": "[path]",
    "/Users/Jane Doe/x": "[path]",
    '"C:\\Users\\Jane Doe\\x y"': '"[path] y"',
    "from /home/janedoe/a and b": "from [path] and b",
    "see /home/janedoe": "see [path]",
    "/Users/Jane Doe": "[path]",
    "file:///home/Jane Doe/x": "[path]",
    "~/My Documents/x": "[path]",
    "-v out:/data/x": "-v out:[path]",
    "//smbhost/share/x": "[path]",
    "../../home/janedoe/x": "[path]",
    "run_/home/janedoe/x": "run_[path]",
    "~janedoe/x": "[path]",
    "x=~/a/b, c": "x=[path], c",
    "\\home\\janedoe\\x": "[path]",
    "/root/data": "[path]",
    "from /root/x, /root": "from [path], [path]",
    "file:///root/x": "[path]",
}
KEPT = [
    "logs/home/x",
    "data/home/page",
    "a ~ b/c",
    "~5/10",
    "// comment",
    "x = a // b",
    "../data/x",
    "homes/a",
    "a/ B/c",
]


@pytest.mark.parametrize(("text", "told"), TAKEN.items())
def test_a_path_is_taken_out_whole(text: str, told: str) -> None:
    redactor = Redactor()
    assert redactor.text(text) == told
    assert set(redactor.counts) == {"paths"}


@pytest.mark.parametrize("uri", ["/root/x", "/home/me/x", "file:///root/x", "C:\\Users\\me\\x"])
def test_the_home_of_an_address_is_no_secret(uri: str) -> None:
    redactor = Redactor()
    assert redactor.tree({"uri": uri, "arguments": ["--data", uri]}) == {
        "uri": "[path]",
        "arguments": ["--data", "[path]"],
    }
    assert +redactor.counts == {"paths": redactor.counts["paths"]}


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_path_of_a_machine_stays(text: str) -> None:
    redactor = Redactor()
    assert (redactor.text(text), redactor.name(text)) == (text, text)


def test_a_run_loses_the_home_in_its_name() -> None:
    assert Redactor().name("run_/home/janedoe/x") == "run_[path]"
