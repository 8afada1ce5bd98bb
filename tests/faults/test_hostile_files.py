"""Hostile files, names, event files and requests: nothing outside the allowed folders is opened, nothing is run."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core import codec, storage
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Metric, check_model_name
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidManifestError, InvalidNameError, InvalidReferenceError, TbVersionsError
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Root, Scanner
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.api import open_catalog
from tests.faults import hostile
from tests.support.effort import HANGS
from tests.support.world import Site, World, row_of, strict

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def site_of(world: World) -> Site:
    return Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))


# Refused by size or type before reading.


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)


def _pretends_to_be_small(path: Path) -> None:
    path.write_bytes(b'{"schemaVersion":1,"a":"' + b" " * MANIFEST_LIMIT)


HUGE: dict[str, Callable[[Path], object]] = {
    "a sparse file of 100 GB": _sparse,
    "a fifo": os.mkfifo,
    "a symlink to endless zeros": lambda path: path.symlink_to("/dev/zero"),
    "a symlink to a fifo": lambda path: (os.mkfifo(path.with_name("fifo")), path.symlink_to(path.with_name("fifo"))),
    "a symlink to itself": lambda path: path.symlink_to(path),
    "a folder": lambda path: path.mkdir(),
    "16 MB of spaces": lambda path: path.write_bytes(b" " * (16 << 20)),
    "one byte too many": _pretends_to_be_small,
    "depth 10,000": lambda path: path.write_bytes(hostile.DEEP),
    "500,000 brackets": lambda path: path.write_bytes(b"[" * 500_000),
    "400 digits": lambda path: path.write_bytes(b'{"schemaVersion":' + b"9" * 5_000 + b"}"),
    "empty": lambda path: path.write_bytes(b""),
    "NUL bytes": lambda path: path.write_bytes(b"\0" * 1_000),
    "UTF-16": lambda path: path.write_bytes('{"schemaVersion": 1}'.encode("utf-16")),
}


def _socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has at most 107 bytes
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(before)


HUGE["a socket"] = _socket


@pytest.mark.parametrize("kind", HUGE)
def test_a_manifest_that_is_no_small_plain_file_costs_nothing(world: World, kind: str) -> None:
    folder = world.models / "h" / "1"
    folder.mkdir(parents=True)
    HUGE[kind](folder / MANIFEST_NAME)
    world.version("good", 1)
    process = psutil.Process()
    reader = CatalogReader(roots_of("", [str(world.models)]))
    memory = process.memory_info().rss
    catalog = reader.refresh()
    reader.check()
    grown = process.memory_info().rss - memory
    assert [v.state for v in catalog.by_model["good"]] == ["unchecked"]
    (bad,) = catalog.by_model["h"]
    assert (bad.number, bad.state) == (1, "damaged")
    assert bad.notice
    assert catalog.problems == ((str(folder), bad.notice),)
    print(f"{kind}: refused, RSS {grown / 1e6:+.1f} MB: {bad.notice[-80:]}")
    assert grown < 20e6


def test_lengths_that_lie_are_refused_at_once() -> None:
    for content in (
        b"\x12\xff\xff\xff\xff\x07" + b"x" * 100,  # a text of 2^31 - 1 bytes
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x0b" * 10_000,  # groups in groups
        bytes(16_385),
    ):
        with pytest.raises(InvalidManifestError):
            codec.decode_announcement(content)


def test_a_file_is_read_to_one_byte_past_its_size_and_no_further() -> None:
    """Under /proc sizes are 0 and contents are not."""
    assert Path("/proc/self/status").stat().st_size == 0
    assert len(storage.read_capped("/proc/self/status", 1 << 20)) <= 1


# Names.

NAMES = (
    "__proto__", "constructor", "toString", "..", ".", "", "CON", "con.txt", "nul", "COM1", "lpt9.x", "a/b", "a\\b",
    "a%2fb", "a#b", "a?b", "a\0b", "x" * 300, "\u202eabc", "a\u200bb", "аpple", "p𝓪ypal", "\U0001f600", "-lead",
    "lead-",
    " a", "a ", "a b", "a:b", "a@b", "a~b", "latest", "LATEST", "v1", "V12", "prototype", "a\nb", "a\tb", "\x1b[31mred",
    "\ufeffa", "é", "\u2028", "$(id)", "`id`", "%n", "{}", "*", "a|b", "<b>", "a\u0301", ".hidden", "trailing.",
)  # fmt: skip
ALLOWED_ON_PURPOSE = {"toString"}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_refused_by_every_writer(name: str, tmp_path: Path) -> None:
    from tb_versions import publish

    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("x")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    if name in ALLOWED_ON_PURPOSE:
        assert check_model_name(name) == name
        return
    with pytest.raises(InvalidNameError) as caught:
        publish(tmp_path / "source", tmp_path / "models", name=name)
    assert "can't name a model" in str(caught.value)
    assert str(caught.value).isprintable()
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_hostile_names_on_disk_are_listed_harmlessly(world: World) -> None:
    for number, name in enumerate(NAMES):
        text = orjson.dumps(name).decode()
        world.raw(
            f"d6/{number}",
            f'{{"schemaVersion":1,"model":{text if name else chr(34) + "empty" + chr(34)},"number":"{number}",'
            f'"labels":{{{text}:{text}}},"hyperparameters":{{{text}:{text}}},"runs":[{{"name":{text}}}],'
            f'"metrics":[{{"name":{text},"value":{number}}}],"parents":[{{"model":{text},"number":"1"}}]}}'.encode(),
        )
    tab = site_of(world)
    tab.settle()
    table = tab.json("/versions")
    ids = table["columns"]["id"]
    assert len(ids) == len(NAMES)
    assert all(i.isprintable() for i in ids)
    for version_id in ids:
        response = tab.get("/version", query_string={"ref": version_id})
        assert response.status_code == 200, version_id
        assert strict(response.get_data())["id"] == version_id
    for arguments in (["list"], ["list", "--json"], ["verify"]):
        result = CliRunner().invoke(main, [*arguments, "--models-dir", str(world.models)])
        assert result.exit_code == 0, result.output
        assert not [c for c in result.output if c != "\n" and not c.isprintable()]
    print(f"{len(NAMES)} names refused by the writer, listed by API, HTTP and CLI, 0 raw control characters")


def test_hostile_references_are_a_sentence(world: World) -> None:
    world.version("good", 1)
    tab = site_of(world)
    tab.settle()
    for name in NAMES:
        for ref in (name, f"{name}:1", f"good:{name}", f"good@{name}", f"good:1~{name}"):
            try:
                parse_reference(ref)
            except InvalidReferenceError as error:
                assert str(error).isprintable()  # noqa: PT017 - some are references
            status = tab.get("/version", query_string={"ref": ref}).status_code
            assert status in (400, 404), (ref, status)


def test_naughty_strings_survive_every_text_field(world: World, test_data: Path) -> None:
    strings: list[str] = json.loads((test_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    for number, text in enumerate(strings):
        manifest = {
            "schemaVersion": 1, "model": "blns", "number": str(number), "semanticVersion": text, "description": text,
            "labels": {"a": text, text: "b"}, "hyperparameters": {"a": text, text: 1}, "runs": [{"name": text}],
            "metrics": [{"name": text, "value": 1, "dataset": text, "slice": text, "run": text, "tag": text}],
            "parents": [{"model": text, "number": "1"}], "files": [{"path": text, "size": "1", "digest": text}],
            "digest": text, "createdBy": text, "environment": {"tensorflow": text, "packages": {text: text}},
            "code": {"commit": text, "arguments": [text]}, "datasets": [{"name": text, "uri": text}],
        }  # fmt: skip
        world.raw(f"blns/{number}", orjson.dumps(manifest))
    world.version("good", 1)
    tab = site_of(world)
    tab.settle()
    table = tab.json("/versions")
    assert len(table["columns"]["id"]) == len(strings) + 1
    assert row_of(table, "good:1")["state"] == "present"
    exact = 0
    from tb_versions.core.manifest import visible

    for number, text in enumerate(strings):
        row = row_of(table, f"blns:{number}")
        assert row["state"] != "damaged", row["notice"]
        detail = tab.json("/version", query_string={"ref": f"blns:{number}"})
        assert detail["manifest"]["labels"]["a"] == text
        assert json.loads(detail["manifest_text"])["description"] == text
        assert [run["name"] for run in detail["runs"]] == ([visible(text)] if text else [])
        if len(table["labels"]) < 300:
            assert row["labels"]["a"] == visible(text)
        exact += visible(text) == text
    print(f"naughty strings: {len(strings)} in 20 fields, {exact} to the letter, the others spelled out, 0 HTTP 500")


# Files that moved, changed or are none.


def verify(world: World, reference: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["verify", reference, "--models-dir", str(world.models)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_renamed_folder_verifies(world: World) -> None:
    folder = world.version("m", 1)
    (world.models / "other").mkdir()
    folder.rename(world.models / "other" / "77")
    code, said = verify(world, "m:1")
    assert code == 0
    assert said.startswith("m:1: as published\n1 of 1 versions are as published.\n")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "extra": (lambda f: (f / "new").write_text("x"), "extra: new"),
    "extra in a new folder": (lambda f: ((f / "d").mkdir(), (f / "d" / "new").write_text("")), "extra: d/new"),
    "missing": (lambda f: (f / "saved_model.pb").unlink(), "missing: saved_model.pb"),
    "empty": (lambda f: (f / "saved_model.pb").write_bytes(b""), "changed (other size): saved_model.pb"),
    "other content": (lambda f: (f / "saved_model.pb").write_bytes(b"M 1"), "changed: saved_model.pb"),
    "a symlink out": (lambda f: (f / "link").symlink_to("/etc/passwd"), "not a plain file: link (a symlink)"),
    "replaced by a symlink": (
        lambda f: ((f / "saved_model.pb").rename(f.parent / "x"), (f / "saved_model.pb").symlink_to(f.parent / "x")),
        "not a plain file: saved_model.pb (a symlink)",
    ),
    "a symlink loop": (lambda f: (f / "loop").symlink_to("."), "not a plain file: loop (a symlink)"),
    "a fifo": (lambda f: os.mkfifo(f / "pipe"), "not a plain file: pipe (a fifo)"),
    "a socket": (lambda f: _socket(f / "s"), "not a plain file: s (a socket)"),
    "a folder where a file was": (
        lambda f: ((f / "saved_model.pb").unlink(), (f / "saved_model.pb").mkdir()),
        "missing: saved_model.pb",
    ),
    "a name with a line break": (lambda f: (f / "a\nb").write_text(""), "a\\u000ab (named with control characters)"),
    "a name that is no text": (
        lambda f: Path(os.fsdecode(os.fsencode(f) + b"/\xff")).write_text(""), "\\udcff (named in invalid UTF-8)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_verify_names_what_is_wrong(world: World, change: str) -> None:
    folder = world.version("m", 1)
    world.version("m", 2)
    make, words = CHANGES[change]
    make(folder)
    code, output = verify(world, "m:1")
    assert code == 1
    assert words in output
    assert verify(world, "m:2")[0] == 0


def test_a_hard_link_and_10000_files_are_files(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "d").mkdir(parents=True)
    for number in range(10_000):
        (source / "d" / str(number)).write_bytes(b"%d" % number)
    folder = Path(tbv.publish(source, world.models, name="m", number=1, strict=True).path)
    os.link(folder / "d" / "1", world.models / "elsewhere")
    assert verify(world, "m:1")[0] == 0
    (folder / "d" / "7").write_bytes(b"8")
    (folder / "d" / "9999").unlink()
    (folder / "d" / "10000").write_bytes(b"")
    code, output = verify(world, "m:1")
    assert code == 1
    for words in ("changed: d/7\n", "missing: d/9999\n", "extra: d/10000\n"):
        assert words in output


def test_a_device_is_not_opened(world: World) -> None:
    folder = world.version("m", 1)
    try:
        os.mknod(folder / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except OSError:
        pytest.skip("only root makes devices")
    code, output = verify(world, "m:1")
    assert (code, "zero (a device)" in output) == (1, True)


# Event files.


def test_damaged_event_files_leave_the_tab_unchanged(world: World) -> None:
    world.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    for number in (1, 2, 3):
        world.announce("cnn", world.version("m", number, run="cnn", step=number))
    world.close()
    (path,) = (world.logs / "cnn").iterdir()
    whole = path.read_bytes()
    random_ = random.Random(6)
    offsets = [*sorted(random_.sample(range(len(whole)), 60)), 0, 1, 8, 12, len(whole) - 1]

    def what_is_shown() -> list[tuple[str, int, str, str]]:
        catalog = open_catalog(str(world.logs), [str(world.models)])
        return [(v.id, v.number, v.state, v.manifest_digest) for v in catalog.versions]

    expected = what_is_shown()
    assert [row[2] for row in expected] == ["present"] * 3
    for offset in offsets:
        path.write_bytes(whole[:offset])
        assert what_is_shown() == expected
        flipped = bytearray(whole)
        flipped[offset] ^= 1 << random_.randrange(8)
        path.write_bytes(flipped)
        assert what_is_shown() == expected
    path.unlink()
    assert what_is_shown() == expected
    print(f"{len(offsets)} truncations and {len(offsets)} flips of an event file: the same 3 versions each time")


def test_an_event_file_that_claims_a_terabyte_harms_nothing(world: World) -> None:
    world.version("m", 1)
    announced = world.version("n", 1)
    world.announce("good", announced)
    shutil.rmtree(announced)
    world.close()
    from tensorboard.summary.writer.record_writer import masked_crc32c

    header = struct.pack("<Q", 1 << 40)
    (world.logs / "bad").mkdir()
    (world.logs / "bad" / "events.out.tfevents.1.host").write_bytes(
        header + struct.pack("<I", masked_crc32c(header)) + b"abc"
    )
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "from tb_versions.cli import main\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\n"
        "without_tensorflow()\n"
        "main(['list', '--json', '--logdir', sys.argv[1], '--models-dir', sys.argv[2]], standalone_mode=False)\n"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(world.logs), str(world.models)],
        capture_output=True, text=True, check=False, timeout=HANGS, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert [row["id"] for row in json.loads(done.stdout)] == ["m:1", "n:1"]
    why = "a record says that it is longer than an event can be"
    assert f"tb-versions: run bad: its event files can't be read: {why}." in done.stderr
    kilobytes = int(done.stderr.split()[-1])
    print(f"a 15-byte event file that claims 1 TB: listed in {kilobytes / 1000:.0f} MB")
    assert kilobytes < 200_000


# Nothing outside the allowed folders is ever opened.

AUDIT = """
import json, os, sys
base, static = sys.argv[1], None
sys.path.insert(0, sys.argv[2])
from tests.support.world import Site
import tb_versions.plugin.plugin
tab = Site("--logdir", base + "/logs", "--versions_models_dir", base + "/models")
tab.settle()
opened = []
def hook(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.open", "socket.connect", "subprocess.Popen", "exec",
    "compile"):
        what = arguments[0]
        if event == "os.scandir" and isinstance(what, int):
            what = os.readlink(f"/proc/self/fd/{what}")
        if event == "open" and is_step(str(what), arguments[2]):
            return
        opened.append((event, str(what)))
def is_step(name, flags):  # one part of a path, below a folder that is open, over no symlink
    return "/" not in name and name not in (".", "..") and bool(flags & os.O_NOFOLLOW)
requests = json.load(open(sys.argv[3]))
tab.get("/version?ref=m:1"); tab.get("/static/none")  # what Python itself loads on first use
statuses = set()
sys.addaudithook(hook)
for path, query in requests:
    response = tab.client.get(tab.prefix + path, query_string=query)
    statuses.add(response.status_code)
    assert b"TOP SECRET" not in response.get_data(), (path, query)
tab.settle()
opened, seen = list(opened), len(opened)
allowed = tuple(os.path.realpath(p) + "/" for p in (base + "/logs", base + "/models",
os.path.dirname(tb_versions.__file__)))
inside = tuple(p.rstrip("/") for p in allowed)
strays = sorted({(e, p) for e, p in opened if not (p.startswith(allowed) or p in inside)
                 and not (e in ("exec", "compile") and "tb_versions" in p) and e not in ("exec", "compile")
                 and not p.startswith((sys.prefix, sys.base_prefix, "/usr/lib/python", "/usr/local/lib/python"))})
print(json.dumps({"statuses": sorted(statuses), "strays": strays, "seen": seen}))
"""

TRAVERSALS = (
    "../", "../../", "../secret/secret.txt", "%2e%2e/secret/secret.txt", "%252e%252e%252fsecret",
    "..;/secret/secret.txt",
    "..\\secret\\secret.txt", "BASE/secret/secret.txt", "file://BASE/secret/secret.txt", "http://127.0.0.1:9/x",
    "s3://bucket/x", "zip://BASE/secret/x.zip::file", "m:1#../secret", "m:1\0/../secret", "\\\\host\\share\\x",
    "//host/share", "m/../../secret", "link/secret.txt", "link", "models/link/secret.txt", "m:1/../../secret",
    "/etc/passwd", "/proc/self/environ", "~root/.bashrc", "....//secret", "%c0%ae%c0%ae/secret", "．．/secret",
    "file:///etc/passwd", "/dev/zero", "$HOME", "`id`", "|id", ";id", "../logs/../secret/secret.txt",
)  # fmt: skip


def _hostile_world(world: World) -> None:
    """Every place of a manifest and an announcement that could name a path, names one outside."""
    secret = world.base / "secret"
    secret.mkdir()
    (secret / "secret.txt").write_text("TOP SECRET")
    world.version("secret", 1, folder=secret / "1", description="TOP SECRET")
    world.version("m", 1, run="cnn", step=1)
    world.scalars("cnn", "loss", [(1, 0.5)])
    (world.models / "link").symlink_to(secret)
    (world.logs / "link").symlink_to(secret)
    (world.models / "m" / "1" / "link").symlink_to(secret / "secret.txt")
    (world.models / "evil").mkdir()
    (world.models / "evil" / "2").symlink_to(secret / "1")
    (world.models / "evil" / "3").mkdir()
    (world.models / "evil" / "3" / MANIFEST_NAME).symlink_to(secret / "1" / MANIFEST_NAME)
    paths = [t.replace("BASE", str(world.base)) for t in TRAVERSALS]
    manifest = hostile.good("evil", 4)
    manifest["files"] = [{"path": p, "size": "10", "digest": "sha256:" + "0" * 64} for p in paths]
    manifest["datasets"] = [{"name": "d", "uri": p} for p in paths]
    manifest["runs"] = [{"name": p} for p in paths]
    manifest["parents"] = [{"model": p, "number": "1"} for p in paths]
    world.raw("evil/4", orjson.dumps(manifest))
    for number, path in enumerate(paths):
        world.announce("hostile", world.version("a", 100 + number), location=path.replace("\0", ""))
        shutil.rmtree(world.models / "a" / str(100 + number))
    world.close()


def test_no_parameter_opens_anything_outside(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    _hostile_world(world)
    corpus = [t.replace("BASE", str(world.base)) for t in TRAVERSALS]
    requests: list[tuple[str, list[tuple[str, str]]]] = []
    for text in corpus:
        refs = (text, f"{text}:1", f"evil:{text}", f"m@{text}")
        requests += [("/version", [("ref", ref)]) for ref in refs]
        requests += [("/scalars", [("run", text), ("tag", "loss")]), ("/scalars", [("run", "cnn"), ("tag", text)])]
        requests += [("/scalars", [("run", "cnn"), ("tag", "loss"), ("max_points", text)])]
        requests += [(f"/static/{text}", []), ("/versions", [(text, text)]), ("/models", [("path", text)])]
    requests += [("/version", [("ref", f"evil:{n}")]) for n in (1, 2, 3, 4)]
    requests += [("/version", [("ref", f"a:{100 + n}")]) for n in range(len(corpus))]
    listing = tmp_path_factory.mktemp("requests") / "requests.json"
    listing.write_text(json.dumps(requests))
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, str(world.base), str(ROOT), str(listing)],
        capture_output=True, text=True, check=False, timeout=HANGS, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{len(requests)} requests, statuses {result['statuses']}, {result['seen']} opens seen, "
        f"{len(result['strays'])} outside the allowed folders"
    )
    assert result["strays"] == []
    assert result["seen"] > 0
    assert set(result["statuses"]) <= {200, 301, 308, 400, 404, 409}


def _leaves_this_machine(call: str) -> bool:
    """Whether a call connects to another machine; TensorBoard's data server is a process on this one."""
    return "AF_INET" in call and not re.search(r'inet_addr\("127\.|"(::ffff:127\.[0-9.]+|::1)"', call)


@pytest.mark.usefixtures("strace")
def test_system_calls_show_no_open_outside(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    _hostile_world(world)
    log = tmp_path_factory.mktemp("strace") / "log"
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom tb_versions.cli import main\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\n"
        "without_tensorflow()\n"
        "where = ['--logdir', sys.argv[1] + '/logs', '--models-dir', sys.argv[1] + '/models']\n"
        "for verb in (['list'], ['list', '--json'], ['verify'], ['show', 'evil:4'],\n"
        "             ['show', 'm:1'], ['show', 'a:107'],\n"
        "             ['verify', 'evil:4'], ['verify', 'm:1', 'a:107'],\n"
        "             ['show', '../secret'], ['list', '../secret']):\n"
        "    result = CliRunner().invoke(main, [*verb, *where])\n"
        "    assert result.exit_code in (0, 1, 2), (verb, result)\n"
        "    assert 'TOP SECRET' not in result.output\n"
    )
    command = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,connect,execve", "-o", str(log)]
    done = subprocess.run(
        [*command, sys.executable, "-c", script, str(world.base)],
        capture_output=True, text=True, check=False, timeout=HANGS, cwd=ROOT,
    )  # fmt: skip
    if "ptrace" in done.stderr.lower() and done.returncode != 0:
        pytest.skip("strace can't attach here")
    assert done.returncode == 0, done.stderr[-3000:]
    calls = log.read_text(errors="replace").splitlines()
    inside = [line for line in calls if str(world.base) in line]
    strays = [
        line
        for line in calls
        if f"{world.base}/secret" in line or ("/etc/passwd" in line and "secret" in line) or _leaves_this_machine(line)
    ]
    print(f"{len(calls)} system calls, {len(inside)} opens inside, {len(strays)} outside")
    assert inside
    assert strays == []


# Nothing of a model is loaded.


def test_listing_showing_and_verifying_load_no_tensorflow(world: World) -> None:
    world.version("m", 1, run="cnn", step=1, metrics=(Metric(name="loss", value=0.5),))
    world.scalars("cnn", "loss", [(1, 0.5)])
    world.close()
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom tb_versions.cli import main\n"
        "from tb_versions.read.no_tensorflow import without_tensorflow\n"
        "without_tensorflow()\n"
        "where = ['--logdir', sys.argv[1] + '/logs', '--models-dir', sys.argv[1] + '/models']\n"
        "for verb in (['list'], ['list', '--json'], ['show', 'm:1'], ['show', 'm:1', '--json'], ['verify']):\n"
        "    result = CliRunner().invoke(main, [*verb, *where])\n"
        "    assert result.exit_code == 0, result.output\n"
        "heavy = {'tensorflow', 'keras', 'torch', 'jax'} & {name.partition('.')[0] for name in sys.modules}\n"
        "mapped = [line for line in open('/proc/self/maps') if 'tensorflow' in line]\n"
        "print(sorted(heavy), len(mapped))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(world.base)],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "[] 0\n"


def test_a_folder_tree_too_deep_is_said_so(world: World) -> None:
    deep = world.models / "/".join("d" * 20)
    world.version("m", 1, folder=deep)
    found = Scanner([Root(str(world.models), "models", "models_dir")]).scan()
    assert found.manifests == []
    assert "too deep" in found.problems[0][1]


def test_a_scan_survives_folders_that_vanish(world: World) -> None:
    world.version("m", 1)
    world.version("m", 2)
    reader = CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider_of(str(world.logs)))
    assert len(reader.refresh().versions) == 2
    shutil.rmtree(world.models)
    assert reader.refresh().versions == ()
    assert [exists for _, exists in reader.catalog.roots] == [True, False]
    with pytest.raises(TbVersionsError):
        reader.catalog.find("m:1")
