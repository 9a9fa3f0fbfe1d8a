"""The loss of the run under the cursor, below the table of runs. Given a history, it repaints what changed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets.chart import LossChart
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.span import ChartView

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.runs.history import History

NAME = 24
"""Columns of a name in the rule at most: figures stand beside it."""


class ChartChosen(Message):
    """The chart was clicked: the run is wanted on the whole screen."""


class RunChart(LossChart, can_focus=False):
    """The chart of the Lab with an axis of its own, under the name of a run; empty where there is none."""

    axis_rows = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = ""
        self._left = 0

    def look_at(self, title: str, history: History | None, left: int = 0) -> None:
        """The curve of this run; `left` are bytes of a long record that are still to be read."""
        new = clipped(units.plain(title), NAME), left
        if new != (self.title, self._left):
            self._seen = ()
        self.title, self._left = new
        if history is not None:
            self.show(ChartView(history))
        elif self._view is not None or not self._seen:
            self._view, self._seen = None, new
            self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        return super().lines(width, height) if self.title else []

    def asides(self) -> list[Line]:
        if self._left:
            return [line((f"reading, {units.size(self._left)} to go", self.ink.ink("dim")))]
        return super().asides()

    def on_click(self, event: events.Click) -> None:
        self.post_message(ChartChosen())
