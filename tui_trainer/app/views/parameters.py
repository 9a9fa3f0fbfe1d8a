"""The table of parameters of a small net: value, change, gradient, and where each came from, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_trainer import units
from tui_trainer.app.widgets.bars import padded
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel

if TYPE_CHECKING:
    from tui_trainer.runs.trail import Trail

LONGEST = 14
COLUMN = 10
"""Columns of a figure with the blank before it."""
STEPS = 7
"""Columns of a step's number below the table."""


class ParameterTable(ScrolledPanel):
    """A row a parameter; below it, or beside it where rows are few, the values after the last steps."""

    title = "Parameters"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._trail: Trail | None = None
        self._key: tuple[object, ...] = ()

    def show(self, trail: Trail) -> None:
        """Repaints when another step was looked at."""
        key = (id(trail), trail.now)
        if key != self._key:
            self._key, self._trail = key, trail
            self.draw()

    def total(self) -> int:
        return len(self._trail.names) if self._trail else 0

    def room(self) -> int:
        return max(self.size.height - 1 - self._heading(self.size.height - 1), 0)

    def _heading(self, height: int) -> bool:
        return height > min(self.total(), 2)

    def aside(self) -> Line:
        """The step, and which of them go to and fro."""
        trail, ink = self._trail, self.ink
        if trail is None or trail.now is None:
            return []
        if self.first() > 0:
            return line((self.extent(), ink.ink("dim")))
        flipping = [name for at, name in enumerate(trail.names) if trail.flips(at)]
        which = units.plain(flipping[0]) if len(flipping) == 1 else f"{len(flipping)}"
        step = f"step {units.count(trail.now.step)}"
        if not flipping:
            return line((step, ink.ink("dim")))
        said = f"! {which} to and fro"
        room = self.size.width - len(self.title) - len(said) - len(step) - 12
        return line((said, ink.ink("warn")), (f"  {step}" if room > 0 else "", ink.ink("dim")))

    def body(self, width: int, height: int) -> list[Line]:
        trail = self._trail
        if trail is None or trail.now is None:
            return [line(("after the first step", self.ink.ink("dim")))] if height > 0 else []
        names = min(max(cell_len(units.plain(name)) for name in trail.names), LONGEST, max(width - COLUMN, 4))
        heading, first = self._heading(height), self.first()
        shown = range(first, min(first + self.room(), self.total()))
        left = height - heading - len(shown)
        below = left >= 4 and len(trail) > 1
        rows = [self._head(names, width)] if heading else []
        rows += [self._row(trail, at, names, width, beside=not below) for at in shown]
        return rows + (self._steps(trail, width, left) if below else [])

    def _head(self, names: int, width: int) -> Line:
        words = "".join(f"{word:>{COLUMN}}" for word in ("value", "change", "gradient")[: (width - names) // COLUMN])
        return line((" " * names + words, self.ink.ink("dim")))

    def _row(self, trail: Trail, at: int, names: int, width: int, *, beside: bool) -> Line:
        ink, now = self.ink, trail.now
        assert now is not None
        change = trail.change(at)
        figures = [
            (units.figure(now.values[at]), "bright"),
            (units.figure(change) if not change or change < 0 else f"+{units.figure(change)}", "text"),
            (units.figure(now.gradients[at]), "dim"),
        ][: (width - names) // COLUMN]
        found = line((padded(trail.names[at], names), ink.ink("warn" if trail.flips(at) else "text")))
        found += line(*((f"{text:>{COLUMN}}", ink.ink(colour)) for text, colour in figures))
        return found + (self._before(trail, at, width - names - COLUMN * len(figures)) if beside else [])

    def _before(self, trail: Trail, at: int, room: int) -> Line:
        """`   0.2 0.36 0.488`: the values before this one, as many as fit, the newest at the right."""
        words: list[str] = []
        for value in reversed(trail.values(at)[:-1]):
            word = units.figure(value)
            if sum(map(len, words)) + len(words) + len(word) + 3 > room:
                break
            words.insert(0, word)
        return line((f"   {' '.join(words)}", self.ink.ink("dim"))) if words else []

    def _steps(self, trail: Trail, width: int, height: int) -> list[Line]:
        """A row a step, the newest on top: as many parameters as fit side by side, those in sight first."""
        dim, text = self.ink.ink("dim"), self.ink.ink()
        first = self.first()
        columns = range(first, min(first + max((width - STEPS) // COLUMN, 1), self.total()))
        head = "step".rjust(STEPS - 1) + " "
        head += "".join(f" {clipped(units.plain(trail.names[at]), COLUMN - 1):>{COLUMN - 1}}" for at in columns)
        rows: list[Line] = [*[[]] * (height > 4), line((head, dim))]
        for moment in list(reversed(trail.moments))[: height - len(rows)]:
            figures = "".join(f"{units.figure(moment.values[at]):>{COLUMN}}" for at in columns)
            rows.append(line((f"{units.count(moment.step):>{STEPS - 1}} ", dim), (figures, text)))
        return rows
