"""The class board: one bar a class, worst first, with what changed since the epoch before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import bar, clear, padded, shade, told_apart
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel

if TYPE_CHECKING:
    from tui_trainer.runs.history import ClassLine

NARROW = 38  # columns under which the order is not named, and the bars end a column earlier
WIDE = 56  # columns from which the number of samples of a class is shown too
LONGEST = 12  # columns of a name at the most
LEAST_BAR = 10
FIGURES = 14  # columns right of the bar: ` 51.2  ▲  1.8`, and one to breathe


class ClassBoard(ScrolledPanel):
    """Shows `History.board()`; before the first evaluation the names alone."""

    title = "Classes"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._board: tuple[ClassLine, ...] = ()
        self._names: tuple[str, ...] = ()

    def show(self, board: Sequence[ClassLine], names: Sequence[str] = ()) -> None:
        """The classes, worst first; `names` stand in while there are no figures."""
        new = (tuple(board), tuple(names))
        if new != (self._board, self._names):
            self._board, self._names = new
            self.draw()

    def total(self) -> int:
        return len(self._board or self._names)

    def aside(self) -> Line:
        dim = self.ink.ink("dim")
        if self.first() > 0:
            return line((self.extent(), dim))
        if not self._board:
            return []
        if self.total() > self.room():
            return line((f"worst {self.room()} of {self.total()}", dim))
        return line(("worst first", dim)) if self.size.width - 2 >= NARROW else []

    def body(self, width: int, height: int) -> list[Line]:
        names = [one.name for one in self._board] or list(self._names)
        if not names:
            return [line(("·", self.ink.ink("dim")))] if height > 0 else []
        longest = max(cell_len(units.plain(name)) for name in names)
        column = max(5, min(longest, LONGEST, width - 2 - FIGURES - LEAST_BAR))
        first, short = self.first(), told_apart(tuple(names), column)
        rows = range(first, min(first + height, len(names)))
        if not self._board:
            return [self._unknown(short[row], column, width) for row in rows]
        return [self._row(row, short[row], column, width) for row in rows]

    def _row(self, row: int, name: str, column: int, width: int) -> Line:
        ink, one = self.ink, self._board[row]
        worst = row < 3
        support = f"{units.count(one.support):>7}  " if width >= WIDE else ""
        found = units.tenths(one.share) if one.support else units.UNKNOWN
        return line(
            (padded(name, column) + "  ", ink.ink("bright" if worst else "text", bold=worst)),
            *bar(ink, one.share, _bar_width(width, column) - len(support), shade(ink, "val")),
            (f" {'100' if found == '100.0' else found:>4}  ", clear(ink) if worst else ink.ink()),
            *self._change(one.change),
            (support, ink.ink("dim")),
        )

    def _change(self, change: float | None) -> Line:
        """`▲ 1.8`: points since the epoch before, `·` where there is none to speak of."""
        ink = self.ink
        points = 100 * (change or 0.0)
        if abs(points) < 0.05:
            return line(("·    ", ink.ink("faint")))
        text = f"{abs(points):.1f}" if abs(points) < 9.95 else f"{abs(points):.0f}"
        return line(("▲" if points > 0 else "▼", ink.ink("best" if points > 0 else "worse")), (f"{text:>4}", ink.ink("dim")))

    def _unknown(self, name: str, column: int, width: int) -> Line:
        ink = self.ink
        track = "─" * _bar_width(width, column)
        return line((padded(name, column) + "  ", ink.ink()), (track, ink.ink("line")), ("    ·", ink.ink("dim")))


def _bar_width(width: int, column: int) -> int:
    """Columns of the bars beside names of `column` columns."""
    return max(width - column - 2 - FIGURES - (width < NARROW), 0)
