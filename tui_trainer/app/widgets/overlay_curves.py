"""Curves that lie over each other, laid on columns of dots: smoothed, thinned, each made once. Draws nothing."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rich.cells import cell_len

from tui_trainer.app.widgets import end_labels
from tui_trainer.app.widgets.curves import Vertex
from tui_trainer.app.widgets.span import WINDOWS, Span

Points = tuple[tuple[float, float], ...]
Bounds = tuple[tuple[float, float, float], ...]
Spread = tuple[list[float], list[float]]

ROOM = 1.4
"""How many times as long as the longest curve the axis may be, so that labels have room at its right."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """The curve of one setting."""

    letter: str
    name: str
    colour: str
    """`last` where it has none of its own."""
    points: Points
    """(x, y), from left to right; finite."""
    band: Bounds = ()
    """(x, lowest, highest)"""


class Laid:
    """What was laid on an axis, kept until curve, smoothing or axis are others."""

    def __init__(self) -> None:
        self._smooth: dict[str, tuple[Points, int, Points]] = {}
        self._vertices: dict[str, tuple[Points, Span, list[Vertex]]] = {}
        self._spread: tuple[Bounds, Span, Spread] | None = None

    def vertices(self, one: Stroke, level: int, span: Span) -> list[Vertex]:
        """The line of a setting, with the extremes of each column of dots where it has more points than that."""
        points = self._smoothed(one, level)
        known = self._vertices.get(one.letter)
        if known is None or known[0] is not points or known[1] != span:
            known = self._vertices[one.letter] = points, span, thinned(points, span)
        return known[2]

    def _smoothed(self, one: Stroke, level: int) -> Points:
        known = self._smooth.get(one.letter)
        if known is None or known[0] is not one.points or known[1] != level:
            known = self._smooth[one.letter] = one.points, level, trailing(one.points, level)
        return known[2]

    def band(self, one: Stroke, span: Span) -> Spread:
        """Lowest and highest of each column of dots; only that of the setting that was asked of last is kept."""
        known = self._spread
        if known is None or known[0] is not one.band or known[1] != span:
            known = self._spread = one.band, span, spread(one.band, span)
        return known[2]


def reach(strokes: Sequence[Stroke], names: dict[str, tuple[str, ...]], columns: int, least: float) -> float:
    """The right end of the axis: past the end of the curves so far that each label has room at the right of its own."""
    longest = max(max(one.points[-1][0] for one in strokes), least, 1e-9)
    ends = [longest]
    for one in strokes:
        room = columns - cell_len(names[one.letter][0]) - end_labels.GAP - 2
        ends.append(one.points[-1][0] * columns / max(room, 1))
    return min(max(ends), ROOM * longest)


def trailing(points: Points, level: int) -> Points:
    """Each point as the mean of those before it: as many as the level says, never over more than the later half so far."""
    if not level or not points:
        return points
    window = max(level + 1, round(WINDOWS[min(level, len(WINDOWS) - 1)] * len(points)))
    sums = list(accumulate([y for _, y in points], initial=0.0))
    counts = [min(window, (at + 1) // 2) for at in range(1, len(points) + 1)]
    means = [(sums[at] - sums[at - count]) / count for at, count in enumerate(counts, 1)]
    return tuple(zip([x for x, _ in points], means, strict=True))


def thinned(points: Points, span: Span) -> list[Vertex]:
    """Points on columns of dots; where there are more than columns, the extremes and the last one of each."""
    if len(points) <= 2 * span.columns:
        return [(span.dot(x), y) for x, y in points]
    xs, ys, wide = [x for x, _ in points], [y for _, y in points], 2 * span.columns
    ends = [bisect_left(xs, (column - 0.5) * span.end / (wide - 1)) for column in range(wide)] + [len(points)]
    found: list[Vertex] = []
    for column, (start, end) in enumerate(pairwise(ends)):
        if values := ys[start:end]:
            found += [(column, y) for y in dict.fromkeys((min(values), max(values), values[-1]))]
    return found


def spread(band: Bounds, span: Span) -> tuple[list[float], list[float]]:
    """Lowest and highest of each column of dots, straight between the points of a band; inf and -inf where there is none."""
    wide = 2 * span.columns
    low, high = [math.inf] * wide, [-math.inf] * wide
    before: tuple[int, float, float] | None = None
    for x, bottom, top in band:
        here = span.dot(x), bottom, top
        for column, one, other in _between(before or here, here):
            if column < wide:
                low[column], high[column] = min(low[column], one), max(high[column], other)
        before = here
    return low, high


def _between(one: tuple[int, float, float], other: tuple[int, float, float]) -> Iterator[tuple[int, float, float]]:
    steps = max(other[0] - one[0], 1)
    for at in range(1, steps + 1):
        share = at / steps
        low, high = one[1] + share * (other[1] - one[1]), one[2] + share * (other[2] - one[2])
        yield one[0] + (other[0] - one[0]) * at // steps, low, high
