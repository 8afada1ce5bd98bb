"""Versions are linked to their runs by identity, wherever these are, and else by name and announcement."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from msgspec.structs import replace
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.core.run_identity import identity_in
from tb_versions.read.announced import announced_in
from tb_versions.read.catalog import Version, identify
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.runs.identities import RunIdentities
from tb_versions.read.runs.run_links import RunLinker, parent_run
from tb_versions.read.runs.run_names import RunNames

ROOT = Root("/models", "models", "models_dir")


def record(number: int = 1, **fields: Any) -> Version:
    listing = read_listing(orjson.dumps({"schemaVersion": 1, "model": "m", "number": str(number), **fields}))
    return Version(
        model="m",
        number=number,
        listing=listing,
        manifest_digest=f"sha256:{number:064x}",
        held_in=Place(ROOT, f"/models/m/{number}"),
        state="present",
    )


def announced(run: str, **fields: Any) -> Version:
    made = record(**fields)
    found = announced_in(run, "versions/m/1", ("m", 1), digest=made.manifest_digest, location="", wall_time=0.0)
    return replace(made, held_in=(), announcements=found, state="missing")


def link(version: Version, known: Sequence[str]) -> Version:
    (found,) = map(RunLinker(known).link, identify([version]))
    return found


def linked(version: Version, *known: str) -> list[tuple[str, bool]]:
    found = link(version, known)
    return [(run.name, run.known) for run in found.runs]


def test_runs_are_found_as_named_or_by_their_tail() -> None:
    version = record(runs=[{"name": "cnn/train", "step": "3"}])
    assert linked(version, "cnn/train", "x/cnn/train") == [("cnn/train", True)]
    assert linked(version, "2026/cnn/train", "other") == [("2026/cnn/train", True)]
    assert linked(version, "a/cnn/train", "b/cnn/train") == [("cnn/train", False)]
    assert linked(version, "train") == [("train", True)]
    assert linked(version) == [("cnn/train", False)]


def test_the_run_that_holds_the_announcement_comes_first() -> None:
    version = announced("moved/train", runs=[{"name": "train", "step": "3"}, {"name": "val"}])
    assert linked(version, "moved/train", "val") == [("moved/train", True), ("val", True)]
    assert link(version, ["moved/train"]).runs[0].step == 3


def test_a_run_of_announcements_stands_for_the_run_above() -> None:
    assert parent_run("cnn/versions") == "cnn"
    assert parent_run("versions") == "."
    assert parent_run("cnn/my-versions") == "cnn/my-versions"
    assert linked(announced("cnn/versions"), "cnn", "cnn/versions") == [("cnn", True)]
    assert linked(announced("versions"), ".", "versions") == [(".", True)]


@pytest.mark.parametrize(
    ("announcing", "named", "known", "expected"),
    [
        ("x/versions", "logs/x", ["x", "x/versions"], ["x"]),
        ("x/versions", "logs/x", ["x/train", "x/validation", "x/versions"], ["x/train", "x/validation"]),
        ("8/x/versions", "logs/x", ["7/x", "8/x", "logs/x", "8/x/versions"], ["8/x", "logs/x"]),
        ("x/versions", "logs/x", ["x/versions"], ["x/versions"]),
        ("versions", "tmp/logs", [".", "versions"], ["."]),
    ],
)
def test_a_version_is_linked_to_the_run_that_announces_it(
    announcing: str, named: str, known: list[str], expected: list[str]
) -> None:
    version = link(announced(announcing, runs=[{"name": named, "step": 3}]), known)
    assert [run.name for run in version.runs] == expected
    assert all(run.known for run in version.runs)


def begin(logs: Path, *runs: str) -> None:
    """Begins runs, as different trainings do."""
    for run in runs:
        EventFileWriter(str(logs / run)).close()


def of(logs: Path, *runs: str, **more: Any) -> list[dict[str, Any]]:
    """Runs as a manifest has them, with the identities that they have now."""
    return [{"name": run, "identity": identity_in(str(logs / run)), **more} for run in runs]


def found_in(logs: Path, *versions: Version) -> list[Version]:
    """The versions with their runs, where TensorBoard knows every folder of event files."""
    known = tuple(sorted(str(path.parent.relative_to(logs)) for path in logs.rglob("*tfevents*")))
    identities = RunIdentities(roots_of(str(logs)))
    identities.refresh(known)
    linker, names = RunLinker(known, identities), RunNames()
    names.replace((), versions)
    linker.contested = frozenset(names.contested)
    return [linker.link(version) for version in identify(versions)]


def linked_in(logs: Path, version: Version) -> tuple[list[tuple[str, bool]], str]:
    (found,) = found_in(logs, version)
    return [(run.name, run.known) for run in found.runs], found.notice


def test_of_two_runs_with_one_name_the_right_one_is_linked(tmp_path: Path) -> None:
    begin(tmp_path, "exp1/tb/train", "exp2/tb/train", "exp2/tb/validation")
    for experiment in ("exp1", "exp2"):
        runs = of(tmp_path / experiment, "tb/train")
        assert linked_in(tmp_path, record(runs=runs)) == ([(f"{experiment}/tb/train", True)], "")
    runs = of(tmp_path / "exp2", "tb/train", "tb/validation", step="3")
    (found,) = found_in(tmp_path, record(runs=runs))
    assert [(run.name, run.step) for run in found.runs] == [("exp2/tb/train", 3), ("exp2/tb/validation", 3)]


def test_another_run_of_the_name_is_not_linked_and_the_version_says_so(tmp_path: Path) -> None:
    begin(tmp_path / "old", "tb/train")
    begin(tmp_path / "new", "tb/train")
    (run,) = of(tmp_path / "old", "tb/train", step="3")
    version = record(runs=[run])
    ((name, known),), notice = linked_in(tmp_path / "new", version)
    assert (name, known) == (f"tb~{run['identity'][7:15]}/train", False)
    assert notice == "tb/train here is another run of that name."
    assert found_in(tmp_path / "new", version)[0].step == 3


def test_a_folder_that_was_emptied_and_used_again_is_another_run(tmp_path: Path) -> None:
    begin(tmp_path, "a/train", "a/validation")
    version = record(runs=of(tmp_path, "a/train", "a/validation"))
    assert [known for _, known in linked_in(tmp_path, version)[0]] == [True, True]
    shutil.rmtree(tmp_path / "a")
    begin(tmp_path, "a/train", "a/validation")
    runs, notice = linked_in(tmp_path, version)
    assert [known for _, known in runs] == [False, False]
    assert notice == "a/train, a/validation here are other runs of that name."


@pytest.mark.parametrize(("before", "after"), [("a", "b"), ("a", "2026/x/a"), ("x/a", "a"), ("a/train", "b/fit")])
def test_a_run_that_was_moved_is_linked_under_its_present_name(tmp_path: Path, before: str, after: str) -> None:
    begin(tmp_path, before, "other")
    version = record(runs=of(tmp_path, before))
    (tmp_path / after).parent.mkdir(parents=True, exist_ok=True)
    os.rename(tmp_path / before, tmp_path / after)
    assert linked_in(tmp_path, version) == ([(after, True)], "")
    begin(tmp_path, before)  # a new run in the old place
    assert linked_in(tmp_path, version) == ([(after, True)], "")


def test_of_copies_the_one_whose_name_fits_is_linked(tmp_path: Path) -> None:
    begin(tmp_path, "a/train")
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    assert linked_in(tmp_path, record(runs=of(tmp_path, "a/train"))) == ([("a/train", True)], "")
    assert linked_in(tmp_path, announced("copy/train", runs=of(tmp_path, "a/train"))) == ([("a/train", True)], "")


def test_of_copies_with_other_names_the_one_that_announces_is_linked(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    runs = of(tmp_path, "a")
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    os.rename(tmp_path / "a", tmp_path / "b")
    assert linked_in(tmp_path, announced("c", runs=runs)) == ([("c", True)], "")


def test_copies_that_nothing_tells_apart_are_said_to_be_copies(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    version = record(runs=of(tmp_path, "a"))
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    os.rename(tmp_path / "a", tmp_path / "b")
    said = "Its run is here more than once (b, c); copies can't be told apart, so none is linked."
    assert linked_in(tmp_path, version) == ([("a", False)], said)
    both = found_in(tmp_path, announced("b", runs=of(tmp_path, "b")))
    assert [run.name for run in both[0].runs] == ["b"]


def test_copies_in_two_folders_of_one_name_are_copies_too(tmp_path: Path) -> None:
    begin(tmp_path, "x/tb")
    shutil.copytree(tmp_path / "x", tmp_path / "y")
    runs, notice = linked_in(tmp_path, record(runs=of(tmp_path / "x", "tb")))
    assert runs == [("tb", False)]
    assert "x/tb, y/tb" in notice


def test_without_an_identity_on_either_side_the_name_decides(tmp_path: Path) -> None:
    begin(tmp_path, "a", "b")
    assert linked_in(tmp_path, record(runs=[{"name": "a"}])) == ([("a", True)], "")
    runs = of(tmp_path, "b", step="3")
    for known, name in ((["b"], "b"), (["x/b"], "x/b")):  # as from a remote log directory
        assert [run.name for run in link(record(runs=runs), known).runs] == [name]


def test_an_unknown_run_is_not_mixed_with_another_of_its_name(tmp_path: Path) -> None:
    begin(tmp_path / "1", "tb/train")
    begin(tmp_path / "2", "tb/train")
    (tmp_path / "logs").mkdir()
    runs = [of(tmp_path / folder, "tb/train") for folder in ("1", "2")]
    first, again, second = found_in(
        tmp_path / "logs", record(1, runs=runs[0]), record(2, runs=runs[0]), record(3, runs=runs[1])
    )
    assert first.runs == again.runs != second.runs
    assert not any(run.known for version in (first, second) for run in version.runs)
    assert linked_in(tmp_path / "logs", record(1, runs=runs[0]))[0] == [("tb/train", False)]


def test_another_run_beside_an_announcement_is_not_the_run_that_is_announced(tmp_path: Path) -> None:
    """The run's folders were emptied, and the folder of announcements stayed."""
    begin(tmp_path, "x/train", "x/versions")
    version = announced("x/versions", runs=of(tmp_path, "x/train"))
    assert linked_in(tmp_path, version) == ([("x/train", True)], "")
    shutil.rmtree(tmp_path / "x/train")
    begin(tmp_path, "x/train")
    assert [known for _, known in linked_in(tmp_path, version)[0]] == [False]


def test_a_run_that_announces_what_another_made_is_linked_first(tmp_path: Path) -> None:
    begin(tmp_path, "train", "evaluation")
    version = announced("evaluation", runs=of(tmp_path, "train"))
    assert linked_in(tmp_path, version)[0] == [("evaluation", True), ("train", True)]


@pytest.mark.parametrize("identity", ["sha256:x", "x" * 71, "SHA256:" + "0" * 64, "../../etc", "sha256:" + "0" * 63])
def test_what_is_no_identity_is_said_and_does_not_count(tmp_path: Path, identity: str) -> None:
    begin(tmp_path, "a")
    runs, notice = linked_in(tmp_path, record(runs=[{"name": "a", "identity": identity}]))
    assert runs == [("a", True)]
    assert notice == "The identity of a run is malformed; its name decides."
