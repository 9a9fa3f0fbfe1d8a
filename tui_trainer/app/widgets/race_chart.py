"""Up to four curves over each other, each with a name at its end, so that no colour is needed to tell them apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.frame import GUTTER, framed, x_axis
from tui_trainer.app.widgets.legend import NARROW
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scale import TINY, Scale, linear_scale, log_scale, mostly_positive
from tui_trainer.app.widgets.span import Span

UNITS = {"seconds": "seconds", "samples": "seen", "steps": "step", "epochs": "epoch"}
"""What stands below the numbers of each axis."""
NAME = 14
"""Columns of the longest name at the end of a curve."""
PATTERNS = (1, 2, 3, 5)
"""Without colours: every so many columns of dots of the first curve, the second, and so on."""


@dataclass(frozen=True, slots=True)
class RacedCurve:
    """One curve: places on the x axis, rising, and the values there."""

    name: str
    colour: str
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RaceChartView:
    """What the chart shows. Equal views draw the same."""

    title: str = "Validation accuracy"
    curves: tuple[RacedCurve, ...] = ()
    axis: str = "seconds"
    end: float = 1.0
    """The right end of the x axis."""
    percent: bool = True
    """Whether values are shares; else losses, of which the least is best."""
    hidden: str = ""
    """What is said in place of the curves."""


class RaceChart(Panel):
    """The curves over the whole budget: the empty right side is the race that is left."""

    DEFAULT_CSS = "RaceChart { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = RaceChartView()

    def show(self, view: RaceChartView) -> None:
        """Draw this; nothing at all happens when it looks the same as before."""
        if view != self._view:
            self._view = view
            self.draw()

    def aside(self) -> Line:
        return line((f"x: {self._view.axis}", self.ink.ink("dim")))

    def lines(self, width: int, height: int) -> list[Line]:
        view = self._view
        self.title = view.title
        columns, rows = width - GUTTER - 1, height - 3
        if rows < 1 or columns < 10:
            return [self.rule(width)]
        names = min(max((len(one.name) for one in view.curves), default=0), NAME, columns // 4)
        span = Span(UNITS.get(view.axis, view.axis), view.end, columns - names - 2)
        scale = None if view.hidden else scale_of(view, rows)
        grid = Grid(columns, rows, [one.colour for one in view.curves] * 2)
        if scale is not None:
            draw_curves(grid, view.curves, scale, span, names, plain=self.ink.depth == "none")
        if view.hidden:
            words = clipped(view.hidden, columns - 2)
            grid.glyph((columns - len(words)) // 2, rows // 2, words, "you")
        axis = x_axis(columns, span, self.ink, width < NARROW)
        return [self.rule(width), *framed(grid, _labels(scale, percent=view.percent), self.ink), *axis]


def scale_of(view: RaceChartView, rows: int) -> Scale | None:
    """The y axis; None where there is nothing to show yet."""
    values = [value for curve in view.curves for _, value in curve.points if math.isfinite(value)]
    if not values:
        return None
    low, high = min(values), max(values)
    if view.percent:
        return linear_scale(low, high, rows, most=1.0, times=100.0, headroom=0.75 if rows >= 5 else 0.0)
    if mostly_positive(values):
        return log_scale(min(value for value in values if value > TINY), high, rows)
    return linear_scale(low, high, rows)


def _labels(scale: Scale | None, *, percent: bool) -> list[tuple[int, str]]:
    if scale is None:
        return []
    sign = " %" if percent and all(len(text) <= 3 for _, text in scale.ticks) else ""
    return [(row, text + sign) for row, text in scale.ticks]


def draw_curves(grid: Grid, curves: tuple[RacedCurve, ...], scale: Scale, span: Span, names: int, *, plain: bool) -> None:
    """Lines, a blob at the end of each, and its name right of that, a row off where it would hide something."""
    ends: list[tuple[int, int, RacedCurve]] = []
    for number, curve in enumerate(curves):
        dots = [(span.dot(x), scale.dot(value)) for x, value in curve.points if math.isfinite(value)]
        every = PATTERNS[number % len(PATTERNS)] if plain else 1
        for (x0, y0), (x1, y1) in pairwise(dots):
            grid.line(x0, y0, max(x1, x0), y1, number + 1, every)
        if dots:
            x, y = min(dots[-1][0], grid.wide - 1), min(max(dots[-1][1], 0), grid.high - 1)
            grid.blob(x, y, len(curves) + number + 1)
            ends.append((x, y, curve))
    shown = dict(zip((one.name for one in curves), apart([one.name for one in curves], names), strict=True))
    row = -1
    for x, y, curve in sorted(ends, key=lambda end: end[1]):
        row = _name(grid, x, y, shown[curve.name], curve.colour, below=row)


def _name(grid: Grid, x: int, y: int, name: str, colour: str, *, below: int) -> int:
    """The name in the nearest row where it hides nothing, if possible below a row; else in the nearest without another name. Gives
    the row."""
    column = max(min(((x + 1) >> 1) + 2, grid.columns - len(name)), 0)
    row = min(max(y >> 2, 0), grid.rows - 1)
    rows = sorted(range(grid.rows), key=lambda at: (at <= below, abs(at - row), at))
    cells = range(column, min(column + len(name) + 1, grid.columns))
    clean = (at for at in rows if all(grid.free(one, at) for one in cells))
    bare = (at for at in rows if not any(at * grid.columns + one in grid.glyphs for one in cells))
    found = next(clean, next(bare, row))
    grid.glyph(column, found, name, colour)
    return found


def apart(names: Sequence[str], width: int) -> list[str]:
    """The names in at most so many columns; of those that would look the same, what they differ in."""
    shown = [clipped(name, width) for name in names]
    for text in {one for one in shown if shown.count(one) > 1}:
        alike = [at for at, one in enumerate(shown) if one == text]
        first, last = min(names[at] for at in alike), max(names[at] for at in alike)  # what these two share, all do
        same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
        start = max(names[alike[0]].rfind(" ", 0, same) + 1, same - width + 3)
        for at in alike:
            shown[at] = clipped("…" + names[at][start:], width)
    return shown
