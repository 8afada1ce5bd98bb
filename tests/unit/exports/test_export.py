"""`tb_versions.export`: what is in the file is what the tab shows, byte for byte the same each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.errors import InvalidQueryError, UnreadableFolderError
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.container import Export
from tb_versions.exports.export import checked_url, view_of
from tb_versions.exports.page.frame import read_script
from tb_versions.payload import details, versions_payload
from tb_versions.read.reader import open_reader
from tests.support.hostile import NAMES, SCRIPTS, manifest
from tests.support.tables import whole
from tests.support.written import QUIET, write_model, write_run

POINTS = [float(np.float32(1 / (1 + step))) for step in range(900)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_run(folder / "logs" / "first")
    write_run(folder / "logs" / "cnn" / "train", tag="epoch_loss", values=POINTS)
    write_run(folder / "logs" / "lonely", tag="loss")
    for step in (77, 501, 502):
        tbv.publish(
            write_model(folder / "model"), folder / "models", name="digits", capture=QUIET,
            runs=[tbv.Run(name="cnn/train", step=step)], hyperparameters={"lr": 0.1}, metrics={"acc": step / 900},
            description="First **one**.", labels={"team": "vision"},
        )  # fmt: skip
    return folder


def exported(made: Path, out: Path, **options: Any) -> Export:
    tbv.export(out, logdir=made / "logs", models_dir=made / "models", **options)
    return read_export(out)


def test_two_exports_of_one_state_are_equal_byte_for_byte(made: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        exported(made, tmp_path / f"{name}.html")
        exported(made, tmp_path / name, format="site")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    first, second = ({p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")} for n in "ab")
    assert first == second


def test_the_table_and_the_details_are_those_of_the_tab(made: Path, tmp_path: Path) -> None:
    export = exported(made, tmp_path / "share.html")
    reader = open_reader(str(made / "logs"), [str(made / "models")])
    table = whole(export.section("versions"))
    expected = json.loads(json.dumps(versions_payload(reader.catalog)))
    assert {**table, "revision": ""} == {**expected, "looked_in": [], "revision": ""}
    for told, version in zip(export.section("details/0"), reader.catalog.versions, strict=True):
        live = details(reader.catalog, version, reader.manifest_bytes)
        del live["manifest_text"]
        assert {k: v for k, v in told.items() if k not in ("comparing", "redacted")} == {
            **live, "folder": version.places[0].relative,
        }  # fmt: skip
        assert told["redacted"] == []
        assert told["comparing"]["member"]["id"] == version.id


def test_curves_are_thin_but_exact_at_exports_and_extremes(made: Path, tmp_path: Path) -> None:
    export = exported(made, tmp_path / "share.html", max_points=50)
    run, *others = export.head["runs"]
    assert (run["name"], run["tags"], run["section"], run["color"]) == ("cnn/train", ["epoch_loss"], 0, 0)
    assert "lonely" in [other["name"] for other in others]  # what made no version comes along
    (curve,) = export.section("runs/0")["cnn/train"]
    steps = np.cumsum(curve["steps"])
    assert len(steps) <= 53
    assert curve["sampled"] is True
    assert {0, 77, 501, 502, 899} <= set(steps.tolist())
    assert [float(np.float32(v)) for v in curve["values"]] == [POINTS[step] for step in steps]
    assert "at most 50 points" in export.head["sampling"]["words"]


def test_zero_keeps_every_point(made: Path, tmp_path: Path) -> None:
    (curve,) = exported(made, tmp_path / "share.html", max_points=0).section("runs/0")["cnn/train"]
    assert len(curve["values"]) == 900
    assert curve["sampled"] is False


def test_a_run_without_versions_comes_along_when_it_is_named(made: Path, tmp_path: Path) -> None:
    export = exported(made, tmp_path / "share.html", refs=["digits:1"], runs=["lonely"])
    assert [run["name"] for run in export.head["runs"]] == ["cnn/train", "lonely"]
    facts = export.section("facts")
    assert facts["runs"]["run:lonely"]["metrics"][0]["last"] == 1.0


def test_the_head_says_what_was_asked_for(made: Path, tmp_path: Path) -> None:
    view = "http://me:6006/?x=1#versions&p.versions.cmp=digits%3A1"
    export = exported(
        made, tmp_path / "share.html", title="T", introduction="# I", view=view, tensorboard_url="https://tb.example/x"
    )
    head = export.head
    assert (head["title"], head["introduction"]) == ("T", "# I")
    assert head["view"] == "#versions&p.versions.cmp=digits%3A1"
    assert head["tensorboard_url"] == "https://tb.example/x"
    assert head["versions"] == 3
    assert exported(made, tmp_path / "other.html").head["title"] == "Versions of digits"


def test_a_smaller_size_makes_curves_thinner_then_leaves_them_out(made: Path, tmp_path: Path) -> None:
    whole = exported(made, tmp_path / "a.html", max_points=900)
    size = (tmp_path / "a.html").stat().st_size
    thinner = exported(made, tmp_path / "b.html", max_points=900, max_size=size - 3_000)
    assert any("thinner" in sentence for sentence in thinner.head["left_out"])
    least = size - len(whole.packed("runs/0")) * 4 // 3
    without = exported(made, tmp_path / "c.html", max_size=least + 300)
    assert without.head["runs"] == []
    assert any("All curves are left out" in sentence for sentence in without.head["left_out"])
    with pytest.raises(tbv.ExportTooLargeError, match=r"The page alone has .* csv or jsonl"):
        exported(made, tmp_path / "d.html", max_size="10kB")
    with pytest.raises(tbv.ExportTooLargeError, match="Export fewer versions"):
        exported(made, tmp_path / "d.html", max_size=len(read_script()))
    assert not (tmp_path / "d.html").exists()


def test_everything_that_wants_to_be_markup_stays_text(tmp_path: Path) -> None:
    texts = [each.replace("CALL", "alert(1)").replace("CANARY", "http://127.0.0.1:9") for each in (*SCRIPTS, *NAMES)]
    for number, some in enumerate((texts[:40], texts[40:]), 1):
        folder = tmp_path / "models" / "m" / str(number)
        folder.mkdir(parents=True)
        (folder / "version_manifest.json").write_text(json.dumps(manifest("m", number, some)))
    write_run(tmp_path / "logs" / "<script>alert(1)<" / "train")
    tbv.export(
        tmp_path / "share.html", logdir=tmp_path / "logs", models_dir=tmp_path / "models", title=texts[3],
        introduction="\n".join(texts), runs=["<script>alert(1)<"], models=["m"],
    )  # fmt: skip
    body = (tmp_path / "share.html").read_text()
    export = read_export(tmp_path / "share.html")
    export.check()
    page = (
        body[: body.index('<script type="application/gzip"')]
        + body[body.rindex("application/gzip") :].partition("\n")[2]
    )
    shell = page.partition("<script>")[0] + page.rpartition("</script>")[2]
    assert "alert" not in shell.replace("alert(1)&lt;/script&gt;", "")
    assert "<img" not in shell
    assert "http:" not in shell
    assert len(export.section("details/0")) == 2


@pytest.mark.parametrize(
    "view",
    [
        "versions",
        "http://x/#scalars",
        "#versions&a b",
        "#versionsx",
        "#versions#x",
        "javascript:x",
        "#versions&x=%E0%A4%A",
        "#versions&x=%E0%A4",
    ],
)
def test_a_view_is_a_hash_of_the_tab(view: str) -> None:
    with pytest.raises(InvalidQueryError, match="--view"):
        view_of(view)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://x", "//x", "http://", "http://u:p@x/", "data:text/html,x"]
)
def test_a_tensorboard_is_at_http_or_https(url: str) -> None:
    with pytest.raises(InvalidQueryError, match="A TensorBoard's address is like"):
        checked_url(url)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"refs": "digits:1"}, r"refs takes a list: refs=\['digits:1'\]\."),
        ({"models": "digits"}, "models takes a list"),
        ({"runs": "cnn"}, "runs takes a list"),
        ({"redact": "adam"}, "redact takes a list"),
        ({"include": "hosts"}, "include takes a list"),
        ({"refs": [1]}, r'refs takes a list of texts; "1" is not a text'),
        ({"runs": 1}, r'runs takes a list of texts, not "1"'),
        ({"title": 1}, "title takes a text"),
        ({"filter": ["a"]}, "filter takes a text"),
        ({"max_points": "200"}, "max_points takes a number"),
        ({"max_points": -1}, "from 0 up"),
        ({"max_points": True}, "max_points takes a number"),
        ({"max_size": "lots"}, "max_size is written like 15MB"),
        ({"max_size": 1.5}, "max_size takes a number"),
    ],
)
def test_an_argument_of_another_kind_is_a_sentence(made: Path, tmp_path: Path, options: Any, words: str) -> None:
    with pytest.raises(InvalidQueryError, match=words):
        tbv.export(tmp_path / "a.html", models_dir=made / "models", **options)


def test_references_to_compare_are_a_list(made: Path) -> None:
    with pytest.raises(InvalidQueryError, match="refs takes a list"):
        tbv.compare("digits:1", models_dir=made / "models")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({}, InvalidQueryError),
        ({"models_dir": "/nowhere"}, UnreadableFolderError),
        ({"logdir": "/nowhere"}, UnreadableFolderError),
        ({"models_dir": ".", "include": ["everything"]}, InvalidQueryError),
        ({"models_dir": ".", "redact": ["("]}, InvalidQueryError),
        ({"models_dir": ".", "format": "exe"}, InvalidQueryError),
    ],
)
def test_wrong_arguments_are_sentences(tmp_path: Path, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        tbv.export(tmp_path / "share.html", **options)
    assert list(tmp_path.iterdir()) == []
