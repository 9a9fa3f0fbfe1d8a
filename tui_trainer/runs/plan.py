"""How far a run is, and how long it will take: the part of the history that follows from what was planned."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tui_trainer.config import BUDGETS

if TYPE_CHECKING:
    from tui_trainer.events import Evaluated, RunEnded, RunStarted
    from tui_trainer.runs.speed import Speed


class Planned(NamedTuple):
    """What was planned from some step on: another batch size changes it, and a longer budget."""

    after: int
    """Step."""
    epochs: float
    """Done by then."""
    config: dict[str, object]
    """The settings from then on."""
    steps: int
    """0 when the budget is in seconds."""
    steps_per_epoch: int


class Plan:
    """Questions about the plan, answered from the fields that the fold keeps."""

    started: RunStarted | None
    ended: RunEnded | None
    evaluation: Evaluated | None
    step: int
    seconds: float
    _given: dict[str, object]
    _speed: Speed
    _planned: list[Planned]

    @property
    def config(self) -> dict[str, object]:
        """The settings by now."""
        return self._planned[-1].config if self._planned else self._given

    @property
    def steps_planned(self) -> int:
        """By now; 0 when the budget is in seconds."""
        return self._planned[-1].steps if self._planned else 0

    @property
    def steps_per_epoch(self) -> int:
        """By now."""
        return self._planned[-1].steps_per_epoch if self._planned else 0

    @property
    def epochs_planned(self) -> int | None:
        """How many times through the samples the plan goes; None where it is in seconds."""
        if not self.steps_planned or not self.steps_per_epoch:
            return None
        return math.ceil(self.epoch_at(self.steps_planned) - 1e-9)

    def epoch_at(self, step: float) -> float:
        """How many epochs were done at this step, as a broken number."""
        part = next((one for one in reversed(self._planned) if one.after < step), self._planned[0] if self._planned else None)
        if part is None or not part.steps_per_epoch:
            return 0.0
        return part.epochs + (step - part.after) / part.steps_per_epoch

    @property
    def budget(self) -> tuple[str, float]:
        """Which of epochs, steps and seconds ends the run, and how many."""
        for unit in BUDGETS:
            amount = self.config.get(unit)
            if isinstance(amount, (int, float)) and amount:
                return unit, amount
        return "steps", self.steps_planned

    @property
    def progress(self) -> float:
        """From 0 to 1, by the budget."""
        unit, amount = self.budget
        if self.ended and self.ended.reason == "finished":
            return 1.0
        behind, planned = (self.seconds, amount) if unit == "seconds" else (self.step, self.steps_planned)
        return min(behind / planned, 1.0) if planned else 0.0

    @property
    def seconds_left(self) -> float | None:
        """As fast as the last two seconds were, with the evaluations that come; None where nothing can be told yet."""
        unit, amount = self.budget
        if self.ended:
            return 0.0
        if unit == "seconds":
            return max(amount - self.seconds, 0.0) if self.started else None
        if self._speed.seconds_per_step is None or not self.steps_planned:
            return None
        steps = max(self.steps_planned - self.step, 0)
        evaluations = -(-steps // self.steps_per_epoch) if self.steps_per_epoch else 0
        return steps * self._speed.seconds_per_step + evaluations * (self.evaluation.took if self.evaluation else 0.0)
