"""The one fold: events in, everything that a screen, a list or a report says of a run out. Knows no file and no screen."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping

from tui_trainer import units
from tui_trainer.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    HandedOver,
    Hosted,
    LearningRateChanged,
    Noted,
    OutOfMemory,
    Paused,
    Preparing,
    Probed,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Stepped,
    Stopping,
    ThreadsChanged,
    Timed,
)
from tui_trainer.runs import remarks
from tui_trainer.runs.epochs import Epochs
from tui_trainer.runs.moments import ClassLine, Confused, Mark, Note, Point, thinned
from tui_trainer.runs.plan import Plan
from tui_trainer.runs.series import Series
from tui_trainer.runs.speed import Clock, Speed
from tui_trainer.runs.trail import Trail
from tui_trainer.runs.verdict import Verdict, judge

__all__ = ["ClassLine", "Confused", "History", "Mark", "Note", "Point", "Verdict"]

MOST_NOTES = 2000


class History(Plan):
    """One run so far. `apply` is the only place that turns events into state."""

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        """`given` are the settings of the run, where they are known before it has said so itself."""
        self._given = dict(given or {})
        self.started: RunStarted | None = None
        self.preparing: Preparing | None = None
        self.phase = ""
        """Nothing yet, then `preparing`, `training`, `paused`, `stopping`, `handed over`, `ended`."""
        self.hosted: Hosted | None = None
        """The process that took the run last."""
        self.resumed: RunResumed | None = None
        """The newest time that it went on from a checkpoint."""
        self.memory: OutOfMemory | None = None
        """Only while the run waits for somebody to decide."""
        self.changes: list[LearningRateChanged | SettingChanged] = []
        """What people changed, as far as it still stands; oldest first."""
        self.step = 0
        self.epoch = 0
        """The one in progress."""
        self.seconds = 0.0
        self.lr: float | None = None
        self.threads = 0
        """That train by now; 0 before the start."""
        self.loss = Series()
        self.accuracy = Series()
        """Of training: every step has the share of the report it came in. Empty for regression."""
        self.val_loss: list[Point] = []
        self.val_accuracy: list[Point] = []
        self.val_mae: list[Point] = []
        self.val_r2: list[Point] = []
        """Of regression alone, as `val_mae`; and `val_accuracy` is empty then."""
        self.best: Point | None = None
        """The best validation by its accuracy; of regression by its loss, which then is the value."""
        self.best_of: Evaluated | None = None
        """The same with all its figures."""
        self.evaluation: Evaluated | None = None
        self.test: Evaluated | None = None
        self.probed: dict[str, Probed] = {}
        """The newest look by each probe, but for `parameters`."""
        self.trail = Trail()
        """Of the parameters of a net with few of them."""
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
                self._started(event)
            case Hosted():
                self.hosted = event
            case HandedOver():
                self.phase = "handed over"
            case LearningRateChanged():
                self.lr = event.new
                self.changes.append(event)
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
            case Probed(probe="parameters"):
                self.trail.keep(event)
            case Probed():
                self.probed[event.probe] = event
            case ThreadsChanged():
                self.threads = event.new
                self._note(remarks.threads(event, self.epoch, self.speed_unit))
            case Timed():
                self.timed = event
            case Noted():
                self.warnings += event.level == "warning"
                kind = "warning" if event.level == "warning" else "info"
                self._note(Note(kind, event.text, event.step, self.epoch, self.seconds, remarks.at(event.step)))
            case RunEnded():
                self._ended(event)

    def _started(self, event: RunStarted) -> None:
        self.started, self.phase, self.threads = event, "preparing", event.threads
        if event.streamed:
            self._note(Note("info", "the samples do not fit into memory: streamed from disk"))

    def _stepped(self, event: Stepped) -> None:
        first = event.step - len(event.losses) + 1
        self.loss.extend(first, event.losses)
        if event.seen and not self.regression:
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
            self._note(remarks.test(event))
        else:
            self._validated(event)

    def _validated(self, event: Evaluated) -> None:
        self.evaluation = event
        self._epochs.keep(event)
        best = event.best or self.best_of is None or better(event, self.best_of)
        if best:
            value = event.loss if event.accuracy is None else event.accuracy
            self.best, self.best_of = Point(event.step, event.epoch, value, event.seconds), event
        self.val_loss = self._with(self.val_loss, event, event.loss)
        self.val_accuracy = self._with(self.val_accuracy, event, event.accuracy)
        self.val_mae = self._with(self.val_mae, event, event.mae)
        self.val_r2 = self._with(self.val_r2, event, event.r2)
        self._note(remarks.validation(event, best=best))

    def _with(self, points: list[Point], event: Evaluated, value: float | None) -> list[Point]:
        """The points with one more, where it has a value, thinned where they are too many."""
        if value is not None:
            points.append(Point(event.step, event.epoch, value, event.seconds))
        return thinned(points, self.best.step if self.best else 0)

    def _ended(self, event: RunEnded) -> None:
        self.ended, self.phase, self.preparing = event, "ended", None
        self.step, self.epoch = max(self.step, event.step), max(self.epoch, event.epoch)
        self.seconds = max(self.seconds, event.seconds)
        if event.reason == "diverged":
            self._mark(Mark(event.step, "diverged", "not finite", event.seconds))
        kept = max((one.step for one in (self.saved, self.saved_best) if one is not None), default=0)
        for note in remarks.end(event, kept):
            self._note(note)

    def _time(self, step: int, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)
        self._clock.add(step, seconds)

    def _person(self, event: LearningRateChanged | Paused | Continued, mark: str, note: str, text: str) -> None:
        """Something that a person did: a mark on the charts and a line in the notes."""
        self._mark(Mark(event.step, mark, text, event.seconds))
        self._note(Note(note, text, event.step, self.epoch, event.seconds, remarks.at(event.step)))

    def _mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        del self.marks[:-MOST_NOTES]

    def _note(self, note: Note) -> None:
        self.notes.append(note)
        del self.notes[:-MOST_NOTES]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.started.classes if self.started else ()

    @property
    def regression(self) -> bool:
        """Whether numbers are predicted: then loss counts, and there is no accuracy."""
        return self.started is not None and self.started.task == "regression"

    @property
    def best_loss(self) -> float | None:
        return self.best_of.loss if self.best_of else None

    @property
    def best_accuracy(self) -> float | None:
        return self.best_of.accuracy if self.best_of else None

    @property
    def pictures(self) -> bool:
        """Whether samples are pictures, as far as is known."""
        return self.speed_unit == "img/s"

    @property
    def speed_unit(self) -> str:
        """`img/s` of pictures, else `samples/s`."""
        return remarks.speed_unit(self.started)

    @property
    def paused(self) -> bool:
        return self.phase == "paused"

    @property
    def samples_per_second(self) -> float | None:
        return self._speed.now

    @property
    def speeds(self) -> deque[float]:
        """Samples a second, twice a second."""
        return self._speed.past

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


def better(one: Evaluated, other: Evaluated) -> bool:
    """Whether a validation came out better: by accuracy, or by loss where there is none."""
    if one.accuracy is None or other.accuracy is None:
        return one.loss < other.loss or math.isnan(other.loss) > math.isnan(one.loss)
    return one.accuracy > other.accuracy
