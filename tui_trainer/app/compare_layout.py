"""Which panel of Compare stands where, for every size and face: plain arithmetic, no widgets."""

from __future__ import annotations

from textual.geometry import Region

from tui_trainer.app.layout import Places, Size

LEAST_CHART, LARGE_CHART, MOST_CHART = 12, 20, 26
BOARD_HEAD = 2
FEWEST_ROWS = 4
"""Settings of the leaderboard in sight at least, where there are so many."""
LOWER = 6
"""Rows of what differs and of the verdict with their rule, at least."""
SIDE = 50
"""Columns of what stands right of the chart on large screens."""

FACES = ("curves", "classes", "costs", "words")
"""What the upper part shows; the last only where the words have no room below."""


def has_words(size: Size) -> bool:
    """Whether what differs and the verdict stand below the leaderboard."""
    return size.width >= 100 and size.height >= 30


def faces(size: Size) -> tuple[str, ...]:
    """The faces that are worth a key at this size: on large screens all stands there at once."""
    if size.large:
        return FACES[:1]
    return FACES[:3] if has_words(size) else FACES


def places(size: Size, face: str, settings: int, words: int) -> Places:
    """`settings` and `words` are the rows that the leaderboard and the panels below it would like."""
    edge = 0 if size.narrow else 1
    x, width = edge, size.width - 2 * edge
    gap = 1 if size.airy else 0
    rows = size.bottom - size.top
    lower = min(max(words + 1, LOWER), rows // 4) if has_words(size) else 0
    below = lower + gap if lower else 0
    wanted = BOARD_HEAD + max(settings, 1)
    chart = LARGE_CHART if size.large else LEAST_CHART
    board = min(wanted, max(rows - below - gap - chart, BOARD_HEAD + min(settings, FEWEST_ROWS)))
    upper = rows - below - board - gap
    if upper > MOST_CHART and lower:
        more = min(upper - MOST_CHART, max(words + 1 - lower, 0))
        lower, upper = lower + more, upper - more
    found = _upper(size, face, Region(x, size.top, width, upper))
    y = size.top + upper + gap
    found["board"] = Region(x, y, width, board)
    if lower:
        found |= _lower(size, Region(x, y + board + gap, width, size.bottom - y - board - gap))
    return found


def _upper(size: Size, face: str, place: Region) -> Places:
    x, y, width, rows = place
    if size.large:
        chart = width - SIDE - 2
        right = x + chart + 2
        half = rows // 2
        return {
            "curves": Region(x, y, chart, rows),
            "time": Region(right, y, SIDE, half),
            "parameters": Region(right, y + half, SIDE, rows - half),
        }
    if face == "costs" and width < 100:
        return {"time": Region(x, y, width, rows // 2), "parameters": Region(x, y + rows // 2, width, rows - rows // 2)}
    left = (width - 2) // 2
    if face == "costs":
        return {"time": Region(x, y, left, rows), "parameters": Region(x + left + 2, y, width - left - 2, rows)}
    if face == "words":
        above = rows // 2
        return {"differs": Region(x, y, width, above), "verdict": Region(x, y + above, width, rows - above)}
    return {face: place}


def _lower(size: Size, place: Region) -> Places:
    x, y, width, rows = place
    third = 48 if size.large else 0
    left = (width - 2 - third) // 2
    right = width - left - 2 - third - (2 if third else 0)
    found = {"differs": Region(x, y, left, rows), "verdict": Region(x + left + 2, y, right, rows)}
    if third:
        found["classes"] = Region(x + left + right + 4, y, third, rows)
    return found
