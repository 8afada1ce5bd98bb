from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.read.scan import Found, Root, Scanner


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


def test_hidden_folders_are_not_entered(tmp_path: Path) -> None:
    version(tmp_path / ".versions" / "tmp" / "1")
    version(tmp_path / "m" / ".tmp-1")
    assert relative(Scanner([root(tmp_path)]).scan()) == []


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
    assert found.problems == [("models/dangling", "2 symlinks out of the allowed folders not followed.")]


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
    import sys

    for number in range(50):
        version(tmp_path / "m" / str(number))
    scanner = Scanner([root(tmp_path)])
    scanner.scan()
    for folder in scanner._known.values():
        folder.listed += 10_000_000_000  # as if the scan had been ten seconds after the change
    listed = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "os.scandir":
            listed.append(arguments[0])

    watching = False
    sys.addaudithook(hook)
    watching = True
    assert len(scanner.scan().manifests) == 50
    watching = False
    assert listed == []
