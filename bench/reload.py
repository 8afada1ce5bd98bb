"""Reloads, and encoding of the table, in a process that does nothing else but ask TensorBoard's data server."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from bench.figures import Report, Sample, interleave, peer, timed
from bench.launch import hide_tensorflow
from bench.make_data import ROOT, Data, ensure, one_more

LIMIT = 0.1
LIMITED_TO = 10_000


def measure(report: Report, size: int) -> None:
    """Adds the figures of reloading at one size; measures in a new process."""
    ensure(size)
    command = [sys.executable, "-m", "bench.reload", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, cwd=ROOT)
    samples = {name: [Sample(**each) for each in found] for name, found in json.loads(done.stdout).items()}
    least = peer("scandir + stat of every version's folder", samples.pop("scan_and_stat"))
    limit = LIMIT if size <= LIMITED_TO else None
    limit_of = "a reload when nothing changed" if limit else ""
    for name, found in samples.items():
        limited = name == "unchanged"
        report.add(
            f"reload.{name}",
            found,
            limit=limit if limited else None,
            limit_of=limit_of if limited else "",
            peer=least if limited else None,
            versions=size,
            note=_NOTES.get(name, ""),
        )


_NOTES = {
    "unchanged": "a whole reload: disk, event files, files of 200 versions, curves",
    "unchanged_disk": "only looking for manifests",
    "unchanged_events": "only asking the data server for announcements and runs",
    "one_more": "the catalog after one more version",
    "first": "everything read, nothing known before",
    "first_check": "names and sizes of every version's files",
    "first_curves": "curves of every run",
    "encode": "the whole table, nothing known before: columns, JSON, gzip",
    "encode_one_more": "the answer for who has the table, after one more version",
    "encode_same": "a new catalog that says the same",
}


@contextmanager
def _provider(data: Data) -> Iterator[Any]:
    """TensorBoard's data server over the log directory, everything loaded."""
    from tensorboard.data import server_ingester
    from tensorboard.util import grpc_util

    ingester = server_ingester.SubprocessServerDataIngester(
        server_ingester.get_server_binary(),
        str(data.logs),
        reload_interval=5,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
    )
    ingester.start()
    yield ingester.data_provider


def _wait_for_announcements(reader: Any, data: Data) -> None:
    while sum(1 for version in reader.refresh().versions if version.announced) < data.count:
        pass


def _once(work: Any) -> list[Sample]:
    return [timed(work)()]


def _scan_and_stat(data: Data) -> None:
    """Looks at every version's folder: the least that a check for changes must do."""
    for model in os.scandir(data.models):
        for entry in os.scandir(model.path):
            os.stat(entry.path)


def _samples(data: Data, runs: int) -> dict[str, list[Sample]]:
    from tb_versions.read.folders.roots import roots_of
    from tb_versions.read.reader import CatalogReader

    result: dict[str, list[Sample]] = {}
    with _provider(data) as provider:
        reader = CatalogReader(roots_of(str(data.logs), [str(data.models)]), provider)
        result["first"] = _once(reader.refresh)
        _wait_for_announcements(reader, data)
        result["first_check"] = _once(reader.check)
        result["first_curves"] = _once(reader.refresh_curves)
        disk = CatalogReader(roots_of("", [str(data.models)]))
        disk.refresh()

        def round_() -> None:
            reader.refresh()
            reader.check(at_most=200)
            reader.refresh_curves()

        scan, unchanged, alone, events = interleave(
            runs,
            timed(lambda: _scan_and_stat(data)),
            timed(round_),
            timed(disk.refresh),
            timed(reader._listen),
            warm_up=2,
        )
        result.update(scan_and_stat=scan, unchanged=unchanged, unchanged_disk=alone, unchanged_events=events)
        result["one_more"] = []
        for _ in range(3):
            with one_more(data):
                result["one_more"] += _once(reader.refresh)
            reader.refresh()
        result.update(_encoding(reader.catalog))
    return result


def _whole(catalog: Any) -> bytes:
    from tb_versions.payload import TableEncoder

    return TableEncoder().encode(catalog).whole.gzipped()


def _encoding(catalog: Any) -> dict[str, list[Sample]]:
    from msgspec.structs import replace

    from tb_versions.payload import TableEncoder

    last = catalog.versions[-1]
    more = dataclasses.replace(catalog, versions=(*catalog.versions, replace(last, id=f"{last.id}~more")))
    encoder = TableEncoder()
    before = encoder.encode(catalog).revision

    def one_more() -> None:
        encoder.encode(more).without(encoder.digests_at(before)).gzipped()

    result: dict[str, list[Sample]] = {"encode": [], "encode_one_more": [], "encode_same": []}
    for _ in range(3):
        result["encode"] += _once(lambda: _whole(catalog))
        result["encode_one_more"] += _once(one_more)
        encoder.encode(catalog)
        same = dataclasses.replace(catalog, versions=tuple(replace(version) for version in catalog.versions))
        result["encode_same"] += _once(lambda same=same: encoder.encode(same))
    return result


def main() -> None:
    """Measures at one size and prints the samples."""
    hide_tensorflow()
    size = int(sys.argv[1])
    found = _samples(ensure(size), runs=9 if size <= LIMITED_TO else 3)
    print(json.dumps({name: [asdict(sample) for sample in samples] for name, samples in found.items()}))


if __name__ == "__main__":
    main()
