"""Which golden inputs two versions are asked with; no model is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.actions.target import find_target
from tb_versions.core.golden.file import Asked
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.errors import NoGoldenOutputsError, NotASavedModelError, VersionDamagedError
from tb_versions.trust.behaviour.asking import Question, golden_question, side
from tb_versions.trust.behaviour.pairing import common_signatures
from tests.support.golden import answering
from tests.support.publishing import published
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


def model(base: Path, name: str, **inputs: bytes) -> Path:
    content = graph("MatMul") + signature(**(inputs or {"x": tensor("x:0", 1, shape(-1, 4))}))
    return write_model(base / name, saved_model(info("serve") + content))


def asked(*rows: float, name: str = "x", labels: list[int] | None = None) -> dict[str, Asked]:
    values = np.array([[row] * 4 for row in rows], "float32")
    of = {} if labels is None else labels_by_output(labels)
    return {"serving_default": Asked({name: values}, {"y": np.ones(len(rows))}, of)}


def question(models: Path, *, only_one: bool = False) -> Question:
    sides = [side(find_target(f"digits:{number}", models), None) for number in (1, 2)]
    common, _ = common_signatures(sides[0].signatures, sides[1].signatures)
    return golden_question(*sides, common, only_one=only_one)


def test_golden_inputs_of_both_are_one_question(tmp_path: Path) -> None:
    source, models = model(tmp_path, "a"), tmp_path / "models"
    answering(source, models, asked(1, 2, labels=[0, 1]))
    answering(model(tmp_path, "b", z=tensor("z:0", 1, shape(-1, 4))), models, asked(2, 3, name="z"))
    found = question(models)
    shared = found.shared["serving_default"]
    assert found.of == ("before", "after")
    assert len(found.digests) == 2
    assert shared.inputs["x"][:, 0].tolist() == [1, 2, 2, 3]
    assert shared.of_second.keys() == {"z"}
    assert [part.count for part in shared.parts] == [2, 2]
    assert found.notes == []
    assert question(models, only_one=True).of == ("before",)


def test_equal_golden_inputs_are_asked_once_with_the_labels_of_either(tmp_path: Path) -> None:
    source, models = model(tmp_path, "a"), tmp_path / "models"
    answering(source, models, asked(1, 2))
    answering(source, models, asked(1, 2, labels=[0, 1]))
    shared = question(models).shared["serving_default"]
    assert len(shared.inputs["x"]) == 2
    labels = shared.labels_of("")
    assert labels is not None
    assert labels.values.tolist() == [0, 1]


def test_those_of_one_are_enough_and_it_says_whose(tmp_path: Path) -> None:
    source, models = model(tmp_path, "a"), tmp_path / "models"
    answering(source, models)
    answering(source, models, asked(1, 2))
    assert question(models).of == ("after",)
    shutil.rmtree(models / "digits/.versions/golden")
    with pytest.raises(NoGoldenOutputsError, match=r"Neither digits:1 nor digits:2 .*--inputs FILE.npz"):
        question(models)


def test_golden_inputs_that_were_changed_are_not_asked(tmp_path: Path) -> None:
    source, models = model(tmp_path, "a"), tmp_path / "models"
    version = answering(source, models, asked(1))
    answering(source, models, asked(1))
    (models / f"digits/.versions/golden/{version.number}/golden.npz").write_bytes(b"other")
    with pytest.raises(VersionDamagedError, match="digits:1 are not those"):
        question(models)


def test_golden_inputs_that_are_no_file_of_numbers_are_damage(tmp_path: Path) -> None:
    source, models = model(tmp_path, "a"), tmp_path / "models"
    answering(source, models, asked(1))
    answering(source, models, asked(1), data=b"PK\x05\x06" + bytes(18))
    with pytest.raises(VersionDamagedError, match="digits:2 can't be read"):
        question(models)


def test_other_files_than_a_saved_model_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/model.keras").write_bytes(b"a")
    published(tmp_path / "files", tmp_path / "models")
    with pytest.raises((NotASavedModelError, tbv.TbVersionsError)):
        side(find_target("digits:1", tmp_path / "models"), None)
