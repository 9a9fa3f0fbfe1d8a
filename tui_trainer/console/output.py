"""Lines to a stream that is a terminal, a pipe, or gone by now. Knows nothing of runs."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TextIO

PLAIN_WIDTH = 100
"""Columns where there is no terminal to ask."""

FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT") if hasattr(errno, name)}
"""What a file says that has no room left: somebody may read it all the same, and it may have room again."""

ASCII = str.maketrans(
    {
        **dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True)),
        **dict(zip("✓✕★▲▼●◌‖◂▸┊■", "+x*^v*o|<>|#", strict=True)),
        **dict(zip("━╸─│┤├┬┴┼┌┐└┘", "=--|||+++++++", strict=True)),
        **dict(zip("·×−–…→²±≤", ".x--~>2~<", strict=True)),
        "π": "pi",
    }
)


class Output:
    """Says lines, and on a terminal one live line below them. A reader that went away is noticed, never raised."""

    def __init__(self, stream: TextIO | None = None, *, when_gone: Callable[[], None] | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._when_gone = when_gone
        self._shown = 0
        self.gone = self._stream is None
        self.terminal = not self.gone and self._stream.isatty()
        self.unicode = not self.gone and (self._stream.encoding or "").lower().replace("-", "").startswith("utf")

    def width(self) -> int:
        """Columns of the terminal now; it may be resized at any time."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or PLAIN_WIDTH
        except (OSError, ValueError, AttributeError):
            return PLAIN_WIDTH

    def line(self, text: str = "") -> None:
        """One line that stays; the live line makes way for it."""
        self._write(self._cleared() + self._shape(text) + "\n")

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.line(text)

    def live(self, text: str) -> None:
        """The line under the others, redrawn in place, never wrapped. Nothing where there is no terminal."""
        if not self.terminal:
            return
        room = max(self.width() - 1, 1)
        text = clipped(self._shape(text), room)
        self._write("\r" + padded(text, min(self._shown, room)))
        self._shown = columns(text)

    def end_live(self) -> None:
        if self._shown:
            self._write(self._cleared())

    def _cleared(self) -> str:
        """What wipes the live line: blanks, which every terminal understands."""
        shown, self._shown = self._shown, 0
        return "\r" + " " * shown + "\r" if shown else ""

    def _shape(self, text: str) -> str:
        """What the stream can carry: our glyphs as ASCII where it is no Unicode, anything else it lacks as `?`."""
        if self.unicode:
            return text.encode("utf-8", "replace").decode()
        encoding = self._stream.encoding or "ascii"
        return text.translate(ASCII).encode(encoding, "replace").decode(encoding)

    def _write(self, text: str) -> None:
        if self.gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as error:  # a closed pipe, a terminal that hung up
            if not (isinstance(error, OSError) and error.errno in FULL):
                self._leave()

    def _leave(self) -> None:
        """From now on nothing is said; the descriptor points elsewhere, so that the interpreter's last flush succeeds."""
        self.gone = True
        silence(self._stream)
        if self._when_gone is not None:
            self._when_gone()


def silence(stream: TextIO) -> None:
    """Points the stream's descriptor at nothing; a stream without one is left."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, descriptor)
    finally:
        os.close(nowhere)


def flush() -> None:
    """Push out what others wrote to standard output, now, where a reader that went away is no news."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        silence(sys.stdout)


def columns(text: str) -> int:
    """Columns that a terminal gives the text: two for a wide sign, none for one that lies over the one before it."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4096)  # a list of a thousand runs has a million signs, of few kinds
def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def cut(text: str, room: int) -> str:
    """At most `room` columns, with … where something was left out."""
    if columns(text) <= room:
        return text
    return clipped(text, room - 1) + "…"


def clipped(text: str, room: int) -> str:
    """As much of the text as `room` columns hold."""
    text = text[: max(room, 0)]
    while text and columns(text) > room:
        text = text[:-1]
    return text


def padded(text: str, room: int, *, right: bool = False) -> str:
    """With blanks up to `room` columns, before it where it is flush right."""
    blanks = " " * (room - columns(text))
    return blanks + text if right else text + blanks
