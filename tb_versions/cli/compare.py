"""`tb-versions compare`."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence

import click

from tb_versions import payload
from tb_versions.cli import options, text
from tb_versions.cli.tables import use as table_use
from tb_versions.comparison import GROUPS, Comparison
from tb_versions.comparison.failing import FAILURES, failures, undecided
from tb_versions.comparison.loading import Source, compare_in, open_source
from tb_versions.comparison.markdown import markdown as markdown_of
from tb_versions.comparison.rows.row import caution_of, label_text, line_text, worst_slices
from tb_versions.core.manifest import shown, visible
from tb_versions.core.references import is_path
from tb_versions.payload.comparison import compare_payload
from tb_versions.read.manifests.goals import KnownGoal


@click.command("compare")
@click.argument("refs", metavar="REF REF...", nargs=-1, required=True)
@options.places
@click.option(
    "--baseline",
    metavar="REF",
    default=None,
    help="Compare the others with this one; by default production, else the first.",
)
@click.option("--goal", "goals", metavar="NAME=max", multiple=True, help="Goal of a metric, max or min; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Show rows that do not differ too.")
@click.option(
    "--fail-on",
    metavar="WORDS",
    default=None,
    help="Exit with 1 if anything is worse, breaking or removed: one of these, or several with commas.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request.")
@table_use.options
@options.as_json
def compare_versions(
    refs: tuple[str, ...],
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    baseline: str | None,
    goals: tuple[str, ...],
    everything: bool,
    fail_on: str | None,
    markdown: bool,
    use: table_use.Use,
    json: bool,
) -> None:
    """Compare versions and runs: what differs, what is better, and whether that is more than noise.

    REF is model:3, model:1.4.0, model@alias, model for the newest that is there, run:NAME for a run that made no
    version, or a folder, written with a slash (./3). 2 to 60 of them.
    """
    if json and markdown:
        raise click.UsageError("Ask for --json or --markdown, not for both.")
    wanted = _failures(fail_on)
    source = _source((*refs, *([baseline] if baseline else [])), logdir, models_dirs, use=use)
    known_goals = dict(_goal(goal) for goal in goals)
    with options.blaming_no_logdir(logdir, refs=(*refs, baseline or "")):
        comparison = compare_in(source, refs, baseline=baseline, goals=known_goals)
    if json:
        answer = compare_payload(comparison)
        click.echo(text.json_of({"revision": payload.revision_of(payload.dump(answer)), **answer}))
    elif markdown:
        click.echo(markdown_of(comparison, with_equal=everything), nl=False)
    else:
        _print(comparison, everything)
    options.note_newer(source.catalog, (*refs, baseline or ""))
    _report(comparison, known_goals, already_shown=markdown)
    text.report_problems(source.catalog)
    if wanted and _report_failures(comparison, wanted):
        sys.exit(1)


def _failures(spelled: str | None) -> list[str]:
    """What is asked for; an empty text is a mistake, such as a variable that is not set, and no "nothing"."""
    wanted = [] if spelled is None else [word.strip() for word in spelled.split(",")]
    for word in wanted:
        if word not in FAILURES:
            raise click.UsageError(f"--fail-on takes {', '.join(FAILURES)}, not {shown(word)}.")
    return wanted


def _report_failures(comparison: Comparison, wanted: Sequence[str]) -> bool:
    """Says on stderr why to stop; returns whether there is a reason."""
    found = failures(comparison, wanted)
    for sentence in found:
        click.echo(f"tb-versions: {visible(sentence)}", err=True)
    open_ones = undecided(comparison) if "worse" in wanted else ()
    if open_ones:
        names = ", ".join(open_ones[:5]) + (f" and {len(open_ones) - 5} more" if len(open_ones) > 5 else "")
        said = f"Whether {names} are worse is not known, so they did not count; say --goal NAME=max or min."
        click.echo(f"tb-versions: {visible(said)}", err=True)
    return bool(found)


def _source(refs: tuple[str, ...], logdir: str, models_dirs: tuple[str, ...], *, use: table_use.Use) -> Source:
    if table_use.may_be_asked(use, models_dirs):
        from tb_versions.cli.tables import comparing

        source = comparing.source_of(use, models_dirs, refs, logdir=logdir)
        if source is not None:
            return source
    if not logdir and not models_dirs and not all(map(is_path, refs)):
        raise click.UsageError("Say where to look: --logdir DIR, --models-dir DIR, or both.")
    return open_source(models_dirs, logdir)


def _goal(spelled: str) -> tuple[str, KnownGoal]:
    name, _, goal = spelled.rpartition("=")
    if not name or goal not in ("max", "min"):
        raise click.UsageError(f"Write a goal like --goal val_loss=min, not {shown(spelled)}.")
    return name, "max" if goal == "max" else "min"


def _print(comparison: Comparison, everything: bool) -> None:
    console = text.console()
    console.print(text.plain(comparison.summary))
    rows = comparison.rows if everything else comparison.differing
    names = [m.label + (" (baseline)" if i == comparison.baseline else "") for i, m in enumerate(comparison.members)]
    for group, label in GROUPS.items():
        of_group = [row for row in rows if row.group == group]
        if not of_group:
            continue
        console.print()
        table = text.table(label, *map(visible, names))
        shown_rows = of_group if everything else worst_slices(of_group)
        for row in shown_rows:
            table.add_row(text.plain(label_text(row)), *(text.plain(line_text(row, cell)) for cell in row.cells))
        console.print(table)
        if len(shown_rows) < len(of_group):
            more = len(of_group) - len(shown_rows)
            console.print(f"And {more:,} more slices; --all shows them.")
        for row in shown_rows:
            if row.caution:
                console.print(text.plain(f"{caution_of(row)}: {row.caution}"))
    if not everything and comparison.equal:
        console.print()
        console.print(f"{comparison.equal:,} rows that do not differ are hidden; --all shows them.")


def _report(comparison: Comparison, goals: Iterable[str], *, already_shown: bool) -> None:
    """Reports on stderr what could not be read, and goals for metrics that no member has."""
    for problem in () if already_shown else comparison.problems:
        click.echo(f"tb-versions: {visible(problem)}", err=True)
    kinds = [value.kind for member in comparison.members for value in member.metrics]
    names = {kind.name for kind in kinds}
    for goal in sorted(set(goals) - names - {kind.key for kind in kinds}):
        near = difflib.get_close_matches(goal, sorted(names))
        if near:
            click.echo(f"tb-versions: --goal {visible(goal)}: did you mean {visible(' or '.join(near))}?", err=True)
