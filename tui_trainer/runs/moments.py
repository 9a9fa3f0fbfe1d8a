"""What a history is made of, as plain rows: points of a curve, marks on it, notes, and lines of the class board."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from tui_trainer.events import Evaluated
from tui_trainer.runs import figures

MOST_POINTS = 4096


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
    """Something that happened: `kind` is val, rate, threads, pause, go on, info, warning, checkpoint, test or end."""

    kind: str
    text: str
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    detail: str = ""
    best: bool = False
    value: float | None = 0.0
    """For val and test: the accuracy; None for regression."""
    loss: float = 0.0
    took: float = 0.0
    """For val: seconds of the epoch, or of the evaluation where no epoch ended."""
    mae: float | None = None
    r2: float | None = None


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


def class_lines(now: figures.Matrix, before: figures.Matrix, name_of: Callable[[int], str]) -> list[ClassLine]:
    """Every class of a confusion matrix, worst first, with its change since another; those without a sample last."""
    classes, older = figures.per_class(now), figures.per_class(before)
    old = [one.found for one in older] if len(older) == len(classes) else [None] * len(classes)
    lines = [
        ClassLine(name_of(index), one.found, None if was is None else one.found - was, one.support, index)
        for index, (one, was) in enumerate(zip(classes, old, strict=True))
    ]
    return sorted(lines, key=lambda line: (line.support == 0, line.share))


def thinned(points: list[Point], best: int) -> list[Point]:
    """Every other one once there are too many, with the best and the last."""
    if len(points) <= MOST_POINTS:
        return points
    last = len(points) - 1
    return [point for index, point in enumerate(points) if index % 2 == 0 or point.step == best or index == last]


def better(one: Evaluated, other: Evaluated) -> bool:
    """Whether a validation came out better: by accuracy, or by loss where there is none."""
    if one.accuracy is None or other.accuracy is None:
        return one.loss < other.loss or math.isnan(other.loss) > math.isnan(one.loss)
    return one.accuracy > other.accuracy
