"""The learning rate of a run: a schedule, and what a person made of it."""

from __future__ import annotations

from tui_trainer import schedules
from tui_trainer.config import Config


class Rate:
    """A base rate that the schedule multiplies; a person's change moves the base, so the schedule goes on in proportion."""

    def __init__(self, config: Config, steps: int) -> None:
        self.base = config.lr
        self.stands = config.schedule == "constant"
        """Whether only a person moves it."""
        self._schedule = config.schedule
        self._budget = steps or config.budget[1]
        self._by_steps = bool(steps)

    def at(self, step: int, seconds: float) -> float:
        """The rate of the step that follows `step`, at this second of the run."""
        return self.base * self._factor(step, seconds)

    def change(self, lr: float, step: int, seconds: float) -> None:
        """Lets the step that follows `step` have this rate."""
        self.base = lr / (self._factor(step, seconds) or 1.0)

    def _factor(self, step: int, seconds: float) -> float:
        return schedules.factor(self._schedule, (step if self._by_steps else seconds) / self._budget)
