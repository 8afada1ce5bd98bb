"""Trains a version again: work tree, environment, command, and the version that came of it beside the first one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tb_versions.comparison.loading import compare
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, VersionManifest, shown, visible
from tb_versions.core.storage import read_capped
from tb_versions.errors import RefusedError, TbVersionsError
from tb_versions.read.catalog import Version
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reuse.api import folder_of_files, here
from tb_versions.read.reuse.golden_outputs import golden_file
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.trust.reproducing.against import RELATIVE, Against, Files, compare_with
from tb_versions.trust.reproducing.at_hand import AtHand
from tb_versions.trust.reproducing.environments import CURRENT, existing_python, make_environment, why_not_fresh
from tb_versions.trust.reproducing.plan import ENVIRONMENT, TREE, Plan
from tb_versions.trust.reproducing.running import SECONDS, Ran, environment_of, run_command
from tb_versions.trust.reproducing.worktree import check_repository, make_tree

LOG = "log.txt"
"""File with the command's output."""

_SKIPPED = frozenset({".git", ENVIRONMENT, "home"})


@dataclass(frozen=True)
class How:
    """What the user decides; nothing of it comes from a manifest.

    Attributes:
        repository: Address or folder to clone; "" is the repository of the current folder.
        environment: Folder of an environment to use, or "current"; "" makes a fresh one.
        python: Path or version of Python for a fresh one; "" is the recorded version.
        packages: Folders or wheels in place of recorded packages, by name.
        arguments: In place of the recorded ones; None keeps those.
        passed: Environment variables that the command gets, by name.
        seconds: When it is stopped.
        tolerance: Share by which a metric may differ.
    """

    repository: str = ""
    environment: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] | None = None
    passed: Sequence[str] = ()
    seconds: float = SECONDS
    tolerance: float = RELATIVE


@dataclass(frozen=True)
class Again:
    """What came of training again.

    Attributes:
        ran: The command.
        notes: Sentences about what was not as in the original.
        made: References of the versions that it published.
        against: The one that corresponds, beside the first one; None where there is none.
        why: Why there is none, a sentence; "".
    """

    ran: Ran
    notes: tuple[str, ...]
    made: tuple[str, ...] = ()
    against: Against | None = None
    why: str = ""


def command_to_run(plan: Plan, how: How) -> tuple[str, ...]:
    """Returns script and arguments as they would run."""
    if how.arguments is None or not plan.command:
        return plan.command
    return (*plan.command[: 2 if plan.command[0] == "-m" else 1], *how.arguments)


def why_not_run(plan: Plan, how: How) -> tuple[str, ...]:
    """Returns why nothing may be run, sentences; () if it may."""
    given = how.arguments is not None and bool(plan.command)
    stops = [gap.text for gap in plan.findings if gap.stops and not (given and gap.about == "command")]
    if how.environment:
        return tuple(stops)
    return (*stops, *why_not_fresh(plan, python=how.python, packages=how.packages))


def check_places(how: How) -> None:
    """Raises before anything is made: the environment or the repository that the user means is none."""
    if how.environment:
        existing_python(how.environment)
    check_repository(how.repository)


def files_of(version: Version, manifest: VersionManifest) -> Files:
    """Returns a version's files, each compared with the manifest, and its golden outputs, as far as they are here."""
    try:
        place = here(version, check=False)
        changes = verify_place(version, place).result
        folder = folder_of_files(version, place)
    except TbVersionsError as error:
        return Files(manifest, why_not=f"The files of {version.id} are not compared: {error}")
    if changes:
        said = f"The files of {version.id} are not compared, for they are not as published: {in_words(changes)}"
        return Files(manifest, why_not=said)
    if manifest.golden is None:
        return Files(manifest, folder)
    try:
        return Files(manifest, folder, golden_file(version, manifest.golden))
    except TbVersionsError as error:
        return Files(manifest, folder, why_not=f"Answers were not compared. {error}")


def train_again(
    plan: Plan,
    first: Files,
    out: str,
    *,
    how: How,
    data: Sequence[AtHand] = (),
    models_dirs: Sequence[str] = (),
    logdir: str = "",
) -> Again:
    """Runs the recorded command in a fresh work tree, and compares what it publishes with the first version.

    It runs code that a stranger may have written, as this user: the user has seen it and said yes.

    Args:
        plan: What is recorded.
        first: The version.
        out: Folder that is there; everything is made in it.
        how: What the user decided.
        data: Data at hand; a path that was recorded relative to the work tree is put there as a link.
        models_dirs: Where other versions are, for what seeds and curves say of noise.
        logdir: Likewise.

    Raises:
        RefusedError: Something that would run is not known, or not allowed.
        TbVersionsError: As in `make_tree` and `make_environment`.
    """
    reasons = why_not_run(plan, how)
    if reasons:
        raise RefusedError(f"Nothing was run. {' '.join(reasons)}")
    out = os.path.abspath(out)  # the command runs in another folder
    tree = os.path.join(out, *TREE.split("/"))
    os.makedirs(os.path.dirname(tree))
    os.mkdir(os.path.join(out, "home"))
    notes = [*make_tree(plan, how.repository, tree), *_linked(data, tree)]
    if how.environment:
        python = existing_python(how.environment)
        notes.append(f"The environment was not made for it: --environment {visible(how.environment)}.")
    else:
        python = make_environment(plan, os.path.join(out, ENVIRONMENT), python=how.python, packages=how.packages)
    before = set(_manifests(out))
    environment = environment_of(
        os.path.realpath(out),
        python=python,
        variables=plan.variables,
        passed=how.passed,
        is_current=how.environment == CURRENT,
    )
    command = (python, *command_to_run(plan, how))
    folder = os.path.join(tree, *plan.folder.split("/"))
    ran = run_command(command, folder=folder, environment=environment, log=os.path.join(out, LOG), seconds=how.seconds)
    made = [each for path in _manifests(out) if path not in before for each in _read(path)]
    again = Again(ran, tuple(notes), tuple(each.manifest.reference for each in made))
    return _compared(again, first, made, how=how, models_dirs=models_dirs, logdir=logdir)


def _compared(
    again: Again, first: Files, made: Sequence[Files], *, how: How, models_dirs: Sequence[str], logdir: str
) -> Again:
    manifest = first.manifest
    fitting = [each for each in made if each.manifest.model == manifest.model]
    if not fitting:
        what = f"no version of {visible(manifest.model)}" if made else "no version"
        why = f"The command published {what} below the folder. {again.ran.why}".strip()
        return Again(again.ran, again.notes, again.made, why=why)
    found = max(fitting, key=lambda each: _likeness(manifest, each.manifest))
    notes = [*again.notes]
    if again.ran.why:
        notes.append(f"The command published versions, but did not end well. {again.ran.why}")
    if not all(_likeness(manifest, found.manifest)[:2]):
        notes.append(
            f"No version that came out has the run and step of {manifest.reference}; {found.manifest.reference} is "
            "compared, which is most like it."
        )
    noise = _noise(first.folder, found.folder, models_dirs, logdir) if first.folder else {}
    against = compare_with(first, found, tolerance=how.tolerance, noise=noise)
    return Again(again.ran, tuple(notes), again.made, against)


def _likeness(old: VersionManifest, new: VersionManifest) -> tuple[bool, ...]:
    """How well a version corresponds to another one; the first difference decides."""
    before, now = (each.runs[0] if each.runs else None for each in (old, new))
    return (
        (before.step if before else None) == (now.step if now else None),
        (before.name if before else "") == (now.name if now else ""),
        dict(old.hyperparameters) == dict(new.hyperparameters),
        old.semantic_version == new.semantic_version,
        dict(old.seeds) == dict(new.seeds),
        old.number == new.number,
    )


def _noise(first: str, second: str, models_dirs: Sequence[str], logdir: str) -> Mapping[str, tuple[str, str]]:
    """What a comparison says of each metric over all data: the verdict on noise, and its words."""
    try:
        comparison = compare([Path(first), Path(second)], models_dir=list(models_dirs), logdir=logdir or None)
    except TbVersionsError:
        return {}
    found = {}
    for row in comparison.rows:
        if row.group == "metrics":
            cell = row.cells[1 - comparison.baseline]
            told = cell.details.get("noise")
            found[row.key] = (cell.verdict, str(told.get("words", "")) if isinstance(told, Mapping) else "")
    return found


def _linked(data: Sequence[AtHand], tree: str) -> Iterator[str]:
    """Puts data where the record says they lay in the work tree, and says so."""
    for each in data:
        uri = each.dataset.uri
        if not each.path or "://" in uri or "\\" in uri or uri.startswith("~"):
            continue
        parts = uri.split("/")
        if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
            continue
        place = os.path.join(tree, *parts)
        if os.path.lexists(place) or not os.path.realpath(place).startswith(os.path.realpath(tree) + os.sep):
            continue
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(os.path.abspath(each.path), place)
        except OSError as error:
            yield f"{each.name} could not be put into the work tree as {shown(uri)}: {error.strerror}."
        else:
            yield f"{each.name} lies in the work tree as {shown(uri)}: a link to what --data names."


def _manifests(out: str) -> Iterator[str]:
    """Paths of the manifests below a folder, without those of the environment."""
    for folder, names, files in os.walk(out):
        names[:] = sorted(set(names) - _SKIPPED) if folder == out else sorted(set(names) - {".git"})
        if MANIFEST_NAME in files:
            yield os.path.join(folder, MANIFEST_NAME)


def _read(path: str) -> Iterator[Files]:
    try:
        manifest = codec.decode(read_capped(path, MANIFEST_LIMIT))
    except (TbVersionsError, OSError):
        return
    yield Files(manifest, os.path.dirname(path))
