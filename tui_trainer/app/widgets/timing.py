"""Timing: where the milliseconds of a batch go."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.events import Timed

FIGURES = 18  # columns left of the bars


class TimingPanel(Panel):
    """Shows the last `Timed`; bars are shares of the batch."""

    title = "Timing"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._timed: Timed | None = None

    def show(self, timed: Timed | None) -> None:
        if timed != self._timed:
            self._timed = timed
            self.draw()

    def aside(self) -> Line:
        return line(("a batch", self.ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        timed = self._timed
        parts = (timed.data, timed.forward, timed.backward, timed.update) if timed else (None,) * 4
        whole = sum(part for part in parts if part is not None)
        names = ("data", "forward", "backward", "update")
        return [self._row(name, part, whole, width) for name, part in zip(names, parts, strict=True)][:height]

    def _row(self, name: str, milliseconds: float | None, whole: float, width: int) -> Line:
        ink = self.ink
        share = milliseconds / whole if milliseconds is not None and whole > 0 else 0.0
        return line(
            (f"{name:<9}", ink.ink()),
            (f"{units.milliseconds(milliseconds):>8} ", ink.ink("dim")),
            *bar(ink, share, max(width - FIGURES, 0), "dim", track=None),
        )
