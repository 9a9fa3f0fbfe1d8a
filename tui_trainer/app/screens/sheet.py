"""A question that rises from the status line and leaves the charts in sight. It decides nothing: it gives the answer."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message

from tui_trainer.app.layout import Size
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.widgets.bars import clear
from tui_trainer.app.widgets.rows import Line, Rows, clipped, fitted, line, width_of

if TYPE_CHECKING:
    from textual import events

    from tui_trainer.app.screens.tab import Keys

GO_ON = "go on"
STOP = "stop"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what the sheet gives back, what stands on its button, the key that gives it, and what it will do."""

    name: str
    label: str
    key: str
    words: str


class Answered(Message):
    """A choice was made."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class SheetPanel(Rows, can_focus=True):
    """Title, fact, the choices side by side (stacked where room is short), and a last line with hint and danger."""

    def __init__(self, title: str, fact: str, choices: Sequence[Choice], danger: Choice | None, hint: str) -> None:
        super().__init__(id="sheet")
        self.title, self.fact, self.choices, self.danger, self.hint = title, fact, tuple(choices), danger, hint
        self.focused_choice = 0
        self.stacked = False
        self._targets: list[tuple[Region, str]] = []

    def rows(self, width: int, most: int) -> int:
        """How many rows it wants in this width, `most` at the most."""
        if not self.stacked:
            return min(10, most)
        return min(len(self._stack(width)), most)

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        self._targets = []
        top = line(("━" * width, ink.ink("you")))
        rest = self._stack(width)[1:] if self.stacked else self._side_by_side(width)
        ground = ink.ink(on="raised")
        lines = [top, *(fitted(one, width, ground) for one in rest[: height - 1])]
        return lines + [line((" " * width, ground)) for _ in range(height - len(lines))]

    def _side_by_side(self, width: int) -> list[Line]:
        margin = 4
        gap = 4
        room = width - 2 * margin
        each = min((room - gap * (len(self.choices) - 1)) // max(len(self.choices), 1), 34)
        buttons: Line = [self._blank(margin)]
        words: list[Line] = [[self._blank(margin)], [self._blank(margin)]]
        for number, choice in enumerate(self.choices):
            x = margin + number * (each + gap)
            self._targets.append((Region(x, 4, each, 3), choice.name))
            buttons += [*self._button(number, each), self._blank(gap)]
            text = [*textwrap.wrap(choice.words, each - 3)[:2], "", ""]
            for row, one in zip(words, text, strict=False):
                row += line(("   " + one.ljust(each - 3), self._style("text")), self._blank(gap))
        fact = self._fact(room)
        last = self._last(2 * margin + len(self.choices) * (each + gap) - gap, margin, 8)
        return [[], self._titled(fact[0], margin), self._continued(fact, margin), buttons, *words, [], last, []]

    def _stack(self, width: int) -> list[Line]:
        """All rows with the rule, for narrow and low terminals: a button and its words in each row."""
        margin = 2
        fact = self._fact(width - 2 * margin)
        lines: list[Line] = [[], self._titled(fact[0], margin)]
        lines += [[self._blank(margin), Segment(one, self._style("text"))] for one in fact[1:]]
        each = min(22, width // 3)
        for number, choice in enumerate(self.choices):
            text = textwrap.wrap(choice.words, max(width - margin * 2 - each - 2, 8)) or [""]
            self._targets.append((Region(margin, len(lines), width - 2 * margin, len(text)), choice.name))
            first = [self._blank(margin), *self._button(number, each), Segment("  " + text[0], self._style("text"))]
            lines += [first, *([self._blank(margin + each + 2), Segment(one, self._style("text"))] for one in text[1:])]
        if self.hint or self.danger is not None:
            apart = width_of(self._hinted()) + width_of(self._dangerous()) + 3 > width - 2 * margin
            if apart and self.hint:
                lines.append([self._blank(margin), *self._hinted()])
            lines.append(self._last(width, margin, len(lines), hinted=not apart))
        return lines

    def _fact(self, room: int) -> list[str]:
        """The fact beside the title where it fits, otherwise below it."""
        if len(self.title) + 3 + len(self.fact) <= room:
            return [self.fact]
        return ["", *textwrap.wrap(self.fact, room)]

    def _titled(self, fact: str, margin: int) -> Line:
        return [
            self._blank(margin),
            Segment(self.title, self._style("bright")),
            Segment("   " + fact, self._style("text")),
        ]

    def _continued(self, fact: list[str], margin: int) -> Line:
        return [self._blank(margin), Segment(fact[1], self._style("text"))] if len(fact) > 1 else []

    def _button(self, number: int, width: int) -> Line:
        choice = self.choices[number]
        label = clipped(choice.label, width - len(choice.key) - 5)
        gap = " " * max(width - len(label) - len(choice.key) - 4, 1)
        if number == self.focused_choice:
            chosen = self.ink.ink("ground" if self.ink.tints else "black", on="you", bold=True)
            return line((f" ▸ {label}{gap}{choice.key} ", chosen))
        return line(("   " + label + gap, self.ink.ink("bright", on="lift")), (choice.key + " ", self.ink.ink("dim", on="lift")))

    def _last(self, width: int, margin: int, y: int, *, hinted: bool = True) -> Line:
        """The hint at the left, the dangerous choice at the right."""
        hint, danger = self._hinted() if hinted else [], self._dangerous()
        room = width - 2 * margin
        if width_of(hint) + width_of(danger) + 3 > room:
            hint = []  # what can be lost matters more than where to read on
        gap = room - width_of(hint) - width_of(danger)
        if self.danger is not None:
            self._targets.append((Region(width - margin - width_of(danger), y, width_of(danger), 1), self.danger.name))
        return [self._blank(margin), *hint, self._blank(gap), *danger]

    def _hinted(self) -> Line:
        """The hint; what of it is to be typed, after a colon and a space, is bright."""
        words, colon, command = self.hint.partition(": ")
        return line((words + colon, self._style("dim")), (command, clear(self.ink, on="raised")))

    def _dangerous(self) -> Line:
        if self.danger is None:
            return []
        return line(
            (self.danger.words + ": ", self._style("dim")),
            (self.danger.key, self._style("worse", bold=True)),
            (" " + self.danger.label.lower(), self._style("dim")),
        )

    def _blank(self, columns: int) -> Segment:
        return Segment(" " * max(columns, 0), self._style("text"))

    def _style(self, colour: str, *, bold: bool = False) -> Style:
        return self.ink.ink(colour, bold=bold, on="raised")

    def move(self, by: int) -> None:
        self.focused_choice = (self.focused_choice + by) % len(self.choices)
        self.draw()

    def on_click(self, event: events.Click) -> None:
        for region, name in self._targets:
            if region.contains(event.x, event.y):
                self.post_message(Answered(name))
                return


class Sheet(Layer[str]):
    """One question; the answer is the name of the choice. `Esc` answers `go on`; the app turns a second Ctrl+C into `stop`."""

    BINDINGS = [
        Binding("left,up,h,k,shift+tab", "move(-1)", "choose", key_display="←→", tooltip="To the choice before", id="before"),
        Binding("right,down,l,j,tab", "move(1)", "choose", key_display="←→", tooltip="To the next choice", id="after"),
        Binding("enter", "take", "do it", key_display="Enter", tooltip="Do what is marked", id="take"),
        Binding("escape", "answer('go on')", "go on", key_display="Esc", tooltip="Change nothing", id="go-on"),
    ]

    def __init__(
        self,
        title: str,
        fact: str,
        choices: Sequence[Choice],
        danger: Choice | None = None,
        hint: str = "",
        *,
        escape: str = GO_ON,
    ) -> None:
        """`hint` stands below; `escape` is what the footer says that Esc does."""
        self.sheet = SheetPanel(title, fact, choices, danger, hint)
        super().__init__(self.sheet)
        self._escape = escape

    def place(self, size: Size) -> Region:
        self.sheet.stacked = size.narrow
        return size.risen(self.sheet.rows(size.width, size.bottom - 1))

    def keys(self) -> Keys:
        keys = [("↑↓" if self.sheet.stacked else "←→", "choose"), ("Enter", "do it"), ("Esc", self._escape)]
        stop = next((choice for choice in self.sheet.choices if choice.name == STOP), None)
        return [*keys, ("Ctrl+C", f"again: {stop.label.lower()}")] if stop else keys

    def on_key(self, event: events.Key) -> None:
        """The key that stands on a choice takes it."""
        for choice in (*self.sheet.choices, *([self.sheet.danger] if self.sheet.danger else [])):
            if event.character == choice.key:
                event.stop()
                self.action_answer(choice.name)
                return

    def on_answered(self, message: Answered) -> None:
        self.action_answer(message.name)

    def action_move(self, by: int) -> None:
        self.sheet.move(by)

    def action_take(self) -> None:
        self.action_answer(self.sheet.choices[self.sheet.focused_choice].name)

    def action_answer(self, name: str) -> None:
        if self.is_current:
            self.dismiss(name)

    def choose(self, name: str) -> None:
        """Take this choice, where it is offered: what a second Ctrl+C does with `stop`."""
        if self.offers(name):
            self.action_answer(name)

    def offers(self, name: str) -> bool:
        return any(choice.name == name for choice in self.sheet.choices)
