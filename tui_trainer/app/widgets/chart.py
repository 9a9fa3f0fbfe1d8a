"""What the live charts of a run share, and that of the loss. Given a `ChartView`, they repaint what changed of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.curves import Curve, Vertex
from tui_trainer.app.widgets.frame import GUTTER, framed, x_axis
from tui_trainer.app.widgets.legend import NARROW, SPARK, Figures, fitting
from tui_trainer.app.widgets.marks import (
    LAST,
    LAYERS,
    TRAIN,
    VAL,
    Placed,
    Upright,
    draw_band,
    draw_best,
    draw_edge,
    draw_line,
    draw_points,
    draw_uprights,
    uprights,
)
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scale import TINY, Scale, linear_scale, log_scale, mostly_positive, robust_top
from tui_trainer.app.widgets.span import SMOOTHING, ChartView, Span, pace, place, reach, step_of
from tui_trainer.app.widgets.sparkline import sparkline

if TYPE_CHECKING:
    from tui_trainer.runs.history import History, Point
    from tui_trainer.runs.series import Series

__all__ = ["Chart", "ChartView", "LossChart"]

SPARSE = 4
"""Without colours the last run has a dot in every fourth column."""


class Chart(Panel):
    """What both charts do: curves, marks and the frame around them."""

    DEFAULT_CSS = "Chart { height: 1fr; }"
    axis_rows = 0
    marked_rows = False
    """Whether marks have their glyphs and words in the uppermost row."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: ChartView | None = None
        self._seen: tuple[object, ...] = ()
        self._train, self._before = Curve(), Curve()
        self._points = {last: Placed() for last in (False, True)}
        self._marks: tuple[object, list[Upright]] = ((), [])
        self._behind: tuple[object, Grid] = ((), Grid(0, 0, LAYERS))
        self._words: tuple[Line, Line] = ([], [])

    def show(self, view: ChartView) -> None:
        """Draw this; nothing at all happens when it looks the same as before."""
        self._view = view
        seen = self._state(view)
        if seen != self._seen:
            self._seen = seen
            self.draw()

    def _state(self, view: ChartView) -> tuple[object, ...]:
        """All that a drawing depends on and that moves."""
        now, last = view.history, view.last
        settings = (view.unit, view.log, view.smoothing, view.cursor, self.size, self.ink)
        curves = (now.loss.count, now.accuracy.count, now.val_loss[-1:], now.evaluation, now.best, now.best_loss, now.step)
        behind = (id(last), last.loss.count, last.step) if last else ()
        return (id(now), settings, curves, tuple(now.marks[-1:]), len(now.marks), reach(view), behind)

    # What differs between loss and accuracy.

    def series(self, history: History) -> Series:
        raise NotImplementedError

    def points(self, history: History) -> Sequence[Point]:
        raise NotImplementedError

    def best(self, history: History) -> float | None:
        raise NotImplementedError

    def behind(self, view: ChartView, span: Span) -> list[Vertex]:
        """The line of the last run."""
        raise NotImplementedError

    def scale(self, rows: int, line: list[Vertex], points: list[Vertex], behind: list[Vertex]) -> Scale | None:
        raise NotImplementedError

    def figures(self) -> Figures:
        raise NotImplementedError

    def asides(self) -> list[Line]:
        """What may stand at the right end of the rule, from the fullest to the shortest."""
        return []

    # The frame.

    def legend(self, width: int) -> Line:
        return self._words[0]

    def aside(self) -> Line:
        return self._words[1]

    def lines(self, width: int, height: int) -> list[Line]:
        rows, columns = height - 1 - self.axis_rows, width - GUTTER - 1
        chart = self._chart(columns, rows) if rows > 0 and columns > 1 else []
        self._words = fitting(self.figures(), self.asides(), self.ink, self.title, width)
        return [self.rule(width), *chart]

    def _chart(self, columns: int, rows: int) -> list[Line]:
        ink, narrow = self.ink, self.size.width < NARROW
        if self._view is None:
            return framed(Grid(columns, rows, LAYERS), (), ink) + (x_axis(columns, None, ink, narrow) if self.axis_rows else [])
        view = self._view
        span = Span(view.unit, reach(view), columns)
        self._follow(self._train, view.history, self.series(view.history), span, view)
        points = self._placed(view.history, span)
        behind = self.behind(view, span)
        scale = self.scale(rows, self._train.line, points, behind)
        grid = self._backdrop(columns, rows, scale, behind)
        if scale:
            self._curves(grid, scale, points)
            self._best(grid, scale, span, view.history)
        self._edges(grid, scale, span, view.history, points)  # so that no words are written there
        draw_uprights(grid, self._uprights(view, span), tops=self.marked_rows)
        self._edges(grid, scale, span, view.history, points)
        labels = scale.ticks if scale else ()
        return framed(grid, labels, ink) + (x_axis(columns, span, ink, narrow) if self.axis_rows else [])

    def _follow(self, curve: Curve, history: History, series: Series, span: Span, view: ChartView) -> None:
        key = (*pace(history), view.unit, span.end)
        curve.follow(series, 2 * span.columns, lambda step: span.dot(place(history, step, view.unit)), view.window, key)

    def _placed(self, history: History, span: Span, *, last: bool = False) -> list[Vertex]:
        """The validations of this run or of the last one on this axis."""
        key = (span, *pace(history), id(history))
        return self._points[last].follow(
            self.points(history), lambda step: span.dot(place(history, step, span.unit)), 2 * span.columns, key
        )

    def _backdrop(self, columns: int, rows: int, scale: Scale | None, behind: list[Vertex]) -> Grid:
        """A grid with the last run on it, which is drawn anew only when the scale moves."""
        plain = self.ink.depth == "none"
        key = (columns, rows, scale, plain, len(behind), tuple(behind[-1:]), id(self._view.last if self._view else None))
        if key != self._behind[0]:
            grid = Grid(columns, rows, LAYERS)
            if scale:
                draw_line(grid, behind, scale, LAST, SPARSE if plain else 1)
            self._behind = key, grid
        return self._behind[1].copy()

    def _curves(self, grid: Grid, scale: Scale, points: list[Vertex]) -> None:
        plain = self.ink.depth == "none"
        self.band(grid, scale)
        draw_line(grid, self._train.line, scale, TRAIN)
        draw_line(grid, points, scale, VAL, 2 if plain else 1)
        draw_points(grid, points, scale, plain=plain)

    def band(self, grid: Grid, scale: Scale) -> None:
        """What is drawn around the train line."""

    def _best(self, grid: Grid, scale: Scale, span: Span, history: History) -> None:
        value = self.best(history)
        if history.best is not None and value is not None and math.isfinite(value):
            x = min(span.dot(place(history, history.best.step, span.unit)), grid.wide - 1)
            draw_best(grid, x, value, scale, plain=self.ink.depth == "none")

    def _uprights(self, view: ChartView, span: Span) -> list[Upright]:
        """What a person did, placed anew only when there is more of it, and the epoch that is looked at."""
        history, narrow = view.history, self.size.width < NARROW
        key = (span, narrow, id(history), *pace(history), len(history.marks), tuple(history.marks[-1:]))
        if key != self._marks[0]:
            placed = ((min(span.dot(place(history, mark.step, view.unit)) >> 1, span.columns - 1), mark) for mark in history.marks)
            self._marks = key, uprights(placed, narrow=narrow)
        if view.cursor is None:
            return self._marks[1]
        at = min(span.dot(place(history, step_of(history, view.cursor), view.unit)) >> 1, span.columns - 1)
        return [one for one in self._marks[1] if one.column != at] + [Upright(at, "cursor", (f"epoch {view.cursor:g}",))]

    def _edges(self, grid: Grid, scale: Scale | None, span: Span, history: History, points: list[Vertex]) -> None:
        """What has no place on the scale is said at the top edge."""
        if scale and self.marked_rows:
            above = [x >> 1 for x, high in enumerate(self._train.high) if scale.dot(high) < 0]
            above += [x >> 1 for x, value in points if scale.dot(value) < 0]
            draw_edge(grid, above, "▲", "train")
        if self.marked_rows:
            broken = [*self.series(history).nonfinite, *(mark.step for mark in history.marks if mark.kind == "diverged")]
            draw_edge(grid, (span.dot(place(history, step, span.unit)) >> 1 for step in broken), "✕", "worse")


class LossChart(Chart):
    """Loss of every step, as a smoothed line over its extremes, and of every validation."""

    title = "Loss"
    marked_rows = True

    def series(self, history: History) -> Series:
        return history.loss

    def points(self, history: History) -> Sequence[Point]:
        return history.val_loss

    def best(self, history: History) -> float | None:
        return history.best_loss

    def behind(self, view: ChartView, span: Span) -> list[Vertex]:
        if view.last is None:
            return []
        self._follow(self._before, view.last, view.last.loss, span, view)
        return self._before.line

    def band(self, grid: Grid, scale: Scale) -> None:
        draw_band(grid, self._train.low, self._train.high, scale, tints=self.ink.tints)

    def scale(self, rows: int, line: list[Vertex], points: list[Vertex], behind: list[Vertex]) -> Scale | None:
        train = self._train
        lows = [low for low in train.low if low < math.inf]
        highs = [high for high in train.high if high > -math.inf]
        others = [value for _, value in (*points, *behind)]
        if not lows and not others:
            return None
        values = lows + highs + others
        if self._view and self._view.log and mostly_positive([value for _, value in line] + others):
            return log_scale(min(value for value in values if value > TINY), max(values), rows)
        return linear_scale(min(values), robust_top(min(values), highs + others), rows)

    def figures(self) -> Figures:
        if self._view is None:
            return Figures(units.UNKNOWN, units.UNKNOWN, units.UNKNOWN)
        now, series = self._view.history, self._view.history.loss
        broken = series.last is not None and not math.isfinite(series.last)
        train = series.last if broken or not self._view.window else self._train.value
        val = now.val_loss[-1].value if now.val_loss else None
        if (point := self._view.looked_at(now.val_loss)) is not None:
            train, val, broken = series.mean_at(point.step), point.value, False
        spark = sparkline(series.recent, SPARK)
        return Figures(units.loss(train), units.loss(val), units.loss(now.best_loss), best_epoch(now), spark, broken)

    def asides(self) -> list[Line]:
        view, ink = self._view, self.ink
        if view is None:
            return []
        dim = ink.ink("dim")
        words = (["log"] if view.log else []) + ([f"smooth {view.smoothing}"] if view.smoothing != SMOOTHING else [])
        state = line(("  ".join(words), dim)) if words else []
        behind = line(("┅", ink.ink("last")), (" last run" + "  " * bool(words), dim)) if view.last else []
        return [aside for aside in ([*behind, *state], state) if aside]


def best_epoch(history: History) -> str:
    return f"epoch {history.best.epoch:g}" if history.best else ""
