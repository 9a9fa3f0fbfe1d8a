"""What a run came to, read once from its record: the figures that a source may have published of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tui_trainer.events import Evaluated, Event, Probed, RunEnded, RunStarted, Stepped
from tui_trainer.runs import figures, log, store
from tui_trainer.runs.store import Run

MOST_STEPS = 1000
"""Steps of which the parameters are kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run. Shares go from 0 to 1; what it has not come to is None or empty."""

    run: Run
    status: str = "new"
    """As `store.Summary` has it."""
    error: str = ""
    test_accuracy: float | None = None
    val_accuracy: float | None = None
    """Of the last validation."""
    best_val_accuracy: float | None = None
    loss: float | None = None
    """Of the last batch that was learned from."""
    test_loss: float | None = None
    classes: Mapping[str, float] = field(default_factory=dict)
    """Share of each class that was found in the test."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Of a net with few of them: the last values, by name."""
    steps: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """The same after each step that was looked at."""
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        return self.status == "finished"

    @property
    def highest(self) -> float | None:
        """The highest accuracy that was ever measured on samples it has not learned from."""
        return max((one for one in (self.test_accuracy, self.best_val_accuracy) if one is not None), default=None)


def read(run: Run) -> Outcome:
    """What this run came to, or has come to so far."""
    summary = store.summary(run)
    told = Outcome(run, summary.status, summary.error, seconds=summary.seconds)
    tail = log.Tail(run.events)
    names: tuple[str, ...] = ()
    left = -1
    while (behind := tail.behind()) != left:  # a torn last line is left where it is
        left = behind
        for event in tail():
            names = event.classes if isinstance(event, RunStarted) else names
            told = _told(told, event, names)
    return told


def _told(told: Outcome, event: Event, names: tuple[str, ...]) -> Outcome:
    match event:
        case Stepped(losses=losses) if losses:
            return replace(told, loss=losses[-1])
        case Evaluated(split="test"):
            found = [one.found for one in figures.per_class(event.confusion)]
            return replace(
                told,
                test_accuracy=event.accuracy,
                test_loss=event.loss,
                classes=dict(zip(names, found, strict=False)),
            )
        case Evaluated(accuracy=float(accuracy)):
            best = max(accuracy, told.best_val_accuracy or 0.0)
            return replace(told, val_accuracy=accuracy, best_val_accuracy=best)
        case Probed(probe="parameters", facts=facts):
            values = {name: float(pair[0]) for name, pair in facts.items() if pair}
            steps = told.steps if event.step > MOST_STEPS else {**told.steps, event.step: tuple(values.values())}
            return replace(told, parameters=values, steps=steps)
        case RunEnded(seconds=seconds):
            return replace(told, seconds=seconds)
        case _:
            return told
