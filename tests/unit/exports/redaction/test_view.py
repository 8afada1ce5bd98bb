"""Of a copied address an export has the keys that the page understands, with names as the export has them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

import pytest

from tb_versions.exports.redaction.fields import INCLUDABLE
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.view import shared_view
from tb_versions.privacy.patterns import compile_patterns


def view(**keys: str) -> str:
    return "".join(["#versions", *(f"&p.versions.{key}={quote(value, safe='')}" for key, value in keys.items())])


def told(redact: Sequence[str] = (), **keys: str) -> dict[str, str]:
    """The keys of a view as it is exported, decoded once."""
    redactor = Redactor(patterns=compile_patterns(redact))
    redactor.tree({"runs": ["exp_gpu17.corp", "other_gpu18.corp"], "labels": {"who": "acme"}})
    _, *parts = shared_view(view(**keys), redactor).split("&")
    pairs = (part.partition("=") for part in parts)
    return {key.removeprefix("p.versions."): unquote(value) for key, _, value in pairs}


EVERYTHING = {
    "q": 'val_loss < 0.5 and hp."odd name" = adam and run ~ train/val',
    "m": "digits,a%2Cb",
    "a": "production",
    "r": "cnn/train",
    "st": "present,damaged",
    "sort": "-m:val_loss,+created",
    "group": "model",
    "cols": "-created,+last:loss,size>version",
    "v": "digits:3",
    "tab": "lineage",
    "sel": "digits:1,run:mlp",
    "metric": "loss [test/a]",
    "chart": "0",
    "panel": "scatter",
    "large": "1",
    "wd": "1",
    "at": "1794128400000",
    "hist": "digits",
    "over": "time",
    "axes": "hp:lr,m:loss",
    "xy": "created,m:loss",
    "color": "label:team",
    "brush": "m:loss>0.1~0.3|!none,hp:optimizer>=adam|=sgd",
    "lin": "-runs,-data",
    "side": "0",
    "cmp": "digits:1,digits:3,run:mlp",
    "base": "digits:3",
    "tags": "loss,val/loss",
    "pins": "loss",
    "hide": "cnn/train",
    "goals": "loss=min,odd%2Cname=max",
    "all": "1",
    "x": "relative",
    "smooth": "0.95",
    "log": "1",
    "out": "1",
}


def test_everything_that_the_page_understands_comes_through() -> None:
    assert told(**EVERYTHING) == EVERYTHING
    assert shared_view(view(**EVERYTHING), Redactor(include=INCLUDABLE)).startswith(
        "#versions&p.versions.q=val_loss%20"
    )


def test_no_tags_at_all_are_no_tags() -> None:
    assert told(tags="-") == {"tags": "-"}


@pytest.mark.parametrize(
    "foreign",
    ["password=hunter2", "sk=ghp_0", "p.other.x=hunter2", "p.versions.token=hunter2", "hunter2", "runs=hunter2"],
)
def test_keys_of_others_do_not_leave(foreign: str) -> None:
    assert shared_view(f"#versions&{foreign}&p.versions.cmp=a%3A1", Redactor()) == "#versions&p.versions.cmp=a%3A1"


@pytest.mark.parametrize("key", ["st", "tab", "panel", "group", "chart", "large", "side", "all", "x", "smooth", "lin"])
def test_what_is_no_word_of_the_page_does_not_leave(key: str) -> None:
    assert told(**{key: "gpu-7.corp ghp_abcdefghijklmnopqrstuvwxyz0123456789"}) == {}


def test_the_folder_of_a_log_and_a_day_that_is_none_do_not_leave() -> None:
    assert told(hist="digits|/home/anna/models/digits", at="1 day") == {"hist": "digits"}


def test_the_token_that_allows_changes_does_not_leave() -> None:
    assert told(token="s3cret", v="digits:3") == {"v": "digits:3"}


def test_names_become_what_they_became_in_the_export() -> None:
    names = "run:exp_gpu17.corp,run:other_gpu18.corp"
    assert told(cmp=names, hide="other_gpu18.corp") == {
        "cmp": "run:exp_[host],run:other_[host]",
        "hide": "other_[host]",
    }
    assert told(q='run = "exp_gpu17.corp" or run = exp_gpu17.corp') == {"q": 'run = "exp_[host]" or run = exp_[host]'}


def test_patterns_are_masked_in_names_wherever_they_stand() -> None:
    redact = ["acme", "10023456"]
    masked = told(
        redact,
        m="acme",
        goals="acme=max",
        sort="-hp:acme",
        cols="+label:acme,m:acme>hp:acme",
        color="m:acme",
        v="acme:3",
        metric="acme",
    )
    assert "acme" not in str(masked)
    assert {"v", "metric"} <= masked.keys()


@pytest.mark.parametrize(
    "brush", ["hp:password>=hunter2", "hp:password>=x|=hunter2", "label:note>=ghp_abcdefghijklmnopqrstuvwxyz0123456789"]
)
def test_a_range_over_a_secret_is_left_out(brush: str) -> None:
    assert told(brush=brush, tab="lineage") == {"tab": "lineage"}


@pytest.mark.parametrize(
    "query",
    [
        *(
            "lr < 0.1 and val_loss > 0.5",
            "run ~ agent.policy.net",
            'hp."odd name" in (adam, "sgd")',
            "max_tokens = 512",
        ),
        *("not (model = digits) and created >= 2026-11-23", "has hp.lr and `a b` != 'it\\'s'"),
    ],
)
def test_an_ordinary_filter_is_exported_as_it_is(query: str) -> None:
    assert told(q=query) == {"q": query}


@pytest.mark.parametrize(
    "query",
    [
        *('auth = "hunter2" and a = b', 'hp."my token" = "hunter2"', "`api key` != 'a \\' b'", "hp.wandbkey = hunter2"),
        *(
            'token in (3, "hunter2", hunter3) or a = "b"',
            "hp.password ~ hunter2",
            "password = 123456",
            "hftoken=hunter2",
        ),
        *("note ~ ghp_abcdefghijklmnopqrstuvwxyz0123456789", "note = /home/ada/x", "a = 1 and patient = 10023456"),
    ],
)
def test_a_filter_with_something_to_redact_is_left_out(query: str) -> None:
    assert told(["10023456"], q=query, tab="lineage") == {"tab": "lineage"}


def test_an_escape_hides_nothing() -> None:
    hidden = "".join(f"%{ord(letter):02x}" for letter in "acme")
    address = f"#versions&p.versions.v={hidden}&%70.versions.m={quote(hidden)}&p.versions.q={hidden}"
    redactor = Redactor(patterns=compile_patterns(["acme"]))
    assert shared_view(address, redactor) == "#versions" + "".join(f"&p.versions.{key}=%5Bredacted%5D" for key in "vmq")


def test_no_view_stays_none() -> None:
    assert shared_view("", Redactor()) == ""
