"""Secrets planted wherever an author may leave one: none is in a captured diff, none leaves in an export."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tb_versions.core.manifest import Code, Metric
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.exports.redaction.fields import INCLUDABLE
from tb_versions.registry import events
from tb_versions.write.provenance.code import capture_code
from tests.support.chronicle import Chronicle
from tests.support.planted import HARMLESS_NAMES, NAMES, TOKENS, core_of
from tests.support.world import World

SECRET = "Zq9Leak7x"
FORMATS = ["a.html", "site", "dev", "a.csv", "a.json", "a.jsonl", "a.md", "a.tex"]

CODE = f"""
import os
password = "{SECRET}a"
os.environ["HF_TOKEN"] = '{SECRET}b'
client = Client(clientsecret="{SECRET}c", url="postgres://ada:{SECRET}d@db/x")
pgpassword: str = f"{SECRET}e"
os.environ.setdefault("WANDB_API_KEY", "{SECRET}f")
run("curl -u ada:{SECRET}g https://example.org")
headers = {{"Authorization": "Token {SECRET}h"}}
token = args.token
"""
CONFIGURATIONS = {
    ".env": f"PGPASSWORD={SECRET}\nexport HFTOKEN={SECRET}\nAWS_SECRET_ACCESS_KEY={SECRET}\nLR=0.1\n",
    "conf.yaml": f"db:\n  dbpassword: {SECRET} with words\n  authtoken: '{SECRET}'\n  - apikey: {SECRET}\n",
    "app.ini": f"[db]\npassword = {SECRET}\nclientsecret={SECRET}\n",
    "run.sh": f"mysql --password={SECRET}\nexport WANDBKEY={SECRET}\ntrain --authtoken {SECRET}\n",
    ".netrc": f"machine api.example.org\n  login ada\n  password {SECRET}\n",
    "settings.json": json.dumps({"vaulttoken": SECRET, "nested": {"sshpass": SECRET}}, indent=1),
    "deploy.pem": TOKENS["RSA key"] + "\n",
}


def git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(params=["added", "removed"])
def dirty(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository in which secrets were put into files since the last commit, or taken out of them."""
    folder = tmp_path / "repository"
    folder.mkdir()
    tokens = "".join(f"{place} = '{token}'\n" for place, token in enumerate(TOKENS.values()) if "\n" not in token)
    contents = {**CONFIGURATIONS, "train.py": CODE, "tokens.py": tokens}
    states = [dict.fromkeys(contents, "# nothing\n"), contents]
    for state in states if request.param == "added" else reversed(states):
        for name, text in state.items():
            (folder / name).write_text(text)
        if not (folder / ".git").exists():
            git(folder, "init", "-q")
            git(folder, "add", "-A")
            git(folder, "commit", "-q", "-m", "first")
    return folder


def left_in(text: str) -> list[str]:
    """The secrets that a text still has."""
    return [each for each in (SECRET, *map(core_of, TOKENS.values())) if each in text]


def test_the_diff_of_a_dirty_repository_holds_no_secret(dirty: Path) -> None:
    code = capture_code(dirty, diff_limit=1 << 20)
    assert code is not None
    assert code.dirty
    assert left_in(code.diff) == []
    assert code.diff.count("diff --git") == len(CONFIGURATIONS) + 2
    for harmless in ("token = args.token", "LR=0.1", "import os"):
        assert harmless in code.diff


def said(out: Path) -> str:
    if out.is_dir() and not (out / "index.html").exists():
        return "".join(path.read_text("utf-8", "replace") for path in sorted(out.rglob("*")) if path.is_file())
    if out.suffix in ("", ".html"):
        read = read_export(out)
        return json.dumps([read.head, *(read.section(name) for name in read.names)], ensure_ascii=False)
    return out.read_text()


def raw_diff(folder: Path) -> str:
    return subprocess.run(["git", "diff"], cwd=folder, check=True, capture_output=True, text=True).stdout


def plant(world: World, diff: str) -> None:
    """Versions as another program could have written them: nothing was masked before."""
    for number, (maker, token) in enumerate(TOKENS.items(), 1):
        world.version(
            "tokens",
            number,
            description=f"made with {token} of {maker}",
            labels={"note": token, f"of {maker}": f"x {token}"},
            hyperparameters={"note": f"({token})"},
            metrics=(Metric(name=f"acc {token}" if "\n" not in token else "acc", value=0.5),),
            code=Code(commit="c" * 40, arguments=(f"--x={token}",), diff=diff, dirty=True),
        )
    forms: Sequence[str] = ("--{}=" + SECRET, "{}=" + SECRET, "{}: " + SECRET, '{{"{}": "' + SECRET + '"}}')
    world.version(
        "names",
        1,
        description="\n".join(form.format(name) for name in NAMES for form in forms),
        hyperparameters=dict.fromkeys(NAMES, SECRET),
        labels={**dict.fromkeys(NAMES, SECRET), **{f"x.{name}": "kept" for name in HARMLESS_NAMES}},
        code=Code(arguments=tuple(part for name in NAMES for part in (f"--{name}", SECRET, f"{name}={SECRET}"))),
    )


def plant_in_logs(world: World) -> None:
    """Reasons, notes, labels and sources with every token, and labels whose names tell."""
    tokens = Chronicle(world.models / "tokens")
    for number, token in enumerate(TOKENS.values(), 1):
        word = " ".join(token.split("\n"))
        tokens.say("approved", number, reason=f"fetched with {token}", actor=f"ci {word}"[:200])
        tokens.say("noted", number, events.Text(f"see `{token}`"))
        tokens.say("described", number, events.Text(f"# made with {token}"))
        tokens.say("label_set", number, events.LabelSet("later", word[:1_000]))
    tokens.measure(1, source=f"by {TOKENS['GitHub']}", accuracy=0.5)
    names = Chronicle(world.models / "names")
    for name in NAMES:
        names.say("label_set", 1, events.LabelSet(name, SECRET))
        names.say("deprecated", 1, reason=f"{name}={SECRET}")


@pytest.mark.parametrize("include", [(), INCLUDABLE], ids=["by default", "all included"])
def test_no_planted_secret_leaves_in_any_format(dirty: Path, tmp_path: Path, include: Sequence[str]) -> None:
    world = World(tmp_path)
    plant(world, raw_diff(dirty))
    plant_in_logs(world)
    world.close()
    for name in FORMATS:
        form = {"site": "site", "dev": "tensorboard-dev"}.get(name, "")
        export(tmp_path / name, logdir=world.logs, models_dir=world.models, format=form, include=include)
        text = said(tmp_path / name)
        assert left_in(text) == [], name
        assert text.count("kept") >= len(HARMLESS_NAMES), name
        assert ("diff --git" in text) is (bool(include) and name in ("a.html", "site", "dev")), name
