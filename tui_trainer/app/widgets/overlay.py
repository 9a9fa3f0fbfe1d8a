"""The curves of several settings over each other, on axes that all share. Given an `OverlayView`, it repaints what changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
from tui_trainer.app.widgets.marks import draw_band
from tui_trainer.app.widgets.overlay_curves import Laid, Stroke, reach
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scale import TINY, Scale, linear_scale, log_scale, mostly_positive, robust_top
from tui_trainer.app.widgets.span import Span
from tui_trainer.app.widgets.strokes import draw_stroke, rhythm

AXIS_ROWS = 2
LABEL = 22
"""Columns of a label at the most; under `NARROW` columns as many as `SHORT`."""
SHORT = 14
TINT, DOTS = 0.2, 0.45
"""How much of its colour a band has, in cells that it fills and in those that it does not."""
ALONG = (0.3, 0.65)
"""Where on a curve its letter stands too while there is no colour."""


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
        self._laid = Laid()

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
        strokes = [one for one in view.strokes if one.points]
        if not strokes:
            empty = framed(Grid(columns, rows, ("dim",)), (), ink)
            return [*_said(empty, view.empty, ink.ink("dim"), columns), *x_axis(columns, _Blank(view.axis), ink, narrow)]
        names = {one.letter: _texts(one, SHORT if narrow else LABEL) for one in strokes}
        span = Span(view.axis, reach(strokes, names, columns, view.reach), columns)
        lines = [self._laid.vertices(one, view.smoothing, span) for one in strokes]
        top = strokes[-1]
        low, high = self._laid.band(top, span)
        scale = self._scale([y for vertices in lines for _, y in vertices], low, high, rows)
        grid = Grid(columns, rows, (ink.mixed(top.colour, DOTS) if ink.tints else "band", *(one.colour for one in strokes)))
        if top.band:
            draw_band(grid, low, high, scale, tints=ink.tints)
        for layer, (one, vertices) in enumerate(zip(strokes, lines, strict=True), 2):
            draw_stroke(grid, vertices, scale, layer, rhythm(one.letter))
        self._label(grid, strokes, lines, names, scale)
        labels = [(row, text) for row, text in scale.ticks if not text.startswith("−")]  # none of these figures is ever below 0
        labels = _percents(labels) if view.curve == "accuracy" else labels
        return [*framed(grid, labels, ink, ink.mixed(top.colour, TINT)), *x_axis(columns, _Axis(span), ink, narrow)]

    def _scale(self, values: list[float], low: Sequence[float], high: Sequence[float], rows: int) -> Scale:
        """One that holds all curves, and the band where the lowest and the highest are."""
        every = values + [value for value in (*low, *high) if abs(value) < math.inf]
        least, most = min(every), max(every)
        if self._view.curve == "accuracy":
            return linear_scale(least, most, rows, most=1.0, times=100.0, headroom=0.5)
        if self._view.log and mostly_positive(values):
            return log_scale(min(value for value in every if value > TINY), most, rows)
        return linear_scale(least, robust_top(least, every), rows)

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
                    column, row = x >> 1, min(max(scale.dot(y), 0), grid.high - 1) >> 2
                    if row * grid.columns + column not in grid.glyphs:
                        grid.glyph(column, row, one.letter, one.colour)


def _end_label(one: Stroke, texts: tuple[str, ...], end: Vertex, scale: Scale, grid: Grid) -> EndLabel:
    row = min(max(scale.dot(end[1]), 0), grid.high - 1) >> 2
    return EndLabel(min(end[0] >> 1, grid.columns - 1), row, texts, one.colour)


def _texts(one: Stroke, most: int) -> tuple[str, ...]:
    name = clipped(units.plain(one.name), most - 2)
    return (f"{one.letter} {name}", one.letter) if name else (one.letter,)


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
