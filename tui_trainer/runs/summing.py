"""What a run has come to that goes on, or that ended without a word: folded from the few events that a list of runs reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tui_trainer.events import Continued, Evaluated, Event, Paused, RunEnded, RunResumed, RunStarted, Stepped
from tui_trainer.runs.moments import better


@dataclass(slots=True)
class Sum:
    """So far, without the steps that were dropped when the run was resumed."""

    parameters: int = 0
    per_step: float = 0.0
    """Samples that a step learns from, on average over an epoch."""
    steps: int = 0
    epochs: int = 0
    seconds: float = 0.0
    paused: bool = False
    ended: RunEnded | None = None
    """Its end, unless it went on after that."""
    tried: list[Evaluated] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Sum:
        found = cls()
        for event in events:
            found._take(event)
        return found

    def _take(self, event: Event) -> None:
        match event:
            case RunStarted(parameters=parameters, train_size=size, steps_per_epoch=each):
                self.per_step = size / each if each else 0.0
                self.parameters, self.steps, self.epochs, self.seconds = parameters, 0, 0, 0.0
                self.paused, self.ended, self.tried = False, None, []
            case RunResumed(step=step, epoch=epoch, seconds=seconds):
                self.steps, self.epochs, self.seconds = step, epoch, seconds
                self.paused, self.ended = event.paused, None
                self.tried = [one for one in self.tried if one.step < step or (event.evaluated and one.step == step)]
            case Stepped(step=step, epoch=epoch, seconds=seconds):
                self.steps, self.epochs, self.seconds = step, epoch, seconds
            case Evaluated(split="val"):
                while self.tried and self.tried[-1].step >= event.step:  # what stands in both parts that were read comes twice
                    self.tried.pop()
                self.tried.append(event)
                self.steps = max(self.steps, event.step)
            case Paused():
                self.paused = True
            case Continued():
                self.paused = False
            case RunEnded():
                self.ended = event

    @property
    def samples(self) -> float:
        """Learned from, each as often as it was seen: about so many where the batch size was changed on the way."""
        return self.per_step * self.steps

    @property
    def last(self) -> Evaluated | None:
        return self.tried[-1] if self.tried else None

    @property
    def best(self) -> Evaluated | None:
        """The newest that says so itself, or that was better than all before it."""
        best: Evaluated | None = None
        for one in self.tried:
            if best is None or one.best or better(one, best):
                best = one
        return best
