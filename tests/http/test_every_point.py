"""Best, last and values at export, in tab, command line and export: those of a reader that shares no code with ours."""

from __future__ import annotations

import datetime
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.core.manifest import Run
from tb_versions.exports.checking.reading import read_export
from tb_versions.read.curves.curve import is_joinable, joinable_tags, metric_name
from tests.support.effort import FULL, HANGS
from tests.support.event_files import FIRST_STEP, begin, every_point, scalar, summary, write_long_run
from tests.support.servers import tensorboard
from tests.support.world import World

START = 1_700_000_000.0

Exports = Mapping[int, float]
"""Step to time."""

Told = dict[str, tuple[Any, ...]]
"""Metric to best, step of it, last, step of it, and value at export."""


def runs_in(logs: Path) -> dict[str, Path]:
    folders = {path.parent for path in logs.rglob("*tfevents*")}
    return {folder.relative_to(logs).as_posix(): folder for folder in sorted(folders)}


def some_exports(folder: Path) -> dict[int, float]:
    """At the first, a middle and the last step, a second after the last point up to it; and one before later points."""
    points = sorted(point for of in every_point(folder).values() for point in of)
    if not points:
        return {}
    steps = sorted({step for step, _, _ in points})
    chosen = {steps[0], steps[len(steps) // 3], steps[-1]}
    exports = {step: max(time for s, time, _ in points if s <= step) + 1 for step in chosen}
    if len(steps) > 3:
        exports[steps[-2]] = min(time for _, time, _ in points)
    return exports


def expected(run: str, folder: Path, exports: Exports) -> list[Told]:
    """What each version should show, in the order of the exports."""
    curves = summary(folder, exports)
    tags = [tag for tag in joinable_tags(curves) if is_joinable(tag)]
    versions = []
    for position in range(len(exports)):
        told: Told = {}
        for tag in tags:
            highest, lowest, last, *values = curves[tag]
            value = values[position]
            told[metric_name(run, tag)] = (
                highest,
                lowest,
                last,
                None if value == "unknown" else value,
                value == "unknown",
            )
        versions.append(told)
    return versions


def number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def same(one: Any, other: Any) -> bool:
    return one == other or (
        isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    )


def check(details: Mapping[str, Any], told: Told) -> None:
    """Compares the metrics of a version's details with what is expected."""
    metrics = {metric["name"]: metric for metric in details["metrics"]}
    assert metrics.keys() == told.keys()
    for name, (highest, lowest, last, value, unknown) in told.items():
        metric = metrics[name]
        best = {"max": highest, "min": lowest}.get(metric["goal"])
        assert metric["sample"] is None
        assert (metric["best_step"], number(metric["best"])) == (best or (None, None)), name
        assert metric["last_step"] == (last[0] if last else None)
        assert same(number(metric["last"]), last[1] if last else None)
        assert same(number(metric["at_export"]), value), name
        assert bool(metric["why_not"]) is unknown, name


def check_everywhere(logs: Path, world: World, exports: Mapping[str, Exports], tmp_path: Path) -> None:
    """Publishes versions of runs, and compares tab, command line and export."""
    truth: dict[str, Told] = {}
    for number_of_run, (run, of_run) in enumerate(exports.items()):
        for number, (step, exported) in enumerate(sorted(of_run.items()), 1):
            wall_time = datetime.datetime.fromtimestamp(exported, datetime.timezone.utc)
            world.version(f"m{number_of_run}", number, runs=(Run(name=run, step=step, wall_time=wall_time),))
        told = expected(run, logs / run, of_run)
        truth |= {f"m{number_of_run}:{number}": one for number, one in enumerate(told, 1)}
    with shown(logs, world, tmp_path) as ask:
        for reference, told in truth.items():
            check(ask(f"version?ref={reference}"), told)
        check_table(ask("versions"), truth)
    places = ["--logdir", str(logs), "--models-dir", str(world.models)]
    tbv.export(tmp_path / "all.html", logdir=logs, models_dir=world.models)
    export = read_export(tmp_path / "all.html")
    shared = [details for name in export.names if name.startswith("details/") for details in export.section(name)]
    for details in shared:
        reference = details["id"]
        check(details, truth[reference])
        printed = CliRunner().invoke(main, ["show", "--json", reference, *places], catch_exceptions=False)
        check(json.loads(printed.stdout), truth[reference])


@contextmanager
def shown(logs: Path, world: World, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """A real TensorBoard with its data server; gives what asks the tab's routes, once all curves are there."""
    with tensorboard(logs, "--versions_models_dir", str(world.models), log_file=tmp_path / "log") as server:

        def ask(path: str) -> Any:
            return server.get_json(f"data/plugin/versions/{path}")

        end = time.monotonic() + HANGS
        while time.monotonic() < end:
            table = ask("versions")
            linked = table["columns"]["run_known"]
            if table["status"] == "ready" and linked and all(linked) and any("best" in m for m in table["metrics"]):
                assert table["problems"] == []
                yield ask
                return
            time.sleep(0.1)
        raise RuntimeError(f"The curves were not joined: {table['problems']}")


def check_table(table: Mapping[str, Any], truth: Mapping[str, Told]) -> None:
    """Compares the columns of the table, which have nine digits."""
    metrics = {metric["name"]: metric for metric in table["metrics"]}
    for row, reference in enumerate(table["columns"]["id"]):
        for name, (highest, lowest, last, value, unknown) in truth[reference].items():
            metric = metrics[name]
            best = {"max": highest, "min": lowest}.get(metric["goal"])
            assert metric["best_step"][row] == (best[0] if best else None)
            for column, expected_value in (("at_export", value), ("last", last and last[1])):
                told = number(metric[column][row])
                assert same(told, expected_value) or told == pytest.approx(expected_value, rel=1e-8)
            assert bool(metric.get("why_not", {row: None})[row]) is unknown


@pytest.mark.parametrize("name", ["pytorch_runs", "tfx_chicago_taxi"])
def test_runs_that_others_wrote(test_data: Path, world: World, tmp_path: Path, name: str) -> None:
    logs = test_data / "logdirs" / name
    exports = {run: some_exports(folder) for run, folder in runs_in(logs).items()}
    check_everywhere(logs, world, {run: of_run for run, of_run in exports.items() if of_run}, tmp_path)


@pytest.mark.parametrize("count", [15_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_a_long_curve(world: World, tmp_path: Path, count: int) -> None:
    if count > 100_000 and not FULL:
        pytest.skip("a minute or two: make faults")
    values = (1 - np.arange(count) / (count * 4 / 3)).astype(np.float32)
    values[count // 2 + 277] -= 0.5
    write_long_run(world.logs / "long", values, tag="val_loss", start=START)
    exports = {FIRST_STEP + step: START + step + 0.5 for step in (count * 2 // 3, count - 1)}
    exports[FIRST_STEP + 10] = START + 5
    check_everywhere(world.logs, world, {"long": exports}, tmp_path)


def test_a_run_that_was_started_again(world: World, tmp_path: Path) -> None:
    def life(run: str, number: int, steps: range, start: float) -> None:
        folder = world.logs / run
        folder.mkdir(parents=True, exist_ok=True)
        points = [scalar("loss", step, 1 / (step + number), wall_time=start + step) for step in steps]
        (folder / f"events.out.tfevents.{number}.x").write_bytes(b"".join([begin(start), *points]))

    lives = {
        "overwritten": (range(11), range(5, 20)),
        "cutoff": (range(11), range(5, 8)),
        "resumed": (range(11), range(8, 20)),
        "behind": (range(11), range(9, 30)),
        "anew": (range(1_500), range(3)),
    }
    exports: dict[str, dict[int, float]] = {}
    for run, (first, second) in lives.items():
        life(run, 1, first, START)
        life(run, 2, second, START + 10_000)
        exports[run] = {8: START + 12, 4: START + 12.5, 2: START + 20_000}
    exports["cutoff"][10] = START + 10.5
    check_everywhere(world.logs, world, exports, tmp_path)


def test_a_step_that_was_written_again_after_the_export(world: World, tmp_path: Path) -> None:
    def written(run: str, *points: tuple[int, float, float]) -> None:
        folder = world.logs / run
        folder.mkdir(parents=True, exist_ok=True)
        made = [scalar("loss", step, value, wall_time=START + time) for step, time, value in points]
        (folder / "events.out.tfevents.1.x").write_bytes(b"".join([begin(START), *made]))

    written("again", (0, 0.0, 1.0), (1, 1.0, 0.5), (1, 3.0, 0.25))
    written("thrice", (0, 0.0, 1.0), (1, 1.0, 0.5), (1, 3.0, 0.25), (1, 5.0, 0.125))
    written("first", (0, 0.0, 1.0), (1, 3.0, 0.25))
    written("unsure", (0, 0.0, 1.0), (1, 1.0, 0.5), (1, 2.05, 0.25))
    exports = {run: {1: START + 2, 0: START + 2} for run in ("again", "thrice", "first", "unsure")}
    told = [expected(run, world.logs / run, exports[run])[1]["loss"][3:] for run in exports]
    assert told == [(0.5, False), (0.5, False), (0.25, False), (None, True)]
    check_everywhere(world.logs, world, exports, tmp_path)
