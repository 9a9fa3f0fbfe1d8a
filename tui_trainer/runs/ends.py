"""The two ends of a log, so that a list of runs need not read what lies between. Bounded, however long the log is."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from tui_trainer.events import EVENTS, Event, Hosted, RunStarted
from tui_trainer.runs import backwards
from tui_trainer.runs.lines import Decoder

NEWEST = 8 << 10
"""Bytes at the end of a log that are read first: the last event and some reports before it."""
MOST = 4 << 20
"""Bytes that are searched of a log that has no end yet."""
START = 64 << 10

_ENDED = b'{"type":"RunEnded"'
_STARTED = b'{"type":"RunStarted"'
_MILESTONE = re.compile(
    rb'^\{"type":"(?:Hosted|RunStarted|RunResumed|Evaluated|Paused|Continued|HandedOver|RunEnded)".*\n', re.MULTILINE
)


class Taken(NamedTuple):
    """Who took a run last, and up to where its log was searched for it."""

    file: int
    """The inode, in case another log takes the place of this one."""
    position: int
    pid: int
    host: str
    time: float
    """Seconds since 1970; 0 where that is not known."""


_taken: dict[Path, Taken] = {}
"""What was found before, so that of a long log that grows only what is new is searched again."""


def newest(log: Path) -> list[Event]:
    """The events in the last few thousand bytes; of a run that has ended its end alone."""
    try:
        with log.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(length - NEWEST, 0))
            lines = file.read(NEWEST).split(b"\n")[1 if length > NEWEST else 0 : -1]
    except OSError:
        return []
    return _decoded(lines[-1:] if lines and lines[-1].startswith(_ENDED) else lines)


def milestones(log: Path) -> list[Event]:
    """How the run started, and in the last megabytes who took it, its evaluations, pauses and ends, without every report."""
    try:
        with log.open("rb") as file:
            head = file.read(START).split(b"\n")[:-1]
            begin = max(size(log) - MOST, 0)
            file.seek(begin)
            lines = _MILESTONE.findall(file.read(MOST))
    except OSError:
        return []
    return _decoded([line for line in head if begin and line.startswith(_STARTED)] + lines)


def taken(log: Path) -> Taken:
    """Who took the run last; with a pid of 0 where the log does not say."""
    try:
        found = log.stat()
    except OSError:
        return Taken(0, 0, 0, "", 0.0)
    known = _taken.get(log)
    if known is None or known.file != found.st_ino or known.position > found.st_size:
        known = Taken(found.st_ino, 0, 0, "", 0.0)
    line = backwards.newest(log, ("Hosted",), after=known.position)
    if line is None and not known.pid:
        line = backwards.newest(log, ("RunStarted",), after=known.position)  # logs of older versions say it there
    event = Decoder(EVENTS)(line.text) if line else None
    if line is not None and isinstance(event, Hosted | RunStarted):
        known = Taken(found.st_ino, line.end, event.pid, event.host, event.time)
    elif found.st_size - known.position > backwards.CHUNK:
        known = known._replace(position=found.st_size - backwards.CHUNK)  # a line that was being written is looked at again
    _taken[log] = known
    return known


def size(log: Path) -> int:
    """Its bytes; 0 where there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _decoded(lines: list[bytes]) -> list[Event]:
    return Decoder(EVENTS).many(lines)
