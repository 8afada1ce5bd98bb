"""The docs say everything and lie about nothing."""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tb_versions.core.proto import manifest_pb2
from tests.support.effort import HANGS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
RUN_THESE = sorted([ROOT / "README.md", *(DOCS / "guides").glob("*.md")])

_LINK = re.compile(r"(?<!\\)!?\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def messages() -> Iterator[Any]:
    """Every message of manifest.proto."""
    pending = list(manifest_pb2.DESCRIPTOR.message_types_by_name.values())
    while pending:
        message = pending.pop()
        if message.GetOptions().map_entry:
            continue
        pending += message.nested_types
        yield message


def section(text: str, title: str) -> str:
    """The part of a document under a heading, up to the next heading of its level or above."""
    match = re.search(rf"^(#+) +`?{re.escape(title)}`?\s*$", text, re.MULTILINE)
    assert match, f"no section {title}"
    level = len(match[1])
    rest = text[match.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def test_every_manifest_field_is_documented() -> None:
    text = (DOCS / "manifest-format.md").read_text()
    missing = [
        f"{message.name}.{field.name}"
        for message in messages()
        for field in message.fields
        if f"| `{field.name}` |" not in section(text, message.name)
    ]
    assert missing == []


def test_no_documented_manifest_field_is_invented() -> None:
    text = (DOCS / "manifest-format.md").read_text()
    for message in messages():
        rows = re.findall(r"^\| `(\w+)` \|", section(text, message.name), re.MULTILINE)
        assert set(rows) <= {field.name for field in message.fields}, message.name


def test_every_word_of_an_enum_is_documented() -> None:
    text = (DOCS / "manifest-format.md").read_text()
    words = [
        value.name
        for message in messages()
        for enum in message.enum_types
        for value in enum.values
        if value.number != 0
    ]
    assert [word for word in words if f"`{word}`" not in text] == []


def test_the_manifest_example_is_a_manifest() -> None:
    from tb_versions.core import codec

    text = (DOCS / "manifest-format.md").read_text()
    (example,) = [body for language, body in _FENCE.findall(text) if language == "json"]
    manifest = codec.decode(example.encode())
    assert manifest.reference == "digits:7"
    assert codec.unknown_fields(codec.load_json(example.encode())) == []


def plugin_routes() -> list[str]:
    """Routes of the plugin, as `get_plugin_apps` has them."""
    plugin_module = importlib.import_module("tb_versions.plugin.plugin")
    registries = plugin_module.RegistryRoutes(None)
    actions = plugin_module.ActionRoutes(None, None, (), None)
    serving = plugin_module.ServingRoutes(None, "", ())
    windows = plugin_module.WindowRoutes(None, None, ())
    plugin = _AnyAttribute(_registries=registries, _actions=actions, _serving=serving, _windows=windows)
    return list(plugin_module.VersionsPlugin.get_plugin_apps(plugin))


class _AnyAttribute(SimpleNamespace):
    """Stands for a plugin that is not set up: every handler is None, and only the route table is asked for."""

    def __getattr__(self, name: str) -> None:
        return None


def openapi() -> dict[str, Any]:
    """The parsed docs/openapi.yaml."""
    yaml = pytest.importorskip("yaml")
    parsed: dict[str, Any] = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    return parsed


def test_every_route_is_documented() -> None:
    text = (DOCS / "http-api.md").read_text()
    assert [
        route for route in plugin_routes() if route.removesuffix("/*") not in text and not _action(route, text)
    ] == []


def _action(route: str, text: str) -> bool:
    """Whether a route is that of an action in the table of actions."""
    return re.search(rf"^\|.*`{route.removeprefix('/actions/')}`.*\|$", text, re.MULTILINE) is not None


def test_openapi_has_exactly_the_routes() -> None:
    paths = openapi()["paths"]
    verbs = paths["/actions/{verb}"]["parameters"][0]["schema"]["enum"]
    read = {re.sub(r"/\{\w+\}$", "/*", path) for path, described in paths.items() if "get" in described}
    assert read | {f"/actions/{verb}" for verb in verbs} == set(plugin_routes())


def test_every_parameter_of_a_route_is_documented() -> None:
    text = (DOCS / "http-api.md").read_text()
    names = {
        parameter["name"]
        for path in openapi()["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for parameter in operation.get("parameters", [])
        if "name" in parameter and parameter.get("in") != "header"
    }
    assert [name for name in sorted(names) if f"`{name}`" not in text and f"{name}=" not in text] == []


def test_every_flag_of_the_plugin_is_documented() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module("tb_versions.plugin.loader").VersionsLoader().define_flags(parser)
    flags = [option for action in parser._actions for option in action.option_strings]
    assert flags
    text = "".join(document.read_text() for document in (DOCS / "cli.md", DOCS / "http-api.md"))
    assert [flag for flag in flags if flag not in text] == []


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command of the command line with its full name."""
    pending: list[tuple[str, click.Command]] = [("tb-versions", importlib.import_module("tb_versions.cli").main)]
    while pending:
        name, command = pending.pop()
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            children = {sub: command.get_command(context, sub) for sub in command.list_commands(context)}
            pending += [(f"{name} {sub}", child) for sub, child in children.items() if child]


def test_every_command_and_option_is_documented() -> None:
    text = (DOCS / "cli.md").read_text()
    missing = []
    for name, command in commands():
        if name not in text:
            missing.append(name)
            continue
        part = text if name == "tb-versions" else section(text, name)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.opts:
                longest = max(parameter.opts, key=len)
                if longest not in part and longest not in text:
                    missing.append(f"{name} {longest}")
    assert missing == []


def test_every_command_and_option_has_help() -> None:
    silent = []
    for name, command in commands():
        if not command.help:
            silent.append(name)
        silent += [
            f"{name} {parameter.opts[0]}"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help and parameter.name != "help"
        ]
    assert silent == []


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    """Anchors of a Markdown document."""
    text = _FENCE.sub("", document.read_text())
    return {slug(heading) for heading in _HEADING.findall(text)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_link_is_dead(document: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", document.read_text()))
    dead = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, pending = set[Path](), [ROOT / "README.md"]
    while pending:
        document = pending.pop()
        if document in reached or document.suffix != ".md" or not document.is_file():
            continue
        reached.add(document)
        links = (link.partition("#")[0] for link in _LINK.findall(document.read_text()))
        pending += [(document.parent / link).resolve() for link in links if link and ":" not in link]
    assert [d.relative_to(ROOT).as_posix() for d in DOCUMENTS if d not in reached] == []


def test_decisions_are_numbered_and_listed() -> None:
    folder = DOCS / "decisions"
    names = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    numbers = [name[:5] for name in names]
    assert all(re.fullmatch(r"\d{4}-", number) for number in numbers)
    assert len(numbers) == len(set(numbers)), "two decisions have one number"
    listed = (folder / "README.md").read_text()
    assert [name for name in names if f"({name})" not in listed] == []


def test_glossary_is_sorted_and_explains_every_state() -> None:
    text = (DOCS / "glossary.md").read_text()
    words = [row.lower() for row in re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE) if row not in ("word", "---")]
    assert words == sorted(words)
    integrity = importlib.import_module("tb_versions.read.manifests.integrity")
    assert [state for state in integrity.State.__args__ if state not in words] == []


# What the blocks of README and guides may use without making it: small, real, and gone afterwards.
_PREPARED = """
import os, tempfile
os.chdir(tempfile.mkdtemp())
import numpy as np
import tensorflow as tf
import tb_versions as tbv
logdir = "logs/first"
x = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
y = (x.sum(axis=1) > 0).astype("float32")
def make_model():
    model = tf.keras.Sequential([tf.keras.Input((8,), name="pixels"), tf.keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model
model = make_model()
epoch = 1
print = lambda *values, **options: None
"""


def python_blocks(document: Path) -> list[str]:
    """Python code blocks of a document, in order; those after `<!-- not run: reason -->` are left out."""
    text = re.sub(r"<!-- not run:[^>]*-->\s*```.*?^```\s*$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(body) for language, body in _FENCE.findall(text) if language == "python"]


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("document", RUN_THESE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_blocks_run(document: Path, tmp_path: Path) -> None:
    blocks = python_blocks(document)
    if not blocks:
        return
    script = tmp_path / "blocks.py"
    script.write_text(_PREPARED + "\n".join(blocks))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, timeout=HANGS, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr[-4000:]


def test_the_architecture_names_folders_and_modules_that_exist() -> None:
    text = (DOCS / "architecture.md").read_text()
    tree = text[text.index("## The folders") : text.index("## Rules")]
    package = ROOT / "tb_versions"
    for name in re.findall(r"`([a-z_]+/[a-z_./]*|[a-z_]+\.py)`", tree):
        places = [ROOT / name, package / f"{name}.py", *package.glob(name), *package.glob(f"*/{name}")]
        assert any(place.exists() for place in places), name
    folders = {path.name for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert not [name for name in folders if f"`{name}/`" not in tree], "a folder that the architecture does not name"


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md", "guides/README.md", "decisions/README.md"])
def test_nothing_is_listed_twice(name: str) -> None:
    """A merge that keeps both sides leaves two rows, and one of them is old."""
    text = (DOCS / name).read_text()
    listed = re.findall(r"^(?:\| ([^|]+?) +\||- \[.+?\]\((.+?)\))", text, re.MULTILINE)
    counts = Counter(row or link for row, link in listed if (row or link) not in ("folder", "---"))
    assert [each for each, count in counts.items() if count > 1] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    files = [path.name for path in (DOCS / "decisions").glob("0*.md")]
    assert [name for name in files if f"({name})" not in index] == []
