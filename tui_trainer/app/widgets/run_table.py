"""The table of runs: as many columns as fit, one row a run, formatted only where it is in sight. Reads no record."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.binding import Binding
from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.picker import MOVES, Picker
from tui_trainer.app.widgets.rows import Line, line, width_of
from tui_trainer.app.widgets.run_cell import EDGE, cell, edge
from tui_trainer.app.widgets.run_columns import BESIDE, BY_NAME, CURVE, Place, Texts, Widths, absent, fitting, shared

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.runs.store import Run, Summary

GAP = 2
"""Columns between two columns: what marks a heading, or the best run, stands in them."""
WIDEST_GAP = 4
WIDEST_CURVE = 24
MOST_MADE = 500
"""Rows that are kept as they were drawn."""


class HeadingChosen(Message):
    """The heading of a column was clicked."""

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column


class MarkChosen(Message):
    """The edge of the row under the cursor was clicked, where its mark stands."""


class RunTable(Picker, inherit_bindings=False):
    """Sorted by one column; the cursor stays on its run when rows come and go."""

    title = "Runs"
    BINDINGS = [*MOVES, Binding("home", "edge(False)", "first", key_display="Home", tooltip="To the first row", id="first")]
    HEAD = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[Summary] = []
        self.sorted_by, self.falling = "age", True
        self.leaders: frozenset[Path] = frozenset()
        self.marked: frozenset[Path] = frozenset()
        self.empty: list[str] = []
        self._texts = Texts()
        self._widths = Widths(self._texts)
        self._absent = self._same = frozenset[str]()
        self._made: dict[Path, tuple[Summary, object, Line]] = {}
        """Rows as they were drawn last."""

    def show(
        self,
        rows: Sequence[Summary],
        *,
        sorted_by: str,
        falling: bool,
        leaders: frozenset[Path] = frozenset(),
        marked: Collection[Path] = (),
        empty: Sequence[str] = (),
    ) -> None:
        """These runs in this order; `empty` is what is said where there is none."""
        here = self.current
        self.rows, self.sorted_by, self.falling, self.leaders, self.empty = list(rows), sorted_by, falling, leaders, list(empty)
        self.marked = frozenset(marked)
        if here is not None:
            folder = here.run.folder
            self.cursor = next((at for at, one in enumerate(self.rows) if one.run.folder == folder), self.cursor)
        self._widths.take(self.rows)
        self._absent, self._same = absent(self.rows, self._texts), shared(self.rows, self._texts)
        self.draw()

    def put_on(self, run: Run) -> None:
        """The cursor on this run, where it is in sight."""
        self.pick(next((at for at, one in enumerate(self.rows) if one.run.folder == run.folder), self.cursor))

    @property
    def current(self) -> Summary | None:
        """The run under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def count(self) -> int:
        return len(self.rows)

    def columns(self, width: int) -> list[tuple[Place, int]]:
        """The columns that fit, in their order, with their widths; the curve takes what is left over."""
        places = fitting(self._widths, width - EDGE - 1, GAP, self.sorted_by, absent=self._absent, same=self._same)
        return [(place, self._widths.of(place)) for place in places]

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        if not self.rows:
            return [[], *(line((f" {text}", ink.ink("text" if not at else "dim"))) for at, text in enumerate(self.empty))]
        columns, gap = self._laid_out(width)
        if len(self._made) > MOST_MADE:
            self._made.clear()
        rule = line((("━" if self.lit else "─") * width, ink.ink("you" if self.lit else "line")))
        return [self._heading(columns, gap), rule, *(self._row(at, columns, gap, width) for at in self.window())]

    def _laid_out(self, width: int) -> tuple[list[tuple[Place, int]], int]:
        """The columns with their widths, and how far they stand apart: what is left over goes to the gaps, then to the curve."""
        columns = self.columns(width)
        over = width - EDGE - 1 - sum(wide + GAP for _, wide in columns) + GAP
        wider = min(max(over, 0) // max(len(columns), 1), WIDEST_GAP - GAP)
        over -= wider * len(columns)
        return [(one, min(wide + max(over, 0), WIDEST_CURVE) if one.name == CURVE else wide) for one, wide in columns], GAP + wider

    def _heading(self, columns: Sequence[tuple[Place, int]], gap: int) -> Line:
        ink = self.ink
        spans = line((" " * EDGE, ink.ink()))
        for place, wide in columns:
            column, chosen = BY_NAME.get(place.name), place.name == self.sorted_by
            arrow = ("▾" if self.falling else "▴") if chosen else ""
            heading, right = (column.heading, column.right) if column is not None else ("loss curve", False)
            style = ink.ink("bright" if chosen else "dim")
            if right:
                over = BESIDE.get(place.name, 0)
                spans += line((padded(heading, wide - over, right=True) + (" " * over + arrow).ljust(gap + over), style))
            else:
                apart = " " * (len(heading) + 2 < wide + gap)
                spans += line((padded(heading + apart + arrow, wide + gap - 1) + " ", style))
        return spans

    def _row(self, at: int, columns: Sequence[tuple[Place, int]], gap: int, width: int) -> Line:
        """A row, made anew only where it looks another way than the last time."""
        one, here = self.rows[at], at == self.cursor
        folder = one.run.folder
        marked, leads = folder in self.marked, folder in self.leaders
        age = units.age(max(time.time() - one.time, 0.0))
        look = (columns, gap, width, self.ink, here, marked, leads, age)
        made = self._made.get(folder)
        if made is not None and made[0] is one and made[1] == look:
            return made[2]
        ink, texts = self.ink, {**self._texts.of(one), "age": age}
        typed = bool(getattr(self.app, "ascii_only", False))
        spans = edge(ink, here=here, marked=marked)
        for place, wide in columns:
            spans += cell(ink, one, place.name, texts, wide, gap, here=here, leads=leads, typed=typed)
        spans.append(Segment(" " * max(width - width_of(spans), 0), ink.ink(on="lift" if here else None)))
        self._made[folder] = one, look, spans
        return spans

    def on_click(self, event: events.Click) -> None:
        if event.y == 0 and self.rows:
            self._click_heading(event.x)
        elif event.y >= self.HEAD and event.x < EDGE and self.top + event.y - self.HEAD < self.count():
            event.prevent_default()  # a click there marks, and opens nothing
            self.pick(self.top + event.y - self.HEAD)
            self.post_message(MarkChosen())

    def _click_heading(self, x: int) -> None:
        left = EDGE
        columns, gap = self._laid_out(self.size.width)
        for place, wide in columns:
            if left <= x < left + wide + gap and place.name in BY_NAME:
                self.post_message(HeadingChosen(place.name))
            left += wide + gap
