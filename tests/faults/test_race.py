"""Many writers of one model at once: no version is lost and no number is given twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.conftest import Zygote
from tests.faults.judge import litter, whole_versions

pytestmark = [pytest.mark.faults]


def test_16_processes_publish_50_versions_each(zygote: Zygote, source: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    arguments = {"source": str(source), "models": str(models), "count": 50}
    pids = [
        zygote.ask(do="fork", task="publish_many", arguments={**arguments, "writer": str(turn)})["pid"]
        for turn in range(16)
    ]
    zygote.ask(do="release", pids=pids)
    ends = [zygote.ask(do="end", pid=pid) for pid in pids]
    told = [number for end in ends for number in end["result"]["value"]]
    errors = [end["result"]["error"] for end in ends if end["result"]["error"]]
    versions = whole_versions(models / "digits")
    print(
        f"16 processes × 50 versions: {len(versions)} kept, numbers {min(versions)} to {max(versions)}, "
        f"{len(set(told))} different ones told, {len(errors)} errors"
    )
    assert errors == []
    assert sorted(told) == sorted(versions) == list(range(1, 801))
    for turn, end in enumerate(ends):
        assert {versions[number].labels["writer"] for number in end["result"]["value"]} == {str(turn)}
    assert litter(models / "digits") == []
