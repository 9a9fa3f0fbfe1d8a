"""Decision regions: which class the net gives to each place of the plane, with some of the samples over it."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

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
        draw = self._tinted if self.ink.tints and not self._ascii else self._textured
        return [draw(row, width, height, spots) for row in range(height)]

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

    def _tinted(self, row: int, width: int, height: int, spots: Spots) -> Line:
        """Two places of the plane in a cell, one above the other."""
        cells = []
        for column in range(width):
            across, up = (column + 0.5) / width, 1 - row / height
            top, bottom = (self._class(across, up - part / height) for part in (0.25, 0.75))
            cells.append(self._spotted(spots[column, row], bottom) if (column, row) in spots else self._half(top, bottom))
        return [Segment("".join(text for text, _ in same), style) for style, same in _joined(cells)]

    def _half(self, top: int, bottom: int) -> tuple[str, Style]:
        grounds = [self.ink.mixed(self._colour(one), TINT) for one in (top, bottom)]
        return (" ", self.ink.ink(on=grounds[1])) if top == bottom else ("▀", self.ink.ink(grounds[0], on=grounds[1]))

    def _spotted(self, spot: tuple[int, bool], region: int) -> tuple[str, Style]:
        own, right = spot
        ground = self.ink.mixed(self._colour(region), TINT)
        return _spot(own), self.ink.ink(self._colour(own), bold=not right, on=ground)

    def _textured(self, row: int, width: int, height: int, spots: Spots) -> Line:
        """Dots by class, or characters; the borders are as fine as dots are."""
        cells = []
        for column in range(width):
            if (column, row) in spots:
                own = spots[column, row][0]
                cells.append((_spot(own), self.ink.ink(self._colour(own), bold=True)))
                continue
            cells.append(self._texture(column, row, width, height))
        return [Segment("".join(text for text, _ in same), style) for style, same in _joined(cells)]

    def _texture(self, column: int, row: int, width: int, height: int) -> tuple[str, Style]:
        dots, seen = 0, Counter[int]()
        for down, pair in enumerate(BITS):
            for right, bit in enumerate(pair):
                own = self._class((2 * column + right + 0.5) / (2 * width), 1 - (4 * row + down + 0.5) / (4 * height))
                seen[own] += 1
                dots |= bit & TEXTURES[own % len(TEXTURES)]
        most = seen.most_common(1)[0][0]
        colour = self._colour(most) if self.ink.depth == "16" else "dim"
        return CHARACTERS[most % len(CHARACTERS)] if self._ascii else BRAILLE[dots], self.ink.ink(colour)


def _joined(cells: Sequence[tuple[str, Style]]) -> list[tuple[Style, list[tuple[str, Style]]]]:
    """Neighbours of one look together."""
    return [(style, list(same)) for style, same in groupby(cells, key=lambda cell: cell[1])]


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
