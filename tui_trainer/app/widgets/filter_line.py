"""One line of words to filter by, under the header. Letters are text here; it does not know what is filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line, width_of

if TYPE_CHECKING:
    from textual import events


class FilterChanged(Message):
    """There are other words now."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    @property
    def words(self) -> list[str]:
        return self.text.lower().split()


class FilterLeft(Message):
    """The person is done with the line: back to the list."""


class FilterLine(Rows, can_focus=True):
    """`/ cnn digits   Esc clears                14 of 47 runs`"""

    BINDINGS = [
        Binding("enter,down", "leave", "to the list", key_display="Enter", tooltip="Keep the filter, back to the list", id="keep"),
        Binding("escape", "clear", "clear", key_display="Esc", tooltip="Show everything again", id="clear"),
    ]

    def __init__(self, example: str, *, id: str | None = None, text: str = "") -> None:
        super().__init__(id=id)
        self.example = example
        self.text = text
        self.problem = ""
        self._found: Line = []

    def say(self, found: Line, problem: str = "") -> None:
        """How many were found: shown at the right end, on the raised ground. `problem`: what of the text means nothing."""
        self._found, self.problem = found, problem
        self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        on = "lift" if self.has_focus else "raised"
        dim = ink.ink("dim", on=on)
        left = line(("▌" if self.has_focus else " ", ink.ink("you", on=on)), ("/ ", ink.ink("you", on=on, bold=True)))
        room = width - width_of(left) - width_of(self._found) - 4
        if self.text or self.has_focus:
            text = self.text if len(self.text) < room else "…" + self.text[2 - room :]
            left += line((text, ink.ink("bright", on=on)))
            left += line(("▏", ink.ink("you", on=on))) if self.has_focus else []
            hint = f"✕ {units.plain(self.problem)}" if self.problem else "Esc clears"
        else:
            hint = f"words to filter by, such as {self.example}"
        if (spare := room - width_of(left) + 1) > 8:
            said = ink.ink("worse", on=on) if self.problem else dim
            left += line(("   " if self.text else "", dim), (clipped(hint, spare), said))
        found = line((" ", dim), *((part.text, (part.style or dim) + dim.background_style) for part in self._found), (" ", dim))
        return [[*fitted(left, width - width_of(found), dim), *found]]

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            self.put(self.text + event.character)
        elif event.key == "backspace":
            self.put(self.text[:-1])
        elif event.key == "ctrl+w":
            self.put(self.text.rstrip().rpartition(" ")[0])
        elif event.key == "ctrl+u":
            self.put("")
        else:
            return
        event.stop()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.put(self.text + " ".join(event.text.split()))

    def put(self, text: str) -> None:
        """Filter by this text."""
        if text != self.text:
            self.text = text
            self.draw()
            self.post_message(FilterChanged(text))

    def action_leave(self) -> None:
        self.post_message(FilterLeft())

    def action_clear(self) -> None:
        self.put("")
        self.post_message(FilterLeft())

    def on_click(self, event: events.Click) -> None:
        self.focus()

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.draw()
