"""Signals while a run trains in this thread: the first asks it to stop, the second leaves at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType

NOTICE = "stopping: finishing the batch; Ctrl+C again leaves at once"
BROKEN_PIPE = 128 + 13
"""What a shell reports of a program whose reader went away."""


class Signals:
    """While entered, INT, TERM and HUP become `ask()`. `code` is the exit code the first of them calls for, 0 before."""

    def __init__(self, ask: Callable[[], None], say: Callable[[str], None]) -> None:
        self._ask, self._say = ask, say
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        self.code = 0

    def __enter__(self) -> Signals:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            # What was ignored when we started stays ignored: nohup, and jobs a script put in the background.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
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
        if not self.code:
            self.stop(128 + number, "" if number == getattr(signal, "SIGHUP", None) else NOTICE)
        elif number == signal.SIGINT:
            signal.signal(number, lambda *_: os._exit(130))  # a third one, while something still unwinds
            raise KeyboardInterrupt
