"""One line about a run: its settings, its figures, and who trains it. Reads its log at the ends alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui_trainer import thinning
from tui_trainer.config import Config
from tui_trainer.events import RunEnded
from tui_trainer.runs import ends, held, labels
from tui_trainer.runs.run import Run, StoreError, time_of
from tui_trainer.runs.summing import Sum

ALIVE = frozenset({"running", "paused"})
"""What a run is that somebody trains."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of runs."""

    run: Run
    status: str
    """`new`, `running`, `paused`, `finished`, `stopped`, `abandoned`, `diverged`, `failed`, or `lost`: ended without a word."""
    config: Config
    name: str = ""
    """What a person calls it; that of its folder is `run.name`."""
    note: str = ""
    """What a person says of it."""
    best_accuracy: float | None = None
    best_epoch: int = 0
    best_loss: float | None = None
    last_accuracy: float | None = None
    last_loss: float | None = None
    test_accuracy: float | None = None
    task: str = "classification"
    """Or `regression`, once a figure says so: then these count, and there is no accuracy."""
    best_mae: float | None = None
    best_r2: float | None = None
    last_mae: float | None = None
    last_r2: float | None = None
    test_mae: float | None = None
    test_r2: float | None = None
    epochs: int = 0
    steps: int = 0
    seconds: float = 0.0
    parameters: int = 0
    samples: int = 0
    speed: float | None = None
    """Samples a second, over the whole run."""
    curve: tuple[float, ...] = ()
    """Validation losses from the first to the last, at most `thinning.MOST`; empty where a record of an older version has none."""
    error: str = ""
    time: float = 0.0
    """Seconds since 1970 at which the run was made."""
    pid: int = 0
    """Of the process that took the run last; 0 where that is not known, and of a run that has ended."""
    host: str = ""
    """The machine that it is on, known as `pid` is."""
    taken: float = 0.0
    """Seconds since 1970 at which it took the run, known as `pid` is."""

    @property
    def alive(self) -> bool:
        """Whether somebody trains it now."""
        return self.status in ALIVE


def summary(run: Run) -> Summary:
    """One line about a run, from its config and the end of its log."""
    try:
        config, error = run.config(), ""
    except StoreError as problem:
        config, error = Config(preset="?", dataset="?"), str(problem)
    label = labels.read(run)
    told = Summary(run, "new", config, label.name, label.note, error=error, time=time_of(run))
    end = ends.newest(run.events)
    if end and isinstance(end[-1], RunEnded):
        return _ended(told, end[-1])
    if not end and not ends.size(run.events):
        return replace(told, status="running") if held.trained(run.events) else told
    so_far, trained = Sum.of([*ends.milestones(run.events), *end]), held.trained(run.events)
    if so_far.ended is not None and not trained:
        return _ended(told, so_far.ended)
    return _unended(told, so_far, trained=trained)


def _ended(told: Summary, end: RunEnded) -> Summary:
    return replace(
        told,
        status=end.reason,
        best_accuracy=end.best_accuracy,
        best_epoch=end.best_epoch,
        best_loss=end.best_loss,
        last_accuracy=end.last_accuracy,
        last_loss=end.last_loss,
        test_accuracy=end.test_accuracy,
        task=_task(end.best_accuracy, end.best_loss),
        best_mae=end.best_mae if end.best_mae is not None else end.last_mae,
        best_r2=end.best_r2 if end.best_mae is not None else end.last_r2,
        last_mae=end.last_mae,
        last_r2=end.last_r2,
        test_mae=end.test_mae,
        test_r2=end.test_r2,
        epochs=end.epoch,
        steps=end.step,
        seconds=end.seconds,
        parameters=end.parameters,
        samples=end.samples,
        speed=_per_second(end.samples, end.seconds),
        curve=end.curve,
        error=end.error or told.error,
    )


def _unended(told: Summary, so_far: Sum, *, trained: bool) -> Summary:
    """What a run has come to that goes on, or that ended without a word."""
    best, last, taken = so_far.best, so_far.last, ends.taken(told.run.events)
    return replace(
        told,
        status=("paused" if so_far.paused else "running") if trained else "lost",
        best_accuracy=best.accuracy if best else None,
        best_epoch=best.epoch if best else 0,
        best_loss=best.loss if best else None,
        best_mae=best.mae if best else None,
        best_r2=best.r2 if best else None,
        last_accuracy=last.accuracy if last else None,
        last_loss=last.loss if last else None,
        last_mae=last.mae if last else None,
        last_r2=last.r2 if last else None,
        task=_task(last.accuracy, last.loss) if last else told.task,
        epochs=so_far.epochs,
        steps=so_far.steps,
        seconds=so_far.seconds,
        parameters=so_far.parameters,
        speed=_per_second(so_far.samples, so_far.seconds),
        curve=thinning.thinned([one.loss for one in so_far.tried]),
        pid=taken.pid,
        host=taken.host,
        taken=taken.time,
    )


def _per_second(samples: float, seconds: float) -> float | None:
    return samples / seconds if samples and seconds > 0 else None


def _task(accuracy: float | None, loss: float | None) -> str:
    """What a validation with these figures is of: of regression there is a loss alone."""
    return "regression" if accuracy is None and loss is not None else "classification"
