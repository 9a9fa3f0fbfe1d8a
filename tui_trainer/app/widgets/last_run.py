"""The last run: its best, and how this one stands to it at the same epoch."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line

LABEL = 7


@dataclass(frozen=True, slots=True)
class LastRun:
    """What is shown of the run before."""

    id: str
    best: str
    """`71.8 %`, or of regression `MAE 0.071`; `·` where nothing is known."""
    best_epoch: int = 0
    ahead: float | None = None
    """By how many percent this run is better, both at `epoch`: points of validation accuracy; of regression, of the error."""
    epoch: int = 0


class LastRunPanel(Panel):
    """`best  67.9 %  epoch 10` and `now  ▲ 5.0 at epoch 5`."""

    title = "Last run"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._last: LastRun | None = None

    def show(self, last: LastRun | None) -> None:
        if last != self._last:
            self._last = last
            self.draw()

    def aside(self) -> Line:
        return line((units.plain(self._last.id), self.ink.ink("dim"))) if self._last else []

    def body(self, width: int, height: int) -> list[Line]:
        dim, last = self.ink.ink("dim"), self._last
        if last is None:
            return [line(("none yet", dim))][:height]
        best = line((f"{'best':<{LABEL}}", dim), (last.best, self.ink.ink()))
        epoch = line((f"epoch {last.best_epoch}", dim)) if last.best_epoch else []
        return [sides(best, epoch, width + 1, dim), [*line((f"{'now':<{LABEL}}", dim)), *self._now(last)]][:height]

    def _now(self, last: LastRun) -> Line:
        """`▲ 5.0 at epoch 5`: ahead of the last run, or behind."""
        ink = self.ink
        if last.ahead is None:
            return line((units.UNKNOWN, ink.ink("dim")))
        points = last.ahead
        at = (f" at epoch {last.epoch}", ink.ink("dim"))
        if abs(points) < 0.05:
            return line(("the same", ink.ink()), at)
        glyph, colour = ("▲", "best") if points > 0 else ("▼", "worse")
        return line((f"{glyph} {abs(points):.1f}", ink.ink(colour)), at)
