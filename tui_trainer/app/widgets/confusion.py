"""The confusion matrix as heat cells; over sixteen classes, or without the room, the most confused pairs as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.message import Message

from tui_trainer import units
from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.bars import clear, padded, told_apart
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs import figures

if TYPE_CHECKING:
    from textual import events

MOST = 16  # classes whose matrix a person can still read
MOST_PAIRS = 100
CELL = 4
LARGE = 0.06  # share of the row from which a wrong count is bright
SMALL = 0.015  # and below which it has no tint

Matrix = Sequence[Sequence[int]]


class CellChosen(Message):
    """A cell was chosen: the numbers of two classes."""

    def __init__(self, true: int, taken_for: int) -> None:
        super().__init__()
        self.true, self.taken_for = true, taken_for


class CellSelected(CellChosen):
    """The cursor stands on another cell."""


class ConfusionMatrix(ScrolledPanel):
    """Counts, [true][taken for]. With `cursor` a cell can be selected and chosen."""

    title = "Confusion"

    BINDINGS = [
        Binding("left,h", "aside_cell(-1)", "Left", show=False),
        Binding("right,l", "aside_cell(1)", "Right", show=False),
        Binding("enter", "choose", "Its pictures"),
    ]

    def __init__(self, *, cursor: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = cursor
        self.selected = (0, 0)
        self._matrix: tuple[tuple[int, ...], ...] = ()
        self._names: tuple[str, ...] = ()
        self._pairs: list[tuple[int, int]] = []

    def show(self, matrix: Matrix, names: Sequence[str]) -> None:
        """The counts of an evaluation; an empty matrix while there was none."""
        if matrix == self._matrix and tuple(names) == self._names:
            return
        self._matrix, self._names = tuple(map(tuple, matrix)), tuple(names)
        self._pairs = [(pair.true, pair.taken_for) for pair in figures.confused(self._matrix, MOST_PAIRS)]
        size = len(self._names)
        if max(self.selected, default=0) >= size or self.selected == (0, 0):
            self.selected = self._pairs[0] if self._pairs else (0, 0)
        self.draw()

    def select(self, true: int, taken_for: int) -> None:
        """Put the cursor on a cell."""
        if 0 <= true < len(self._names) and 0 <= taken_for < len(self._names):
            self.selected = (true, taken_for)
            self.draw()
            self.post_message(CellSelected(*self.selected))

    def aside(self) -> Line:
        dim = self.ink.ink("dim")
        if self._listed(self.size.width - 2):
            return line(("most confused" if self.first() == 0 else self.extent(), dim))
        return line(("true ↓  taken for →", dim)) if self._names else []

    def body(self, width: int, height: int) -> list[Line]:
        if not self._names:
            return [line(("·", self.ink.ink("dim")))] if height > 0 else []
        if self._listed(width):
            return self._list(width, height)
        gutter = self._gutter(width)
        first = self.first()
        rows = range(first, min(first + height - 1, len(self._names)))
        return [self._head(gutter), *(self._row(row, gutter) for row in rows)]

    def total(self) -> int:
        return len(self._pairs) if self._listed(self.size.width - 2) else len(self._names)

    def room(self) -> int:
        return super().room() - (0 if self._listed(self.size.width - 2) else 1)

    def _listed(self, width: int) -> bool:
        """Whether pairs are shown instead of the matrix."""
        return len(self._names) > MOST or 5 + CELL * len(self._names) > width

    def _gutter(self, width: int) -> int:
        """Columns of the names at the left, the two that part them from the cells included."""
        longest = max(cell_len(units.plain(name)) for name in self._names)
        return min(max(5, min(longest, 10)) + 2, width - CELL * len(self._names))

    def _head(self, gutter: int) -> Line:
        ink, column = self.ink, self.selected[1] if self.cursor else -1
        short = told_apart(self._names, 3) if len({_short(name) for name in self._names}) < len(self._names) else self._names
        names = [(f"{padded(_short(name), 3, right=True)} ", at == column) for at, name in enumerate(short)]
        return line((" " * gutter, ink.ink()), *((text, ink.ink("bright" if here else "dim")) for text, here in names))

    def _row(self, row: int, gutter: int) -> Line:
        ink = self.ink
        counts = self._matrix[row] if self._matrix else ()
        here = self.cursor and row == self.selected[0]
        spans = line((padded(told_apart(self._names, gutter - 2)[row], gutter - 2) + "  ", ink.ink("bright" if here else "text")))
        of = sum(counts)
        for column in range(len(self._names)):
            count = counts[column] if column < len(counts) else None
            text = "·" if count is None else str(count) if count < 10_000 else units.short_count(count).replace(" ", "")
            style = _heat(ink, (count or 0) / of if of else 0.0, count is not None and row == column)
            if here and column == self.selected[1]:
                style = ink.ink("ground" if ink.tints else "black", bold=True, on="you")
            spans.append(Segment(f"{text:>3} "[:CELL], style))
        if here and ink.depth == "none":
            return _bracketed(spans, 1 + self.selected[1])
        return spans

    def _list(self, width: int, height: int) -> list[Line]:
        ink, first = self.ink, self.first()
        pairs = self._pairs[first : first + height]
        if not pairs:
            return [line(("no mistakes" if self._matrix else "·", ink.ink("dim")))] if height > 0 else []
        names = max(cell_len(units.plain(self._names[index])) for pair in pairs for index in pair)
        column = max(3, min(names, (width - 25) // 2))
        short, found = told_apart(self._names, column), []
        for pair in pairs:
            row = self._matrix[pair[0]]
            lifted = "lift" if self.cursor and pair == self.selected else None
            found.append(pair_line(ink, [short[index] for index in pair], row[pair[1]], sum(row), column, lifted))
        return found

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a cursor there is nothing to choose."""
        return self.cursor if action in {"choose", "aside_cell"} else True

    def action_choose(self) -> None:
        if self._matrix:
            self.post_message(CellChosen(*self.selected))

    def action_aside_cell(self, columns: int) -> None:
        if not self._listed(self.size.width - 2):
            true, taken_for = self.selected
            self.select(true, max(0, min(taken_for + columns, len(self._names) - 1)))

    def action_move(self, rows: int) -> None:
        if not self.cursor:
            super().action_move(rows)
            return
        if self._listed(self.size.width - 2) and self._pairs:
            at = self._pairs.index(self.selected) if self.selected in self._pairs else 0
            at = max(0, min(at + rows, len(self._pairs) - 1))
            self.selected = self._pairs[at]
        else:
            at = max(0, min(self.selected[0] + rows, len(self._names) - 1))
            self.selected = (at, self.selected[1])
        self.top = min(max(self.first(), at - self.room() + 1), at)
        self.draw()
        self.post_message(CellSelected(*self.selected))

    def on_click(self, event: events.Click) -> None:
        """A click selects; on the selected cell it chooses."""
        if not self.cursor or event.y < 1:
            return
        if (cell := self._cell_at(event.x - 1, event.y - 1)) is None:
            return
        if cell == self.selected:
            self.action_choose()
        else:
            self.select(*cell)

    def _cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        row = self.first() + y
        if self._listed(self.size.width - 2):
            return self._pairs[row] if row < len(self._pairs) else None
        column = (x - self._gutter(self.size.width - 2)) // CELL
        true = row - 1
        return (true, column) if y > 0 and 0 <= column < len(self._names) and true < len(self._names) else None


def _heat(ink: Palette, share: float, diagonal: bool) -> Style:
    """How a cell looks by its share of the row: green on the diagonal, red beside it; weight alone without tints."""
    if not ink.tints:
        return ink.ink("best" if diagonal else "worse" if share >= LARGE else "dim", bold=diagonal or share >= LARGE)
    if diagonal:
        return clear(ink, on=ink.mixed("best", 0.13 + 0.32 * share))
    if share < SMALL:
        return ink.ink("dim", on="raised")
    ground = ink.mixed("worse", min(0.75, 0.14 + 2.4 * share))
    return clear(ink, on=ground) if share >= LARGE else ink.ink("dim", on=ground)


def _bracketed(spans: Line, at: int) -> Line:
    """`[118]` around the segment at this place, with room taken from its neighbours' blanks."""
    cell = spans[at]
    left = spans[at - 1]
    text = cell.text.rstrip()
    spans[at - 1] = Segment(left.text[:-1] + "[", left.style)
    if len(text) < CELL:
        spans[at] = Segment(f"{text}]", cell.style)
    elif at + 1 < len(spans) and spans[at + 1].text.startswith(" "):
        spans[at + 1] = Segment("]" + spans[at + 1].text[1:], spans[at + 1].style)
    return spans


def _short(name: str) -> str:
    """The first three columns of a name."""
    kept = units.plain(name)[:3]
    while cell_len(kept) > 3:
        kept = kept[:-1]
    return kept


def pair_line(
    ink: Palette, names: Sequence[str], count: int, of: int, column: int, on: str | None = None, *, counts: bool = True
) -> Line:
    """`cat → dog   24 %  118 of 492`, with names of the same width in every row; without `counts`, the share alone."""
    return line(
        (padded(names[0], column), clear(ink, on=on)),
        (" → ", ink.ink("faint", on=on)),
        (padded(names[1], column), clear(ink, on=on)),
        (f"{100 * count / of:>5.0f} %", ink.ink(on=on)),
        (f"  {units.count(count):>3} of {units.count(of)}" if counts else "", ink.ink("dim", on=on)),
    )
