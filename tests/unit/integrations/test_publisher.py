"""What callbacks of PyTorch's trainers share, without PyTorch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.integrations.publisher import Place, Publisher, guarded
from tb_versions.write.savers import Saver, Told

QUIET = tbv.Capture(code=False, environment=False, hardware=False)


def publisher(**options: Any) -> Publisher:
    facts = {"capture": QUIET, **options.pop("facts", {})}
    given = {"name": "net", "several": False, "strict": True, "facts": facts, **options}
    return Publisher("models", **given)


def saver() -> Saver:
    def save(folder: str) -> None:
        os.mkdir(folder)
        Path(folder, "model.pt").write_bytes(b"weights")

    return Saver(save, tell=lambda _: Told("pytorch"))


def test_a_version_has_the_numbers_of_its_weights_and_their_step() -> None:
    publishing = publisher()
    publishing.begin({"rate": 0.1, "token": "s3cr3t-9f8e7d6c", "absent": None})
    publishing.measured.add(4, b"first", {"loss": 0.5})
    publishing.measured.add(8, b"second", {"loss": 0.9})
    assert publishing.publish(saver(), weights=b"first", step=8, place=Place(), monitor="loss", goal="min")
    manifest = publishing.versions[0].manifest
    (metric,) = manifest.metrics
    assert (metric.value, metric.step, metric.goal, metric.source) == (0.5, 4, "min", "log")
    assert (manifest.lead_metric, manifest.format) == ("loss", "pytorch")
    assert manifest.hyperparameters["rate"] == 0.1
    assert "absent" not in manifest.hyperparameters
    assert "s3cr3t" not in str(manifest.hyperparameters["token"])


@pytest.mark.parametrize("weights", [None, b"others"])
def test_weights_that_nothing_measured_have_no_numbers_and_a_warning(weights: bytes | None) -> None:
    publishing = publisher()
    publishing.measured.add(4, b"first", {"loss": 0.5})
    publishing.measured.add(6, None, {"loss": 0.4})
    with pytest.warns(tbv.TbVersionsWarning, match="has no loss: no evaluation"):
        publishing.publish(saver(), weights=weights, step=7, place=Place())
    manifest = publishing.versions[0].manifest
    assert manifest.metrics == ()
    assert [run.step for run in manifest.runs] == [7]


def test_what_the_author_gives_wins() -> None:
    publishing = publisher(facts={"metrics": {"loss": 0.1}, "hyperparameters": {"rate": 1.0}, "goals": {"loss": "max"}})
    publishing.begin({"rate": 0.1})
    publishing.measured.add(4, b"first", {"loss": 0.5})
    publishing.publish(saver(), weights=b"first", step=4, place=Place())
    assert publishing.versions[0].metrics == {"loss": 0.1}
    assert publishing.versions[0].manifest.hyperparameters == {"rate": 1.0}


def test_a_failure_is_one_warning_and_nothing_is_left() -> None:
    def fails(folder: str) -> None:
        os.mkdir(folder)
        raise RuntimeError("out of memory")

    publishing = publisher(strict=False)
    with pytest.warns(tbv.TbVersionsWarning, match="out of memory.*Training goes on"):
        assert not publishing.publish(Saver(fails), weights=None, step=None, place=Place())
    assert [path.name for path in Path("models/net").glob("[0-9]*")] == []


def test_a_failure_in_a_callback_is_a_warning_and_strict_raises() -> None:
    class Callback:
        def __init__(self, strict: bool) -> None:
            self._publisher = publisher(strict=strict)

        @guarded
        def acts(self) -> None:
            raise KeyError("gone")

    with pytest.warns(tbv.TbVersionsWarning, match="gone"):
        Callback(strict=False).acts()
    with pytest.raises(KeyError):
        Callback(strict=True).acts()


def test_mistakes_in_the_arguments_raise_before_the_training() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'metric'"):
        publisher(facts={"metric": {}})
    with pytest.raises(tbv.InvalidNameError):
        publisher(name="no/name")
    with pytest.raises(tbv.InvalidManifestError, match="names one version"):
        publisher(several=True, facts={"semantic_version": "1.0.0"})
