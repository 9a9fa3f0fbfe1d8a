"""What a run does when memory is short: it says what fits, and goes on with that, waits for an answer, or ends in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import commands as ask
from tui_trainer.engine import fit
from tui_trainer.engine.fit import Short
from tui_trainer.engine.obeying import NAP
from tui_trainer.engine.over import Over
from tui_trainer.events import Continued, Noted, OutOfMemory

if TYPE_CHECKING:
    from tui_trainer.engine.loop import Trainer


def make(run: Trainer, error: BaseException) -> None:
    """A batch did not fit: returns when the run can try again from the batch that failed, which was not learned from.

    Raises Over where it cannot: `failed` with the sentence that says what would fit, or what a person asked for meanwhile.
    """
    short = fit.short(run.ready, error)
    if run.step == 0:
        _forget_first_step(run)
    run.report()
    goes_on = bool(short.fits) and run.config.fit_batch
    waits = run.holds and not goes_on
    run.emit(_said(run, short, waiting=waits))
    if goes_on:
        run.change("batch_size", short.fits)
    elif waits:
        _wait(run, short)
    else:
        if run.step:
            run.save()  # from there it can go on, with a batch that fits
        raise Over("failed", short.sentence)
    run.resized = True


def _said(run: Trainer, short: Short, *, waiting: bool) -> OutOfMemory:
    return OutOfMemory(run.step, short.batch_size, short.fits, short.asked, short.free, waiting, run.time.seconds())


def _forget_first_step(run: Trainer) -> None:
    """An optimizer that ran out of memory in its first step may have made a part of its state, which it would take for whole."""
    state = getattr(run.ready.optimizer, "state", None)
    if isinstance(state, dict):
        state.clear()


def _wait(run: Trainer, short: Short) -> None:
    """Until somebody decides, with the run's clock standing. To go on as before is an answer: memory may have become free."""
    run.time.hold()
    try:
        while run.config.batch_size == short.batch_size and not run.over():
            if run.saves.pause_is_due(run.step):
                run.save()
            run.sleep(NAP)
            heard = run.commands()
            for at, command in enumerate(heard):
                if isinstance(command, ask.Continue):
                    run.emit(Continued(run.step, run.time.seconds()))
                    run.obey(heard[at:])  # what was asked in the same breath counts as well
                    return
                if isinstance(command, ask.FitBatch):
                    _take(run, short, command)
                else:
                    run.obey([command])
    finally:
        run.time.go_on()


def _take(run: Trainer, short: Short, asked: ask.FitBatch) -> None:
    """The batch that fits; and the rate, where that is wanted, smaller by as much."""
    if not short.fits:
        run.emit(Noted("warning", f"no smaller batch fits: {short.sentence}", run.step))
        return
    rate = run.current_rate()
    run.change("batch_size", short.fits)
    if asked.scale_lr:
        run.change("lr", rate * short.fits / short.batch_size)
