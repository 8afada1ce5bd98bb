"""`tb-versions import-gto`."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest
from tests.support.git_repositories import DVC, LOCK, START, Registry, digits

WORDS = "artifacts: {words: {path: words.txt}}"


def run(*arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(main, [*map(str, arguments)], prog_name="tb-versions")
    assert done.exit_code == code, done.output
    return done


def manifest(models: Path, number: int) -> VersionManifest:
    return codec.decode((models / f"digits/{number}/version_manifest.json").read_bytes())


def at(minute: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(START + 60 * minute, datetime.timezone.utc)


def test_registrations_are_versions_with_what_dvc_says_at_their_commits(tmp_path: Path) -> None:
    registry, models = digits(tmp_path / "repo"), tmp_path / "models"
    done = run("import-gto", "--repo", registry.folder, "--models-dir", models)
    assert done.stdout.endswith("Imported 3 versions; 9 said later.\n")
    assert "passed over, as by GTO: digits@v9.0.0" in done.stderr
    one, two, three = (manifest(models, number) for number in (1, 2, 3))
    assert (one.semantic_version, two.semantic_version, three.semantic_version) == ("1.0.0", "1.1.0-rc.1", "")
    assert (one.created, two.created) == (at(2), at(5))
    assert [(each.field, each.evidence) for each in one.inferred] == [("created", "the time of the tag digits@v1.0.0")]
    assert (one.description, two.description) == ("", "the second, ✓")
    assert {metric.name: metric.value for metric in one.metrics} == {"acc": 0.5, "val.loss": 1e-2}
    assert {metric.name: repr(metric.value) for metric in two.metrics} == {"acc": "0.625", "val.loss": "nan"}
    assert one.hyperparameters == {"lr": 0.001, "flag": "yes", "n": 12, "opt.name": "adam"}
    assert [(data.uri, data.digest_of) for data in one.datasets] == [
        ("data/x.csv", "0cc175b9c0f1b6a831c399e269772661 (md5, as DVC takes it)")
    ]
    assert one.labels["dvc.labels"] == "cnn, 数字"
    assert one.labels["gto.author"] == "Änna"
    assert one.code is not None
    assert one.code.commit == registry.git("rev-parse", "digits@v1.0.0^{}")
    assert one.imported is not None
    assert one.imported.model_description == "Digits of people"
    assert three.imported is not None
    assert "It was never registered: a stage was given to its commit." in three.imported.notes


def test_stages_are_aliases_over_time_with_who_and_why(tmp_path: Path) -> None:
    models = tmp_path / "models"
    run("import-gto", "--repo", digits(tmp_path / "repo").folder, "--models-dir", models)
    told = orjson.loads(run("history", "digits", "--models-dir", models, "--json").stdout)
    events = [
        (event["kind"], event.get("alias"), event["version"], event["time"] // 1000, event["reason"]) for event in told
    ]
    assert {event["actor"] for event in told} == {"Änna"}
    assert events == [
        ("alias_set", "prod", 1, START + 180, "Imported from gto."),
        ("alias_set", "prod", 2, START + 360, "go Imported from gto."),
        ("alias_set", "prod", 1, START + 360, "back, it is slow Imported from gto."),
        ("alias_set", "dev", 1, START + 420, "Imported from gto."),
        ("alias_set", "dev", 3, START + 540, "Imported from gto."),
        ("alias_set", "dev", 1, START + 600, "no more Imported from gto."),
        ("deprecated", None, 1, START + 660, "broken Imported from gto."),
        ("alias_removed", "dev", 1, START + 660, "broken Imported from gto."),
        ("alias_set", "prod", 2, START + 660, "broken Imported from gto."),
    ]


def test_a_second_import_changes_nothing_and_a_later_one_adds_what_is_new(tmp_path: Path) -> None:
    registry, models = digits(tmp_path / "repo"), tmp_path / "models"
    arguments = ("import-gto", "--repo", registry.folder, "--models-dir", models)
    run(*arguments)
    before = {path: path.read_bytes() for path in models.rglob("*") if path.is_file()}
    assert run(*arguments).stdout == "Imported 0 versions; 3 imported before.\n"
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} == before
    registry.commit(metrics__json='{"acc": 1}')
    registry.tag("digits@v2.0.0")
    registry.tag("digits#prod#8")
    assert run(*arguments).stdout.endswith("Imported 1 version; 3 imported before; 1 said later.\n")
    assert manifest(models, 4).semantic_version == "2.0.0"
    moved = tmp_path / "clone"
    shutil.copytree(registry.folder, moved)
    again = run("import-gto", "--repo", moved, "--models-dir", models)
    assert again.stdout == "Imported 0 versions; 4 imported before.\n"


def test_a_bare_clone_says_the_same(tmp_path: Path) -> None:
    registry, models = digits(tmp_path / "repo"), tmp_path / "models"
    run("import-gto", "--repo", registry.folder, "--models-dir", models)
    registry.git("clone", "-q", "--bare", str(registry.folder), str(tmp_path / "bare.git"))
    done = run("import-gto", "--repo", tmp_path / "bare.git", "--models-dir", models)
    assert done.stdout == "Imported 0 versions; 3 imported before.\n"


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        ("none", "does not exist"),
        ("empty", "is no git repository that git reads here"),
        ("shallow", "is a shallow clone"),
        ("artifact", 'No tag of GTO is of an artifact "other"'),
    ],
)
def test_what_can_t_be_read_is_one_sentence(arrange: str, words: str, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "repo")
    registry.commit(a="1")
    registry.commit(a="2")
    registry.tag("digits@v1.0.0")
    (tmp_path / "empty").mkdir()
    registry.git("clone", "-q", "--depth", "1", f"file://{registry.folder}", str(tmp_path / "shallow"))
    folder = "repo" if arrange == "artifact" else arrange
    more = ["--model", "other"] if arrange == "artifact" else []
    arguments = ["import-gto", "--repo", str(tmp_path / folder), "--models-dir", str(tmp_path / "models"), *more]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code in (1, 2, 5), done.output
    assert words in done.output
    assert len(done.output.splitlines()) == 1
    assert not (tmp_path / "models").exists()


def test_files_in_dvc_s_cache_are_copied_where_that_is_wanted(tmp_path: Path) -> None:
    registry, models = digits(tmp_path / "repo"), tmp_path / "models"
    data = b"a model"
    digest = hashlib.md5(data).hexdigest()
    lock = LOCK.replace("4a8a08f09d37b73795649038408b5f33", digest).replace("model.h5", "model.bin")
    registry.commit(dvc__lock=lock, dvc__yaml=DVC.replace("model.h5", "model.bin"), params__yaml="lr: 1")
    registry.tag("digits@v3.0.0")
    registry.commit(words__txt__dvc=f"outs: [{{md5: {digest}, path: words.txt}}]", dvc__yaml=WORDS)
    registry.tag("words@v1.0.0")
    stored = registry.folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    stored.parent.mkdir(parents=True)
    stored.write_bytes(data)
    done = run("import-gto", "--repo", registry.folder, "--models-dir", models, "--copy-files")
    assert (models / "digits/4/model.bin").read_bytes() == data
    assert (models / "words/1/words.txt").read_bytes() == data
    assert "digits:1: Its files are not taken over: they are not in DVC's cache here. To get them: " in done.stdout
    assert "dvc get . model.h5 --rev digits@v1.0.0\n" in done.stdout
    assert 'digits:4, words:1: lr is "1" in params.yaml; dvc.lock says what was used.' in done.stdout
