"""Lines that are told apart by their dots, so that colour is never needed: a rhythm for each letter, and a sample of it."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer.app.widgets.braille import BRAILLE, Grid
from tui_trainer.app.widgets.curves import Vertex
from tui_trainer.app.widgets.scale import Scale

COLOURS = ("train", "val", "run-c", "run-d")
"""Of the first four settings, or of those that somebody marked; others are `last`."""
SOLID = (True,)
RHYTHMS: tuple[tuple[bool, ...], ...] = (
    SOLID,
    (True,) * 5 + (False,) * 3,
    (True, False),
    (True,) * 5 + (False, False, True, False, False),
    (True, False, False),
    (True, True, False, False),
    (True,) * 9 + (False,) * 3,
    (True, False, False, False, False),
)
"""Dots that are drawn and left out along the line of each letter."""
SAMPLE = 3
"""Columns of a sample."""


def rhythm(letter: str) -> tuple[bool, ...]:
    """The rhythm of A, B, …; after the last it begins again."""
    return RHYTHMS[(ord(letter[:1] or "A") - ord("A")) % len(RHYTHMS)]


def sample(letter: str) -> str:
    """What the line of a letter looks like, `SAMPLE` columns wide."""
    on = rhythm(letter)
    dots = [on[at % len(on)] for at in range(2 * SAMPLE)]
    return "".join(BRAILLE[0x04 * dots[at] + 0x20 * dots[at + 1]] for at in range(0, 2 * SAMPLE, 2))


def draw_stroke(grid: Grid, line: Sequence[Vertex], scale: Scale, layer: int, on: Sequence[bool] = SOLID) -> None:
    """Vertices joined in a rhythm, the last of them always drawn; a line of one vertex is a blob."""
    if len(line) == 1:
        grid.blob(line[0][0], _within(scale.dot(line[0][1]), grid), layer)
        return
    dot, many, at = grid.dot, len(on), 0
    x0 = y0 = 0
    for index, (x, value) in enumerate(line):
        y = scale.dot(value)
        if not index:
            dot(x, y, layer)
        else:
            width, height = x - x0, y - y0
            count = max(abs(width), abs(height))
            for step in range(1, count + 1):
                at += 1
                if on[at % many]:
                    dot(x0 + (2 * step * width + count) // (2 * count), y0 + (2 * step * height + count) // (2 * count), layer)
        x0, y0 = x, y
    if line:
        dot(x0, y0, layer)


def _within(y: int, grid: Grid) -> int:
    return min(max(y, 0), grid.high - 1)
