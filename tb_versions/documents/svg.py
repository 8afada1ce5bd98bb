"""Draws a training curve with a mark where the version was exported, as an SVG that needs nothing else. Pure."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator

from tb_versions.core.manifest import visible
from tb_versions.documents.subject import Drawn
from tb_versions.exports.contents.thinning import thinned

_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 16, 34, 40
_MOST_POINTS = 400

STYLE = (
    ".tbv-curve{font:12px system-ui,sans-serif;fill:#333}.tbv-curve .line{fill:none;stroke:#1967d2;stroke-width:1.6}"
    ".tbv-curve .dot{fill:#1967d2}.tbv-curve .axis{stroke:#bbb}.tbv-curve .export{stroke:#b3261e;stroke-dasharray:5 3}"
    ".tbv-curve .mark{fill:#b3261e}.tbv-curve .back{fill:#fff}"
    "@media screen and (prefers-color-scheme:dark){.tbv-curve{fill:#ddd}.tbv-curve .line{stroke:#8ab4f8}"
    ".tbv-curve .dot{fill:#8ab4f8}.tbv-curve .axis{stroke:#666}"
    ".tbv-curve .export{stroke:#f2b8b5}.tbv-curve .mark{fill:#f2b8b5}.tbv-curve .back{fill:#1e1e1e}}"
)
"""Colours in light and dark; on paper a page's own rules count."""


def curve_words(drawn: Drawn) -> str:
    """Returns what the drawing shows, for whoever does not see it."""
    count = len(drawn.points.steps)
    first, last = int(drawn.points.steps[0]), int(drawn.points.steps[-1])
    export = "the step of the export is not known" if drawn.step is None else f"the export was at step {drawn.step:,}"
    sampled = "; points may be missing, for the curve was read as a sample" if drawn.sampled else ""
    points = "1 point" if count == 1 else f"{count:,} points"
    return f"{drawn.name} of run {drawn.run}: {points}, steps {first:,} to {last:,}; {export}{sampled}."


def svg_of(drawn: Drawn, *, with_style: bool = True) -> str:
    """Returns the drawing.

    Args:
        drawn: The curve.
        with_style: Whether the colours are in it; a page that holds the drawing has them in its own style.
    """
    points = thinned(drawn.points, _MOST_POINTS, [] if drawn.step is None else [drawn.step])
    pairs = [(int(step), float(value)) for step, value in zip(points.steps, points.values, strict=True)]
    numbers = [value for _, value in pairs if math.isfinite(value)]
    steps = [step for step, _ in pairs] + ([] if drawn.step is None else [drawn.step])
    scale = _Scale(min(steps), max(steps), min(numbers, default=0.0), max(numbers, default=0.0))
    words = _text(curve_words(drawn))
    style = f"<style>{STYLE}</style>" if with_style else ""
    inner = "".join(_parts(drawn, pairs, scale))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tbv-curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'width="{_WIDTH}" height="{_HEIGHT}" aria-label="{words}"><title>{words}</title>{style}'
        f'<rect class="back" width="{_WIDTH}" height="{_HEIGHT}"/>{inner}</svg>'
    )


class _Scale:
    """From steps and values to places in the drawing."""

    def __init__(self, first: int, last: int, low: float, high: float) -> None:
        self.first, self.last, self.low, self.high = first, last, low, high

    def x(self, step: int) -> float:
        share = (step - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 2)

    def y(self, value: float) -> float:
        low, high, one = self.low / 2, self.high / 2, value / 2  # halves, or the range of doubles would be infinite
        share = (one - low) / (high - low) if high > low else 0.5
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 2)


def _parts(drawn: Drawn, pairs: list[tuple[int, float]], scale: _Scale) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    yield f'<path class="axis" fill="none" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>'
    yield f'<text x="{_LEFT}" y="20">{_text(drawn.name)} ({_text(drawn.run)})</text>'
    for value, y in ((scale.high, _TOP + 4), (scale.low, bottom)):
        yield f'<text x="{_LEFT - 8}" y="{y}" text-anchor="end">{value:.5g}</text>'
    yield f'<text x="{_LEFT}" y="{bottom + 18}">step {scale.first:,}</text>'
    yield f'<text x="{right}" y="{bottom + 18}" text-anchor="end">{scale.last:,}</text>'
    for piece in _pieces(pairs):
        places = [f"{scale.x(step)} {scale.y(value)}" for step, value in piece]
        if len(places) == 1:
            yield f'<circle class="dot" cx="{scale.x(piece[0][0])}" cy="{scale.y(piece[0][1])}" r="2.5"/>'
        else:
            yield f'<path class="line" d="M{"L".join(places)}"/>'
    if drawn.step is not None:
        x = scale.x(drawn.step)
        anchor = "end" if x > _WIDTH / 2 else "start"
        yield f'<path class="export" d="M{x} {_TOP}V{bottom}"/>'
        yield f'<text class="mark" x="{x}" y="{bottom + 34}" text-anchor="{anchor}">export, step {drawn.step:,}</text>'


def _pieces(pairs: list[tuple[int, float]]) -> Iterator[list[tuple[int, float]]]:
    """The parts of the curve between values that are no numbers."""
    piece: list[tuple[int, float]] = []
    for step, value in pairs:
        if math.isfinite(value):
            piece.append((step, value))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _text(text: str) -> str:
    return html.escape(visible(text))
