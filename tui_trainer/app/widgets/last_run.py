"""The last run: its best, and how this one stands to it at the same epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line

if TYPE_CHECKING:
    from tui_trainer.runs.history import History, Point

LABEL = 7


class LastRunPanel(Panel):
    """`best  67.9 %  epoch 10` and `now  ▲ 5.0 at epoch 5`."""

    title = "Last run"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._key: object = None
        self._id = ""
        self._best: Point | None = None
        self._ahead: float | None = None
        self._epoch = 0

    def show(self, last: History | None, run: str, now: History) -> None:
        """`last` is the run before, `run` its id, `now` the one that is live."""
        key = (last, run, now.evaluation)
        if key == self._key:
            return
        self._key, self._id = key, run if last else ""
        self._best = last.best if last else None
        self._epoch = now.evaluation.epoch if now.evaluation else 0
        then = next((point for point in last.val_accuracy if point.epoch == self._epoch), None) if last else None
        self._ahead = now.evaluation.accuracy - then.value if then and now.evaluation else None
        self.draw()

    def aside(self) -> Line:
        return line((units.plain(self._id), self.ink.ink("dim"))) if self._id else []

    def body(self, width: int, height: int) -> list[Line]:
        dim = self.ink.ink("dim")
        if not self._id:
            return [line(("none yet", dim))][:height]
        best = line((f"{'best':<{LABEL}}", dim), (units.percent(self._best.value if self._best else None), self.ink.ink()))
        epoch = line((f"epoch {self._best.epoch}", dim)) if self._best else []
        return [sides(best, epoch, width + 1, dim), [*line((f"{'now':<{LABEL}}", dim)), *self._now()]][:height]

    def _now(self) -> Line:
        """`▲ 5.0 at epoch 5`: points of validation accuracy ahead of the last run, or behind."""
        ink = self.ink
        if self._ahead is None:
            return line((units.UNKNOWN, ink.ink("dim")))
        points = 100 * self._ahead
        at = (f" at epoch {self._epoch}", ink.ink("dim"))
        if abs(points) < 0.05:
            return line(("the same", ink.ink()), at)
        glyph, colour = ("▲", "best") if points > 0 else ("▼", "worse")
        return line((f"{glyph} {abs(points):.1f}", ink.ink(colour)), at)
