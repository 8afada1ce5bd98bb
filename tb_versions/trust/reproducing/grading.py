"""What a manifest lacks for training the version again, each with the remedy for next time. Pure.

A gap is what is known to be missing. What nobody records, such as environment variables, is assumed, and said too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tb_versions.core.manifest import Code, Dataset, VersionManifest, is_digest, shown, visible
from tb_versions.privacy.scrub import HOME
from tb_versions.privacy.tokens import MASK
from tb_versions.read.manifests.recipes import TRAINING_SPLITS
from tb_versions.trust.reproducing.patches import why_not_applied
from tb_versions.trust.reproducing.requirements import python_of, requirements_of

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
"""A whole commit id, of SHA-1 or SHA-256."""

_CUT = "…"
_NOT_IN_A_PATH = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_MODULE = re.compile(r"-m [A-Za-z_]\w{0,99}(?:\.[A-Za-z_]\w{0,99}){0,19}", re.ASCII)
_MOST = 5


@dataclass(frozen=True)
class Gap:
    """Something that the record lacks.

    Attributes:
        about: "code", "command", "environment", "data", "seeds" or "hardware".
        text: What, and what to do next time: sentences.
        stops: Whether nothing may be run for it, because what would run is not known.
    """

    about: Literal["code", "command", "environment", "data", "seeds", "hardware"]
    text: str
    stops: bool = False


def gaps_of(manifest: VersionManifest) -> tuple[Gap, ...]:
    """Returns what is missing, in the order in which it is needed."""
    return (
        *_of_code(manifest.code),
        *_of_command(manifest.code),
        *_of_environment(manifest),
        *_of_data(manifest.datasets),
        *_of_seeds(manifest),
        *_of_hardware(manifest),
    )


def assumptions_of(manifest: VersionManifest) -> tuple[str, ...]:
    """Returns what is taken for granted, because no manifest says it: sentences."""
    return tuple(_assumed(manifest))


def folder_of(code: Code | None) -> str:
    """Returns the folder of the work tree in which the command ran, "." at its top, and where none is known."""
    folder = code.folder if code else ""
    return folder if _is_inside(folder) else "."


def command_of(code: Code | None) -> tuple[str, ...]:
    """Returns the recorded script, as its folder has it, and arguments behind `python`; () where it is not known."""
    if code is None:
        return ()
    if _MODULE.fullmatch(code.entry_point):
        return ("-m", code.entry_point.removeprefix("-m "), *code.arguments)
    if not is_script(code.entry_point):
        return ()
    return (posixpath.relpath(code.entry_point, folder_of(code)), *code.arguments)


def is_script(entry_point: str) -> bool:
    """Whether an entry point is the path of a Python script inside of a work tree."""
    return entry_point.endswith(".py") and _is_inside(entry_point)


def _is_inside(path: str) -> bool:
    """Whether a text is a path below the work tree, and none of git's own."""
    return not _NOT_IN_A_PATH.search(path) and all(
        part not in ("", ".", "..") and part.lower() != ".git" and not part.startswith("-") for part in path.split("/")
    )


def _of_code(code: Code | None) -> Iterator[Gap]:
    if code is None or not code.commit:
        yield Gap(
            "code",
            "Which commit made it is not recorded. Next time publish from a script in a git repository with a commit.",
            stops=True,
        )
        return
    if not COMMIT.fullmatch(code.commit):
        yield Gap(
            "code",
            f"{shown(code.commit)} is no whole commit id. Next time publish from a git repository.",
            stops=True,
        )
    if code.dirty is None:
        yield Gap(
            "code",
            "Whether files differed from the commit is not known. Next time use git 2.26 or newer, and no content "
            "filter of the repository's own.",
        )
    if code.dirty and not code.diff:
        yield Gap(
            "code",
            f"Files differed from the commit ({_some(code.dirty_files)}), and how is not recorded. Next time commit "
            "first, or keep the diff: capture=Capture(diff_limit=100_000).",
        )
    if code.diff:
        yield from _of_diff(code)


def _of_diff(code: Code) -> Iterator[Gap]:
    why = why_not_applied(code.diff)
    if code.diff_truncated:
        yield Gap("code", "The diff to the commit was cut. Next time commit first, or raise diff_limit.", stops=True)
    elif why:
        yield Gap("code", f"The diff to the commit can't be applied: {why}. Next time commit first.", stops=True)
    if any(MASK in line for line in added(code.diff)):
        yield Gap(
            "code",
            f"The diff adds lines with {MASK}, which stands where a secret was masked. Next time keep secrets out of "
            "the code, in environment variables.",
            stops=True,
        )


def added(diff: str) -> Iterator[str]:
    """Yields the lines that a diff adds."""
    return (line for line in diff.split("\n") if line.startswith("+") and not line.startswith("+++ "))


def _of_command(code: Code | None) -> Iterator[Gap]:
    if not command_of(code):
        what = shown(code.entry_point) if code and code.entry_point else ""
        said = f"It was started as {what}, which is no script of the repository" if what else "What ran is unknown"
        yield Gap(
            "command",
            f"{said}: it can't be run again. Next time train with `python SCRIPT` or `python -m MODULE`.",
            stops=True,
        )
        return
    assert code is not None
    for argument in code.arguments:
        if MASK in argument:
            yield Gap(
                "command",
                f"The argument {shown(argument)} was masked, and what it was is not guessed. Next time pass "
                "secrets in environment variables.",
                stops=True,
            )
        elif argument.endswith(_CUT):
            yield Gap(
                "command",
                "Arguments were cut: at most 200, of 1,024 characters each, are kept. Next time put them into a file.",
                stops=True,
            )
        elif HOME in argument and re.search(r"(?:^|[=:,])~(?:/|$)", argument):
            yield Gap(
                "command",
                f"The argument {shown(argument)} named a home folder; whose is not recorded. Next time give a "
                "path inside of the repository.",
                stops=True,
            )


def _of_environment(manifest: VersionManifest) -> Iterator[Gap]:
    environment = manifest.environment
    if environment is None or not environment.packages:
        yield Gap(
            "environment",
            "Which packages it was made with is not recorded. Next time leave Capture(environment=True), the default.",
        )
        return
    if not python_of(environment.python):
        said = f" ({visible(environment.python)[:40]})" if environment.python else ""
        yield Gap("environment", f"Which CPython ran is not recorded{said}. Next time train with CPython.")
    for name, version in requirements_of(environment.packages).others.items():
        yield Gap("environment", _of_package(name, version))


def _of_package(name: str, version: str) -> str:
    called, at = visible(name)[:80], visible(version)[:120]
    if version.endswith("(editable)"):
        return f"{called} was installed from a folder ({at}), whose state is not recorded. Next time install a release."
    if " @ " in version:
        return f"{called} came from an address ({at}), which is not followed. Next time install a release."
    return f"{shown(name)} with {shown(version)} is no package that an index has. Next time install a release."


def _of_data(datasets: tuple[Dataset, ...]) -> Iterator[Gap]:
    if not datasets:
        yield Gap(
            "data",
            "Which data it was trained on is not recorded. Next time give datasets=[tb_versions.digest_file(…)].",
        )
        return
    splits = {each.split.lower() for each in datasets}
    if all(splits) and not splits & {*TRAINING_SPLITS, "all"}:
        yield Gap("data", "Of the data only other splits are recorded, not what it was trained on. Name that, too.")
    for dataset in datasets:
        name = shown(dataset.name or dataset.uri or "unnamed")
        if not is_digest(dataset.digest):
            yield Gap("data", f"The data {name} has no digest. Next time use a digest_… function.")
        elif dataset.digest_of.startswith("sample"):
            yield Gap(
                "data",
                f"The digest of {name} is over a {visible(dataset.digest_of)[:40]}, not over all. Next time digest "
                "the files that it comes from.",
            )


def _of_seeds(manifest: VersionManifest) -> Iterator[Gap]:
    remedy = "Next time call tb_versions.provenance.set_seeds(seed) after the imports."
    if manifest.seeding is not None:
        for sentence in manifest.seeding.could_not:
            yield Gap("seeds", f"Not seeded: {visible(sentence)[:300]}")
    elif manifest.seeds:
        yield Gap(
            "seeds",
            "Seeds are recorded, but not whether every generator got one, and whether TensorFlow's ops were "
            f"deterministic. {remedy}",
        )
    else:
        yield Gap("seeds", f"No seed is recorded. {remedy}")


def _of_hardware(manifest: VersionManifest) -> Iterator[Gap]:
    if manifest.hardware is None or not manifest.hardware.cpu:
        yield Gap(
            "hardware",
            "Which hardware it was made on is not recorded. Next time leave Capture(hardware=True), the default.",
        )


def _assumed(manifest: VersionManifest) -> Iterator[str]:
    yield "Environment variables are never recorded; those of yours that TensorFlow reads are passed on, no others."
    code, environment = manifest.code, manifest.environment
    where = (
        ""
        if code and (code.folder == "." or _is_inside(code.folder))
        else "The command ran in the top folder of the repository. "
    )
    yield f"{where}Python ran without options."
    if code is not None:
        yield "Files that git does not track are never recorded: all that ran or was read is taken to be in the commit."
        for argument in code.arguments:
            if "://" in argument:
                yield f"The address {shown(argument)} may have lost a user name, password or query."
            elif re.search(r"(?:^|=)/", argument):
                yield f"The argument {shown(argument)} leads out of the work tree: it may write there."
        if any(re.search(r"""~(?:/|["'])""", line) for line in added(code.diff)):
            yield "A ~ that the diff adds may stand where a home folder was."
    if environment is not None:
        for requirement in requirements_of(environment.packages).exact:
            if "+" in requirement:
                yield f"{requirement} is not on PyPI: an index that you configured must have it."
    for parent in manifest.parents:
        yield f"It was made from {visible(parent.model)}:{parent.number}, which must be where the command looks for it."


def _some(names: tuple[str, ...]) -> str:
    listed = ", ".join(visible(name)[:80] for name in names[:_MOST])
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{listed}{more}" or "which is not known"
