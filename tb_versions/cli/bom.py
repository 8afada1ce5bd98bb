"""`tb-versions bom`."""

from __future__ import annotations

import click

from tb_versions.cli import documents
from tb_versions.documents.bom import bom_of


@click.command("bom")
@documents.document
def bom(asked: documents.Asked) -> None:
    """Write a bill of materials of one version: CycloneDX 1.7, JSON.

    REF is as of show. It lists the version's files, data and parents, its metrics, and the packages that were installed
    where it was made. Secrets, and what names machines and people, are left out.
    """
    documents.ending_of(asked.out, "A bill of materials is JSON", ".json")
    asked.tell(lambda subject: {asked.out: bom_of(subject)})
