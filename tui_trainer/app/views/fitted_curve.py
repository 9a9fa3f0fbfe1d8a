"""The fitted curve: what the net predicts over its one input, as a line, over the samples as faint dots."""

from __future__ import annotations

import math

from tui_trainer import units
from tui_trainer.app.views.extent import Extent, multiples, round_steps
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.frame import GUTTER, framed, x_axis
from tui_trainer.app.widgets.legend import NARROW
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scale import Scale, linear_scale, step_label
from tui_trainer.events import Probed
from tui_trainer.runs.trail import pairs

SAMPLES, PREDICTED = 1, 2
BEYOND = 0.2
"""How far the axis may reach past the targets after a prediction, as a share of their range."""
AXIS_FROM = 8
"""Rows from which there is an axis of x below."""

Points = list[tuple[float, float]]


class FittedCurve(Panel):
    """Draws the newest `curve` probe; nothing at all happens while it is the same."""

    title = "Fitted curve"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._probed: Probed | None = None
        self._predicted: Points = []
        self._samples: Points = []

    def show(self, probed: Probed | None) -> None:
        if probed is not self._probed:
            self._probed = probed
            self._predicted = pairs(probed, "x", "predicted") if probed else []
            self._samples = pairs(probed, "samples_x", "samples_y") if probed else []
            self.draw()

    def legend(self, width: int) -> Line:
        if self._probed is None:
            return []
        ink = self.ink
        dim = ink.ink("dim")
        samples = line(("  ", dim), (self._spot if self._plain else "∙", ink.ink("last")), (" samples", dim))
        return line(("━", ink.ink("train")), (" predicted", dim), *(samples if self._samples else []))

    def aside(self) -> Line:
        return line((f"epoch {self._probed.epoch}", self.ink.ink("dim"))) if self._probed else []

    def lines(self, width: int, height: int) -> list[Line]:
        margin = (" ", self.ink.ink())
        rows, columns = height - 1 - 2 * (height >= AXIS_FROM), width - GUTTER - 1
        if rows < 1 or columns < 2:
            return [self.rule(width)]
        if not self._predicted and not self._samples:
            why = "no finite prediction" if self._probed else "after the first evaluation"
            return [self.rule(width), line(margin, (why, self.ink.ink("dim")))]
        xs = [x for x, _ in self._predicted + self._samples]
        extent, scale = Extent(min(xs), max(xs), columns), self._scale(rows)
        grid = Grid(columns, rows, ("last", "train"))
        self._plot(grid, extent, scale)
        below = x_axis(columns, extent, self.ink, narrow=width < NARROW) if height >= AXIS_FROM else []
        return [self.rule(width), *framed(grid, scale.ticks, self.ink), *below]

    def _scale(self, rows: int) -> Scale:
        """The targets' own range, and a little of what is predicted past it."""
        targets = [y for _, y in self._samples] or [y for _, y in self._predicted]
        low, high = min(targets), max(targets)
        room = BEYOND * ((high - low) or abs(high) or 1.0)
        reached = [min(max(y, low - room), high + room) for _, y in self._predicted]
        return filled(min([low, *reached]), max([high, *reached]), rows)

    def _plot(self, grid: Grid, extent: Extent, scale: Scale) -> None:
        if not self._plain:
            for x, y in self._samples:
                grid.dot(extent.dot(x), scale.dot(y), SAMPLES)
        before: tuple[int, int] | None = None
        for x, y in self._predicted:
            here = extent.dot(x), scale.dot(y)
            grid.line(*(before or here), *here, PREDICTED)
            self._mark_outside(grid, *here)
            before = here
        if self._plain:
            for x, y in self._samples:
                column, row = extent.dot(x) >> 1, scale.dot(y) >> 2
                if grid.free(column, row):
                    grid.glyph(column, row, self._spot, "last")

    def _mark_outside(self, grid: Grid, x: int, y: int) -> None:
        """What is predicted above or below the axis has a mark at that edge."""
        if y < 0:
            grid.glyph(x >> 1, 0, "▲", "train")
        elif y >= grid.high:
            grid.glyph(x >> 1, grid.rows - 1, "▼", "train")

    @property
    def _plain(self) -> bool:
        """Whether dots of two kinds cannot be told apart by their colour: samples then are glyphs."""
        return self.ink.depth == "none" or bool(getattr(self.app, "ascii_only", False))

    _spot = "○"


def filled(low: float, high: float, rows: int) -> Scale:
    """A linear scale from the first row to the last, whatever a row then stands for: nothing moves on this chart."""
    if not high - low > 1e-9 * max(abs(low), abs(high), 1e-9):
        return linear_scale(low, high, rows)
    for step in round_steps(low, high):  # a round number just past an end is worth a hair of room
        near, size = 0.03 * (high - low), high - low
        if step >= size / 5:
            low = down if low - (down := math.floor(low / step) * step) <= near else low
            high = up if (up := math.ceil(high / step) * step) - high <= near else high
    unit = (high - low) / max(rows - 0.5, 0.5)
    top = high + unit / 4
    ticks: dict[int, str] = {}
    for step in round_steps(low, high):
        places = {math.floor((top - value) / unit): step_label(value, step) for value in multiples(low, high, step)}
        if len(places) * 2 <= rows + 1:
            ticks = places
            break
    return Scale(rows, top, unit, False, tuple(sorted(ticks.items())))


def misses(probed: Probed, most: int) -> list[tuple[float, float, float]]:
    """Samples that the curve misses by most: (x, target, predicted there), the worst first."""
    line_, found = pairs(probed, "x", "predicted"), []
    at = 0
    for x, target in sorted(pairs(probed, "samples_x", "samples_y")):
        while at + 2 < len(line_) and line_[at + 1][0] < x:
            at += 1
        if at + 1 < len(line_):
            (x0, y0), (x1, y1) = line_[at], line_[at + 1]
            share = min(max((x - x0) / (x1 - x0), 0.0), 1.0) if x1 > x0 else 0.0
            found.append((x, target, y0 + share * (y1 - y0)))
    return sorted(found, key=lambda one: -abs(one[1] - one[2]))[:most]


def shown(value: float) -> str:
    """A coordinate in a few columns: 1.571, −0.250"""
    return f"{value:.3f}".replace("-", "−") if 0.001 <= abs(value) < 100 or not value else units.figure(value)
