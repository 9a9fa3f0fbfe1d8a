"""What a pair of charts is to show, and the x axis they share: the whole planned run. Knows the record, not the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_trainer.runs.history import History, Point

UNITS = ("epoch", "step", "seconds")
SMOOTHING = 2
"""The level that needs no mention."""
WINDOWS = (0.0, 0.01, 0.025, 0.06, 0.15)
"""The trailing mean of each level of smoothing, as a share of the planned run."""


@dataclass(frozen=True)
class ChartView:
    """What both charts show. Equal views of a history that did not move draw the same."""

    history: History
    last: History | None = None
    """The run before, faint behind this one."""
    unit: str = "epoch"
    log: bool = True
    smoothing: int = SMOOTHING
    cursor: float | None = None
    """The epoch that is looked at, in a record."""

    @property
    def window(self) -> int:
        """Steps of the trailing mean; 0 where nothing is smoothed."""
        level = min(max(self.smoothing, 0), len(WINDOWS) - 1)
        return max(2**level, round(WINDOWS[level] * planned_steps(self.history))) if level else 0

    def looked_at(self, points: Sequence[Point]) -> Point | None:
        """The validation of the epoch under the cursor, where there is one."""
        return next((point for point in points if point.epoch == self.cursor), None)


def place(history: History, step: float, unit: str) -> float:
    """Where a step of this run stands, in a unit."""
    if unit == "seconds":
        return history.seconds_at(round(step))
    return history.epoch_at(step) if unit == "epoch" and history.steps_per_epoch else step


def pace(history: History) -> tuple[object, ...]:
    """What says how many steps an epoch has, and had: while it is equal, `place` puts steps where it did."""
    return history.steps_per_epoch, len(history.changes), id(history.resumed)


def step_of(history: History, epoch: float) -> float:
    """The step that ended an epoch."""
    known = next((point.step for point in history.val_loss if point.epoch == epoch), None)
    return epoch * history.steps_per_epoch if known is None else known


def planned_steps(history: History) -> float:
    """Steps of the whole run; guessed from the clock where the budget is in seconds, in round numbers so that it keeps still."""
    seconds, done = _budget_seconds(history), float(max(history.step, 1))
    if seconds is None:
        return max(float(history.steps_planned or 0), done)
    if history.ended is not None:
        return done
    if not history.step or history.seconds <= 0:
        return float(max(history.steps_per_epoch, 1))
    return max(rounded_up(done * max(seconds / history.seconds, 1.0)), done)


def reach(view: ChartView) -> float:
    """The right end of the x axis: the end of the plan, or what was done where that is more."""
    history = view.history
    if view.unit == "epoch" and history.started is None and isinstance(epochs := history.config.get("epochs"), int):
        return float(epochs)
    if view.unit != "seconds":
        return max(place(history, planned_steps(history), view.unit), 1e-9)
    budget = _budget_seconds(history)
    if budget is None and history.ended is not None:
        budget = history.seconds
    if budget is None:
        left = history.seconds_left
        budget = rounded_up(history.seconds + (left or 0.0)) if left or history.seconds else 10.0
    return max(budget, history.seconds, 1e-9)


def rounded_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(digit * power for digit in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 20) if digit * power >= value * (1 - 1e-9))


def _budget_seconds(history: History) -> float | None:
    seconds = history.config.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Span:
    """The x axis over so many columns of cells: from 0 in the first dot to `end` in the last."""

    unit: str
    end: float
    columns: int

    def dot(self, value: float) -> int:
        """The column of dots of a place; it may lie right of the chart."""
        return round(min(max(value, 0.0) / self.end, 4.0) * (2 * self.columns - 1))

    def ticks(self) -> tuple[str, list[tuple[int, int, str]]]:
        """The word for the unit, and (column of the tick, first column of its label, label), none touching another."""
        word, divisor = self._word()
        end = self.end / divisor
        for step in _steps(end, self.columns):
            labels = [(round(step * index, 9), _count(step * index)) for index in range(int(end / step + 1e-9) + 1)]
            apart = step / end * (self.columns - 1)
            if apart >= max(len(text) for _, text in labels) + 2:
                break
        ticks = []
        for value, text in labels:
            column = self.dot(value * divisor) >> 1
            ticks.append((column, max(min(column - (len(text) - 1) // 2, self.columns - len(text)), 0), text))
        return word, ticks

    def _word(self) -> tuple[str, float]:
        if self.unit != "seconds":
            return self.unit, 1.0
        return ("s", 1.0) if self.end < 600 else ("min", 60.0) if self.end < 3 * 3600 else ("h", 3600.0)


def _steps(end: float, most: int) -> list[float]:
    """Round distances, whole numbers where one fits, that give at most so many ticks; the last is longer than the axis."""
    least = math.floor(math.log10(end / max(most, 1)))
    powers = range(max(least, 0) if end >= 1 else least, max(math.ceil(math.log10(end)), 0) + 2)
    return [step for power in powers for digit in (1, 2, 5) if end / (step := digit * 10.0**power) <= most]


def _count(value: float) -> str:
    """10, 5k, 2M, 0.5"""
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if value >= size and round(value) % (size / 10) == 0:
            return f"{value / size:g}{sign}"
    return f"{value:g}" if value < 1e6 else f"{value / 1e6:g}M"
