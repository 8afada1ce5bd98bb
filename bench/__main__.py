"""Measures how fast this package is: `python -m bench --sizes 100,1000 --only write digests --json FILE`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Report, machine, say

SIZES = (100, 1_000, 10_000, 100_000)

Measure = Callable[[Report, argparse.Namespace], None]

GROUPS: dict[str, tuple[str, Measure]] = {}


def _group(name: str) -> Callable[[Measure], Measure]:
    def keep(measure: Measure) -> Measure:
        GROUPS[name] = (measure.__doc__ or "", measure)
        return measure

    return keep


@_group("write")
def _write(report: Report, options: argparse.Namespace) -> None:
    """What publishing costs without the export and the hashing; MLflow's registry."""
    from bench import write

    write.measure(report, options.sizes, peers=options.peers)


@_group("registry")
def _registry(report: Report, options: argparse.Namespace) -> None:
    """The registry's log: folding 10,000 events, appending to 10 and to 10,000; MLflow's aliases."""
    from bench import registry

    registry.measure(report, peers=options.peers)


@_group("gates")
def _gates(report: Report, _options: argparse.Namespace) -> None:
    """A gate of 50 rules, judged by a process with its start."""
    from bench import gates

    gates.measure(report)


@_group("golden")
def _golden(report: Report, _options: argparse.Namespace) -> None:
    """What golden outputs add to publishing a model of 20 MB, beside TensorFlow's own start."""
    from bench import golden

    golden.measure(report)


@_group("digests")
def _digests(report: Report, _options: argparse.Namespace) -> None:
    """Speed of digests, compared with hashlib."""
    from bench import digests

    digests.measure(report)


@_group("verify")
def _verify(report: Report, _options: argparse.Namespace) -> None:
    """`verify` of 2 GiB, beside openssl of the same files, and its memory."""
    from bench import verifying

    verifying.measure(report)


@_group("imports")
def _imports(report: Report, _options: argparse.Namespace) -> None:
    """Seconds and memory of imports in new processes."""
    from bench import imports

    imports.measure(report)


@_group("start")
def _start(report: Report, options: argparse.Namespace) -> None:
    """Seconds that the plugin adds to TensorBoard's start."""
    from bench import start

    start.measure(report, options.sizes)


@_group("read")
def _read(report: Report, options: argparse.Namespace) -> None:
    """First rows, all rows, warm answers, answers "not modified", memory: of a real TensorBoard."""
    from bench import read

    for size in options.sizes:
        read.measure(report, size)


@_group("mcp")
def _mcp(report: Report, _options: argparse.Namespace) -> None:
    """The start of `tb-versions mcp`, beside importing its SDK alone."""
    from bench import assistants

    assistants.measure(report)


@_group("serving")
def _serving(report: Report, _options: argparse.Namespace) -> None:
    """The configuration of TensorFlow Serving for 1,000 models, in a new process."""
    from bench import serving

    serving.measure(report)


@_group("said")
def _said(report: Report, _options: argparse.Namespace) -> None:
    """What logs cost: 1,000 models with logs, and the table with aliases beside the table without."""
    from bench import said

    said.measure(report)


@_group("manifests")
def _manifests(report: Report, options: argparse.Namespace) -> None:
    """All manifests read for the first time, in one process, compared with open, read and orjson.loads."""
    from bench import manifests

    for size in options.sizes:
        manifests.measure(report, size)


@_group("cli")
def _cli(report: Report, options: argparse.Namespace) -> None:
    """The command line in new processes, beside open, read and orjson.loads of the same manifests."""
    from bench import commands

    commands.measure_start(report)
    for size in options.sizes:
        commands.measure(report, size)


@_group("reload")
def _reload(report: Report, options: argparse.Namespace) -> None:
    """Reloads, and encoding of the table, in a process outside of TensorBoard."""
    from bench import reload

    for size in options.sizes:
        reload.measure(report, size)


@_group("fleet")
def _fleet(report: Report, options: argparse.Namespace) -> None:
    """The tables of a fleet: made by one process, shards and Beam, brought up to date, asked by DuckDB and Polars."""
    from bench import fleet

    fleet.measure(report, options.sizes)


@_group("engines")
def _engines(report: Report, options: argparse.Namespace) -> None:
    """A table of 10,000,000 rows, asked by DuckDB and Polars; with --peers beside MLflow and HParams."""
    from bench import engines

    engines.measure(report, peers=options.peers)


@_group("fleet_browser")
def _fleet_browser(report: Report, options: argparse.Namespace) -> None:
    """The tab in Chromium over the table of a fleet: `--sizes 1000000`."""
    from bench import fleet_browser

    for size in options.sizes:
        fleet_browser.measure(report, size)


@_group("windows")
def _windows(report: Report, options: argparse.Namespace) -> None:
    """Windows over tables, as a tab above 200,000 versions asks them: `--sizes 1000000`."""
    from bench import windows

    for size in options.sizes:
        windows.measure(report, size)


@_group("hparams")
def _hparams(report: Report, options: argparse.Namespace) -> None:
    """TensorBoard's HParams plugin over the same numbers; 10,000 with --peers."""
    from bench import hparams

    most = 10_000 if options.peers else 1_000
    for size in [size for size in options.sizes if size <= most]:
        hparams.measure(report, size)


@_group("browser")
def _browser(report: Report, options: argparse.Namespace) -> None:
    """Navigation, sorting and scrolling in Chromium."""
    from bench import browser

    for size in options.sizes:
        browser.measure(report, size)


@_group("export")
def _export(report: Report, options: argparse.Namespace) -> None:
    """Exports as one file and as a folder: seconds and bytes."""
    from bench import export

    for size in options.sizes:
        export.measure(report, size)


@_group("comparing")
def _comparing(report: Report, _options: argparse.Namespace) -> None:
    """The comparison of 30 versions, and the charts over 10,000, in Chromium."""
    from bench import comparing

    comparing.measure(report)


@_group("curves")
def _curves(report: Report, _options: argparse.Namespace) -> None:
    """Curves from event files: a run of 1,000,000 points and one more, and 10,000 short runs."""
    from bench import curves

    curves.measure(report)


@_group("stores")
def _stores(report: Report, _options: argparse.Namespace) -> None:
    """Promoting and looking in an object store, compared with one conditional put."""
    from bench import stores

    stores.measure(report)


def _sizes(text: str) -> list[int]:
    return sorted({int(word.replace("_", "")) for word in text.split(",")})


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures; returns 1 if a figure is beyond its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=list(SIZES), help="numbers of versions (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="NAME", help=_help())
    parser.add_argument("--peers", action="store_true", help="install MLflow; HParams at 10,000, which takes minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write machine, date and figures there")
    options = parser.parse_args(arguments)
    say(f"{dict(machine())}")
    report = Report()
    for name in options.only:
        say(f"== {name}: {GROUPS[name][0]}")
        GROUPS[name][1](report, options)
    say("\n" + report.table())
    if options.json:
        report.save(options.json)
    return 1 if any(figure.ok is False for figure in report.figures) else 0


def _help() -> str:
    return " ".join(f"{name}: {doc}" for name, (doc, _) in GROUPS.items())


if __name__ == "__main__":
    raise SystemExit(main())
