"""The clock of a race: as large as the figures, with a bar and what is to go."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets import digits
from tui_trainer.app.widgets.bars import bar
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, clipped, line, width_of

UNDER = 2
"""Rows of the bar and of what is to go."""
LEAST = 12
"""Columns of a clock that can be read."""


@dataclass(frozen=True, slots=True)
class ClockView:
    """`figure` is made of the signs that `digits` knows."""

    figure: str = "0:00"
    unit: str = ""
    of: str = ""
    """The whole budget: `of 2:00`."""
    share: float = 0.0
    left: str = ""
    """What decides in the line below: `43 s`."""
    words: str = ""
    """What follows it: `to go`."""
    result: str = ""
    """Who won, once it is known."""
    note: str = ""
    """What to think of it."""
    paused: bool = False


class RaceClock(Panel):
    """Its figures are at most `most` dots wide and as large as its room."""

    title = "Clock"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = ClockView()
        self.most = 2

    def show(self, view: ClockView) -> None:
        if view != self._view:
            self._view = view
            self.draw()

    def fit(self, most: int) -> None:
        """Figures of at most this size."""
        if most != self.most:
            self.most = most
            self.draw()

    def aside(self) -> Line:
        return line((self._view.of, self.ink.ink("dim"))) if self._view.of else []

    def body(self, width: int, height: int) -> list[Line]:
        view, ink = self._view, self.ink
        if width < LEAST:
            return [line((clipped(view.figure + view.unit, width), ink.ink("bright")))]
        size = digits.largest(view.figure, width - 2 * bool(view.unit), height - UNDER, most=self.most)
        if not size:
            return [_low(view, ink, width)]
        figure = _figure(view, ink, width, size, typed=bool(getattr(self.app, "ascii_only", False)))
        under = [bar(ink, view.share, width, _colour(view)), _left(view, ink)]
        said = _said(view, ink, width, height - len(figure) - UNDER)
        spare = max(height - len(figure) - len(under) - len(said), 0)
        blank: list[Line] = [[]]
        above, between = blank * (spare > 0) + blank * (spare > 3), blank * (spare > 1)
        apart = blank * (spare > 2 and bool(said) and bool(under[-1]))
        return [*above, *figure, *between, *under, *apart, *said]


def _low(view: ClockView, ink: Palette, width: int) -> Line:
    """All of it in one row: figure, bar and what is to go, or who won."""
    figure, left = Segment(f"{view.figure}{view.unit} ", _style(view, ink)), _left(view, ink)
    end = [Segment(f" {view.result}", ink.ink("best", bold=True))] if view.result else line((" ", ink.ink()), *left)
    room = width - width_of([figure, *end])
    return [figure, *(bar(ink, view.share, room, _colour(view)) if room > 0 else []), *end]


def _colour(view: ClockView) -> str:
    return "warn" if view.paused else "bright"


def _style(view: ClockView, ink: Palette) -> Style:
    return ink.ink(_colour(view), bold=True)


def _figure(view: ClockView, ink: Palette, width: int, size: int, *, typed: bool) -> list[Line]:
    style = _style(view, ink)
    taken = digits.columns(view.figure, size) + (2 if view.unit else 0)
    margin = max((width - taken) // 2, 0) if size > 1 else 0
    rows = digits.digits(view.figure, size, typed=typed)
    unit = f" {view.unit}" if view.unit else ""
    return [line((" " * margin, ink.ink()), (row, style), (unit if at == 0 else "", style)) for at, row in enumerate(rows)]


def _left(view: ClockView, ink: Palette) -> Line:
    if not (view.left or view.words):
        return []
    gap = " " if view.left and view.words else ""
    return line((view.left, ink.ink("bright")), (gap + view.words, ink.ink("dim")))


def _said(view: ClockView, ink: Palette, width: int, rows: int) -> list[Line]:
    """Who won, and what to think of it, in as many rows as the words take; the latter is whole or left out."""
    result: list[Line] = [[Segment(one, ink.ink("best", bold=True))] for one in textwrap.wrap(view.result, width)]
    note: list[Line] = [[Segment(one, ink.ink("dim"))] for one in textwrap.wrap(view.note, width)]
    return [*result, *note] if len(result) + len(note) <= rows else result[: max(rows, 0)]
