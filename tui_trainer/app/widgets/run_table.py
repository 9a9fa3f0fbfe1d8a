"""The table of runs: as many columns as fit, one row a run, formatted only where it is in sight. Reads no record."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.message import Message

from tui_trainer import units
from tui_trainer.app import records
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.picker import MOVES, Picker
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.runs import remarks

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.runs.store import Summary

GAP = 2
WIDEST_GAP = 5
EDGE = 2
"""Columns before the first one: the cursor's mark and room."""
STAR = 2
"""Columns after the best accuracy, for the ★ of the best on a dataset."""

GLYPHS = {
    "running": ("●", "train"),
    "paused": ("‖", "warn"),
    "finished": ("✓", "best"),
    "stopped": ("■", "dim"),
    "abandoned": ("■", "dim"),
    "diverged": ("✕", "worse"),
    "failed": ("✕", "worse"),
    "lost": ("!", "warn"),
    "new": ("○", "dim"),
}


class HeadingChosen(Message):
    """The heading of a column was clicked."""

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide it is at least, and what a run has there."""

    name: str
    width: int
    text: Callable[[Summary], str]
    order: int
    """Columns with the highest go first when the terminal is narrow."""
    right: bool = False
    most: int = 0
    """How wide it may grow with its contents; 0 for never."""
    rare: bool = False
    """Whether it is left out where no run has anything there."""


COLUMNS: tuple[Column, ...] = (
    Column("run", 4, lambda one: one.run.id, 0, most=8),
    Column("preset", 6, lambda one: units.plain(one.config.preset), 0, most=14),
    Column("dataset", 7, records.dataset, 2, most=14),
    Column("optimizer", 9, lambda one: one.config.optimizer, 8),
    Column("rate", 5, lambda one: units.lr(one.config.lr), 3, right=True, most=8),
    Column("batch", 5, lambda one: str(one.config.batch_size), 6, right=True),
    Column("parameters", 10, lambda one: units.count(one.parameters) if one.parameters else units.UNKNOWN, 9, right=True, most=13),
    Column("epoch", 5, records.epochs, 1, right=True, most=11),
    Column("best val", 10, lambda one: remarks.score(one.best_accuracy, one.best_mae), 0, right=True, most=12),
    Column("loss", 5, lambda one: units.loss(one.best_loss), 5, right=True, most=6),
    Column("time", 5, lambda one: units.clock(one.seconds) if one.seconds else units.UNKNOWN, 4, right=True, most=8),
    Column("state", 11, lambda one: f"{GLYPHS.get(one.status, ('·', 'dim'))[0]} {records.state(one)}", 0),
    Column("process", 7, records.process, 7, most=20, rare=True),
    Column("age", 6, lambda one: units.age(time.time() - one.time), 7, right=True),
)


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
        self.empty: list[str] = []
        self._widths: dict[str, int] = {}

    def show(
        self,
        rows: Sequence[Summary],
        *,
        sorted_by: str,
        falling: bool,
        leaders: frozenset[Path] = frozenset(),
        empty: Sequence[str] = (),
    ) -> None:
        """These runs in this order; `empty` is what is said where there is none."""
        here = self.current
        self.rows, self.sorted_by, self.falling, self.leaders, self.empty = list(rows), sorted_by, falling, leaders, list(empty)
        if here is not None:
            folder = here.run.folder
            self.cursor = next((at for at, one in enumerate(self.rows) if one.run.folder == folder), self.cursor)
        self._widths = {column.name: self._width(column) for column in COLUMNS}
        self.draw()

    @property
    def current(self) -> Summary | None:
        """The run under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def count(self) -> int:
        return len(self.rows)

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        if not self.rows:
            return [[], *(line((f" {text}", ink.ink("text" if not at else "dim"))) for at, text in enumerate(self.empty))]
        columns = self.fitting(width)
        rule = line((("━" if self.lit else "─") * width, ink.ink("you" if self.lit else "line")))
        return [self._heading(columns, width), rule, *(self._row(at, columns, width) for at in self.window())]

    def fitting(self, width: int) -> list[Column]:
        """The columns that fit, in their order."""
        columns = [column for column in COLUMNS if not column.rare or any(map(column.text, self.rows))]
        while len(columns) > 1 and self._taken(columns) > width:
            columns.remove(max(columns, key=lambda column: column.order))
        return columns

    def _taken(self, columns: Sequence[Column]) -> int:
        return EDGE + sum(self._widths[column.name] for column in columns) + GAP * (len(columns) - 1) + 1

    def _gap(self, columns: Sequence[Column], width: int) -> int:
        """Columns between two columns: what is left over is shared out."""
        return min(GAP + (width - self._taken(columns)) // max(len(columns) - 1, 1), WIDEST_GAP)

    def _width(self, column: Column) -> int:
        if not column.most:
            return column.width
        longest = max((cell_len(column.text(one)) for one in self.rows), default=0) + (STAR if column.name == "best val" else 0)
        return min(max(column.width, longest), column.most)

    def _heading(self, columns: Sequence[Column], width: int) -> Line:
        ink, gap = self.ink, self._gap(columns, width)
        spans = line((" " * EDGE, ink.ink()))
        for column in columns:
            chosen = column.name == self.sorted_by
            arrow = ("▾" if self.falling else "▴") if chosen else ""
            # a heading may reach into the gap at its right, where nothing else stands
            over = self._widths[column.name] - (STAR if column.name == "best val" else 0)
            text = padded(column.name, over, right=column.right)
            style = ink.ink("bright" if chosen else "dim")
            spans += line((text, style), (f"{arrow:<{gap + self._widths[column.name] - over}}", style))
        return spans

    def _row(self, at: int, columns: Sequence[Column], width: int) -> Line:
        one, here = self.rows[at], at == self.cursor
        on = "lift" if here else "ground"
        ink, gap = self.ink, self._gap(columns, width)
        spans = line(("▌" if here else " ", ink.ink("you", on=on)), (" ", ink.ink(on=on)))
        for column in columns:
            spans += [*self._cell(one, column, on, here), Segment(" " * gap, ink.ink(on=on))]
        rest = width - sum(cell_len(part.text) for part in spans)
        return (
            [*spans, Segment(" " * rest, ink.ink(on=on))]
            if rest > 0
            else [*spans[:-1], Segment(" " * (gap + rest), ink.ink(on=on))]
        )

    def _cell(self, one: Summary, column: Column, on: str, here: bool) -> Line:
        ink, width = self.ink, self._widths[column.name]
        text = column.text(one)

        def inked(colour: str, *, bold: bool = False) -> Style:
            """In colour on the cursor row only where there are tints: 16 colours cannot all be read on bright black."""
            return ink.ink(colour if ink.tints or not here else "bright", bold=bold, on=on)

        if column.name == "state":
            glyph, colour = GLYPHS.get(one.status, ("·", "dim"))
            word = "dim" if one.status == "finished" and not here else "text"
            return line((glyph, inked(colour)), (padded(text[1:], width - 1), inked(word)))
        if column.name == "best val":
            leads = one.run.folder in self.leaders
            style = inked("best" if leads else "text", bold=leads or here)
            return line((padded(text, width - STAR, right=True), style), (" ★" if leads else "  ", style))
        colour = "dim" if text == units.UNKNOWN or column.name == "age" else "text"
        if column.name == "rate" and one.status == "diverged":
            colour = "worse"
        bold = here and column.name in {"run", "preset"}
        return line((padded(text, width, right=column.right), inked("bright" if bold else colour, bold=bold)))

    def on_click(self, event: events.Click) -> None:
        if event.y != 0 or not self.rows:
            return
        left, columns = EDGE, self.fitting(self.size.width)
        gap = self._gap(columns, self.size.width)
        for column in columns:
            right = left + self._widths[column.name] + gap
            if left <= event.x < right:
                self.post_message(HeadingChosen(column.name))
            left = right
