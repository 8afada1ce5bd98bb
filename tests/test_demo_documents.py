"""Every version of the demo, a real model each, is valid under independent checkers (issue 14, acceptance 3)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard

from tb_versions.comparison.loading import Source, open_source
from tb_versions.documents.bom import bom_of
from tb_versions.documents.card import card_of
from tb_versions.documents.dossier import html_of
from tb_versions.documents.reading import read_subject
from tb_versions.documents.subject import Subject
from tests.unit.documents.test_dossier import Tree

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def subjects(demo_output: Path) -> list[Subject]:
    """What documents tell of each version."""
    source: Source = open_source([str(demo_output / "models")], str(demo_output / "logs"))
    found = [read_subject(source, version) for version in source.catalog.versions]
    assert len(found) >= 12
    return found


def test_hugging_face_reads_the_numbers_of_every_card(subjects: list[Subject]) -> None:
    for subject in subjects:
        results = ModelCard(card_of(subject)).data.eval_results or []
        read = sorted((each.dataset_type, each.metric_type, each.metric_value) for each in results)
        finite = [number for number in subject.numbers if math.isfinite(number.value)]
        assert read == sorted((number.dataset or "unknown", number.name, number.value) for number in finite), subject.id


def test_a_strict_validator_takes_every_bill_of_materials(subjects: list[Subject]) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_7)
    assert [each.id for each in subjects if validator.validate_str(bom_of(each).decode()) is not None] == []


def test_every_dossier_is_a_well_formed_page(subjects: list[Subject]) -> None:
    for subject in subjects:
        assert Tree(html_of(subject)).open == [], subject.id
