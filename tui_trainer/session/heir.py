"""A run in a process of its own, which neither a terminal nor this process takes along when it ends."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tui_trainer import paths, settings
from tui_trainer.checkpoints import BEST
from tui_trainer.commands import Command, HandOver, Set, SetLearningRate, StopAt
from tui_trainer.events import EVENTS, Event, Hosted, Noted, RunEnded
from tui_trainer.runs import ends, log
from tui_trainer.runs.store import Run, StoreError
from tui_trainer.session.past import has_begun, is_held, was_let_go
from tui_trainer.session.program import program
from tui_trainer.session.resuming import Resume, in_all, resumption

PATIENCE = 30.0
"""Seconds after which a process that does not begin is given up; it takes a part of one."""
UNHEARD = 2.0
"""Seconds after which a run that has not begun is taken to hear nothing: it loads torch, or opens a file."""
LOOK = 0.01
DETACHED = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "DETACHED_PROCESS", 0)
"""What stands for a session of its own on Windows."""
WAITS = "process {} waits for run {} to be let go of"


def background(run: Run, resume: Resume | None = None, more: Mapping[str, str] | None = None) -> int:
    """Let a process of its own train this run, and give its number once it holds the run; `more` is for its environment.
    Raises StoreError."""
    resumption(run, resume)
    wanted = in_all(run, resume or Resume())
    heir = Heir(run, wanted, more)
    end = time.monotonic() + PATIENCE
    while (holder := heir.holder()) is None:
        if heir.has_ended or time.monotonic() > end:
            heir.dismiss()
            raise StoreError(f"run {run.id} does not go on in the background: {heir.last_words()}")
        time.sleep(LOOK)
    for command in _not_options(wanted):
        log.append(run.commands, command)
    return holder.pid


def hand_over(
    run: Run, wait: float, resume: Resume | None = None, *, leaving: bool = False, nobody: threading.Event | None = None
) -> str:
    """Let another process go on with a run that is being trained, here or elsewhere; `resume` where it has not begun yet.
    Empty, or why it goes on where it was. Nothing is left over then.

    Where this process is `leaving`, a run that has not begun need not answer, as while it loads torch: it is free as soon as
    this process ends, and another one waits for it. `nobody` is set where the run was asked and may still let go, though
    nobody waits for that any more."""
    try:
        heir = Heir(run, replace(in_all(run, resume or Resume()), unended=True))
    except StoreError as error:
        return str(error)
    try:
        return _hand_over(run, heir, wait, leaving)
    except OSError as error:
        return f"it cannot be asked: {error.strerror or error}"
    finally:
        if heir.holder() is None and not heir.stays:
            heir.dismiss()
            if nobody is not None and heir.expected:
                nobody.set()


def _hand_over(run: Run, heir: Heir, wait: float, leaving: bool) -> str:
    end = time.monotonic() + wait
    while not heir.waits() and heir.holder() is None:  # first somebody to take it: the run rests for a moment, not for a start
        if why := heir.refused():
            return why
        if time.monotonic() > end:
            return f"the process in the background did not begin within {wait:.0f} s"
        time.sleep(LOOK)
    if heir.holder() is None:
        log.append(run.commands, HandOver())
        heir.expected = True
    asked, begun = time.monotonic(), False
    while heir.holder() is None:
        if why := heir.refused():
            return why
        if leaving and time.monotonic() > asked + UNHEARD and not (begun := begun or has_begun(run)):
            heir.stays = True
            return ""
        if time.monotonic() > end and not was_let_go(run):  # else it is being taken at this very moment
            heir.stays = leaving  # in the middle of a long batch: it goes on from what was saved last
            return "" if leaving else f"the run was not let go of within {wait:.0f} s"
        time.sleep(LOOK)
    return ""


class Heir:
    """A process that was started to go on with a run."""

    def __init__(self, run: Run, resume: Resume, more: Mapping[str, str] | None = None) -> None:
        """Raises StoreError where no process can be started."""
        self.stays = False
        """Whether it waits on when whoever started it ends."""
        self.expected = False
        """Whether the run was asked to let go, and has not said that it will not."""
        self._run, self._before = run, ends.taken(run.events).pid
        self._said, self._printed = _size(run.events), _size(run.console)
        try:
            with run.console.open("ab") as console:
                self._process = subprocess.Popen(
                    command(run, resume),
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=console,
                    close_fds=True,
                    env=paths.environment(more) if more else None,
                    start_new_session=True,
                    creationflags=DETACHED,
                )
        except OSError as error:
            raise StoreError(f"no process can be started for run {run.id}: {error.strerror or error}") from error
        threading.Thread(target=self._process.wait, name="heir", daemon=True).start()  # so that none stays a zombie

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def waits(self) -> bool:
        """Whether it is there and looks for the lock."""
        return "waits for run" in self._words()

    def holder(self) -> Hosted | None:
        """The process that took the run since this one was started: this one, unless somebody was faster. Not the one that had
        it before: where it waits in vain for another it goes on itself."""
        for event in self._events():
            if isinstance(event, Hosted) and (event.pid == self._process.pid or event.pid not in {os.getpid(), self._before}):
                return event
        return None

    def refused(self) -> str:
        """Why it does not come to hold the run; empty while that can still be."""
        for event in self._events():
            if isinstance(event, RunEnded):
                return f"the run has ended: {event.reason}"
            if isinstance(event, Noted) and "cannot be handed over" in event.text:
                self.expected = False
                return event.text
        return f"the process in the background ended: {self.last_words()}" if self.has_ended else ""

    def last_words(self) -> str:
        """What it printed last, as one line."""
        lines = [line for line in self._words().splitlines() if line.strip()]
        return " · ".join(line.strip() for line in lines[-3:]) or "it said nothing"

    def dismiss(self) -> None:
        """End it, where it holds nothing: it must not hear the signals of ordinary ends, which are for the run."""
        with suppress(OSError):
            self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)

    def _events(self) -> list[Event]:
        decode: log.Decoder[Event] = log.Decoder(EVENTS)
        lines = _rest(self._run.events, self._said).split(b"\n")[:-1]
        wanted = (b'{"type":"Hosted"', b'{"type":"Noted"', b'{"type":"RunEnded"')
        return [event for line in lines if line.startswith(wanted) and (event := decode(line)) is not None]

    def _words(self) -> str:
        return _rest(self._run.console, self._printed).decode(errors="replace")


def command(run: Run, resume: Resume) -> list[str]:
    """The command line of the process."""
    words = [*program(), "resume", str(run.folder), "--background"]
    words += ["--unended"] if resume.unended else []
    words += ["--best"] if resume.checkpoint == BEST else []
    words += [f"--{run.config().budget[0]}", resume.budget] if resume.budget else []
    for one in resume.asked:
        words += _option(one)
    return words


def _option(asked: Command) -> list[str]:
    match asked:
        case SetLearningRate(lr):
            return ["--lr", repr(lr)]
        case Set(name, value):
            whole = settings.BY_NAME[name].kind is int
            return [f"--{name.replace('_', '-')}", str(int(value)) if whole else repr(value)]
        case StopAt(unit, amount):
            return ["--stop-at", f"{unit}={amount!r}"]
        case _:
            return []


def _not_options(resume: Resume) -> list[Command]:
    return [one for one in resume.asked if not _option(one)]


def wait_for_turn(run: Run, given_up: Callable[[], bool], say: Callable[[str], object]) -> bool:
    """In the process that goes on with a run: wait until it is let go of; False where it was `given_up` before."""
    if is_held(run) and not given_up():
        say(WAITS.format(os.getpid(), run.id))
    while not given_up():
        if not is_held(run):
            return True
        time.sleep(LOOK)
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _rest(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read()
    except OSError:
        return b""
