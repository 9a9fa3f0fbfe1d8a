"""Which part of a race stands where, for every size: plain arithmetic, no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region

from tui_trainer.app.layout import Places, Size
from tui_trainer.app.widgets import digits
from tui_trainer.app.widgets.lanes import LEAST_LANE, SMALL, USUAL, WIDEST, Drawn

CLOCK = 31
"""Columns of the clock on a wide screen, with figures as large as those of the lanes."""
NARROW_CLOCK = 20
LEAST_CHART = {USUAL: 8, SMALL: 6}
"""Rows below the lanes without which smaller figures are taken: a clock with figures of that size has room in them."""
SMALL_CLOCK = 4
"""Rows of a small clock below large lanes."""
SIDE = 12
"""Columns beside a figure and its lane: margins and the sign."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """Where the panels stand, and how large lanes and clock are drawn."""

    places: Places
    lanes: Drawn
    clock: Drawn | None = None
    """Where the clock is one more lane."""


def racing(size: Size, lanes: int, clock: str) -> Arranged:
    """Lanes on top, below them chart and clock side by side; `clock` is the widest figure that the clock shows."""
    top, rows = size.top, size.bottom - size.top
    figures, block = _figures(size, lanes, rows)
    high = min(lanes * block, rows - LEAST_CHART[figures]) if rows - lanes * block >= LEAST_CHART[figures] - 1 else lanes * block
    places = {"lanes": Region(0, top, size.width, min(high, rows))}
    y, left = top + high, rows - high
    wide = size.width >= 100
    columns = max(CLOCK if wide else NARROW_CLOCK, digits.columns(clock, figures) + 5)
    columns = columns if columns <= size.width // 2 else NARROW_CLOCK
    edge = 1 if wide else 0
    if left >= LEAST_CHART[SMALL]:
        x = size.width - edge - columns
        places |= {"chart": Region(edge, y, x - 2 - edge, left), "clock": Region(x, y, columns, left)}
    elif left > 0:
        places["clock"] = Region(0, y, size.width, left)
    return Arranged(places, Drawn(figures, block))


def _figures(size: Size, lanes: int, rows: int) -> tuple[int, int]:
    """The size of the figures and the rows of a lane."""
    block = digits.rows(USUAL) + 1
    if lanes * block - 1 + LEAST_CHART[USUAL] <= rows and _fits(USUAL, size.width):
        return USUAL, block
    small = digits.rows(SMALL)
    return SMALL, small + 1 if lanes * (small + 1) + LEAST_CHART[SMALL] <= rows else small


def _fits(figures: int, width: int) -> bool:
    return digits.columns(WIDEST, figures) + SIDE + LEAST_LANE <= width


def presenting(size: Size, lanes: int) -> Arranged:
    """Nothing but lanes and clock, as large as there is room: the clock as one more lane, small where only that makes room for
    figures of the usual size."""
    rows = size.height - 2
    equal, alone = rows // (lanes + 1), (rows - SMALL_CLOCK) // lanes
    large, larger = _largest(equal, size.width), _largest(alone, size.width)
    places = {"lanes": Region(0, 0, size.width, rows)}
    if large >= USUAL or larger <= large:
        return Arranged(places, Drawn(large, equal), Drawn(large, equal))
    return Arranged(places, Drawn(larger, alone), Drawn(SMALL, SMALL_CLOCK))


def _largest(block: int, width: int) -> int:
    """The largest figures in lanes of so many rows that do not touch those below."""
    size = SMALL
    while digits.TALL * (size + 1) < 2 * block and _fits(size + 1, width):
        size += 1
    return size
