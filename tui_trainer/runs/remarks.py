"""The notes that events leave, in words: accuracy, or of regression loss, mean absolute error and R²."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.events import (
    Evaluated,
    Hosted,
    OutOfMemory,
    RunEnded,
    RunResumed,
    RunStarted,
    SettingChanged,
    ThreadsChanged,
)
from tui_trainer.runs.moments import Note
from tui_trainer.settings import BY_NAME

STATES = {
    "running": "●",
    "paused": "‖",
    "finished": "✓",
    "stopped": "‖",
    "abandoned": "✕",
    "diverged": "✕",
    "failed": "✕",
    "lost": "!",
    "new": "◌",
}
"""The sign of each state that a run may be in."""


def speed_unit(started: RunStarted | None) -> str:
    """What is counted a second: pictures, or samples that are none."""
    return "img/s" if started is None or len(started.input_shape) == 3 else "samples/s"


def figures(event: Evaluated) -> str:
    """`71.8 %`, or `0.008, MAE 0.071, R² 0.984`."""
    shown = units.loss(event.loss) if event.accuracy is None else units.percent(event.accuracy)
    return ", ".join([shown, *errors(event.mae, event.r2)])


def errors(mae: float | None, r2: float | None) -> list[str]:
    """`MAE 0.071` and `R² 0.984`, what is known of them."""
    known = [f"MAE {units.loss(mae)}"] if mae is not None else []
    return known + ([f"R² {units.r_squared(r2)}"] if r2 is not None else [])


def score(accuracy: float | None, mae: float | None) -> str:
    """The one figure that says how good it is: `71.8 %`, of regression `MAE 0.071`, `·` where nothing is known."""
    return next(iter(errors(mae, None)), units.UNKNOWN) if accuracy is None else units.percent(accuracy)


def result(ended: RunEnded) -> str:
    """`71.8 % at epoch 5`, or of regression `loss 0.008 at epoch 5`; empty where nothing was tried."""
    if ended.best_accuracy is not None:
        return f"{units.percent(ended.best_accuracy)} at epoch {ended.best_epoch}"
    return f"loss {units.loss(ended.best_loss)} at epoch {ended.best_epoch}" if ended.best_loss is not None else ""


def validation(event: Evaluated, *, best: bool) -> Note:
    return _tried(event, "val", f"val {figures(event)}")._replace(best=best, took=event.epoch_took or event.took)


def test(event: Evaluated) -> Note:
    said = ", ".join(errors(event.mae, event.r2)) if event.accuracy is None else ""
    return _tried(event, "test", f"test {said or figures(event)}")._replace(took=event.took)


def _tried(event: Evaluated, kind: str, text: str) -> Note:
    note = Note(kind, text, event.step, event.epoch, event.seconds)
    return note._replace(value=event.accuracy, loss=event.loss, mae=event.mae, r2=event.r2)


def threads(event: ThreadsChanged, epoch: int, unit: str) -> Note:
    """`threads 2 → 1: 4 120 img/s`"""
    speed = f": {units.speed(event.samples_per_second)} {unit}" if event.samples_per_second else ""
    return Note("threads", f"threads {event.old} → {event.new}{speed}", event.step, epoch, event.seconds, at(event.step))


def change(event: SettingChanged) -> str:
    """`batch 32 → 64`, `decay 1e-4 → 3e-4`"""
    label = BY_NAME[event.name].label if event.name in BY_NAME else event.name
    said = units.lr if event.name == "weight_decay" else lambda value: f"{value:g}"
    return f"{label} {said(event.old)} → {said(event.new)}"


def memory(event: OutOfMemory, epoch: int) -> Note:
    """`no memory for a batch of 512: 256 fits`"""
    fits = f"{event.fits} fits" if event.fits else "none fits"
    return Note("warning", f"no memory for a batch of {event.batch_size}: {fits}", event.step, epoch, event.seconds, at(event.step))


def resumed(event: RunResumed, hosted: Hosted | None) -> Note:
    """`resumed at step 1 408`, and by whom."""
    where = at(event.step) or "the beginning"
    by = f"process {hosted.pid}" + (f" on {hosted.host}" if hosted.host else "") if hosted else ""
    return Note("go on", f"resumed at {where}", event.step, event.epoch, event.seconds, by)


def end(event: RunEnded, kept: int) -> list[Note]:
    """How the run ended, and what to try where it diverged; `kept` is the step of the newest checkpoint."""
    where = "" if event.reason in {"finished", "failed"} else f" at {at(event.step)}" if event.step else " before the first step"
    said = f", {event.layer}" if event.layer else f": {event.error}" if event.error else ""
    notes = [Note("end", f"{event.reason}{where}{said}", event.step, event.epoch, event.seconds)]
    if event.suggested_lr is not None:
        before = f"kept {at(kept)}, " if kept else ""
        lower = f"{before}try a rate of {units.lr(event.suggested_lr)}"
        notes.append(Note("info", lower, event.step, event.epoch, event.seconds))
    return notes


def at(step: int) -> str:
    """`step 1 408`; empty before the first."""
    return f"step {units.count(step)}" if step else ""
