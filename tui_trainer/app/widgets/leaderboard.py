"""The leaderboard: one row a setting, sortable by any column, the best of each column marked. Reads no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets import strokes
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.board_columns import NEVER, RANKS, Column, columns, leaders, ordered
from tui_trainer.app.widgets.picker import Picker
from tui_trainer.app.widgets.rows import Line, line, width_of
from tui_trainer.runs.compare import Comparison
from tui_trainer.runs.standings import Standing

if TYPE_CHECKING:
    from textual import events

EDGE = 2 + 3 + strokes.SAMPLE
"""Columns before the first one: cursor, letter, and a sample of its line."""
GAP, WIDEST_GAP = 2, 5
STAR = 2
"""Columns before the figure that ranks, for the ★ of the best."""
WIDE_GAP = 0.05
"""Accuracy in training minus that of validation from which it is worth a look."""


class ColumnChosen(Message):
    """The heading of a column was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Leaderboard(Picker):
    """Best first until somebody sorts it; the cursor stays on its setting when rows change places."""

    title = "Leaderboard"
    HEAD = 2

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: list[Standing] = []
        self.columns: list[Column] = []
        self.sorted_by: str = ""
        """Name of a column; empty for best first."""
        self.falling = True
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}
        self._marked: frozenset[str] = frozenset()
        self._words = ""
        self._widths: dict[str, int] = {}

    def show(self, found: Comparison, colours: Mapping[str, str], marked: frozenset[str], words: str = "") -> None:
        """These settings, the colour of each letter, those that were marked, and the state at the right end of the rule."""
        if found is self._found and (colours, marked, words) == (self._colours, self._marked, self._words):
            return
        self._found, self._colours, self._marked, self._words = found, dict(colours), marked, words
        self._arrange_rows()

    def sort_by(self, name: str) -> None:
        """By this column, or the other way round where it was already; an unknown name sorts best first again."""
        column = self._column(name)
        if column is not None and name == self.sorted_by:
            self.falling = not self.falling
        else:
            self.sorted_by, self.falling = (name, column.falling) if column else ("", True)
        self._arrange_rows()

    def turn(self) -> None:
        """The other way round."""
        if self.sorted_by:
            self.sort_by(self.sorted_by)
        elif (column := next((one for one in self.columns if one.kind == RANKS), None)) is not None:
            self.sorted_by, self.falling = column.name, not column.falling
            self._arrange_rows()

    def next_column(self) -> str:
        """The column after the one that is sorted by; empty after the last."""
        names = [column.name for column in self.columns if column.kind != "run"]
        return (["", *names, ""])[names.index(self.sorted_by) + 2 if self.sorted_by in names else 1]

    def _column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)

    def _arrange_rows(self) -> None:
        here = self.current
        if self._found is not None:
            self.columns = columns(self._found)
            best, column = [*self._found.standings, *self._found.rest], self._column(self.sorted_by)
            self.rows, self._widths = ordered(best, column, falling=self.falling), {}
        if here is not None:
            self.cursor = next((at for at, one in enumerate(self.rows) if _same(one, here)), self.cursor)
        self.draw()

    @property
    def current(self) -> Standing | None:
        """The setting under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def count(self) -> int:
        return len(self.rows)

    def aside(self) -> Line:
        by = f"by {self.sorted_by}" if self.sorted_by else "best first"
        seen = f"{self.top + 1}–{min(self.top + self.room, self.count())} of {self.count()}" if self.count() > self.room else ""
        return line(("   ".join(filter(None, (self._words, seen, by))), self.ink.ink("dim")))

    def lines(self, width: int, height: int) -> list[Line]:
        kept = self.fitting(width)
        best = {column.name: leaders(self.rows, column) for column in kept}
        shown = [self._row(at, kept, best, width) for at in self.window()]  # first: it says where the window stands
        return [self.rule(width), self._heading(kept, width), *shown]

    # ---- columns ---------------------------------------------------------------------------------------------

    def fitting(self, width: int) -> list[Column]:
        """The columns that fit, in their order."""
        kept = list(self.columns)
        while len(kept) > 2 and self._taken(kept) > width:
            kept.remove(max(kept, key=lambda column: column.order))
        return kept

    def _taken(self, kept: Sequence[Column]) -> int:
        return EDGE + sum(map(self._width, kept)) + GAP * (len(kept) - 1) + 1

    def _gap(self, kept: Sequence[Column], width: int) -> int:
        return max(min(GAP + (width - self._taken(kept)) // max(len(kept) - 1, 1), WIDEST_GAP), 1)

    def _width(self, column: Column) -> int:
        """As wide as its contents, with room for the star of the best; measured once for these rows."""
        if column.kind not in self._widths:
            longest = max((cell_len(column.text(one)) for one in self.rows), default=0)
            self._widths[column.kind] = max(min(longest, column.most), cell_len(column.name)) + STAR * (column.kind == RANKS)
        return self._widths[column.kind]

    def _heading(self, kept: Sequence[Column], width: int) -> Line:
        gap = self._gap(kept, width)
        spans = line((" " * EDGE, self.ink.ink()))
        for column in kept:
            chosen = column.name == self.sorted_by
            arrow = ("▾" if self.falling else "▴") if chosen else " "
            style = self.ink.ink("bright" if chosen else "dim")
            spans += line((padded(column.name, self._width(column), right=column.right) + arrow + " " * (gap - 1), style))
        return spans

    # ---- rows ------------------------------------------------------------------------------------------------

    def _row(self, at: int, kept: Sequence[Column], best: Mapping[str, set[int]], width: int) -> Line:
        one, here = self.rows[at], at == self.cursor
        on, gap = "lift" if here else "ground", self._gap(kept, width)
        ink = self.ink
        colour = self._inked(self._colours.get(one.letter, "last"), here)
        mark = "▪" if one.letter in self._marked else " "
        spans = line(("▌" if here else " ", ink.ink("you", on=on)), (mark, self._inked("you", here)))
        letter = ink.ink(self._colour(self._colours.get(one.letter, "last"), here), bold=True, on=on)
        spans += line(
            (f"{one.letter:<2}"[:2], letter), (strokes.sample(one.letter) if one.letter else " " * strokes.SAMPLE, colour)
        )
        spans += line((" ", ink.ink(on=on)))
        for column in kept:
            spans += [*self._cell(one, column, here, leads=at in best[column.name]), *line((" " * gap, ink.ink(on=on)))]
        rest = width - width_of(spans)
        return [*spans, *line((" " * max(rest, 0), ink.ink(on=on)))]

    def _colour(self, colour: str, here: bool) -> str:
        """In colour on the cursor row only where there are tints: 16 colours cannot all be read on bright black."""
        return colour if self.ink.tints or not here else "bright"

    def _inked(self, colour: str, here: bool, *, bold: bool = False) -> Style:
        return self.ink.ink(self._colour(colour, here), bold=bold, on="lift" if here else "ground")

    def _cell(self, one: Standing, column: Column, here: bool, *, leads: bool) -> Line:
        text, width = column.text(one), self._width(column)
        if column.kind == RANKS:
            star = "★" if leads else " "
            style = self._inked("best" if leads else "bright", here, bold=True)
            shown = padded(text, width - STAR, right=True)
            return line((star + " ", self._inked("best", here)), (shown, style))
        colour, bold = "text", leads and not self.ink.tints
        if leads:
            colour = "best"
        elif text in {NEVER, units.UNKNOWN}:
            colour = "faint"
        elif column.kind == "label" and here:
            colour, bold = "bright", True
        elif column.kind == "run":
            colour = "dim"
        elif column.kind == "gap" and (one.gap or 0.0) >= WIDE_GAP:
            colour = "warn"
        return line((padded(text, width, right=column.right), self._inked(colour, here, bold=bold)))

    # ---- the mouse -------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        if event.y != 1 or not self.rows:
            return
        left, kept = EDGE, self.fitting(self.size.width)
        gap = self._gap(kept, self.size.width)
        for column in kept:
            right = left + self._width(column) + gap
            if left <= event.x < right:
                self.post_message(ColumnChosen(column.name))
            left = right


def _same(one: Standing, other: Standing) -> bool:
    return one.letter == other.letter if one.letter or other.letter else one.label == other.label
