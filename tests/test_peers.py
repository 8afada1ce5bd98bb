"""The peers that the benchmarks compare with do what the figures say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.peers.mlflow import Registry


@pytest.mark.client("mlflow")
def test_mlflow_creates_versions_and_tells_their_time(client_python: Path, tmp_path: Path) -> None:
    with Registry(client_python, tmp_path / "mlflow", existing=2) as registry:
        assert registry.create_version().wall > 0
        assert registry.record_everything().wall > 0
