"""Whoever hears what a run says, the record first, and what is said of a run that could not say its end itself."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from tui_trainer import paths
from tui_trainer.events import Event, Noted, RunEnded
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run
from tui_trainer.session.words import sentence

Sink = Callable[[Event], None]


class Recorder:
    """Says each event to the log first, then to whoever else listens. A log that cannot be written ends the run."""

    def __init__(self, write: Sink, sinks: tuple[Sink, ...]) -> None:
        self._write, self._sinks = write, list(sinks)
        self.history = History()
        self.broken: OSError | None = None

    def __call__(self, event: Event) -> None:
        if self.broken is not None:
            raise self.broken
        try:
            self._write(event)
        except OSError as error:
            self.broken = error
            raise
        self.history.apply(event)
        for sink in list(self._sinks):
            try:
                sink(event)
            except Exception as error:  # whoever listens must not end the run
                self._sinks.remove(sink)
                self(Noted("warning", f"a listener was dropped: {sentence(error)}", self.history.step))

    def warn(self, text: str) -> None:
        self(Noted("warning", text, self.history.step))

    def failed(self, error: BaseException, preset_file: Path) -> RunEnded:
        """The end of a run that something raised in, with what it had come to."""
        history, best, last = self.history, self.history.best_of, self.history.evaluation
        interrupted = isinstance(error, KeyboardInterrupt)
        return RunEnded(
            step=history.step,
            epoch=history.epoch,
            reason="abandoned" if interrupted else "failed",
            seconds=history.seconds,
            best_accuracy=history.best_accuracy,
            best_epoch=history.best.epoch if history.best else 0,
            best_loss=history.best_loss,
            last_accuracy=last.accuracy if last else None,
            last_loss=last.loss if last else None,
            best_mae=best.mae if best else None,
            best_r2=best.r2 if best else None,
            last_mae=last.mae if last else None,
            last_r2=last.r2 if last else None,
            parameters=history.started.parameters if history.started else 0,
            error="interrupted" if interrupted else sentence(error, preset_file),
            traceback="" if interrupted else "".join(traceback.format_exception(error)),
        )


def unwritable(run: Run, error: OSError) -> str:
    """Why a run ended whose record could not take its end."""
    return f"the record of run {run.id} cannot be written, so it ended: {error.strerror or error} ({paths.short(run.folder)})"
