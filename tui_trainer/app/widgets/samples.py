"""A page of a dataset's samples: pictures with their classes, points in the plane, or rows of numbers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar
from tui_trainer.app.widgets.braille import Grid
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.pictures import halfblocks
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line

if TYPE_CHECKING:
    from tui_trainer.session.gallery import Page

GAP = 2
"""Columns between pictures."""
BITS = 5
"""Bits kept of each colour: fewer runs of equal cells would look coarse, more would send more."""
MOST_ACROSS, MOST_DOWN = 6, 3
LEAST_ROWS = 7
"""Rows that a picture has at least, where there is room for one."""
MARKS, ASCII_MARKS = "●+×▲■◆", "o+x^#%"
"""What the points of each class are drawn with: never by colour alone."""
COLOURS = ("train", "val", "best", "you", "worse", "bright")


class Places(NamedTuple):
    """How many pictures stand beside and below each other, and how large each is."""

    across: int
    down: int
    rows: int

    @property
    def pictures(self) -> int:
        return self.across * self.down


def places(width: int, height: int, side: int = 32) -> Places:
    """The arrangement that fills most of the room: a picture of `side` pixels needs no more than its own rows."""
    wanted = max(side // 2, LEAST_ROWS)
    found = [Places(1, 1, max(min(wanted, height - 2, width // 2), 1))]
    for across in range(1, MOST_ACROSS + 1):
        columns = (width + GAP) // across - GAP
        for down in range(1, MOST_DOWN + 1):
            rows = min(columns // 2, wanted, (height + 1) // down - 2)
            if rows >= LEAST_ROWS:
                found.append(Places(across, down, rows))
    return max(found, key=lambda one: (one.pictures * one.rows**2, one.pictures))


class SamplesPanel(Panel):
    """The samples of one page, and what is being read while there are none."""

    title = "Samples"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.page: Page | None = None
        self._said: tuple[str, float | None, bool] = ("", None, False)
        self._name = ""

    def show(self, page: Page | None, name: str, said: str = "", share: float | None = None, *, wrong: bool = False) -> None:
        """A page of the dataset `name`; `said` is what is being done or what is wrong, `share` how far it is."""
        if (page, name, (said, share, wrong)) != (self.page, self._name, self._said):
            self.page, self._name, self._said = page, name, (said, share, wrong)
            self.title = f"Samples of {units.plain(name)}"
            self.draw()

    @property
    def room(self) -> Places:
        """How many pictures fit."""
        side = self.page.shape[-1] if self.page and len(self.page.shape) == 3 else 32
        return places(self.size.width - 2, self.size.height - 2, side)

    def aside(self) -> Line:
        page, ink = self.page, self.ink
        if page is None or not page.total:
            return []
        last = min(page.at + page.shown, page.total)
        which = units.count(page.shown) if page.plane else f"{units.count(page.at + 1)}–{units.count(last)}"
        of = f" of {units.count(page.total)} {page.what if page.total > 1 else page.what[:-1]}"
        how = "changed as in training" if page.changed else "as they are"
        return line((which, ink.ink("bright")), (f"{of} · {how}", ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        said, share, wrong = self._said
        lines: list[Line] = []
        if said:
            ink = self.ink
            rows = textwrap.wrap(units.plain(said), max(width, 1), break_on_hyphens=False)
            lines = [line((clipped(row, width), ink.ink("worse" if wrong else "dim"))) for row in rows]
            if share is not None:
                lines.append([*bar(ink, share, max(min(width - 8, 60), 1), "val"), Segment(f" {100 * share:4.0f} %", ink.ink())])
            lines.append([])
        if (page := self.page) is None:
            return lines
        room = height - len(lines)
        if not page.total:
            return [*lines, line(("none of this class are among those to train on: they are held out", self.ink.ink("dim")))]
        if page.pictures:
            return lines + self._pictures(page, width, room)
        return lines + (self._plane(page, width, room) if page.plane else self._numbers(page, width, room))

    def _pictures(self, page: Page, width: int, height: int) -> list[Line]:
        across, down, rows = places(width, height, page.shape[-1])
        blocks = self.ink.tints and not getattr(self.app, "ascii_only", False)
        blank, columns = self.ink.ink(), 2 * rows
        channels, high, wide = page.shape
        lines: list[Line] = []
        for first in range(0, min(len(page.pictures), across * down), across):
            shown = range(first, min(first + across, len(page.pictures)))
            parts = [
                halfblocks(page.pictures[at], (channels, high, wide), columns, rows, self.ink, bits=BITS, blocks=blocks)
                for at in shown
            ]
            captions = [line((clipped(self._caption(page, at), columns), self.ink.ink("text"))) for at in shown]
            for y in range(rows + 1):
                row: Line = []
                for part, caption in zip(parts, captions, strict=True):
                    row += [*fitted(part[y] if y < rows else caption, columns, blank), Segment(" " * GAP, blank)]
                lines.append(row)
            lines.append([])
        return lines[:-1] if lines else []

    def _caption(self, page: Page, at: int) -> str:
        label = page.labels[at] if at < len(page.labels) else -1
        return units.plain(page.classes[label]) if 0 <= label < len(page.classes) else str(label)

    def _plane(self, page: Page, width: int, height: int) -> list[Line]:
        """Points in the plane, by class; the ranges of both axes stand at the edges."""
        ink, plain = self.ink, bool(getattr(self.app, "ascii_only", False))
        marks = ASCII_MARKS if plain else MARKS
        grid = Grid(width, max(height - 2, 1), ())
        lows, highs = ([pick(row[axis] for row in page.rows) for axis in (0, 1)] for pick in (min, max))
        for at, (x, y) in enumerate(page.rows):
            label = page.labels[at] if page.labels else 0
            right = (x - lows[0]) / ((highs[0] - lows[0]) or 1)
            down = (highs[1] - y) / ((highs[1] - lows[1]) or 1)
            column, row = int(right * (grid.columns - 1)), int(down * (grid.rows - 1))
            grid.glyph(column, row, marks[label % len(marks)], COLOURS[label % len(COLOURS)])
        lines = [[Segment(text, ink.ink(colour or "text")) for text, colour, _ in grid.runs(row)] for row in range(grid.rows)]
        names = page.names or ("x", "y")
        extent = "   ".join(f"{name} {low:.4g} to {high:.4g}" for name, low, high in zip(names, lows, highs, strict=True))
        legend: Line = line((extent, ink.ink("dim")), ("   ", ink.ink()))
        for at, name in enumerate(page.classes):
            legend += line(
                (f"{marks[at % len(marks)]} ", ink.ink(COLOURS[at % len(COLOURS)])), (f"{units.plain(name)}  ", ink.ink())
            )
        return [*lines, [], legend]

    def _numbers(self, page: Page, width: int, height: int) -> list[Line]:
        """Rows of a table: what goes in, and what is to come out."""
        ink = self.ink
        lines = [line((clipped("  ".join(f"{name:>9}" for name in page.names), width), ink.ink("dim")))]
        said = ("  ".join(f"{value:>9.4g}" for value in row) for row in page.rows[: height - 1])
        return lines + [line((clipped(row, width), ink.ink())) for row in said]
