"""`tb-versions dossier`."""

from __future__ import annotations

import os

import click

from tb_versions.cli import documents
from tb_versions.documents.dossier import html_of, markdown_of


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
    is_page = form == "html" or (form is None and os.path.splitext(asked.out or "")[1].lower() in (".html", ".htm"))
    made = html_of if is_page else markdown_of
    asked.tell(lambda subject: {asked.out: made(subject).encode()})
