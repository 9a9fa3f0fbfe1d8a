"""The learning rate of a run: a schedule, and what a person made of it."""

from __future__ import annotations

from typing import Any

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
        self._from, self._done = 0.0, 0.0
        """Since when the plan is as it is, and which part of the schedule was behind then."""

    def at(self, step: int, seconds: float) -> float:
        """The rate of the step that follows `step`, at this second of the run."""
        return self.base * self._factor(step, seconds)

    def change(self, lr: float, step: int, seconds: float) -> None:
        """Lets the step that follows `step` have this rate."""
        self.base = lr / (self._factor(step, seconds) or 1.0)

    def plan_anew(self, steps: int, step: int) -> None:
        """After `step` the run is planned to end at another one: what is left of the schedule is spread over what is left."""
        if self._by_steps:
            self._done, self._from, self._budget = self._part(step, 0.0), float(step), steps

    def state(self) -> dict[str, Any]:
        return {"base": self.base, "from": self._from, "done": self._done, "budget": self._budget}

    def restore(self, state: dict[str, Any], steps: int) -> None:
        """Where it was; with another budget than then, the schedule is that of the new budget from the beginning on."""
        self.base = float(state["base"])
        self._budget = steps or self._budget
        if self._budget == state["budget"]:
            self._from, self._done = float(state["from"]), float(state["done"])

    def _factor(self, step: int, seconds: float) -> float:
        return schedules.factor(self._schedule, self._part(step, seconds))

    def _part(self, step: int, seconds: float) -> float:
        """How much of the schedule is behind, from 0 to 1."""
        now = step if self._by_steps else seconds
        if not self._from:
            return now / self._budget
        left = self._budget - self._from
        return self._done + (1 - self._done) * (now - self._from) / left if left > 0 else 1.0
