"""The checkpoints of the run: the best and the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line

if TYPE_CHECKING:
    from tui_trainer.events import CheckpointSaved
    from tui_trainer.runs.history import History

LABEL = 7


class CheckpointsPanel(Panel):
    """`best  epoch 5  71.8 %` and `last  step 1 760  12 s ago`."""

    title = "Checkpoints"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._best: CheckpointSaved | None = None
        self._accuracy: float | None = None
        self._last: CheckpointSaved | None = None
        self._age = 0

    def show(self, history: History) -> None:
        """Ages count on the run's own clock, by the second for a minute and then by the minute."""
        age = max(int(history.seconds - history.saved.seconds), 0) if history.saved else 0
        age -= age % 60 if age >= 60 else 0
        accuracy = history.best.value if history.best else None
        new = (history.saved_best, accuracy, history.saved, age)
        if new != (self._best, self._accuracy, self._last, self._age):
            self._best, self._accuracy, self._last, self._age = new
            self.draw()

    def body(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        text, dim = ink.ink(), ink.ink("dim")
        width += 1  # these two rows use the free column at the right as well, or the age would not fit
        best = f"epoch {self._best.epoch}" if self._best else units.UNKNOWN
        accuracy = units.percent(self._accuracy) if self._best else ""
        last, age = self._aged(width - LABEL)
        return [
            sides(line((f"{'best':<{LABEL}}", text), (best, dim)), line((accuracy, ink.ink("best"))), width, text),
            sides(line((f"{'last':<{LABEL}}", text), (last, dim)), line((age, dim)), width, text),
        ][:height]

    def _aged(self, room: int) -> tuple[str, str]:
        """The step of the last one and its age, in the longest words that fit."""
        if self._last is None:
            return units.UNKNOWN, ""
        step = units.count(self._last.step)
        age = f"{self._age} s" if self._age < 60 else units.age(self._age)
        for left, right in ((f"step {step}", f"{age} ago"), (f"step {step}", age), (step, age)):
            if len(left) + len(right) < room:
                return left, right
        return step, ""
