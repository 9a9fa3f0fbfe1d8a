"""Where a run is trained and what stands around it: its log, its commands, a thread of its own, and every way it can end."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn, Protocol

from tui_trainer import paths
from tui_trainer.commands import COMMANDS, Command
from tui_trainer.events import Event, Preparing
from tui_trainer.runs import log
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import asides
from tui_trainer.session.recorder import Recorder, Sink, unwritable
from tui_trainer.session.words import sentence


class Halted(Protocol):
    """Something that must have stopped before a run starts."""

    def cancel(self) -> object: ...


def train(run: Run, *sinks: Sink) -> None:
    """Train this run here and now, in whichever thread or process this is.

    Whatever raises in it becomes its `RunEnded`. Raises StoreError where the record cannot be written.
    """
    try:
        write = log.Writer(run.events)
    except (OSError, log.RunLocked) as error:
        raise StoreError(unwritable(run, error) if isinstance(error, OSError) else str(error)) from error
    with write:
        record = Recorder(write, sinks)
        try:
            with asides.hearing(record.warn):
                _train(run, record)
        except BaseException as error:
            if record.broken is None and record.history.ended is None:
                with suppress(OSError):  # remembered as `broken`
                    record(record.failed(error, run.preset_file))
            if isinstance(error, KeyboardInterrupt):
                raise
        if record.broken is not None:
            raise StoreError(unwritable(run, record.broken)) from record.broken


def _train(run: Run, record: Recorder) -> None:
    config = run.config()
    if "torch" not in sys.modules:
        record(Preparing("loading torch"))
    from tui_trainer.engine import trainer  # over a second of torch: paid only by whoever trains

    trainer.train(
        config,
        preset_file=run.preset_file,
        checkpoints=run.checkpoints,
        emit=record,
        commands=log.Tail(run.commands, COMMANDS),
        datasets_home=paths.datasets(),
    )


class Session:
    """One run as seen from outside, whether it is trained here, in another process, or was over long ago."""

    def __init__(self, run: Run, *sinks: Sink) -> None:
        self.run = run
        self.problem = ""
        """Why it ended or cannot be steered, where the record itself could not say it."""
        self._sinks = sinks
        self._tail = log.Tail(run.events)
        self._thread: threading.Thread | None = None

    def start(self, after: Halted | None = None) -> None:
        """Train it in a thread of this process, as soon as `after` has stopped. Returns at once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._host, args=(after,), name=f"run-{self.run.id}", daemon=True)
            self._thread.start()

    def poll(self, most: int = log.MOST_PER_READ) -> list[Event]:
        """What happened since the last call, or about so many bytes of it."""
        return self._tail(most)

    def behind(self) -> int:
        """Bytes of the record not read yet."""
        return self._tail.behind()

    def send(self, command: Command) -> None:
        """Ask something of the run; the answer is the event that follows."""
        try:
            log.append(self.run.commands, command)
        except OSError as error:
            self.problem = f"run {self.run.id} cannot be asked anything: {error.strerror or error}"

    @property
    def hosted(self) -> bool:
        """Whether this process trains it, or did."""
        return self._thread is not None

    @property
    def alive(self) -> bool:
        """Whether it is being trained, here or elsewhere."""
        return self._thread.is_alive() if self._thread else log.is_locked(self.run.events)

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended, at most so many seconds; whether it has."""
        if self._thread:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        end = time.monotonic() + timeout
        while self.alive and time.monotonic() < end:
            time.sleep(0.05)
        return not self.alive

    def _host(self, after: Halted | None) -> None:
        with asides.printing_to(self.run.console):
            if after:
                after.cancel()
            try:
                train(self.run, *self._sinks)
            except StoreError as error:
                self.problem = str(error)
            except KeyboardInterrupt:
                return  # the record says so
            except BaseException as error:  # there is nobody above a thread: what is left is said by the screen
                self.problem = f"run {self.run.id} ended: {sentence(error)}"


def end_now(code: int) -> NoReturn:
    """End this process at once, with this code, after the last words are out.

    Python's own way out takes torch's libraries down while threads may be in the middle of them, an import or a batch: the
    process then aborts. Where none is, it takes over a second.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # a reader that went away, or no stream at all
            stream.flush()
    os._exit(code)


def end_process(code: int, session: Session | None, *, within: float, terminal_gone: bool) -> None:
    """See to it that this process ends with this code, whatever its event loop does: after the run has ended, and at most
    `within` seconds from now. Returns at once; who ends in the ordinary way before that is not disturbed."""
    if terminal_gone:  # a write to it would raise, or block for ever
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)

    def reap() -> None:
        if session:
            session.wait(within)
        time.sleep(1.5)  # what the ordinary way out takes after the run has ended, and plenty of it
        os._exit(code)

    threading.Thread(target=reap, name="reaper", daemon=True).start()
