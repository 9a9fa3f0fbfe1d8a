"""A panel of rows with a cursor: moves with arrows, `hjkl`, pages and the mouse. Knows nothing of what the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType
from textual.message import Message

from tui_trainer.app.widgets.panel import Panel

if TYPE_CHECKING:
    from textual import events

WHEEL = 3
"""Rows a notch of the wheel moves."""


MOVES: list[BindingType] = [
    Binding("down,j", "move(1)", "down", key_display="↓", tooltip="To the next row", id="row-down"),
    Binding("up,k", "move(-1)", "up", key_display="↑", tooltip="To the row above", id="row-up"),
    Binding("pagedown", "page(1)", "page", key_display="PgDn", tooltip="One page further", id="page-down"),
    Binding("pageup", "page(-1)", "page back", key_display="PgUp", tooltip="One page back", id="page-up"),
    Binding("end,G", "edge(True)", "last", key_display="G", tooltip="To the last row", id="last"),
    Binding("enter", "open", "open", key_display="Enter", tooltip="Open the row under the cursor", id="open"),
]
"""What every picker has; `g` goes to the first row where it means nothing else."""


class RowPicked(Message):
    """The cursor stands on another row."""

    def __init__(self, picker: Picker, row: int) -> None:
        super().__init__()
        self.picker, self.row = picker, row

    @property
    def control(self) -> Picker:
        return self.picker


class RowOpened(RowPicked):
    """Enter on a row, or a click on the one under the cursor."""


class Picker(Panel):
    """A subclass says in `count` how many rows there are and draws those that `window` names."""

    BINDINGS = [*MOVES, Binding("home,g", "edge(False)", "first", key_display="g", tooltip="To the first row", id="first")]

    HEAD = 1
    """Rows above the first one of the list."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = 0
        self.top = 0

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """How many rows are in sight."""
        return max(self.size.height - self.HEAD, 1)

    def window(self) -> range:
        """The rows in sight, the cursor among them."""
        count, room = self.count(), self.room
        self.cursor = max(0, min(self.cursor, count - 1))
        self.top = max(0, min(self.top, count - room, self.cursor))
        self.top = max(self.top, self.cursor - room + 1)
        return range(self.top, min(self.top + room, count))

    def pick(self, row: int) -> None:
        """Put the cursor on this row, or the nearest there is."""
        before = self.cursor
        self.cursor = max(0, min(row, self.count() - 1))
        self.draw()
        if self.cursor != before:
            self.post_message(RowPicked(self, self.cursor))

    def action_move(self, rows: int) -> None:
        self.pick(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.pick(self.cursor + pages * max(self.room - 1, 1))

    def action_edge(self, last: bool) -> None:
        self.pick(self.count() if last else 0)

    def action_open(self) -> None:
        if self.count():
            self.post_message(RowOpened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        row = self.top + event.y - self.HEAD
        if event.y < self.HEAD or row >= self.count():
            return
        if row == self.cursor:
            self.action_open()
        else:
            self.pick(row)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.pick(self.cursor + WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.pick(self.cursor - WHEEL)
