"""Everything is on disk before it is visible, and a disk that fails or is full loses nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Zygote
from tests.faults.judge import CALLS, litter, points_of, tree, whole_versions

pytestmark = [pytest.mark.faults]

ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT")


@pytest.mark.usefixtures("strace")
def test_everything_is_on_disk_before_it_is_visible_and_the_name_after(
    zygote: Zygote, source: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    end, log = zygote.traced(["-e", "trace=fsync,rename"], "publish", source=str(source), models=str(models))
    assert end["result"]["value"] == 1
    events = [
        (match[1], match[2])
        for line in log.splitlines()
        if (match := re.search(r'(fsync|rename)\((?:\d+<)?"?([^">,]+)', line))
    ]
    # The first rename is of a small folder, which tells whether folders can be renamed there.
    moment = [index for index, (call, _) in enumerate(events) if call == "rename"][-1]
    built = events[moment][1]
    synced = {path.removeprefix(built).lstrip("/") for _, path in events[:moment]}
    assert {"weights.bin", "variables/index", "variables", "version_manifest.json", ""} <= synced
    order = [path.removeprefix(built) for _, path in events[:moment]]
    assert order.index("/weights.bin") < order.index("/version_manifest.json"), "the manifest is last"
    assert order[-1] == "", "the folder's own names are on disk before the rename"
    assert ("fsync", str(models / "digits")) in events[moment:]
    print(f"{moment} fsyncs before the rename, of every file and folder; the model's folder after it")


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_an_error_at_any_system_call_is_told_and_changes_nothing(
    zygote: Zygote, source: Path, tmp_path: Path, strict: bool, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    models = tmp_path / "models"
    arguments = {"source": str(source), "models": str(models), "strict": strict}
    assert zygote.here("publish", **arguments) == 1
    _, log = zygote.traced(["-e", f"trace={CALLS}"], "publish", **arguments)
    points = [(call, n, error) for call, n in points_of(log) if call != "close" for error in ERRORS]
    published = refused = 0
    for call, count, error in sample(points, 70):
        before = tree(models)
        options = ["-e", f"trace={CALLS}", "-e", f"inject={call}:error={error}:when={count}"]
        end, _ = zygote.traced(options, "publish", **arguments)
        result = end["result"]
        what = f"{call} {count} {error}: {result}"
        assert end["status"] == 0, what
        assert result["expected"], what
        if result["value"] is None:
            refused += 1
            told = [result["error"]] if strict else result["warnings"]
            assert len(told) == 1, what
            assert "Error: " in told[0] if strict else told[0].startswith("TbVersionsWarning: "), what
            assert "Traceback" not in told[0], what
            in_place = "is in place" in told[0]
            assert in_place or tree(models) == before, what
        else:
            published += 1
        assert zygote.here("publish", **arguments) > max(map(int, (name.split("/")[1] for name in before)))
        assert litter(models / "digits") == [], what
    whole_versions(models / "digits")
    print(f"{'strict' if strict else 'lenient'}: {refused} errors told in one sentence, {published} harmless; 0 damage")
    assert refused > 20


def test_a_file_size_limit_gives_one_warning(zygote: Zygote, source: Path, tmp_path: Path) -> None:
    (source / "big.bin").write_bytes(bytes(1 << 20))
    models = tmp_path / "models"
    end = zygote.forked("limited", source=str(source), models=str(models), limit=1 << 16)
    assert end["status"] == 0
    assert end["result"]["value"] is None
    (warning,) = end["result"]["warnings"]
    assert "File too large" in warning
    assert tree(models) == {}
    assert litter(models / "digits") == []
    assert zygote.here("publish", source=str(source), models=str(models)) == 1


def test_a_full_disk_gives_one_warning_and_publishing_goes_on_once_there_is_room(
    zygote: Zygote, source: Path, small_disk: Path
) -> None:
    (source / "big.bin").write_bytes(bytes(200_000))
    arguments = {"source": str(source), "models": str(small_disk / "models")}
    numbers = []
    for _ in range(10):
        result = zygote.forked("publish", **arguments)["result"]
        if result["value"] is None:
            break
        numbers.append(result["value"])
    digits = small_disk / "models" / "digits"
    (warning,) = result["warnings"]
    assert "bytes free on the disk of" in warning or "No space left on device" in warning
    assert sorted(whole_versions(digits)) == numbers == list(range(1, len(numbers) + 1))
    assert litter(digits) == []
    shutil.rmtree(digits / "1")
    assert zygote.here("publish", **arguments) > max(numbers)
    print(f"disk full after {len(numbers)} versions: one warning, all whole; goes on once there is room")
