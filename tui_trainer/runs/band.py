"""The curves of several seeds as one: their mean, and from the lowest to the highest, as far as all of them go."""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from tui_trainer.runs.side import Spot


class Band(NamedTuple):
    """All curves at one place of the x axis."""

    x: float
    low: float
    mean: float
    high: float


def band(curves: Sequence[Sequence[Spot]], axis: str) -> list[Band]:
    """These curves over one of AXES, at the places of the first of them; straight between points. Where one of them has not
    begun or is over, there is no band.

    Over seconds they are joined step by step, at the mean of when each came there: the clock of one may have been slower than
    those of the others, so that they never stood at the same second.
    """
    if axis != "seconds":
        return _joined([[(spot.at(axis), spot.value) for spot in curve] for curve in curves])
    found = _joined([[(spot.at("step"), spot.value) for spot in curve] for curve in curves])
    clocks = _joined([[(spot.at("step"), spot.seconds) for spot in curve] for curve in curves])
    return [one._replace(x=clock.mean) for one, clock in zip(found, clocks, strict=True)]


def _joined(lines: Sequence[Sequence[tuple[float, float]]]) -> list[Band]:
    if not lines or not all(lines):
        return []
    first = [x for x, _ in lines[0]]
    if len(set(first)) == len(first) and all([x for x, _ in line] == first for line in lines[1:]):  # as seeds of one setting are
        rows = zip(*([y for _, y in line] for line in lines), strict=True)
        return [Band(x, min(row), statistics.fmean(row), max(row)) for x, row in zip(first, rows, strict=True)]
    start, end = max(line[0][0] for line in lines), min(line[-1][0] for line in lines)
    places = sorted({x for x, _ in lines[0] if start <= x <= end} | ({start, end} if start <= end else set()))
    found = []
    for x in places:
        values = [_at(line, x) for line in lines]
        found.append(Band(x, min(values), statistics.fmean(values), max(values)))
    return found


def _at(line: Sequence[tuple[float, float]], x: float) -> float:
    """The value at a place within the line; of points on the same place the last."""
    right = bisect_right(line, x, key=lambda point: point[0])
    before, after = line[right - 1], line[min(right, len(line) - 1)]
    if after[0] <= before[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (x - before[0]) / (after[0] - before[0])
