"""A line of text in the form: Textual's editing in our look. Letters are text; what is wrong with it is decided elsewhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from textual.actions import SkipAction
from textual.binding import Binding
from textual.suggester import Suggester
from textual.widgets import Input

from tui_trainer.app.widgets.several import ListSuggester

MOST_LOOKED_AT = 2000
"""Entries of a folder that are looked at for a suggestion."""


class PathSuggester(Suggester):
    """The first folder that what was typed may go on to; the right arrow takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return folder_like(value)


def folder_like(typed: str) -> str | None:
    """What was typed, gone on to the first folder by name that begins so; None where there is none."""
    place, slash, name = typed.rpartition("/")
    if not slash:
        return None
    try:
        with os.scandir(Path(place + slash).expanduser()) as entries:
            found = sorted(one.name for one in islice(entries, MOST_LOOKED_AT) if one.name.startswith(name) and one.is_dir())
    except OSError:
        return None
    shown = [one for one in found if name or not one.startswith(".")]
    return f"{place}{slash}{shown[0]}" if shown and shown[0] != name else None


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
        &>.input--suggestion { color: $dim; text-style: none; }
        &>.input--cursor { background: $text-colour; color: $ground; text-style: none; }
        &>.input--selection { background: $you; color: $ground; }
    }
    """

    BINDINGS = [
        Binding("up", "app.focus_previous", "previous field", show=False),
        Binding("down", "app.focus_next", "next field", show=False),
    ]

    def __init__(self, key: str, value: str, *, path: bool = False, options: Sequence[str] = ()) -> None:
        """`options`: what a list is typed of, where the field is a choice as well."""
        suggester = PathSuggester() if path else ListSuggester(options) if options else None
        super().__init__(value, validate_on=(), suggester=suggester)  # the form judges; Textual would restyle each field for it
        self.key, self.options = key, tuple(options)
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
