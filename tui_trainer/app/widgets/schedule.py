"""The learning rate over a run that has not begun: a small chart that stands still, drawn by plotext when first shown."""

from __future__ import annotations

import re

from rich.text import Text

from tui_trainer import schedules, units
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line

POINTS = 120
LEAST_ROWS = 6


class SchedulePreview(Panel):
    """The curve of a schedule. It is drawn anew only when the schedule, the rate, the budget or the size changes."""

    title = "Schedule"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._schedule = "constant"
        self._lr = 1e-3
        self._budget = ""
        self._drawn: tuple[object, list[str]] = (None, [])

    def show(self, name: str, lr: float, budget_text: str) -> None:
        """`budget_text` is how long the run is: `10 epochs`, `2 min`."""
        self._schedule, self._lr, self._budget = name, lr, budget_text
        self.draw()

    def aside(self) -> Line:
        return line((f"{self._schedule}, over {self._budget}" if self._budget else self._schedule, self.ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        if height < LEAST_ROWS or width < 24:
            start, end = (units.lr(self._lr * schedules.factor(self._schedule, part)) for part in (0.0, 1.0))
            return [line((clipped(f" rate {start} to {end}", width), self.ink.ink("dim")))]
        key = (self._schedule, self._lr, self._budget, width, height)
        if self._drawn[0] != key:
            self._drawn = (key, chart(self._schedule, self._lr, width, height))
        return [inked(row, self.ink) for row in self._drawn[1]]


def chart(name: str, lr: float, width: int, height: int) -> list[str]:
    """Rows of text: the rate from the beginning to the end of the run, with its axis. Only on the thread of the screen."""
    import plotext  # 0.1 s and state of its own: paid when a schedule is first looked at

    parts = [index / (POINTS - 1) for index in range(POINTS)]
    rates = [lr * schedules.factor(name, part) for part in parts]
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, height)
    plotext.frame(False)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.ylim(0, max(rates) * 1.02)
    plotext.xlim(0, 1)
    plotext.yticks([0, max(rates) / 2, max(rates)], ["0", units.lr(max(rates) / 2), units.lr(max(rates))])
    plotext.xticks([0, 0.25, 0.5, 0.75, 1], ["start", "1/4", "1/2", "3/4", "end"])
    plotext.plot(parts, rates, marker="braille")
    rows = Text.from_ansi(plotext.build()).plain.split("\n")
    plotext.clear_figure()
    return rows[:height]


_RUNS = re.compile(r"[⠀-⣿]+|[─│┼├┤┬┴┌└┐┘]+|[^⠀-⣿─│┼├┤┬┴┌└┐┘]+")


def inked(row: str, ink: Palette) -> Line:
    """A row of the chart in the palette's colours: the curve, the axis, the words."""
    spans = []
    for run in _RUNS.findall(row):
        colour = "you" if "⠀" <= run[0] <= "⣿" else "line" if run[0] in "─│┼├┤┬┴┌└┐┘" else "dim"
        spans.append((run, ink.ink(colour)))
    return line(*spans)
