"""The one fold: events in, everything that a screen, a list or a report says of a run out. Knows no file and no screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from tui_trainer import units
from tui_trainer.config import BUDGETS
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    LearningRateChanged,
    Noted,
    Paused,
    Preparing,
    Probed,
    RunEnded,
    RunStarted,
    Stepped,
    Stopping,
    Timed,
)
from tui_trainer.runs.epochs import Epochs
from tui_trainer.runs.moments import ClassLine, Confused, Mark, Note, Point, thinned
from tui_trainer.runs.series import Series
from tui_trainer.runs.speed import Clock, Speed
from tui_trainer.runs.verdict import Verdict, judge

__all__ = ["ClassLine", "Confused", "History", "Mark", "Note", "Point", "Verdict"]

MOST_NOTES = 2000


class History:
    """One run so far. `apply` is the only place that turns events into state."""

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        """`given` are the settings of the run, where they are known before it has said so itself."""
        self._given = dict(given or {})
        self.started: RunStarted | None = None
        self.preparing: Preparing | None = None
        self.phase = ""
        """Nothing yet, then `preparing`, `training`, `paused`, `stopping`, `ended`."""
        self.step = 0
        self.epoch = 0
        """The one in progress."""
        self.seconds = 0.0
        self.lr: float | None = None
        self.loss = Series()
        self.accuracy = Series()
        """Of training: every step has the share of the report it came in."""
        self.val_loss: list[Point] = []
        self.val_accuracy: list[Point] = []
        self.best: Point | None = None
        self.best_loss: float | None = None
        self.evaluation: Evaluated | None = None
        self.test: Evaluated | None = None
        self.mistakes: Probed | None = None
        self.timed: Timed | None = None
        self.saved: CheckpointSaved | None = None
        self.saved_best: CheckpointSaved | None = None
        self.marks: list[Mark] = []
        self.notes: list[Note] = []
        """Newest last."""
        self.warnings = 0
        self.ended: RunEnded | None = None
        self._epochs = Epochs(self.name_of)
        self._speed = Speed()
        self._clock = Clock()

    def extend(self, events: Iterable[Event]) -> None:
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        match event:
            case Stepped():
                self._stepped(event)
            case Evaluated():
                self._evaluated(event)
            case Preparing():
                self.preparing = event
                self.phase = self.phase if self.step else "preparing"
            case RunStarted():
                self.started, self.phase = event, "preparing"
            case LearningRateChanged():
                self.lr = event.new
                self._person(event, "rate", "rate", f"rate {units.lr(event.old)} → {units.lr(event.new)}")
            case Paused():
                self.phase = "paused"
                self._person(event, "pause", "pause", "paused")
            case Continued():
                self.phase = "training"
                self._person(event, "resume", "go on", "went on")
            case Stopping():
                self.phase = "stopping"
            case CheckpointSaved(best=True):
                self.saved_best = event
            case CheckpointSaved():
                self.saved = event
            case Probed(probe="mistakes"):
                self.mistakes = event
            case Timed():
                self.timed = event
            case Noted():
                self.warnings += event.level == "warning"
                kind = "warning" if event.level == "warning" else "info"
                self._note(Note(kind, event.text, event.step, self.epoch, self.seconds, _at(event.step)))
            case RunEnded():
                self._ended(event)

    def _stepped(self, event: Stepped) -> None:
        first = event.step - len(event.losses) + 1
        self.loss.extend(first, event.losses)
        if event.seen:
            self.accuracy.extend(first, (event.correct / event.seen,) * len(event.losses))
        self.step, self.epoch, self.lr = event.step, event.epoch, event.lr
        self._time(event.step, event.seconds)
        self._speed.add(event.seconds, event.step, event.seen)
        self.preparing = None
        if self.phase in {"", "preparing"}:
            self.phase = "training"

    def _evaluated(self, event: Evaluated) -> None:
        self.preparing = None
        self._time(event.step, event.seconds)
        self._speed.leave_out(event.took)
        if event.split == "test":
            self.test = event
            note = Note("test", f"test {units.percent(event.accuracy)}", event.step, event.epoch, event.seconds)
            self._note(note._replace(value=event.accuracy, loss=event.loss, took=event.took))
        else:
            self._validated(event)

    def _validated(self, event: Evaluated) -> None:
        self.evaluation = event
        self._epochs.keep(event)
        point = Point(event.step, event.epoch, event.accuracy, event.seconds)
        best = event.best or self.best is None or event.accuracy > self.best.value
        if best:
            self.best, self.best_loss = point, event.loss
        self.val_accuracy.append(point)
        self.val_loss.append(point._replace(value=event.loss))
        if self.best:
            self.val_accuracy = thinned(self.val_accuracy, self.best.step)
            self.val_loss = thinned(self.val_loss, self.best.step)
        text, took = f"val {units.percent(event.accuracy)}", event.epoch_took or event.took
        self._note(Note("val", text, event.step, event.epoch, event.seconds, "", best, event.accuracy, event.loss, took))

    def _ended(self, event: RunEnded) -> None:
        self.ended, self.phase, self.preparing = event, "ended", None
        self.step, self.epoch = max(self.step, event.step), max(self.epoch, event.epoch)
        self.seconds = max(self.seconds, event.seconds)
        if event.reason == "diverged":
            self._mark(Mark(event.step, "diverged", "not finite", event.seconds))
        where = "" if event.reason in {"finished", "failed"} else f" at {_at(event.step)}"
        said = f", {event.layer}" if event.layer else f": {event.error}" if event.error else ""
        self._note(Note("end", f"{event.reason}{where}{said}", event.step, event.epoch, event.seconds))
        if event.suggested_lr is not None:
            kept = max((one.step for one in (self.saved, self.saved_best) if one is not None), default=0)
            before = f"kept {_at(kept)}, " if kept else ""
            lower = f"{before}try a rate of {units.lr(event.suggested_lr)}"
            self._note(Note("info", lower, event.step, event.epoch, event.seconds))

    def _time(self, step: int, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)
        self._clock.add(step, seconds)

    def _person(self, event: LearningRateChanged | Paused | Continued, mark: str, note: str, text: str) -> None:
        """Something that a person did: a mark on the charts and a line in the notes."""
        self._mark(Mark(event.step, mark, text, event.seconds))
        self._note(Note(note, text, event.step, self.epoch, event.seconds, _at(event.step)))

    def _mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        del self.marks[:-MOST_NOTES]

    def _note(self, note: Note) -> None:
        self.notes.append(note)
        del self.notes[:-MOST_NOTES]

    @property
    def config(self) -> dict[str, object]:
        return self.started.config if self.started else self._given

    @property
    def classes(self) -> tuple[str, ...]:
        return self.started.classes if self.started else ()

    @property
    def paused(self) -> bool:
        return self.phase == "paused"

    @property
    def steps_planned(self) -> int:
        """0 when the budget is in seconds."""
        return self.started.steps if self.started else 0

    @property
    def steps_per_epoch(self) -> int:
        return self.started.steps_per_epoch if self.started else 0

    @property
    def epochs_planned(self) -> int | None:
        """How many times through the samples the plan goes; None where it is in seconds."""
        if not self.steps_planned or not self.steps_per_epoch:
            return None
        return -(-self.steps_planned // self.steps_per_epoch)

    @property
    def samples_per_second(self) -> float | None:
        return self._speed.now

    @property
    def speeds(self) -> deque[float]:
        """Samples a second, twice a second."""
        return self._speed.past

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

    def seconds_at(self, step: float) -> float:
        """On the run's clock, when this step was done."""
        return self._clock.at(step)

    def epoch_at(self, step: float) -> float:
        """How many epochs were done at this step, as a broken number."""
        return step / self.steps_per_epoch if self.steps_per_epoch else 0.0

    def name_of(self, index: int) -> str:
        """A class by its index."""
        return self.classes[index] if 0 <= index < len(self.classes) else f"class {index}"

    @property
    def previous(self) -> Evaluated | None:
        """The validation of the epoch before the last one."""
        return self._epochs.before(self.evaluation) if self.evaluation else None

    def epochs_seen(self) -> list[int]:
        """Epochs that can be looked back at, oldest first."""
        return self._epochs.numbers()

    def at_epoch(self, epoch: int | None) -> Evaluated | None:
        """The validation after this epoch; the newest for None, or where that epoch is not known."""
        return self._epochs.at(epoch)

    def board(self, epoch: int | None = None) -> list[ClassLine]:
        """Every class of the validation after an epoch (None: the last one), worst first; those without a sample last."""
        return self._epochs.board(epoch)

    def confused(self, most: int = 10) -> list[Confused]:
        """The classes most often taken for others in the last evaluation."""
        return self._epochs.confused(most)

    def verdict(self) -> Verdict | None:
        """How it goes, in one line with the number behind it."""
        return judge(self)


def _at(step: int) -> str:
    return f"step {units.count(step)}" if step else ""
