"""`tb-versions dossier`."""

from __future__ import annotations

import click

from tb_versions.cli import documents
from tb_versions.documents.dossier import html_of, markdown_of

_PAGES = (".html", ".htm")
_TEXTS = (".md", ".markdown", ".txt")
_FORMS = {"html": ("HTML", *_PAGES), "markdown": ("Markdown", *_TEXTS), None: ("HTML or Markdown", *_PAGES, *_TEXTS)}
"""What a dossier is, and how its file may end, by --format."""


@click.command("dossier")
@documents.document
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown"]),
    help="By the ending of --out by default, else markdown.",
)
def dossier(asked: documents.Asked, *, form: str | None) -> None:
    """Write what is known of one version by the points of Annex IV of the AI Act, and count what is not.

    REF is as of show. It claims no compliance. Secrets, and what names machines and people, are left out.
    """
    kind, *endings = _FORMS[form]
    ending = documents.ending_of(asked.out, f"A dossier is {kind}", *endings)
    made = html_of if form == "html" or (form is None and ending in _PAGES) else markdown_of
    asked.tell(lambda subject: {asked.out: made(subject).encode()})
