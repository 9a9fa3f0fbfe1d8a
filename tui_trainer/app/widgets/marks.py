"""What stands on the curves of a chart: validations, the best one, and uprights for what a person did. Draws on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.curves import Vertex
from tui_trainer.app.widgets.scale import Scale

if TYPE_CHECKING:
    from tui_trainer.runs.history import Mark, Point

LAYERS = ("band", "last", "train", "val", "val", "best")
"""From the lowest to the uppermost; blobs lie over the line that joins them, so that they stand apart from it."""
BAND, LAST, TRAIN, VAL, BLOB, BEST = range(1, 7)
APART = 5
"""Blobs nearer than this many dots would melt into a bar; then only the line is drawn, and the newest."""
GLYPHS = {"rate": ("▾", "you"), "pause": ("‖", "dim"), "resume": ("▸", "dim"), "cursor": ("◂", "you")}
"""What stands at the top of each upright, the more telling ones first."""
RANK = tuple(GLYPHS)


@dataclass(frozen=True, slots=True)
class Upright:
    """A line from top to bottom through both charts, at a column of cells."""

    column: int
    kind: str
    texts: tuple[str, ...] = ()
    """What to write beside its glyph: the first that fits."""


def uprights(marks: Iterable[tuple[int, Mark]], *, narrow: bool) -> list[Upright]:
    """One a column, oldest first: where two meet, the more telling kind wins, then the newer one."""
    found: dict[int, Upright] = {}
    for column, mark in marks:
        if mark.kind not in GLYPHS:
            continue
        there = found.get(column)
        if there is None or RANK.index(mark.kind) <= RANK.index(there.kind):
            found.pop(column, None)
            found[column] = Upright(column, mark.kind, _texts(mark, narrow))
    return list(found.values())


def _texts(mark: Mark, narrow: bool) -> tuple[str, ...]:
    if mark.kind != "rate":
        return ()
    what, arrow, new = mark.text.rpartition("→")
    name = what.split(" ")[0]
    short = f"{arrow}{new}" if name == "rate" else f"{name} {arrow}{new}" if arrow else mark.text
    return (short,) if narrow else (mark.text, short)


def draw_uprights(grid: Grid, lines: Sequence[Upright], *, tops: bool) -> None:
    """Uprights behind the curves and before everything fainter; with `tops`, glyphs and words in the uppermost row."""
    for upright in lines:
        colour = GLYPHS[upright.kind][1]
        for row in range(1 if tops else 0, grid.rows):
            cell = row * grid.columns + upright.column
            if grid.layer[cell] < TRAIN and cell not in grid.glyphs:
                grid.glyph(upright.column, row, "┊", colour)
    if not tops:
        return
    for upright in lines:
        grid.glyph(upright.column, 0, *GLYPHS[upright.kind])
    newest = True
    for upright in reversed(lines):
        if upright.texts:
            _write(grid, upright, newest=newest)
            newest = False


def _write(grid: Grid, upright: Upright, *, newest: bool) -> None:
    """The words of an upright where they hide nothing: right of its glyph, else left of it, else nowhere.

    The newest words are worth more than the glyphs of older uprights, but never more than a curve.
    """
    tries = [(text, "") for text in upright.texts] + [(upright.texts[-1], "".join(glyph for glyph, _ in GLYPHS.values()))] * newest
    for text, covering in tries:
        for start, words in ((upright.column + 1, f" {text}"), (upright.column - 1 - len(text), f"{text} ")):
            room = {*range(start - 1, start + len(words) + 1)} - {-1, grid.columns, upright.column}
            if all(grid.free(column, 0, covering) for column in room):
                grid.glyph(start, 0, words, GLYPHS[upright.kind][1])
                return


def draw_band(grid: Grid, low: Sequence[float], high: Sequence[float], scale: Scale, *, tints: bool) -> None:
    """Where the values of a column lie: a tinted ground in cells that the band fills, dots where it does not."""
    edge = 4 * grid.rows - 1
    spans = [
        (min(max(scale.dot(top), 0), edge), min(max(scale.dot(bottom), 0), edge)) if bottom <= top else None
        for bottom, top in zip(low, high, strict=True)
    ]
    for column in range(grid.columns):
        pair = spans[2 * column : 2 * column + 2]
        both = [span for span in pair if span]
        if not both:
            continue
        whole = min(top for top, _ in both), max(bottom for _, bottom in both)
        for row in range(whole[0] >> 2, (whole[1] >> 2) + 1):
            bits = sum(_SIDE[side][_covered(span, row)] for side, span in enumerate(pair) if span)
            cell = row * grid.columns + column
            if tints and _covered(whole, row) == 0xF:
                grid.tinted[cell] = 1
            elif bits and not grid.layer[cell]:
                grid.layer[cell], grid.dots[cell] = BAND, bits if tints else bits & _CHECKS or bits


def _covered(span: tuple[int, int], row: int) -> int:
    """Which of the four rows of dots in a row of cells lie in a span: a bit each."""
    first, last = max(span[0] - 4 * row, 0), min(span[1] - 4 * row, 3)
    return (2 << last) - (1 << first) if first <= last else 0


_CHECKS = 0x01 | 0x04 | 0x10 | 0x80
"""Every other dot: without tints a band is a texture, lighter than a line."""
_SIDE = tuple(
    tuple(sum(bit for place, bit in enumerate(bits) if rows >> place & 1) for rows in range(16))
    for bits in ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
)


def draw_line(grid: Grid, line: Sequence[Vertex], scale: Scale, layer: int, every: int = 1) -> None:
    """Vertices joined; what lies outside the scale is left out."""
    before: tuple[int, int] | None = None
    for index, (x, value) in enumerate(line):
        if index + 1 < len(line) and line[index + 1][0] == x and layer == TRAIN:
            continue
        here = x, scale.dot(value)
        if before is None or (every == 1 and x - before[0] < 2 and -2 < here[1] - before[1] < 2):
            grid.dot(*here, layer)
        else:
            grid.line(*before, *here, layer, every)
        if x >= grid.wide:
            return
        before = here


def draw_points(grid: Grid, points: Sequence[Vertex], scale: Scale, *, plain: bool) -> None:
    """A blob at the true place of each validation; `plain` draws squares, which show without colour."""
    drawn = -APART
    for index, (x, value) in enumerate(points):
        if x - drawn >= APART or index == len(points) - 1:
            drawn = x
            _spot(grid, x, scale.dot(value), BLOB, plain)


def _spot(grid: Grid, x: int, y: int, layer: int, plain: bool) -> None:
    y = min(max(y, 0), grid.high - 1)
    if plain:
        grid.glyph(x >> 1, y >> 2, "■", LAYERS[layer - 1])
    else:
        grid.blob(x, y, layer)


def draw_best(grid: Grid, x: int, value: float, scale: Scale, *, plain: bool) -> None:
    """The best one, in its own colour, with a star in the cell above or, where that is taken, beside it."""
    y = min(max(scale.dot(value), 0), grid.high - 1)
    _spot(grid, x, y, BEST, plain)
    column, row = x >> 1, (y >> 2) - 1 if plain else (max(y - 1, 0) >> 2) - 1
    beside = [(column, row), (column + 2, y >> 2), (column - 2, y >> 2), (column + 1, row), (column - 1, row), (column + 3, y >> 2)]
    free = next((place for place in beside if _clear(grid, *place)), (min(column + 2, grid.columns - 1), y >> 2))
    grid.glyph(*free, "★", "best")


def _clear(grid: Grid, column: int, row: int) -> bool:
    cell = row * grid.columns + column
    inside = 0 <= column < grid.columns and 0 <= row < grid.rows
    return inside and grid.layer[cell] < TRAIN and cell not in grid.glyphs


def draw_edge(grid: Grid, columns: Iterable[int], glyph: str, colour: str) -> None:
    """Glyphs at the top edge: what lies above the chart, and what is no number."""
    for column in columns:
        grid.glyph(min(column, grid.columns - 1), 0, glyph, colour)


def thinned(points: Iterable[Vertex], most: int) -> list[Vertex]:
    """Finite points; where there are more than `most`, the extremes and the last one of each column of dots."""
    finite = [point for point in points if math.isfinite(point[1])]
    if len(finite) <= most:
        return finite
    groups: dict[int, list[Vertex]] = {}
    for point in finite:
        groups.setdefault(point[0], []).append(point)
    kept: list[Vertex] = []
    for x, group in groups.items():
        values = [value for _, value in group]
        kept += [(x, value) for value in dict.fromkeys((min(values), max(values), values[-1]))]
    return kept


class Placed:
    """Points laid on columns of dots, each once: a frame costs what came since the last one."""

    def __init__(self) -> None:
        self._key: object = None
        self._newest: Point | None = None
        self._placed: list[Vertex] = []
        self._thin: list[Vertex] = []

    def follow(self, points: Sequence[Point], dot: Callable[[int], int], most: int, key: object) -> list[Vertex]:
        """The points thinned to `most`. `key` says when `dot` places steps anew."""
        known = len(self._placed)
        grown = key == self._key and known <= len(points) and (known == 0 or points[known - 1] is self._newest)
        if grown and known == len(points):
            return self._thin
        if not grown:
            self._placed = []
        self._placed += [(dot(point.step), point.value) for point in points[len(self._placed) :]]
        self._key, self._newest = key, points[-1] if points else None
        self._thin = thinned(self._placed, most)
        return self._thin
