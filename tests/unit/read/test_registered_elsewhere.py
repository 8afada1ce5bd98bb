"""What a manifest elsewhere names is no SavedModel without a manifest."""

from __future__ import annotations

from pathlib import Path

import tb_versions as tbv
from tb_versions.core.manifest import FilesElsewhere, VersionManifest
from tb_versions.write.complete import complete
from tb_versions.write.placement import place_elsewhere
from tests.support.savedmodel_bytes import small_model


def test_a_savedmodel_that_a_manifest_elsewhere_names_is_not_counted(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / "nas" / "digits" / str(number)
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(small_model())
    draft = VersionManifest(model="digits", files_elsewhere=FilesElsewhere(source="nas", path="digits/1"))
    manifest = complete(draft, tmp_path / "nas" / "digits" / "1", {}, adopts=True)
    place_elsewhere(tmp_path / "models" / "digits", manifest, number=1)
    folders = [tmp_path / "models", tmp_path / "nas"]
    catalog = tbv.open_catalog(models_dir=folders, sources={"nas": tmp_path / "nas"})
    assert (catalog.unregistered, catalog.unregistered_in) == (1, (str(tmp_path / "nas" / "digits" / "2"),))
    assert tbv.open_catalog(models_dir=folders).unregistered == 2  # nobody said where nas is
