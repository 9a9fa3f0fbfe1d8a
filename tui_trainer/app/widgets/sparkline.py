"""A curve in one row of text: the newest values at a glance. Knows numbers and glyphs only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

LEVELS = "▁▂▃▄▅▆▇█"
FLAT = LEVELS[2]
"""What a series that does not move looks like: low, so that it is not read as a peak."""


def sparkline(values: Iterable[float], width: int) -> str:
    """One column a value, or a bucket's mean where there are more values than columns; non-finite ones are left out."""
    finite = [value for value in values if math.isfinite(value)]
    if width <= 0 or not finite:
        return ""
    heights = finite if len(finite) <= width else [_mean(part) for part in _parts(finite, width)]
    low, high = min(heights), max(heights)
    extent = high - low
    if not 0 < extent < math.inf or extent <= 1e-9 * max(abs(low), abs(high)):
        return FLAT * len(heights)
    top = len(LEVELS) - 1
    return "".join(LEVELS[round(top * ((height - low) / extent))] for height in heights)


def _parts(values: list[float], count: int) -> Iterable[list[float]]:
    edges = [index * len(values) // count for index in range(count + 1)]
    return (values[start:end] for start, end in pairwise(edges))


def _mean(values: list[float]) -> float:
    return sum(value / len(values) for value in values)
