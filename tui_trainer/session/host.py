"""One run as seen from outside: started, followed, asked, left to another process; trained in a thread of its own or elsewhere."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import Protocol

from tui_trainer.commands import Abandon, Command, Stop
from tui_trainer.events import Event, RunResumed, RunStarted
from tui_trainer.runs import ends, held, log
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session import asides, hangup, heir
from tui_trainer.session.past import is_held
from tui_trainer.session.recorder import Sink
from tui_trainer.session.resuming import Resume
from tui_trainer.session.training import HEIR, see_through
from tui_trainer.session.words import sentence


class Halted(Protocol):
    """Something that must have stopped before a run starts."""

    def cancel(self) -> object: ...


class Session:
    """One run as seen from outside, whether it is trained here, in another process, or was over long ago."""

    def __init__(self, run: Run, *sinks: Sink, resume: Resume | None = None) -> None:
        """`resume`: how it is about to be gone on with here, where that is not started by this session."""
        self.run = run
        self.problem = ""
        """Why it ended or cannot be steered, where the record itself could not say it."""
        self.trouble = ""
        """Why its record, trained here, cannot be written just now: what happens meanwhile is not to be seen in it yet."""
        self._sinks = (*sinks, self._hear)
        self._tail = log.Tail(run.events)
        self._thread: threading.Thread | None = None
        self._resume = resume
        self._begun = False
        self._unwritten: deque[Command] = deque()
        """Asked of the run that is trained here, where the file of its commands cannot be written."""
        self._handing = threading.Lock()
        self._handed_over = 0
        """How many times."""
        self._nobody = threading.Event()
        """Set where nobody is there to take what is let go of next."""

    def start(self, after: Halted | None = None, resume: Resume | None = None) -> None:
        """Train it in a thread of this process, as soon as `after` has stopped; with `resume`, from where it was left. Returns at
        once, and does nothing while it is trained here."""
        if self._thread is None or not self._thread.is_alive():
            self.problem, self._resume, self._begun = "", resume, False
            self._thread = threading.Thread(target=self._host, args=(after,), name=f"run-{self.run.id}", daemon=True)
            self._thread.start()

    def poll(self, most: int = log.MOST_PER_READ) -> list[Event]:
        """What happened since the last call, or about so many bytes of it."""
        return self._tail(most)

    def behind(self) -> int:
        """Bytes of the record not read yet."""
        return self._tail.behind()

    def send(self, command: Command) -> None:
        """Ask something of the run; the answer is the event that follows. No end is asked for once the terminal is gone: the
        process that goes on with the run would hear it."""
        if not (hangup.under_way() and isinstance(command, Stop | Abandon)):
            self.ask(command)

    def ask(self, command: Command) -> None:
        """The same, whatever it is."""
        try:
            log.append(self.run.commands, command)
        except OSError as error:
            if self._thread is not None and self._thread.is_alive():
                self._unwritten.append(command)
                return
            self.problem = f"run {self.run.id} cannot be asked anything: {error.strerror or error}"

    @property
    def hosted(self) -> bool:
        """Whether this process trains it, or did; not once it was handed over."""
        return self._thread is not None

    @property
    def alive(self) -> bool:
        """Whether it is being trained, here or elsewhere, or was handed over a moment ago; where the file system has no locks,
        as far as can be told."""
        thread = self._thread
        return (thread is not None and thread.is_alive()) or held.trained(self.run.events)

    @property
    def ours(self) -> bool:
        """Whether this process trains it now, be it not through this session."""
        if self._thread is not None:
            return self._thread.is_alive()
        return ends.taken(self.run.events).pid == os.getpid() and is_held(self.run)

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended, at most so many seconds; whether it has."""
        thread = self._thread
        if thread:
            thread.join(timeout)
            return not thread.is_alive()
        end = time.monotonic() + timeout
        while self.alive and time.monotonic() < end:
            time.sleep(0.05)
        return not self.alive

    def hand_over(self, wait: float = 10.0, *, leaving: bool = False) -> str:
        """Leave the run to a process in the background, which goes on with it from the very batch. Empty once that holds it and
        nothing of it is left here; otherwise why not, and then it goes on where it was. Where this process is `leaving`, it is
        enough for a run that has not begun that somebody waits for it."""
        before = self._handed_over
        with self._handing:
            if self._handed_over != before:
                return ""  # somebody else asked for it meanwhile
            if not self.alive:
                return f"run {self.run.id} is not being trained"
            self._nobody.clear()
            resume = None if self._begun else self._resume
            if why := heir.hand_over(self.run, wait, resume, leaving=leaving, nobody=self._nobody):
                return why
            thread = self._thread
            if thread is not None and not leaving:
                thread.join(HEIR)
                self._thread, self.problem = None, ""
            self._handed_over += 1
            return ""

    def _hear(self, event: Event) -> None:
        if isinstance(event, RunStarted | RunResumed):
            self._begun = True
            self._nobody.clear()

    def _host(self, after: Halted | None) -> None:
        with asides.printing_to(self.run.console):
            if after:
                after.cancel()
            try:
                self._train()
            except StoreError as error:
                self.problem = str(error)
            except KeyboardInterrupt:
                return  # the record says so
            except BaseException as error:  # there is nobody above a thread: what is left is said by the screen
                self.problem = f"run {self.run.id} ended: {sentence(error)}"

    def _train(self) -> None:
        def in_trouble(why: str) -> None:
            self.trouble = why

        try:
            see_through(
                self.run,
                *self._sinks,
                resume=self._resume,
                holds=True,
                in_trouble=in_trouble,
                nobody=self._nobody.is_set,
                aside=self._aside,
            )
        finally:
            self.trouble = ""

    def _aside(self) -> list[Command]:
        return [self._unwritten.popleft() for _ in range(len(self._unwritten))]
