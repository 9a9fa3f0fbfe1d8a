"""Rows of a sheet that ask for values: a label, a field, and beside it what the value means, does, or breaks. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.app import ComposeResult
from textual.geometry import Region

from tui_trainer import units
from tui_trainer.app.screens.tab import put
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line
from tui_trainer.app.widgets.textfield import TextField

LABEL = 11
FIELD = 16
ROOMY = 100
"""Columns from which the margin is wide."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One value that is asked for, with what stands in its field at first."""

    key: str
    label: str
    text: str
    about: str = ""
    refused: str = ""
    """Why there is no field: this run cannot take it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a field, and in which colour."""

    text: str
    colour: str = "dim"


class AskingPanel(Rows):
    """Title and fact, then a row for each value that is asked for."""

    DEFAULT_CSS = """
    AskingPanel TextField { background: $lift; }
    """

    def __init__(self, title: str, fact: str, asked: Sequence[Asked]) -> None:
        super().__init__(id="sheet")
        self.title, self.fact, self.asked = title, fact, tuple(asked)
        self.fields = {one.key: TextField(one.key, one.text) for one in self.asked if not one.refused}
        self.beside: dict[str, Beside] = {}
        """By key: what takes the place of a sentence for a moment."""
        self.tight = False
        """Without blank rows."""

    def compose(self) -> ComposeResult:
        yield from self.fields.values()

    @property
    def rows(self) -> int:
        """With the rule, the title, and a blank row before and after the fields where there is room."""
        return len(self.asked) + (2 if self.tight else 4)

    def lines(self, width: int, height: int) -> list[Line]:
        ink, margin = self.ink, _margin(width)
        ground = ink.ink(on="raised")
        room = width - 2 * margin
        fact = clipped(units.plain(self.fact), room - len(self.title) - 3)
        rows: list[Line] = [line((self.title, ink.ink("bright", on="raised")), ("   " + fact, ink.ink("text", on="raised")))]
        rows += [[]] * (not self.tight)
        rows += [self._row(one, room) for one in self.asked]
        lines = [fitted([Segment(" " * margin, ground), *one], width, ground) for one in rows]
        blank = [line((" " * width, ground)) for _ in range(height - len(lines) - 1)]
        return [line(("━" * width, ink.ink("you"))), *lines, *blank]

    def _row(self, one: Asked, room: int) -> Line:
        ink, dim = self.ink, self.ink.ink("dim", on="raised")
        label = (f"{clipped(one.label, LABEL - 1):<{LABEL}}", dim)
        if one.refused:
            return line(label, (clipped(one.refused, room - LABEL), dim))
        said = self.beside.get(one.key, Beside(one.about))
        words = clipped(said.text, room - LABEL - FIELD - 2)
        return line(label, (" " * (FIELD + 2), dim), (words, ink.ink(said.colour, bold=said.colour != "dim", on="raised")))

    def arrange_fields(self, width: int) -> None:
        """Each field on its row."""
        first, x = (2 if self.tight else 3), _margin(width) + LABEL
        for at, one in enumerate(self.asked):
            if one.key in self.fields:
                put(self.fields[one.key], Region(x, first + at, min(FIELD, width - x), 1))

    def say(self, key: str, beside: Beside | None, *, wrong: bool = False) -> None:
        """Put this beside a field in place of its sentence; None brings the sentence back."""
        if beside is None:
            self.beside.pop(key, None)
        else:
            self.beside[key] = beside
        self.fields[key].mark(wrong)


def _margin(width: int) -> int:
    return 4 if width >= ROOMY else 2
