"""Judges all versions of a models folder, in shares or by a pipeline, for `tb-versions gate check`."""

from __future__ import annotations

import sys

from tb_versions.cli import fleets
from tb_versions.cli.program import FAILED
from tb_versions.core.elsewhere import bound
from tb_versions.gates.checking import Check


def gate_many(folder: str, check: Check, *, many: fleets.Many, json: bool) -> None:
    """Prints which versions of a models folder do not pass; exits with 1 if any does not, with 5 if any is not judged.

    Args:
        folder: The models folder, or its URL.
        check: The gate.
        many: Which of them, and by whom.
        json: Whether to print JSON.

    Raises:
        InvalidQueryError: An argument breaks a rule.
        TbVersionsError: The folder can't be read, or the work failed.
    """
    from tb_versions.fleet.work.gating import FAILED as NOT_PASSED
    from tb_versions.fleet.work.gating import PASSED, UNKNOWN, Gate
    from tb_versions.fleet.work.listing import absolute, listed

    check.asked()
    models = absolute(folder)
    found = listed(folder, many.share)
    gate = Gate(models, check, sources=dict(bound()), again=many.retry)
    verb = fleets.Verb("gate", gate, unknown=UNKNOWN, above=models, folder=folder)
    worked, where = fleets.work(verb, {path: path for path in found.paths}, many=many, is_gone=found.is_gone)
    words = {PASSED: f"pass {check.file.rules.name}", NOT_PASSED: "do not pass", UNKNOWN: "not judged"}
    fleets.tell(worked, where, words=words, json=json, problems=found.here.problems)
    if worked.counts[NOT_PASSED] or any(letter.answer == "no" for letter in worked.letters):
        sys.exit(1)
    if worked.letters or found.here.problems:
        sys.exit(FAILED)
