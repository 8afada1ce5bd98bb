"""`tb-versions gate check`."""

from __future__ import annotations

import sys
from typing import Any

import click

from tb_versions.cli import options, text, verbs
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import visible
from tb_versions.gates.checking import check_gate
from tb_versions.gates.results import GateResult
from tb_versions.gates.wire import result_payload


@click.group()
def gate() -> None:
    """Judge versions by rules, before an alias leads to them."""


@gate.command("check")
@click.argument("ref")
@click.option(
    "--rules",
    metavar="FILE",
    default="gates.toml",
    show_default=True,
    envvar="TB_VERSIONS_GATE_RULES",
    help="The rules, TOML or YAML.",
)
@click.option(
    "--against", metavar="REF", default="", help="Baseline where the rules name none: production, parent, digits:3."
)
@click.option("--on", metavar="SOURCE", default="", help="Only rules that read metrics measured later, by this source.")
@click.option("--record", is_flag=True, help="Keep the result in the model's log, where a policy may ask for it.")
@verbs.with_reason
@click.option("--actor", metavar="NAME", default=None, help="Who checks; TB_VERSIONS_ACTOR, else the login.")
@options.places
@options.as_json
def check(
    ref: str,
    *,
    rules: str,
    against: str,
    on: str,
    record: bool,
    reason: str,
    actor: str | None,
    logdir: str,
    models_dirs: tuple[str, ...],
    json: bool,
) -> None:
    """Judge the version REF by rules: what is wanted, what was found, and why.

    Exits with 0 if every rule passed, with 1 if not. What is not known does not pass.
    """
    with reading(ref) as progress:
        result = check_gate(
            ref,
            verbs.folder_for(ref, models_dirs),
            rules=rules,
            against=against,
            on=on,
            logdir=logdir or None,
            record=record,
            reason=reason,
            actor=actor,
            progress=progress,
        )
    _print(result, json=json)
    for problem in result.problems:
        click.echo(f"tb-versions: {visible(problem)}", err=True)
    if not result.passed:
        sys.exit(1)


def _print(result: GateResult, *, json: bool) -> None:
    if json:
        click.echo(text.json_of(result_payload(result)))
        return
    table = text.table("rule", "wanted", "found", "verdict", "why")
    for each in result.findings:
        row: list[Any] = [each.rule, each.wanted, each.found, each.verdict, each.why]
        table.add_row(*map(text.plain, row))
    text.console().print(table)
    click.echo()
    click.echo(visible(str(result)))
    if result.left_out:
        click.echo(f"{result.left_out} rules that read from elsewhere were left out.")
    click.echo(f"Rules: {visible(result.rules.shown)}, {result.rules.digest}")
    if result.event is not None:
        click.echo(f"Recorded as event {result.event.number}.")
