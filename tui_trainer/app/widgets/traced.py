"""A whole curve in one row of text: braille dots along it, falling or rising at a glance. Knows numbers and glyphs only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_trainer.app.widgets.braille import BITS, BRAILLE

ROWS = 4
"""Rows of dots in one of text."""
TYPED = "_.-^"
"""The same where there are letters only: one a column, from low to high."""


def traced(values: Sequence[float], columns: int, *, share: float = 1.0, typed: bool = False) -> str:
    """A line through these values over `share` of so many columns, between its own extremes; on a log scale where it can be.

    Values that are no numbers are left out. Gives at most `columns` glyphs, at least one where there is a value.
    """
    known = [value for value in values if math.isfinite(value)]
    columns = min(max(round(columns * share), 1), columns)
    if not known or columns < 1:
        return ""
    heights = _heights(known, columns if typed else 2 * columns)
    if typed:
        return "".join(TYPED[height] for height in heights)
    cells = [0] * columns
    for x, height in enumerate(heights):
        cells[x >> 1] |= BITS[ROWS - 1 - height][x & 1]
    return "".join(BRAILLE[dots] for dots in cells)


def _heights(known: Sequence[float], count: int) -> list[int]:
    """The height of the line in each column of dots, 0 to 3; a value that does not move lies low."""
    placed = [math.log(value) for value in known] if min(known) > 0 else list(known)
    low, high = min(placed), max(placed)
    extent = high - low
    if not 0 < extent < math.inf:
        return [0] * count
    last = len(placed) - 1
    heights = []
    for x in range(count):
        at = last * x / max(count - 1, 1)
        before = min(int(at), max(last - 1, 0))
        value = placed[before] + (at - before) * (placed[min(before + 1, last)] - placed[before])
        heights.append(min(max(round((ROWS - 1) * (value - low) / extent), 0), ROWS - 1))
    return heights
