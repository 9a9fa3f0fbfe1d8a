"""The curves of several settings over each other, on axes that all share. Given an `OverlayView`, it repaints what changed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.style import Style

from tui_trainer import units
from tui_trainer.app.widgets import end_labels
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.curves import Vertex
from tui_trainer.app.widgets.end_labels import EndLabel
from tui_trainer.app.widgets.frame import GUTTER, framed, x_axis
from tui_trainer.app.widgets.legend import NARROW
from tui_trainer.app.widgets.marks import draw_band, thinned
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scale import TINY, Scale, linear_scale, log_scale, mostly_positive, robust_top
from tui_trainer.app.widgets.span import WINDOWS, Span
from tui_trainer.app.widgets.strokes import draw_stroke, rhythm

Points = tuple[tuple[float, float], ...]
Bounds = tuple[tuple[float, float, float], ...]

AXIS_ROWS = 2
LABEL = 22
"""Columns of a label at the most; under `NARROW` columns as many as `SHORT`."""
SHORT = 14
ROOM = 1.4
"""How many times as long as the longest curve the axis may be, so that labels have room at its right."""
TINT, DOTS = 0.2, 0.45
"""How much of its colour a band has, in cells that it fills and in those that it does not."""
ALONG = (0.3, 0.65)
"""Where on a curve its letter stands too while there is no colour."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """The curve of one setting."""

    letter: str
    name: str
    colour: str
    """`last` where it has none of its own."""
    points: Points
    """(x, y), from left to right; finite."""
    band: Bounds = ()
    """(x, lowest, highest)"""


@dataclass(frozen=True, slots=True)
class OverlayView:
    """Equal views draw the same."""

    strokes: tuple[Stroke, ...] = ()
    """From the lowest to the uppermost."""
    curve: str = "accuracy"
    axis: str = "epoch"
    log: bool = False
    smoothing: int = 0
    reach: float = 0.0
    """Where the x axis ends at least: of runs that go on, the end of the plan."""
    asides: tuple[str, ...] = ()
    """What may stand at the right end of the rule, from the fullest to the shortest."""
    empty: tuple[str, ...] = ()
    """What is said where there is no curve."""


TITLES = {
    "accuracy": "Validation accuracy",
    "loss": "Validation loss",
    "mae": "Validation error (MAE)",
    "train loss": "Training loss",
}


class OverlayChart(Panel):
    """Up to eight curves; the last of them lies on top, and its band behind all."""

    DEFAULT_CSS = "OverlayChart { height: 1fr; }"
    title = TITLES["accuracy"]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = OverlayView()
        self._smoothed: dict[str, tuple[Points, int, Points]] = {}

    def show(self, view: OverlayView) -> None:
        """Draw this; nothing happens when it looks the same as before."""
        if view != self._view:
            self._view = view
            self.title = TITLES.get(view.curve, view.curve)
            self.draw()

    def aside(self) -> Line:
        room = self.size.width - cell_len(self.title) - 10
        text = next((one for one in self._view.asides if cell_len(one) <= room), "")
        return line((text, self.ink.ink("dim"))) if text else []

    def lines(self, width: int, height: int) -> list[Line]:
        rows, columns = height - 1 - AXIS_ROWS, width - GUTTER - 1
        if rows < 1 or columns < 2:
            return [self.rule(width)]
        return [self.rule(width), *self._chart(columns, rows, narrow=width < NARROW)]

    def _chart(self, columns: int, rows: int, *, narrow: bool) -> list[Line]:
        view, ink = self._view, self.ink
        strokes = [replace(one, points=self._smooth(one)) for one in view.strokes if one.points]
        if not strokes:
            empty = framed(Grid(columns, rows, ("dim",)), (), ink)
            return [*_said(empty, view.empty, ink.ink("dim"), columns), *x_axis(columns, _Blank(view.axis), ink, narrow)]
        names = {one.letter: _texts(one, SHORT if narrow else LABEL) for one in strokes}
        span = Span(view.axis, reach(strokes, names, columns, view.reach), columns)
        scale = self._scale(strokes, rows)
        top = strokes[-1]
        grid = Grid(columns, rows, (ink.mixed(top.colour, DOTS) if ink.tints else "band", *(one.colour for one in strokes)))
        self._band(grid, top, span, scale)
        lines = [thinned([(span.dot(x), y) for x, y in one.points], 2 * columns) for one in strokes]
        for layer, (one, vertices) in enumerate(zip(strokes, lines, strict=True), 2):
            draw_stroke(grid, vertices, scale, layer, rhythm(one.letter))
        self._label(grid, strokes, lines, names, scale)
        labels = _percents(scale.ticks) if view.curve == "accuracy" else scale.ticks
        return [*framed(grid, labels, ink, ink.mixed(top.colour, TINT)), *x_axis(columns, _Axis(span), ink, narrow)]

    def _smooth(self, one: Stroke) -> Points:
        """The trailing mean of a curve, made once."""
        level = self._view.smoothing
        known = self._smoothed.get(one.letter)
        if known is None or known[0] is not one.points or known[1] != level:
            known = self._smoothed[one.letter] = one.points, level, trailing(one.points, level)
        return known[2]

    def _scale(self, strokes: Sequence[Stroke], rows: int) -> Scale:
        values = [y for one in strokes for _, y in one.points]
        bounds = [value for _, low, high in strokes[-1].band for value in (low, high)]
        low, high = min(values + bounds), max(values + bounds)
        if self._view.curve == "accuracy":
            return linear_scale(low, high, rows, most=1.0, times=100.0, headroom=0.5)
        if self._view.log and mostly_positive(values):
            return log_scale(min(value for value in values + bounds if value > TINY), high, rows)
        return linear_scale(low, robust_top(low, values + bounds), rows)

    def _band(self, grid: Grid, top: Stroke, span: Span, scale: Scale) -> None:
        if len(top.band) > 1:
            low, high = spread(top.band, span)
            draw_band(grid, low, high, scale, tints=self.ink.tints)

    def _label(
        self, grid: Grid, strokes: Sequence[Stroke], lines: Sequence[list[Vertex]], names: dict[str, tuple[str, ...]], scale: Scale
    ) -> None:
        """The upper curves first: theirs are the nearest to what one looks at."""
        ends = [_end_label(one, names[one.letter], vertices[-1], scale, grid) for one, vertices in zip(strokes, lines, strict=True)]
        end_labels.place(grid, reversed(ends))
        if self.ink.depth == "none" or getattr(self.app, "ascii_only", False):
            for one, vertices in zip(strokes, lines, strict=True):
                for part in ALONG if len(vertices) > 5 else ():
                    x, y = vertices[int(part * len(vertices))]
                    grid.glyph(x >> 1, max(scale.dot(y), 0) >> 2, one.letter, one.colour)


def _end_label(one: Stroke, texts: tuple[str, ...], end: Vertex, scale: Scale, grid: Grid) -> EndLabel:
    row = min(max(scale.dot(end[1]), 0), grid.high - 1) >> 2
    return EndLabel(min(end[0] >> 1, grid.columns - 1), row, texts, one.colour)


def _texts(one: Stroke, most: int) -> tuple[str, ...]:
    name = clipped(units.plain(one.name), most - 2)
    return (f"{one.letter} {name}", one.letter) if name else (one.letter,)


def reach(strokes: Sequence[Stroke], names: dict[str, tuple[str, ...]], columns: int, least: float) -> float:
    """The right end of the axis: past the end of the curves so far that each label has room at the right of its own."""
    longest = max(max(one.points[-1][0] for one in strokes), least, 1e-9)
    ends = [longest]
    for one in strokes:
        room = columns - cell_len(names[one.letter][0]) - end_labels.GAP - 2
        ends.append(one.points[-1][0] * columns / max(room, 1))
    return min(max(ends), ROOM * longest)


def trailing(points: Points, level: int) -> Points:
    """Each point as the mean of those before it: as many as the level says, never over more than the later half so far."""
    if not level or not points:
        return points
    window = max(level + 1, round(WINDOWS[min(level, len(WINDOWS) - 1)] * len(points)))
    sums = [0.0]
    for _, y in points:
        sums.append(sums[-1] + y)
    found = []
    for at, (x, _) in enumerate(points, 1):
        count = min(window, (at + 1) // 2)
        found.append((x, (sums[at] - sums[at - count]) / count))
    return tuple(found)


def spread(band: Bounds, span: Span) -> tuple[list[float], list[float]]:
    """Lowest and highest of each column of dots, straight between the points of a band; inf and -inf where there is none."""
    wide = 2 * span.columns
    low, high = [math.inf] * wide, [-math.inf] * wide
    before: tuple[int, float, float] | None = None
    for x, bottom, top in band:
        here = span.dot(x), bottom, top
        for column, one, other in _between(before or here, here):
            if column < wide:
                low[column], high[column] = min(low[column], one), max(high[column], other)
        before = here
    return low, high


def _between(one: tuple[int, float, float], other: tuple[int, float, float]) -> Iterator[tuple[int, float, float]]:
    steps = max(other[0] - one[0], 1)
    for at in range(1, steps + 1):
        share = at / steps
        low, high = one[1] + share * (other[1] - one[1]), one[2] + share * (other[2] - one[2])
        yield one[0] + (other[0] - one[0]) * at // steps, low, high


def _percents(ticks: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """With the sign where every label has room for it."""
    signed = [(row, f"{text} %") for row, text in ticks]
    return signed if all(len(text) < GUTTER for _, text in signed) else list(ticks)


def _said(lines: list[Line], texts: Sequence[str], style: Style, columns: int) -> list[Line]:
    """The rows with these sentences in their middle."""
    top = max((len(lines) - len(texts)) // 2, 0)
    for row, text in enumerate(texts[: len(lines)], top):
        frame = lines[row][:2]
        room = columns + 1
        lines[row] = [*frame, *line((padded(" " * max((room - cell_len(text)) // 2, 0) + text, room), style))]
    return lines


@dataclass(frozen=True, slots=True)
class _Blank:
    """An axis on which nothing stands yet."""

    axis: str

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        return {"seconds": "s", "epoch": "epoch", "step": "step"}.get(self.axis, ""), []


@dataclass(frozen=True, slots=True)
class _Axis:
    """The span with a word that fits the column of the labels: the rule says what the axis is."""

    span: Span

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        word, ticks = self.span.ticks()
        return word if len(word) < GUTTER else "", ticks
