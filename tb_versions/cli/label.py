"""`tb-versions label`, `note` and `describe`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tb_versions.actions import describing
from tb_versions.cli import verbs
from tb_versions.core.manifest import MAX_DESCRIPTION, shown

_STDIN = "-"


@click.command()
@click.argument("words", metavar="REF... KEY=VALUE...", nargs=-1, required=True)
@verbs.with_reason
@verbs.changing
def label(words: Sequence[str], how: verbs.How, *, reason: str) -> None:
    """Give labels of the versions REF other values; KEY= removes one. The manifest stays as it is."""
    refs = [word for word in words if not is_assignment(word)]
    pairs = dict(word.partition("=")[::2] for word in words if is_assignment(word))
    if not refs or not pairs:
        raise click.UsageError("Write versions and labels, like digits:3 stage=clinic.")
    changes = [
        describing.label(ref, how.folder_for(ref), key=key, value=value or None, reason=reason, **how.acting)
        for ref in verbs.expanded(refs, how.models_dirs)
        for key, value in pairs.items()
    ]
    how.print(*changes, several=True)


@click.command()
@click.argument("ref")
@click.argument("text")
@verbs.changing
def note(ref: str, text: str, how: verbs.How) -> None:
    """Add a note to the version REF: TEXT, in Markdown, or - to read it from the input."""
    how.print(describing.note(ref, how.folder_for(ref), text=_read(text), **how.acting))


@click.command()
@click.argument("ref")
@click.argument("text")
@verbs.changing
def describe(ref: str, text: str, how: verbs.How) -> None:
    """Give the version REF another description: TEXT, in Markdown, or - to read it from the input."""
    how.print(describing.describe(ref, how.folder_for(ref), text=_read(text), **how.acting))


def is_assignment(word: str) -> bool:
    """Whether a word is KEY=VALUE, and no reference or path; the value may have slashes."""
    return "=" in word and "/" not in word.partition("=")[0]


def _read(text: str) -> str:
    if text != _STDIN:
        return text
    if sys.stdin is None:  # closed, as a daemon has it
        raise click.UsageError("There is no input to read the text from.")
    try:
        found = sys.stdin.read(MAX_DESCRIPTION + 1)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"The input is no text in {error.encoding}.") from error
    if len(found) > MAX_DESCRIPTION:
        raise click.UsageError(f"The input is longer than {MAX_DESCRIPTION:,} characters: {shown(found[:40])} ….")
    return found.removesuffix("\n")
