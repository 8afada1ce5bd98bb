"""An export is at its place whole or not at all, and nothing that is not ours is touched."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import tb_versions as tbv
from tb_versions.core.object_store import open_store
from tb_versions.errors import (
    ExportExistsError,
    ExportTooLargeError,
    InvalidExportError,
    MissingDependencyError,
    StorageError,
    UnsupportedStorageError,
)
from tb_versions.exports import export as facade
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.formats import FORMATS, Format
from tb_versions.exports.targets.writing import Target
from tests.support.written import QUIET, write_model, write_run

pytestmark = pytest.mark.slow

HTML, SITE, CSV, MARKDOWN = (FORMATS[name] for name in ("html", "site", "csv", "markdown"))
OLD = b'<!doctype html>\n<title>old</title>\n<script type="application/gzip" id="tbv/head">'
FILES = [("assets/a.js", [b"a"]), ("data/head-1.bin", [b"1"]), ("index.html", [b"<", b">"])]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_run(folder / "logs" / "cnn")
    for _ in range(2):
        tbv.publish(write_model(folder / "model"), folder / "models", name="digits", capture=QUIET)
    return folder / "models"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def file(path: Path, data: bytes = b"new", *, force: bool = False, most: int | None = None) -> int:
    return Target(str(path), HTML, force=force).write([("", [data])], most=most)


def test_a_new_file_is_there_whole_and_alone(tmp_path: Path) -> None:
    assert file(tmp_path / "share.html") == 3
    assert tree(tmp_path) == {"share.html": b"new"}


def test_an_existing_file_is_replaced_only_when_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "share.html").write_bytes(OLD)
    with pytest.raises(ExportExistsError, match=r"force \(--force\) replaces"):
        file(tmp_path / "share.html")
    assert tree(tmp_path) == {"share.html": OLD}
    file(tmp_path / "share.html", force=True)
    assert tree(tmp_path) == {"share.html": b"new"}


@pytest.mark.parametrize(
    ("name", "form", "why"),
    [
        ("thesis.html", HTML, "no export wrote it"),
        ("versions.csv", HTML, "no export wrote it"),
        ("thesis.html", CSV, r"does not end in \.csv"),
        ("thesis", MARKDOWN, r"does not end in \.md"),
    ],
)
def test_a_file_that_no_export_wrote_is_not_replaced_even_when_that_is_asked_for(
    tmp_path: Path, name: str, form: Format, why: str
) -> None:
    (tmp_path / name).write_text("thesis")
    with pytest.raises(ExportExistsError, match=why):
        Target(str(tmp_path / name), form, force=True)
    assert tree(tmp_path) == {name: b"thesis"}


@pytest.mark.parametrize(
    ("name", "form", "there"), [("a.csv", CSV, b"1,2"), ("a.html", HTML, b""), ("a.txt", CSV, b"")]
)
def test_a_table_by_its_ending_and_an_empty_file_are_replaced_when_that_is_asked_for(
    tmp_path: Path, name: str, form: Format, there: bytes
) -> None:
    (tmp_path / name).write_bytes(there)
    Target(str(tmp_path / name), form, force=True).write([("", [b"new"])])
    assert tree(tmp_path) == {name: b"new"}


def test_an_exported_file_is_known_by_its_beginning(models: Path, tmp_path: Path) -> None:
    for title in ("One", "T" * 200):
        tbv.export(tmp_path / "share.html", models_dir=models, title=title, force=True)


@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_file_is_never_replaced(tmp_path: Path, force: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "target").write_text("mine")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    for name in ("folder", "link", "dangling", "fifo"):
        with pytest.raises(ExportExistsError, match=name):
            file(tmp_path / name, force=force)
    assert tree(tmp_path) == {"target": b"mine", "link": b"mine"}


def test_a_file_that_came_in_between_stays(tmp_path: Path) -> None:
    target = Target(str(tmp_path / "share.html"), HTML)
    (tmp_path / "share.html").write_text("theirs")
    with pytest.raises(ExportExistsError, match="by now"):
        target.write([("", [b"new"])])
    assert tree(tmp_path) == {"share.html": b"theirs"}


@pytest.mark.parametrize("place", ["digits/1/share.html", "digits/share.html", "digits/.versions/x.html"])
def test_a_place_among_the_versions_is_refused(models: Path, place: str) -> None:
    before = tree(models)
    with pytest.raises(ExportExistsError, match="which holds versions"):
        tbv.export(models / place, models_dir=models)
    assert tree(models) == before


def test_a_place_among_the_versions_is_seen_through_a_symlink(models: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(models / "digits")
    with pytest.raises(ExportExistsError, match="which holds versions"):
        tbv.export(tmp_path / "link" / "share.html", models_dir=models)


@pytest.mark.parametrize(
    ("out", "form"), [("", "site"), ("site", "site"), ("dev", "tensorboard-dev"), ("new/x.html", "html"), ("x.csv", "")]
)
@pytest.mark.parametrize("found", [False, True])
def test_a_place_in_a_folder_of_models_is_refused(models: Path, out: str, form: str, found: bool) -> None:
    before = tree(models.parent)
    where = {"logdir": models.parent} if found else {"models_dir": models}
    with pytest.raises(ExportExistsError, match="which holds versions"):
        tbv.export(models / out, format=form, force=form == "site", **where)
    assert tree(models.parent) == before


def test_a_log_directory_takes_exports_but_is_none(models: Path) -> None:
    logs = models.parent / "logs"
    tbv.export(logs / "share.html", models_dir=models, logdir=logs)
    (logs / "share.html").unlink()
    with pytest.raises(ExportExistsError, match="versions are read from"):
        tbv.export(logs, models_dir=models, logdir=logs, format="site", force=True)


def test_missing_folders_above_are_made(tmp_path: Path) -> None:
    file(tmp_path / "public" / "new" / "share.html")
    Target(str(tmp_path / "public" / "site" / "one"), SITE).write(FILES)
    assert {"public/new/share.html", "public/site/one/index.html"} <= tree(tmp_path).keys()


@pytest.mark.parametrize("form", [HTML, SITE])
def test_a_place_below_a_file_is_refused_before_anything_is_read(tmp_path: Path, form: Format) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportExistsError, match=r"file is no folder"):
        Target(str(tmp_path / "file" / "new" / "share.html"), form)


def test_a_folder_that_can_not_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(StorageError, match=r"can't be written: Permission denied\. Nothing is left"):
        file(tmp_path / "none" / "share.html")


class BrokenError(Exception):
    pass


def breaking() -> Iterator[bytes]:
    yield b"x" * 100_000
    raise BrokenError


def test_whatever_breaks_while_it_is_written_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        Target(str(tmp_path / "share.html"), HTML).write([("", breaking())])
    with pytest.raises(BrokenError):
        Target(str(tmp_path / "site"), SITE).write([*FILES[:1], ("index.html", breaking())])
    assert list(tmp_path.iterdir()) == []


def test_a_replaced_file_stays_when_the_new_one_breaks(tmp_path: Path) -> None:
    (tmp_path / "share.html").write_bytes(OLD)
    with pytest.raises(BrokenError):
        Target(str(tmp_path / "share.html"), HTML, force=True).write([("", breaking())])
    assert tree(tmp_path) == {"share.html": OLD}


def test_more_bytes_than_allowed_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ExportTooLargeError, match="larger than the 2 bytes"):
        file(tmp_path / "share.html", most=2)
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, sys
from tb_versions.read.no_tensorflow import without_tensorflow
without_tensorflow()
from tb_versions.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
main(prog_name="tb-versions")
"""


@pytest.mark.parametrize("form", ["html", "site"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(models: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out" / ("share.html" if form == "html" else "share")
    out.parent.mkdir()
    command = [sys.executable, "-c", LIMITED, "export", "--models-dir", models, "--out", out, "--format", form]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 5
    assert "the disk is full, or a limit is reached. Nothing is left." in done.stderr
    assert "Traceback" not in done.stderr
    assert list(out.parent.iterdir()) == []


STOPPING = """
import os, sys, time
from tb_versions.exports.formats import FORMATS
from tb_versions.exports.targets.writing import Target
def slow():
    yield b"x" * 3_000_000
    print("half", flush=True)
    time.sleep(60)
name = sys.argv[2]
Target(sys.argv[1], FORMATS[name], force=True).write([("" if name == "html" else "index.html", slow())])
"""


@pytest.mark.parametrize("form", ["html", "site"])
@pytest.mark.parametrize("there", [False, True])
def test_killed_half_way_the_place_is_as_it_was(tmp_path: Path, form: str, there: bool) -> None:
    out = tmp_path / "share"
    if there and form == "html":
        out.write_bytes(OLD)
    elif there:
        Target(str(out), SITE).write(FILES)
    before = out.read_bytes() if out.is_file() else tree(out)
    process = subprocess.Popen([sys.executable, "-c", STOPPING, out, form], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (out.read_bytes() if out.is_file() else tree(out)) == before
    assert out.exists() is there


def test_a_new_folder_is_there_whole_and_an_empty_one_is_taken(tmp_path: Path) -> None:
    for name in ("new", "empty"):
        if name == "empty":
            (tmp_path / name).mkdir()
        Target(str(tmp_path / name), SITE).write(FILES)
        assert tree(tmp_path / name) == {"assets/a.js": b"a", "data/head-1.bin": b"1", "index.html": b"<>"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "new"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a//b", "a\\b", "."])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="can't hold a file called"):
        Target(str(tmp_path / "site"), SITE).write([(name, [b"x"]), ("index.html", [b""])])
    assert list(tmp_path.iterdir()) == []


def exported(models: Path, out: Path | str, **options: object) -> None:
    tbv.export(out, models_dir=models, format="site", **options)  # type: ignore[arg-type]


def test_a_folder_with_other_files_is_refused_and_with_force_they_stay(models: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "data").mkdir(parents=True)
    (site / "CNAME").write_text("example.org")
    (site / "data" / "mine.bin").write_text("mine")
    with pytest.raises(ExportExistsError, match="not empty"):
        exported(models, site)
    exported(models, site, force=True)
    first = tree(site)
    exported(models, site, force=True, title="Another")
    second = tree(site)
    for files in (first, second):
        assert (files["CNAME"], files["data/mine.bin"]) == (b"example.org", b"mine")
    assert len(first) == len(second)
    assert {name for name in first if name.startswith("data/head-")} != {
        n for n in second if n.startswith("data/head-")
    }
    read_export(site).check()


def test_an_index_that_no_export_put_there_is_never_replaced(models: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<h1>mine</h1>")
    with pytest.raises(ExportExistsError, match="no export put it there"):
        exported(models, site, force=True)
    assert tree(site) == {"index.html": b"<h1>mine</h1>"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["site"]


def test_a_site_is_not_written_into_an_export_for_tensorboard_dev(models: Path, tmp_path: Path) -> None:
    tbv.export(tmp_path / "dev", models_dir=models, format="tensorboard-dev")
    before = tree(tmp_path)
    with pytest.raises(ExportExistsError, match=r"TensorBoard\.dev's layout"):
        exported(models, tmp_path / "dev", force=True)
    with pytest.raises(ExportExistsError, match="never replaced"):
        tbv.export(tmp_path / "dev", models_dir=models, format="tensorboard-dev", force=True)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("inner", ["data", "assets"])
def test_a_symlink_in_the_way_is_not_followed(models: Path, tmp_path: Path, inner: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (site / inner).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportExistsError, match="in the way"):
        exported(models, site, force=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_behind_a_symlink_is_refused(models: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(ExportExistsError, match="symlink"):
        exported(models, tmp_path / "link", force=True)


@pytest.fixture
def memory() -> str:
    return f"memory://{uuid4().hex}"


def remote_tree(url: str) -> dict[str, bytes]:
    store = open_store(url)
    return {entry.key: store.read(entry.key, 1 << 30) for entry in store.entries()}


def test_a_file_goes_to_a_bucket(models: Path, memory: str, tmp_path: Path) -> None:
    tbv.export(f"{memory}/share.html", models_dir=models)
    tbv.export(tmp_path / "share.html", models_dir=models)
    assert remote_tree(memory) == {"share.html": (tmp_path / "share.html").read_bytes()}
    with pytest.raises(ExportExistsError, match=re.escape(f"{memory}/share.html exists")):
        tbv.export(f"{memory}/share.html", models_dir=models)
    tbv.export(f"{memory}/share.html", models_dir=models, force=True)
    open_store(memory).write("share.html", b"thesis")
    with pytest.raises(ExportExistsError, match="no export wrote it"):
        tbv.export(f"{memory}/share.html", models_dir=models, force=True)


def test_an_export_for_tensorboard_dev_in_a_bucket_is_never_replaced(models: Path, memory: str) -> None:
    tbv.export(f"{memory}/dev", models_dir=models, format="tensorboard-dev")
    before = remote_tree(memory)
    for form in ("site", "tensorboard-dev"):
        with pytest.raises(ExportExistsError, match=r"layout|never replaced"):
            tbv.export(f"{memory}/dev", models_dir=models, format=form, force=True)
    assert remote_tree(memory) == before
    tbv.export(memory, models_dir=models, format="site", force=True)  # beside it, a folder above
    assert remote_tree(memory).items() >= before.items()


@pytest.mark.parametrize("scheme", ["http", "HTTPS"])
def test_the_web_is_no_place_to_write_to(models: Path, scheme: str) -> None:
    with pytest.raises(UnsupportedStorageError, match="http only reads"):
        tbv.export(f"{scheme}://host/share.html", models_dir=models)


def test_a_folder_goes_to_a_bucket_and_is_replaced_without_what_only_the_old_one_had(
    models: Path, memory: str, tmp_path: Path
) -> None:
    exported(models, f"{memory}/site")
    exported(models, tmp_path / "site")
    assert {path[len("site/") :]: data for path, data in remote_tree(memory).items()} == tree(tmp_path / "site")
    open_store(memory).write("site/CNAME", b"mine")
    with pytest.raises(ExportExistsError, match="not empty"):
        exported(models, f"{memory}/site")
    count = len(remote_tree(memory))
    exported(models, f"{memory}/site", force=True, title="Another")
    assert len(remote_tree(memory)) == count
    assert remote_tree(memory)["site/CNAME"] == b"mine"


def test_an_index_in_a_bucket_that_no_export_put_there_is_never_replaced(models: Path, memory: str) -> None:
    open_store(memory).write("site/index.html", b"mine")
    with pytest.raises(ExportExistsError, match="no export put there"):
        exported(models, f"{memory}/site", force=True)
    assert remote_tree(memory) == {"site/index.html": b"mine"}


def test_no_name_in_a_bucket_leads_to_a_file_here(models: Path, memory: str, tmp_path: Path) -> None:
    exported(models, f"{memory}/site")
    victim = tmp_path / "authorized_keys"
    victim.write_text("mine\n")
    open_store(memory).write(f"site/data/head-x/%2e%2e/{str(victim).lstrip('/')}", b"theirs\n")
    exported(models, f"{memory}/site", force=True, title="Another")
    assert victim.read_text() == "mine\n"


def test_a_page_in_a_bucket_is_not_read_beyond_what_it_can_be(models: Path, memory: str) -> None:
    exported(models, f"{memory}/site")
    store = open_store(memory)
    index = store.read("site/index.html", 1 << 30)
    store.write("site/index.html", index + b" " * (2 << 20))
    with pytest.raises(InvalidExportError, match="more than"):
        exported(models, f"{memory}/site", force=True)


@pytest.mark.parametrize("scheme", ["file://", "local://", "FILE://"])
def test_a_url_of_a_file_here_is_the_file(models: Path, tmp_path: Path, scheme: str) -> None:
    tbv.export(f"{scheme}{tmp_path}/share.html", models_dir=models)
    assert (tmp_path / "share.html").is_file()
    model = next(models.glob("*/1"))
    with pytest.raises(ExportExistsError, match="holds versions"):
        tbv.export(f"{scheme}{model}/share.html", models_dir=models, force=True)


def test_a_chain_of_urls_is_no_place(models: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedStorageError, match="chain"):
        tbv.export(f"simplecache::file://{tmp_path}/share.html", models_dir=models)
    assert not (tmp_path / "share.html").exists()


def test_a_missing_backend_names_the_extra(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingDependencyError, match=re.escape("pip install 'tensorboard-plugin-versions[s3]'")):
        tbv.export("s3://bucket/x.html", models_dir=models)


def test_an_unknown_scheme_is_a_sentence(models: Path) -> None:
    with pytest.raises(UnsupportedStorageError, match="is no store that is known"):
        tbv.export("nonsense://bucket/x.html", models_dir=models)


def test_refusals_come_before_anything_is_read(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "share.html").write_text("old")
    monkeypatch.setattr(facade, "load", None)
    with pytest.raises(ExportExistsError):
        tbv.export(tmp_path / "share.html", models_dir=models)


@pytest.mark.parametrize("out", ["s3:/bucket/x.csv", "file:/tmp/x.csv", "gs:/x/share.html"])
def test_what_is_nearly_a_url_is_no_folder_of_that_name(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="with two slashes"):
        tbv.export(out, models_dir=models)
    assert list(tmp_path.iterdir()) == []


def test_localhost_is_here(models: Path, tmp_path: Path) -> None:
    tbv.export(f"file://localhost{tmp_path}/share.html", models_dir=models)
    assert (tmp_path / "share.html").is_file()


def test_a_refusal_leaves_no_folder_behind(models: Path, tmp_path: Path) -> None:
    for name in ("new/newer/x.csv", "new/newer/site"):
        with pytest.raises(ExportTooLargeError):
            tbv.export(
                tmp_path / name,
                models_dir=models,
                max_size=1,
                format="csv" if name.endswith("csv") else "tensorboard-dev",
            )
    assert list(tmp_path.iterdir()) == []


def test_a_project_that_is_its_own_folder_of_models_takes_exports(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(models, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    tbv.export("share.html", models_dir=".")
    tbv.export("public/site", models_dir=".", format="site")
    for out, form in ((".", "site"), ("digits/share.html", "html"), ("digits/1/site", "site")):
        with pytest.raises(ExportExistsError):
            tbv.export(out, models_dir=".", format=form, force=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportExistsError, match="holds versions"):
        tbv.export("project/share2.html", models_dir="project")
