"""`tb-versions card`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

import click

from tb_versions.cli import documents
from tb_versions.core.manifest import shown
from tb_versions.documents.card import card_of, eval_results
from tb_versions.documents.subject import Subject
from tb_versions.documents.svg import svg_of

_ENDINGS = (".md", ".markdown")
_BENCHMARK = re.compile(r"[A-Za-z0-9_.-]{1,96}/[A-Za-z0-9_.-]{1,96}:[A-Za-z0-9_.-]{1,96}", re.ASCII)


@click.command("card")
@documents.document
@click.option(
    "--benchmark",
    "benchmarks",
    metavar="METRIC=OWNER/DATASET:TASK",
    multiple=True,
    help="A benchmark on the Hugging Face Hub that a metric is of; with a folder as --out; repeatable.",
)
def card(asked: documents.Asked, *, benchmarks: tuple[str, ...]) -> None:
    """Write a model card of one version, with the metadata that Hugging Face reads.

    REF is as of show. --out is a file (.md), beside which the training curve is drawn, or a folder, which gets
    README.md, training-curve.svg and .eval_results. Secrets, and what names machines and people, are left out.
    """
    is_file = documents.ending_of(asked.out, "A card is Markdown, or a folder", *_ENDINGS) in _ENDINGS
    if benchmarks and (is_file or asked.out is None):
        raise click.UsageError("--benchmark writes files in .eval_results: name a folder with --out.")
    scores = _scores(benchmarks)
    asked.tell(lambda subject: dict(_files(subject, asked.out, scores, is_file=is_file)))


def _files(
    subject: Subject, out: str | None, scores: Mapping[str, str], *, is_file: bool
) -> Iterator[tuple[str | None, bytes]]:
    """The card behind the files that it names, by path; on standard output it names none."""
    if out is None:
        yield None, card_of(subject).encode()
        return
    path = out if is_file or not out else os.path.join(out, "README.md")
    stem = f"{os.path.splitext(os.path.basename(path))[0]}-curve.svg" if is_file else "training-curve.svg"
    if subject.curve:
        yield os.path.join(os.path.dirname(path), stem), svg_of(subject.curve).encode()
    yield from ((os.path.join(out, name), data) for name, data in eval_results(subject, scores).items())
    yield path, card_of(subject, picture=quote(stem) if subject.curve else "").encode()


def _scores(benchmarks: Iterable[str]) -> dict[str, str]:
    """Each benchmark and its metric; one has one score."""
    asked: dict[str, str] = {}
    for metric, benchmark in map(_benchmark, benchmarks):
        if asked.setdefault(benchmark, metric) != metric:
            raise click.UsageError(f"{benchmark} has one score; two metrics are given for it.")
    return asked


def _benchmark(spelled: str) -> tuple[str, str]:
    metric, _, benchmark = spelled.rpartition("=")
    if not metric or not _BENCHMARK.fullmatch(benchmark):
        raise click.UsageError(
            f"Write a benchmark like --benchmark 'accuracy [gpqa]=Idavidrein/gpqa:gpqa_diamond', not {shown(spelled)}."
        )
    return metric, benchmark
