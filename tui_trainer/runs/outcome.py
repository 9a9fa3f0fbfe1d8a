"""What a run came to, read once from its record: the figures that a source may have published of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tui_trainer.events import Event, Probed, RunResumed, RunStarted
from tui_trainer.runs import figures, log, store
from tui_trainer.runs.history import History
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
    tail, history = log.Tail(run.events), History()
    looks: list[Probed] = []
    for events in tail.portions():
        history.extend(events)
        looks = _looks(looks, events)
    return _told(told, history, looks)


def _looks(looks: list[Probed], events: Iterable[Event]) -> list[Probed]:
    """Every look at the parameters that counts, of the first steps and the newest."""
    for event in events:
        match event:
            case Probed(probe="parameters"):
                if looks and looks[-1].step > MOST_STEPS:
                    looks.pop()
                looks.append(event)
            case RunResumed(step=step):
                looks = [one for one in looks if one.step <= step]
            case RunStarted():
                looks = []
    return looks


def _told(told: Outcome, history: History, looks: list[Probed]) -> Outcome:
    test, last = history.test, history.evaluation
    found = [one.found for one in figures.per_class(test.confusion)] if test else []
    values = [{name: float(pair[0]) for name, pair in one.facts.items() if pair} for one in looks]
    early = [(one.step, tuple(shown.values())) for one, shown in zip(looks, values, strict=True) if one.step <= MOST_STEPS]
    return replace(
        told,
        loss=history.loss.last,
        test_accuracy=test.accuracy if test else None,
        test_loss=test.loss if test else None,
        classes=dict(zip(history.classes, found, strict=False)),
        val_accuracy=last.accuracy if last else None,
        best_val_accuracy=history.best_accuracy,
        parameters=values[-1] if values else {},
        steps=dict(early),
        seconds=history.ended.seconds if history.ended else told.seconds,
    )
