"""What presets and torch print or warn of while the screen draws: into the run's record and console.log, never across it.

Python's own streams and warnings are caught here. What a C library writes straight to the terminal is not: the screen
itself is drawn there.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

Hear = Callable[[str], None]

_listening: dict[int, Hear] = {}
"""Who hears the warnings of a thread, by its id. Each thread sets and removes only its own."""


@contextmanager
def quiet() -> Iterator[None]:
    """While the app runs: a warning goes to whoever listens in its thread, and nowhere else."""
    before = warnings.showwarning
    warnings.showwarning = _show
    try:
        yield
    finally:
        warnings.showwarning = before


@contextmanager
def hearing(hear: Hear) -> Iterator[None]:
    """Warnings of this thread are heard."""
    _listening[threading.get_ident()] = hear
    try:
        yield
    finally:
        _listening.pop(threading.get_ident(), None)


@contextmanager
def printing_to(path: Path) -> Iterator[None]:
    """What Python prints goes into this file. If it cannot be opened it goes where it went before."""
    prints = Prints(path)
    prints.take()
    try:
        yield
    finally:
        prints.leave()
        prints.close()


class Prints:
    """A file that what Python prints goes into while it is taken; where it cannot be opened, prints go where they went before."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO | None = None
        with suppress(OSError):
            self._file = path.open("a", encoding="utf-8", buffering=1)
        self._before = sys.stdout, sys.stderr

    def take(self) -> None:
        if self._file is not None:
            self._before = sys.stdout, sys.stderr
            sys.stdout = sys.stderr = self._file

    def leave(self) -> None:
        if self._file is None:
            return
        if sys.stdout is self._file:  # the app may have closed meanwhile and put its own back
            sys.stdout = self._before[0]
        if sys.stderr is self._file:
            sys.stderr = self._before[1]

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk loses what was printed last, not the run
                self._file.close()


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if hear := _listening.get(threading.get_ident()):
        hear(f"{' '.join(str(message).split())} ({Path(filename).name}:{lineno})")
