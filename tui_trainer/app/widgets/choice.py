"""A field with a fixed set of values: arrows change it in place, letters jump, space or a click opens a list with sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.binding import Binding
from textual.message import Message

from tui_trainer.app.widgets.fields import Option
from tui_trainer.app.widgets.rows import Line, Rows, clipped, line
from tui_trainer.app.widgets.several import EACH, tidy
from tui_trainer.units import plain

if TYPE_CHECKING:
    from textual import events

MOST_ROWS = 12
ROOMY = 14
"""Columns from which a field has a blank on both sides of its ▾."""
PAUSE = 1.0
"""Seconds after which typed letters begin a new word."""


class Typed:
    """Letters typed one after the other: a word that a value may begin with."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._word = ""
        self._when = 0.0

    def find(self, letter: str, values: Sequence[str], at: int) -> int | None:
        """The value that the word so far begins; a letter typed again goes on to the next that begins with it."""
        now = self._clock()
        self._word = (self._word if now - self._when < PAUSE else "") + letter.lower()
        self._when = now
        for word in (self._word, letter.lower()):
            start = at if len(word) > 1 else at + 1
            for step in range(len(values)):
                index = (start + step) % len(values)
                if values[index].lower().startswith(word):
                    self._word = word
                    return index
        return None


def is_letter(event: events.Key) -> bool:
    """Whether this key is part of a name: these never reach the keys of the screen."""
    return bool(event.character) and len(event.character or "") == 1 and (event.character or "").isalnum()


class ChoiceList(Rows, can_focus=True):
    """All values below each other with their sentences, laid over what is there."""

    DEFAULT_CSS = """
    ChoiceList { overlay: screen; constrain: inside inside; position: absolute; offset: 0 1; background: $raised; }
    """

    BINDINGS = [
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "move(-8)", "up", show=False),
        Binding("pagedown", "move(8)", "down", show=False),
        Binding("home", "move(-1000)", "first", show=False),
        Binding("end", "move(1000)", "last", show=False),
        Binding("enter,space", "choose", "choose", show=False),
        Binding("escape,tab,shift+tab", "leave", "close", show=False),
        Binding("comma", "go_on", "this one and others", show=False),
    ]

    class Chosen(Message):
        """The list is done; `option` is None when nothing was chosen."""

        def __init__(self, option: Option | None, *, others: bool = False) -> None:
            super().__init__()
            self.option = option
            self.others = others
            """Whether more values are to follow."""

    def __init__(self, options: Sequence[Option], value: str, width: int) -> None:
        super().__init__()
        self.options = list(options)
        self.cursor = next((index for index, one in enumerate(options) if one.value == value), 0)
        self.top = 0
        self._typed = Typed()
        self._done = False
        self.names = min(max(cell_len(plain(one.value)) for one in options), 24)
        wanted = self.names + 5 + max(cell_len(f"✕ {one.problem}" if one.problem else one.about) for one in options)
        self.styles.width = max(min(wanted, width), 16)
        self.styles.height = min(len(options), MOST_ROWS)

    def lines(self, width: int, height: int) -> list[Line]:
        self.top = min(max(self.cursor - height // 2, 0), max(len(self.options) - height, 0))
        return [self._row(index, width) for index in range(self.top, min(self.top + height, len(self.options)))]

    def _row(self, index: int, width: int) -> Line:
        option, ink = self.options[index], self.ink
        here = index == self.cursor
        ground = "lift" if here else "raised"
        name = clipped(plain(option.value), self.names).ljust(self.names)
        colour = "worse" if option.problem else "bright" if here else "text"
        sentence = clipped(f"✕ {option.problem}" if option.problem else option.about, width - self.names - 5)
        said = ink.ink("worse" if option.problem else "text" if here else "dim", on=ground)
        return line(
            ("▌" if here else " ", ink.ink("you", on=ground)),
            (name, ink.ink(colour, on=ground, bold=here)),
            ("  ", said),
            (sentence.ljust(width - self.names - 3), said),
        )

    def on_mount(self) -> None:
        self.focus()

    def on_key(self, event: events.Key) -> None:
        if is_letter(event):
            event.stop()
            event.prevent_default()
            found = self._typed.find(event.character or "", [one.value for one in self.options], self.cursor)
            self.cursor = self.cursor if found is None else found
            self.draw()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if len(self.options) <= self.size.height:  # a longer list would run away under the pointer
            self._point(event.y)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self._point(event.y)
        self.action_choose()

    def on_blur(self, event: events.Blur) -> None:
        self._end(None)

    def _point(self, y: int) -> None:
        if 0 <= y < self.size.height:
            self.cursor = min(self.top + y, len(self.options) - 1)
            self.draw()

    def action_move(self, by: int) -> None:
        self.cursor = min(max(self.cursor + by, 0), len(self.options) - 1)
        self.draw()

    def action_choose(self) -> None:
        self._end(self.options[self.cursor])

    def action_leave(self) -> None:
        self._end(None)

    def action_go_on(self) -> None:
        self._end(self.options[self.cursor], others=True)

    def _end(self, option: Option | None, *, others: bool = False) -> None:
        if not self._done:
            self._done = True
            self.post_message(self.Chosen(option, others=others))


class ChoiceField(Rows, can_focus=True):
    """One row, filled, with ▾ at its right."""

    DEFAULT_CSS = """
    ChoiceField { height: 1; pointer: pointer; }
    """

    BINDINGS = [
        Binding("up", "move(-1)", "previous value", show=False),
        Binding("down", "move(1)", "next value", show=False),
        Binding("space", "open", "all values", show=False),
        Binding("comma", "list", "several values", show=False),
    ]

    class Several(Message):
        """More values are to be typed behind this one."""

        def __init__(self, field: ChoiceField) -> None:
            super().__init__()
            self.field = field

    class Picked(Message):
        """Another value was chosen by a person."""

        def __init__(self, field: ChoiceField, value: str) -> None:
            super().__init__()
            self.field = field
            self.value = value

    def __init__(self, key: str, options: Sequence[Option], value: str) -> None:
        super().__init__()
        self.key = key
        self.options = list(options)
        self.value = value
        self.block = "raised"
        """What it is filled with while it has no focus."""
        self.resolved = ""
        """What `auto` turned out to mean."""
        self.wrong = False
        self.list: ChoiceList | None = None
        self._typed = Typed()

    def set_text(self, value: str) -> None:
        self.value = value
        self.draw()

    def offer(self, options: Sequence[Option]) -> None:
        self.options = list(options)
        self.draw()

    def resolve(self, text: str) -> None:
        self.resolved = text
        self.draw()

    def mark(self, wrong: bool) -> None:
        self.wrong = wrong
        self.draw()

    @property
    def shown(self) -> str:
        return f"auto: {self.resolved}" if self.value == "auto" and self.resolved else tidy(plain(self.value)) or EACH

    def lines(self, width: int, height: int) -> list[Line]:
        here = self.has_focus or self.list is not None
        ground = "lift" if here else self.block
        colour = "worse" if self.wrong else "bright" if here else "text" if self.value else "dim"
        end = "▾ " if width >= ROOMY else "▾"
        room = width - 1 - len(end)
        text = clipped(self.shown, room - (width >= ROOMY))
        return [
            line(
                ("▌" if here else " ", self.ink.ink("you", on=ground)),
                (text.ljust(room), self.ink.ink(colour, on=ground, bold=self.wrong or here)),
                (end, self.ink.ink("dim", on=ground)),
            )
        ]

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.draw()  # not in on_focus: that comes before `has_focus` is set

    def on_key(self, event: events.Key) -> None:
        if is_letter(event):
            event.stop()
            event.prevent_default()
            found = self._typed.find(event.character or "", [one.value for one in self.options], self._at())
            if found is not None:
                self._pick(self.options[found])

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        await self.action_open()

    def _at(self) -> int:
        return next((index for index, one in enumerate(self.options) if one.value == self.value), -1)

    def action_move(self, by: int) -> None:
        at = self._at()
        to = min(max(at + by, 0), len(self.options) - 1) if at >= 0 else 0
        if self.options and to != at:
            self._pick(self.options[to])

    async def action_open(self) -> None:
        if self.list is None and self.options:
            room = self.app.size.width - self.region.x - 1
            self.list = ChoiceList(self.options, self.value, max(room, 24))
            await self.mount(self.list)

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        message.stop()
        if self.list is not None:
            had_focus = self.list.has_focus
            self.list.remove()
            self.list = None
            if had_focus:
                self.focus()
        if message.option is not None:
            self._pick(message.option)
        if message.others:
            self.action_list()
        self.draw()

    def action_list(self) -> None:
        self.post_message(self.Several(self))

    def _pick(self, option: Option) -> None:
        if option.value != self.value:
            self.value = option.value
            self.draw()
            self.post_message(self.Picked(self, option.value))
