"""What is asked when a batch did not fit into memory: go on with smaller ones, at which rate, or stop."""

from __future__ import annotations

from tui_trainer import units
from tui_trainer.app.screens.sheet import Choice, Sheet
from tui_trainer.commands import Command, Continue, FitBatch, Stop
from tui_trainer.events import OutOfMemory

ANSWERS: dict[str, Command] = {"fit": FitBatch(), "fit and scale": FitBatch(scale_lr=True), "again": Continue(), "stop": Stop()}
"""What is sent for each answer; for any other, nothing: the run goes on waiting."""


def memory_sheet(memory: OutOfMemory, lr: float | None) -> Sheet:
    """The question, with what is known; `lr` is the rate of now."""
    stop = Choice("stop", "Stop and keep", "X", "saves the weights as they are; can be resumed")
    if memory.fits:
        choices = [*_fitting(memory, lr), stop]
    else:
        choices = [stop, Choice("again", "Try it again", "g", "the same batch: memory may be free by now")]
    return Sheet("Not enough memory", _fact(memory), choices, hint="Esc, then c, sets another batch by hand", escape="let it wait")


def _fitting(memory: OutOfMemory, lr: float | None) -> list[Choice]:
    share = memory.batch_size / memory.fits
    parts = f"{share:.3g}"
    rate = f"{units.lr(lr)} → {units.lr(lr / share)}" if lr else f"÷ {parts}"
    return [
        Choice("fit", f"Go on with {memory.fits}", "g", f"batches of {memory.fits} from here on; the rate stays"),
        Choice("fit and scale", f"{memory.fits}, and rate ÷{parts}", "r", f"the same, and rate {rate}"),
    ]


def _fact(memory: OutOfMemory) -> str:
    """`A batch of 128 asked 2.0 GB where 1.5 GB were free; batches of 64 fit.`"""
    asked = f" asked {units.size(memory.asked)}" if memory.asked else " did not fit"
    free = f" where {units.size(memory.free)} were free" if memory.free else ""
    fits = f"batches of {memory.fits} fit" if memory.fits else "not even a batch of 1 fits"
    return f"A batch of {memory.batch_size}{asked}{free}; {fits}."
