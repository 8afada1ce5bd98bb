"""Versions whose files lie elsewhere: shown, verified, used, copied, removed, and none of the files is changed."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

import tb_versions as tbv
from tb_versions.cli.program import main
from tb_versions.core.elsewhere import binding
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, FilesElsewhere, VersionManifest
from tb_versions.errors import FilesElsewhereError, UnsafeFileError, VersionDamagedError, VersionNotFoundError
from tb_versions.payload import details
from tb_versions.read.reader import CatalogReader, open_reader
from tb_versions.write.complete import complete
from tb_versions.write.placement import place_elsewhere
from tests.support.world import tree_hash


class Shelf:
    """A models folder with manifests, and somebody else's folder with the files."""

    def __init__(self, folder: Path) -> None:
        self.nas, self.models = folder / "nas", folder / "models"
        self.sources = {"nas": str(self.nas)}

    def put(self, number: int, files: dict[str, bytes], *, at: str = "", only: str = "", is_known: bool = True) -> None:
        """Adds a version and its files."""
        folder = self.nas / (at or f"digits/{number:08}")
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        path = (folder / only).relative_to(self.nas).as_posix()
        draft = VersionManifest(model="digits", files_elsewhere=FilesElsewhere(source="nas", path=path))
        manifest = complete(draft, folder, {}, adopts=True, only=only) if is_known else draft
        place_elsewhere(self.models / "digits", manifest, number=number)

    def state(self, number: int = 1, *, bound: bool = True) -> tuple[str, str]:
        """State of a version's files, and the sentence about it."""
        version = tbv.open_catalog(models_dir=self.models, sources=self.sources if bound else {}).find(
            f"digits:{number}"
        )
        return version.state, version.notice

    def forge(self, number: int = 1, **elsewhere: object) -> None:
        """Makes a manifest say something else of where its files are."""
        path = self.models / "digits" / str(number) / MANIFEST_NAME
        fields = {**orjson.loads(path.read_bytes()), "filesElsewhere": {"source": "nas", **elsewhere}}
        path.write_bytes(orjson.dumps(fields))

    def run(self, *arguments: str, bound: bool = True) -> Result:
        """Runs a command."""
        source = ["--source", f"nas={self.nas}"] if bound else []
        return CliRunner().invoke(main, [*arguments, "--models-dir", str(self.models), *source])


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put(1, {"model.onnx": b"1", "sub/weights": b"22"})
    return shelf


def test_unbound_files_are_elsewhere_and_neither_missing_nor_damaged(shelf: Shelf) -> None:
    state, notice = shelf.state(bound=False)
    assert state == "elsewhere"
    assert "path digits/00000001 of source nas" in notice
    assert "say --source nas=DIR, for TensorBoard --versions_sources nas=DIR" in notice


def test_bound_files_are_compared_by_names_and_sizes(shelf: Shelf) -> None:
    assert shelf.state() == ("present", "")
    (shelf.nas / "digits/00000001/sub/weights").write_bytes(b"333")
    (shelf.nas / "digits/00000001/more").write_bytes(b"")
    assert shelf.state() == ("changed", "1 file is extra: more. 1 file is of another size: sub/weights.")
    shutil.rmtree(shelf.nas / "digits")
    assert shelf.state() == ("missing", "There is nothing at path digits/00000001 of source nas.")
    shelf.nas.rmdir()
    assert shelf.state()[0] == "unreachable"


def test_a_long_list_of_files_is_compared_too(shelf: Shelf) -> None:
    shelf.put(2, {f"{number}": b"" for number in range(1_001)})
    assert shelf.state(2) == ("present", "")
    assert tbv.verify("digits:2", models_dir=shelf.models, sources=shelf.sources).extra == ()
    (shelf.nas / "digits/00000002/7").unlink()
    assert shelf.state(2)[0] == "changed"


def test_files_of_which_nothing_is_known_are_never_called_intact(shelf: Shelf) -> None:
    shelf.put(2, {"model.onnx": b"1"}, is_known=False)
    assert shelf.state(2, bound=False)[0] == "elsewhere"
    state, notice = shelf.state(2)
    assert state == "unchecked"
    assert "not at hand" in notice
    for act in (tbv.verify, tbv.load):
        with pytest.raises(FilesElsewhereError, match="nothing can be compared"):
            act("digits:2", models_dir=shelf.models, sources=shelf.sources)
    assert tbv.path("digits:2", models_dir=shelf.models, sources=shelf.sources).name == "00000002"


@pytest.mark.parametrize("path", ["../secret", "/etc", "digits/../../secret", "out", "out/x", "digits/up/../secret"])
def test_a_forged_manifest_opens_nothing_outside(shelf: Shelf, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x").write_bytes(b"no")
    (shelf.nas / "out").symlink_to(tmp_path / "secret")
    shelf.forge(path=path)
    assert shelf.state()[0] == "unreachable"
    for act in (tbv.verify, tbv.load, tbv.path):
        with pytest.raises((UnsafeFileError, VersionDamagedError), match=r"opened|leads out"):
            act("digits:1", models_dir=shelf.models, sources=shelf.sources)


def test_links_in_a_model_are_not_followed(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"22")
    weights = shelf.nas / "digits/00000001/sub/weights"
    weights.unlink()
    weights.symlink_to(tmp_path / "secret")
    assert shelf.state()[0] == "changed"
    with pytest.raises(VersionDamagedError, match="symlink"):
        tbv.load("digits:1", models_dir=shelf.models, sources=shelf.sources)


def test_verify_reads_them_and_says_what_was_put_beside_the_manifest(shelf: Shelf) -> None:
    assert not tbv.verify("digits:1", models_dir=shelf.models, sources=shelf.sources)
    (shelf.nas / "digits/00000001/sub/weights").write_bytes(b"33")
    (shelf.models / "digits/1/saved_model.pb").write_bytes(b"planted")
    found = tbv.verify("digits:1", models_dir=shelf.models, sources=shelf.sources)
    assert (found.changed, found.extra) == (("sub/weights",), ("saved_model.pb (beside the manifest)",))


def test_verify_says_what_it_did_not_check(shelf: Shelf) -> None:
    assert shelf.run("verify").exit_code == 0
    told = shelf.run("verify", bound=False)
    assert told.exit_code == 1
    assert "digits:1: not checked: " in told.output
    assert "source nas is not bound to a folder: say --source nas=DIR" in told.output
    assert "0 of 1 versions are as published" in told.output


def test_a_path_leads_to_the_files(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put(2, {"a.keras": b"a", "b.keras": b"b"}, at="loose", only="b.keras")
    path = tbv.path("digits:1", models_dir=shelf.models, sources=shelf.sources)
    assert path == Path(os.path.realpath(shelf.nas / "digits" / "00000001"))
    monkeypatch.setenv("TB_VERSIONS_SOURCES", f"nas={shelf.nas}")
    assert tbv.path("digits:2", models_dir=shelf.models).name == "b.keras"
    monkeypatch.delenv("TB_VERSIONS_SOURCES")
    with pytest.raises(FilesElsewhereError, match="--source nas=DIR"):
        tbv.path("digits:2", models_dir=shelf.models)
    shutil.rmtree(shelf.nas / "digits")
    with pytest.raises(VersionNotFoundError, match="are gone"):
        tbv.path("digits:1", models_dir=shelf.models, sources=shelf.sources)


def test_of_one_file_in_a_folder_the_others_make_no_difference(shelf: Shelf) -> None:
    shelf.put(2, {"a.keras": b"a", "b.keras": b"b"}, at="loose", only="b.keras")
    (shelf.nas / "loose" / "a.keras").unlink()
    assert shelf.state(2) == ("present", "")
    assert not tbv.verify("digits:2", models_dir=shelf.models, sources=shelf.sources)
    (shelf.nas / "loose" / "b.keras").write_bytes(b"c")
    found = tbv.verify("digits:2", models_dir=shelf.models, sources=shelf.sources)
    assert found.changed == ("b.keras",)


def test_a_copy_is_an_ordinary_version(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(2, {"a.keras": b"a", "b.keras": b"b"}, at="loose", only="b.keras")
    shelf.put(3, {f"{number}": b"" for number in range(1_001)})
    before = tree_hash(shelf.nas)
    for number in (1, 2, 3):
        told = shelf.run("copy", f"digits:{number}", "--to", str(tmp_path / "copies"))
        assert told.exit_code == 0, told.output
    catalog = tbv.open_catalog(models_dir=tmp_path / "copies")
    assert [(v.state, v.listing and v.listing.elsewhere) for v in catalog.versions] == [("present", None)] * 3
    manifests = [Path(version.places[0].folder, MANIFEST_NAME).read_bytes() for version in catalog.versions]
    schemas = [orjson.loads(data)["schemaVersion"] for data in manifests]
    assert schemas == [1, 1, 2]
    assert sorted(os.listdir(tmp_path / "copies/digits/2")) == ["b.keras", MANIFEST_NAME]
    assert FILE_LIST_NAME in os.listdir(tmp_path / "copies/digits/3")
    assert not any(tbv.verify(v.id, models_dir=tmp_path / "copies") for v in catalog.versions)
    assert "already" in shelf.run("copy", "digits:1", "--to", str(tmp_path / "copies")).output
    assert tree_hash(shelf.nas) == before


def test_a_copy_in_an_object_store_has_its_files(shelf: Shelf) -> None:
    url = f"memory://{uuid.uuid4().hex}/models"
    assert shelf.run("copy", "digits:1", "--to", url).exit_code == 0
    assert not tbv.verify("digits:1", models_dir=url)
    (version,) = tbv.open_catalog(models_dir=url).versions
    assert version.listing is not None
    assert version.listing.elsewhere is None


def test_the_variable_binds_sources_on_the_command_line(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_SOURCES", f"lab=/nowhere,nas={shelf.nas}")
    assert shelf.run("verify", bound=False).exit_code == 0
    monkeypatch.setenv("TB_VERSIONS_SOURCES", "nas")
    told = shelf.run("verify", bound=False)
    assert told.exit_code == 2
    assert "write LABEL=DIR" in told.output


def test_what_is_not_at_hand_is_not_copied(shelf: Shelf, tmp_path: Path) -> None:
    told = shelf.run("copy", "digits:1", "--to", str(tmp_path / "copies"), bound=False)
    assert told.exit_code == 5
    assert "source nas is not bound" in told.output
    assert not list(tmp_path.glob("copies/**/*.json"))


def test_removing_and_pruning_leave_the_files(shelf: Shelf) -> None:
    for number in (2, 3):
        shelf.put(number, {"model.onnx": b"1"})
    before = tree_hash(shelf.nas)
    removed = CliRunner().invoke(main, ["remove", "digits:1", "--reason", "old", "--models-dir", str(shelf.models)])
    assert "its files stay where they are, elsewhere" in removed.output
    told = CliRunner().invoke(
        main, ["prune", "--keep-last", "1", "--yes", "--empty-trash", "--models-dir", str(shelf.models)]
    )
    assert told.exit_code == 0, told.output
    assert "lie elsewhere, and stay there" in told.output
    assert tree_hash(shelf.nas) == before
    states = {v.number: v.state for v in tbv.open_catalog(models_dir=shelf.models).versions}
    assert states[3] == "elsewhere"
    assert "removed" in states.values()


def test_an_alias_leads_to_files_that_were_compared(shelf: Shelf) -> None:
    refused = shelf.run("promote", "digits:1", "--alias", "production", "--reason", "r", bound=False)
    assert refused.exit_code == 5
    assert "Nothing was changed" in refused.output
    assert shelf.run("promote", "digits:1", "--alias", "production", "--reason", "r").exit_code == 0
    which = json.loads(shelf.run("which", "digits@production", "--json").output)
    assert which["path"] == os.path.realpath(shelf.nas / "digits" / "00000001")
    (shelf.nas / "digits/00000001/model.onnx").write_bytes(b"other")
    with binding(shelf.sources), pytest.raises(VersionDamagedError):
        tbv.promote("digits:1", shelf.models, alias="staging", reason="r")


def test_list_and_show_say_where_files_are(shelf: Shelf) -> None:
    (row,) = json.loads(shelf.run("list", "--json", bound=False).output)
    assert (row["state"], row["elsewhere"]) == (
        "elsewhere",
        {"source": "nas", "path": "digits/00000001", "bound_to": None},
    )
    (row,) = json.loads(shelf.run("list", "--json").output)
    assert (row["state"], row["elsewhere"]["bound_to"]) == ("present", str(shelf.nas))
    told = " ".join(shelf.run("show", "digits:1", bound=False).output.split())
    assert "files elsewhere" in told
    assert "bound to no folder here" in told


def test_the_details_compare_what_is_bound(shelf: Shelf) -> None:
    with binding(shelf.sources):
        reader = open_reader("", [str(shelf.models)])
    (shelf.nas / "digits/00000001/sub/weights").unlink()
    told = details(reader.catalog, reader.catalog.versions[0], reader.manifest_bytes)
    assert (told["state"], told["files_changed"]) == ("changed", [{"path": "sub/weights", "what": "missing"}])


def test_states_follow_what_becomes_of_the_files(shelf: Shelf) -> None:
    with binding(shelf.sources):
        reader: CatalogReader = open_reader("", [str(shelf.models)])
    assert reader.check().versions[0].state == "present"
    (shelf.nas / "digits/00000001/sub/weights").unlink()
    assert reader.check().versions[0].state == "changed"


def test_the_settings_file_binds_sources(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tb-versions.toml").write_text('models_dir = "models"\n[sources]\nnas = "nas"\n')
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0
    (tmp_path / "tb-versions.toml").write_text('models_dir = "models"\nsources = ["nas"]\n')
    told = CliRunner().invoke(main, ["verify"])
    assert told.exit_code == 2
    assert "sources must be a table" in told.output
