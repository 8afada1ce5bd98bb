"""Makes the tables of a fleet directly, without the files of its versions: `python -m bench.fleet_tables FOLDER COUNT`.

The rows are made by the functions of `tb-versions index` from manifests as `publish` writes them, each of another
version: 8 metrics, 6 hyperparameters, 2 labels, a run; a hundred versions a model. Each model has a log, by which one
of its versions is `production` and one is deprecated.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from bench.figures import say
from bench.make_data import OUT, ROOT, _template

if TYPE_CHECKING:
    import pyarrow as pa

A_MODEL = 100
"""Versions of each model."""

METRICS = {"loss": "MIN", "accuracy": "MAX", "val_loss": "MIN", "val_accuracy": "MAX"}
EVALUATED = ("auc", "f1", "latency_ms", "ece")

_FORMAT = 1
_AT_A_TIME = 20_000
_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def ensure(count: int) -> Path:
    """Returns a models folder that has nothing but tables of so many versions; makes it if it is not there."""
    folder = OUT / f"fleet-tables-{count}"
    marker = folder / "complete.json"
    if not marker.exists() or json.loads(marker.read_text()) != [_FORMAT, count]:
        shutil.rmtree(folder, ignore_errors=True)
        say(f"making the tables of {count:,} versions in {folder}")
        command = [sys.executable, "-m", "bench.fleet_tables", os.fspath(folder), str(count)]
        subprocess.run(command, check=True, cwd=ROOT)
        marker.write_text(json.dumps([_FORMAT, count]))
    return folder / "models"


def manifest_of(template: dict[str, Any], model: str, number: int, made: random.Random) -> bytes:
    """Returns a manifest of a version."""
    created = (_START + datetime.timedelta(minutes=made.random() * 400_000)).isoformat().replace("+00:00", "Z")
    digest = hashlib.sha256(f"{model}:{number}".encode()).hexdigest()
    step = str(made.randrange(1, 2_000) * 10)
    run = f"{model}/{number // 5}/train"
    metrics: list[dict[str, Any]] = [
        {"goal": goal, "name": name, "run": run, "source": "LOG", "step": step, "tag": name, "value": made.random()}
        for name, goal in METRICS.items()
    ]
    metrics += [{"name": name, "source": "EVALUATED", "value": made.random()} for name in EVALUATED]
    fields = {
        **template,
        "model": model,
        "number": str(number),
        "created": created,
        "digest": f"sha256:{digest}",
        "labels": {"team": made.choice(["vision", "speech", "ranking"]), "stage": made.choice(["candidate", "trial"])},
        "hyperparameters": {
            "lr": made.choice([0.1, 0.01, 0.001, 0.0001]),
            "optimizer": made.choice(["adam", "sgd", "lamb"]),
            "batch_size": float(made.choice([32, 64, 128])),
            "layers": float(made.randrange(2, 12)),
            "dropout": round(made.random() / 2, 3),
            "augment": made.random() < 0.5,
        },
        "runs": [{"name": run, "step": step, "wallTime": created}],
        "metrics": metrics,
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    """Makes the tables."""
    from tb_versions.fleet.delta import replaced
    from tb_versions.fleet.rows import aliases_table, events_table, unread_table
    from tb_versions.fleet.tables import ALIASES, EVENTS, UNREAD, VERSIONS, table_in

    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    models = folder / "models"
    models.mkdir(parents=True)
    tables = os.fspath(models / ".index")
    digests: dict[tuple[str, int], str] = {}
    table_in(tables, VERSIONS).change(lambda _: replaced(_versions(count, digests)))
    table_in(tables, EVENTS).change(lambda _: replaced(events_table(list(_events(count, digests)))))
    table_in(tables, ALIASES).change(lambda _: replaced(aliases_table([])))
    table_in(tables, UNREAD).change(lambda _: replaced(unread_table([])))


def _versions(count: int, digests: dict[tuple[str, int], str]) -> pa.RecordBatchReader:
    import pyarrow as pa

    from tb_versions.fleet.rows import Draft, in_order, versions_table
    from tb_versions.fleet.schema import Census, settings_of, versions_schema
    from tb_versions.read.manifests.listing import read_listing

    template, made = _template(), random.Random(7)

    def draft(place: int) -> Draft:
        model, number = f"model-{place // A_MODEL:05d}", place % A_MODEL + 1
        data = manifest_of(template, model, number, made)
        return Draft(f"{model}/{number}", read_listing(data), data, (len(data), 1))

    census = Census()
    for place in range(min(count, 1_000)):
        listing = draft(place).listing
        census.add((metric.kind.key for metric in listing.metrics), settings_of(listing))
    typed = census.typed()

    def batches() -> Iterator[pa.RecordBatch]:
        for first in range(0, count, _AT_A_TIME):
            drafts = [draft(place) for place in range(first, min(count, first + _AT_A_TIME))]
            for each in drafts:
                if each.listing.number in (1, 2):
                    digests[each.listing.model, each.listing.number] = each.manifest_digest
            yield from versions_table(in_order(drafts), typed).to_batches()

    return pa.RecordBatchReader.from_batches(versions_schema(typed), batches())


def _events(count: int, digests: dict[tuple[str, int], str]) -> Iterator[tuple[str, str, Any, bytes]]:
    from tb_versions.registry import events

    for place in range(0, count, A_MODEL):
        model, prev = f"model-{place // A_MODEL:05d}", ""
        log = (("alias_set", events.AliasSet("production")), ("deprecated", events.Nothing()))
        for at, (kind, said) in enumerate(log):
            event = events.Event(
                format=events.FORMAT,
                critical=kind == "alias_set",
                number=at + 1,
                id=hashlib.md5(f"{model} {at}".encode(), usedforsecurity=False).hexdigest(),
                prev=prev,
                time=_START + datetime.timedelta(days=300, minutes=at),
                actor="bench",
                tool="bench",
                kind=kind,
                version=at + 1,
                manifest=digests.get((model, at + 1), ""),
            )
            data = events.encode(event, said)
            prev = events.digest_of(data)
            yield model, model, events.decode(data, at + 1), data


if __name__ == "__main__":
    main()
