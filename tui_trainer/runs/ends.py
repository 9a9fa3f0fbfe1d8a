"""The two ends of a log, so that a list of runs need not read what lies between. Bounded, however long the log is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tui_trainer.events import EVENTS, Event
from tui_trainer.runs.lines import Decoder

NEWEST = 8 << 10
"""Bytes at the end of a log that are read first: the last event and some reports before it."""
MOST = 4 << 20
"""Bytes that are searched of a log that has no end yet."""
START = 64 << 10

_ENDED = b'{"type":"RunEnded"'
_STARTED = b'{"type":"RunStarted"'
_MILESTONE = re.compile(rb'^\{"type":"(?:Evaluated|Paused|Continued|RunEnded)".*\n', re.MULTILINE)


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
    """How the run started, and its evaluations, pauses and end in the last megabytes, without decoding every report."""
    try:
        with log.open("rb") as file:
            head = file.read(START).split(b"\n")[:-1]
            file.seek(max(size(log) - MOST, 0))
            lines = _MILESTONE.findall(file.read(MOST))
    except OSError:
        return []
    return _decoded([line for line in head if line.startswith(_STARTED)] + lines)


def size(log: Path) -> int:
    """Its bytes; 0 where there is none."""
    try:
        return log.stat().st_size
    except OSError:
        return 0


def _decoded(lines: list[bytes]) -> list[Event]:
    decode: Decoder[Event] = Decoder(EVENTS)
    return [event for line in lines if (event := decode(line)) is not None]
