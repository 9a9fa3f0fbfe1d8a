"""Decision regions: which class the net gives to each place of the plane, with some of the samples over it."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from tui_trainer import units
from tui_trainer.app.widgets.braille import BITS, BRAILLE
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.events import Probed

SPOTS = "●▲■✕+○"
"""The glyph of a sample, by its class."""
COLOURS = ("train", "val", "run-c", "run-d", "best", "warn")
NAMED = {"blue": "train", "orange": "val", "pink": "run-c", "green": "best", "gold": "warn", "yellow": "warn", "red": "worse"}
"""A class that is called after a colour has that one."""
TINT = 0.28
TEXTURES = (0x02, 0x55, 0x1B, 0x47, 0x24, 0xFF)
"""The dots that fill a region where grounds cannot be tinted, by its class."""
CHARACTERS = " .:-=~"
"""The same where there is no UTF-8."""

Spots = dict[tuple[int, int], tuple[int, bool]]
"""By column and row of cells, the class of the sample there and whether the net has it right."""
Cell = tuple[str, Style]


class Regions(Panel):
    """Draws the newest `regions` probe; nothing at all happens while it is the same."""

    title = "Regions"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._probed: Probed | None = None
        self._names: tuple[str, ...] = ()
        self._cells = b""

    def show(self, probed: Probed | None, names: Sequence[str]) -> None:
        if probed is not self._probed or tuple(names) != self._names:
            self._probed, self._names = probed, tuple(names)
            self._cells = _cells(probed) if probed else b""
            self.draw()

    def legend(self, width: int) -> Line:
        """`● red  ▲ blue`, as many as fit."""
        ink, found = self.ink, line()
        for at, name in enumerate(self._names):
            one = line((_spot(at), ink.ink(self._colour(at), bold=True)), (f" {units.plain(name)}", ink.ink("dim")))
            gap = line(("  ", ink.ink("dim"))) if found else []
            if sum(cell_len(part.text) for part in [*found, *gap, *one]) > width:
                break
            found += [*gap, *one]
        return found

    def aside(self) -> Line:
        return line((f"epoch {self._probed.epoch}", self.ink.ink("dim"))) if self._cells and self._probed else []

    def body(self, width: int, height: int) -> list[Line]:
        if not self._cells or self._probed is None:
            why = "these regions cannot be read" if self._probed else "after the first evaluation"
            return [line((why, self.ink.ink("dim")))] if height > 0 else []
        if width < 2 or height < 1:
            return []
        spots = self._spots(width, height)
        if self.ink.tints and not self._ascii:
            return [_line(row) for row in self._tinted(width, height, spots)]
        return [_line(row) for row in self._textured(width, height, spots)]

    @property
    def _ascii(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    def _colour(self, at: int) -> str:
        name = self._names[at].lower() if at < len(self._names) else ""
        return NAMED.get(name, COLOURS[at % len(COLOURS)])

    def _class(self, across: float, up: float) -> int:
        """The class at a place, from 0 to 1 in each direction."""
        assert self._probed is not None
        rows, columns = self._probed.shape
        return self._cells[min(int(up * rows), rows - 1) * columns + min(int(across * columns), columns - 1)]

    def _spots(self, width: int, height: int) -> Spots:
        """Samples by their cells; where two share one, the one that the net has wrong is shown."""
        assert self._probed is not None
        facts = self._probed.facts
        (x0, x1), (y0, y1) = (_ends(facts.get(name, ())) for name in ("x", "y"))
        found: Spots = {}
        samples = zip(*(facts.get(name, ()) for name in ("points_x", "points_y", "points_class")), strict=False)
        for x, y, own in samples:
            across, up = (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)
            if 0 <= across < 1 and 0 <= up < 1:
                at, right = (int(across * width), height - 1 - int(up * height)), self._class(across, up) == own
                if right is False or at not in found:
                    found[at] = int(own), right
        return found

    def _tinted(self, width: int, height: int, spots: Spots) -> Iterator[list[Cell]]:
        """Two places of the plane in a cell, one above the other."""
        rows = self._sampled(width, 2 * height)
        for row in range(height):
            top, bottom = rows[2 * row], rows[2 * row + 1]
            looks = {pair: self._half(*pair) for pair in set(zip(top, bottom, strict=True))}
            cells = [looks[pair] for pair in zip(top, bottom, strict=True)]
            for column in range(width):
                if (column, row) in spots:
                    cells[column] = self._spotted(spots[column, row], bottom[column])
            yield cells

    def _half(self, top: int, bottom: int) -> Cell:
        grounds = [self.ink.mixed(self._colour(one), TINT) for one in (top, bottom)]
        return (" ", self.ink.ink(on=grounds[1])) if top == bottom else ("▀", self.ink.ink(grounds[0], on=grounds[1]))

    def _spotted(self, spot: tuple[int, bool], region: int) -> Cell:
        own, right = spot
        ground = self.ink.mixed(self._colour(region), TINT)
        return _spot(own), self.ink.ink(self._colour(own), bold=not right, on=ground)

    def _textured(self, width: int, height: int, spots: Spots) -> Iterator[list[Cell]]:
        """Dots by class, or characters; the borders are as fine as dots are."""
        rows = self._sampled(2 * width, 4 * height)
        whole: dict[tuple[int, ...], Cell] = {}
        for row in range(height):
            part = rows[4 * row : 4 * row + 4]
            cells: list[Cell] = []
            for column, classes in enumerate(zip(*(one[side::2] for one in part for side in (0, 1)), strict=True)):
                if (column, row) in spots:
                    own = spots[column, row][0]
                    cells.append((_spot(own), self.ink.ink(self._colour(own), bold=True)))
                    continue
                if classes not in whole:
                    whole[classes] = self._texture(classes)
                cells.append(whole[classes])
            yield cells

    def _texture(self, classes: Sequence[int]) -> Cell:
        """The classes at the eight dots of a cell, row by row, as its look."""
        most = Counter(classes).most_common(1)[0][0]
        style = self.ink.ink(self._colour(most) if self.ink.depth == "16" else "dim")
        if self._ascii:
            return CHARACTERS[most % len(CHARACTERS)], style
        bits = (bit for pair in BITS for bit in pair)
        return BRAILLE[sum(bit & TEXTURES[own % len(TEXTURES)] for bit, own in zip(bits, classes, strict=True))], style

    def _sampled(self, width: int, height: int) -> list[list[int]]:
        """The class at the middle of each of so many places, the highest row first."""
        assert self._probed is not None
        rows, columns = self._probed.shape
        across = [(2 * at + 1) * columns // (2 * width) for at in range(width)]
        made: dict[int, list[int]] = {}
        for row in {(2 * at + 1) * rows // (2 * height) for at in range(height)}:
            cells = self._cells[row * columns : (row + 1) * columns]
            made[row] = [cells[at] for at in across]
        return [made[(2 * at + 1) * rows // (2 * height)] for at in reversed(range(height))]


def _line(cells: Sequence[Cell]) -> Line:
    """Neighbours of one look together."""
    return [Segment("".join([text for text, _ in same]), style) for style, same in groupby(cells, key=itemgetter(1))]


def _spot(at: int) -> str:
    return SPOTS[at % len(SPOTS)]


def _ends(pair: Sequence[float]) -> tuple[float, float]:
    return (pair[0], pair[1]) if len(pair) == 2 and pair[0] < pair[1] else (0.0, 1.0)


def _cells(probed: Probed) -> bytes:
    """The class of each place, the lowest row first; nothing where shape and data do not agree."""
    if len(probed.shape) != 2 or min(probed.shape) < 1:
        return b""
    try:
        data = base64.b64decode(probed.data, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if len(data) == probed.shape[0] * probed.shape[1] else b""
