"""What the commands that write documents about one version share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import click

from tb_versions.cli import options, text
from tb_versions.cli.export import STDOUT, in_bytes
from tb_versions.comparison.loading import Source
from tb_versions.documents.reading import read_subject
from tb_versions.documents.subject import Subject
from tb_versions.documents.writing import write_documents
from tb_versions.exports.export import checked_include
from tb_versions.exports.redaction.fields import INCLUDABLE
from tb_versions.read.curves.curve_reader import CurveReader

_TEXTS = (".htm", ".html", ".markdown", ".md", ".rst", ".tex", ".txt")
_OFFICE = (".doc", ".docx", ".odt", ".pdf", ".rtf")
_DATA = (".csv", ".json", ".xml", ".yaml", ".yml")


def ending_of(out: str | None, what: str, *own: str) -> str:
    """Returns the ending of a path, in lower case; "" for standard output.

    Args:
        out: What --out says.
        what: What is written, as "A dossier is HTML or Markdown".
        own: The endings that it may have, the usual ones first; one that no other document has is taken for a name.

    Raises:
        click.UsageError: It is the ending of another kind of document, which a file would not be.
    """
    ending = os.path.splitext(out or "")[1].lower()
    if ending in (*_TEXTS, *_OFFICE, *_DATA) and ending not in own:
        raise click.UsageError(f"{what}: name a file that ends in {own[0]} with --out, not in {ending}.")
    return ending


@dataclass(frozen=True)
class Asked:
    """What the options of every document say: of which version, where to look, what stays in, and where it goes.

    Attributes:
        ref: Reference.
        logdir: What --logdir says.
        models_dirs: What --models-dir says.
        out: Path; None for standard output.
        include: Names with commas between: what is not left out.
        redact: Regular expressions.
        force: Whether files that are there are replaced.
    """

    ref: str
    logdir: str
    models_dirs: tuple[str, ...]
    out: str | None
    include: str
    redact: tuple[str, ...]
    force: bool

    def tell(self, files_of: Callable[[Subject], Mapping[str | None, bytes]]) -> None:
        """Reads the version, writes files about it, and says what was left out of them; raises as `options.find`.

        Args:
            files_of: Path to content, the one that names the others last; None for standard output, which has no other.
        """
        included = checked_include(name for name in self.include.split(",") if name)
        reader = options.read(self.logdir, self.models_dirs, refs=[self.ref], check=False)
        reader.check(folders=[place.folder for place in options.find(reader.catalog, self.ref).places])
        version = options.find(reader.catalog, self.ref)
        options.note_newer(reader.catalog, [self.ref])
        source = Source(reader.catalog, reader.manifest_bytes, CurveReader(reader.provider))
        subject = read_subject(source, version, include=included, redact=self.redact)
        files = files_of(subject)
        if None in files:
            click.echo(files[None], nl=False)
            return
        named = {path: data for path, data in files.items() if path is not None}
        write_documents(named, reader.catalog, force=self.force)
        console = text.console()
        for path, data in named.items():
            console.print(text.plain(f"{path}: {in_bytes(len(data))}"))
        for sentence in subject.left_out:
            console.print(text.plain(f"Taken out: {sentence}"))


document = options.gathered(
    Asked,
    "asked",
    click.option("--force", is_flag=True, help="Replace files that are there and have the same ending."),
    click.option("--redact", metavar="REGEX", multiple=True, help="Replace matches in every text; repeatable."),
    click.option(
        "--include", metavar=",".join(INCLUDABLE), default="", help="Include these; they are left out by default."
    ),
    click.option(
        "--out",
        metavar="PATH",
        default=None,
        callback=lambda _context, _option, value: None if value == STDOUT else value,
        help="Where to write it; standard output by default.",
    ),
    options.places,
    click.argument("ref"),
)
"""Adds REF, where to look, --out, --include, --redact and --force, as `asked`."""
