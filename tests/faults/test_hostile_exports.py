"""What reads an export: altered, cut off, exploding, injected, no file at all, without network and without models."""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.exports.checking.examining import examine
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.checking.server import served_files
from tb_versions.exports.container import Export, too_many_values
from tb_versions.exports.page.frame import GENERATOR
from tb_versions.exports.page.site import index_of
from tb_versions.exports.tensorboard_dev.page import export_of_experiment
from tb_versions.exports.tensorboard_dev.reading import INDEX, read_experiment
from tests.faults.test_hostile_files import ALLOWED_ON_PURPOSE, NAMES
from tests.support import experiments, sharing
from tests.support.effort import HANGS
from tests.support.sharing import files_of
from tests.support.world import World, tree_hash

ROOT = Path(__file__).resolve().parents[2]
GB = 1 << 30

MEASURED = """
import sys
from tb_versions.cli import main
from tb_versions.read.no_tensorflow import without_tensorflow

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

without_tensorflow()
open("/proc/self/clear_refs", "w").write("5")  # or the peak would be that of the parent process
before = peak()
try:
    main(sys.argv[1:], prog_name="tb-versions")
finally:
    heavy = {"tensorflow", "keras", "torch", "jax"} & {name.partition(".")[0] for name in sys.modules}
    print(f"\\nGROWN {peak() - before} HEAVY {len(heavy)}", file=sys.stderr)
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("digits", number, description="words " * 40)
    return made


@pytest.fixture
def export(world: World) -> Export:
    return sharing.shared(sharing.details_of(world.models))


@pytest.fixture
def share(tmp_path: Path, export: Export) -> Path:
    return sharing.write_html(tmp_path / "share.html", export)


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    assert "Traceback" not in result.output
    assert all(c.isprintable() or c == "\n" for c in result.output), result.output
    return result


def refused(path: Path, models: Path) -> list[str]:
    """Every verb says no, with a sentence, and `import` makes nothing."""
    told = []
    for arguments in (["verify", path], ["import", path, "--models-dir", models], ["serve", "--no-browser", path]):
        result = run(*arguments)
        assert result.exit_code in (1, 4, 5), (arguments, result.output)
        assert result.output.strip(), arguments
        told.append(result.output)
    assert not models.exists()
    return told


# Flipped bits and cut-off files.


def test_each_of_200_flipped_bits_is_found(share: Path, export: Export, tmp_path: Path) -> None:
    random_ = random.Random(4)
    site = sharing.write_site(tmp_path / "site", export)
    files = [(share, share), *((site, site / name) for name in files_of(site))]
    for count in range(200):
        target, path = (share, share) if count < 100 else random_.choice(files)
        body = path.read_bytes()
        altered = bytearray(body)
        # Most bytes of one file are the page's script: half of the flips go into what comes before.
        end = len(body) if count % 2 else min(len(body), body.find(b"\n<script>") + 1 or len(body))
        altered[random_.randrange(end)] ^= 1 << random_.randrange(8)
        path.write_bytes(altered)
        assert run("verify", target).exit_code == 1, (count, path)
        path.write_bytes(body)
    assert run("verify", share, site).exit_code == 0
    print("verify found 200 of 200 flipped bits")


def test_a_file_that_is_cut_off_anywhere_is_a_sentence(share: Path, tmp_path: Path) -> None:
    body = share.read_bytes()
    page = body.index(b"\n<script>")
    offsets = [*range(0, page, page // 60), *range(page, len(body), len(body) // 20), *range(len(body) - 90, len(body))]
    for length in offsets:
        share.write_bytes(body[:length])
        assert run("verify", share).exit_code == 1, length
    share.write_bytes(body[: page // 2])
    refused(share, tmp_path / "none")
    print(f"{len(offsets)} cut-off files refused, 0 tracebacks")


def test_a_folder_with_a_file_cut_off_or_gone_is_refused(export: Export, tmp_path: Path) -> None:
    site = sharing.write_site(tmp_path / "site", export)
    for name in files_of(site):
        body = (site / name).read_bytes()
        for length in (0, len(body) // 2, len(body) - 1):
            (site / name).write_bytes(body[:length])
            assert run("verify", site).exit_code == 1, (name, length)
        (site / name).unlink()
        refused(site, tmp_path / "none")
        (site / name).write_bytes(body)


# What explodes, nests or is no JSON.


def zeros(count: int) -> bytes:
    """A gzip stream of very many zeros, made in a moment: one block of 64 MB again and again."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(bytes(64 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * (count // (64 << 20)) + deflate.flush()


def with_sections(**sections: bytes) -> Export:
    """An export whose sections are any bytes, all digests right: what somebody makes on purpose."""
    told = {"generator": GENERATOR, "title": "T", "versions": 1, "details_size": 1}
    packed = {name.replace("_", "/"): data for name, data in sections.items()}
    return sharing.sealed(told, packed)


def with_head(head: bytes) -> bytes:
    """A file whose head is any bytes."""
    made = with_sections(details_0=sharing.pack([]))
    body = b"".join(sharing.html_chunks(made, sharing.read_script()))
    return sharing.resealed(body.replace(base64.b64encode(made.packed_head), base64.b64encode(head)))


class Measured(NamedTuple):
    code: int
    told: str
    grown: int
    """Bytes of memory."""


def measured(*arguments: object) -> Measured:
    """The command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=HANGS,
        cwd=ROOT,
        check=False,
    )
    found = re.search(r"GROWN (\d+) HEAVY (\d+)", done.stderr)
    assert found, done.stderr[-2_000:]
    assert found[2] == "0"
    assert "Traceback" not in done.stderr
    return Measured(done.returncode, done.stdout + done.stderr, int(found[1]) << 10)


@pytest.mark.slow
def test_ten_gigabytes_of_zeros_in_ten_megabytes_cost_little(tmp_path: Path) -> None:
    bomb = zeros(10 * GB)
    assert len(bomb) < 11_000_000
    share = tmp_path / "share.html"
    for name, body in (
        ("a section", b"".join(sharing.html_chunks(with_sections(details_0=bomb), sharing.read_script()))),
        ("the head", with_head(bomb)),
    ):
        share.write_bytes(body)
        for arguments in (["verify", share], ["import", share, "--models-dir", tmp_path / "none"]):
            done = measured(*arguments)
            assert done.code == 1
            assert "has more than 134,217,728 bytes" in done.told
            assert done.grown < 500e6, done
            print(f"{name}: 10 GB of zeros refused, RSS {done.grown / 1e6:+.0f} MB")


@pytest.mark.slow
@pytest.mark.parametrize("value", [b"[]", b"{}", b'{"":1}', b"0.5", b'""'])
def test_a_hundred_megabytes_of_tiny_values_cost_little(tmp_path: Path, value: bytes) -> None:
    text = b"[" + (value + b",") * (100_000_000 // (len(value) + 1)) + value + b"]"
    made = with_sections(details_0=gzip.compress(text, 1))
    done = measured("verify", sharing.write_html(tmp_path / "share.html", made))
    assert done.code == 1
    assert "has more than 16,000,000 values" in done.told
    assert done.grown < 500e6, done
    print(f"100 MB of {value.decode()} refused, RSS {done.grown / 1e6:+.0f} MB")


@pytest.mark.slow
def test_eleven_million_keys_cost_little(tmp_path: Path) -> None:
    text = b"{" + b",".join(b'"%x":1' % key for key in range(1 << 20, (1 << 20) + 11_000_000)) + b"}"
    share = sharing.write_html(tmp_path / "share.html", with_sections(details_0=gzip.compress(text, 1)))
    for arguments in (["verify", share], ["import", share, "--models-dir", tmp_path / "none"]):
        done = measured(*arguments)
        assert done.code == 1
        assert "has more than 16,000,000 values" in done.told
        assert done.grown < 500e6, done
        print(f"11 million keys refused, RSS {done.grown / 1e6:+.0f} MB")


def test_keys_count_as_values() -> None:
    assert too_many_values(b'{"a":0}' + b'"b":1,' * 3_300_000)
    assert not too_many_values(b'{"a":0}' + b'"b":1,' * 3_100_000)


DEEP = b"[" * 10_000 + b"]" * 10_000
BAD_SECTIONS = {
    "depth 10,000": DEEP,
    "depth 10,000 of objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "only brackets": b"[" * 100_000,
    "NaN": b'[{"number":NaN}]',
    "Infinity": b"[-Infinity]",
    "5,000 digits": b'[{"id":"a:1","model":"a","number":' + b"9" * 5_000 + b"}]",
    "1e400": b'[{"id":"a:1","model":"a","number":1e400}]',
    "a lone surrogate": b'["\\ud800"]',
    "no UTF-8": b'["\xff"]',
    "nothing": b"",
    "a text": b'"x"',
    "nulls": b"[null]",
    "a number": b"1",
    "an object": b"{}",
    "__proto__": b'[{"__proto__":{"id":"a:1"}}]',
    "duplicate keys": b'[{"id":"a:1","id":"b:1","model":"a","number":1}]',
    "a NUL": b'[{"id":"a:1","model":"a\\u0000","number":1,"manifest":null,"manifest_digest":3}]',
}


@pytest.mark.parametrize("kind", BAD_SECTIONS)
def test_sections_that_are_no_details_are_refused_though_all_digests_are_right(tmp_path: Path, kind: str) -> None:
    made = with_sections(details_0=gzip.compress(BAD_SECTIONS[kind]))
    for told in refused(sharing.write_html(tmp_path / "share.html", made), tmp_path / "none"):
        assert len(told) < 1_000


def packed(text: bytes) -> bytes:
    """A gzip stream without a time: workers must see the same tests."""
    return gzip.compress(text, mtime=0)


@pytest.mark.parametrize(
    "head",
    [
        b"", b"junk", packed(DEEP), packed(b"[]"), packed(b'{"format":"tb-versions-export"}'),
        packed(b'{"format":"tb-versions-export","schema_version":1e99,"sections":{}}'),
        packed(b'{"format":"tb-versions-export","schema_version":' + b"9" * 5_000 + b',"sections":{}}'),
        packed(b'{"format":"tb-versions-export","schema_version":1,"sections":{"../x":"sha256:'
                      + b"0" * 64 + b'"}}'),
        packed(b'{"format":"tb-versions-export","schema_version":1,"sections":{"details/0":"sha256:'
                      + b"0" * 64 + b'"}}'),
        packed(b'{"format":"tb-versions-export","schema_version":1,"sections":{},"versions":NaN}'),
        packed(b'{"format":"tb-versions-export","schema_version":1,"sections":{},"title":{"a":[]},"versions":1}'),
    ],
    ids=range(11),
)  # fmt: skip
def test_heads_that_are_none_are_refused(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "share.html").write_bytes(with_head(head))
    for told in refused(tmp_path / "share.html", tmp_path / "none"):
        assert len(told) < 2_000


def test_base64_junk_missing_doubled_and_extra_sections_are_refused(share: Path, tmp_path: Path) -> None:
    body = share.read_bytes()
    elements = re.findall(rb'<script type="application/gzip" id="tbv/[^\n]*\n', body)
    for changed in (
        re.sub(rb'(tbv/facts">)[^<]*', rb"\1!!!!", body),
        re.sub(rb'(tbv/facts">)[^<]*', rb"\1AAA", body),
        re.sub(rb'(tbv/facts">)([^<]*)', rb"\1\2\2", body),
        *(body.replace(element, b"") for element in elements),
        *(body.replace(element, element * 2) for element in elements),
        body.replace(elements[1], elements[1] + b'<script type="application/gzip" id="tbv/details/9">AAAA</script>\n'),
        body.replace(elements[1] + elements[2], elements[2] + elements[1]),
        body.replace(elements[1], b"\n" + elements[1]),
        body.replace(elements[1], b"<!-- -->" + elements[1]),
    ):
        assert changed != body
        share.write_bytes(sharing.resealed(changed))
        refused(share, tmp_path / "none")


def test_a_script_put_into_the_page_is_found_or_noted_and_never_served(share: Path, export: Export) -> None:
    """Somebody who computes the digest anew can replace the page as well: nothing of it is served."""
    body = share.read_bytes()
    for old, new in (
        (b"<!doctype html>", b"<!doctype html><script>alert(1)</script>"),
        (b"<head>", b"<head><script src=//evil.example></script>"),
        (b"</noscript>", b"</noscript><img src=x onerror=alert(1)>"),
        (b"<body>", b"<body onload=alert(1)>"),
        (b'<script type="application/gzip"', b'<script>alert(1)</script>\n<script type="application/gzip"'),
        (b"</body>\n</html>", b"<script>alert(1)</script>\n</body>\n</html>"),
        (b"default-src 'none'", b"default-src *"),
        (b"; style-src", b" 'unsafe-inline'; style-src"),
    ):  # fmt: skip
        at = body.rindex(old) if old.startswith(b"</body") else body.index(old)
        changed = body[:at] + new + body[at + len(old) :]
        share.write_bytes(changed)
        assert run("verify", share).exit_code == 1
        share.write_bytes(sharing.resealed(changed))
        result = run("verify", share)
        assert (
            result.exit_code == 1 or "Note: Its page is not the one of the tb_versions installed here" in result.stdout
        )
        found = examine(share)
        if found.is_sound:
            served = {path: file.read() for path, file in served_files(found).items()}
            assert served["/"] == index_of(export, sharing.read_script())
            assert not [path for path, data in served.items() if b"evil.example" in data or b"alert(1)" in data]


# Names.


def test_no_name_in_an_export_leads_outside(tmp_path: Path, world: World) -> None:
    names = [
        *(set(NAMES) - ALLOWED_ON_PURPOSE),
        "/etc/passwd",
        "/tmp/x",
        "../../x",
        ".versions",
        "a/../../b",
        "C:\\x",
        "a" * 300,
    ]
    entries: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        fields = {"schemaVersion": 1, "model": name, "number": str(number), "files": [{"path": name, "size": "1"}]}
        entry = {
            "id": f"{number}",
            "model": name,
            "number": number,
            "manifest": fields,
            "redacted": ["x"],
            "metrics": [],
        }
        entries.append({**entry, "manifest_digest": "sha256:" + "0" * 64})
    outside = tmp_path / "outside"
    outside.mkdir()
    models = outside / "models"
    share = sharing.write_html(tmp_path / "share.html", sharing.shared(entries))
    before = tree_hash(outside)
    result = run("import", share, "--models-dir", models)
    assert result.exit_code == 1
    assert f"0 restored, 0 skipped, {len(names)} refused" in result.stdout
    assert tree_hash(outside) == before
    assert list(outside.iterdir()) == []


def test_an_import_writes_below_the_models_folder_only(share: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    models = tmp_path / "around" / "models"
    (models / "digits").mkdir(parents=True)
    (models / "digits" / "2").symlink_to(elsewhere)
    (models / "digits" / "3").symlink_to(tmp_path / "not there")
    (tmp_path / "around" / "beside").write_text("x")
    paths = (elsewhere, tmp_path / "logs", tmp_path / "models")
    before = [tree_hash(path) for path in paths]
    result = run("import", share, "--models-dir", models)
    assert result.exit_code == 1
    assert "1 restored, 0 skipped, 2 refused" in result.stdout
    assert [tree_hash(path) for path in paths] == before
    assert sorted(path.name for path in (tmp_path / "around").iterdir()) == ["beside", "models"]
    assert not (tmp_path / "not there").exists()


# No file at all.


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * GB)


def _site_of_fifos(path: Path) -> None:
    (path / "data").mkdir(parents=True)
    os.mkfifo(path / "index.html")


NO_FILES: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "endless": _endless,
    "null": lambda path: path.symlink_to("/dev/null"),
    "loop": lambda path: path.symlink_to(path),
    "dangling": lambda path: path.symlink_to(path.with_name("nothing")),
    "folder": lambda path: path.mkdir(),
    "folder with a fifo": _site_of_fifos,
    "sparse": _sparse,
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "empty": lambda path: path.touch(),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "share.html"
    NO_FILES[kind](path)
    refused(path, tmp_path / "none")


@pytest.mark.parametrize("beginning", [b"", b"<!doctype html>\n<html>", b"\x7fELF"])
def test_a_large_file_that_does_not_begin_as_an_export_is_not_read(tmp_path: Path, beginning: bytes) -> None:
    path = tmp_path / "share.html"
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(GB)
    for arguments in (["verify", path], ["import", path, "--models-dir", tmp_path / "none"]):
        done = measured(*arguments)
        assert done.code == 1
        assert "share.html is no export of tb_versions" in done.told
        assert done.grown < 200e6, done


def test_a_section_that_is_a_fifo_or_a_symlink_is_refused(export: Export, tmp_path: Path) -> None:
    site = sharing.write_site(tmp_path / "site", export)
    for name in files_of(site):
        body = (site / name).read_bytes()
        for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()):
            (site / name).unlink()
            make(site / name)
            refused(site, tmp_path / "none")
            (site / name).rmdir() if (site / name).is_dir() else (site / name).unlink()
            (site / name).write_bytes(body)
    assert run("verify", site).exit_code == 0


# TensorBoard.dev's layout.


@pytest.fixture
def experiment(world: World, tmp_path: Path) -> Path:
    world.scalars("cnn", "loss", [(step, 1 / (step + 1)) for step in range(200)])
    world.close()
    return experiments.exported(world, tmp_path / "out")


def test_each_of_200_flipped_bits_of_an_experiment_is_found(experiment: Path) -> None:
    random_ = random.Random(5)
    files = sorted(path for path in experiment.rglob("*") if path.is_file() and path.stat().st_size)
    for count in range(200):
        path = files[count % len(files)]
        body = path.read_bytes()
        altered = bytearray(body)
        altered[random_.randrange(len(body))] ^= 1 << random_.randrange(8)
        path.write_bytes(altered)
        assert run("verify", experiment).exit_code == 1, (count, path)
        path.write_bytes(body)
    assert run("verify", experiment).exit_code == 0


def test_eight_terabytes_in_an_experiment_are_not_read(experiment: Path, tmp_path: Path) -> None:
    for name in ("junk.bin", "scalars.json"):
        body = (experiment / name).read_bytes() if (experiment / name).exists() else None
        with (experiment / name).open("ab") as file:
            file.truncate(1 << 43)
        assert all(name in told for told in refused(experiment, tmp_path / "none"))
        (experiment / name).unlink() if body is None else (experiment / name).write_bytes(body)
    assert run("verify", experiment).exit_code == 0


@pytest.mark.slow
def test_very_many_lines_of_an_experiment_cost_little(experiment: Path) -> None:
    line = b'{"points":{"steps":[0],"values":[0],"wall_times":[0]},"run":"a","summary_metadata":"","tag":"%x"}\n'
    experiments.resealed(experiment, "scalars.json", b"".join(line % place for place in range(900_000)))
    assert run("verify", experiment).exit_code == 0  # nothing was altered
    done = measured("serve", "--no-browser", experiment)
    assert done.code == 1
    assert "has more than 200,000 lines, the most that are shown" in done.told
    assert done.grown < 500e6, done


@pytest.mark.parametrize(
    "name",
    ["../../x", "/etc/passwd", "versions/../x.json", "versions/a/b.json", "C:\\x", "x\0", "", "tb_versions.json"],
)
def test_no_name_in_an_experiment_leads_outside(experiment: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("secret")
    index = json.loads((experiment / INDEX).read_bytes())
    for changed in (
        {"files": {**index["files"], name: "sha256:" + "0" * 64}},
        {"files": index["files"], "versions": [{**index["versions"][0], "manifest": name}]},
    ):
        experiments.with_index(experiment, **changed)
        assert all("secret" not in told for told in refused(experiment, tmp_path / "none"))


def test_a_tensors_path_is_never_opened(experiment: Path, tmp_path: Path) -> None:
    """The manifests are read from their readable files: what an .npz holds, pickles too, is of no interest."""
    os.mkfifo(tmp_path / "fifo")
    lines = [json.loads(line) for line in (experiment / "tensors.json").read_bytes().splitlines()]
    for path in ("../../fifo", "/etc/passwd", None, 3, ["x"], {}):
        for line in lines:
            line["points"]["tensors_file_path"] = path
        experiments.resealed(experiment, "tensors.json", b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        assert run("verify", experiment).exit_code == 0
        assert export_of_experiment(read_experiment(experiment)).names


def test_what_is_no_file_in_an_experiment_is_refused(experiment: Path, tmp_path: Path) -> None:
    for path in sorted(path for path in experiment.rglob("*") if path.is_file()):
        body = path.read_bytes()
        for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()):
            path.unlink()
            make(path)
            refused(experiment, tmp_path / "none")
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            path.write_bytes(body)
    assert run("verify", experiment).exit_code == 0


# No network, no model.


@pytest.mark.slow
def test_nothing_needs_a_network_and_no_model_is_loaded(share: Path, tmp_path: Path, offline: list[str]) -> None:
    models = tmp_path / "restored"
    for arguments in (
        ["verify", share, "--models-dir", tmp_path / "models"],
        ["import", share, "--models-dir", models],
    ):
        command = [*offline, sys.executable, "-c", MEASURED, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        assert "HEAVY 0" in done.stderr
    assert sorted(path.name for path in (models / "digits").iterdir()) == [".versions", "1", "2", "3"]
    script = (
        "import re,signal,subprocess,sys,urllib.request\n"
        "command = [sys.executable, '-m', 'tb_versions.cli', 'serve', '--no-browser', sys.argv[1]]\n"
        "server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "address = re.search('http://[^ ]+', server.stdout.readline())[0]\n"
        "body = urllib.request.urlopen(address, timeout=600).read()\n"
        "server.send_signal(signal.SIGINT)\n"
        "print(len(body), server.wait(20))\n"
    )
    done = subprocess.run(
        [*offline, sys.executable, "-c", script, str(share)],
        capture_output=True, text=True, timeout=HANGS, cwd=ROOT, check=False,
    )  # fmt: skip
    page = index_of(read_export(share), sharing.read_script())
    assert done.stdout == f"{len(page)} 0\n", done.stderr
