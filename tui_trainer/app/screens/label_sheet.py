"""Name and note of a run, to be typed. The sheet stays, with all that was typed, where that cannot be kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Region
from textual.widgets import Input

from tui_trainer import units
from tui_trainer.app.layout import Size
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.tab import put
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line
from tui_trainer.app.widgets.textfield import TextField

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys

LABEL = 7
FIELDS = {"name": "at most 60 letters; commands take it in place of the id", "note": "one line, at most 500 letters"}
"""What is asked for, with what is said of it."""

Keep = Callable[[str, str], str]
"""Given name and note: keeps them, or says in a sentence why they cannot be kept."""


class LabelPanel(Rows):
    """Title, two long fields, and a line on the one that has the cursor, or on what went wrong."""

    DEFAULT_CSS = """
    LabelPanel TextField { background: $lift; }
    """

    def __init__(self, title: str, values: tuple[str, str]) -> None:
        super().__init__(id="sheet")
        self.title, self.problem, self.about = title, "", ""
        self.fields = {key: TextField(key, value) for key, value in zip(FIELDS, values, strict=True)}
        self.fields["note"].select_on_focus = False  # a note is gone on with, and a letter must not take its place
        self.tight = False
        """Without blank rows."""

    def compose(self) -> ComposeResult:
        yield from self.fields.values()

    @property
    def rows(self) -> int:
        return len(FIELDS) + (3 if self.tight else 6)

    @property
    def _first(self) -> int:
        """The row of the first field."""
        return 2 if self.tight else 3

    def lines(self, width: int, height: int) -> list[Line]:
        ink, margin = self.ink, 2 if self.tight else 4
        ground, dim = ink.ink(on="raised"), ink.ink("dim", on="raised")
        said = (f"✕ {self.problem}", ink.ink("worse", bold=True, on="raised")) if self.problem else (self.about, dim)
        rows: list[Line] = [[] for _ in range(max(height - 1, self.rows))]  # those that have no room are not drawn
        rows[0] = line((clipped(units.plain(self.title), width - 2 * margin), ink.ink("bright", on="raised")))
        for at, key in enumerate(FIELDS):
            rows[self._first - 1 + at] = line((key, dim))
        below = self._first - 1 + len(FIELDS) + (not self.tight)
        rows[below] = line((" " * LABEL, dim), (clipped(units.plain(said[0]), width - 2 * margin - LABEL), said[1]))
        return [
            line(("━" * width, ink.ink("you"))),
            *(fitted([Segment(" " * margin, ground), *one], width, ground) for one in rows),
        ]

    def place_fields(self, width: int) -> None:
        margin = 2 if self.tight else 4
        for at, field in enumerate(self.fields.values()):
            put(field, Region(margin + LABEL, self._first + at, width - 2 * margin - LABEL, 1))


class LabelSheet(Layer[bool]):
    """Gives whether something was kept; `Esc` drops what was typed."""

    BINDINGS = [Binding("escape", "drop", "drop", key_display="Esc", tooltip="Change nothing", id="drop")]

    def __init__(self, title: str, values: tuple[str, str], keep: Keep, *, first: str = "name") -> None:
        """`values` are name and note as they are; `first` is the field that has the cursor."""
        self.sheet = LabelPanel(title, values)
        super().__init__(self.sheet)
        self._values, self._keep, self._begin = values, keep, first

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.sheet.fields[self._begin])

    def place(self, size: Size) -> Region:
        self.sheet.tight = size.narrow
        return size.risen(self.sheet.rows)

    def lay_out(self) -> None:
        super().lay_out()
        self.sheet.place_fields(self.app.size.width)
        self.sheet.draw()

    def keys(self) -> Keys:
        return [("Tab", "next field"), ("Enter", "keep"), ("Esc", "drop")]

    def on_descendant_focus(self) -> None:
        if isinstance(field := self.focused, TextField):
            self.sheet.about = FIELDS[field.key]
            self.sheet.draw()

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        if self.sheet.problem:
            self.sheet.problem = ""
            self.sheet.draw()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if not self.is_current:
            return
        name, note = (field.value for field in self.sheet.fields.values())
        if (name, note) == self._values:
            self.dismiss(False)
        elif problem := self._keep(name, note):
            self.sheet.problem = problem
            self.sheet.draw()
        else:
            self.dismiss(True)

    def action_drop(self) -> None:
        if self.is_current:
            self.dismiss(False)
