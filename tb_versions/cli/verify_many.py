"""Verifies all versions of a models folder, in shares or by a pipeline, for `tb-versions verify`."""

from __future__ import annotations

import sys

import click

from tb_versions.actions.moments import milliseconds_of
from tb_versions.actions.target import who
from tb_versions.cli import fleets
from tb_versions.cli.program import FAILED
from tb_versions.cli.verify_versions import How
from tb_versions.core.elsewhere import bound
from tb_versions.errors import InvalidQueryError


def verify_many(folder: str, *, how: How, many: fleets.Many, json: bool) -> None:
    """Prints how the versions of a models folder differ from what was published; exits with 1 if any does.

    Args:
        folder: The models folder, or its URL.
        how: How they are verified.
        many: Which of them, and by whom.
        json: Whether to print JSON.

    Raises:
        click.UsageError: A quick look is to be recorded.
        InvalidQueryError: The moment is none, or has not come yet.
        TbVersionsError: The folder can't be read, or the work failed.
    """
    from tb_versions.fleet.work.listing import absolute, listed
    from tb_versions.fleet.work.verifying import DIFFERS, PUBLISHED, UNKNOWN, Verify

    if how.quick and how.record:
        raise click.UsageError("--quick reads no file, so it proves nothing that could be recorded.")
    models = absolute(folder)
    verify = Verify(
        models,
        since=_since(how, many),
        quick=how.quick,
        record=how.record,
        actor=who(how.actor) if how.record else "",
        sources=dict(bound()),
    )
    found = listed(folder, many.share)
    verb = fleets.Verb("verify", verify, unknown=UNKNOWN, above=models, folder=folder, jobs=how.jobs)
    worked, where = fleets.work(verb, {path: path for path in found.paths}, many=many, is_gone=found.is_gone)
    words = {PUBLISHED: "as published", DIFFERS: "not as published", UNKNOWN: "not checked"}
    problems = found.here.problems
    fleets.tell(worked, where, words=words, json=json, problems=problems)
    if how.quick:
        click.echo("tb-versions: Names and sizes were compared, and no file was read.", err=True)
    if problems or worked.counts[DIFFERS] or worked.counts[UNKNOWN]:
        sys.exit(1)
    if worked.letters:
        sys.exit(1 if any(letter.answer == "no" for letter in worked.letters) else FAILED)


def _since(how: How, many: fleets.Many) -> int | None:
    """Since when a recorded result counts; where results are recorded at least since now, for work that is repeated."""
    if how.unless_since is None or many.retry:
        return many.started if how.record else None
    since = milliseconds_of(how.unless_since)
    if since > many.started:
        raise InvalidQueryError(f"--unless-since {how.unless_since} has not come yet.")
    return since
