"""What a history is made of, as plain rows: points of a curve, marks on it, notes, and lines of the class board."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    step: int
    epoch: int
    value: float
    seconds: float


class Mark(NamedTuple):
    """Something that a chart draws as a line across: `kind` is rate, pause, resume or diverged."""

    step: int
    kind: str
    text: str
    seconds: float


class Note(NamedTuple):
    """Something that happened: `kind` is val, rate, pause, go on, info, warning, checkpoint, test or end."""

    kind: str
    text: str
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    detail: str = ""
    best: bool = False
    value: float = 0.0
    """For val and test: the accuracy."""
    loss: float = 0.0
    took: float = 0.0
    """For val: seconds of the epoch, or of the evaluation where no epoch ended."""


class ClassLine(NamedTuple):
    name: str
    share: float
    """Of this class found."""
    change: float | None
    """Since the epoch before; None where there is none."""
    support: int
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here


class Confused(NamedTuple):
    true: str
    taken_for: str
    count: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    of: int
