"""All keys of the screen below, made from its bindings, so that the help cannot differ from what the keys do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tui_trainer.app.keys import shown
from tui_trainer.app.screens.layer import Layer
from tui_trainer.app.screens.tab import Tab
from tui_trainer.app.widgets.rows import Line, clipped, line
from tui_trainer.app.widgets.scrolled import ScrolledPanel

if TYPE_CHECKING:
    from tui_trainer.app.screens.tab import Keys


TEXTUAL = {
    "app.focus_next": ("next", "To the next panel or field"),
    "app.focus_previous": ("before", "To the panel or field before"),
    "command_palette": ("palette", "Every action by its name"),
    "app.command_palette": ("palette", "Every action by its name"),
    "screen.copy_text": ("", ""),
}
"""Words for actions that come with the framework; none for those that mean nothing here."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One action: its keys, its word, and its sentence."""

    keys: str
    word: str
    sentence: str
    enabled: bool


Groups = list[tuple[str, list[HelpLine]]]


def groups(screen: Screen[object], everywhere: Iterable[type] = ()) -> Groups:
    """The active bindings of a screen: those of the focused panel, of this screen, and of everywhere.

    Bindings that a class among `everywhere` declares, and the app's own, count as everywhere.
    """
    shared = {binding.action for kind in everywhere for binding in _declared(kind)}
    titles = {"panel": _panel_name(screen), "screen": "This screen", "everywhere": "Everywhere"}
    found: dict[str, dict[str, HelpLine]] = {name: {} for name in titles}
    for key, (node, binding, enabled, _) in screen.active_bindings.items():
        word, sentence = TEXTUAL.get(binding.action, (binding.description, binding.tooltip or ""))
        if not word or (binding.action not in TEXTUAL and (binding.system or _of_framework(node, binding.action))):
            continue
        everywhere_too = node is screen.app or binding.action in shared or binding.action in TEXTUAL
        group = "everywhere" if everywhere_too else "screen" if node is screen else "panel"
        # a range such as 1-7 is many bindings with one display: one line
        name = binding.key_display if binding.key_display and "-" in binding.key_display else binding.action
        lines = found[group]
        if name not in lines:
            lines[name] = HelpLine(_key(key, binding), word, sentence, enabled)
        elif name == binding.action:
            lines[name] = _with(lines[name], shown(key))
    return [(titles[name], list(lines.values())) for name, lines in found.items() if lines]


def _of_framework(node: object, action: str) -> bool:
    """Whether Textual declares it and none of our classes: scrolling a form, moving the cursor in a line of text."""
    kinds = (kind for kind in type(node).__mro__ if any(binding.action == action for binding in _declared(kind)))
    return next((kind.__module__.startswith("textual.") for kind in kinds), False)


def _declared(kind: type) -> list[Binding]:
    return list(Binding.make_bindings(vars(kind).get("BINDINGS", [])))


def _key(key: str, binding: Binding) -> str:
    display = binding.key_display
    return display if display and "-" in display[1:] else shown(key)


def _with(one: HelpLine, key: str) -> HelpLine:
    known = one.keys.split("  ")
    return one if key in known else replace(one, keys="  ".join([*known, key]))


def _panel_name(screen: Screen[object]) -> str:
    focused: Widget | None = screen.focused
    title = getattr(focused, "title", "")
    return title if isinstance(title, str) and title else "This panel"


class HelpPanel(ScrolledPanel):
    """Groups of keys under each other."""

    title = "Keys"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self.groups: Groups = []

    def show(self, found: Groups) -> None:
        self.groups = found
        self.draw()

    def total(self) -> int:
        return len(self._rows())

    def aside(self) -> Line:
        return line((self.extent(), self.ink.ink("dim"))) if self.total() > self.room() else []

    def body(self, width: int, height: int) -> list[Line]:
        first = self.first()
        return [self._drawn(row, width) for row in self._rows()[first : first + height]]

    def _rows(self) -> list[str | HelpLine]:
        rows: list[str | HelpLine] = []
        for title, lines in self.groups:
            rows += [*([""] if rows else []), title, *lines]
        return rows

    def _drawn(self, row: str | HelpLine, width: int) -> Line:
        ink = self.ink
        if isinstance(row, str):
            return line((row, ink.ink("bright")))
        keys = max(min(max((len(one.keys) for _, lines in self.groups for one in lines), default=8), width // 3), 6)
        word = 14
        style = ("text", "text", "dim") if row.enabled else ("faint", "faint", "faint")
        sentence = row.sentence if row.enabled else f"{row.sentence or row.word} (not now)"
        return line(
            (f"  {clipped(row.keys, keys):<{keys}}  ", ink.ink(style[0], bold=row.enabled)),
            (f"{clipped(row.word, word):<{word}}  ", ink.ink(style[1])),
            (clipped(sentence, width - keys - word - 6), ink.ink(style[2])),
        )


class HelpScreen(Layer[None]):
    """Help over the screen it was called from; `Esc`, `q` and `?` go back."""

    BINDINGS = [
        Binding("escape,q,question_mark,f1", "back", "back", key_display="Esc", tooltip="To the screen below", id="back"),
        Binding("g", "edge(False)", "top", tooltip="To the first line", id="top"),
        Binding("G", "edge(True)", "end", tooltip="To the last line", id="end"),
    ]

    def __init__(self) -> None:
        self.keys_panel = HelpPanel()
        super().__init__(self.keys_panel)

    def on_mount(self) -> None:
        self.keys_panel.show(groups(self.app.screen_stack[-2], [Tab]))

    def keys(self) -> Keys:
        return [("↑↓", "scroll"), ("g", "top"), ("G", "end"), ("Esc", "back")]

    def action_edge(self, last: bool) -> None:
        self.keys_panel.action_move(1_000_000 if last else -1_000_000)

    def action_back(self) -> None:
        self.dismiss(None)
