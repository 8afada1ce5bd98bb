"""From what MLflow says to versions as another tracker recorded them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tb_versions.interop.imports import Foreign, Said
from tb_versions.interop.mlflow.converting import foreign_of
from tb_versions.interop.mlflow.records import DatasetRecord, ModelRecord, RunRecord, VersionRecord, identity_of, latest

RUN, PARENT = "a" * 32, "b" * 32


class Records:
    """A store of records."""

    def __init__(self, models: list[ModelRecord], runs: list[RunRecord]) -> None:
        self.problems: list[tuple[str, str]] = []
        self._models, self._runs = models, {run.run_id: run for run in runs}

    def identity(self) -> str:
        return "store"

    def models(self, names: Collection[str]) -> Iterator[ModelRecord]:
        yield from self._models

    def run(self, run_id: str) -> RunRecord | None:
        return self._runs.get(run_id)


def converted(models: list[ModelRecord], *runs: RunRecord) -> list[Foreign]:
    return list(foreign_of(Records(models, list(runs)), (), sources={}))


def model(*versions: VersionRecord, name: str = "digits", **facts: object) -> ModelRecord:
    return ModelRecord(name, versions=versions, **facts)  # type: ignore[arg-type]


def test_parameters_become_numbers_and_tags_labels() -> None:
    run = RunRecord(
        RUN,
        "name",
        metrics={"acc": (0.5, 7)},
        params={"lr": "1e-3", "n": "128", "opt": "adam"},
        tags={
            "team": "a",
            "mlflow.user": "me",
            "mlflow.source.name": "/home/me/train.py",
            "mlflow.parentRunId": PARENT,
        },
        datasets=[DatasetRecord("mnist", "c2", '{"uri": "/data"}', '{"num_rows": true}', "training")],
    )
    version = VersionRecord(
        3, 1_700_000_000_123, source="models:/m-" + "0" * 32, run_id=RUN, stage="Staging", tags={"k": "v"}
    )
    (found,) = converted([model(version, aliases={"prod": 3, "other": 9})], run)
    assert found.key == "digits/3/1700000000123"
    assert found.hyperparameters == {"lr": 0.001, "n": 128, "opt": "adam"}
    assert found.labels == {
        "k": "v",
        "mlflow.run_id": RUN,
        "mlflow.run_name": "name",
        "mlflow.parent_run_id": PARENT,
        "mlflow.model_id": "m-" + "0" * 32,
        "mlflow.stage": "Staging",
        "run.team": "a",
    }
    assert [(metric.name, metric.value, metric.step) for metric in found.metrics] == [("acc", 0.5, 7)]
    assert found.code is not None
    assert found.code.entry_point == "train.py"
    assert (found.datasets[0].uri, found.datasets[0].rows, found.datasets[0].split) == ("/data", None, "training")
    assert found.said == (Said("alias_set", "prod"),)


def test_lineage_is_the_run_above_and_the_version_that_it_was_copied_from() -> None:
    first = VersionRecord(1, 1, run_id=PARENT)
    second = VersionRecord(2, 2, run_id=RUN)
    copied = VersionRecord(1, 3, source="models:/digits/2", run_id=RUN)
    models = [model(first, second), model(copied, name="served")]
    found = converted(models, RunRecord(RUN, tags={"mlflow.parentRunId": PARENT}), RunRecord(PARENT))
    assert [dict(one.parent_keys) for one in found] == [
        {},
        {"digits/1/1": "derived_from"},
        {"digits/2/2": "derived_from", "digits/1/1": "derived_from"},
    ]


def test_what_is_not_known_is_said() -> None:
    versions = [
        VersionRecord(1, 1),
        VersionRecord(2, 2, run_id="gone", status="FAILED_REGISTRATION"),
        VersionRecord(3, 3, run_id=RUN),
        VersionRecord(4, 4, run_id=RUN),
    ]
    found = converted([model(*versions)], RunRecord(RUN, is_deleted=True, metrics={"a": (1.0, 1)}))
    assert [len(one.notes) for one in found] == [1, 2, 2, 2]
    assert found[1].notes[1] == "MLflow says of it: FAILED_REGISTRATION."
    assert found[2].notes[0] == "Its run was deleted in MLflow."
    assert found[2].notes[1].startswith("2 versions are of its run.")


def test_a_prompt_is_no_model() -> None:
    assert converted([model(VersionRecord(1, 1), tags={"mlflow.prompt.is_prompt": "true"})]) == []


def test_a_model_that_was_made_anew_has_other_versions() -> None:
    (old,) = converted([model(VersionRecord(1, 1_000))])
    (new,) = converted([model(VersionRecord(1, 2_000))])
    assert old.identity != new.identity


def test_the_latest_value_is_that_of_the_largest_step() -> None:
    assert latest([(1, 9, 0.1), (3, 1, 0.3), (3, 2, float("inf")), (2, 99, 0.2)]) == (float("inf"), 3)
    assert latest([(1, 1, float("nan")), (1, 1, 0.5)]) == (0.5, 1)
    assert latest([]) is None


def test_a_store_is_known_by_its_oldest_experiment() -> None:
    assert identity_of([(5, "0"), (3, "7")]) == identity_of([(3, "7")])
    assert identity_of([(5, "0")]) != identity_of([(3, "7")])
