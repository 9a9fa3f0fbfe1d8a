"""Earlier runs of the preset and dataset that stand in the form: how far they came, and with what."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from tui_trainer import units
from tui_trainer.app.records import best_of
from tui_trainer.app.widgets.bars import clear, padded, sides
from tui_trainer.app.widgets.fields import write_budget
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs import remarks
from tui_trainer.runs.store import Summary

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.config import Config


class EarlierRuns(ScrolledPanel):
    """One row a run, newest first; Enter on one, or a click, fills the form."""

    title = "Earlier runs"

    BINDINGS = [("enter", "choose", "fill the form")]

    class Chosen(Message):
        """The form is to be filled with the config of this run."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    def __init__(self, *, id: str | None = None, now: Callable[[], float] = time.time) -> None:
        super().__init__(id=id)
        self._now = now
        self._runs: tuple[Summary, ...] = ()
        self._pair = ("", "")
        self.cursor = 0

    def show(self, runs: Sequence[Summary], preset: str, dataset: str) -> None:
        """Runs of this pair, newest first."""
        if (preset, dataset) != self._pair:
            self.cursor = self.top = 0
        self._runs, self._pair = tuple(runs), (preset, dataset)
        self.cursor = min(self.cursor, max(len(runs) - 1, 0))
        self.draw()

    def aside(self) -> Line:
        return line((units.plain(" on ".join(self._pair)), self.ink.ink("dim"))) if all(self._pair) else []

    def total(self) -> int:
        return len(self._runs)

    def room(self) -> int:
        """One row is kept for the hint where that leaves two for runs."""
        rows = max(self.size.height - 1, 0)
        return rows - 1 if rows >= 3 else rows

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        indent = " " if width >= 44 else ""
        if not self._runs:
            return [line((indent + "none yet: the first one will stand here", ink.ink("dim")))]
        best = best_of(self._runs)
        first = self.first()
        shown = range(first, min(first + self.room(), self.total()))
        rows = [self._row(index, width, indent, best) for index in shown]
        if height > self.room():
            more = f", {self.total() - len(shown)} more" if self.total() > len(shown) else ""
            rows.append(
                line((indent, ink.ink()), ("Enter", ink.ink("bright")), (f" on one of them fills the form{more}", ink.ink("dim")))
            )
        return rows

    def _row(self, index: int, width: int, indent: str, best: Summary | None) -> Line:
        ink, run = self.ink, self._runs[index]
        here = self.has_focus and index == self.cursor
        on = "lift" if here else None
        known = run.best_accuracy is not None or run.best_mae is not None
        figure = ink.ink("best", on=on) if run is best else clear(ink, on=on)
        said = remarks.score(run.best_accuracy, run.best_mae) if known else run.status
        left = line(
            ("▌" if here else indent, ink.ink("you", on=on)),
            (run.run.id[:4], ink.ink(on=on)),
            (f"{said:>9}".rjust(len(said) + 1) + "   ", figure if known else ink.ink("dim", on=on)),
            *self._given(run.config, width, on),
        )
        if here and not indent:
            left[1] = line((run.run.id[:3], ink.ink(on=on)))[0]
        age = units.age(max(self._now() - run.time, 0.0))
        return sides(left, line((age + indent, ink.ink("dim", on=on))), width, ink.ink(on=on))

    def _given(self, config: Config, width: int, on: str | None) -> Line:
        """Rate and budget, where there is room for them."""
        ink = self.ink
        rate = line(("rate ", ink.ink("dim", on=on)), (padded(units.lr(config.lr), 8), clear(ink, on=on)))
        unit, amount = config.budget
        budget = write_budget(unit, amount) + (" epochs" if unit == "epochs" else "")
        return rate + (line((budget, ink.ink("dim", on=on))) if width >= 48 else []) if width >= 34 else []

    def action_move(self, rows: int) -> None:
        self.cursor = min(max(self.cursor + rows, 0), max(self.total() - 1, 0))
        if self.cursor < self.first():
            self.top = self.cursor
        elif self.cursor >= self.first() + self.room():
            self.top = self.cursor - self.room() + 1
        self.draw()

    def action_choose(self) -> None:
        if self._runs:
            self.post_message(self.Chosen(self._runs[self.cursor].run.id))

    def on_click(self, event: events.Click) -> None:
        index = self.first() + event.y - 1
        if 0 < event.y <= self.room() and index < self.total():
            self.cursor = index
            self.draw()
            self.action_choose()
