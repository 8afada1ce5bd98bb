"""TensorBoard's HParams plugin with as many session groups as we have versions."""

from __future__ import annotations

import json
import time
from typing import Any

from bench.figures import Report, Sample
from bench.make_data import ensure_hparams
from bench.server import Server, tensorboard

ROUTE = "/data/plugin/hparams/"


def _ask(server: Server, route: str, request: dict[str, Any]) -> Any:
    return json.loads(_gunzipped(server.get(ROUTE + route, body=json.dumps(request).encode())))


def _gunzipped(answer: Any) -> bytes:
    import gzip

    body: bytes = answer.body
    return gzip.decompress(body) if answer.headers.get("content-encoding") == "gzip" else body


def _table(server: Server, count: int) -> tuple[int, int, Sample]:
    """Asks for all rows as HParams' own table does; returns their number, the bytes, and the time of both requests."""
    began, cpu = time.perf_counter(), server.cpu()
    experiment = _ask(server, "experiment", {"experimentName": ""})
    columns = [{"hparam": info["name"]} for info in experiment.get("hparamInfos", [])]
    columns += [{"metric": info["name"]} for info in experiment.get("metricInfos", [])]
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    request = {"experimentName": "", "allowedStatuses": statuses, "colParams": columns, "startIndex": 0}
    answer = server.get(ROUTE + "session_groups", body=json.dumps({**request, "sliceSize": count}).encode())
    groups = json.loads(_gunzipped(answer)).get("sessionGroups", [])
    complete = [group for group in groups if len(group.get("metricValues", [])) >= 20]
    return len(complete), len(answer.body), Sample(time.perf_counter() - began, server.cpu() - cpu)


def best(report: Report, size: int, *, patience: float = 600) -> list[Sample]:
    """Asks for the ten best by a metric, three times, once all are read; returns none where they are not in time."""
    folder = ensure_hparams(size)
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    request: dict[str, Any] = {"experimentName": "", "allowedStatuses": statuses, "startIndex": 0, "sliceSize": 10}
    with tensorboard(folder / "logs", plugins="without", wait=patience) as server:
        end = time.perf_counter() + patience
        while _table(server, size)[0] < size:
            if time.perf_counter() > end:
                report.skip(f"HParams at {size:,}", f"not all rows after {patience:.0f} s")
                return []
        metric = _ask(server, "experiment", {"experimentName": ""})["metricInfos"][0]["name"]
        request["colParams"] = [{"metric": metric, "order": "ORDER_DESC"}]
        samples = []
        for _ in range(3):
            began, cpu = time.perf_counter(), server.cpu()
            groups = _ask(server, "session_groups", request)["sessionGroups"]
            assert len(groups) == 10
            samples.append(Sample(time.perf_counter() - began, server.cpu() - cpu))
    return samples


def measure(report: Report, size: int, *, patience: float = 600) -> None:
    """Adds the peer's figures at one size."""
    folder = ensure_hparams(size)
    with tensorboard(folder / "logs", plugins="without", wait=patience) as server:
        end = time.perf_counter() + patience
        rows = 0
        while rows < size:
            if time.perf_counter() > end:
                report.skip(f"hparams at {size:,}", f"only {rows:,} rows after {patience:.0f} s")
                return
            rows, length, _ = _table(server, size)
        first = Sample(time.perf_counter() - server.answered, server.cpu() - (server.start.cpu or 0))
        warm = [_table(server, size)[2] for _ in range(3)]
    report.add("hparams.all_rows", [first], versions=size, note="HParams: from TensorBoard's first answer")
    report.add("hparams.warm", warm, versions=size, note="HParams: experiment and session_groups")
    report.add("hparams.bytes", [float(length)], unit="bytes", versions=size)
