"""`tb-versions serving-config`, `rollout`, `drift` and `canary-weights`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tb_versions.cli import options, text, verbs
from tb_versions.cli.numbers import NumberIn, WholeNumber
from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.serving import canary, config
from tb_versions.serving.checking import check_loadable, findings
from tb_versions.serving.wanted import Question, Wanted, wanted

if TYPE_CHECKING:
    from tb_versions.serving.drift import Drift
    from tb_versions.serving.phases import Phase

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _which(function: _Function) -> _Function:
    """Adds the options that say which models and versions are meant, and where the server finds them."""
    for option in (
        click.option(
            "--base-path", metavar="DIR", default="", help="The models folder as the server sees it; else --models-dir."
        ),
        click.option(
            "--keep",
            metavar="N",
            type=WholeNumber(),
            default=0,
            help="Of each alias, N earlier holders stay loaded too.",
        ),
        click.option("--without", metavar="NAME", multiple=True, help="Leave this model out; repeatable."),
        click.option("--model", "models", metavar="NAME", multiple=True, help="Only this model; repeatable."),
        options.models,
    ):
        function = option(function)
    return function


def _server_version(function: _Function) -> _Function:
    return click.option(
        "--server-version", metavar="X.Y", default="", help="Of TensorFlow Serving; warns of models of a newer one."
    )(function)


def _status(function: _Function) -> _Function:
    return click.option(
        "--status",
        "urls",
        metavar="URL",
        multiple=True,
        help="REST address of TensorFlow Serving, like http://localhost:8501; repeatable.",
    )(function)


@click.command("serving-config")
@_which
@click.option("--aliases-as-labels", is_flag=True, help="Let clients call versions by the names of aliases.")
@_server_version
@click.option("--out", metavar="FILE", default="", help="Write this file, as a whole; else print.")
def serving_config(
    *, models_dirs: tuple[str, ...], aliases_as_labels: bool, server_version: str, out: str, **which: Any
) -> None:
    """Write TensorFlow Serving's configuration: the versions that aliases name, of every model.

    The same state of the registry gives the same text, whose first lines say which state that is. Where labels move on
    a running server, use rollout: the server refuses a label on a version that it has not loaded.
    """
    found = _wanted(models_dirs, labels=aliases_as_labels, **which)
    _tell_silent(found)
    if not found.models:
        raise VersionNotFoundError(f"No model in {found.root.shown} has an alias, so there is nothing to serve.")
    _check(found, server_version)
    made = config.dump(found.models, found.comments("Written by tb-versions serving-config"))
    if out:
        config.replace_file(out, made.encode())
    else:
        click.echo(made, nl=False)


def _number(_: click.Context, __: click.Parameter, given: float) -> float:
    """A time-out that is a number: no moment is later than NaN, so a rollout would wait for ever."""
    if math.isnan(given):
        raise click.BadParameter("nan is no number of seconds.")
    return given


@click.command("rollout")
@click.option("--config", "file", metavar="FILE", required=True, help="What the server's --model_config_file names.")
@_status
@_which
@_server_version
@click.option("--timeout", metavar="SECONDS", type=NumberIn(min=0), default=300.0, show_default=True,
              callback=_number, help="How long to wait in each phase.")  # fmt: skip
@click.option("--actor", metavar="NAME", default=None, help="Who acts; TB_VERSIONS_ACTOR, else the login.")
@click.option("--dry-run", is_flag=True, help="Check everything, say what each phase would be, and write nothing.")
@verbs.with_reason
def rollout(
    *,
    file: str,
    urls: tuple[str, ...],
    models_dirs: tuple[str, ...],
    server_version: str,
    timeout: float,
    actor: str | None,
    dry_run: bool,
    reason: str,
    **which: Any,
) -> None:
    """Bring a server to what the aliases say: load beside, move the labels, unload.

    FILE is replaced phase by phase, and each phase waits until every --status address has done it; the server must read
    FILE again by itself (--model_config_file_poll_wait_seconds). Where a version does not load in time, FILE gets back
    what it said before. Without --status a numbered file is written for each phase. Interrupted, call it again.
    """
    from tb_versions.actions.target import checked_reason, who
    from tb_versions.serving import deployments
    from tb_versions.serving import rollout as rolling
    from tb_versions.serving.status import Server

    reason, actor = checked_reason(reason), who(actor)
    servers = [Server(url) for url in dict.fromkeys(urls)]
    found = _wanted(models_dirs, labels=True, **which)
    _check(found, server_version)
    plan = rolling.plan(found, file, servers)
    for note in plan.notes:
        _note(note)
    if dry_run:
        _print_phases(plan.phases, plan.written, plan.touched)
        return
    if not servers:
        _print_numbered(rolling.write_numbered(plan), file)
        return
    failed: list[TbVersionsError] = []

    def moved() -> None:
        labels, where = rolling.moved_labels(plan), [server.url for server in servers]
        try:
            for change in deployments.record(labels, found.root.given, servers=where, actor=actor, reason=reason):
                click.echo(visible(change.said))
        except TbVersionsError as error:  # clients are served all the same
            failed.append(error)

    try:
        rolling.run(plan, servers, patience=timeout, tell=lambda said: click.echo(visible(said)), moved=moved)
    except KeyboardInterrupt:
        _note(f"{file} says what it says in a phase, which is valid; the same command goes on from there.")
        raise
    if failed:
        raise failed[0]


@click.command("drift")
@click.option("--config", "file", metavar="FILE", default="", help="A configuration of TensorFlow Serving.")
@_status
@_which
@click.option("--versions-only", is_flag=True, help="Aliases are not served as labels.")
@options.as_json
def drift(
    *, file: str, urls: tuple[str, ...], models_dirs: tuple[str, ...], versions_only: bool, json: bool, **which: Any
) -> None:
    """Compare what is served with what the registry says; exit with 1 where they differ."""
    from tb_versions.serving.drift import drift as compared
    from tb_versions.serving.status import Server

    if not file and not urls:
        raise click.UsageError("Say what to look at: --config FILE, --status URL, or both.")
    found = _wanted(models_dirs, labels=not versions_only, **which)
    result = compared(found, file=file, servers=[Server(url) for url in dict.fromkeys(urls)], labels=not versions_only)
    if json:
        click.echo(text.json_of(_drift_payload(result)))
    else:
        _print_drift(result)
    sys.exit(1 if result.differences else 0)


@click.command("canary-weights")
@click.argument("model", metavar="MODEL")
@options.models
@click.option(
    "--percent", metavar="N", type=WholeNumber(), required=True, help="Of all calls, for the canary: 0 to 100."
)
@click.option(
    "--format", "form", type=click.Choice(sorted(canary.FORMATS)), required=True, help="What stands before the server."
)
@click.option("--stable", metavar="ALIAS", default="production", show_default=True, help="Gets the rest.")
@click.option("--canary", "on_trial", metavar="ALIAS", default="canary", show_default=True, help="Is on trial.")
@click.option("--base-path", metavar="DIR", default="", help="The models folder as the server sees it.")
def canary_weights(
    model: str, *, models_dirs: tuple[str, ...], percent: int, form: str, stable: str, on_trial: str, base_path: str
) -> None:
    """Print what divides calls to MODEL between two aliases, for what stands before the server.

    Without a canary, or where it is the same version, all calls go to the stable alias.
    """
    found = _wanted(models_dirs, models=(model,), labels=True, base_path=base_path)
    split = canary.split(found, model, percent=percent, stable=stable, canary=on_trial)
    click.echo(canary.FORMATS[form](split), nl=False)


def _wanted(models_dirs: Sequence[str], **which: Any) -> Wanted:
    return wanted(verbs.only_folder(models_dirs), Question(**which))


def _check(found: Wanted, server_version: str) -> None:
    made = findings(found, server_version=server_version)
    for finding in made:
        if not finding.blocks:
            _note(str(finding))
    check_loadable(made)


def _tell_silent(found: Wanted) -> None:
    for name in found.silent:
        _note(f"{name} has no alias, so it is not served.")


def _note(sentence: str) -> None:
    click.echo(f"tb-versions: {visible(sentence)}", err=True)


def _print_phases(phases: Sequence[Phase], written: config.Config | None, touched: Sequence[str]) -> None:
    """Prints what each phase would write."""
    last, is_same = written, True
    for phase in phases:
        if phase.config != last:
            is_same = False
            click.echo(f"{phase.name}: {phase.what}")
            for name in touched:
                model = phase.config.get(name)
                labels = ", ".join(f"{label} {number}" for label, number in model.labels.items()) if model else ""
                numbers = f"versions {', '.join(map(str, model.versions))}; {labels or 'no label'}" if model else "gone"
                click.echo(visible(f"  {name}: {numbers}"))
        last = phase.config
    click.echo("The file says so already. Nothing was written." if is_same else "Nothing was written.")


def _print_numbered(written: Sequence[tuple[str, Phase]], file: str) -> None:
    if not written:
        click.echo(f"{visible(file)} says already what the registry says.")
        return
    click.echo(f"Nothing was deployed. Put these in place of {visible(file)}, one after the other:")
    for path, phase in written:
        click.echo(f"{visible(path)}  {phase.what}")
    click.echo("After each, wait until the server has done it: all versions AVAILABLE before labels move.")


def _drift_payload(result: Drift) -> dict[str, Any]:
    names = ("model", "what", "wanted", "served", "where")
    return {
        "differences": [{name: getattr(each, name) for name in names} for each in result.differences],
        "looked_at": list(result.looked_at),
        "models": result.models,
        "not_known": list(result.not_known),
    }


def _print_drift(result: Drift) -> None:
    if result.differences:
        rows = [(d.model, d.what, d.wanted, d.served, d.where) for d in result.differences]
        text.print_rows(("model", "what", "registry", "served", "where"), rows)
    many = len(result.differences)
    differences = f"{many or 'No'} difference{'' if many == 1 else 's'}"
    models = f"{result.models:,} model{'' if result.models == 1 else 's'}"
    click.echo(f"{differences}: {models} against {' and '.join(map(visible, result.looked_at))}.")
    for sentence in result.not_known:
        _note(sentence)
