"""The lower chart: accuracy in percent, or of regression the mean absolute error of validation; with both charts' x axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.chart import Chart, best_epoch
from tui_trainer.app.widgets.curves import Vertex
from tui_trainer.app.widgets.legend import NARROW, Figures
from tui_trainer.app.widgets.rows import Line
from tui_trainer.app.widgets.scale import TINY, Scale, linear_scale, log_scale, mostly_positive, robust_top
from tui_trainer.app.widgets.span import ChartView, Span

if TYPE_CHECKING:
    from tui_trainer.runs.history import History, Point
    from tui_trainer.runs.series import Series


class MeasureChart(Chart):
    """Accuracy of training and validation in percent, or mean absolute error, with the x axis of both charts."""

    title = "Accuracy"
    axis_rows = 2

    def series(self, history: History) -> Series:
        return history.accuracy

    def points(self, history: History) -> Sequence[Point]:
        return history.val_mae if self._errors else history.val_accuracy

    def best(self, history: History) -> float | None:
        if self._errors:
            return history.best_of.mae if history.best_of else None
        return history.best_accuracy

    @property
    def _errors(self) -> bool:
        return self._view is not None and self._view.history.regression

    def behind(self, view: ChartView, span: Span) -> list[Vertex]:
        return self._placed(view.last, span, last=True) if view.last else []

    def lines(self, width: int, height: int) -> list[Line]:
        self.title = "Accuracy" if not self._errors else "Mean absolute error" if width >= NARROW else "MAE"
        return super().lines(width, height)

    def scale(self, rows: int, line: list[Vertex], points: list[Vertex], behind: list[Vertex]) -> Scale | None:
        values = sorted(value for _, value in (*line, *points, *behind))
        if not values:
            return None
        if self._errors:
            return self._error_scale(rows, values)
        low = values[len(values) // 8]  # the first steps may start below: what follows needs the room
        low = min(low, *(value for _, value in points)) if points else low
        return linear_scale(low, values[-1], rows, most=1.0, times=100.0, headroom=1.25 if rows >= 5 else 0.0)

    def _error_scale(self, rows: int, values: list[float]) -> Scale:
        if self._view and self._view.log and mostly_positive(values):
            return log_scale(next(value for value in values if value > TINY), values[-1], rows)
        return linear_scale(values[0], robust_top(values[0], values), rows)

    def figures(self) -> Figures:
        if self._view is None:
            return Figures(units.UNKNOWN, units.UNKNOWN, units.UNKNOWN)
        now, seen = self._view.history, self._view.looked_at(self.points(self._view.history))
        here = seen or next(reversed(self.points(now)), None)
        if self._errors:
            r2 = next((one.value for one in now.val_r2 if here is not None and one.step == here.step), None)
            also = f"R² {units.r_squared(r2)}" if now.val_r2 else ""
            return Figures("", units.loss(here.value if here else None), units.loss(self.best(now)), best_epoch(now), also=also)
        train = self._train.value if seen is None else now.accuracy.mean_at(seen.step)
        shown = units.percent(here.value if here else None)
        return Figures(units.percent(train), shown, units.percent(self.best(now)), best_epoch(now))
