"""A field whose choices can be on together: letters turn one on and off, space opens the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.message import Message

from tui_trainer.app.widgets.choice import ChoiceField, ChoiceList, is_letter
from tui_trainer.app.widgets.rows import Line, clipped, line

if TYPE_CHECKING:
    from textual import events

NONE = "none"


def turned(value: str, name: str, order: list[str]) -> str:
    """The switches in `value`, as `flip+shift`, with this one turned over."""
    on = set(value.split("+")) ^ {name}
    return "+".join(one for one in order if one in on) or NONE


class SwitchesList(ChoiceList):
    """All switches below each other; each choice turns one over, and the list stays."""

    BINDINGS = [
        Binding("space", "turn", "turn on or off", show=False),
        Binding("enter", "leave", "close", show=False),
        Binding("comma", "leave", "close", show=False),
    ]

    class Turned(Message):
        """Another switch was turned: all of them as they are now."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    def __init__(self, field: SwitchesField, width: int) -> None:
        super().__init__(field.options, "", width)
        self.value = field.value
        self.styles.width = min(int(self.styles.width.value if self.styles.width else width) + 2, width)

    def _row(self, index: int, width: int) -> Line:
        option, ink = self.options[index], self.ink
        here, on = index == self.cursor, option.value in self.value.split("+")
        ground = "lift" if here else "raised"
        room = width - self.names - 7
        return line(
            ("▌" if here else " ", ink.ink("you", on=ground)),
            (f"{'✓' if on else ' '} ", ink.ink("best", on=ground, bold=True)),
            (option.value.ljust(self.names), ink.ink("bright" if here or on else "text", on=ground, bold=here)),
            (f"  {clipped(option.about, room).ljust(room)}  ", ink.ink("text" if here else "dim", on=ground)),
        )

    def action_turn(self) -> None:
        self.turn(self.cursor)

    def action_choose(self) -> None:
        """What a click does."""
        self.action_turn()

    def turn(self, index: int) -> None:
        names = [one.value for one in self.options]
        self.value = turned(self.value, names[index], names)
        self.draw()
        self.post_message(self.Turned(self.value))


class SwitchesField(ChoiceField):
    """One row with the names of what is on."""

    def on_key(self, event: events.Key) -> None:
        if is_letter(event):
            event.stop()
            event.prevent_default()
            names = [one.value for one in self.options]
            if (found := self._typed.find(event.character or "", names, -1)) is not None:
                self._set(turned(self.value, names[found], names))

    def action_move(self, by: int) -> None:
        """The arrows go through none, the first, the first two, and so on to all of them."""
        names = [one.value for one in self.options]
        ladder = [NONE, *("+".join(names[: count + 1]) for count in range(len(names)))]
        on = 0 if self.value == NONE else len(self.value.split("+"))
        at = ladder.index(self.value) if self.value in ladder else on
        self._set(ladder[min(max(at + by, 0), len(ladder) - 1)])

    async def action_open(self) -> None:
        if self.list is None:
            room = self.app.size.width - self.region.x - 1
            self.list = SwitchesList(self, max(room, 24))
            await self.mount(self.list)

    def on_switches_list_turned(self, message: SwitchesList.Turned) -> None:
        message.stop()
        self._set(message.value)

    def _set(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.draw()
            self.post_message(self.Picked(self, value))
