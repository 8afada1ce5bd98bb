from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.object_store import open_store
from tb_versions.registry import remedies
from tests.support.logs import store_of


@pytest.mark.parametrize(
    ("models", "options", "command"),
    [
        ("models", "", "tb-versions fsck digits --models-dir {}/models"),
        ("anna's models", "--repair", """tb-versions fsck --repair digits --models-dir '{}/anna'"'"'s models'"""),
    ],
)
def test_a_command_names_the_model_and_the_models_folder(
    tmp_path: Path, models: str, options: str, command: str
) -> None:
    assert remedies.fsck(store_of(tmp_path / models), options) == command.format(tmp_path)


def test_a_command_names_the_models_folder_in_an_object_store() -> None:
    store = open_store("memory://remedies/models").below("digits").below(".versions")
    assert remedies.fsck(store) == "tb-versions fsck digits --models-dir memory://remedies/models"
