"""The terminal is gone: the run is left to a process in the background, whatever the event loop is stuck in."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from threading import Event
from types import TracebackType
from typing import Any, NoReturn, Protocol

from tui_trainer.commands import Command, Stop

LOOK = 0.5
"""Seconds that one wait for the hang-up takes at most; it is noticed at once."""
GRACE = 15.0
"""Seconds that a run gets to be let go of, and then again to finish its batch, evaluate and save."""
HUNG_UP = 129

_first = threading.Lock()
_leaving: threading.Thread | None = None


class Trained(Protocol):
    """What this process may train, and has to see to before it ends: a session, or a race."""

    @property
    def ours(self) -> bool:
        """Whether this process trains it now."""
        ...

    def hand_over(self, wait: float = ..., *, leaving: bool = ...) -> str:
        """Leave it to the background; empty once that has it, otherwise why not."""
        ...

    def ask(self, command: Command) -> None: ...

    def wait(self, timeout: float) -> bool:
        """Wait until it has ended, at most so many seconds; whether it has."""
        ...


class Watch:
    """A thread that waits for the terminal of this process to hang up. As a context: until it is left."""

    def __init__(self, session_of: Callable[[], Trained | None], ignore: Callable[[], bool]) -> None:
        self._session_of, self._ignore = session_of, ignore
        self._over = Event()
        self._poll, self._gone, self.problem = _terminal()
        """`problem`: why a hang-up cannot be noticed here, in a sentence."""
        if not self.problem:
            threading.Thread(target=self._watch, name="hang-up", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        wait_for_end()

    def _watch(self) -> None:
        while not self._over.is_set():
            if not any(found & self._gone for _, found in self._poll.poll(1000 * LOOK)):
                continue
            if not self._ignore():
                hang_up(self._session_of())
                return
            self._over.wait(LOOK)  # the poll returns at once from now on


def on_hangup(session_of: Callable[[], Trained | None], ignore: Callable[[], bool] = lambda: False) -> Watch:
    """From now on: when the terminal is gone, the run of `session_of()` is left to the background and this process ends with 0;
    with 129 where it trains none. Not while `ignore()`. Works where SIGHUP is ignored, and while the event loop is stuck."""
    return Watch(session_of, ignore)


def hang_up(session: Trained | None) -> bool:
    """Leave the run to a process in the background and end this one, without the terminal. Returns at once; whoever comes
    first decides, and False says that it is under way already."""
    global _leaving
    if not _first.acquire(blocking=False):
        return False
    let_go_of_terminal()
    _leaving = threading.Thread(target=_leave, args=(session,), name="leaving", daemon=False)
    _leaving.start()
    return True


def under_way() -> bool:
    """Whether this process is leaving because its terminal is gone: nothing that it asks of a run comes from a person."""
    return _first.locked()


def wait_for_end() -> None:
    """Return at once, or never where this process is leaving: it ends with its own code as soon as the run is safe."""
    while under_way() and threading.current_thread() is not _leaving:
        time.sleep(1)


def let_go_of_terminal() -> None:
    """Point the three standard streams elsewhere: a write to a terminal that is gone would raise, or block for ever. What is
    read blocks, as nobody will ever type: at an end of file Textual's reader would spin."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    silence, _never_closed = os.pipe()
    os.dup2(silence, 0)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)


def _leave(session: Trained | None) -> NoReturn:
    if session is None or not session.ours:
        os._exit(HUNG_UP)
    if not session.hand_over(GRACE, leaving=True):
        os._exit(0)
    session.ask(Stop())
    session.wait(GRACE)
    os._exit(HUNG_UP)


def _terminal() -> tuple[Any, int, str]:
    """What to wait on, which of its answers mean that it is gone, and why nothing can be waited for."""
    try:
        import select

        poll = select.poll()
    except (ImportError, AttributeError):
        return None, 0, f"on {sys.platform} a window that is closed ends the run: what was saved last stays"
    gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
    terminals = [descriptor for descriptor in range(3) if _is_terminal(descriptor)]
    for descriptor in terminals:
        poll.register(descriptor, 0)
    if not terminals or any(found & select.POLLNVAL for _, found in poll.poll(0)):
        return None, 0, "there is no terminal here that could hang up"
    return poll, gone, ""


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
