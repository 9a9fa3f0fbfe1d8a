"""Signals while a run trains in this thread: the first asks it to stop, the second leaves at once. And whether there is a
terminal still."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType

NOTICE = "stopping: finishing the batch; Ctrl+C again leaves at once"
BROKEN_PIPE = 128 + 13
"""What a shell reports of a program whose reader went away."""


class Signals:
    """While entered, INT, TERM and HUP become `ask()`. `code` is the exit code the first of them calls for, 0 before.

    A hang-up that `spares()` is nothing to stop for: another process goes on with the run, or it goes on here unseen.
    """

    def __init__(
        self,
        ask: Callable[[], None],
        say: Callable[[str], None],
        *,
        spares: Callable[[], bool] = lambda: False,
        always: bool = False,
    ) -> None:
        """`always` listens also to what was ignored when we started: nobody but a person sends anything to a process in
        the background."""
        self._ask, self._say, self._spares, self._always = ask, say, spares, always
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self.code = 0

    def __enter__(self) -> Signals:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            # What was ignored when we started stays ignored: nohup, and jobs a script put in the background.
            if number is not None and (self._always or signal.getsignal(number) != signal.SIG_IGN):
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def stop(self, code: int, notice: str = "") -> None:
        """Ask once, whatever the reason; the first reason gives the exit code."""
        if not self.code:
            self.code = code
            self._ask()
            if notice:
                self._say(notice)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        hung_up = number == getattr(signal, "SIGHUP", None)
        if hung_up and self._spares():
            return
        if not self.code:
            self.stop(128 + number, "" if hung_up else NOTICE)
        elif number == signal.SIGINT:
            signal.signal(number, lambda *_: os._exit(130))  # a third one, while something still unwinds
            raise KeyboardInterrupt


class Terminal:
    """The terminal that this process was started on, if any: looked at without reading or writing."""

    def __init__(self) -> None:
        self._descriptors = [number for number in range(3) if _is_terminal(number)]

    def gone(self) -> bool:
        """Whether there was one, and it hung up."""
        try:
            import select

            look = select.poll()
        except (ImportError, AttributeError):  # Windows: the console's own close event ends the process
            return False
        for number in self._descriptors:
            look.register(number, 0)
        return any(found & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, found in look.poll(0))


def hangs_up() -> bool:
    """Whether a hang-up is heard, and was not told to be ignored, as nohup does."""
    number = getattr(signal, "SIGHUP", None)
    return number is not None and signal.getsignal(number) != signal.SIG_IGN


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False
