"""What the path of a folder says."""

from __future__ import annotations

import pytest

from tb_versions.errors import InvalidNameError
from tb_versions.interop.naming import Named, Printed, name_of


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("serving/digits/00000123", Named("digits", 123)),
        ("serving/digits/1646034756", Named("digits", 1_646_034_756)),
        ("digits/v3", Named("digits", 3)),
        ("digits/version_12", Named("digits", 12)),
        ("exports/digits_v1_2024_06_01", Named("digits", 1)),
        ("exports/model_v1_2024_06_01", Named("model", 1)),
        ("exports/digits-1.4.0", Named("digits", None, "1.4.0")),
        ("digits/v2.0.0-rc.1", Named("digits", None, "2.0.0-rc.1")),
        ("digits/v1.5", Named("digits")),
        ("exports/digits-1.5", Named("digits")),
        ("run7/checkpoint-300", Named("run7", None, "", 300)),
        ("digits/epoch_07", Named("digits")),
        ("digits/step-000300", Named("digits", None, "", 300)),
        ("exports/best", Named("best")),
        ("run7/epoch=3-step=1000", Named("run7", None, "", 1_000)),
        ("run7/weights.03-0.12", Named("run7", printed=Printed(3, "0.12"))),
        ("run7/digits-epoch12-val_loss0.1234", Named("digits", printed=Printed(12, "0.1234"))),
        ("run7/epoch=3-val_loss=0.12", Named("run7", printed=Printed(3, "0.12"))),
        ("exports/my model (old)", Named("my-model-old")),
        ("digits/2024_06_01", Named("2024_06_01")),
    ],
)
def test_a_path_says_model_number_semantic_version_and_step(path: str, named: Named) -> None:
    assert name_of(f"/data/{path}") == named


def test_a_given_name_counts() -> None:
    assert name_of("/data/exports/digits_v4", "faces") == Named("faces", 4)


@pytest.mark.parametrize("path", ["/data/latest", "/data/___", "/1"])
def test_what_can_name_no_model_asks_for_a_name(path: str) -> None:
    with pytest.raises(InvalidNameError, match="--name NAME"):
        name_of(path)
