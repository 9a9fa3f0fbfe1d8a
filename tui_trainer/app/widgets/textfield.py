"""A line of text in the form: Textual's editing in our look. Letters are text; what is wrong with it is decided elsewhere."""

from __future__ import annotations

from textual.actions import SkipAction
from textual.binding import Binding
from textual.widgets import Input


class TextField(Input):
    """One row, filled, without a frame; the focused one has a violet bar at its left."""

    DEFAULT_CSS = """
    TextField, TextField:ansi {
        height: 1; padding: 0 1; border: none;
        background: $raised; color: $text-colour;
        position: absolute; pointer: text;
        &:focus {
            border: none; border-left: outer $you; padding: 0 1 0 0; background: $lift; color: $bright;
            background-tint: transparent 0%; text-style: bold;
        }
        &.-ascii:focus { border-left: ascii $you; }
        &.-wrong { color: $worse; text-style: bold; }
        &>.input--cursor { background: $text-colour; color: $ground; text-style: none; }
        &>.input--selection { background: $you; color: $ground; }
    }
    """

    BINDINGS = [
        Binding("up", "app.focus_previous", "previous field", show=False),
        Binding("down", "app.focus_next", "next field", show=False),
    ]

    def __init__(self, key: str, value: str) -> None:
        super().__init__(value, validate_on=())  # the form judges; Textual would restyle each field for it
        self.key = key
        self.cursor_blink = False  # nothing is sent while nothing happens

    def on_mount(self) -> None:
        self.set_class(bool(getattr(self.app, "ascii_only", False)), "-ascii")

    def action_copy(self) -> None:
        """Ctrl+C means the same here as everywhere else on the screen: it is passed on."""
        raise SkipAction

    def set_text(self, text: str) -> None:
        """Put text into it without saying that it was typed."""
        if text != self.value:
            with self.prevent(Input.Changed):
                self.value = text
                self.cursor_position = len(text)

    def mark(self, wrong: bool) -> None:
        self.set_class(wrong, "-wrong")
