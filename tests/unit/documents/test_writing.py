from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.documents.writing import write_documents
from tb_versions.errors import ExportExistsError
from tb_versions.read.reader import open_reader
from tests.support.world import World


def test_files_are_written_and_nothing_is_replaced_unasked(known: World, tmp_path: Path) -> None:
    catalog = open_reader("", [str(known.models)]).catalog
    files = {str(tmp_path / "card/curve.svg"): b"<svg/>", str(tmp_path / "card/README.md"): b"# a"}
    assert write_documents(files, catalog, force=False) == 9
    with pytest.raises(ExportExistsError):
        write_documents(files, catalog, force=False)
    assert write_documents(dict.fromkeys(files, b"new"), catalog, force=True) == 6
    assert (tmp_path / "card/README.md").read_bytes() == b"new"


def test_where_one_place_is_taken_none_is_written(known: World, tmp_path: Path) -> None:
    catalog = open_reader("", [str(known.models)]).catalog
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(ExportExistsError):
        write_documents({str(tmp_path / "a.svg"): b"x", str(tmp_path / "README.md"): b"y"}, catalog, force=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md"]


def test_nothing_is_written_into_a_version(world: World) -> None:
    catalog = open_reader("", [str(world.models)]).catalog
    with pytest.raises(ExportExistsError, match="which holds versions"):
        write_documents({str(world.models / "digits/1/README.md"): b"x"}, catalog, force=True)
