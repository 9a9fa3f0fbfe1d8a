"""The page of the form: labels, sentences and headings, drawn; the fields lie on it as widgets. Which row is where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget

from tui_trainer.app.palette import Palette
from tui_trainer.app.widgets.fields import brief
from tui_trainer.app.widgets.panel import Panel
from tui_trainer.app.widgets.rows import Line, Rows, clipped, line
from tui_trainer.units import plain

if TYPE_CHECKING:
    from textual import events


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page. Without a key it is a heading, or blank."""

    key: str = ""
    label: str = ""
    note: str = ""
    wrong: bool = False
    """Whether the note says what is wrong."""
    focused: bool = False
    value: str = ""
    """Shown in place of the field while the form is locked."""
    width: int = 0
    """Of the widget; 0 for the width of a field."""
    loose: int = 0
    """For a blank row: those with the highest number go first when room is short."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of the page."""

    label: int
    field: int
    width: int
    note: int = 0
    """0 for no sentences."""


WIDE = Grid(label=2, field=13, width=16, note=31)
COLUMN = Grid(label=1, field=12, width=12)
LEANER = ("a number above", "above")
"""What a sentence can do without."""


def narrow(room: int) -> Grid:
    """Label and field close together in this many columns."""
    return Grid(label=1, field=12, width=max(min(room - 13, 24), 10))


def fitted_rows(rows: Sequence[Row], height: int) -> list[Row]:
    """The rows with as many blank ones taken out as it takes to fit this height."""
    kept = list(rows)
    while len(kept) > height and (worst := max((row.loose for row in kept), default=0)):
        kept.remove(next(row for row in reversed(kept) if row.loose == worst))
    return kept


def note_line(row: Row, width: int, ink: Palette) -> Line:
    """The sentence beside a field, in this many columns."""
    text = plain(row.note)
    if row.wrong:
        cross = "" if row.key == "start" else "✕ "
        room = width - len(cross)
        short = brief(text, room)
        leaner = brief(text.replace(*LEANER, 1), room)
        if leaner != short.replace(*LEANER, 1):  # where that makes room for the bound that was broken
            short = leaner
        said = short if 2 * len(short) >= min(len(text), room) else clipped(text, room)  # a clause may say too little
        return line((cross, ink.ink("worse", bold=True)), (said, ink.ink("worse")))
    return line((clipped(brief(text, width) or text, width), ink.ink("dim")))


class Sheet(Rows):
    """Draws the rows and puts a widget on each row that has one."""

    DEFAULT_CSS = """
    Sheet { width: 100%; height: 1; }
    Sheet > * { position: absolute; }
    """

    class Pointed(Message):
        """The label of a field was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.grid = WIDE
        self.locked = False
        self._widgets: Mapping[str, Widget] = {}

    def show(self, rows: list[Row], grid: Grid) -> None:
        if len(rows) != len(self.rows):
            self.styles.height = len(rows)
        self.rows, self.grid = rows, grid
        self.draw()

    def place(self, widgets: Mapping[str, Widget]) -> None:
        """Put each widget on its row, and hide those that have none."""
        self._widgets = widgets
        where = {row.key: (y, row) for y, row in enumerate(self.rows) if row.key}
        for key, widget in widgets.items():
            if found := where.get(key):
                y, row = found
                widget.styles.offset = (self.grid.field, y)
                widget.styles.width = min(row.width or self.grid.width, self.size.width - self.grid.field - (not self.grid.note))
            shown = found is not None and not self.locked
            if widget.display != shown:
                widget.display = shown

    def lines(self, width: int, height: int) -> list[Line]:
        return [self._line(row, width) for row in self.rows]

    def _line(self, row: Row, width: int) -> Line:
        ink, grid = self.ink, self.grid
        blank = ink.ink()
        label = clipped(plain(row.label), width - grid.label if not row.key else grid.field - grid.label - 1)
        style = ink.ink("bright") if row.focused else ink.ink("dim")
        left = line((" " * grid.label, blank), (label, style))
        if not row.key:
            return left
        left.append(line((" " * (grid.field - grid.label - len(label)), blank))[0])
        if self.locked:
            return left + self._value(row)
        if not grid.note or not row.note:
            return left
        return left + line((" " * (grid.note - grid.field), blank)) + note_line(row, width - grid.note, ink)

    def _value(self, row: Row) -> Line:
        """A value that cannot be changed now; the rate can, with keys."""
        ink, room = self.ink, self.grid.width
        text = clipped(plain(row.value), room - 1)
        if row.key != "lr":
            return line((" " + text, ink.ink()))
        keys = "[ ]".rjust(room - 2 - len(text))
        return line((" " + text, ink.ink("bright", on="raised")), (keys + " ", ink.ink("you", on="raised")))

    def on_resize(self, event: events.Resize) -> None:
        self.place(self._widgets)

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.rows) and (key := self.rows[event.y].key):
            self.post_message(self.Pointed(key))


class Heading(Panel, can_focus=False):
    """The rule over the form; heavy while one of its fields has the focus."""

    DEFAULT_CSS = "Heading { height: 1; }"
    title = "Setup"
    locked = False

    @property
    def lit(self) -> bool:
        return isinstance(self.parent, Widget) and self.parent.has_focus_within

    def aside(self) -> Line:
        return line(("locked", self.ink.ink("dim"))) if self.locked else []

    def body(self, width: int, height: int) -> list[Line]:
        return []


class Foot(Rows):
    """One line for the sentence of the focused field, where there is no room beside it."""

    DEFAULT_CSS = "Foot { height: 1; }"
    row = Row()

    def lines(self, width: int, height: int) -> list[Line]:
        return [line((" ", self.ink.ink())) + note_line(self.row, width - 1, self.ink)]


class Page(VerticalScroll, can_focus=False):
    """Scrolls when the room is too small; the fields in it have the focus, never the page."""

    DEFAULT_CSS = """
    Page {
        height: 1fr; background: $ground; scrollbar-size: 0 1; scrollbar-color: $lift; scrollbar-background: $ground;
        scrollbar-color-hover: $dim; scrollbar-color-active: $dim;
        scrollbar-background-hover: $ground; scrollbar-background-active: $ground;
    }
    """

    def reveal(self, row: int) -> None:
        """Bring a row into sight at once: sliding there would be bytes for nothing."""
        top, height = round(self.scroll_y), self.size.height
        to = min(max(top, row - height + 1), row)
        if height > 0 and to != top:
            self.scroll_to(y=to, animate=False, immediate=True)
