"""`tb-versions replay`."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import click

from tb_versions.cli import options, text, verbs
from tb_versions.cli.numbers import Number, NumberIn
from tb_versions.cli.progress import reading
from tb_versions.core import arguments
from tb_versions.core.golden.outcome import Tolerance
from tb_versions.core.limited import MEMORY, SECONDS, Limits
from tb_versions.core.manifest import visible

if TYPE_CHECKING:
    from tb_versions.trust.replaying import Replay


class _Tolerance(click.ParamType[Tolerance]):
    """ABS, or ABS,REL."""

    name = "tolerance"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Tolerance:
        if isinstance(value, Tolerance):
            return value
        numbers = [math.nan if (number := arguments.number(part)) is None else number for part in value.split(",")]
        if len(numbers) > 2 or not all(math.isfinite(each) and each >= 0 for each in numbers):
            self.fail(f"{visible(str(value))} is no tolerance: write 1e-3, or 1e-3,1e-2.", param, ctx)
        return Tolerance(numbers[0], numbers[-1])


@click.command()
@click.argument("ref")
@click.argument("other", metavar="[REF]", required=False)
@click.option(
    "--tolerance",
    metavar="ABS[,REL]",
    type=_Tolerance(),
    default=None,
    help="Allowed difference, and share of the recorded number on top; by default by the type of the numbers.",
)
@click.option("--inputs", metavar="FILE", help="With two: .npz of arrays by input, or .npy, in place of golden inputs.")
@click.option("--labels", metavar="FILE", help="With two: .npy or .npz of the right answers, one for each example.")
@click.option("--threshold", metavar="NUMBER", type=Number(), help="With two: a single score above it is a yes.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=NumberIn(1, 86_400),
    default=SECONDS,
    show_default=True,
    help="When the process is stopped.",
)
@click.option(
    "--memory",
    metavar="GIB",
    type=NumberIn(0.1, 65_536),
    default=MEMORY / 2**30,
    show_default=True,
    help="With how much memory it is stopped.",
)
@click.option(
    "--python",
    metavar="PROGRAM",
    default=None,
    help="Load it in the environment of this Python: another TensorFlow.",
)
@click.option("--no-record", is_flag=True, help="Do not keep the result in the model's log.")
@verbs.with_reason
@click.option("--actor", metavar="NAME", default=None, help="Who replays; TB_VERSIONS_ACTOR, else the login.")
@options.models
@options.sources
@options.as_json
def replay(
    ref: str,
    other: str | None,
    *,
    inputs: str | None,
    labels: str | None,
    threshold: float | None,
    tolerance: Tolerance | None,
    timeout: float,
    memory: float,
    python: str | None,
    no_record: bool,
    reason: str,
    actor: str | None,
    models_dirs: tuple[str, ...],
    json: bool,
) -> None:
    """Ask the version REF again, and compare its answers with those that were kept when it was published.

    With two versions both are asked the same, and the answers of the second are compared with those of the first: which
    examples flipped, how far outputs moved, and, where labels are known, which is right more often.

    Every file is checked; then each model is loaded in a process of its own on the CPU, which runs it: replay only what
    you trust. One version: exits with 0 if the answers are the same within the tolerance, with 1 if not. Two: with 0.
    """
    limits = Limits(timeout, int(memory * 2**30))
    how: dict[str, Any] = {"limits": limits, "record": not no_record, "reason": reason, "actor": actor}
    if other is not None:
        if tolerance is not None:
            raise click.UsageError("--tolerance is for one version; how far answers of two lie apart is told as it is.")
        if python is not None:
            raise click.UsageError("--python is for one version; two are asked in the environment of this Python.")
        given = {"inputs": inputs, "labels": labels, "threshold": threshold}
        _two(ref, other, {**how, **given}, models_dirs=models_dirs, json=json)
        return
    for name, value in (("--inputs", inputs), ("--labels", labels), ("--threshold", threshold)):
        if value is not None:
            raise click.UsageError(f"{name} is for two versions: tb-versions replay REF REF.")
    from tb_versions.trust.replaying import replay as replayed  # loads NumPy

    with reading(ref) as progress:
        folder = verbs.folder_for(ref, models_dirs)
        found = replayed(ref, folder, tolerance=tolerance or Tolerance(), python=python, progress=progress, **how)
    if json:
        click.echo(text.json_of(_payload(found)))
    else:
        _print(found)
    if not found.ok:
        sys.exit(1)


def _two(ref: str, other: str, given: dict[str, Any], *, models_dirs: tuple[str, ...], json: bool) -> None:
    from tb_versions.cli import replay_two
    from tb_versions.trust.behaviour.comparing import compare_answers  # loads NumPy

    folders = verbs.folder_for(ref, models_dirs), verbs.folder_for(other, models_dirs)
    with reading(f"{ref} and {other}") as progress:
        found = compare_answers(ref, other, folders[0], after_models_dir=folders[1], progress=progress, **given)
    click.echo(text.json_of(replay_two.as_json(found))) if json else replay_two.show(found)


def _print(found: Replay) -> None:
    rows = [
        (
            f"{each.signature}: {each.name}",
            "same" if each.ok else "differs",
            f"{each.beyond:,} of {each.count:,}",
            "" if each.max_error is None else f"{each.max_error:.3g}",
            "" if each.agreement is None else f"{each.agreement:.1%}",
        )
        for each in found.outcome.outputs
    ]
    if rows:
        text.print_rows(("output", "answers", "beyond tolerance", "max error", "same argmax"), rows)
        click.echo()
    for each in found.outcome.outputs:
        if each.ok and each.why:
            click.echo(visible(f"{each.name} of {each.signature}: {each.why}"))
    click.echo(visible(str(found)))
    if found.event is not None:
        click.echo(f"Recorded as event {found.event.number}.")


def _payload(found: Replay) -> dict[str, Any]:
    outcome = found.outcome
    return {
        "reference": visible(found.reference),
        "ok": found.ok,
        "tensorflow": visible(outcome.tensorflow) or None,
        "device": visible(outcome.device) if outcome.tensorflow else None,
        "max_error": found.said.max_error,
        "agreement": found.said.agreement,
        "outputs": [
            {
                "signature": visible(each.signature),
                "name": visible(each.name),
                "ok": each.ok,
                "count": each.count,
                "beyond": each.beyond,
                "max_error": each.max_error,
                "agreement": each.agreement,
                "absolute": each.absolute,
                "relative": each.relative,
                "why": visible(each.why) or None,
            }
            for each in outcome.outputs
        ],
        "found": visible(found.said.found) or None,
        "event": found.event.number if found.event else None,
    }
