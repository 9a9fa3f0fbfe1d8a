"""An empty app for one widget: shows it at a given size and palette, hears its messages, reads what it drew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.style import Style
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from tui_trainer.app import palette as palettes
from tui_trainer.app.widgets.rows import Rows


class Stage(App[None]):
    """The widget, its palette, and the messages of ours that were sent."""

    def __init__(self, widget: Rows, width: int, height: int, palette: palettes.Palette, ascii_only: bool) -> None:
        super().__init__()
        self.widget, self.palette, self.ascii_only = widget, palette, ascii_only
        widget.styles.width, widget.styles.height = width, height
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def hear(self, message: Message) -> None:
        if type(message).__module__.startswith("tui_trainer") and message not in self.heard:
            self.heard.append(message)


@asynccontextmanager
async def staged(
    widget: Rows,
    width: int,
    height: int,
    *,
    light: bool = False,
    depth: str = "full",
    ascii_only: bool = False,
    focus: bool = False,
) -> AsyncIterator[Pilot[None]]:
    """The widget on a screen, laid out and drawn once."""
    app = Stage(widget, width, height, palettes.choose(light=light, depth=depth), ascii_only)
    async with app.run_test(size=(max(width, 40), max(height, 12)), message_hook=app.hear) as pilot:
        app.screen.set_focus(widget if focus else None)
        await pilot.pause()
        yield pilot


def heard(pilot: Pilot[None]) -> list[Message]:
    """Messages of ours that were sent so far."""
    assert isinstance(pilot.app, Stage)
    return pilot.app.heard


def drawn(widget: Widget) -> list[str]:
    """The rows of a widget as text, without the blanks at their ends."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def style_of(widget: Widget, text: str) -> Style:
    """The style of the first segment that holds this text."""
    for y in range(widget.size.height):
        for segment in widget.render_line(y):
            if text in segment.text:
                assert segment.style is not None
                return segment.style
    raise AssertionError(f"{text!r} is not drawn: {drawn(widget)}")
