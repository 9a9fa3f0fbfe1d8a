"""A word that can be pressed: with Enter, with space, with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.binding import Binding
from textual.message import Message

from tui_trainer.app.widgets.choice import ROOMY
from tui_trainer.app.widgets.rows import Line, Rows, clipped, line

if TYPE_CHECKING:
    from textual import events


class PushButton(Rows, can_focus=True):
    """One row, filled; violet at its left while focused, faint while pressing it would do nothing."""

    DEFAULT_CSS = """
    PushButton { height: 1; width: 16; pointer: pointer; }
    """

    BINDINGS = [
        Binding("enter,space", "press", "press", show=False),
        Binding("up", "app.focus_previous", "previous", show=False),
        Binding("down", "app.focus_next", "next", show=False),
    ]

    class Pressed(Message):
        def __init__(self, button: PushButton) -> None:
            super().__init__()
            self.button = button

    def __init__(self, key: str, label: str = "", *, first: bool = False) -> None:
        super().__init__()
        self.key = key
        self.label = label
        self.mark = ""
        """A glyph at the right end."""
        self.first = first
        """Whether this is the one that matters: centred and bold."""
        self.faint = False

    def show(self, label: str, *, mark: str = "", faint: bool = False) -> None:
        self.label, self.mark, self.faint = label, mark, faint
        self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        here = self.has_focus
        ground = "lift" if here or (self.first and not self.faint) else "raised"
        colour = "faint" if self.faint else "bright" if self.first or here else "text"
        ink = self.ink.ink(colour, on=ground, bold=self.first or here)
        tight = width < ROOMY and not self.first
        room = width - 2 - (not tight) * 2 * bool(self.mark)
        label = self.label if cell_len(self.label) <= room else self.label.partition(" ")[0]
        text = clipped(label, room)
        text = text.center(room) if self.first else text.ljust(room)
        end = (self.mark if tight else f" {self.mark} ") if self.mark else " "
        return [line(("▌" if here else " ", self.ink.ink("you", on=ground)), (text, ink), (end, self.ink.ink("dim", on=ground)))]

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_press()

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.draw()  # not in on_focus: that comes before `has_focus` is set
