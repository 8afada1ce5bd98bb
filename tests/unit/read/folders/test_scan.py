from __future__ import annotations

import os
import shutil
import stat as kinds
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.read.folders import scan
from tb_versions.read.folders.scan import Found, Root, Scanner


def version(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / MANIFEST_NAME).write_text("{}")
    return path


def relative(found: Found) -> list[str]:
    return [place.relative for place in found.manifests]


def root(path: Path, kind: str = "models_dir") -> Root:
    return Root(str(path), path.name, kind)


def test_versions_are_found_in_natural_order(tmp_path: Path) -> None:
    for name in ("b/2", "b/10", "b/1", "a/x/3", "c"):
        version(tmp_path / name)
    found = Scanner([root(tmp_path)]).scan()
    assert relative(found) == ["a/x/3", "b/1", "b/2", "b/10", "c"]
    assert found.manifests[0].folder == str(tmp_path / "a/x/3")
    assert found.manifests[0].shown == f"{tmp_path.name}/a/x/3"
    assert found.problems == []


def test_a_scan_may_stop_at_the_newest_few(tmp_path: Path) -> None:
    for name in ("a/1", "b/2", "b/10", "b/1"):
        version(tmp_path / name)
    scanner = Scanner([root(tmp_path)])
    first = scanner.scan(enough=2)
    assert (relative(first), first.complete) == (["b/10", "b/2"], False)
    rest = scanner.scan()
    assert (relative(rest), rest.complete) == (["a/1", "b/1", "b/2", "b/10"], True)
    assert relative(scanner.scan(enough=1)) == ["b/10"]
    assert scanner.scan(enough=5).complete


def test_a_version_and_a_saved_model_are_not_entered(tmp_path: Path) -> None:
    version(version(tmp_path / "m" / "1") / "inner")
    (tmp_path / "m" / "2" / "deeper").mkdir(parents=True)
    (tmp_path / "m" / "2" / "saved_model.pb").write_text("")
    version(tmp_path / "m" / "2" / "deeper" / "1")
    found = Scanner([root(tmp_path)]).scan()
    assert relative(found) == ["m/1"]
    assert [place.relative for place in found.unregistered] == ["m/2"]


def test_what_lies_too_deep_is_not_found_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_DEPTH", 3)
    version(tmp_path / "a" / "b" / "1")
    version(tmp_path / "a" / "b" / "c" / "1")
    found = Scanner([root(tmp_path)]).scan()
    assert relative(found) == ["a/b/1"]
    assert found.problems == [
        (f"{tmp_path.name}/a/b/c", "too deep or too many folders; what is below was not searched.")
    ]


def test_hidden_folders_are_not_entered(tmp_path: Path) -> None:
    version(tmp_path / ".versions" / "tmp" / "1")
    version(tmp_path / "m" / ".tmp-1")
    assert relative(Scanner([root(tmp_path)]).scan()) == []


@pytest.mark.parametrize("above", ["m", ".", "a"])
@pytest.mark.parametrize("kind", ["manifest", "empty", "folder", "symlink"])
def test_a_manifest_above_versions_hides_none_and_is_reported(tmp_path: Path, above: str, kind: str) -> None:
    tmp_path /= "2026"
    folders = [version(tmp_path / name) for name in ("a/m/1", "a/m/2", "m/1", "m/10", "n")]
    top = tmp_path / above
    made = top / MANIFEST_NAME
    actions: dict[str, Callable[[], object]] = {
        "manifest": lambda: made.write_text("{}"),
        "empty": made.touch,
        "folder": made.mkdir,
        "symlink": lambda: made.symlink_to(folders[0] / MANIFEST_NAME),
    }
    actions[kind]()
    scanner = Scanner([root(tmp_path)])
    for found in (scanner.scan(), scanner.scan()):
        assert relative(found) == ["a/m/1", "a/m/2", "m/1", "m/10", "n"]
        ((where, why),) = found.problems
        assert os.path.normpath(where) == os.path.normpath(os.path.join("2026", above))
        assert "versions lie in this folder" in why
    (top / MANIFEST_NAME).rmdir() if kind == "folder" else (top / MANIFEST_NAME).unlink()
    assert scanner.scan().problems == []


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_saved_model_above_versions_hides_none(tmp_path: Path, kind: str) -> None:
    version(tmp_path / "m" / "1")
    (tmp_path / "m" / "variables").mkdir()
    version(tmp_path / "m" / "variables" / "no")
    model = tmp_path / "m" / "saved_model.pb"
    model.touch() if kind == "file" else model.mkdir()
    found = Scanner([root(tmp_path)]).scan()
    assert relative(found) == ["m/1"] if kind == "file" else ["m/1", "m/variables/no"]
    assert [place.relative for place in found.unregistered] == ["m"] * (kind == "file")


def test_a_version_without_a_number_stays_one_if_only_its_own_folders_are_in_it(tmp_path: Path) -> None:
    for name in ("variables", "assets", "assets.extra", "tokenizer"):
        (version(tmp_path / name / "run" / "export") / name / "deep").mkdir(parents=True)
    found = Scanner([root(tmp_path)]).scan()
    assert (len(found.manifests), found.problems) == (4, [])


def test_the_root_itself_may_be_a_version(tmp_path: Path) -> None:
    version(tmp_path / "m")
    assert relative(Scanner([root(tmp_path / "m")]).scan()) == [""]


def test_changes_are_seen(tmp_path: Path) -> None:
    version(tmp_path / "m" / "1")
    scanner = Scanner([root(tmp_path)])
    assert relative(scanner.scan()) == ["m/1"]
    version(tmp_path / "m" / "2")
    assert relative(scanner.scan()) == ["m/1", "m/2"]
    shutil.rmtree(tmp_path / "m" / "1")
    assert relative(scanner.scan()) == ["m/2"]
    (tmp_path / "m").rename(tmp_path / "n")
    assert relative(scanner.scan()) == ["n/2"]
    (tmp_path / "n" / "2" / MANIFEST_NAME).unlink()
    scanner.forget(str(tmp_path / "n" / "2"))
    assert relative(scanner.scan()) == []


def test_symlinks_are_not_followed_and_those_out_are_counted(tmp_path: Path) -> None:
    version(tmp_path / "outside" / "1")
    version(tmp_path / "models" / "m" / "1")
    (tmp_path / "models" / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "models" / "inside").symlink_to(tmp_path / "models" / "m")
    (tmp_path / "models" / "loop").symlink_to(tmp_path / "models")
    (tmp_path / "models" / "dangling").symlink_to(tmp_path / "nothing")
    found = Scanner([root(tmp_path / "models")]).scan()
    assert relative(found) == ["m/1"]
    assert [where for where, _ in found.problems] == ["models/dangling", "models/out"]
    assert found.problems[1][1] == (
        f"is a symlink to {tmp_path}/outside, outside of the folders that are read, and is not followed. "
        "To read what is there, name it as a folder of its own."
    )


@pytest.mark.parametrize(("count", "ending"), [(6, "not followed."), (7, "not followed, like 1 more.")])
def test_the_first_symlinks_are_named_and_the_others_are_counted(tmp_path: Path, count: int, ending: str) -> None:
    for number in range(count):
        (tmp_path / f"link{number}").symlink_to("/a")
    problems = Scanner([root(tmp_path)]).scan().problems
    assert [os.path.basename(where) for where, _ in problems] == [f"link{number}" for number in range(6)]
    assert problems[-1][1].endswith(ending)


def test_hidden_characters_in_a_symlinks_target_are_spelled_out(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/a\u202eb\nc")
    ((_, why),) = Scanner([root(tmp_path)]).scan().problems
    assert "\u202e" not in why
    assert "\n" not in why


def test_a_root_may_be_a_symlink(tmp_path: Path) -> None:
    version(tmp_path / "models" / "m" / "1")
    (tmp_path / "link").symlink_to(tmp_path / "models")
    assert relative(Scanner([root(tmp_path / "link")]).scan()) == ["m/1"]


def test_folders_inside_each_other_are_scanned_once(tmp_path: Path) -> None:
    version(tmp_path / "logs" / "models" / "m" / "1")
    roots = [root(tmp_path / "logs", "logdir"), root(tmp_path / "logs" / "models")]
    for order in (roots, roots[::-1]):
        found = Scanner(order).scan()
        assert [place.folder for place in found.manifests] == [str(tmp_path / "logs/models/m/1")]
        assert set(found.exists.values()) == {True}
    (tmp_path / "same").symlink_to(tmp_path / "logs")
    assert len(Scanner([root(tmp_path / "logs"), root(tmp_path / "same")]).scan().manifests) == 1


def test_a_missing_root_is_told_and_may_come(tmp_path: Path) -> None:
    scanner = Scanner([root(tmp_path / "models")])
    assert scanner.scan().exists == {str(tmp_path / "models"): False}
    version(tmp_path / "models" / "m" / "1")
    assert relative(scanner.scan()) == ["m/1"]


def test_a_folder_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads every folder")
    version(tmp_path / "m" / "1")
    version(tmp_path / "n" / "1")
    (tmp_path / "m").chmod(0)
    try:
        found = Scanner([root(tmp_path)]).scan()
    finally:
        (tmp_path / "m").chmod(0o755)
    assert relative(found) == ["n/1"]
    assert "Permission denied" in found.problems[0][1]


@pytest.mark.parametrize(("after", "is_seen"), [(0, True), (1_999_999_999, True), (2_000_000_001, False)])
def test_a_change_in_the_same_tick_of_the_clock_is_seen(tmp_path: Path, after: int, is_seen: bool) -> None:
    """A folder's time may stay the same for two seconds; listed later than that, only its time is looked at."""
    version(tmp_path / "m" / "1")
    scanner = Scanner([root(tmp_path)])
    scanner.scan()
    version(tmp_path / "m" / "2")
    model = scanner._known[str(tmp_path / "m")]
    model.changed = os.stat(tmp_path / "m").st_ctime_ns  # as if the clock had stood still since it was listed
    model.listed = model.changed + after
    assert ("m/2" in relative(scanner.scan())) is is_seen


def test_a_manifest_that_is_gone_in_the_same_tick_is_missed_at_once(tmp_path: Path) -> None:
    version(tmp_path / "m" / "1")
    scanner = Scanner([root(tmp_path)])
    scanner.scan()
    known = scanner._known[str(tmp_path / "m" / "1")]
    known.listed = known.changed
    (tmp_path / "m" / "1" / MANIFEST_NAME).unlink()
    (tmp_path / "m" / "1" / "saved_model.pb").touch()
    found = scanner.scan()
    assert (relative(found), [place.relative for place in found.unregistered]) == ([], ["m/1"])


def test_an_unchanged_tree_is_not_listed_again(tmp_path: Path) -> None:
    """Only folders that changed within the last two seconds are, for their time may not tell."""
    for number in range(50):
        version(tmp_path / "m" / str(number))
    scanner = Scanner([root(tmp_path)])
    scanner.scan()
    for folder in scanner._known.values():
        folder.listed += 10_000_000_000  # as if the scan had been ten seconds after the change
    listed = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        # What other tests left behind (a thread, a temporary folder that goes now) lists folders of its own meanwhile.
        if watching and event == "os.scandir" and str(arguments[0]).startswith(str(tmp_path)):
            listed.append(arguments[0])

    watching = False
    sys.addaudithook(hook)
    watching = True
    assert len(scanner.scan().manifests) == 50
    watching = False
    assert listed == []


class Clock:
    """The time, which goes on when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0
        wall, steady = time.time_ns, time.monotonic_ns
        monkeypatch.setattr(time, "time_ns", lambda: wall() + self.ahead)
        monkeypatch.setattr(time, "monotonic_ns", lambda: steady() + self.ahead)

    def pass_seconds(self, seconds: float) -> None:
        self.ahead += int(seconds * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(params=["of the mount", "none", "of the first question"])
def still_times(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that never changes a folder's times, whichever it shows instead."""
    first: dict[tuple[int, int], int] = {}
    ask = os.stat

    def stat(path: str, **options: bool) -> object:
        status = ask(path, **options)
        if not kinds.S_ISDIR(status.st_mode):
            return status
        seen = first.setdefault((status.st_dev, status.st_ino), status.st_ctime_ns)
        moment = {"of the mount": 10**18, "none": 0}.get(request.param, seen)
        times = {"st_ctime_ns": moment, "st_mtime_ns": moment, "st_ctime": moment / 1e9, "st_mtime": moment / 1e9}
        fields = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
        return types.SimpleNamespace(**{**fields, **times})

    monkeypatch.setattr(os, "stat", stat)


def saved_model(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "saved_model.pb").touch()


@pytest.mark.usefixtures("still_times")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda models: version(models / "m" / "2"), ["m/1", "m/2"]),
        (lambda models: version(models / "m" / "9"), ["m/1", "m/9"]),
        (lambda models: version(models / "other" / "1"), ["m/1", "other/1"]),
        (lambda models: version(models / "team" / "deep" / "m" / "1"), ["m/1", "team/deep/m/1"]),
        (lambda models: (models / "foreign" / "7" / MANIFEST_NAME).touch(), ["foreign/7", "m/1"]),
        (lambda models: shutil.rmtree(models / "m" / "1"), []),
        (lambda models: (models / "m").rename(models / "n"), ["n/1"]),
    ],
    ids=["a version", "a higher one", "a model", "a folder of models", "a manifest", "removed", "renamed"],
)
def test_what_changes_is_seen_within_seconds_where_times_of_folders_stand_still(
    tmp_path: Path, clock: Clock, change: Callable[[Path], object], expected: list[str]
) -> None:
    models = tmp_path / "models"
    version(models / "m" / "1")
    saved_model(models / "foreign" / "7")
    (models / "team" / "deep").mkdir(parents=True)
    scanner = Scanner([root(models)])
    clock.pass_seconds(5)
    assert relative(scanner.scan()) == ["m/1"]
    clock.pass_seconds(5)
    scanner.scan()
    change(models)
    clock.pass_seconds(2.5)
    assert relative(scanner.scan()) == expected


@pytest.mark.usefixtures("still_times")
def test_once_times_were_seen_to_stand_still_every_scan_lists(tmp_path: Path, clock: Clock) -> None:
    scanner = Scanner([root(tmp_path)])
    version(tmp_path / "m" / "1")
    clock.pass_seconds(5)
    scanner.scan()
    version(tmp_path / "m" / "2")
    clock.pass_seconds(2.5)
    scanner.scan()
    version(tmp_path / "m" / "3")
    assert relative(scanner.scan()) == ["m/1", "m/2", "m/3"]


def test_where_times_change_they_are_trusted(tmp_path: Path, clock: Clock) -> None:
    scanner = Scanner([root(tmp_path)])
    for number in range(1, 5):
        version(tmp_path / "m" / str(number))
        clock.pass_seconds(3)
        assert len(scanner.scan().manifests) == number
    assert scanner._relisting.still == set()


def test_listing_again_takes_a_small_share_of_the_time_and_passes_over_no_folder(tmp_path: Path, clock: Clock) -> None:
    """Each listing takes a second here, as over a slow network: 20 folders take 400 seconds, in turns."""
    for number in range(20):
        (tmp_path / f"m{number}").mkdir()
    scanner = Scanner([root(tmp_path)])
    clock.pass_seconds(5)
    scanner.scan()
    listed: list[str] = []
    look = scanner._is_as_known

    def slowly(path: str, known: object) -> bool:
        listed.append(path)
        with scanner._relisting.spending():
            clock.pass_seconds(1)
        return look(path, known)  # type: ignore[arg-type]

    scanner._is_as_known = slowly  # type: ignore[method-assign, assignment]
    for _ in range(50):
        clock.pass_seconds(9)
        scanner.scan()
    assert 20 <= len(listed) <= 27
    assert len(set(listed[:21])) == 21
