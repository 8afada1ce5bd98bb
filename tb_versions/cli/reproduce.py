"""`tb-versions reproduce`."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tb_versions.cli import options, text
from tb_versions.cli.numbers import NumberIn
from tb_versions.cli.program import FAILED
from tb_versions.core import codec
from tb_versions.core.manifest import VersionManifest, shown, visible
from tb_versions.core.showing import counted
from tb_versions.errors import RefusedError
from tb_versions.exports.targets.writing import check_outside
from tb_versions.read.catalog import Version

if TYPE_CHECKING:
    from tb_versions.trust.reproducing.again import Again, How
    from tb_versions.trust.reproducing.against import Against, Number
    from tb_versions.trust.reproducing.at_hand import AtHand
    from tb_versions.trust.reproducing.plan import Plan

_MOST_SLICES = 10


class _Pair(click.ParamType[tuple[str, str]]):
    """NAME=PATH."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, mark, path = str(value).partition("=")
        if not (name and mark and path):
            self.fail(f"{shown(str(value))} is not NAME=PATH.", param, ctx)
        return name, path


@click.command()
@click.argument("ref")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--out", metavar="DIR", default=None, help="Write what it takes into a new folder; --run works in it.")
@click.option(
    "--data", metavar="NAME=PATH", multiple=True, type=_Pair(), help="Where recorded data are, to compare; repeatable."
)
@click.option("--run", is_flag=True, help="Train again and compare. It shows what would run, and needs --yes.")
@click.option("--yes", is_flag=True, help="Run what was shown.")
@click.option(
    "--repository",
    metavar="URL|DIR",
    default="",
    help="What to clone; by default the repository of the current folder, never one that the record names.",
)
@click.option(
    "--environment",
    metavar="DIR|current",
    default="",
    help="Use an environment that is there; by default a fresh one is made, with the recorded packages.",
)
@click.option("--python", metavar="PATH|VERSION", default="", help="Python of the fresh environment.")
@click.option(
    "--package",
    "packages",
    metavar="NAME=PATH",
    multiple=True,
    type=_Pair(),
    help="Folder or wheel to install in place of a recorded package; repeatable.",
)
@click.option(
    "--pass",
    "passed",
    metavar="VARIABLE",
    multiple=True,
    help="Environment variable that the command gets; repeatable.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=NumberIn(1, 30 * 86_400),
    default=86_400,
    show_default=True,
    help="When the command is stopped.",
)
@click.option(
    "--tolerance",
    metavar="SHARE",
    type=NumberIn(0, 1),
    default=1e-6,
    show_default=True,
    help="Share by which a metric may differ and count as the same.",
)
@options.places
@options.as_json
def reproduce(
    ref: str,
    arguments: tuple[str, ...],
    *,
    out: str | None,
    data: tuple[tuple[str, str], ...],
    run: bool,
    yes: bool,
    repository: str,
    environment: str,
    python: str,
    packages: tuple[tuple[str, str], ...],
    passed: tuple[str, ...],
    timeout: float,
    tolerance: float,
    logdir: str,
    models_dirs: tuple[str, ...],
    json: bool,
) -> None:
    """Say what it takes to train the version REF again, and what its record lacks; with --run, train it again.

    --run runs a stranger's command as you: it first shows the command, packages, repository and diff, and runs them
    only with --yes. ARGUMENTS, behind --, stand in place of the recorded ones. Exits with 0 if the same came out, as
    far as that was compared, with 1 if not, with 5 if nothing came out.
    """
    from tb_versions.trust.reproducing.again import How
    from tb_versions.trust.reproducing.at_hand import check_data
    from tb_versions.trust.reproducing.folder import payload_of, write_folder
    from tb_versions.trust.reproducing.plan import plan_of

    if run and out is None:
        raise click.UsageError("Say where to train: --out DIR, a folder that is not there yet.")
    if not (math.isfinite(tolerance) and math.isfinite(timeout)):
        raise click.UsageError("--tolerance and --timeout take numbers.")
    if not run:
        _check_only_run(
            {
                f"{shown(arguments[0])} behind --" if arguments else "": arguments,
                "--yes": yes,
                "--repository": repository,
                "--environment": environment,
                "--python": python,
                "--package": packages,
                "--pass": passed,
            }
        )
    reader = options.read(logdir, models_dirs, refs=[ref], check=False)
    version = options.find(reader.catalog, ref)
    options.note_newer(reader.catalog, [ref])
    if out is not None:
        check_outside(os.path.abspath(out), reader.catalog, called=out)
    plan = plan_of(codec.decode(reader.manifest_bytes(version)))
    checked = check_data(plan.manifest, dict(data))
    if run:
        how = How(
            repository=repository,
            environment=environment,
            python=python,
            packages=dict(packages),
            arguments=arguments or None,
            passed=passed,
            seconds=timeout,
            tolerance=tolerance,
        )
        _show_run(plan, checked, how, json=json, yes=yes)
        _train(_Job(plan, checked, how, version, logdir, models_dirs), out or "", json=json)
        return
    payload = payload_of(plan, checked)
    if out is not None:
        write_folder(plan, payload, out)
    if json:
        click.echo(text.json_of(payload))
        return
    _print(_lines(plan, checked))
    if out is not None:
        click.echo(visible(f"What it takes is in {out}."))


def _check_only_run(given: Mapping[str, object]) -> None:
    """Raises UsageError for what would do nothing without --run."""
    alone = [name for name, value in given.items() if value]
    if alone:
        raise click.UsageError(f"{', '.join(alone)}: only with --run, which trains again. Nothing was done.")


@dataclass(frozen=True)
class _Job:
    """What is trained again, and where other versions are."""

    plan: Plan
    checked: Sequence[AtHand]
    how: How
    version: Version
    logdir: str
    models_dirs: tuple[str, ...]


def _show_run(plan: Plan, checked: Sequence[AtHand], how: How, *, json: bool, yes: bool) -> None:
    """Shows what would run; ends unless the user said yes, and nothing speaks against it."""
    from tb_versions.trust.reproducing.again import check_places, why_not_run
    from tb_versions.trust.reproducing.folder import payload_of

    if not json:
        _print(_lines(plan, checked))
        _print(_of_run(plan, how))
    elif not yes:
        click.echo(text.json_of(payload_of(plan, checked)))
    check_places(how)
    reasons = why_not_run(plan, how)
    if reasons:
        raise RefusedError(f"Nothing was run. {' '.join(reasons)}")
    if not yes:
        raise click.UsageError("Nothing was run. Read what would run: a stranger may have written it. Then add --yes.")


def _train(job: _Job, out: str, *, json: bool) -> None:
    from tb_versions.trust.reproducing.again import LOG, files_of, train_again
    from tb_versions.trust.reproducing.folder import payload_of, write_folder, write_report

    write_folder(job.plan, payload_of(job.plan, job.checked), out)
    click.echo(visible(f"It is trained again in {out}; what the command prints is in {out}/{LOG}."), err=True)
    first = files_of(job.version, job.plan.manifest)
    again = train_again(
        job.plan, first, out, how=job.how, data=job.checked, models_dirs=job.models_dirs, logdir=job.logdir
    )
    payload = payload_of(job.plan, job.checked, again)
    write_report(payload, out)
    if json:
        click.echo(text.json_of(payload))
    _end(again, out, name=first.manifest.reference, json=json)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(visible(line))


def _lines(plan: Plan, checked: Sequence[AtHand]) -> Iterator[str]:
    manifest, code = plan.manifest, plan.manifest.code
    if plan.grade == "complete":
        yield f"{manifest.reference}: the record is complete."
    else:
        yield f"{manifest.reference}: the record has {counted(len(plan.gaps), 'gap')}."
    yield ""
    for name, value in (
        ("commit", plan.commit or "not known"),
        ("repository", (code.remote if code else "") or "not known"),
        (
            "diff",
            f"{len(plan.diff.splitlines()):,} lines"
            if plan.diff
            else "none"
            if code and not code.dirty
            else "not known",
        ),
        ("command", " ".join(["python", *plan.command]) if plan.command else "not known"),
        ("python", plan.python or "not known"),
        ("packages", f"{len(plan.requirements.exact):,}" if plan.requirements.exact else "not known"),
        ("seeds", _pairs(manifest.seeds)),
        ("hyperparameters", _pairs(manifest.hyperparameters)),
        ("hardware", _hardware(manifest)),
    ):
        yield f"  {name:<16} {value}"
    for each in checked:
        yield f"  {'data':<16} {each.name}: {each.verdict}{f'. {each.why}' if each.why else ''}"
    for title, sentences in (("Gaps:", plan.gaps), ("Not recorded by any manifest:", plan.assumed)):
        if sentences:
            yield ""
            yield title
            yield from (f"  - {sentence}" for sentence in sentences)
    if plan.commands:
        yield ""
        yield "By hand, in the folder that --out writes:"
        yield from (f"  {line}" for line in plan.commands)


def _pairs(of: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in of.items()) or "not known"


def _hardware(manifest: VersionManifest) -> str:
    hardware = manifest.hardware
    if hardware is None or not hardware.cpu:
        return "not known"
    gpus = ", ".join(gpu.name for gpu in hardware.gpus) or "no GPU"
    return f"{hardware.cpu}, {hardware.logical_cores} cores, {gpus}"


def _of_run(plan: Plan, how: How) -> Iterator[str]:
    """Says all that would run: nothing of it is cut."""
    from tb_versions.trust.reproducing.again import command_to_run

    yield ""
    yield "With --yes, these run as you:"
    yield f"  repository: {how.repository or 'that of the current folder'} (the record names {plan.remote or 'none'})"
    yield f"  commit: {plan.commit or 'not known'}"
    command = command_to_run(plan, how)
    yield f"  folder: {plan.folder}"
    yield f"  command: {shlex.join(['python', *command]) if command else 'not known'}"
    yield from (f"  variable: {name}={value}" for name, value in plan.variables.items())
    if how.environment:
        yield f"  environment: {how.environment}, as it is"
    else:
        yield f"  packages of a fresh environment, Python {how.python or plan.python or 'not known'}:"
        yield from (f"    {requirement}" for requirement in plan.requirements.exact)
        yield from (f"    {name} from {path}" for name, path in how.packages.items())
    if plan.diff:
        yield "  diff:"
        yield from (f"    {line}" for line in plan.diff.splitlines())
    yield ""


def _end(again: Again, out: str, *, name: str, json: bool) -> None:
    against = again.against
    if against is None:
        if not json:
            for line in again.ran.last.splitlines():
                click.echo(f"  {visible(line)}", err=True)
        click.echo(f"tb-versions: {visible(again.why)} Its output is in {visible(out)}/log.txt.", err=True)
        sys.exit(FAILED)
    if not json:
        _print_result(again, against, name)
    if against.verdict == "nothing was compared":
        click.echo("tb-versions: Whether it is the same is not known: nothing could be compared.", err=True)
        sys.exit(FAILED)
    if not against.ok:
        sys.exit(1)


def _print_result(again: Again, against: Against, name: str) -> None:
    click.echo(visible(f"The command took {again.ran.seconds:.0f} s and made {', '.join(again.made)}."))
    click.echo(visible(f"{name}, trained again as {against.made}: {against.verdict}."))
    click.echo()
    for name, value in (("bytes", against.bytes), ("weights", against.weights), ("answers", against.answers)):
        click.echo(f"  {name:<16} {value}")
    _print_numbers(against.whole)
    slices = [each for each in against.numbers if each.is_slice]
    changed = [each for each in slices if each.verdict != "same"]
    if slices:
        click.echo(f"  Of {len(slices):,} metrics of slices {len(slices) - len(changed):,} are the same.")
    _print_numbers(changed[:_MOST_SLICES])
    for sentence in filter(None, (against.first, *again.notes, *against.notes)):
        click.echo(f"  - {visible(sentence)}")


def _print_numbers(numbers: Sequence[Number]) -> None:
    for each in numbers:
        now = "none" if each.now is None else repr(each.now)
        why = f" ({each.why})" if each.why else ""
        click.echo(visible(f"  {each.name:<16} {each.before!r} → {now}: {each.verdict}{why}"))
