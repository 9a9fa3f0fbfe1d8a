"""The checkpoints of the run: the best and the last."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line

LABEL = 7


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """What is kept: None for what was not saved yet."""

    best_epoch: int | None = None
    best_figure: str = ""
    """How good its weights are: `71.8 %`, or of regression `MAE 0.071`."""
    last_step: int | None = None
    age: int = 0
    """Whole seconds since the last one; by the minute from a minute on, so that it is not drawn for nothing."""


class CheckpointsPanel(Panel):
    """`best  epoch 5  71.8 %` and `last  step 1 760  12 s ago`."""

    title = "Checkpoints"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._kept = Checkpoints()

    def show(self, kept: Checkpoints) -> None:
        if kept != self._kept:
            self._kept = kept
            self.draw()

    def body(self, width: int, height: int) -> list[Line]:
        ink, kept = self.ink, self._kept
        text, dim = ink.ink(), ink.ink("dim")
        width += 1  # these two rows use the free column at the right as well, or the age would not fit
        best = f"epoch {kept.best_epoch}" if kept.best_epoch is not None else units.UNKNOWN
        last, age = self._aged(width - LABEL)
        return [
            sides(line((f"{'best':<{LABEL}}", text), (best, dim)), line((kept.best_figure, ink.ink("best"))), width, text),
            sides(line((f"{'last':<{LABEL}}", text), (last, dim)), line((age, dim)), width, text),
        ][:height]

    def _aged(self, room: int) -> tuple[str, str]:
        """The step of the last one and its age, in the longest words that fit."""
        if self._kept.last_step is None:
            return units.UNKNOWN, ""
        step = units.count(self._kept.last_step)
        age = f"{self._kept.age} s" if self._kept.age < 60 else units.age(self._kept.age)
        for left, right in ((f"step {step}", f"{age} ago"), (f"step {step}", age), (step, age)):
            if len(left) + len(right) < room:
                return left, right
        return step, ""
