"""A grid of dots, two by four in a cell, in layers: a cell shows the dots of its upper layer only, in one colour.

Knows dots, glyphs and names of colours; not what a curve means.
"""

from __future__ import annotations

from collections.abc import Sequence

BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of a dot, by its row and column in the cell."""
BRAILLE = tuple(chr(0x2800 + dots) for dots in range(256))

Run = tuple[str, str, bool]
"""Text of one look: what it says, the name of its colour ("" where the cells are empty), whether its ground is tinted."""


class Grid:
    """Cells of dots. Layers are named from the lowest to the uppermost; merging two of them would make lines swell."""

    def __init__(self, columns: int, rows: int, layers: Sequence[str]) -> None:
        self.columns, self.rows = columns, rows
        self.wide, self.high = 2 * columns, 4 * rows
        self.colours = ("", *layers)
        self.dots = [0] * (columns * rows)
        self.layer = [0] * (columns * rows)
        self.tinted = bytearray(columns * rows)
        self.glyphs: dict[int, tuple[str, str]] = {}

    def copy(self) -> Grid:
        """A grid of its own with the same dots: what stands still is drawn once and copied."""
        twin = Grid.__new__(Grid)
        twin.columns, twin.rows, twin.wide, twin.high, twin.colours = self.columns, self.rows, self.wide, self.high, self.colours
        twin.dots, twin.layer, twin.tinted, twin.glyphs = self.dots[:], self.layer[:], self.tinted[:], dict(self.glyphs)
        return twin

    def dot(self, x: int, y: int, layer: int) -> None:
        """Set a dot; outside the grid, or under an upper layer, nothing happens."""
        if not (0 <= x < self.wide and 0 <= y < self.high):
            return
        cell = (y >> 2) * self.columns + (x >> 1)
        there = self.layer[cell]
        if there < layer:
            self.layer[cell], self.dots[cell] = layer, BITS[y & 3][x & 1]
        elif there == layer:
            self.dots[cell] |= BITS[y & 3][x & 1]

    def blob(self, x: int, y: int, layer: int) -> None:
        """Three by three dots around a place; those past an edge are left out."""
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                self.dot(x + right, y + down, layer)

    def line(self, x0: int, y0: int, x1: int, y1: int, layer: int, every: int = 1) -> None:
        """Dots from one place to another, `x0 <= x1`, both included; only in columns that `every` divides."""
        width, height = x1 - x0, y1 - y0
        count = max(width, abs(height))
        for index in range(count + 1):
            x = x0 + (2 * index * width + count) // (2 * count) if count else x0
            if every == 1 or x % every == 0:
                self.dot(x, y0 + (2 * index * height + count) // (2 * count) if count else y0, layer)

    def glyph(self, column: int, row: int, text: str, colour: str) -> None:
        """Text over everything else, one glyph a cell."""
        if 0 <= row < self.rows:
            for place, character in enumerate(text, column):
                if 0 <= place < self.columns:
                    self.glyphs[row * self.columns + place] = (character, colour)

    def free(self, column: int, row: int, covering: str = "") -> bool:
        """Whether a cell is inside and shows neither dots nor a glyph, but for those that may be covered."""
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return False
        cell = row * self.columns + column
        return not self.dots[cell] and self.glyphs.get(cell, ("", ""))[0] in covering

    def runs(self, row: int, blank: str = " ") -> list[Run]:
        """One row from left to right, neighbours of one look joined; `blank` stands where nothing is drawn."""
        start, end = row * self.columns, (row + 1) * self.columns
        glyphs, colours = self.glyphs, self.colours
        found: list[Run] = []
        text, colour, tinted = "", "", False
        for dots, layer, tint, cell in zip(
            self.dots[start:end], self.layer[start:end], self.tinted[start:end], range(start, end), strict=True
        ):
            if cell in glyphs:
                character, name = glyphs[cell]
            elif dots:
                character, name = BRAILLE[dots], colours[layer]
            else:
                character, name = " " if tint else blank, ""
            if name != colour or tint != tinted:
                if text:
                    found.append((text, colour, tinted))
                text, colour, tinted = character, name, bool(tint)
            else:
                text += character
        found.append((text, colour, tinted))
        return found
