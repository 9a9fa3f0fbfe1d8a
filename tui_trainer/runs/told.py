"""What is known of a run, and every question that a screen, a list or a report asks of it. `history` fills it in."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from tui_trainer.events import (
    CheckpointSaved,
    Evaluated,
    Hosted,
    LearningRateChanged,
    OutOfMemory,
    Preparing,
    Probed,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    Timed,
)
from tui_trainer.runs import remarks
from tui_trainer.runs.epochs import Epochs
from tui_trainer.runs.moments import ClassLine, Confused, Mark, Note, Point
from tui_trainer.runs.plan import Plan, Planned
from tui_trainer.runs.series import Series
from tui_trainer.runs.speed import Clock, Speed
from tui_trainer.runs.trail import Trail


class Told(Plan):
    """One run so far."""

    def __init__(self, given: Mapping[str, object] | None = None, *, speeds: bool = True) -> None:
        """`given` are the settings of the run, where they are known before it has said so itself. Without `speeds` nothing is
        known of how fast it is from moment to moment, which is a fifth of the work."""
        self._speeds = speeds
        self._given = dict(given or {})
        self.preparing: Preparing | None = None
        self.hosted: Hosted | None = None
        """The process that took the run last."""
        self._forget()

    def _forget(self) -> None:
        """Nothing happened yet."""
        self.started: RunStarted | None = None
        self.phase = ""
        """Nothing yet, then `preparing`, `training`, `paused`, `stopping`, `handed over`, `ended`."""
        self.resumed: RunResumed | None = None
        """The newest time that it went on from a checkpoint."""
        self.memory: OutOfMemory | None = None
        """Only while the run waits for somebody to decide."""
        self.short: OutOfMemory | None = None
        """The newest time that memory was short, also of a run that ended for it."""
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
        """The same with all its figures but the matrix."""
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
        self._bests: list[Evaluated] = []
        """Every validation that was the best when it came."""
        self._held: dict[int, int] = {}
        """How many changes a checkpoint holds, by its step."""
        self._speed = Speed()
        self._clock = Clock()
        self._planned: list[Planned] = []

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
    def kept(self) -> int:
        """Step of the newest checkpoint; 0 where none was written."""
        return max((one.step for one in (self.saved, self.saved_best) if one is not None), default=0)

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

    def confused(self, most: int = 10, epoch: int | None = None) -> list[Confused]:
        """The classes most often taken for others after an epoch (None: in the last validation)."""
        return self._epochs.confused(most, epoch)
