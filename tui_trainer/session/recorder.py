"""Whoever hears what a run says, the record first, and what is said of a run that could not say its end itself."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tui_trainer import paths, units
from tui_trainer.commands import Command
from tui_trainer.events import Event, Noted, RunEnded
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run
from tui_trainer.session.words import sentence
from tui_trainer.thinning import thinned

Sink = Callable[[Event], None]

PASSING = {
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EIO", "EAGAIN", "ENOBUFS", "ETIMEDOUT", "ENOTCONN", "EHOSTUNREACH", "ENETUNREACH")
    if hasattr(errno, name)
}
"""What may be over soon: a disk that is full, a server that does not answer. Whatever else keeps a record from being written
ends its run: what is not recorded did not happen."""
RETRY = 2.0
"""Seconds after which what could not be written is tried again."""
STEADY = 10.0
"""Seconds without a failure after which it counts as over: of a disk that is nearly full now and then a line has room."""
PATIENCE = 10.0
"""Seconds for which that is done when nothing follows any more."""
MOST_WAITING = 500_000
"""Lines, about 64 MB, that wait in memory at most."""


class Log(Protocol):
    """What writes the record, see `runs.log.Writer`."""

    def __call__(self, event: Event) -> None: ...

    @property
    def waiting(self) -> int: ...

    def retry(self) -> bool: ...


class Recorder:
    """Says each event to the log first, then to whoever else listens. While a disk is full the log waits in memory, training
    goes on, and that is said once."""

    def __init__(
        self,
        write: Log,
        sinks: tuple[Sink, ...],
        *,
        in_trouble: Callable[[str], None] = lambda why: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`in_trouble` is told why the record cannot be written, as soon as it cannot, and nothing when it can again."""
        self._write, self._sinks, self._in_trouble, self._clock = write, list(sinks), in_trouble, clock
        self.history = History()
        self.broken: OSError | None = None
        """Why the record cannot be written, for good."""
        self._failing: OSError | None = None
        """Why the last try failed."""
        self._told = False
        self._since = self._failed = self._tried = 0.0
        """When trouble began, when a try failed last, and when the last one was made."""

    def __call__(self, event: Event) -> None:
        if self.broken is not None:
            raise self.broken
        self._record(event)
        self.history.apply(event)
        for sink in list(self._sinks):
            try:
                sink(event)
            except Exception as error:  # whoever listens must not end the run
                self._sinks.remove(sink)
                self(Noted("warning", f"a listener was dropped: {sentence(error)}", self.history.step))
        self._tell()

    def heeding(self, commands: Callable[[], list[Command]]) -> Callable[[], list[Command]]:
        """The same commands; whoever asks for them, as a run does all the time, lets the record be tried again."""

        def ask() -> list[Command]:
            if self._told and self._clock() - self._tried >= RETRY:
                self._retry()
                self._tell()
            return commands()

        return ask

    def settle(self, sleep: Callable[[float], None] = time.sleep) -> None:
        """At the end: what waits is written, with patience; `broken` where it could not be."""
        until = self._clock() + PATIENCE
        while self._failing is not None and self.broken is None:
            if self._clock() >= until:
                self.broken = self._failing
                return
            sleep(min(RETRY, 0.5))
            self._retry()

    def _record(self, event: Event) -> None:
        try:
            self._write(event)
        except OSError as error:
            if error.errno not in PASSING or self._write.waiting > MOST_WAITING:
                self.broken = error
                raise
            self._failing, self._failed = error, self._clock()
        else:
            self._failing = None

    def _retry(self) -> None:
        self._tried = self._clock()
        if self._write.retry():
            self._failing = None
        else:
            self._failed = self._tried

    def _tell(self) -> None:
        """Once that the record cannot be written, and once that it can again."""
        if self._failing is not None and not self._told:
            self._told, self._since, self._tried = True, self._clock(), self._clock()
            why = _reason(self._failing)
            self._in_trouble(f"record not written: {why}")
            if not self._over:
                self.warn(f"the record cannot be written: {why}; training goes on, and it is tried again every {RETRY:.0f} s")
        elif self._told and self._failing is None and self._clock() - self._failed >= STEADY:
            self._told = False
            self._in_trouble("")
            long = units.duration(self._failed - self._since)
            if not self._over:
                self(Noted("info", f"the record is written again, {long} later; nothing is missing in it", self.history.step))

    @property
    def _over(self) -> bool:
        """Whether the last word was said: nothing follows upon it in a record."""
        return self.history.ended is not None or self.history.phase == "handed over"

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
            curve=thinned([point.value for point in history.val_loss]),
        )


def unwritable(run: Run, error: OSError) -> str:
    """Why a run ended whose record could not take its end."""
    return f"the record of run {run.id} cannot be written, so it ended: {_reason(error)} ({paths.short(run.folder)})"


def _reason(error: OSError) -> str:
    """`no space left on device`"""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
