"""One run here and now: trained in this thread, said line by line, ended cleanly by signals and lost readers, and left to
another process when the terminal goes."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tui_trainer import session, units
from tui_trainer.commands import Command, Stop
from tui_trainer.console import record
from tui_trainer.console.output import Output
from tui_trainer.console.progress import Progress
from tui_trainer.console.signals import BROKEN_PIPE, Signals, Terminal, hangs_up
from tui_trainer.console.summary import summary_lines
from tui_trainer.events import Event, HandedOver, Hosted, RunEnded, RunResumed, RunStarted
from tui_trainer.runs import log, store
from tui_trainer.runs.history import History
from tui_trainer.runs.store import Run

HEIR = 5.0
"""Seconds in which the process that a run was left to says that it has it."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is said."""

    folders: Sequence[Path] = ()
    json: bool = False
    quiet: bool = False
    background: bool = False
    """Whether this process was started to train and has no terminal: then every signal is meant for it."""


def train(setup: session.Setup, manner: Manner) -> int:
    """Train what `setup` says and return the exit code. Raises StoreError where the record cannot be written."""
    return here(session.create(setup), manner)


def here(run: Run, manner: Manner, *, head: Sequence[str] = (), resume: session.Resume | None = None) -> int:
    """Train a run, or go on with it, and return the exit code. Raises StoreError where the record cannot be written."""
    return _Here(run, manner, head or [name(run)], resume).train()


def name(run: Run) -> str:
    """`run 7f3a  cnn on digits`"""
    config = run.config()
    return f"run {run.id}  {units.plain(f'{config.preset} on {config.dataset}')}"


class _Here:
    """A run in this process, and what it has said."""

    def __init__(self, run: Run, manner: Manner, head: Sequence[str], resume: session.Resume | None) -> None:
        self.run, self.manner, self.head, self.resume = run, manner, head, resume
        self.history = History()
        self.last: RunEnded | HandedOver | None = None
        self.begun = False
        """Whether it trains, or did: before that it can be left only together with how it is to go on."""
        self.unwritten: list[Command] = []
        self.terminal = Terminal()
        self.signals = Signals(self.ask, notice, spares=self.hung_up, always=manner.background)
        self.out = Output(when_gone=self.unheard)
        self.progress = Progress(self.out, self.history)
        self.hosts = not manner.background
        """Whether it is ours already; in the background another process may have to let go of it first."""

    def train(self) -> int:
        silent = self.manner.json or self.manner.quiet
        try:
            with self.signals, session.quiet(), self.watched():
                if not self.wait_for_turn():
                    return self.signals.code
                self.out.lines([] if silent else self.head)
                session.see_through(self.run, self.say, resume=self.resume, aside=self.aside)
        except KeyboardInterrupt:
            self.out.end_live()
            return 130
        if isinstance(self.last, HandedOver):
            wait_for_heir(self.run)
        if not self.manner.json:
            self.out.lines(summary_lines(self.history, self.run, self.manner.folders))
        return exit_code(self.last, self.signals.code)

    def say(self, event: Event) -> None:
        if isinstance(event, Hosted) and self.resume is not None and self.history.hosted is None:
            record.fold(self.run, self.history)  # now that nobody else adds to it; this event is in it
        else:
            self.history.apply(event)
        if isinstance(event, RunEnded | HandedOver):
            self.last = event
        self.begun = self.begun or isinstance(event, RunStarted | RunResumed)
        if self.manner.json:
            self.out.line(log.encode(event))
        elif not self.manner.quiet:
            self.progress(event)

    def ask(self) -> None:
        if not self.hosts:
            return
        try:
            log.append(self.run.commands, Stop())
        except OSError:  # a disk that is full: it is told without
            self.unwritten.append(Stop())

    def aside(self) -> list[Command]:
        """What was asked and could not be written."""
        return [self.unwritten.pop() for _ in range(len(self.unwritten))]

    def unheard(self) -> None:
        """Nobody reads any more: the end, unless it is the terminal that went."""
        if not (self.out.terminal or self.hung_up()):
            self.signals.stop(BROKEN_PIPE)

    def hung_up(self) -> bool:
        """Whether the terminal is gone: nothing that happens then is a person's wish."""
        return self.terminal.gone() or session.under_way()  # in this order: who leaves lets go of the terminal

    def watched(self) -> AbstractContextManager[object]:
        """While the terminal is watched: where it goes the run is left to a process in the background."""
        if self.manner.background or not hangs_up():
            return nullcontext()
        return session.on_hangup(lambda: session.Session(self.run, resume=None if self.begun else self.resume))

    def wait_for_turn(self) -> bool:
        """In the background: wait until whoever trains it lets go; False where a signal came before."""
        if self.manner.background:
            self.hosts = session.wait_for_turn(self.run, lambda: bool(self.signals.code), self.out.line)
        return self.hosts


def wait_for_heir(run: Run, seconds: float = HEIR, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Wait until another process has taken the run, to be able to say which."""
    end = clock() + seconds
    while clock() < end:
        one = store.summary(run)
        if one.alive and one.pid != os.getpid():
            return
        time.sleep(0.03)


def exit_code(last: RunEnded | HandedOver | None, signalled: int) -> int:
    """0 finished, or left to another process; 1 failed or diverged; a run that was stopped gives the signal's code, 130 when
    another login stopped it."""
    if isinstance(last, HandedOver):
        return 0
    if last is None:  # it was asked to end before it went on, else it broke
        return signalled or 1
    if last.reason == "finished":
        return 0
    return signalled or 130 if last.reason in {"stopped", "abandoned"} else 1


def notice(text: str) -> None:
    """A line on standard error from within a signal handler, where buffered streams must not be touched."""
    room = shutil.get_terminal_size().columns - 1
    line = f"\r{text[:room].ljust(room)}\n" if sys.stderr is not None and sys.stderr.isatty() else f"{text}\n"
    try:
        os.write(2, line.encode())
    except OSError:  # the terminal is gone; the stop was asked for all the same
        return
