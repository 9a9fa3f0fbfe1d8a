"""Accuracy on each class side by side, the biggest differences on top: a row a class, a column a letter."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.compare import ClassRow, Comparison

NAME = 16
SHARE = 7
APART = 9
"""Columns of the difference between the best and the worst."""


class ClassTable(ScrolledPanel):
    """The best of each row is marked; the last column says how far the best and the worst are apart."""

    title = "Classes"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Comparison | None = None
        self._colours: Mapping[str, str] = {}

    def show(self, found: Comparison, colours: Mapping[str, str]) -> None:
        if found is not self._found or colours != self._colours:
            self._found, self._colours = found, dict(colours)
            self.draw()

    def total(self) -> int:
        return 1 + len(self._found.classes) if self._found else 0

    def aside(self) -> Line:
        seen = f"{self.extent()}   " if self.total() > self.room() else ""
        return line((f"{seen}% found, biggest difference first", self.ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        found, ink = self._found, self.ink
        if found is None:
            return []
        if not found.classes:
            return [line((_why_none(found), ink.ink("dim")))]
        name = max(min(max(cell_len(units.plain(one.name)) for one in found.classes), NAME, width - SHARE - APART), 5)
        letters = found.letters[: max((width - name - APART) // SHARE, 1)]
        more = "…" if len(letters) < len(found.letters) else " "
        head = line(
            (padded("", name), ink.ink("dim")),
            *((f"{one:>{SHARE}}", ink.ink(self._colours.get(one, "last"), bold=True)) for one in letters),
            (f"{more}{'apart':>{APART - 1}}", ink.ink("dim")),
        )
        rows = [head, *(self._row(one, name, len(letters)) for one in found.classes)]
        return rows[self.first() : self.first() + height]

    def _row(self, one: ClassRow, name: int, letters: int) -> Line:
        ink = self.ink
        best = max((share for share in one.shares if share is not None), default=None)
        spans = line((padded(one.name, name), ink.ink("dim")))
        for share in one.shares[:letters]:
            leads = share is not None and share == best and one.spread > 0
            colour = "faint" if share is None else "best" if leads else "text"
            spans += line((f"{units.tenths(share):>{SHARE}}", ink.ink(colour, bold=leads and not ink.tints)))
        return spans + line((f"{units.tenths(one.spread):>{APART}}", ink.ink("bright" if one is self._first() else "dim")))

    def _first(self) -> ClassRow | None:
        return self._found.classes[0] if self._found and self._found.classes else None


def _why_none(found: Comparison) -> str:
    if found.regression:
        return "regression has no classes"
    return "no class is known to two of these yet"
