"""Pictures of one cell of the matrix: one large with what is known of it, and the next three small beside each other."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar, padded
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.pictures import halfblocks
from tui_trainer.app.widgets.rows import Line, clipped, fitted, line

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.events import Probed

LARGE = 16
"""Rows of the large picture, twice as many columns."""
SMALL = 9
LEAST = 4
"""Rows below which a small picture shows nothing."""
BESIDE = 3
"""Columns between pictures, and before the facts."""
FACTS = 22
"""Columns that the facts need at least."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One picture that was taken for something else."""

    data: bytes
    shape: tuple[int, int, int]
    true: int
    taken_for: int
    confidence: float
    index: int
    """Its number in the validation split."""


def mistakes(probed: Probed | None) -> list[Mistake]:
    """The pictures of a probe, most certain first; none where its shape, data and facts do not agree."""
    if probed is None or len(probed.shape) != 4:
        return []
    count, channels, high, wide = probed.shape
    try:
        data = base64.b64decode(probed.data, validate=True)
    except (binascii.Error, ValueError):
        return []
    size = channels * high * wide
    known = [probed.facts.get(name, ()) for name in ("true", "taken_for", "confidence", "index")]
    if size <= 0 or len(data) != count * size or any(len(values) != count for values in known):
        return []
    facts = zip(*known, strict=True)
    found = [
        Mistake(data[at * size : (at + 1) * size], (channels, high, wide), int(true), int(taken), share, int(index))
        for at, (true, taken, share, index) in enumerate(facts)
    ]
    return sorted(found, key=lambda one: -one.confidence)


class PicturePanel(Panel):
    """Pictures of the chosen cell first, then the others; arrows go through them."""

    BINDINGS = [
        Binding("right,l,down,j,n", "turn(1)", "next", key_display="→", tooltip="The next picture", id="next-picture"),
        Binding("left,h,up,k", "turn(-1)", "before", key_display="←", tooltip="The picture before", id="picture-before"),
    ]

    title = "Mistakes"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._probed: Probed | None = None
        self._kept: list[Mistake] = []
        self._names: tuple[str, ...] = ()
        self._cell: tuple[int, int] | None = None
        self._why = ""
        self.pictures: list[Mistake] = []
        self.of_cell = 0
        """How many of them, at the front, belong to the cell."""
        self.at = 0

    def show(self, probed: Probed | None, names: Sequence[str], cell: tuple[int, int], why_empty: str = "") -> None:
        """The kept mistakes, those of `cell` (true, taken for) first."""
        new = (probed, tuple(names), cell, why_empty)
        if new == (self._probed, self._names, self._cell, self._why) and probed is self._probed:
            return
        if probed is not self._probed:
            self._kept = mistakes(probed)
        self._probed, self._names, self._cell, self._why = new
        own = [one for one in self._kept if _belongs(one, cell)]
        self.pictures = own + [one for one in self._kept if not _belongs(one, cell)]
        self.of_cell, self.at = len(own), 0
        self.title = self._titled(cell) if self._kept else "Mistakes"
        self.draw()

    def _titled(self, cell: tuple[int, int]) -> str:
        true, taken_for = (self._called(at) for at in cell)
        return f"{true} taken for {taken_for}" if cell[0] != cell[1] else f"{true} taken for others"

    def aside(self) -> Line:
        if not self.pictures:
            return []
        ink = self.ink
        wide = self.size.width >= 60
        return line(
            ("most certain first  " if wide else "", ink.ink("dim")),
            (f"{self.at + 1}", ink.ink("bright")),
            (f" of {len(self.pictures)}", ink.ink("dim")),
        )

    def body(self, width: int, height: int) -> list[Line]:
        if not self.pictures:
            return [line((clipped(one, width), self.ink.ink("dim"))) for one in (self._why or "no pictures were kept").split("\n")]
        lines: list[Line] = [self._note(width)]
        rows = min(LARGE, (width - (BESIDE + FACTS if width >= 2 * SMALL + BESIDE + FACTS else 0)) // 2, height - 3)
        if rows < 2:
            return lines
        beside = width >= 2 * rows + BESIDE + FACTS
        lines += self._large(rows, width, beside)
        if not beside:
            lines += [fitted(one, width, self.ink.ink()) for one in self._facts(width)[: height - len(lines)]]
        return lines + self._small(min(SMALL, height - len(lines) - 2), width, height - len(lines))

    def _note(self, width: int) -> Line:
        """What is said where the pictures in sight are not of the chosen cell."""
        if self.at < self.of_cell or self._cell is None:
            return []
        words = "this is another pair" if self.of_cell else "none of this pair is among the kept pictures; these are others"
        return line((clipped(words, width), self.ink.ink("dim")))

    def _large(self, rows: int, width: int, beside: bool) -> list[Line]:
        picture = self._drawn(self.pictures[self.at], 2 * rows, rows)
        if not beside:
            return picture
        gap = Segment(" " * BESIDE, self.ink.ink())
        facts = self._facts(width - 2 * rows - BESIDE)
        facts += [[] for _ in range(rows - len(facts))]
        return [[*one, gap, *fact] for one, fact in zip(picture, facts, strict=False)]

    def _facts(self, width: int) -> list[Line]:
        ink, one = self.ink, self.pictures[self.at]
        true, taken_for = self._called(one.true), self._called(one.taken_for)
        long = cell_len(true) + cell_len(taken_for) + 16 > width
        room = width - 10 if long else width
        share = f"{units.percent(one.confidence):>7}"
        is_true = line(("is ", ink.ink("dim")), (clipped(true, room), ink.ink("bright")))
        taken = line(("taken for ", ink.ink("dim")), (clipped(taken_for, room), ink.ink("worse", bold=True)))
        return [
            line((f"validation picture {units.count(one.index)}", ink.ink("dim"))),
            [],
            *([[*is_true], [*taken]] if long else [[*is_true, *line(("   ", ink.ink())), *taken]]),
            [],
            line(
                (padded(taken_for, 8) + " ", ink.ink("bright")),
                *bar(ink, one.confidence, max(width - 17, 1), "worse"),
                (share, ink.ink()),
            ),
            [],
            line((f"after epoch {self._probed.epoch}" if self._probed else "", ink.ink("dim"))),
        ]

    def _small(self, rows: int, width: int, height: int) -> list[Line]:
        """The next pictures beside and below each other, with their captions under them."""
        across = (width + BESIDE) // (2 * rows + BESIDE)
        if rows < LEAST or across < 1:
            return []
        following = [self.pictures[(self.at + step) % len(self.pictures)] for step in range(1, len(self.pictures))]
        lines: list[Line] = []
        for first in range(0, len(following), across):
            if len(lines) + rows + 2 > height:
                break
            parts = [[*self._drawn(one, 2 * rows, rows), self._caption(one, 2 * rows)] for one in following[first : first + across]]
            lines += [[], *(self._side_by_side([part[y] for part in parts], 2 * rows) for y in range(rows + 1))]
        return lines

    def _side_by_side(self, parts: list[Line], columns: int) -> Line:
        row: Line = []
        for part in parts:
            row += [*fitted(part, columns, self.ink.ink()), Segment(" " * BESIDE, self.ink.ink())]
        return row

    def _caption(self, one: Mistake, width: int) -> Line:
        """`cat → dog  97%`"""
        ink = self.ink
        share = f"{100 * one.confidence:.0f}%"
        room = (width - len(share) - 4) // 2
        true, taken_for = clipped(self._called(one.true), room), clipped(self._called(one.taken_for), room)
        left = line((true, ink.ink("text")), (" → ", ink.ink("faint")), (taken_for, ink.ink("worse")))
        return [*fitted(left, width - len(share), ink.ink()), Segment(share, ink.ink("dim"))]

    def _drawn(self, one: Mistake, columns: int, rows: int) -> list[Line]:
        blocks = self.ink.tints and not getattr(self.app, "ascii_only", False)
        return halfblocks(one.data, one.shape, columns, rows, self.ink, blocks=blocks)

    def _called(self, at: int) -> str:
        return units.plain(self._names[at]) if 0 <= at < len(self._names) else str(at)

    def action_turn(self, by: int) -> None:
        if self.pictures:
            self.at = (self.at + by) % len(self.pictures)
            self.draw()

    def on_click(self, event: events.Click) -> None:
        self.action_turn(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_turn(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_turn(-1)


def _belongs(one: Mistake, cell: tuple[int, int]) -> bool:
    """Whether a picture is of this cell; on the diagonal, whether it is of this class."""
    return one.true == cell[0] and cell[1] in {one.taken_for, one.true}
