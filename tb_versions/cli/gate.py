"""`tb-versions gate check`, `status` and `schema`."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import AbstractContextManager, nullcontext

import click
import orjson

from tb_versions.actions.moments import moment_text
from tb_versions.actions.target import who
from tb_versions.cli import fleets, options, text, verbs
from tb_versions.core.digest import Progress
from tb_versions.core.manifest import visible
from tb_versions.gates.checking import Check, check_gate
from tb_versions.gates.outputs.annotations import commands
from tb_versions.gates.outputs.files import SUMMARY, append_summary, write_files
from tb_versions.gates.results import GateResult
from tb_versions.gates.rule_files import read_rules
from tb_versions.gates.schema import rules_schema
from tb_versions.gates.wire import result_payload
from tb_versions.payload.registry import gate_now
from tb_versions.read.freshness import GateNow


@click.group()
def gate() -> None:
    """Judge versions by rules, before an alias leads to them."""


@gate.command("check", cls=fleets.Piped)
@click.argument("ref", required=False)
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
@click.option("--junit", metavar="FILE", default="", help="Write the result as JUnit XML.")
@click.option("--openmetrics", metavar="FILE", default="", help="Write it as OpenMetrics, for GitLab's reports.")
@click.option("--comment", metavar="FILE", default="", help="Write it as Markdown of at most 64 KiB, for a comment.")
@click.option("--statement", metavar="FILE", default="", help="Write it as an in-toto Statement, to be signed.")
@verbs.with_reason
@click.option("--actor", metavar="NAME", default=None, help="Who checks; TB_VERSIONS_ACTOR, else the login.")
@options.places
@fleets.many
@options.as_json
def check(
    ref: str | None,
    *,
    rules: str,
    against: str,
    on: str,
    record: bool,
    junit: str,
    openmetrics: str,
    comment: str,
    statement: str,
    reason: str,
    actor: str | None,
    logdir: str,
    models_dirs: tuple[str, ...],
    many: fleets.Many,
    json: bool,
) -> None:
    """Judge the version REF by rules: what is wanted, what was found, and why.

    With --shard or --runner all versions of the models folder are judged; with --record those are left out whose
    recorded result still stands. Exits with 0 if every rule passed, with 1 if not. What is not known does not pass. In
    GitHub Actions the result also goes into the step's summary and becomes annotations, without any option.
    """
    files = {"junit": junit, "openmetrics": openmetrics, "comment": comment, "statement": statement}
    if many:
        if ref is not None or any(files.values()):
            raise click.UsageError(
                "--shard, --runner, --dead-letters and --retry are for all versions of a models folder: name none, and "
                "no file for the result."
            )
        from tb_versions.cli.gate_many import gate_many

        gate = Check(
            read_rules(rules),
            against=against,
            on=on,
            logdir=logdir and os.path.abspath(os.path.expanduser(logdir)),
            record=record,
            reason=reason,
            actor=who(actor),
            since=many.started if record else None,
        )
        gate_many(verbs.only_folder(models_dirs), gate, many=many, json=json)
        return
    if ref is None:
        raise click.UsageError("Say which version: tb-versions gate check REF; or all, with --shard or --runner.")
    with _reading(ref) as progress:
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
    _print_in_ci(result, json=json)
    for problem in result.problems:
        click.echo(f"tb-versions: {visible(problem)}", err=True)
    write_files(result, files)
    if not result.passed:
        sys.exit(1)


@gate.command("status")
@click.argument("ref")
@options.places
@options.as_json
def status(ref: str, *, logdir: str, models_dirs: tuple[str, ...], json: bool) -> None:
    """Show what the recorded results of gates are worth now for the version REF: whether they stand, and why not.

    Nothing is judged anew, and the exit code is 0 whatever they are worth.
    """
    reader = options.read(logdir, models_dirs, refs=[ref], check=False, curves=False)
    reader.check(folders=[place.folder for place in options.find(reader.catalog, ref).places])
    version = options.find(reader.catalog, ref)
    for registry in reader.catalog.registries.get(version.model, ()):  # a result may be in what can't be read
        registry.check_known()
    found = reader.catalog.gates(version)
    if json:
        gates = [{"words": visible(each.words), **gate_now(each)} for each in found]
        click.echo(text.json_of({"id": version.id, "gates": gates}))
    elif found:
        rows = [(visible(each.words), f"event {each.result.by.event}", *_by(each)) for each in found]
        text.print_rows(("gate", "recorded", "by", "at"), rows)
    else:
        click.echo(f"No gate's result was recorded for {version.id}.")
    options.note_newer(reader.catalog, [ref])
    text.report_problems(reader.catalog)


def _by(now: GateNow) -> tuple[str, str]:
    return visible(now.result.by.actor), moment_text(now.result.by.ms)


@gate.command("schema")
def schema() -> None:
    """Print the JSON schema of files of rules, for an editor."""
    click.echo(orjson.dumps(rules_schema(), option=orjson.OPT_INDENT_2).decode())


def _reading(ref: str) -> AbstractContextManager[Progress | None]:
    """Shows on a terminal how far files are read."""
    if not sys.stderr.isatty():
        return nullcontext()
    from tb_versions.cli.progress import reading  # rich takes longer to load than rules to judge

    return reading(ref)


def _print_in_ci(result: GateResult, *, json: bool) -> None:
    """Prints the result; in GitHub Actions also what it takes without being asked, and nothing in it is a command."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        _print(result, json=json)
        return
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}", err=json)
    _print(result, json=json)
    click.echo(f"::{token}::", err=json)
    for line in commands(result):
        click.echo(line, err=json)
    summary = os.environ.get(SUMMARY)
    problem = append_summary(result, summary) if summary else ""
    if problem:
        click.echo(f"tb-versions: {visible(problem)}", err=True)


def _print(result: GateResult, *, json: bool) -> None:
    if json:
        click.echo(text.json_of(result_payload(result)))
        return
    rows = [(each.rule, each.wanted, each.found, each.verdict, each.why) for each in result.findings]
    text.print_rows(("rule", "wanted", "found", "verdict", "why"), rows)
    click.echo()
    click.echo(visible(str(result)))
    if result.left_out:
        click.echo(f"{result.left_out} rules that read from elsewhere were left out.")
    click.echo(f"Rules: {visible(result.rules.shown)}, {result.rules.digest}")
    if result.event is not None:
        click.echo(f"Recorded as event {result.event.number}.")
