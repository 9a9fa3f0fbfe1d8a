"""The terminal under the app: what leaves through it, signals, hang-ups, and coming back from a suspension."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from textual.driver import Driver

SIGNALS = tuple(number for name in ("SIGHUP", "SIGTERM", "SIGINT") if (number := getattr(signal, name, None)) is not None)


def ready() -> bool:
    """Whether the app can be drawn and typed into: Textual draws on stderr and reads stdin."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.__stderr__ is not None and sys.__stderr__.isatty()


def speaks_utf8() -> bool:
    """Whether what is drawn arrives as it is meant; otherwise plain ASCII is drawn."""
    encoding = (getattr(sys.__stderr__, "encoding", "") or "").lower().replace("_", "-")
    return encoding in {"utf-8", "utf8"}


class Counter:
    """Bytes sent to the terminal so far."""

    def __init__(self) -> None:
        self.sent = 0


def counting(driver: type[Driver], counter: Counter) -> type[Driver]:
    """The same driver, counting what it writes."""

    class CountingDriver(driver):  # type: ignore[misc, valid-type]  # which driver is known only at run time
        def write(self, data: str) -> None:
            counter.sent += len(data)
            super().write(data)

    return CountingDriver


class HangUp:
    """Tells whether the terminal is gone, also where the signal for it is ignored (nohup, disown)."""

    def __init__(self) -> None:
        self._poll = None
        try:
            import select

            self._poll = select.poll()
            self._poll.register(0, 0)
            self._gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
        except (ImportError, AttributeError, OSError, ValueError):
            self._poll = None  # no poll() here (Windows): the console's own close event ends the process

    def __call__(self) -> bool:
        return self._poll is not None and any(event & self._gone for _, event in self._poll.poll(0))


def listen(leave: Callable[[int], None]) -> None:
    """Call `leave(128 + signal)` in the event loop on hang-up, termination and interrupt."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        try:
            loop.add_signal_handler(number, leave, 128 + number)
        except (NotImplementedError, RuntimeError):
            signal.signal(number, lambda found, _frame: loop.call_soon_threadsafe(leave, 128 + found))
