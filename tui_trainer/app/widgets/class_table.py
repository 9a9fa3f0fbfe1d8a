"""Accuracy on each class side by side, the biggest differences on top: a row a class, a column a letter."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.rows import Line, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel
from tui_trainer.runs.compare import ClassRow, Comparison

NAME = 16
SHARE = 7
LEAST, MOST = 20, 72
"""Columns of the line on which the letters stand."""
APART = 9
"""Columns of the difference between the best and the worst."""


@dataclass(frozen=True, slots=True)
class Track:
    """A line on which shares have their place: percent from `low` to `high` over so many columns."""

    low: float
    high: float
    columns: int

    @classmethod
    def over(cls, found: Comparison, columns: int) -> Track | None:
        """One that holds all shares, where there is room for it."""
        shares = [100 * share for one in found.classes for share in one.shares if share is not None]
        if columns < LEAST or not shares:
            return None
        low, high = 10 * (min(shares) // 10), -10 * (-max(shares) // 10)
        return cls(low, high if high > low else low + 10, min(columns, MOST))

    def column(self, share: float) -> int:
        return round((100 * share - self.low) / (self.high - self.low) * (self.columns - 1))

    def free(self, share: float, taken: Container[int]) -> int:
        """The place of a share, or the nearest that is free, left of it before right."""
        here = self.column(share)
        near = [*range(here, -1, -1), *range(here + 1, self.columns)]
        return next((column for column in near if column not in taken), here)


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
        used = name + SHARE * len(letters) + APART
        track = Track.over(found, width - used - 4)
        head += self._ends(track)
        rows = [head, *(self._row(one, name, len(letters)) + self._track(one, track) for one in found.classes)]
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

    def _ends(self, track: Track | None) -> Line:
        if track is None:
            return []
        left, right = f"{track.low:.0f}", f"{track.high:.0f} %"
        return line(("   " + left + f"{right:>{track.columns - len(left)}}", self.ink.ink("dim")))

    def _track(self, one: ClassRow, track: Track | None) -> Line:
        """The letters where their shares are; those that have the same stand side by side."""
        if track is None or self._found is None:
            return []
        ink = self.ink
        known = [(share, letter) for share, letter in zip(one.shares, self._found.letters, strict=True) if share is not None]
        places: dict[int, str] = {}
        for share, letter in reversed(known):
            places[track.free(share, places)] = letter
        spans = line(("   ", ink.ink()))
        for column in range(track.columns):
            letter = places.get(column, "")
            style = ink.ink(self._colours.get(letter, "last"), bold=True) if letter else ink.ink("line")
            spans += line((letter[:1] or "─", style))
        return spans

    def _first(self) -> ClassRow | None:
        return self._found.classes[0] if self._found and self._found.classes else None


def _why_none(found: Comparison) -> str:
    if found.regression:
        return "regression has no classes"
    return "no class is known to two of these yet"
