"""The band at the top: the name, the tabs, and which run this is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from tui_trainer import units
from tui_trainer.app.widgets.bars import sides
from tui_trainer.app.widgets.rows import Line, Rows, line, width_of

if TYPE_CHECKING:
    from textual import events

NAME = "tui-trainer"
GAP = 6  # columns at least between the tabs and what stands at the right
TABS = ("Lab", "Runs", "Inspect", "Presets")

Spans = Sequence[tuple[str, str]]
"""(text, colour) pairs."""


class TabChosen(Message):
    """A tab was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Header(Rows):
    """Every tab can be clicked; the right side is given in several lengths and the longest that fits is shown."""

    DEFAULT_CSS = "Header { height: 1; }"

    def __init__(self, *, tabs: Sequence[str] = TABS, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._tabs = tuple(tabs)
        self._active = self._tabs[0]
        self._right: tuple[tuple[tuple[str, str], ...], ...] = ()

    def show(self, active: str, right: Sequence[Spans] = ()) -> None:
        """The active tab, and what stands at the right, longest first."""
        new = (active, tuple(map(tuple, right)))
        if new != (self._active, self._right):
            self._active, self._right = new
            self.draw()

    def lines(self, width: int, height: int) -> list[Line]:
        ink = self.ink
        band = ink.ink(on="raised")
        left = line((f" {NAME}  ", ink.ink("bright", on="raised")))
        for at, tab in enumerate(self._tabs):
            here = tab == self._active
            gap = line((" ", band)) if at else []
            left += gap + line((f" {tab} ", ink.ink("bright" if here else "dim", on="lift" if here else "raised")))
        for spans in self._right:
            right = line(*((text, ink.ink(colour, on="raised")) for text, colour in spans), (" ", band))
            if width_of(left) + width_of(right) + GAP <= width:
                return [sides(left, right, width, band)]
        return [sides(left, [], width, band)]

    def tab_at(self, x: int) -> str | None:
        """The tab whose columns, its margins included, hold column `x`."""
        start = len(NAME) + 3
        for tab in self._tabs:
            if start <= x < start + len(tab) + 2:
                return tab
            start += len(tab) + 3
        return None

    def on_click(self, event: events.Click) -> None:
        if tab := self.tab_at(event.x):
            self.post_message(TabChosen(tab))


def run_spans(preset: str, dataset: str, device: str, run: str) -> list[Spans]:
    """`cnn on cifar10 · cpu · run 7f3a`, and shorter."""
    dot = (" · ", "faint")
    preset, dataset = units.plain(preset), units.plain(dataset)
    pair = [(preset, "bright"), (" on ", "dim"), (dataset, "bright")]
    return [
        [*pair, dot, (device, "text"), dot, (f"run {run}", "text")],
        [*pair, dot, (run, "text")],
        [(preset, "bright"), dot, (run, "text")],
        [(run, "text")],
    ]
