"""A dossier of one version on the points of Annex IV, as Markdown or as one HTML file. Pure.

It says of each number where that came from, and counts what is not known. It claims no compliance with anything.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator

from tb_versions._version import __version__
from tb_versions.comparison.markdown import escape
from tb_versions.core.manifest import visible
from tb_versions.documents import facts
from tb_versions.documents.annex_iv import LABEL, Point, points_of, stray_labels
from tb_versions.documents.facts import Fact
from tb_versions.documents.subject import Subject
from tb_versions.documents.svg import STYLE, curve_words, svg_of

_CLAIM = (
    "This document gathers what the manifest and the log of one version say, ordered by the points of Annex IV of "
    "Regulation (EU) 2024/1689. It is no technical documentation in the sense of that regulation, and it does not "
    "claim that anything complies with it. A point of which something is known may still lack most of what it asks "
    "for: that is for people to judge."
)
_CSS = (
    ":root{color-scheme:light dark;--text:#1f1f1f;--soft:#5f6368;--line:#dadce0;--back:#fff;--gap:#8c1d18}"
    "@media screen and (prefers-color-scheme:dark)"
    "{:root{--text:#e3e3e3;--soft:#a8abb0;--line:#444;--back:#1e1e1e;--gap:#f2b8b5}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem;font:15px/1.5 system-ui,sans-serif;"
    "color:var(--text);background:var(--back);overflow-wrap:anywhere}h1{font-size:1.6rem;line-height:1.25}"
    "h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.2rem 0 .3rem}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.25rem .6rem .25rem 0;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}th{font-weight:600;width:22%}td.source{color:var(--soft);width:30%}"
    ".claim{border-left:4px solid var(--gap);padding-left:1rem}.gap{color:var(--gap)}.text{white-space:pre-line}"
    "svg{max-width:100%;height:auto}.note{color:var(--soft)}"
    "@media(max-width:40rem){tr,td,th,td.source{display:block;width:auto;border:0;padding:0}tr{padding:.4rem 0;"
    "border-bottom:1px solid var(--line)}}"
    "@media print{:root{color-scheme:light;--soft:#333;--line:#999}body{max-width:none;padding:0}"
    "h2,h3{break-after:avoid}tr{break-inside:avoid}}"
)


def markdown_of(subject: Subject) -> str:
    """Returns the dossier as Markdown."""
    return "\n\n".join(_markdown(subject)) + "\n"


def _markdown(subject: Subject) -> Iterator[str]:
    sections = list(points_of(subject))
    yield f"# Dossier: {escape(subject.title)}"
    yield f"> {_CLAIM}"
    yield f"## {_gaps(sections)}"
    yield "\n".join(f"- {point.asked.number} {escape(point.asked.title)}" for point in _missing(sections)) or "None."
    yield _how_to_answer()
    for title, points in sections:
        yield f"## {title}"
        for point in points:
            yield f"### {point.asked.number} {point.asked.title}"
            yield "\n".join(_bullet(fact) for fact in point.facts) or "**Not known.**"
    if subject.curve:
        yield f"Training curve: {escape(curve_words(subject.curve))}"
    told = _told(subject)
    if told:
        yield "## What was left out, and what may be wrong"
        yield "\n".join(f"- {escape(words)}" for words in told)
    yield _written()


def _bullet(fact: Fact) -> str:
    lines = [escape(line) for line in fact.text.splitlines()] or [""]
    return f"- {escape(fact.label)}: {'<br>'.join(lines)} *({escape(_plain(fact.source))})*"


def html_of(subject: Subject) -> str:
    """Returns the dossier as one HTML file: no script, nothing from elsewhere, light and dark, for paper too."""
    css = _CSS + STYLE
    allowed = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    body = "\n".join(_html(subject))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Dossier: {_text(subject.title)}</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n{body}\n"
        "</main>\n</body>\n</html>\n"
    )


def _html(subject: Subject) -> Iterator[str]:
    sections = list(points_of(subject))
    yield f"<h1>Dossier: {_text(subject.title)}</h1>"
    yield f'<p class="claim">{_text(_CLAIM)}</p>'
    yield f"<h2>{_text(_gaps(sections))}</h2>"
    missing = "".join(f"<li>{_text(p.asked.number)} {_text(p.asked.title)}</li>" for p in _missing(sections))
    yield f"<ul>{missing}</ul>" if missing else "<p>None.</p>"
    yield f'<p class="note">{_text(_how_to_answer())}</p>'
    if subject.curve:
        yield svg_of(subject.curve, with_style=False)
    for title, points in sections:
        yield f"<h2>{_text(title)}</h2>"
        for point in points:
            yield f"<h3>{_text(point.asked.number)} {_text(point.asked.title)}</h3>"
            rows = "".join(map(_row, point.facts))
            yield f"<table><tbody>{rows}</tbody></table>" if rows else '<p class="gap">Not known.</p>'
    told = "".join(f"<li>{_text(words)}</li>" for words in _told(subject))
    if told:
        yield f"<h2>What was left out, and what may be wrong</h2><ul>{told}</ul>"
    yield f'<p class="note">{_text(_written())}</p>'


def _row(fact: Fact) -> str:
    source = _text(_plain(fact.source))
    text = "\n".join(map(_text, fact.text.splitlines()))
    return (
        f'<tr><th scope="row">{_text(fact.label)}</th><td class="text">{text}</td><td class="source">{source}</td></tr>'
    )


def _plain(source: str) -> str:
    """A source without marks of code: it may hold names of others, so that none of its Markdown is obeyed."""
    return source.replace("`", "")


def _told(subject: Subject) -> tuple[str, ...]:
    return (*subject.left_out, *subject.problems, *stray_labels(subject))


def _missing(sections: list[tuple[str, tuple[Point, ...]]]) -> list[Point]:
    return [point for _, points in sections for point in points if not point.facts]


def _gaps(sections: list[tuple[str, tuple[Point, ...]]]) -> str:
    return facts.gaps_in_words(len(_missing(sections)), sum(len(points) for _, points in sections))


def _how_to_answer() -> str:
    return f"A label answers a point in the author's words: {LABEL}5 for point 5, {LABEL}1a-provider for the provider."


def _written() -> str:
    return f"Written by tb_versions {__version__} from the version's manifest and log."


def _text(text: str) -> str:
    return html.escape(visible(text))
